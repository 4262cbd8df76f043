"""Laws of where a person stands, and how the trunk follows the hand."""

import numpy as np
import pytest

from daml.envs.human.bodies import body_numbers, find_body
from daml.envs.human.stance import FARTHEST, LEAN_RANGE, NEAREST, Stance, draw_stance

EDGE = 0.45


def stances() -> list[Stance]:
    drawn: list[Stance] = []
    for seed, number in enumerate((*body_numbers("validation"), 10, 25)):
        rng = np.random.default_rng(seed)
        drawn.append(draw_stance(find_body(number), rng, wrist=np.array([-0.08, 0.0, 0.12]), edge=EDGE))
    return drawn


@pytest.mark.parametrize("stance", stances())
def test_the_wrist_is_always_within_reach(stance: Stance):
    rng = np.random.default_rng(1)
    for wrist in rng.uniform((-0.7, -0.3, 0.03), (0.3, 0.3, 0.4), (60, 3)):
        trunk = stance.trunk(wrist)
        distance = np.linalg.norm(trunk.inverse(wrist) - stance.arm.shoulder) / stance.arm.length
        assert distance < FARTHEST + 0.03
        end = stance.reach(trunk, wrist, np.eye(3)).joints[3]
        np.testing.assert_allclose(trunk.rotation @ end + trunk.offset, wrist, atol=0.01)


def test_while_the_hand_is_within_reach_the_trunk_stays():
    stance = stances()[0]
    for wrist in np.random.default_rng(0).uniform((-0.3, -0.2, 0.0), (0.2, 0.2, 0.2), (200, 3)):
        trunk = stance.trunk(wrist)
        distance = np.linalg.norm(trunk.inverse(wrist) - stance.arm.shoulder) / stance.arm.length
        if NEAREST + 0.02 < distance < FARTHEST - 0.02 and trunk.inverse(wrist)[0] > stance.arm.shoulder[0] + 0.05:
            np.testing.assert_allclose(trunk.rotation @ stance.body.hips + trunk.offset, stance.hips, atol=1e-9)


@pytest.mark.parametrize("stance", stances())
def test_the_trunk_follows_smoothly_and_never_lies_down(stance: Stance):
    way = np.linspace((-0.75, 0.1, 0.35), (0.15, -0.1, 0.05), 400)
    trunks = [stance.trunk(wrist) for wrist in way]
    offsets = np.stack([trunk.offset for trunk in trunks])
    assert np.linalg.norm(np.diff(offsets, axis=0), axis=1).max() < 0.02
    leans = [np.arctan2(trunk.rotation[0, 2], trunk.rotation[2, 2]) for trunk in trunks]
    assert min(leans) >= LEAN_RANGE[0] - 1e-9
    assert max(leans) <= LEAN_RANGE[1] + 1e-9


def test_nobodys_hips_are_in_the_table_at_ease():
    assert all(stance.hips[0] <= -EDGE for stance in stances())
