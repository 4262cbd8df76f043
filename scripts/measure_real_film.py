"""Measure the whole way of real films: reading, belief, and success in the scenes that they show.

    python scripts/measure_real_film.py FOLDER [--rollouts 10] [--raw] [--no-control] [--output TABLE.json]

FOLDER holds films and a `truth.json`, as for `measure_reading.py`. A belief is right when the adapted policy's item and
destination are within 10 % of the picture's shorter side of the truth. Success is that of a policy that adapted to the
retold film, acting in the film's twin. The control shows another item in the same twin: `true` is how often the
film's own item is moved then, `shown` how often the one that was shown.
"""

# ruff: noqa: INP001, T201 - a script, not a module of a package

import argparse
import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from daml.demos import FilmNotReadableError, Reading, read_film, read_video
from daml.deployment.belief import Belief
from daml.deployment.guided_demo import guide
from daml.envs import HUMAN_FRAME_RATE_HZ, n_targets
from daml.evaluation.candidates import fixed
from daml.evaluation.evaluation import evaluate
from daml.evaluation.evaluation_config import SceneConfig
from daml.evaluation.film_judgement import judge_film, understand
from daml.evaluation.retelling import adapt_to_retellings
from daml.learners.learner import Learner
from daml.learners.methods import read_learner

TOLERANCE = 0.1
"""Shorter sides of the picture."""
PLACES = ("item", "destination")
WAYS = {"retold": "looks", "raw": "looks_raw"}
"""Ways to adapt, and where a row says how often the film's own things are taken at first looks."""


def errors(places: dict[str, tuple[float, float]], truth: dict[str, Any], reading: Reading) -> list[float]:
    """Return how far item and destination are from the truth, in shorter sides of the picture."""
    height, width = reading.clean_first_frame.shape[:2]
    scale = np.array([width, height]) / min(height, width)
    found: list[float] = []
    for name in PLACES:
        true = [truth["item"]] if name == "item" else truth["destination"]
        ways = [np.linalg.norm((np.array(places[name]) - place) * scale) for place in true]
        found.append(float(min(ways)) if name in places else 0.0)
    return found


def is_right(belief: Belief, truth: dict[str, Any], reading: Reading) -> bool:
    """Tell whether item and destination are near the truth."""
    return max(errors(belief.places(), truth, reading)) <= TOLERANCE


def measure(prior: Learner, film: Path, truth: dict[str, Any], arguments: argparse.Namespace) -> dict[str, Any]:
    """Measure one film."""
    began = time.perf_counter()
    try:
        reading = read_film(film)
    except FilmNotReadableError as error:
        return {"refused": str(error)}
    read_s = time.perf_counter() - began
    step = reading.steps[0]
    retold = understand(prior, reading)
    evaluation = judge_film(retold, rollouts=arguments.rollouts, workers=arguments.workers)
    verdict_s = time.perf_counter() - began
    frames = read_video(film, max_rate_hz=HUMAN_FRAME_RATE_HZ)
    raw = understand(prior, reading, guided=guide(frames, reading, size=prior.config.image_size))
    scene = retold.twin.scene
    shown = {"item": step.item, "destination": step.destination}
    row: dict[str, Any] = {
        "reading_right": max(errors(shown, truth, reading)) <= TOLERANCE,
        "kind": scene.kind,
        "choices": n_targets(scene),
        "belief_retold": is_right(retold.belief, truth, reading),
        "belief_raw": is_right(raw.belief, truth, reading),
        "success_retold": evaluation.success_rate,
        "interval": evaluation.interval,
        "wrong_object": evaluation.wrong_object_rate,
        "wrong_container": evaluation.wrong_container_rate,
        "not_completed": evaluation.not_completed_rate,
        "looks_raw": raw.looks.share(0, 0),
        "looks": retold.looks.share(0, 0),
        "read_s": read_s,
        "verdict_s": verdict_s,
    }
    if arguments.raw:
        row["success_raw"] = judge_film(raw, rollouts=arguments.rollouts, workers=arguments.workers).success_rate
    if n_targets(scene) > 1 and not arguments.no_control:
        other = 1 % n_targets(scene) if len(scene.objects.items) < 2 else scene.objects.slot(1, 0)
        retold_other = adapt_to_retellings(prior, replace(scene, objects=replace(scene.objects, target=other)))
        control = evaluate(
            fixed(retold_other.policy, shown_slot=other),
            SceneConfig(scene, arguments.rollouts),
            image_size=prior.config.image_size[0],
            workers=arguments.workers,
        )
        row |= {"control_true": control.success_rate, "control_shown": control.shown_target_rate}
    return row


