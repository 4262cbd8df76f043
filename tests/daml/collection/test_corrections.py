import itertools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from daml import envs
from daml.collection import corrections as correction
from daml.collection.corrections import ENDING_STEPS, LEARNING_STEPS, CorrectionConfig, correct, record_corrected
from daml.demos import DatasetInfo, DemoDataset, HumanDemo, RobotDemo, StoredTask, TaskDemos, create_dataset, write_task
from daml.learners.prior import Prior, PriorConfig
from daml.learners.temporal_loss import TemporalLossConfig
from daml.policies.head import PolicyConfig
from daml.progress import Progress

IMAGE_SIZE = 16


class Idler:
    """A policy that stays where it is and keeps its gripper open; it remembers what it was told was executed."""

    def __init__(self):
        self.executed: list[NDArray[np.floating]] = []

    def reset(self):
        self.executed = []

    def select_action(self, observation: Mapping[str, NDArray[Any]]) -> NDArray[np.float32]:
        assert observation["image"].shape == (IMAGE_SIZE, IMAGE_SIZE, 3)
        return np.array([0, 0, 0, -1], np.float32)

    def note(self, executed: NDArray[np.floating]):
        self.executed.append(executed)


def record(kind: str, policy: Any) -> RobotDemo:
    return record_corrected(policy, envs.Task(kind, "train", 0), seeds=iter([3, 4]), image_size=IMAGE_SIZE)


@pytest.mark.parametrize("kind", envs.KINDS)
def test_the_expert_says_what_to_do_whoever_acts(kind: str):
    policy = Idler()
    demo = record(kind, policy)

    idle = np.abs(demo.executed[:, :3]).max(axis=1) == 0
    told = np.abs(demo.actions[:, :3]).max(axis=1) > 0.1
    assert (idle & told).sum() > 10  # the policy idled where the expert would have moved
    assert (~idle & told).sum() > 10  # and the expert moved
    np.testing.assert_array_equal(demo.executed[~idle], demo.actions[~idle])
    np.testing.assert_array_equal(demo.executed, np.stack(policy.executed))
    assert len(demo) <= LEARNING_STEPS + ENDING_STEPS


def test_what_is_held_from_the_start_is_not_let_go_by_the_policy():
    demo = record("place", Idler())

    np.testing.assert_array_equal(demo.executed[:, 3], demo.actions[:, 3])
    assert demo.actions[0, 3] > 0


def test_the_demonstration_ends_in_success():
    demo = record("pick-place", Idler())
    env = envs.TabletopEnv("pick-place", image_size=IMAGE_SIZE)
    env.reset(seed=3, options={"task": envs.Task("pick-place", "train", 0)})
    info: dict[str, Any] = {}
    for action in demo.executed:
        *_, info = env.step(action)

    assert info["is_success"]


def test_a_task_that_the_expert_never_ends_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(correction, "ENDING_STEPS", 0)
    monkeypatch.setattr(correction, "EXPERT_STEPS", (0, 1))

    with pytest.raises(ValueError, match="push/train/0: the expert could not end what the policy began"):
        record("push", Idler())


@pytest.fixture
def tasks(tmp_path: Path) -> tuple[StoredTask, ...]:
    """Return five tasks with a human clip of noise each."""
    root = tmp_path / "dataset"
    create_dataset(root, DatasetInfo(image_size=(IMAGE_SIZE,) * 2, human_frame_rate_hz=12, robot_frame_rate_hz=10))
    rng = np.random.default_rng(0)
    for index in range(5):
        human = HumanDemo(rng.integers(0, 256, (8, IMAGE_SIZE, IMAGE_SIZE, 3), dtype=np.uint8), 12)
        robot = RobotDemo(
            frames=human.frames,
            states=np.zeros((8, 4), np.float32),
            actions=np.zeros((8, 4), np.float32),
            frame_rate_hz=10,
        )
        write_task(root, TaskDemos(kind="place", split="train", index=index, humans=(human,), robots=(robot,)))
    return DemoDataset(root).tasks("train")


