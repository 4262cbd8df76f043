"""Judge the reading of films against what they show.

    python scripts/measure_reading.py FOLDER [--output TABLE.json]

FOLDER holds films and a `truth.json`: for each film its kind, its item and its destinations (any of which counts), as
shares of the first picture's width and height; a film that shows nothing usable has the kind "none". A reading is right
when item and destination of its first step are within 10 % of the picture's shorter side, and its kind is right.
"""

# ruff: noqa: INP001 - a script, not a module of a package

import argparse
import json
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from daml.demos import FilmNotReadableError, Reading, read_film

TOLERANCE = 0.1
"""Shorter sides of the picture."""
NONE = "none"
BINS = (0.0, 0.5, 0.65, 0.8, 0.9, 0.95, 1.001)
"""Of confidence, for the table of its reliability."""


def judge(reading: Reading | None, truth: dict[str, Any]) -> dict[str, Any]:
    """Compare a reading, or a refusal, with the truth."""
    if truth["kind"] == NONE or reading is None:
        return {"right": (truth["kind"] == NONE) == (reading is None), "refused": reading is None}
    step = reading.steps[0]
    height, width = reading.clean_first_frame.shape[:2]
    scale = np.array([width, height]) / min(height, width)
    items = [truth["item"], *truth.get("items", [])]
    item = float(min(np.linalg.norm((np.array(step.item) - place) * scale) for place in items))
    ways = [np.linalg.norm((np.array(step.destination) - place) * scale) for place in truth["destination"]]
    destination = float(min(ways))
    kinds = {truth["kind"], *truth.get("kinds", [])} | (
        {"push", "pick-place"} if "both count" in truth.get("note", "") else set()
    )
    return {
        "right": item <= TOLERANCE and destination <= TOLERANCE and step.kind in kinds,
        "refused": False,
        "item": item,
        "destination": destination,
        "kind": step.kind,
        "confidence": step.confidence,
        "steps": len(reading.steps),
    }


def report_reliability(console: Console, sure: NDArray[np.float64], right: NDArray[np.bool_]) -> None:
    """Print how often readings of a confidence are right.

    Args:
        console: Where to.
        sure: Confidence of each reading that is told, `(n,)`.
        right: Whether its places are right, `(n,)`.
    """
    if not len(sure):
        return
    table, error = Table("confidence", "readings", "mean", "right places"), 0.0
    for low, high in pairwise(BINS):
        within = (sure >= low) & (sure < high)
        if within.any():
            mean, rate = float(sure[within].mean()), float(right[within].mean())
            error += within.mean() * abs(mean - rate)
            table.add_row(f"{low:.2f} to {min(high, 1):.2f}", str(within.sum()), f"{mean:.2f}", f"{rate:.2f}")
    console.print(table)
    console.print(f"expected calibration error {error:.3f}, mean squared error {np.mean((sure - right) ** 2):.3f}")


def main() -> None:
    """Judge every film of a folder and print a table."""
    parser = argparse.ArgumentParser(description="Judge the reading of films against what they show.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--output", type=Path)
    arguments = parser.parse_args()
    truths = json.loads((arguments.folder / "truth.json").read_text(encoding="utf-8"))
    rows: dict[str, dict[str, Any]] = {}
    for name, truth in truths.items():
        began = time.perf_counter()
        reason = ""
        try:
            reading = read_film(arguments.folder / name)
        except FilmNotReadableError as error:
            reading, reason = None, str(error)
        rows[name] = judge(reading, truth) | {"seconds": time.perf_counter() - began, "reason": reason}
        print(line(name, truth, rows[name]), flush=True)  # noqa: T201 - a script
    good = [rows[name] for name, truth in truths.items() if truth["kind"] != NONE]
    bad = [rows[name] for name, truth in truths.items() if truth["kind"] == NONE]
    print(  # noqa: T201
        f"right {sum(row['right'] for row in good)} of {len(good)}, refused {sum(row['refused'] for row in good)}; "
        f"of {len(bad)} that show nothing usable, refused {sum(row['refused'] for row in bad)}"
    )
    if arguments.output is not None:
        arguments.output.write_text(json.dumps(rows, indent=1), encoding="utf-8")


def line(name: str, truth: dict[str, Any], row: dict[str, Any]) -> str:
    """Tell one film's outcome in one line."""
    verdict = "right" if row["right"] else "WRONG"
    told = f"refused: {row['reason']}" if row["refused"] else ""
    if "item" in row:
        told = (
            f"item {row['item']:.2f} destination {row['destination']:.2f} {row['kind']} ({truth['kind']}) "
            f"confidence {row['confidence']:.2f} steps {row['steps']}"
        )
    return f"{name:32s} {verdict} {row['seconds']:5.1f} s  {told}"


if __name__ == "__main__":
    main()
