"""Break videos, recordings, datasets, priors, scenes and results, and see that each is read or refused with one error.

python scripts/fuzz.py --n 5000 --seed 0

Each input is a good one with bytes changed, cut, doubled or made up, or with a value of its JSON or TOML replaced. What
counts as a failure: an error that is no ValueError or OSError, an error of several lines, more than `MOST_SECONDS` of
computing, more than `MOST_MEMORY` bytes, or the end of the interpreter. With `--commands` the inputs go to the command
line, which must succeed, or end with status 2 and one line on standard error. The numbers of failing inputs are
printed: the same seed and number give the same input again (`--first 1234 --n 1`). Exits with 1 after a failure.
"""
# ruff: noqa: INP001, T201 - a script, not a module of a package

import argparse
import contextlib
import dataclasses
import importlib
import io
import json
import multiprocessing
import os
import random
import resource
import shutil
import signal
import sys
import tempfile
import traceback
import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

MOST_SECONDS = 20
"""Computing time for one input; good ones take milliseconds."""
MOST_MEMORY = 500_000_000
"""Growth of the process over what it takes before the first input."""
STARTING_SECONDS = 1800
"""Wall time until a process has loaded what it tries; a busy machine takes minutes."""
BATCH = 250
"""Inputs per process: a crash costs the rest of a batch, which is then begun again after it."""

SUFFIXES = (".mp4", ".webm", ".gif", ".mkv", ".avi", ".mov", ".png", ".ts")
ODD_VALUES = (
    *(None, True, -1, 0, 1, 2**31, 10**30, 0.5, -0.0, 1e308, float("nan"), float("inf"), "", "x", "../../x", "/etc"),
    *([], [[]], {}, {"": None}, [1] * 50, [10**12], ["4"], "9" * 50),
)


ODD_TOML = (
    *("", "nan", "-inf", "1e400", "9" * 400, "true", '"x"', '""', "[]", "[[]]", "{}", "1979-05-27", "[0, 0, 0]"),
    *("[0.1, 0.1, 0.1]", "-1", "0", '"#ff"', '"red"', '"push"', '"disc"', "'''\n'''", "[" * 15_000, '"\\u0000"'),
)


def make_good(folder: Path) -> None:
    """Write small good inputs of every kind."""
    import av  # noqa: PLC0415 - the parent process needs none of these
    import torch  # noqa: PLC0415

    from daml import envs  # noqa: PLC0415
    from daml.demos import (  # noqa: PLC0415
        DatasetInfo,
        DemoDataset,
        HumanDemo,
        RobotDemo,
        TaskDemos,
        create_dataset,
        export_lerobot,
        write_task,
        write_video,
    )
    from daml.deployment.adaptation import unadapted  # noqa: PLC0415
    from daml.learners.prior import Prior, PriorConfig  # noqa: PLC0415
    from daml.policies.visuomotor import PolicyConfig  # noqa: PLC0415

    rng = np.random.default_rng(0)
    frames = rng.integers(0, 256, (8, 8, 8, 3), dtype=np.uint8).repeat(4, axis=1).repeat(4, axis=2)
    for suffix in (".mp4", ".webm", ".gif"):
        write_video(folder / f"clip{suffix}", frames, frame_rate_hz=10.0)
    for suffix, codec in ((".mkv", "mpeg4"), (".avi", "mjpeg"), (".mov", "libx264"), (".ts", "mpeg2video")):
        with av.open(folder / f"clip{suffix}", "w") as container:
            stream: Any = container.add_stream(codec, rate=25)
            stream.height, stream.width = frames.shape[1:3]
            stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
            for frame in frames:
                container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
            container.mux(stream.encode(None))
    pictures = [Image.fromarray(frame) for frame in frames]
    pictures[0].save(folder / "clip.png", save_all=True, append_images=pictures[1:], duration=100)
    root = folder / "dataset"
    create_dataset(root, DatasetInfo(image_size=(32, 32), human_frame_rate_hz=10.0, robot_frame_rate_hz=10.0))
    states = rng.uniform(-1, 1, (8, 4)).astype(np.float32)
    robot = RobotDemo(frames=frames, states=states, actions=states, frame_rate_hz=10.0)
    write_task(
        root, TaskDemos(kind="place", split="train", index=0, humans=(HumanDemo(frames, 10.0),), robots=(robot,))
    )
    task = folder / "recordings" / "train" / "place-000000"
    task.mkdir(parents=True)
    for name in ("human-0.mp4", "human-1.gif", "robot-0.mp4"):
        shutil.copy(folder / f"clip{Path(name).suffix}", task / name)
    np.savez(task / "robot-0.npz", states=states, actions=states)
    np.savez_compressed(task / "robot-1.npz", states=states, actions=states, frames=frames)
    pictures[0].save(task / "human-2.png", save_all=True, append_images=pictures[1:], duration=100)
    (task / "human-3").mkdir()
    for number, suffix in enumerate((".png", ".jpg", ".webp", ".bmp", ".tiff")):
        pictures[number].save(task / "human-3" / f"{number}{suffix}")
    export_lerobot(DemoDataset(root), folder / "lerobot")
    torch.manual_seed(0)
    policy = PolicyConfig(channels=(2, 2, 2, 2), n_points=3, bias_size=2, hidden_size=4, readout_size=4)
    prior = Prior(PriorConfig(policy=policy, image_size=(16, 16), human_frames=6))
    prior.save_pretrained(folder / "prior")
    unadapted(prior).save_pretrained(folder / "policy")
    for kind in envs.KINDS:
        envs.write_scene(folder / f"{kind}.toml", envs.describe(envs.Task(kind, "test", 0)))
    make_results(folder / "results")


