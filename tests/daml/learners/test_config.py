import dataclasses
import json
from typing import Any

import numpy as np
import pytest

from daml import envs
from daml.envs.scene.cameras import POSITION_JITTER, TARGET_JITTER
from daml.learners.config import PriorConfig
from daml.policies.head import PolicyConfig


def test_settings_survive_json():
    config = PriorConfig(image_size=(48, 64), inner_steps=3)

    assert PriorConfig.from_json(json.loads(json.dumps(dataclasses.asdict(config)))) == config


@pytest.mark.parametrize("variance", [0.0, -1.0])
def test_an_inner_prior_without_variance_is_refused(variance: float):
    with pytest.raises(ValueError, match="inner_variance: expected a"):
        PriorConfig(inner_variance=variance)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"human_frames": 1_000_000}, "human_frames: expected a whole number from 1 to 1,000, got 1000000"),
        ({"inner_steps": 1_000_000}, "inner_steps: expected a whole number from 0 to 100, got 1000000"),
        ({"image_size": [20_000, 20_000]}, "image_size: expected at most 4096 px a side, got 20000 x 20000"),
        ({"image_size": [4_000, 4_000]}, "image_size, human_frames: 16 frames of 4000 x 4000 px .* at most"),
        ({"image_size": [96]}, r"image_size: expected 2 numbers, got \(96,\)"),
        ({"inner_variance": "x"}, "inner_variance: expected a number"),
        ({"policy": dataclasses.asdict(PolicyConfig(n_points=900_000))}, "a layer 900000 wide"),
        ({"policy": dataclasses.asdict(PolicyConfig()) | {"channels": list(range(1, 100_000))}}, "99999 wide"),
        (
            {"policy": dataclasses.asdict(PolicyConfig()) | {"table_heights": [0.0, 0.1]}},
            "expected 3 numbers",
        ),
        ({"x" * 10_000: 1}, "unexpected keyword argument"),
        ({"method": ["daml"]}, "method: expected one of"),
        ({"method": "x" * 10_000}, "method: expected one of"),
    ],
)
def test_settings_that_no_machine_bears_are_refused_in_a_short_line(changes: dict[str, Any], message: str):
    with pytest.raises(ValueError, match=message) as refused:
        PriorConfig.from_json(dataclasses.asdict(PriorConfig()) | changes)
    assert len(str(refused.value)) < 500


def test_a_policys_table_and_camera_are_those_of_the_simulation():
    policy = PriorConfig().policy
    tasks = [envs.describe(envs.Task(kind, "train", i)).objects for kind in ("place", "pick-place") for i in range(100)]
    items = np.median([item.half_extents[2] for objects in tasks for item in objects.items])
    containers = np.median([container.height / 2 for objects in tasks for container in objects.containers])

    assert policy.table_heights == pytest.approx((items, containers, 0.0), abs=0.007)
    uniform = np.array([POSITION_JITTER, TARGET_JITTER]) / np.sqrt(3)  # standard deviations of uniform shifts
    assert (policy.camera_position_scale, policy.camera_aim_scale) == pytest.approx(tuple(uniform), abs=0.001)
