"""Laws of the simulated human's films."""

from collections.abc import Iterator
from typing import ClassVar

import mujoco
import numpy as np
import pytest
from numpy.typing import NDArray

from envs import human
from envs.human import FRAME_RATE_HZ, draw_performance, film_human
from envs.place import container_holding, draw_layout, draw_objects
from envs.rendering import POLICY_LOOK, Look, OffscreenRenderer
from envs.task import SPLITS, Task

TASK = Task("place", "train", 0)


class Witness:
    """Stands in for the renderer, and sees where the item is instead of what it looks like."""

    item_positions: ClassVar[list[NDArray[np.float64]]] = []

    def __init__(self, height: int, width: int) -> None:
        self._black = np.zeros((height, width, 3), dtype=np.uint8)

    def load(self, model: mujoco.MjModel) -> None:
        assert model.body("item").id > 0
        self.item_positions.clear()

    def render(self, data: mujoco.MjData, camera: str, *, look: Look = POLICY_LOOK) -> NDArray[np.uint8]:
        assert camera == "policy"
        assert look == POLICY_LOOK
        self.item_positions.append(data.body("item").xpos.copy())
        return self._black

    def close(self) -> None: ...


@pytest.fixture
def witness(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Witness]]:
    monkeypatch.setattr(human, "OffscreenRenderer", Witness)
    yield Witness
    Witness.item_positions.clear()


def test_a_film_is_a_stack_of_frames_of_a_few_seconds():
    frames, frame_rate_hz = film_human(TASK, seed=0, image_size=48)
    assert frames.dtype == np.uint8
    assert frames.shape[1:] == (48, 48, 3)
    assert frame_rate_hz == FRAME_RATE_HZ
    assert 1.5 < len(frames) / frame_rate_hz < 5.5


def test_the_same_seed_films_the_same_pixels_and_another_seed_others():
    first, again, other = (film_human(TASK, seed=seed, image_size=32)[0] for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert first.shape != other.shape or (first != other).any()


def test_a_film_moves():
    frames = film_human(TASK, seed=3, image_size=32)[0].astype(float)
    assert max(np.abs(frame - frames[0]).mean() for frame in frames) > 3


@pytest.mark.parametrize("split", SPLITS)
def test_whichever_container_is_asked_for_gets_the_item(witness: type[Witness], split: str):
    for index in range(5):
        task = Task("place", split, index)
        objects = draw_objects(task)
        layout = draw_layout(objects.containers, np.random.default_rng(index))
        for target in (None, 0, 1, 2):
            film_human(task, seed=index, image_size=8, target=target)
            slot = objects.target if target is None else target
            resting = witness.item_positions[-1]
            assert container_holding(resting, objects.item, objects.containers, layout) == slot


def test_another_target_is_another_film_that_begins_with_the_same_scene():
    films = [film_human(TASK, seed=5, image_size=64, target=target)[0] for target in range(3)]
    for film in films[1:]:
        np.testing.assert_array_equal(film[0], films[0][0])
        assert (film[-1] != films[0][-1]).any()
    named = film_human(TASK, seed=5, image_size=64)[0]
    np.testing.assert_array_equal(named, films[draw_objects(TASK).target])


def test_the_film_begins_before_the_hand_comes_into_view(monkeypatch: pytest.MonkeyPatch):
    differences: list[int] = []

    class EmptyHanded(OffscreenRenderer):
        """Draws the first frame once more with neither hand nor item, and compares."""

        def load(self, model: mujoco.MjModel) -> None:
            super().load(model)
            self.model, self.compared = model, False

        def render(self, data: mujoco.MjData, camera: str, *, look: Look = POLICY_LOOK) -> NDArray[np.uint8]:
            image = super().render(data, camera, look=look)
            if not self.compared:
                self.compared = True
                roots = self.model.body_rootid[self.model.geom_bodyid]
                carried = np.isin(roots, [self.model.body("hand").id, self.model.body("item").id])
                before = self.model.geom_rgba.copy()
                self.model.geom_rgba[carried, 3] = 0
                differences.append(int((super().render(data, camera, look=look) != image).any(axis=2).sum()))
                self.model.geom_rgba[:] = before
            return image

    monkeypatch.setattr(human, "OffscreenRenderer", EmptyHanded)
    for seed in range(8):
        film_human(TASK, seed=seed, image_size=64)
    assert differences == [0] * 8


@pytest.mark.parametrize("target", [-1, 3])
def test_a_slot_that_is_not_there_is_refused(target: int):
    with pytest.raises(ValueError, match=f"target slot is {target}; expected 0 to 2"):
        film_human(TASK, seed=0, image_size=32, target=target)


def test_people_take_their_time_differently():
    rng = np.random.default_rng(0)
    performances = [draw_performance(rng) for _ in range(50)]
    assert len({performance.reach_time for performance in performances}) == 50
    assert {performance.hover_time > 0 for performance in performances} == {True, False}
    # Nobody reaches in from the camera's side, in front of the lens.
    assert all(np.cos(performance.entry) < 0.7 for performance in performances)
