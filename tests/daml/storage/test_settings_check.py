"""Laws of settings read from files."""

import dataclasses
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daml.learners.prior import PriorConfig
from daml.policies.head import PolicyConfig
from daml.storage.settings_check import check_least, check_settings


def test_the_settings_of_a_prior_pass():
    check_settings(PriorConfig(provenance={"anything": [None, {}]}))


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"human_frames": "12"}, "human_frames"),
        ({"human_frames": 12.0}, "human_frames"),
        ({"human_frames": True}, "human_frames"),
        ({"human_frames": 0}, "human_frames"),
        ({"human_frames": 10**9}, "human_frames"),
        ({"gradient_clip": float("nan")}, "gradient_clip"),
        ({"gradient_clip": float("inf")}, "gradient_clip"),
        ({"image_size": (64, -64)}, "image_size"),
        ({"provenance": 3}, "provenance"),
        ({"method": "telepathy"}, "method"),
        ({"inner_gradient": None}, "inner_gradient"),
        ({"learned_step_sizes": 1}, "learned_step_sizes"),
        ({"policy": PolicyConfig(n_points=None)}, "policy.n_points"),
        ({"policy": PolicyConfig(channels=(1, 2, 3, "4"))}, "policy.channels"),
    ],
)
def test_another_type_or_an_impossible_size_is_named(changes: dict[str, Any], name: str):
    with pytest.raises(ValueError, match=f"^{name}: expected"):
        check_settings(dataclasses.replace(PriorConfig(), **changes))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from([field.name for field in dataclasses.fields(PriorConfig)]), json_values)
def test_whatever_json_holds_is_settings_or_a_value_error(name: str, value: object):
    document = dataclasses.asdict(PriorConfig()) | {name: value}
    try:
        config = PriorConfig.from_json(document)
    except ValueError:
        return
    check_settings(config)


@dataclasses.dataclass
class Counts:
    steps: float | None = None
    seed: int = 0


def test_a_number_out_of_bounds_is_named_but_for_seeds():
    check_least(Counts(steps=1, seed=10**30), {"steps": 1, "seed": 0})
    check_least(Counts(), {"steps": 1})
    for value in (0, float("nan"), 10**12, float("inf")):
        with pytest.raises(ValueError, match=r"^steps: expected at "):
            check_least(Counts(steps=value), {"steps": 1})