def make_results(folder: Path) -> None:
    """Write results of two evaluations and the figures of a training run."""
    names = ["success", "wrong_object", "not_completed", "success"]
    episodes = [{"task": f"place/test/{i // 2}", "seed": i, "verdict": name} for i, name in enumerate(names)]
    settings = {"kind": "place", "control": "none", "shift": "none", "prior": "tabletop", "split": "test", "seed": 0}
    settings |= {"n_tasks": 2, "first_task": 0, "rollouts": 2, "shots": 1, "method": "daml"}
    result = {"settings": settings, "episodes": episodes, "chance_rate": 0.25, "shown_target_rate": 0.5}
    result |= {"versions": {"daml": "0.1.0", "torch": "2.13.0"}}
    control = result | {"settings": settings | {"control": "wrong-demo"}}
    folder.mkdir()
    (folder / "method.json").write_text(json.dumps(result), encoding="utf-8")
    (folder / "control.json").write_text(json.dumps({"place": control}), encoding="utf-8")
    lines = [{"step": step, "loss": 3.0 / step, "item_error_m": 0.1, "elapsed_s": 1.5 * step} for step in (20, 40, 60)]
    (folder / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")


def read_folder_of_results(folder: Path) -> None:
    """Read results and figures and write the report's text and plots, as `daml report` does."""
    from daml.reporting.comparison import arrange, compare  # noqa: PLC0415
    from daml.reporting.plots import plot_curves, plot_success  # noqa: PLC0415
    from daml.reporting.recorded_results import read_curves, read_results  # noqa: PLC0415
    from daml.reporting.report import report_text  # noqa: PLC0415

    rows, curves = arrange(read_results(folder)), read_curves(folder)
    report_text(rows, compare(rows), root=folder, plots={})
    # A plot takes half a second: one in ten.
    if sum(map(len, map(str, rows))) % 10 == 0:
        if rows:
            plot_success(rows)
        plot_curves(curves, root=folder)


def read_video_file(path: Path) -> None:
    """Read a video and measure it, as `daml inspect` does."""
    from daml.demos import measure, read_video  # noqa: PLC0415

    measure(read_video(path)).warnings  # noqa: B018 - computed when asked for


def read_dataset(root: Path) -> None:
    """Read all of a dataset, as `daml train` does."""
    from daml.demos import DemoDataset  # noqa: PLC0415

    dataset = DemoDataset(root)
    for split in dataset.splits:
        for task in dataset.tasks(split):
            for i in range(task.n_humans):
                task.human_acting_span(i)
                np.asarray(task.human(i).frames).sum()
            for i in range(task.n_robots):
                np.asarray(task.robot(i).frames).sum()


def read_recordings(source: Path) -> None:
    """Import recordings, as `daml dataset import` does."""
    from daml.demos import DatasetInfo, import_clips  # noqa: PLC0415

    info = DatasetInfo(image_size=(16, 16), human_frame_rate_hz=10.0, robot_frame_rate_hz=10.0)
    with tempfile.TemporaryDirectory() as target:
        _, problems = import_clips(source, target, info=info)
    if problems:
        raise ValueError(max(problems, key=lambda problem: problem.count("\n")))


def read_lerobot(source: Path) -> None:
    """Import a pair of LeRobot datasets, as `daml dataset import-lerobot` does."""
    from daml.demos import import_lerobot  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as target:
        import_lerobot(source / "robot", source / "human", target, image_size=(16, 16))


def read_prior(folder: Path) -> None:
    """Read a prior and adapt it to a plain video, as `daml adapt` does."""
    from daml.demos import HumanDemo  # noqa: PLC0415
    from daml.deployment.adaptation import adapt  # noqa: PLC0415
    from daml.learners.prior import Prior  # noqa: PLC0415

    adapt(Prior.from_pretrained(folder), HumanDemo(np.zeros((12, 16, 16, 3), np.uint8), 10.0))


def read_policy(folder: Path) -> None:
    """Read an adapted policy, as `daml evaluate-policy` does."""
    from daml.deployment.adapted_policy import AdaptedPolicy  # noqa: PLC0415

    AdaptedPolicy.from_pretrained(folder)


def read_scene_file(path: Path) -> None:
    """Read a scene, as `daml evaluate --scene` does."""
    from daml.envs import read_scene  # noqa: PLC0415

    read_scene(path)


def commands_for(kind: str, path: Path, good: Path) -> list[list[object]]:
    """Return the commands that read an input of a kind."""
    prior, scene, video = good / "prior", good / "place.toml", good / "clip.mp4"
    output = path.parent / "out"
    judged = ["evaluate", "--output", f"{output}.json", "--workers", 1]  # in this process: others load for seconds
    return {
        "video": [
            ["inspect", path, "--output", f"{output}.png"],
            ["twin", path, "--output", f"{output}.toml"],
            ["adapt", "--video", path, "--prior", prior, "--output", output],
            [*judged, "--video", path, "--scene", scene, "--prior", prior],
        ],
        "dataset": [["dataset", "validate", path]],
        "recordings": [["dataset", "import", path, output]],
        "lerobot": [["dataset", "import-lerobot", path / "robot", path / "human", output]],
        "prior": [
            ["adapt", "--video", video, "--prior", path, "--output", output],
            [*judged, "--scene", scene, "--control", "no-demo", "--prior", path],
        ],
        "policy": [["evaluate-policy", path, "--scene", scene, *judged[1:]]],
        "scene": [
            [*judged, "--scene", path, "--control", "no-demo", "--prior", prior],
            [*judged, "--scene", path, "--video", video, "--prior", prior],
        ],
        "results": [["report", path]],
    }[kind]


def call(words: list[object]) -> None:
    """Run a command in this process.

    Raises:
        ValueError: It was refused as it should be: status 2, one line on standard error.
        RuntimeError: It ended in another way.
    """
    from daml import cli  # noqa: PLC0415

    status: object = 0
    kept = os.dup(2)
    with tempfile.TemporaryFile() as complaints:
        os.dup2(complaints.fileno(), 2)  # libraries in C complain there too
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                cli.main([str(word) for word in words])
        except SystemExit as stopped:
            status = stopped.code
        finally:
            sys.stderr.flush()
            os.dup2(kept, 2)
            os.close(kept)
        complaints.seek(0)
        lines = complaints.read().decode("utf-8", "replace").splitlines()
    if status == 2 and len(lines) == 1 and lines[0].startswith("daml: error: "):
        raise ValueError(lines[0])
    if status != 0 or any("Traceback" in line for line in lines):
        raise RuntimeError(f"{words}: status {status}, {len(lines)} lines of complaint: {lines[:5]}")


def break_bytes(content: bytes, rng: random.Random) -> bytes:
    """Change a file's bytes in one of the ways that files get broken."""
    data = bytearray(content)
    # The beginning holds what says how to read the rest.
    place = rng.randrange(min(len(data), 200) if rng.random() < 0.5 else len(data)) if data else 0
    match rng.randrange(7):
        case 0:
            for _ in range(rng.randint(1, 20)):
                if data:
                    data[rng.randrange(len(data))] = rng.randrange(256)
        case 1:
            del data[place:]
        case 2:
            data[place:place] = data[place : place + rng.randint(1, 200)]
        case 3:
            del data[place : place + rng.randint(1, 200)]
        case 4:
            data[place : place + rng.randint(1, 16)] = rng.choice([b"\x00", b"\xff"]) * rng.randint(1, 16)
        case 5:
            data[place : place + 4] = rng.choice([0, 1, 2**31 - 1, 2**32 - 1, 65536]).to_bytes(
                4, rng.choice(["big", "little"])
            )
        case _:
            data[:] = rng.randbytes(rng.randint(0, 500))
    return bytes(data)


def break_json(content: str, rng: random.Random) -> str:
    """Replace, delete or nest a value somewhere in a JSON document."""
    document = json.loads(content)
    holders = [document]
    for holder in holders:
        inner = holder.values() if isinstance(holder, dict) else holder
        holders.extend(value for value in inner if isinstance(value, (dict, list)) and value)
    holder = rng.choice(holders)
    key: Any = rng.choice(list(holder) if isinstance(holder, dict) else range(len(holder)))
    if rng.random() < 0.15:
        del holder[key]
    else:
        holder[key] = rng.choice(ODD_VALUES)
    if rng.random() < 0.02:
        return "[" * 100_000
    return json.dumps(document)


def break_toml(content: str, rng: random.Random) -> str:
    """Replace, delete, double or swap lines of a TOML document."""
    lines = content.splitlines()
    for _ in range(rng.randint(1, 2)):
        place, other = rng.randrange(len(lines)), rng.choice(lines)
        key = lines[place].partition("=")[0]
        odd = [f"{key}= {rng.choice(ODD_TOML)}"]
        lines[place : place + 1] = rng.choice([[], [lines[place]] * 2, [other], odd, odd, odd, odd, [f"[{key}]"]])
    return "\n".join(lines)


def break_folder(folder: Path, rng: random.Random) -> None:
    """Break one file of a folder."""
    path = rng.choice(sorted(entry for entry in folder.rglob("*") if entry.is_file()))
    if rng.random() < 0.05:
        path.unlink()
        match rng.randrange(4):
            case 0:
                path.mkdir()
            case 3:
                os.mkfifo(path)
            case 1:
                path.symlink_to(rng.choice(["/etc/passwd", "/dev/zero", path.name, "../nowhere"]))
            case _:
                pass  # missing
    elif path.suffix == ".json" and rng.random() < 0.7:
        path.write_text(break_json(path.read_text(encoding="utf-8"), rng), encoding="utf-8")
    else:
        path.write_bytes(break_bytes(path.read_bytes(), rng))


def make_broken(
    number: int, seed: int, what: list[str], *, good: Path, folder: Path, commands: bool
) -> tuple[Callable[[Path], None], Path]:
    """Write broken input of a number; return who reads it, and its path."""
    rng = random.Random(f"{seed}/{number}")  # noqa: S311 - no secret
    kind = rng.choice(what)
    if kind == "video":
        suffix = rng.choice(SUFFIXES)
        path = folder / f"clip{suffix if rng.random() < 0.95 else rng.choice(SUFFIXES)}"
        path.write_bytes(break_bytes((good / f"clip{suffix}").read_bytes(), rng))
    elif kind == "scene":
        path = folder / "scene.toml"
        content = (good / f"{rng.choice(['place', 'push', 'pick-place'])}.toml").read_text(encoding="utf-8")
        as_text = rng.random() < 0.8
        path.write_bytes(break_toml(content, rng).encode() if as_text else break_bytes(content.encode(), rng))
    else:
        path = folder / kind
        shutil.copytree(good / kind, path)
        break_folder(path, rng)
    if commands:
        words = rng.choice(commands_for(kind, path, good))
        return lambda _path: call(words), path
    return READERS[kind], path


READERS: dict[str, Callable[[Path], None]] = {
    "video": read_video_file,
    "dataset": read_dataset,
    "recordings": read_recordings,
    "lerobot": read_lerobot,
    "prior": read_prior,
    "policy": read_policy,
    "scene": read_scene_file,
    "results": read_folder_of_results,
}


def load_commands(good: Path, what: list[str]) -> None:
    """Run each command once on good input, before the memory is measured, with episodes of two steps from then on."""
    from daml import envs  # noqa: PLC0415

    for kind, rules in envs.TASK_KINDS.items():
        envs.TASK_KINDS[kind] = dataclasses.replace(rules, horizon=2)
    inputs = {"video": "clip.mp4", "scene": "place.toml"}
    inputs |= {kind: kind for kind in ("dataset", "recordings", "lerobot", "prior", "policy", "results")}
    with tempfile.TemporaryDirectory() as temporary:
        for kind, name in ((kind, name) for kind, name in inputs.items() if kind in what):
            path = Path(temporary) / name
            path.symlink_to(good / name)
            for words in commands_for(kind, path, good):
                with contextlib.suppress(ValueError):  # the twin of a film of noise
                    call(words)
                shutil.rmtree(path.parent / "out", ignore_errors=True)


def judge(number: int, seed: int, what: list[str], *, good: Path, floor: int, commands: bool) -> str:
    """Break and read one input; return how it ended: "read", "refused", or what went wrong."""
    with tempfile.TemporaryDirectory() as temporary:
        read, path = make_broken(number, seed, what, good=good, folder=Path(temporary), commands=commands)
        signal.setitimer(signal.ITIMER_PROF, MOST_SECONDS)
        try:
            read(path)
            verdict = "read"
        except (ValueError, OSError) as error:
            verdict = "refused" if "\n" not in str(error) and str(error) else f"an unclear error: {error!r}"
        except BaseException:  # noqa: BLE001 - whatever it is, it is what is looked for
            verdict = f"a traceback:\n{traceback.format_exc()}"
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - floor
    return verdict if grown < MOST_MEMORY else f"{grown / 1e6:.0f} MB of memory"


def work(
    numbers: range,
    seed: int,
    what: list[str],
    *,
    good: Path,
    commands: bool,
    pipe: Any,  # noqa: ANN401 - a connection
) -> None:
    """Judge inputs one after another, and say each number before it is begun."""
    from daml import demos  # noqa: F401, PLC0415 - loaded before the memory is measured

    if "lerobot" in what:
        importlib.import_module("pyarrow.parquet")
    if set(what) - {"video", "dataset", "recordings", "lerobot"}:
        import daml.deployment.adaptation  # noqa: F401, PLC0415
    if commands:
        load_commands(good, what)

    def stop(*_: object) -> None:
        raise KeyboardInterrupt("more than the computing time allowed")

    signal.signal(signal.SIGPROF, stop)
    warnings.simplefilter("ignore")
    floor = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    for number in numbers:
        pipe.send((number, None))
        pipe.send((number, judge(number, seed, what, good=good, floor=floor, commands=commands)))
    pipe.close()


def main() -> None:
    """Judge all inputs in batches, each in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--n", type=int, default=1000, help="number of inputs")
    parser.add_argument("--first", type=int, default=0, help="number of the first input")
    parser.add_argument("--seed", type=int, default=0, help="seed of all changes")
    parser.add_argument("--what", nargs="+", default=list(READERS), choices=list(READERS), help="kinds of input")
    parser.add_argument("--commands", action="store_true", help="give them to the command line")
    options = parser.parse_args()
    context = multiprocessing.get_context("spawn")
    counts: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as temporary:
        good = Path(temporary)
        make_good(good)
        number, end = options.first, options.first + options.n
        while number < end:
            batch = range(number, min(number + BATCH, end))
            receiver, sender = context.Pipe(duplex=False)
            arguments = {"good": good, "commands": options.commands, "pipe": sender}
            process = context.Process(target=work, args=(batch, options.seed, options.what), kwargs=arguments)
            process.start()
            sender.close()
            begun: int | None = None
            try:
                while receiver.poll(
                    10 * MOST_SECONDS if begun is not None or number > batch.start else STARTING_SECONDS
                ):
                    told, verdict = receiver.recv()
                    begun = told if verdict is None else None
                    number = told + 1
                    if verdict is not None:
                        counts[verdict if verdict in ("read", "refused") else "failed"] += 1
                        if verdict not in ("read", "refused"):
                            print(f"input {told}: {verdict}", flush=True)
            except EOFError:
                pass
            process.kill()
            process.join()
            if begun is not None:
                counts["failed"] += 1
                print(f"input {begun}: ended the interpreter, or never came to an end ({process.exitcode})", flush=True)
            elif number < batch.stop:
                print(f"input {number}: the process ended before it ({process.exitcode})", flush=True)
                counts["failed"] += 1
                number += 1
    print(", ".join(f"{count} {name}" for name, count in sorted(counts.items())))
    sys.exit(1 if counts["failed"] else 0)


if __name__ == "__main__":
    main()
