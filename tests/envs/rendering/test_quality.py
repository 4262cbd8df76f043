"""Laws of what is spent per image."""

import dataclasses

import pytest

from daml.envs.rendering.quality import PERSON_QUALITY, POLICY_QUALITY


def test_people_see_shadows_and_smooth_edges_and_policies_do_without():
    assert PERSON_QUALITY.effects
    assert PERSON_QUALITY.samples > POLICY_QUALITY.samples == 0
    assert PERSON_QUALITY.shadow_map > POLICY_QUALITY.shadow_map == 0
    assert not POLICY_QUALITY.effects


def test_a_quality_stays_as_it_is_and_can_be_looked_up_by():
    with pytest.raises(dataclasses.FrozenInstanceError):
        POLICY_QUALITY.samples = 1  # pyright: ignore[reportAttributeAccessIssue]
    assert len({PERSON_QUALITY, POLICY_QUALITY, dataclasses.replace(POLICY_QUALITY)}) == 2
