"""What a training run begins with, where that is not a trunk pretrained for it: another prior, or its trunk."""

import dataclasses
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from daml.learners.config import PriorConfig
from daml.learners.learner import Learner
from daml.learners.methods import read_learner
from daml.storage.shipped import find_prior


class Beginning(NamedTuple):
    """How a prior is filled before its first meta-step, and where that comes from."""

    fill: Callable[[Learner], None] | None
    """Changes an untrained prior in place; None where its trunk is to be pretrained."""
    provenance: Mapping[str, Any]
    """What is noted about it in the prior that is trained."""


def choose_beginning(config: PriorConfig, *, begin_from: str | None, trunk: str | None) -> Beginning:
    """Read what a run begins with.

    Args:
        config: Settings of the prior that will be trained.
        begin_from: Name of a shipped prior, or folder of one with the same settings, all of which is taken.
        trunk: Name of a shipped prior, or folder of one of any method, whose trunk is taken.

    Returns:
        The beginning.

    Raises:
        ValueError: Both are given, there is no such prior, or it has other settings than those asked for.
    """
    if begin_from is not None and trunk is not None:
        raise ValueError("--begin-from, --trunk: a prior that is begun from has a trunk already; give one of the two")
    if begin_from is not None:
        known = _read_same(find_prior(begin_from), config)
        return Beginning(partial(copy_weights, known), {"begun_from": known.config.provenance})
    if trunk is not None:
        known = _read_seeing_the_same(find_prior(trunk), config)
        return Beginning(partial(_take_trunk, known), {"trunk_from": known.config.provenance})
    return Beginning(None, {})


def copy_weights(known: Learner, prior: Learner) -> None:
    """Give a prior all that another one of the same settings has learned.

    Args:
        known: The other one.
        prior: Changed in place.
    """
    prior.load_state_dict(known.state_dict())


def _take_trunk(known: Learner, prior: Learner) -> None:
    prior.policy.trunk.load_state_dict(known.policy.trunk.state_dict())


def _read_same(folder: Path, wanted: PriorConfig) -> Learner:
    """Read a prior to begin with; refuse one of other settings than those asked for."""
    known = read_learner(folder)
    differing = [
        f"{field.name} (there {getattr(known.config, field.name)}, here {getattr(wanted, field.name)})"
        for field in dataclasses.fields(wanted)
        if field.name != "provenance" and getattr(known.config, field.name) != getattr(wanted, field.name)
    ]
    if differing:
        raise ValueError(f"--begin-from {folder}: has other settings: {'; '.join(differing)}; give --prior.* like them")
    return known


def _read_seeing_the_same(folder: Path, wanted: PriorConfig) -> Learner:
    """Read a prior to take the trunk of; refuse one whose images or channels are not those asked for."""
    known = read_learner(folder)
    there, here = (f"{config.image_size} px, {config.policy.channels}" for config in (known.config, wanted))
    if there != here:
        raise ValueError(
            f"{folder}: its trunk sees images of {there} channels, but here they are {here}; "
            "give --prior.image-size and --prior.policy.channels like them, or take another trunk"
        )
    return known
