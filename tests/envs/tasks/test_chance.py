"""Laws of chance."""

import numpy as np
import pytest

from daml import envs
from daml.envs.tasks.chance import chance_rate, chances
from daml.envs.tasks.kinds import draw_objects, manner_of


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("place", (1, 1, 1 / 3, 1 / 3)), ("push", (1, 1 / 2, 1, 1 / 2)), ("pick-place", (1, 1 / 2, 1 / 2, 1 / 4))],
)
def test_where_there_is_one_manner_all_choices_are_equally_likely(kind: str, expected: tuple[float, ...]):
    task = envs.Task(kind, "test", 0)
    assert chances(task) == expected
    assert chance_rate(task) == expected[-1]


def test_on_the_one_table_a_flat_destination_is_the_better_guess():
    task = envs.Task("tabletop", "train", 1)
    objects = draw_objects(task)
    n_items, n, n_flat = len(objects.items), len(objects.containers), sum(one.is_flat for one in objects.containers)
    expected = (1 / 2, 1 / n_items, 1 / (2 * n_flat) + 1 / (2 * n), 1 / (2 * n_items * n_flat))
    np.testing.assert_allclose(chances(task), expected)


def test_chance_given_the_manner_is_one_of_its_choices():
    for index in range(12):
        task = envs.Task("tabletop", "train", index)
        objects = draw_objects(task)
        same = [choice for choice in objects.choices if choice.manner == manner_of(task)]
        assert chance_rate(task) == 1 / len(same)
