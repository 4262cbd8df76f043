from typing import Any

import pytest

from daml.learners.prior import PriorConfig
from daml.training.meta_training_config import MetaTrainingConfig


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"log_every": 0}, "log_every: expected at least 1, got 0"),
        ({"trunk_rate_share": -0.1}, "trunk_rate_share: expected at least 0, got -0.1"),
        ({"cached_clips": -1}, "cached_clips: expected at least 0, got -1"),
        ({"save_every": 25}, "save_every: expected a multiple of log_every"),
        ({"prior": PriorConfig(human_frames=9)}, "batch.human_frames is 16, but prior.human_frames is 9"),
    ],
)
def test_settings_that_do_not_fit_are_refused(changes: dict[str, Any], message: str):
    with pytest.raises(ValueError, match=message):
        MetaTrainingConfig(**changes)
