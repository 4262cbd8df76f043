import dataclasses
import json

import pytest

from daml.learners.config import PriorConfig


def test_settings_survive_json():
    config = PriorConfig(image_size=(48, 64), inner_steps=3)

    assert PriorConfig.from_json(json.loads(json.dumps(dataclasses.asdict(config)))) == config


@pytest.mark.parametrize("variance", [0.0, -1.0])
def test_an_inner_prior_without_variance_is_refused(variance: float):
    with pytest.raises(ValueError, match="inner_variance: expected a positive number or None"):
        PriorConfig(inner_variance=variance)
