"""Laws of tracks: what frames showed of an item, and where it was."""

from collections.abc import Sequence
from pathlib import Path

import pytest
import torch

from daml import envs
from daml.collection.tracks import TrackConfig, Tracks, take_tracks
from daml.learners.prior import Prior
from daml.policies.goal import GOAL_SIZE
from daml.policies.tensor_trees import named_tensors
from daml.progress import Progress

CONFIG = TrackConfig(tasks=2)


@pytest.fixture
def folder(prior: Prior, tmp_path: Path) -> Path:
    prior.save_pretrained(tmp_path / "prior")
    return tmp_path / "prior"


def take(
    folder: Path, prior: Path, kinds: Sequence[str] = ("push",), config: TrackConfig = CONFIG, seed: int = 0
) -> list[Tracks]:
    return take_tracks(folder, prior, kinds, config=config, number=0, seed=seed, workers=1)


@pytest.mark.usefixtures("in_this_process")
def test_each_kind_has_its_rollouts_of_whole_episodes(folder: Path, tmp_path: Path):
    tracks = take(tmp_path / "tracks", folder, ("place", "push"))
    for kind, of_kind in zip(("place", "push"), tracks, strict=True):
        n_frames = envs.TASK_KINDS[kind].horizon
        assert of_kind.observed.pack().shape == (2, n_frames, GOAL_SIZE)
        assert (of_kind.states.shape, of_kind.places.shape) == ((2, n_frames, 9), (2, n_frames, 2))
        assert all(torch.isfinite(value).all() for value in of_kind.observed)
        assert not torch.equal(of_kind.places[0], of_kind.places[1])
    held = tracks[0].places[:, 0] - tracks[0].states[:, 0, :2]
    assert held.abs().max() < 0.02  # when placing, the item is in the gripper at first
    begins = tracks[1].states[:, 0, :2]
    assert (tracks[1].places[:, 0] - begins).norm(dim=1).min() > 0.02


@pytest.mark.usefixtures("in_this_process")
def test_the_stronger_the_disturbance_the_more_a_gripper_strays(folder: Path, tmp_path: Path):
    calm, shaken = (
        take(tmp_path / name, folder, config=TrackConfig(tasks=1, disturbance=disturbance))[0]
        for name, disturbance in (("calm", 0.0), ("shaken", 2.0))
    )
    assert torch.equal(calm.states[:, 0], shaken.states[:, 0])
    assert not torch.equal(calm.states[:, 5], shaken.states[:, 5])


@pytest.mark.usefixtures("in_this_process")
def test_the_users_seed_decides_layouts_and_disturbances(folder: Path, tmp_path: Path):
    first, again, other = (
        take(tmp_path / f"{number}", folder, config=TrackConfig(tasks=1), seed=seed)[0]
        for number, seed in enumerate((0, 0, 1))
    )
    for one, same in zip(named_tensors(first).values(), named_tensors(again).values(), strict=True):
        assert torch.equal(one, same)
    assert not torch.equal(first.places[:, 0], other.places[:, 0])


def test_what_is_there_is_not_recorded_again_and_comes_out_the_same(folder: Path, tmp_path: Path):
    first = take(tmp_path / "tracks", folder)[0]
    files = sorted((tmp_path / "tracks").iterdir())
    files[0].unlink()
    before = files[1].stat().st_mtime_ns
    seen: list[Progress] = []

    again = take_tracks(
        tmp_path / "tracks", folder, ["push"], config=CONFIG, number=0, seed=0, observers=[seen.append]
    )[0]

    frames = {"frames": envs.TASK_KINDS["push"].horizon}
    assert seen == [Progress("tracking 1", 1, 2), Progress("tracking 1", 2, 2, frames)]
    assert files[1].stat().st_mtime_ns == before
    for one, other in zip(named_tensors(first).values(), named_tensors(again).values(), strict=True):
        assert torch.equal(one, other)


@pytest.mark.usefixtures("in_this_process")
def test_each_round_has_tasks_of_its_own(folder: Path, tmp_path: Path):
    for number in (0, 1):
        take_tracks(tmp_path, folder, ["push"], config=TrackConfig(tasks=1), number=number, seed=0, workers=1)
    assert sorted(path.name for path in tmp_path.glob("*.safetensors")) == [
        "push-10000.safetensors",
        "push-10001.safetensors",
    ]


@pytest.mark.parametrize("name", ["rounds", "tasks", "first_task", "disturbance"])
def test_numbers_that_are_too_small_are_refused(name: str):
    with pytest.raises(ValueError, match=name):
        TrackConfig(**{name: -1})
