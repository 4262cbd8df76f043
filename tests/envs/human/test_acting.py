"""Laws of people in action."""

import mujoco
import numpy as np
import pytest
from numpy.typing import NDArray

from daml.envs.human.acting import Acting, Place
from daml.envs.human.bodies import ARM_BONES
from daml.envs.human.choreography import Choreography, Waypoint
from daml.envs.human.person import add_person, bone_names, draw_person
from daml.envs.human.preparation import Handled, prepare

START, END = np.array([0.5, 0.1, 0.02]), np.array([0.55, -0.1, 0.08])


def acting(seed: int = 0, *, left_handed: bool | None = None) -> tuple[Acting, Choreography]:
    """Return somebody who carries a thing, and the course of the hand."""
    rng = np.random.default_rng(seed)
    person = draw_person("train", rng)
    while left_handed is not None and person.left_handed != left_handed:
        person = draw_person("train", rng)
    entry = float(rng.uniform(0, 6))
    away = START + 0.6 * np.array([np.cos(entry), np.sin(entry), 0.35])
    points = (
        (0.0, away, 1.0),
        (1.0, START, 1.0),
        (1.2, START, 0.0),
        (2.0, END, 0.0),
        (2.2, END, 1.0),
        (3.0, away, 1.0),
    )
    course = Choreography(tuple(Waypoint(*point) for point in points), entry, grasped=1.2, released=2.1)
    return prepare(person, course, Handled((0.03, 0.02, 0.02), is_round=False, yaw=0.2), rng), course


def scene(actor: Acting) -> tuple[mujoco.MjModel, mujoco.MjData]:
    spec = mujoco.MjSpec()
    add_person(spec, actor.person)
    model = spec.compile()
    return model, mujoco.MjData(model)


def places(model: mujoco.MjModel, data: mujoco.MjData, side: str) -> NDArray[np.float64]:
    """Return where the bones of an arm begin in the world, as `ARM_BONES`."""
    return np.stack([data.mocap_pos[model.body(name).mocapid[0]] for name in bone_names(side)])


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("seed", range(3))
def test_landmarks_are_the_joints_of_the_scene(seed: int, side: str):
    actor, course = acting(seed, left_handed=side == "left")
    model, data = scene(actor)
    for now in (0.0, 0.8, 1.2, 1.7, 2.2, 2.8):
        position, openness = course.position(now), course.openness(now)
        actor.pose(data, position, openness=openness)
        landmarks = actor.landmarks(position, openness=openness)
        arm = places(model, data, "acting")
        np.testing.assert_allclose(landmarks[0], arm[ARM_BONES.index("hand")], atol=0.005)
        np.testing.assert_allclose(landmarks[[1, 2, 3, 5, 6, 7, 9, 10, 11]], arm[4:13], atol=0.005)
        np.testing.assert_allclose(data.mocap_pos[0], position, atol=1e-9)


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("seed", range(3))
def test_thumb_and_fingers_close_upon_the_point(seed: int, side: str):
    actor, _ = acting(seed, left_handed=side == "left")
    for position in (START, END, (START + END) / 2):
        landmarks = actor.landmarks(position, openness=0.0)
        thumb, index = landmarks[4], landmarks[8]
        np.testing.assert_array_equal(actor.pinch(position, openness=0.0), np.mean([thumb, index], axis=0))
        assert np.linalg.norm((thumb + index) / 2 - position) < 0.035
        assert np.linalg.norm(thumb - position) < 0.05


@pytest.mark.parametrize("side", ["left", "right"])
def test_a_left_hand_is_on_the_left_and_turned_as_one(side: str):
    actor, _ = acting(1, left_handed=side == "left")
    model, data = scene(actor)
    actor.pose(data, START, openness=0.0)
    ahead = np.array([np.cos(actor.place.heading), np.sin(actor.place.heading), 0.0])
    left = np.cross([0.0, 0.0, 1.0], ahead)
    acting_shoulder, idle_shoulder = (places(model, data, arm)[0] for arm in ("acting", "idle"))
    assert ((acting_shoulder - idle_shoulder) @ left > 0.1) == (side == "left")
    for number in range(model.nmocap):  # rotations, not reflections
        assert np.linalg.norm(data.mocap_quat[number]) == pytest.approx(1)
    # The back of the hand is where it is in a hand of that side.
    wrist, index, little = actor.landmarks(START, openness=0.0)[[0, 5, 17]]
    back = np.cross(index - wrist, little - wrist) * (1 if side == "left" else -1)
    assert back[2] / np.linalg.norm(back) > -0.5


@pytest.mark.parametrize("seed", range(4))
def test_nobody_jumps(seed: int):
    actor, course = acting(seed)
    model, data = scene(actor)
    before: NDArray[np.float64] | None = None
    for now in np.arange(0.0, course.end, 0.02):
        actor.pose(data, course.position(now), openness=course.openness(now))
        arm = places(model, data, "acting")
        if before is not None:
            assert np.linalg.norm(arm - before, axis=1).max() < 0.12  # 6 m/s, of an elbow that swings round
        before = arm


def test_the_held_thing_is_across_the_hand_and_the_hand_keeps_its_turn_while_it_holds():
    actor, course = acting(2)
    turns = [actor.landmarks(course.position(now), openness=0.0) - course.position(now) for now in (1.2, 1.5, 1.9)]
    np.testing.assert_allclose(turns[0], turns[1], atol=1e-9)
    np.testing.assert_allclose(turns[0], turns[2], atol=1e-9)
    thumb, index = turns[0][[4, 8]]
    across = np.array([-np.sin(actor.held_yaw), np.cos(actor.held_yaw)])
    assert abs(across @ (index - thumb)[:2]) > 0.5 * np.linalg.norm((index - thumb)[:2])


def test_a_persons_frame_there_and_back():
    rng = np.random.default_rng(0)
    points = rng.normal(size=(5, 3))
    for mirrored in (False, True):
        place = Place(np.array([0.5, 0.1, 0.0]), 1.0, mirrored)
        np.testing.assert_allclose(place.outside(place.inside(points)), points)
        assert np.linalg.det(place.axes) == pytest.approx(-1 if mirrored else 1)
        assert np.linalg.det(place.turned(np.eye(3)[None])[0]) == pytest.approx(1)


def test_the_same_numbers_act_alike():
    first, again = (acting(5)[0].landmarks(START, openness=0.3) for _ in range(2))
    np.testing.assert_array_equal(first, again)
