"""Laws of seeds: no purpose shares any with another."""

from collections.abc import Iterator
from itertools import islice, product

import numpy as np

from daml import envs
from daml.collection.seeds import Purpose, Role, collection_seeds, purpose_seeds
from daml.evaluation.evaluation_config import episode_seeds

TASKS = [envs.Task(*place) for place in product(envs.KINDS, envs.SPLITS, range(4))]
SEEDS = (0, 1, 2, 3, 2**32, 2**32 + 2, 2**64 - 1)
"""Small ones, which look like the other numbers of a draw, and long ones, which take two words."""


def first_of(*streams: Iterator[int]) -> list[tuple[int, ...]]:
    return [tuple(islice(stream, 3)) for stream in streams]


def test_no_two_streams_share_their_seeds_whatever_the_users_seed():
    collected = [
        collection_seeds(role, task, seed=seed, clip=clip)
        for role, task, seed, clip in product(Role, TASKS, SEEDS, range(3))
    ]
    others = [
        purpose_seeds(purpose, task, seed=seed, round_number=number, clip=clip)
        for purpose, task, seed, number, clip in product(Purpose, TASKS, SEEDS, range(3), range(3))
    ]
    evaluated = [iter(episode_seeds(task, seed=seed, n=3)) for task, seed in product(TASKS, SEEDS)]

    drawn = first_of(*collected, *others, *evaluated)

    assert len(set(drawn)) == len(drawn) > 5000


def test_a_collection_with_seed_2_does_not_replay_corrections():
    place, push = envs.KINDS[:2]
    corrected = purpose_seeds(Purpose.CORRECTION, envs.Task(place, "train", 0), seed=0, round_number=1)
    collected = collection_seeds(Role.HUMAN, envs.Task(push, "train", 0), seed=2, clip=0)
    assert next(corrected) != next(collected)


def test_collected_and_evaluated_seeds_are_those_of_earlier_releases():
    task = envs.Task("push", "train", 7)
    numbers = envs.KINDS.index("push"), envs.SPLITS.index("train"), 7
    robot = np.random.default_rng((3, *numbers, 1, 2)).integers(2**31, size=1)
    episode = np.random.default_rng((3, *numbers)).integers(2**31, size=1)

    assert next(collection_seeds(Role.ROBOT, task, seed=3, clip=2)) == robot[0]
    assert episode_seeds(task, seed=3, n=1) == [episode[0]]


def test_the_same_arguments_give_the_same_seeds():
    task = envs.Task("place", "train", 1)
    first, again = first_of(*(purpose_seeds(Purpose.TRACK, task, seed=1) for _ in range(2)))
    assert first == again
    assert len(set(first)) == 3
