import dataclasses
import json

import numpy as np
import pytest

from daml import envs
from daml.envs.scene.cameras import POSITION_JITTER, TARGET_JITTER
from daml.learners.config import PriorConfig


def test_settings_survive_json():
    config = PriorConfig(image_size=(48, 64), inner_steps=3)

    assert PriorConfig.from_json(json.loads(json.dumps(dataclasses.asdict(config)))) == config


@pytest.mark.parametrize("variance", [0.0, -1.0])
def test_an_inner_prior_without_variance_is_refused(variance: float):
    with pytest.raises(ValueError, match="inner_variance: expected a positive number or None"):
        PriorConfig(inner_variance=variance)


def test_a_policys_table_and_camera_are_those_of_the_simulation():
    policy = PriorConfig().policy
    tasks = [envs.describe(envs.Task(kind, "train", i)).objects for kind in ("place", "pick-place") for i in range(100)]
    items = np.median([item.half_extents[2] for objects in tasks for item in objects.items])
    containers = np.median([container.height / 2 for objects in tasks for container in objects.containers])

    assert policy.table_heights == pytest.approx((items, containers, 0.0), abs=0.007)
    uniform = np.array([POSITION_JITTER, TARGET_JITTER]) / np.sqrt(3)  # standard deviations of uniform shifts
    assert (policy.camera_position_scale, policy.camera_aim_scale) == pytest.approx(tuple(uniform), abs=0.001)
