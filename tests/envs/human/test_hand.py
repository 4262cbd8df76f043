"""Laws of the demonstrator's hand."""

from dataclasses import replace

import mujoco
import numpy as np
import pytest
from numpy.typing import NDArray

from daml.envs.human.hand import FINGERS, JOINT_NAMES, SKIN_TONES, Hand, add_hand, draw_hand


def posed(hand: Hand, openness: float) -> tuple[mujoco.MjModel, mujoco.MjData]:
    spec = mujoco.MjSpec()
    spec.compiler.degree = False
    add_hand(spec, hand)
    model = spec.compile()
    data = mujoco.MjData(model)
    for name, angle in zip(JOINT_NAMES, hand.joint_angles(openness), strict=True):
        data.joint(name).qpos = angle
    mujoco.mj_forward(model, data)
    return model, data


def tip_of(model: mujoco.MjModel, data: mujoco.MjData, body: str) -> NDArray[np.float64]:
    """Return the far end of a body's last capsule: MuJoCo's z axis points from it to the near one."""
    capsules = [
        geom
        for geom in range(model.ngeom)
        if model.geom_bodyid[geom] == model.body(body).id
        and model.geom_type[geom] == int(mujoco.mjtGeom.mjGEOM_CAPSULE)
    ]
    geom = capsules[-1]
    return data.geom_xpos[geom] - data.geom_xmat[geom].reshape(3, 3)[:, 2] * model.geom_size[geom][1]


def hands(count: int = 20) -> list[Hand]:
    rng = np.random.default_rng(0)
    return [draw_hand(rng) for _ in range(count)]


def test_joint_names_are_those_of_the_model_and_each_has_an_angle():
    for hand in hands(5):
        model, _ = posed(hand, 0.0)
        assert sorted(model.joint(index).name for index in range(model.njnt)) == sorted(JOINT_NAMES)
        assert hand.joint_angles(0.5).shape == (len(JOINT_NAMES),)


def test_closed_fingers_meet_about_the_origin_and_open_ones_are_apart():
    for hand in hands():
        gaps: list[float] = []
        for openness in (0.0, 1.0):
            model, data = posed(hand, openness)
            finger, thumb = tip_of(model, data, "middle0"), tip_of(model, data, "thumb")
            gaps.append(float(np.linalg.norm(finger - thumb)))
            if openness == 0.0:
                assert np.linalg.norm(finger) < 0.06 * hand.size
                assert np.linalg.norm(thumb) < 0.06 * hand.size
        assert gaps[1] > gaps[0] + 0.02


def test_the_forearm_lies_behind_the_fingers_and_above_them():
    for hand in hands():
        model, data = posed(hand, 0.0)
        root = model.body("hand").id
        elbow = data.geom_xpos[max(geom for geom in range(model.ngeom) if model.geom_bodyid[geom] == root)]
        assert elbow[0] < -0.2 * hand.size
        assert elbow[2] > 0


def test_a_left_hand_mirrors_a_right_hand():
    right = next(hand for hand in hands() if not hand.left_handed and hand.grasping_fingers == 4)
    mirrored = Hand(**{**vars(right), "left_handed": True})
    tips = [tip_of(*posed(hand, 0.5), body) for hand in (right, mirrored) for body in ("middle0", "thumb")]
    np.testing.assert_allclose(tips[0] * (1, -1, 1), tips[2], atol=1e-6)
    np.testing.assert_allclose(tips[1] * (1, -1, 1), tips[3], atol=1e-6)


def test_fingers_that_take_no_part_are_curled_all_the_time():
    for hand in hands():
        moved = hand.joint_angles(1.0) != hand.joint_angles(0.0)
        assert moved.sum() == 1 + 2 * hand.grasping_fingers
        assert not moved[1 + 2 * hand.grasping_fingers :].any()


def test_the_hand_is_drawn_and_touches_nothing():
    for hand in hands(3):
        model, _ = posed(hand, 0.0)
        assert not model.geom_contype.any()
        assert not model.geom_conaffinity.any()


def test_people_differ():
    drawn = hands(100)
    assert {hand.left_handed for hand in drawn} == {True, False}
    assert len({hand.grasping_fingers for hand in drawn}) > 1
    assert max(hand.size for hand in drawn) / min(hand.size for hand in drawn) > 1.2
    nearest = {int(np.argmin(np.linalg.norm(np.subtract(SKIN_TONES, hand.skin), axis=1))) for hand in drawn}
    assert nearest == set(range(len(SKIN_TONES)))
    assert all(1 <= hand.grasping_fingers <= len(FINGERS) for hand in drawn)


@pytest.mark.parametrize("openness", [0.0, 0.3, 1.0])
def test_the_same_seed_draws_the_same_person(openness: float):
    first, again = (draw_hand(np.random.default_rng(4)) for _ in range(2))
    assert first == again
    np.testing.assert_array_equal(first.joint_angles(openness), again.joint_angles(openness))


def test_a_wide_sleeve_is_wider_and_nothing_else_changes():
    hand = hands(1)[0]
    plain, wide = (posed(replace(hand, sleeve_width=width), 0.0)[0] for width in (1.0, 1.5))
    changed = np.flatnonzero((plain.geom_size != wide.geom_size).any(axis=1))
    assert len(changed) == 2
    np.testing.assert_allclose(wide.geom_size[changed, 0], 1.5 * plain.geom_size[changed, 0])
    np.testing.assert_allclose(plain.geom_rgba[changed, :3], np.tile(hand.sleeve, (2, 1)), atol=1e-6)