def line(name: str, row: dict[str, Any]) -> str:
    """Tell one film in a line."""
    if "refused" in row:
        return f"{name:30s} refused: {row['refused']}"
    marks = {True: "right", False: "WRONG"}
    beliefs = ", ".join(f"{way} {marks[row[f'belief_{way}']]} ({row[looks]:.0%})" for way, looks in WAYS.items())
    more = f", raw {row['success_raw']:.0%}" if "success_raw" in row else ""
    if "control_true" in row:
        more += f"; other item shown: true {row['control_true']:.0%}, shown {row['control_shown']:.0%}"
    return (
        f"{name:27s} {row['kind']}, {row['choices']} choices; reading {marks[row['reading_right']]}; belief {beliefs}; "
        f"success {row['success_retold']:.0%} (wrong object {row['wrong_object']:.0%}, container "
        f"{row['wrong_container']:.0%}, not completed {row['not_completed']:.0%}){more}; read {row['read_s']:.1f} s, "
        f"verdict {row['verdict_s']:.1f} s"
    )


def main() -> None:
    """Measure every film of a folder and print a table."""
    parser = argparse.ArgumentParser(description="Measure the whole way of real films.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--prior", default="tabletop")
    parser.add_argument("--rollouts", type=int, default=10)
    parser.add_argument("--workers", type=int)
    parser.add_argument("--output", type=Path)
    parser.add_argument("--raw", action="store_true", help="roll out what adapted to the film itself, too")
    parser.add_argument("--no-control", action="store_true")
    parser.add_argument("--only", nargs="*", default=[])
    arguments = parser.parse_args()
    truths = json.loads((arguments.folder / "truth.json").read_text(encoding="utf-8"))
    prior = read_learner(arguments.prior)
    rows: dict[str, dict[str, Any]] = {}
    for name, truth in truths.items():
        if arguments.only and not any(part in name for part in arguments.only):
            continue
        rows[name] = measure(prior, arguments.folder / name, truth, arguments)
        print(line(name, rows[name]), flush=True)
        if arguments.output is not None:
            arguments.output.write_text(json.dumps(rows, indent=1), encoding="utf-8")
    judged = [row for row in rows.values() if "refused" not in row]
    with_raw = [row for row in judged if "success_raw" in row]
    raw = f", raw {mean(with_raw, 'success_raw'):.0%}" if with_raw else ""
    controls = [row for row in judged if "control_true" in row]
    print(
        f"{len(judged)} of {len(rows)} read; beliefs right: retold {sum(row['belief_retold'] for row in judged)}, raw "
        f"{sum(row['belief_raw'] for row in judged)}; mean success: {mean(judged, 'success_retold'):.0%}"
        f"{raw}; another choice shown: true {mean(controls, 'control_true'):.0%}, shown "
        f"{mean(controls, 'control_shown'):.0%}; median time {np.median([row['verdict_s'] for row in judged]):.1f} s"
    )


def mean(rows: list[dict[str, Any]], key: str) -> float:
    """Average a figure."""
    return float(np.mean([row[key] for row in rows])) if rows else float("nan")


if __name__ == "__main__":
    main()
