"""Read variants of films, and films that show nothing usable, and say how often the reading is right.

    python scripts/stress_reading.py FOLDER --output runs/stress.json [--variants mirrored noise]

FOLDER holds films and a `truth.json`, as for `scripts/measure_reading.py`. Each variant of each film is written to a
temporary file and read from there. Interrupted, the same command goes on after the last film that was judged.

With `--reading-alone` the hands of the film itself go along with the variant's pictures: four times as fast, but then
the finding of hands is not put to the test. It takes a `--cache` for the films' own hands, which is to be emptied
whenever the finding of hands has changed.
"""

# ruff: noqa: INP001, S301 - a script; its cache is its own

import argparse
import json
import math
import pickle
import tempfile
import time
import zlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from film_variants import NONE, NOTHING, TRUE, Film
from measure_reading import judge, report_reliability
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from daml.demos import FilmNotReadableError, HandTrack, HandTracks, HumanDemo, Reading, read_film, read_steps
from daml.demos.hands.reader import MOST_PICTURES, SLOWEST_RATE_HZ
from daml.demos.reading.reader import watch

Row = dict[str, Any]


def main() -> None:
    """Read, judge, and print tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--output", type=Path, required=True, help="JSON file of all that was judged")
    parser.add_argument("--reading-alone", action="store_true", help="take the film's own hands for its variants")
    parser.add_argument("--cache", type=Path, help="folder for the films' own hands")
    parser.add_argument("--variants", nargs="+", default=[*TRUE, *NOTHING], choices=[*TRUE, *NOTHING], metavar="NAME")
    parser.add_argument("--clips", nargs="+", help="names of films, without their suffix; all of them by default")
    options = parser.parse_args()
    truths = json.loads((options.folder / "truth.json").read_text(encoding="utf-8"))
    chosen = [name for name in truths if options.clips is None or Path(name).stem in options.clips]
    rows: dict[str, Row] = json.loads(options.output.read_text(encoding="utf-8")) if options.output.exists() else {}
    for clip in chosen:
        missing = [variant for variant in options.variants if f"{clip} {variant}" not in rows]
        film = original(options.folder / clip, truths[clip], options) if missing else None
        for variant in missing if film is not None else []:
            rows[f"{clip} {variant}"] = row = stress(film, clip, variant, options)
            if row:
                Console().print(f"{clip:28s} {variant:18s} {told(row)}", highlight=False, soft_wrap=True)
            options.output.write_text(json.dumps(rows, indent=0), encoding="utf-8")
    keys = [f"{clip} {variant}" for clip in chosen for variant in options.variants]
    report([rows[key] for key in keys if rows.get(key)], options.variants)


def original(path: Path, truth: Row, options: argparse.Namespace) -> Film:
    """Load a film, and find out about when it is grasped and let go by reading it."""
    film, hands = watched(path, options.cache)
    try:
        step = read_steps(film, hands).steps[0]
        put = step.put_outline.mean(axis=0)
        moments = step.start_s, step.end_s, (float(put[0]), float(put[1]))
    except FilmNotReadableError:
        moments = 0.3 * len(film) / film.frame_rate_hz, 0.7 * len(film) / film.frame_rate_hz, None
    if options.reading_alone:
        size = np.array(film.frames.shape[2:0:-1])
        seen = tuple(on_pictures(track, film) * size for track in hands.tracks)
        return Film(np.asarray(film.frames), film.frame_rate_hz, truth, *moments, seen)
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        frames = np.stack([frame.to_ndarray(format="rgb24") for frame in container.decode(stream)])
        frames = frames[:, : frames.shape[1] // 2 * 2, : frames.shape[2] // 2 * 2]
        return Film(frames, float(stream.average_rate or 30), truth, *moments)


def on_pictures(track: HandTrack, film: HumanDemo) -> NDArray[np.float64]:
    """Return a hand's landmarks in each picture, not a number where it was not seen, `(T, 21, 2)` shares."""
    times_s = np.arange(len(film.frames)) / film.frame_rate_hz
    landmarks = track.at(times_s)
    landmarks[~track.is_seen_at(times_s, within_s=0.6 / film.frame_rate_hz)] = np.nan
    return landmarks


