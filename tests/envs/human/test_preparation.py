"""Laws of how a person gets ready."""

import numpy as np
import pytest

from daml.envs.human.choreography import Choreography, Waypoint
from daml.envs.human.person import draw_person
from daml.envs.human.preparation import Handled, prepare
from daml.envs.objects.items import Item

START, END = np.array([0.5, 0.1, 0.02]), np.array([0.55, -0.1, 0.08])


def course(entry: float) -> Choreography:
    away = START + 0.6 * np.array([np.cos(entry), np.sin(entry), 0.35])
    points = (
        (0.0, away, 1.0),
        (1.0, START, 1.0),
        (1.2, START, 0.0),
        (2.0, END, 0.0),
        (2.2, END, 1.0),
        (3.0, away, 1.0),
    )
    return Choreography(tuple(Waypoint(*point) for point in points), entry, grasped=1.2, released=2.1)


@pytest.mark.parametrize("entry", [0.0, 1.5, 3.1, 4.6])
@pytest.mark.parametrize("seed", range(3))
def test_people_sit_where_their_arm_comes_from_and_face_what_they_do(entry: float, seed: int):
    rng = np.random.default_rng(seed)
    acting = prepare(draw_person("train", rng), course(entry), Handled((0.02, 0.02, 0.02), is_round=True, yaw=0.0), rng)
    hips = acting.place.outside(acting.stance.hips) - (START + END) / 2
    assert hips[:2] @ [np.cos(entry), np.sin(entry)] > 0.15
    np.testing.assert_allclose(acting.place.axes[:2, 0], [-np.cos(entry), -np.sin(entry)], atol=1e-9)


def test_wide_things_take_all_fingers_and_small_ones_fewer():
    for seed in range(10):
        rng = np.random.default_rng(seed)
        person = draw_person("train", rng)
        names = {
            width: prepare(person, course(1.0), Handled((width, width, 0.03), is_round=True, yaw=0.0), rng).grasp_name
            for width in (0.01, 0.04)
        }
        assert names[0.01] in ("pinch", "tripod")
        assert names[0.04] == "whole"


def test_a_hand_that_lets_go_is_open_wider_than_one_that_holds_and_one_that_pushes_stays():
    rng = np.random.default_rng(0)
    person = draw_person("train", rng)
    for pushed in (False, True):
        acting = prepare(person, course(1.0), Handled((0.02, 0.02, 0.02), is_round=False, yaw=0.3, pushed=pushed), rng)
        holding, open_ = (
            np.linalg.norm(pose.pads[0] - pose.pads[1])
            for pose in (person.skeleton.pose(angles) for angles in (acting.closed, acting.opened))
        )
        assert open_ > holding + 0.01 if not pushed else open_ == holding
        assert acting.holds != pushed


def test_an_item_is_round_or_not_by_its_family():
    ball = Item("ball", (0.02, 0.02, 0.02), (1, 0, 0), (0, 1, 0), "plain")
    plank = Item("plank", (0.04, 0.03, 0.02), (1, 0, 0), (0, 1, 0), "plain")
    assert Handled.lying(ball, yaw=None) == Handled((0.02, 0.02, 0.02), is_round=True, yaw=None, pushed=False)
    assert Handled.lying(plank, yaw=0.5, pushed=True) == Handled(
        (0.04, 0.03, 0.02), is_round=False, yaw=0.5, pushed=True
    )


def test_the_same_numbers_prepare_alike():
    first, again = (
        prepare(draw_person("train", rng), course(2.0), Handled((0.03, 0.02, 0.02), is_round=False, yaw=0.2), rng)
        for rng in (np.random.default_rng(3), np.random.default_rng(3))
    )
    np.testing.assert_array_equal(first.axes, again.axes)
    np.testing.assert_array_equal(first.stance.hips, again.stance.hips)
