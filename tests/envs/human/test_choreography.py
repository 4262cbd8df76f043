"""Laws of the human's course: where the hand is, when it holds the item, and how people differ."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from daml.envs.human.choreography import (
    ENTRY_RANGE,
    OUT_OF_VIEW,
    PUSHING_GAP,
    UNOBSTRUCTED,
    Choreography,
    Style,
    choreograph,
    draw_free_style,
    draw_style,
)
from daml.envs.objects.task_objects import Objects
from daml.envs.tasks.kinds import TASK_KINDS, draw_objects
from daml.envs.tasks.layout import Layout
from daml.envs.tasks.task import ALL_KINDS as KINDS
from daml.envs.tasks.task import SPLITS, Task


class Scene(NamedTuple):
    """A course, and what it was planned for."""

    objects: Objects
    layout: Layout
    target: int
    style: Style
    course: Choreography


def scenes(kind: str, count: int = 12) -> list[Scene]:
    """Return courses of several people to every choice of several tasks."""
    drawn: list[Scene] = []
    for index in range(count):
        rng = np.random.default_rng(index)
        objects = draw_objects(Task(kind, SPLITS[index % 3], index))
        layout, style = TASK_KINDS[kind].draw_layout(objects, rng), draw_style(rng)
        for target in range(objects.n_targets):
            course = choreograph(kind, objects, layout, target=target, style=style)
            drawn.append(Scene(objects, layout, target, style, course))
    return drawn


def speed(course: Choreography, now: float) -> float:
    return float(np.linalg.norm(course.position(now + 1e-5) - course.position(now - 1e-5))) / 2e-5


@pytest.mark.parametrize("kind", KINDS)
def test_the_hand_passes_every_waypoint_at_its_time_and_at_rest(kind: str):
    for scene in scenes(kind, 4):
        times = [point.time for point in scene.course.waypoints]
        assert times[0] == 0
        assert (np.diff(times) > 0).all()
        assert scene.course.end == times[-1]
        for point in scene.course.waypoints:
            np.testing.assert_allclose(scene.course.position(point.time), point.position, atol=1e-9)
            assert scene.course.openness(point.time) == pytest.approx(point.openness)
            assert speed(scene.course, point.time) < 1e-3
        np.testing.assert_array_equal(scene.course.position(times[-1] + 1), scene.course.waypoints[-1].position)


@pytest.mark.parametrize("kind", KINDS)
def test_the_hand_never_jumps_nor_goes_below_the_table(kind: str):
    for scene in scenes(kind, 4):
        course = np.stack([scene.course.position(now) for now in np.arange(0, scene.course.end, 0.01)])
        assert np.linalg.norm(np.diff(course, axis=0), axis=1).max() < 0.03  # 3 m/s
        assert course[:, 2].min() > 0.01


@pytest.mark.parametrize("kind", KINDS)
def test_the_hand_comes_from_out_of_view_and_the_fingers_are_closed_while_they_hold(kind: str):
    for scene in scenes(kind):
        first, second = scene.course.waypoints[:2]
        assert np.linalg.norm(first.position - second.position) >= OUT_OF_VIEW
        assert ENTRY_RANGE[0] <= scene.course.entry <= ENTRY_RANGE[1]
        assert 0 <= scene.course.grasped < scene.course.released < scene.course.end
        held = [scene.course.openness(now) for now in np.linspace(scene.course.grasped, scene.course.released, 50)]
        assert min(held) == 0
        assert max(held) <= 0.5 + 1e-9


@pytest.mark.parametrize("kind", ["place", "pick-place"])
def test_the_item_is_let_go_over_the_container_asked_for_and_above_its_rim(kind: str):
    for scene in scenes(kind):
        choice = scene.objects.choice(scene.target)
        release = scene.course.position(scene.course.released)
        container = scene.objects.containers[choice.container]
        miss = release[:2] - scene.layout.container_positions[choice.container]
        np.testing.assert_allclose(miss, scene.style.offset, atol=1e-9)
        assert release[2] - scene.objects.items[choice.item].half_extents[2] > container.height
        assert scene.course.openness(scene.course.end) == 1


def test_a_placing_hand_holds_the_item_from_the_start():
    assert all(scene.course.grasped == 0 for scene in scenes("place"))


def test_a_picking_hand_comes_open_and_takes_the_item_where_it_lies_and_carries_it_lifted():
    for scene in scenes("pick-place"):
        number = scene.objects.choice(scene.target).item
        lies = np.array([*scene.layout.item_positions[number], scene.objects.items[number].half_extents[2]])
        grasped = scene.course.grasped
        assert scene.course.openness(0) == 1
        np.testing.assert_allclose(scene.course.position(grasped), lies, atol=1e-9)
        held = np.stack([scene.course.position(now) for now in np.linspace(grasped, scene.course.released, 400)])
        away_from_ends = [np.linalg.norm(held[:, :2] - end[:2], axis=1) > 0.01 for end in (held[0], held[-1])]
        assert held[np.logical_and(*away_from_ends), 2].min() > lies[2] + 0.03


def test_a_pushing_hand_stays_closed_and_goes_straight_behind_the_item_to_the_zone():
    for scene in scenes("push"):
        number = scene.objects.choice(scene.target).item
        item, lies = scene.objects.items[number], scene.layout.item_positions[number]
        way = scene.layout.zone_position + scene.style.offset - lies
        ahead = way / np.linalg.norm(way)
        touch, stop = scene.course.position(scene.course.grasped), scene.course.position(scene.course.released)
        np.testing.assert_allclose(touch[:2], lies - (item.half_extents[1] + PUSHING_GAP) * ahead, atol=1e-9)
        np.testing.assert_allclose((stop - touch)[:2], way, atol=1e-9)
        assert 0 < touch[2] < 2 * item.half_extents[2]
        for now in np.linspace(scene.course.grasped, scene.course.released, 20):
            off_the_line = _cross(scene.course.position(now)[:2] - touch[:2], ahead)
            assert abs(off_the_line) < 1e-9
        assert {point.openness for point in scene.course.waypoints} == {0.0}


def _cross(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    return float(first[0] * second[1] - first[1] * second[0])


def test_people_take_their_time_differently():
    rng = np.random.default_rng(0)
    styles = [draw_style(rng) for _ in range(50)]
    assert len({style.reach_time for style in styles}) == 50
    assert {style.hover_time > 0 for style in styles} == {True, False}
    assert {style.still_time > 0 for style in styles} == {True, False}
    # Nobody reaches in from the camera's side, in front of the lens.
    assert all(np.cos(style.entry) < 0.7 for style in styles)


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_seed_plans_the_same_course_and_another_choice_another(kind: str):
    first, again = scenes(kind, 2), scenes(kind, 2)
    for scene, same in zip(first, again, strict=True):
        for point, same_point in zip(scene.course.waypoints, same.course.waypoints, strict=True):
            np.testing.assert_array_equal(point.position, same_point.position)
    held = [
        (tuple(scene.course.position(scene.course.grasped)), tuple(scene.course.position(scene.course.released)))
        for scene in first
    ]
    assert len(set(held)) == len(held)


@pytest.mark.parametrize("kind", KINDS)
def test_a_retimed_course_passes_the_same_places_at_other_times(kind: str):
    for scene in scenes(kind, count=3):
        slow = scene.course.retimed(2.0)
        assert slow.end == 2 * scene.course.end
        assert (slow.grasped, slow.released) == (2 * scene.course.grasped, 2 * scene.course.released)
        for now in np.linspace(0, scene.course.end, 20):
            np.testing.assert_allclose(slow.position(2 * now), scene.course.position(now), atol=1e-9)
            assert slow.openness(2 * now) == pytest.approx(scene.course.openness(now))


@pytest.mark.parametrize("camera_side", [-2.0, 0.0, 2.5])
def test_before_a_camera_anywhere_people_come_from_any_other_side_or_are_there_and_may_stay(camera_side: float):
    rng = np.random.default_rng(0)
    styles = [draw_free_style(rng, camera_side=camera_side) for _ in range(200)]
    gaps = np.array([abs((style.entry - camera_side + np.pi) % (2 * np.pi) - np.pi) for style in styles])
    assert gaps.min() >= UNOBSTRUCTED
    assert gaps.max() > 3.0
    assert 0.1 < np.mean([style.approach < 1 for style in styles]) < 0.4
    assert 0.1 < np.mean([style.withdrawal < 0.3 for style in styles]) < 0.4


@pytest.mark.parametrize("kind", KINDS)
def test_a_hand_that_is_there_from_the_start_has_less_way_to_go(kind: str):
    rng = np.random.default_rng(1)
    objects = draw_objects(Task(kind, "train", 0))
    layout, style = TASK_KINDS[kind].draw_layout(objects, rng), draw_free_style(rng, camera_side=1.0)
    ways: list[float] = []
    for approach in (0.0, 0.3, 1.0):
        course = choreograph(kind, objects, layout, target=0, style=replace(style, approach=approach, hover_time=0.2))
        ways.append(float(np.linalg.norm(course.position(0.0) - course.position(style.reach_time))))
        assert np.cos(course.entry - 1.0) <= np.cos(UNOBSTRUCTED) + 1e-9
    assert ways[0] == pytest.approx(0)
    assert 0 < ways[1] < ways[2]