def stress(film: Film, clip: str, variant: str, options: argparse.Namespace) -> Row:
    """Make a variant, read it and judge the reading; an empty row where the variant does not apply."""
    made = (TRUE | NOTHING)[variant](film, np.random.default_rng(zlib.crc32(f"{clip} {variant}".encode())))
    if made is None:
        return {}
    began = time.process_time()
    try:
        reading, reason = read(made, reading_alone=options.reading_alone), ""
    except FilmNotReadableError as error:
        reading, reason = None, str(error)
    row = judge(reading, dict(made.truth))
    steps = [] if reading is None else [step.to_json() for step in reading.steps]
    spent = {"reason": reason, "seconds": time.process_time() - began}
    return row | spent | {"variant": variant, "clip": clip, "usable": made.truth["kind"] != NONE, "read": steps}


def read(film: Film, *, reading_alone: bool) -> Reading:
    """Read a variant, from a file unless its hands are known."""
    if not reading_alone:
        with tempfile.TemporaryDirectory() as folder:
            write(Path(folder) / "variant.mp4", film)
            return read_film(Path(folder) / "variant.mp4")
    wanted_hz = max(MOST_PICTURES * film.rate_hz / len(film.frames), SLOWEST_RATE_HZ)
    stride = math.ceil(film.rate_hz / wanted_hz)  # as the reader of a file thins it
    film = replace(film.picked(np.arange(0, len(film.frames), stride)), rate_hz=film.rate_hz / stride)
    times_s, tracks = np.arange(len(film.frames)) / film.rate_hz, list[HandTrack]()
    for hand in film.hands:
        seen = np.isfinite(hand[:, 0, 0])
        if seen.sum() > 2:
            tracks.append(HandTrack(times_s[seen], hand[seen] / film.size))
    return read_steps(HumanDemo(film.frames, film.rate_hz), HandTracks(times_s, tuple(tracks)))


def watched(path: Path, cache: Path | None) -> tuple[HumanDemo, HandTracks]:
    """Find the hands of a film, or take them from the cache."""
    if cache is None:
        return watch(path)
    kept = cache / f"{path.stem}.pickle"
    if not kept.exists():
        cache.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(pickle.dumps(watch(path)))
    film, hands = pickle.loads(kept.read_bytes())
    return film, hands


def write(path: Path, film: Film) -> None:
    """Write a film as H.264."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=Fraction(film.rate_hz).limit_denominator(1001))
        (stream.width, stream.height), stream.pix_fmt = film.size, "yuv420p"
        stream.options = {"crf": str(film.quality), "preset": "veryfast", "threads": "1"}
        for frame in film.frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), format="rgb24")))
        container.mux(stream.encode())


def told(row: Row) -> str:
    """Tell one outcome."""
    if row["refused"]:
        return f"{'right' if row['right'] else 'REFUSED'}  {row['reason']}"
    if not row["usable"]:
        return f"GUESSED  {row['read'][0]}"
    return (
        f"{'right' if row['right'] else 'WRONG'}  item {row['item']:.2f} destination {row['destination']:.2f} "
        f"{row['kind']}, {row['confidence']:.0%} sure, {row['steps']} steps, {row['seconds']:.1f} s"
    )


def report(rows: list[Row], variants: Iterable[str]) -> None:
    """Print how often the reading was right, by variant, and how reliable its confidence is."""
    table = Table("variant", "films", "right", "wrong", "refused", "item or place off", "kind wrong")
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row["variant"]].append(row)
        groups["all that are usable" if row["usable"] else "all that show nothing"].append(row)
    for name in [*variants, "all that are usable", "all that show nothing"]:
        if group := groups.get(name):
            told = [row for row in group if not row["refused"]]
            off = sum(not is_found(row) for row in told)
            wrong = sum(not row["right"] for row in told)
            counts = (len(group), sum(row["right"] for row in group), wrong, len(group) - len(told), off, wrong - off)
            table.add_row(name, *map(str, counts))
    console = Console()
    console.print(table)
    told = [row for row in rows if not row["refused"]]
    sure = np.array([row["confidence"] if "confidence" in row else row["read"][0]["confidence"] for row in told])
    right = np.array([is_found(row) for row in told])
    report_reliability(console, sure, right)


def is_found(row: Row) -> bool:
    """Tell whether item and destination are right, whatever the kind."""
    return bool(row["usable"] and row["item"] <= 0.1 and row["destination"] <= 0.1)


if __name__ == "__main__":
    main()
