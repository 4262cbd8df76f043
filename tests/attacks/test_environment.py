"""Hostile calls of the environment: refused by name, and it is as good as before afterwards."""

import re
from typing import Any

import numpy as np
import pytest

from daml import envs

TASK = envs.Task("place", "validation", 3)


class Liar:
    """Whose every comparison and conversion fails."""

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("compared")

    __hash__ = None

    def __repr__(self) -> str:
        return "Liar()"


def test_whatever_options_hold_is_refused_and_leaves_the_environment_usable():
    env = envs.TabletopEnv(image_size=8)
    expected, _ = env.reset(seed=5, options={"task": TASK})
    hostile: list[Any] = [
        *({"task": value} for value in ("place/test/0", 0, "", [], {}, np.zeros(3), Liar(), object())),
        *({"target": value} for value in (-1, 10**30, 1.0, "0", [], {}, np.zeros(2), Liar(), float("nan"), True)),
        *({"shift": value} for value in ("light", 0, "", [], {}, np.zeros(3), Liar())),
        *({key: TASK} for key in ("tasks", "TASK", "", 0, None, ("task",), "task ")),
        *("task", 3, [("task", TASK)], np.zeros(3)),
    ]
    for options in hostile:
        with pytest.raises(ValueError, match=r"options|target slot"):
            env.reset(seed=5, options=options)
    again, _ = env.reset(seed=5, options={"task": TASK})
    np.testing.assert_array_equal(again["image"], expected["image"])
    env.close()


@pytest.mark.parametrize("index", [-1, 10**30, 1.5, "3", None, True, float("nan"), [1]])
def test_a_task_of_no_number_is_none(index: Any):
    with pytest.raises(ValueError, match="task index is"):
        envs.Task("place", "test", index)


@pytest.mark.parametrize("text", ["", "/", "place/test", "place/test/²", "place/test/-1", "place/test/" + "9" * 5000])
def test_a_text_that_names_no_task_is_refused(text: str):
    with pytest.raises(ValueError, match=re.escape("task")):
        envs.Task.parse(text)


@pytest.mark.parametrize("name", ["", "lights", [], {}, None, 3])
def test_a_shift_of_no_name_is_refused_with_those_there_are(name: Any):
    with pytest.raises(ValueError, match="valid shifts: none, backgrounds"):
        envs.find_shift(name)
