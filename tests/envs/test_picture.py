"""Laws of the pictures: they show where things are, and what is hidden is not called visible."""

from typing import ClassVar

import mujoco
import numpy as np
import pytest
from numpy.typing import NDArray

from daml.envs import picture
from daml.envs.objects.task_objects import Objects
from daml.envs.picture import CLASSES, Picture, picture_scene
from daml.envs.rendering.quality import POLICY_QUALITY, RenderQuality
from daml.envs.rendering.renderer import OffscreenRenderer
from daml.envs.tasks.kinds import draw_objects
from daml.envs.tasks.task import ALL_KINDS as KINDS
from daml.envs.tasks.task import SPLITS, Task

SIZE = 128


class Witness(OffscreenRenderer):
    """Draws every picture again without one body after the other, and keeps which pixels each of them changes."""

    shown: ClassVar[dict[str, NDArray[np.bool_]]] = {}
    """Pixels that show each body, `(SIZE, SIZE)`; `effector` is the hand or the gripper."""

    def load(self, model: mujoco.MjModel) -> None:
        super().load(model)
        self.model = model

    def render(self, data: mujoco.MjData, camera: str, *, quality: RenderQuality = POLICY_QUALITY) -> NDArray[np.uint8]:
        image = super().render(data, camera, quality=quality)
        self.shown.clear()
        bodies = [self.model.body(body).name for body in range(self.model.nbody)]
        # The moving parts of a human's hand hang on the body `hand`; the robot's gripper is its hand and two fingers.
        effector = {"hand", "thumb", "finger_left", "finger_right"}
        effector |= {body for body in bodies if body.startswith(("knuckle", "middle"))}
        for name in [body for body in bodies if body.rstrip("0123456789") in CLASSES]:
            self.shown[name] = (self._without({name}, data, camera, quality) != image).any(axis=2)
        self.shown["effector"] = (self._without(effector, data, camera, quality) != image).any(axis=2)
        self.shown["robot"] = np.full((SIZE, SIZE), "link1" in bodies)
        return image

    def _without(self, names: set[str], data: mujoco.MjData, camera: str, quality: RenderQuality) -> NDArray[np.uint8]:
        before = self.model.geom_rgba.copy()
        hidden = [self.model.body(int(body)).name in names for body in self.model.geom_bodyid]
        self.model.geom_rgba[hidden, 3] = 0
        image = super().render(data, camera, quality=quality)
        self.model.geom_rgba[:] = before
        return image


@pytest.fixture
def witness(monkeypatch: pytest.MonkeyPatch) -> type[Witness]:
    monkeypatch.setattr(picture, "OffscreenRenderer", Witness)
    return Witness


def names_of(objects: Objects) -> list[str]:
    """Return the bodies in the order in which a picture names their places."""
    counts = (len(objects.items), len(objects.containers), 0)
    names = [f"{kind}{slot}" for kind, count in zip(CLASSES, counts, strict=True) for slot in range(count)]
    return names + ["zone"] * (objects.zone is not None)


def taped(objects: Objects) -> set[str]:
    """Return the bodies in whose middle nothing of them is."""
    return {f"container{slot}" for slot, container in enumerate(objects.containers) if container.sort == "marked"}


def around(shown: NDArray[np.bool_], centre: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Return the pixel at a place and its neighbours."""
    column, row = ((centre + 1) * SIZE / 2).astype(int)
    return shown[max(0, row - 1) : row + 2, max(0, column - 1) : column + 2]


def pictures(kind: str, count: int) -> list[tuple[Objects, Picture, dict[str, NDArray[np.bool_]]]]:
    taken = []
    for index in range(count):
        task = Task(kind, SPLITS[index % 3], index)
        picture = picture_scene(task, seed=index, shows_human=index % 5 < 2, image_size=SIZE)
        taken.append((draw_objects(task), picture, dict(Witness.shown)))
    return taken


@pytest.mark.parametrize("kind", KINDS)
def test_a_visible_thing_is_seen_where_its_centre_is_and_a_hidden_one_is_not(witness: type[Witness], kind: str):
    n_visible = n_hidden = 0
    for objects, taken, shown in pictures(kind, 16):
        for name, centre, visible in zip(names_of(objects), taken.centres, taken.visible, strict=True):
            if np.abs(centre).max() >= 1 or name in taped(objects):
                continue
            # The middle of a container is air: what lies in it may be seen there.
            inside = [shown[other] for other in shown if other.startswith("item") and name.startswith("container")]
            seen = np.any([shown[name], *inside], axis=0)
            # A pixel's leeway: rounded things are drawn with facets.
            assert around(seen, centre).any() if visible else not around(shown[name], centre).all()
            n_visible, n_hidden = n_visible + visible, n_hidden + (not visible)
    assert n_visible > 10 * len(CLASSES)
    assert n_hidden > 0
    assert witness.shown


@pytest.mark.parametrize("kind", KINDS)
def test_the_effector_is_where_the_fingers_are_drawn(witness: type[Witness], kind: str):
    n_seen = {True: 0, False: 0}
    for _, taken, shown in pictures(kind, 16):
        robot = bool(shown["robot"][0, 0])
        column, row = (taken.effector + 1) * SIZE / 2
        rows, columns = np.nonzero(shown["effector"])
        if np.abs(taken.effector).max() < 0.9:
            # The fingers are at most 4 cm away from the point between them, and a picture shows about 50 cm.
            assert np.hypot(rows - row, columns - column).min() < 0.12 * SIZE
            n_seen[robot] += 1
    # Both work, and come into view.
    assert min(n_seen.values()) > 0
    assert witness.shown


@pytest.mark.parametrize("kind", KINDS)
def test_every_thing_has_a_place_and_a_class_and_lies_within_the_picture_unless_it_is_carried(kind: str):
    for index in range(8):
        task = Task(kind, SPLITS[index % 3], index)
        objects = draw_objects(task)
        taken = picture_scene(task, seed=index, shows_human=index % 2 == 0, image_size=32)
        names = names_of(objects)
        assert taken.image.shape == (32, 32, 3)
        assert taken.image.dtype == np.uint8
        assert taken.centres.shape == (len(names), 2)
        assert taken.visible.shape == (len(names),)
        assert taken.effector.shape == (2,)
        flat = {f"container{slot}" for slot, container in enumerate(objects.containers) if container.is_flat}
        classes = ["zone" if name in flat else name.rstrip("0123456789") for name in names]
        assert [CLASSES[number] for number in taken.classes] == classes
        standing = [not name.startswith("item") for name in names]
        assert np.abs(taken.centres[standing]).max() < 1


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_seed_takes_the_same_picture_and_another_seed_another(kind: str):
    task = Task(kind, "train", 3)
    for shows_human in (True, False):
        first, again, other = (
            picture_scene(task, seed=seed, shows_human=shows_human, image_size=32) for seed in (1, 1, 2)
        )
        for name, value in vars(first).items():
            np.testing.assert_array_equal(value, vars(again)[name])
        assert (first.image != other.image).any()
