"""A prior, a dataset and a video small enough to train on within a test; workers that are no processes."""

import dataclasses
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Self

import numpy as np
import pytest
import torch

from daml.demos import (
    DatasetInfo,
    DemoDataset,
    HumanDemo,
    Reading,
    RobotDemo,
    Step,
    TaskDemos,
    create_dataset,
    write_task,
)
from daml.demos.reading.reading import ActingHand
from daml.engines import worker_pool
from daml.engines.jobs import keep_job
from daml.learners.config import MethodName
from daml.learners.learner import Learner
from daml.learners.methods import LEARNERS
from daml.learners.prior import Prior, PriorConfig
from daml.learners.temporal_loss import TemporalLossConfig
from daml.policies.head import PolicyConfig

TINY_PRIOR = PriorConfig(
    policy=PolicyConfig(channels=(8, 8, 8, 8), n_points=3, bias_size=5, hidden_size=16, readout_size=8, context_size=8),
    temporal_loss=TemporalLossConfig(n_outputs=4, kernel_size=3, gate_size=6),
    image_size=(16, 16),
    human_frames=6,
    initial_step_size=0.01,
)


CAMERA = torch.tensor([[0.0, 1.0, 0.0, 0.0], [1.0, 0.0, -0.4, -0.5], [0.3, 0.0, -0.4, 0.6]])
"""A camera matrix: from in front, and above."""


@pytest.fixture
def prior() -> Prior:
    """A prior whose trunk locates things, if at random: an untrained one takes every location for the same.

    And one that knows its camera: else nothing is anywhere on the table.
    """
    torch.manual_seed(0)
    prior = Prior(TINY_PRIOR)
    prior.policy.hand_eye.matrix.copy_(CAMERA)
    torch.nn.init.normal_(prior.policy.trunk.locators.weight, std=0.2)
    return prior


@pytest.fixture
def make_learner() -> Callable[[MethodName], Learner]:
    """Make a learner of some method, as `prior` is made."""

    def make(method: MethodName) -> Learner:
        torch.manual_seed(1)  # at 0 the transformer's few hidden units are dead from the start
        learner = LEARNERS[method](dataclasses.replace(TINY_PRIOR, method=method))
        torch.nn.init.normal_(learner.policy.trunk.locators.weight, std=0.2)
        return learner

    return make


@pytest.fixture
def human_demo() -> HumanDemo:
    return HumanDemo(np.random.default_rng(0).integers(0, 256, size=(9, 20, 24, 3), dtype=np.uint8), 10.0)


@pytest.fixture(scope="session")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> DemoDataset:
    root: Path = tmp_path_factory.mktemp("demos") / "dataset"
    create_dataset(root, DatasetInfo(image_size=(16, 16), human_frame_rate_hz=10.0, robot_frame_rate_hz=10.0))
    for split, n_tasks in (("train", 5), ("validation", 3)):
        for index in range(n_tasks):
            write_task(root, _draw_task(split, index))
    return DemoDataset(root)


def _draw_task(split: str, index: int) -> TaskDemos:
    rng = np.random.default_rng([len(split), index])
    humans = [HumanDemo(rng.integers(0, 256, size=(n, 16, 16, 3), dtype=np.uint8), 10.0) for n in (7, 9)]
    robots: list[RobotDemo] = []
    for n in (8, 10, 11):
        actions = rng.uniform(-1, 1, size=(n, 4)).astype(np.float32)
        actions[:, -1] = np.where(np.arange(n) < n // 2, 1, -1)
        robots.append(
            RobotDemo(
                frames=rng.integers(0, 256, size=(n, 16, 16, 3), dtype=np.uint8),
                states=rng.normal(size=(n, 4)).astype(np.float32),
                actions=actions,
                frame_rate_hz=10.0,
            )
        )
    return TaskDemos(kind="place", split=split, index=index, humans=tuple(humans), robots=tuple(robots))


class Here:
    """Stands for a pool of processes: does each job at once, in this process."""

    def __init__(self, *, initargs: tuple[Callable[[Any], Any]], **_settings: object) -> None:
        keep_job(*initargs)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        pass

    def shutdown(self, **_settings: object) -> None:
        """Have nothing to wait for."""

    def submit(self, job: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Do a job, and keep what it returns or raises."""
        future = Future[Any]()
        try:
            future.set_result(job(*arguments))
        except Exception as error:  # noqa: BLE001 - whatever it is, the caller is to get it
            future.set_exception(error)
        return future


@pytest.fixture
def in_this_process(monkeypatch: pytest.MonkeyPatch):
    """Do jobs in this process: a new one imports torch and the simulator for seconds before it begins."""
    monkeypatch.setattr(worker_pool, "ProcessPoolExecutor", Here)
    n_threads = torch.get_num_threads()
    yield
    torch.set_num_threads(n_threads)  # workers compute on one


@pytest.fixture
def quick_retelling(monkeypatch: pytest.MonkeyPatch):
    """Two films are retold, and policies look twice."""
    monkeypatch.setattr("daml.evaluation.retelling.RETELLINGS", 2)
    monkeypatch.setattr("daml.evaluation.first_looks.N_LOOKS", 2)


@pytest.fixture
def reading() -> Reading:
    """A red square is carried onto a blue one; a green one lies by."""
    picture = np.full((120, 160, 3), 180, np.uint8)
    picture[50:70, 30:50] = (200, 20, 20)
    picture[70:100, 90:130] = (20, 20, 200)
    picture[30:46, 60:76] = (20, 160, 20)
    outline = np.array([[30, 50], [50, 50], [50, 70], [30, 70]]) / (160, 120)
    put = np.array([[100, 80], [120, 80], [120, 95], [100, 95]]) / (160, 120)
    step = Step("pick-place", (0.25, 0.5), (0.68, 0.71), 0.2, 0.9, "right", outline, put, 0.9)
    hand = ActingHand(np.array([0.0, 1.0]), np.array([[0.2, 0.5], [0.7, 0.7]]))
    return Reading((step,), picture, (0.0, 0.0, 0.75, 1.0), hand, ((picture, picture),), 0.0)
