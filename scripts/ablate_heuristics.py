"""Judge the shipped prior with one hand-made rule taken away at a time, on validation tasks.

A rule stays in the code only with its figure beside it; this makes the figures. The prior was trained with the rules
that its networks contain, so that taking one of those away shows how much the prior leans on it.

    python scripts/ablate_heuristics.py --n-tasks 60 --output runs/ablate_heuristics.json

Interrupted, the same command goes on with the rule after the last one that was judged.
"""
# ruff: noqa: INP001 - a script, not a module of a package

import argparse
import contextlib
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from unittest import mock

import torch
from rich.console import Console
from rich.table import Table
from torch import Tensor

from daml import envs
from daml.deployment import adaptation
from daml.evaluation.candidates import one_shot
from daml.evaluation.evaluation import evaluate
from daml.evaluation.evaluation_config import EvaluationConfig
from daml.learners.methods import read_learner
from daml.policies import aiming, head
from daml.policies.control_network import untraced
from daml.policies.robot import commands
from daml.policies.vision.seen_image import SeenImage
from daml.storage.result_files import write_json
from daml.storage.versions import versions
from daml.terminal.progress_bars import ProgressBars


def as_seen(images: SeenImage, _camera: Tensor, *, item_height: float) -> SeenImage:  # noqa: ARG001 - as is replaced
    """Mask nothing."""
    return images


def as_weighed(weights: Tensor, _places: Tensor) -> Tensor:
    """Let places that agree count no more than others."""
    return weights


def as_chosen(velocity: Tensor, _states: Tensor) -> Tensor:
    """Do not return to the start."""
    return velocity


def never_beside(self: aiming.Aiming, hidden: Tensor, may_hide: Tensor) -> Tensor:
    """Let no place beside the gripper count."""
    return WEIGH(self, hidden, torch.zeros_like(may_hide))


WEIGH: Callable[..., Tensor] = aiming.Aiming._weigh  # noqa: SLF001 - what is taken away

RULES: Mapping[str, tuple[object, str, object]] = {
    "none taken away": (aiming, "_BESIDE", aiming._BESIDE),  # noqa: SLF001 - likewise
    "item detections beyond reach are masked": (head, "mask_beyond_reach", as_seen),
    "places that agree count more": (aiming, "_agreed", as_weighed),
    "a hidden item is beside the gripper": (aiming.Aiming, "_weigh", never_beside),
    "places are corrected by up to 0.1": (aiming, "_CORRECTION", 0.0),
    "an idle gripper returns to its start": (commands, "return_to_start", as_chosen),
    "a video is looked at twice": (adaptation, "VIEWS", ((0.0, 0, 0),)),
}
"""What is replaced, under which name, by what, for each rule."""


@contextlib.contextmanager
def taken_away(rule: str) -> Iterator[None]:
    """Take a rule away."""
    where, name, replacement = RULES[rule]
    with mock.patch.object(where, name, replacement), untraced():
        yield


def main() -> None:
    """Judge, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--prior", default="tabletop", help="shipped prior, or folder of one")
    parser.add_argument("--n-tasks", type=int, default=60, help="validation tasks of each kind")
    parser.add_argument("--first-task", type=int, default=800, help="index of the first")
    parser.add_argument("--seed", type=int, default=0, help="seed of videos, layouts and looks")
    parser.add_argument("--output", type=Path, default=Path("runs/ablate_heuristics.json"), help="JSON file")
    options = parser.parse_args()
    prior = read_learner(options.prior)
    settings = {name: value for name, value in vars(options).items() if name != "output"}
    known: dict[str, Any] = {"settings": settings, "versions": versions(), "successes": {}}
    if options.output.exists():
        found = json.loads(options.output.read_text(encoding="utf-8"))
        if found["settings"] != settings:
            parser.error(f"{options.output}: was made with other settings; choose another file")
        known = found
    for rule in RULES:
        if rule in known["successes"]:
            continue
        counts: dict[str, int] = {}
        with taken_away(rule), ProgressBars() as bars:
            for kind in envs.KINDS:
                config = EvaluationConfig(kind, "validation", options.n_tasks, options.first_task, seed=options.seed)
                result = evaluate(one_shot(prior), config, image_size=prior.config.image_size[0], observers=[bars])
                counts[kind] = sum(episode.success for episode in result.episodes)
        known["successes"][rule] = counts
        write_json(options.output, known)
    table = Table("taken away", *envs.KINDS, title=f"successes of {options.n_tasks}")
    for rule, counts in known["successes"].items():
        table.add_row(rule, *(str(counts[kind]) for kind in envs.KINDS))
    Console().print(table)


if __name__ == "__main__":
    main()
