"""Laws of jobs on several processes; what a stopped one leaves is held in `test_collection`."""

import os

import pytest

from daml.task_pool import n_usable_cores, run_tasks


def test_every_task_is_done_once_and_told_of_with_its_frames():
    told: list[tuple[int, int]] = []
    run_tasks(abs, [-1, -2, -3, -4, -5], workers=2, observers=[lambda *figures: told.append(figures)])
    assert sorted(told) == [(n_frames, 1) for n_frames in range(1, 6)]


def test_without_tasks_no_job_is_needed():
    run_tasks(lambda _: pytest.fail("nothing to do"), [])


def test_there_is_a_core_and_no_more_than_the_machine_has():
    assert 1 <= n_usable_cores() <= (os.cpu_count() or 1)
