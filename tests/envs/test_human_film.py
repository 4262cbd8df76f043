"""Laws of the simulated human's films: what was asked for is what ends up done."""

import mujoco
import numpy as np
import pytest
from numpy.typing import NDArray

from daml.envs import human_film as human
from daml.envs.human.acting import Acting
from daml.envs.human.choreography import UNOBSTRUCTED
from daml.envs.human_film import FRAME_RATE_HZ, READ_MARGIN_S, Performance, film_guided, film_human
from daml.envs.rendering.quality import POLICY_QUALITY, RenderQuality
from daml.envs.rendering.renderer import OffscreenRenderer
from daml.envs.scene.cameras import draw_filming_camera
from daml.envs.shot import Shot
from daml.envs.tasks.judging import container_holding
from daml.envs.tasks.kinds import TASK_KINDS, draw_objects
from daml.envs.tasks.task import ALL_KINDS as KINDS
from daml.envs.tasks.task import SPLITS, Task

# More than a brush against it, less than anybody sees.
UNMOVED = 2e-3


def item_courses(performance: Performance) -> NDArray[np.float64]:
    """Play, and return where the items are at each frame, `(T, n, 3)`."""
    data, n_items = performance.data, sum(name.startswith("item") for name in body_names(performance.model))
    return np.stack([np.stack([data.body(f"item{slot}").xpos for slot in range(n_items)]) for _ in performance.play()])


def body_names(model: mujoco.MjModel) -> list[str]:
    return [model.body(body).name for body in range(model.nbody)]


