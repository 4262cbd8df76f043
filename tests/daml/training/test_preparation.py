"""Laws of giving a prior its pretrained trunk."""

import copy
import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from daml.batches.augmentation import AugmentationConfig
from daml.learners.prior import Prior
from daml.progress import Progress
from daml.training import pretraining
from daml.training.preparation import pictured_tasks, prepare_trunk
from daml.training.pretraining import PretrainingConfig

CONFIG = PretrainingConfig(steps=2, tasks=2, batch_tasks=2)


@pytest.fixture
def prepare() -> Callable[..., list[int]]:
    """Prepare a prior; return the steps of pretraining that were taken."""

    def run(
        prior: Prior, folder: Path, *, seed: int = 0, stop_at: int | None = None, config: PretrainingConfig = CONFIG
    ) -> list[int]:
        steps: list[int] = []

        def observe(progress: Progress) -> None:
            if progress.stage != "pretraining":
                return
            steps.append(progress.done)
            if progress.done == stop_at:
                raise KeyboardInterrupt

        prepare_trunk(
            prior,
            folder,
            kinds=("place", "push"),
            config=config,
            augmentation=AugmentationConfig(),
            seed=seed,
            observers=[observe],
        )
        return steps

    return run


def test_the_trunk_is_pretrained_once_and_the_rest_left_as_it_was(
    prior: Prior, prepare: Callable[..., list[int]], tmp_path: Path
):
    first, second = copy.deepcopy(prior), copy.deepcopy(prior)

    assert prepare(first, tmp_path / "pretrained") == [1, 2]
    (tmp_path / "pretrained-unfinished").mkdir()  # as a run leaves it that is killed at the last moment
    assert prepare(second, tmp_path / "pretrained") == []
    assert [path.name for path in tmp_path.iterdir()] == ["pretrained"]

    before = prior.state_dict()
    for name, value in first.state_dict().items():
        assert torch.equal(value, second.state_dict()[name])
        if not name.startswith("policy.trunk."):
            assert torch.equal(value, before[name])
    assert not torch.equal(first.policy.trunk.locators.bias, prior.policy.trunk.locators.bias)


def test_what_was_pretrained_otherwise_is_refused(prior: Prior, prepare: Callable[..., list[int]], tmp_path: Path):
    prepare(prior, tmp_path / "pretrained")

    with pytest.raises(ValueError, match="pretrained with other settings; choose a new output folder"):
        prepare(prior, tmp_path / "pretrained", seed=1)
    wider = dataclasses.replace(prior.config, policy=dataclasses.replace(prior.config.policy, channels=(8, 8, 8, 16)))
    with pytest.raises(ValueError, match="pretrained with other settings; choose a new output folder"):
        prepare(Prior(wider), tmp_path / "pretrained")


def test_a_stopped_preparation_goes_on_where_it_was(
    prior: Prior, prepare: Callable[..., list[int]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(pretraining, "SAVE_EVERY", 1)
    whole, stopped = copy.deepcopy(prior), copy.deepcopy(prior)

    assert prepare(whole, tmp_path / "whole") == [1, 2]
    with pytest.raises(KeyboardInterrupt):
        prepare(copy.deepcopy(prior), tmp_path / "stopped", stop_at=1)
    pictures = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("p*.safetensors")}
    assert len(pictures) == 3
    other = dataclasses.replace(CONFIG, learning_rate=1e-4)
    with pytest.raises(KeyboardInterrupt):  # other settings: from the beginning, with the same pictures
        prepare(copy.deepcopy(prior), tmp_path / "stopped", stop_at=1, config=other)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("p*.safetensors")} == pictures
    assert prepare(stopped, tmp_path / "stopped") == [2]

    for name, value in whole.state_dict().items():
        assert torch.equal(value, stopped.state_dict()[name])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["stopped", "whole"]


def test_without_steps_nothing_is_pictured(prior: Prior, prepare: Callable[..., list[int]], tmp_path: Path):
    assert prepare(prior, tmp_path / "pretrained", config=dataclasses.replace(CONFIG, steps=0)) == []
    assert list(tmp_path.iterdir()) == []


def test_fewer_scenes_of_placing_are_pictured():
    tasks = pictured_tasks(("place", "push"), PretrainingConfig(tasks=6, placing_share=0.5))

    assert [(task.kind, task.index) for task in tasks] == [
        *(("place", index) for index in range(3)),
        *(("push", index) for index in range(6)),
    ]
    assert {task.split for task in tasks} == {"train"}
    assert len(pictured_tasks(("place",), PretrainingConfig(tasks=6, placing_share=0.5))) == 6
