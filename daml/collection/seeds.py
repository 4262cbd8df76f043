"""Seeds of what is recorded: each purpose draws from a stream of its own, whatever the user's seed.

NumPy's `SeedSequence` hashes a row of 32-bit words. Two draws are apart when their rows differ in length or in a word:

    collected clips     (seed, kind, split, index, role, clip)                          6 words
    evaluated episodes  (seed, kind, split, index), see `daml.evaluation`               4 words
    all else            (seed, 0, 0, 0, purpose, round, kind, split, index, clip)       10 words

NumPy itself pads the seed in front of a spawn key to four words. A seed of 33 to 64 bits takes two words: the first two
rows are then one longer, and still no two of these lengths are the same.
"""

from collections.abc import Iterator
from enum import IntEnum

import numpy as np

from daml import envs

_N_SEEDS: int = 2**31


class Role(IntEnum):
    """Whose clip of a collected demonstration it is."""

    HUMAN = 0
    ROBOT = 1


class Purpose(IntEnum):
    """What else seeds are drawn for."""

    CORRECTION = 0
    """Layouts and turns in which a policy is corrected."""
    TRACK = 1
    """Films, layouts and disturbances of the rollouts that the tracker learns from."""


def collection_seeds(role: Role, task: envs.Task, *, seed: int, clip: int) -> Iterator[int]:
    """Yield episode seeds of a collected clip, without end, that no other clip of any task shares.

    Args:
        role: Whose clip it is.
        task: The task.
        seed: The user's.
        clip: Number of the clip.

    Returns:
        Seeds, the same for the same arguments.
    """
    return _draw(np.random.SeedSequence((seed, *_numbers(task), role, clip)))


def purpose_seeds(
    purpose: Purpose, task: envs.Task, *, seed: int, round_number: int = 0, clip: int = 0
) -> Iterator[int]:
    """Yield episode seeds for a purpose, without end, that no other purpose, round, task or clip shares.

    Args:
        purpose: What they are for.
        task: The task.
        seed: The user's.
        round_number: Number of the round.
        clip: Number of the clip.

    Returns:
        Seeds, the same for the same arguments.
    """
    key = (purpose, round_number, *_numbers(task), clip)
    return _draw(np.random.SeedSequence(seed, spawn_key=key))


def _draw(sequence: np.random.SeedSequence) -> Iterator[int]:
    rng = np.random.default_rng(sequence)
    while True:
        yield int(rng.integers(_N_SEEDS))


def _numbers(task: envs.Task) -> tuple[int, int, int]:
    """Return the numbers of kind, split and task."""
    return envs.ALL_KINDS.index(task.kind), envs.SPLITS.index(task.split), task.index
