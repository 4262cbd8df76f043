"""Episode jobs: a list of independent episodes, each known by its seeds, run by whoever there is."""

import pickle
from collections.abc import Generator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch

from daml import envs
from daml.engines.engine import Workers, engine_of
from daml.engines.serial import SerialEngine
from daml.evaluation.candidates import Candidate, Method
from daml.evaluation.episode import Episode, rollout


class EpisodeJob(NamedTuple):
    """One episode to run."""

    task: envs.Assignment
    """What is to be done."""
    video_seed: int
    """Seed of the video that the policy is adapted to."""
    seed: int
    """Episode seed."""
    shift: envs.Shift = envs.UNSHIFTED
    """World that it is run in."""


@dataclass(frozen=True)
class JudgedEpisode:
    """An episode, and the candidate that ran it."""

    episode: Episode
    """What happened."""
    shown_slot: int | None
    """Slot of the target in the video; None without a video."""
    adapt_ms: float | None
    """Time of the adaptation, in milliseconds; None when there was none."""
    ended_s: float = 0.0
    """Seconds of the evaluation after which it ended."""

    @property
    def key(self) -> tuple[str, int]:
        """Task and episode seed."""
        return self.episode.task, self.episode.seed


def run_episodes(
    method: Method, jobs: Sequence[EpisodeJob], *, image_size: int, workers: Workers = 1
) -> Generator[tuple[int, JudgedEpisode]]:
    """Run independent episodes. What comes out does not depend on who runs them, or in which order.

    Args:
        method: Makes a policy for each task and video seed.
        jobs: Episodes to run.
        image_size: Height and width of the policy's images, in pixels.
        workers: Who runs them: so many processes, all cores when None, or an engine; 1 is this process.

    Yields:
        Number of a job and its episode, in the order in which they end.

    Raises:
        ValueError: There would be no worker, or the method cannot be sent to other processes.
        OSError: Workers were killed again and again.
    """
    with closing(EpisodeRunner(method, image_size)) as runner:
        engine = engine_of(workers, n_jobs=len(jobs))
        if not isinstance(engine, SerialEngine):
            _check_can_be_sent(runner)
        yield from engine.run(runner, jobs)


class EpisodeRunner:
    """Runs episodes one after another; it keeps its environments, and its policy while the task stays the same.

    Sent to another process it begins with neither.

    Args:
        method: Makes a policy for each task.
        image_size: Height and width of the policy's images, in pixels.
    """

    def __init__(self, method: Method, image_size: int) -> None:
        self._method, self._image_size = method, image_size
        self._forget()

    def __call__(self, job: EpisodeJob) -> JudgedEpisode:
        """Run one episode."""
        with one_thread():
            candidate = self._candidate(job.task, job.video_seed)
            env = self._environment(job.task.kind)
            episode = rollout(candidate.policy, env, task=job.task, seed=job.seed, shift=job.shift)
        return JudgedEpisode(episode, candidate.shown_slot, candidate.adapt_ms)

    def close(self) -> None:
        """Close the environments."""
        for env in self._envs.values():
            env.close()
        self._forget()

    def __getstate__(self) -> dict[str, Any]:
        return {"method": self._method, "image_size": self._image_size}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(**state)

    def _forget(self) -> None:
        self._envs: dict[str, envs.TabletopEnv] = {}
        self._latest: tuple[tuple[envs.Assignment, int], Candidate] | None = None

    def _candidate(self, task: envs.Assignment, video_seed: int) -> Candidate:
        if self._latest is None or self._latest[0] != (task, video_seed):
            self._latest = (task, video_seed), self._method(task, video_seed)
        return self._latest[1]

    def _environment(self, kind: str) -> envs.TabletopEnv:
        if kind not in self._envs:
            self._envs[kind] = envs.TabletopEnv(kind, image_size=self._image_size)
        return self._envs[kind]


@contextmanager
def one_thread() -> Generator[None]:
    """Compute on one thread: workers share the cores, and sums come out the same however many there are."""
    n_threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(n_threads)


def _check_can_be_sent(runner: EpisodeRunner) -> None:
    """Refuse a method that stays in this process."""
    try:
        pickle.dumps(runner)
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise ValueError(
            f"the method cannot be sent to other processes ({error}); make it a function of a module, or "
            "`functools.partial` of one, or evaluate with workers=1"
        ) from error