@pytest.mark.parametrize("kind", KINDS)
def test_a_film_is_a_stack_of_frames_of_a_few_seconds_that_moves(kind: str):
    frames, frame_rate_hz = film_human(Shot(Task(kind, "train", 0), seed=0, image_size=48))
    assert frames.dtype == np.uint8
    assert frames.shape[1:] == (48, 48, 3)
    assert frame_rate_hz == FRAME_RATE_HZ
    assert 1.5 < len(frames) / frame_rate_hz < 8
    assert max((frame != frames[0]).any(axis=2).mean() for frame in frames) > 0.05


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_seed_films_the_same_pixels_and_another_seed_others(kind: str):
    first, again, other = (film_human(Shot(Task(kind, "train", 0), seed=seed, image_size=32))[0] for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert first.shape != other.shape or (first != other).any()


@pytest.mark.parametrize("split", SPLITS)
@pytest.mark.parametrize("kind", KINDS)
def test_whichever_choice_is_asked_for_is_what_ends_up_done(kind: str, split: str):
    for index in range(4):
        task = Task(kind, split, index)
        objects = draw_objects(task)
        layout = TASK_KINDS[kind].draw_layout(objects, np.random.default_rng(index))
        for target in (None, *range(objects.n_targets)):
            courses = item_courses(Performance.draw(task, seed=index, target=target))
            item, container, _ = objects.choice(objects.target if target is None else target)
            place = courses[-1, item]
            if objects.zone is not None:
                miss = np.linalg.norm(place[:2] - layout.zone_position)
                assert miss + objects.items[item].reach < objects.zone.radius
            else:
                assert container_holding(place, objects.items[item], objects.containers, layout) == container
            others = np.delete(courses, item, axis=1)
            assert np.linalg.norm(others - others[0], axis=2).max(initial=0.0) < UNMOVED


@pytest.mark.parametrize("kind", KINDS)
def test_the_item_moves_with_the_hand_while_it_is_held_and_only_then(kind: str):
    for seed in range(4):
        performance = Performance.draw(Task(kind, "train", seed), seed=seed)
        item, course = performance.data.body(f"item{performance.item}"), performance.choreography
        offsets: list[NDArray[np.float64]] = []
        before: list[NDArray[np.float64]] = []
        for now in performance.play():
            if now < course.grasped:
                before.append(item.xpos.copy())
            elif now < course.released:
                offsets.append(item.xpos - performance.data.mocap_pos[0])
        assert len(offsets) > 3
        np.testing.assert_allclose(offsets, np.broadcast_to(offsets[0], np.shape(offsets)), atol=1e-9)
        assert len(before) == 0 or np.ptp(before, axis=0).max() < UNMOVED
        assert (len(before) == 0) == performance.starts_holding


@pytest.mark.parametrize("kind", KINDS)
def test_another_choice_is_another_film_that_begins_with_the_same_scene(kind: str):
    task = Task(kind, "train", 0)
    objects = draw_objects(task)
    films = [film_human(Shot(task, seed=5, image_size=48, target=target))[0] for target in range(objects.n_targets)]
    for film in films[1:]:
        np.testing.assert_array_equal(film[0], films[0][0])
        assert (film[-1] != films[0][-1]).any()
    named = film_human(Shot(task, seed=5, image_size=48))[0]
    np.testing.assert_array_equal(named, films[objects.target])


@pytest.mark.parametrize("kind", KINDS)
def test_the_film_begins_before_the_hand_comes_into_view(monkeypatch: pytest.MonkeyPatch, kind: str):
    in_view: list[int] = []

    class EmptyHanded(OffscreenRenderer):
        """Draws some frames once more with neither hand nor carried item, and counts the pixels that differ."""

        def load(self, model: mujoco.MjModel) -> None:
            super().load(model)
            carried = ["hand", "item0"] if kind == "place" else ["hand"]
            roots = model.body_rootid[model.geom_bodyid]
            self.hidden = np.isin(roots, [model.body(name).id for name in carried])
            self.model, self.frames = model, 0

        def render(
            self, data: mujoco.MjData, camera: str, *, quality: RenderQuality = POLICY_QUALITY
        ) -> NDArray[np.uint8]:
            image = super().render(data, camera, quality=quality)
            if self.frames in (0, 15):
                before = self.model.geom_rgba.copy()
                self.model.geom_rgba[self.hidden, 3] = 0
                in_view.append(int((super().render(data, camera, quality=quality) != image).any(axis=2).sum()))
                self.model.geom_rgba[:] = before
            self.frames += 1
            return image

    monkeypatch.setattr(human, "OffscreenRenderer", EmptyHanded)
    for seed in range(6):
        film_human(Shot(Task(kind, SPLITS[seed % 3], seed), seed=seed, image_size=64))
    first, later = in_view[::2], in_view[1::2]
    assert first == [0] * 6
    # A second and a quarter later it is there.
    assert min(later) > 0


@pytest.mark.parametrize(
    ("kind", "slot", "last"), [("place", -1, 2), ("place", 3, 2), ("push", 2, 1), ("pick-place", 4, 3)]
)
def test_a_slot_that_is_not_there_is_refused(kind: str, slot: int, last: int):
    with pytest.raises(ValueError, match=f"target slot is {slot}; expected 0 to {last}"):
        film_human(Shot(Task(kind, "train", 0), seed=0, image_size=32, target=slot))


@pytest.mark.parametrize("kind", KINDS)
def test_there_is_no_robot_in_the_scene(kind: str):
    names = body_names(Performance.draw(Task(kind, "test", 0), seed=0).model)
    assert "hand" in names
    assert not {"base", "link1", "finger_left"} & set(names)


@pytest.mark.parametrize("split", SPLITS)
@pytest.mark.parametrize("kind", KINDS)
def test_people_with_bodies_do_what_is_asked_too(kind: str, split: str):
    task = Task(kind, split, 1)
    objects = draw_objects(task)
    layout = TASK_KINDS[kind].draw_layout(objects, np.random.default_rng(1))
    for target in range(objects.n_targets):
        courses = item_courses(Performance.draw(task, seed=1, target=target, bodies=split))
        item, container, _ = objects.choice(target)
        place = courses[-1, item]
        if objects.zone is not None:
            miss = np.linalg.norm(place[:2] - layout.zone_position)
            assert miss + objects.items[item].reach < objects.zone.radius
        else:
            assert container_holding(place, objects.items[item], objects.containers, layout) == container


def test_a_person_with_a_body_does_the_same_in_the_same_scene():
    task = Task("pick-place", "train", 2)
    plain, person = (Performance.draw(task, seed=4, bodies=bodies) for bodies in (None, "train"))
    assert plain.camera == person.camera
    for before, after in zip(plain.choreography.waypoints, person.choreography.waypoints, strict=True):
        np.testing.assert_array_equal(before.position, after.position)
    assert isinstance(person.actor, Acting)


@pytest.mark.parametrize("kind", KINDS)
def test_the_hand_of_a_person_with_a_body_is_where_the_course_has_it(kind: str):
    performance = Performance.draw(Task(kind, "train", 3), seed=3, bodies="train")
    assert isinstance(performance.actor, Acting)
    for now in performance.play():
        position = performance.choreography.position(now)
        np.testing.assert_allclose(performance.data.mocap_pos[0], position, atol=1e-9)
        landmarks = performance.actor.landmarks(position, openness=performance.choreography.openness(now))
        assert np.linalg.norm(landmarks[[4, 8, 12]].mean(axis=0) - position) < 0.09


def test_a_camera_anywhere_films_people_who_come_from_other_sides():
    views = [draw_filming_camera(np.random.default_rng(seed)) for seed in range(6)]
    for seed, camera in enumerate(views):
        performance = Performance.draw(Task("place", "train", seed), seed=seed, bodies="train", camera=camera)
        assert performance.camera == camera
        gap = abs((performance.choreography.entry - camera.side + np.pi) % (2 * np.pi) - np.pi)
        assert gap >= UNOBSTRUCTED - 1e-6
    frames, _ = film_human(Shot(Task("place", "train", 0), seed=0, image_size=32, bodies="train", camera=views[0]))
    again, _ = film_human(Shot(Task("place", "train", 0), seed=0, image_size=32, bodies="train", camera=views[0]))
    np.testing.assert_array_equal(frames, again)


@pytest.mark.parametrize("kind", ["place", "pick-place"])
def test_a_guided_film_begins_with_nobody_and_is_cut_to_the_step(kind: str):
    shot = Shot(Task(kind, "train", 0), seed=3, image_size=48)
    whole, rate = film_human(shot)
    frames, guided_rate, hand = film_guided(shot)
    performance = Performance.of(shot)
    course = performance.choreography
    kept = [
        number
        for number in range(len(whole))
        if course.grasped - READ_MARGIN_S <= number / rate <= course.released + READ_MARGIN_S
    ]
    assert rate == guided_rate
    np.testing.assert_array_equal(frames[1:], whole[kept])
    assert (frames[0] != whole).any()
    assert hand.shape == (len(frames), 2)
    assert np.isnan(hand[0]).all()
    # What is told is where the hand is in the picture: between the fingers, as the simulator has it.
    places = [performance.camera.project(performance.data.mocap_pos[:1])[0] for _ in performance.play()]
    told = np.isfinite(hand[1:]).all(axis=1)
    assert told.mean() > 0.5
    np.testing.assert_allclose(hand[1:][told], np.array(places)[kept][told], atol=1e-6)
    assert (np.abs(np.array(places)[kept][~told]).max(axis=1, initial=0) > 1).all()


def test_nobody_is_there_for_a_moment_only():
    performance = Performance.of(Shot(Task("place", "train", 0), seed=3, image_size=32))
    next(performance.play())
    before = performance.data.xpos.copy()
    with performance.nobody_there():
        assert performance.data.body("hand").xpos[2] < -5
        assert performance.data.body(f"item{performance.item}").xpos[2] < -5  # it is held
    np.testing.assert_array_equal(performance.data.xpos, before)
