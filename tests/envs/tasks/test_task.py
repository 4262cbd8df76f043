"""Laws of tasks."""

import re

import pytest

from daml.envs.tasks.task import ALL_KINDS as KINDS
from daml.envs.tasks.task import SPLITS, Task


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("split", SPLITS)
def test_a_task_reads_back_from_its_name(kind: str, split: str):
    task = Task(kind, split, 12)
    assert str(task) == f"{kind}/{split}/12"
    assert Task.parse(str(task)) == task


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("juggle", "train", 0), "task kind 'juggle' is unknown; valid kinds: place, push, pick-place"),
        (("place", "dev", 0), "split 'dev' is unknown; valid splits: train, validation, test"),
        (("place", "train", -1), "task index is -1; expected an integer of at least 0"),
    ],
)
def test_an_unknown_task_is_refused_with_what_is_valid(arguments: tuple[str, str, int], message: str):
    with pytest.raises(ValueError, match=re.escape(message)):
        Task(*arguments)


@pytest.mark.parametrize("text", ["", "place", "place/test", "place/test/", "place/test/-1", "place/test/0/1", "a b c"])
def test_a_text_of_another_form_is_refused(text: str):
    with pytest.raises(ValueError, match="kind/split/index"):
        Task.parse(text)


def test_the_same_task_draws_the_same_numbers_and_every_other_task_others():
    tasks = [Task(kind, split, index) for kind in KINDS for split in SPLITS for index in (0, 1)]
    draws = {task: task.generator().random() for task in tasks}
    assert len(set(draws.values())) == len(draws)
    for task, draw in draws.items():
        assert task.generator().random() == draw


def test_tasks_are_ordered_and_hashable():
    tasks = [Task("place", "train", index) for index in (2, 0, 1)]
    assert [task.index for task in sorted(tasks)] == [0, 1, 2]
    assert len({*tasks, *tasks}) == 3
