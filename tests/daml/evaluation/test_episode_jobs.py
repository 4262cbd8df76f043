"""Laws of episode jobs."""

import dataclasses
import pickle
from typing import Any

import pytest
import torch

from daml import envs
from daml.evaluation.candidates import Candidate, fixed, one_shot
from daml.evaluation.controls import CONTROLS, expert
from daml.evaluation.episode_jobs import EpisodeJob, EpisodeRunner, one_thread, run_episodes
from daml.learners.prior import Prior

PLACE, PUSH = envs.Task("place", "test", 0), envs.Task("push", "test", 0)
JOBS = [EpisodeJob(PLACE, 1, 5), EpisodeJob(PLACE, 1, 6, envs.SHIFTS["light"]), EpisodeJob(PUSH, 1, 5)]


def timeless(results: Any) -> list[Any]:
    return [
        (number, dataclasses.replace(one, adapt_ms=None, episode=dataclasses.replace(one.episode, step_ms=0)))
        for number, one in sorted(results, key=lambda pair: pair[0])
    ]


def test_two_processes_run_the_same_episodes_as_this_one(prior: Prior):
    method = one_shot(prior)
    here = timeless(run_episodes(method, JOBS, image_size=16))
    assert timeless(run_episodes(method, JOBS, image_size=16, workers=2)) == here
    assert [one.episode.seed for _, one in here] == [5, 6, 5]


def test_a_task_is_adapted_to_once_while_it_stays_the_same():
    asked: list[tuple[str, int]] = []

    def method(task: envs.Assignment, seed: int) -> Candidate:
        asked.append((str(task), seed))
        return expert()(task, seed)

    list(run_episodes(method, [*JOBS, EpisodeJob(PUSH, 2, 5)], image_size=16))
    assert asked == [("place/test/0", 1), ("push/test/0", 1), ("push/test/0", 2)]


def test_a_method_that_stays_in_its_process_is_refused_with_what_to_do():
    def method(task: envs.Assignment, seed: int) -> Candidate:
        return expert()(task, seed)

    with pytest.raises(ValueError, match=r"cannot be sent to other processes .* or evaluate with workers=1"):
        list(run_episodes(method, JOBS, image_size=16, workers=2))


@pytest.mark.parametrize("name", CONTROLS)
def test_every_control_can_be_sent_to_other_processes(name: str, prior: Prior):
    pickle.dumps(EpisodeRunner(CONTROLS[name](prior, shift=envs.SHIFTS["camera"]), 16))


def test_a_runner_that_is_sent_begins_anew():
    runner = EpisodeRunner(expert(), 16)
    runner(JOBS[0])
    assert pickle.loads(pickle.dumps(runner))(JOBS[0]).episode.seed == 5
    runner.close()


def test_no_worker_is_refused():
    with pytest.raises(ValueError, match="workers: expected at least 1, got 0"):
        list(run_episodes(fixed(envs.find_expert("place")), JOBS, image_size=16, workers=0))


def test_threads_come_back():
    before = torch.get_num_threads()
    with one_thread():
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == before