@pytest.fixture
def prior(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    config = PriorConfig(
        policy=PolicyConfig(channels=(8, 8, 8, 8), hidden_size=16, readout_size=8),
        temporal_loss=TemporalLossConfig(n_outputs=4, kernel_size=3, gate_size=6),
        image_size=(IMAGE_SIZE, IMAGE_SIZE),
        human_frames=6,
    )
    Prior(config).save_pretrained(tmp_path / "prior")
    return tmp_path / "prior"


@pytest.mark.usefixtures("in_this_process")
def test_rounds_take_turns_among_the_tasks_and_keep_the_human_videos(
    tasks: tuple[StoredTask, ...], prior: Path, tmp_path: Path
):
    config = CorrectionConfig(tasks=2)
    chosen: list[list[int]] = []
    for number in (1, 2, 3):
        output = tmp_path / f"corrections-{number}"
        correct(prior, tasks, output, config=config, number=number, workers=1)
        corrected = DemoDataset(output).tasks("train")
        chosen.append([task.index for task in corrected])
        for task in corrected:
            np.testing.assert_array_equal(task.human(0).frames, tasks[task.index].human(0).frames)

    assert chosen == [[0, 1], [2, 3], [0, 4]]


def test_a_stopped_round_goes_on_to_the_same_bytes(tasks: tuple[StoredTask, ...], prior: Path, tmp_path: Path):
    class StoppedError(Exception):
        pass

    def stop(progress: Progress):
        if progress.done:
            raise StoppedError

    config = CorrectionConfig(tasks=5)
    correct(prior, tasks, tmp_path / "whole", config=config, workers=1)
    with pytest.raises(StoppedError):
        correct(prior, tasks, tmp_path / "parts", config=config, workers=1, observers=[stop])
    seen: list[int] = []
    correct(prior, tasks, tmp_path / "parts", config=config, workers=1, observers=[lambda p: seen.append(p.done)])

    assert 0 < seen[0] < 5  # up to four had been handed out when the first was done
    assert seen == list(range(seen[0], 6))
    whole, parts = (DemoDataset(tmp_path / name).tasks("train") for name in ("whole", "parts"))
    for one, other in itertools.zip_longest(whole, parts):
        assert (one.folder / "steps.npz").read_bytes() == (other.folder / "steps.npz").read_bytes()
        assert (one.folder / "frames.npy").read_bytes() == (other.folder / "frames.npy").read_bytes()


@pytest.mark.usefixtures("in_this_process")
def test_settings_of_another_round_are_refused(tasks: tuple[StoredTask, ...], prior: Path, tmp_path: Path):
    config = CorrectionConfig(tasks=1)
    correct(prior, tasks, tmp_path / "corrections", config=config, workers=1)

    with pytest.raises(ValueError, match="holds a dataset of other settings"):
        correct(prior, tasks, tmp_path / "corrections", config=config, number=2, workers=1)


@pytest.mark.usefixtures("in_this_process")
def test_corrections_of_another_prior_or_of_other_demonstrations_are_refused(
    tasks: tuple[StoredTask, ...], prior: Path, tmp_path: Path
):
    config, output = CorrectionConfig(tasks=1), tmp_path / "corrections"
    correct(prior, tasks, output, config=config, workers=1)

    other = Prior.from_pretrained(prior)
    torch.nn.init.zeros_(next(other.parameters()))
    other.save_pretrained(tmp_path / "other")
    with pytest.raises(ValueError, match="holds a dataset of other settings"):
        correct(tmp_path / "other", tasks, output, config=config, workers=1)

    frames_file = tasks[3].folder / "frames.npy"
    np.save(frames_file, 255 - np.load(frames_file))
    changed = DemoDataset(tasks[0].folder.parent.parent).tasks("train")
    with pytest.raises(ValueError, match="holds a dataset of other settings"):
        correct(prior, changed, output, config=config, workers=1)


@pytest.mark.usefixtures("in_this_process")
def test_a_round_goes_on_under_other_software_and_with_more_rounds_to_come(
    tasks: tuple[StoredTask, ...], prior: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    correct(prior, tasks, tmp_path / "corrections", config=CorrectionConfig(tasks=1), workers=1)
    monkeypatch.setattr("daml.collection.demonstrations.versions", lambda: {"daml": "another"})
    correct(prior, tasks, tmp_path / "corrections", config=CorrectionConfig(tasks=1, rounds=3, steps=5), workers=1)


@pytest.mark.parametrize(
    ("name", "value"), [("rounds", -1), ("tasks", 0), ("copies", 0), ("steps", 0), ("trunk_rate_share", -1)]
)
def test_numbers_that_are_too_small_are_refused(name: str, value: int):
    with pytest.raises(ValueError, match=f"{name}: expected at least"):
        CorrectionConfig(**{name: value})
