"""Laws of how a film shows a scene."""

import dataclasses

import numpy as np
import pytest

from daml.envs.tasks.description import Scene
from daml.envs.tasks.filmed import Filmed
from daml.envs.tasks.kinds import draw_objects
from daml.envs.tasks.task import KINDS, Task


def filmed(kind: str) -> Filmed:
    objects = draw_objects(Task(kind, "train", 0))
    return Filmed(
        tuple((0.4 + 0.1 * slot, 0.1, 0.2) for slot in range(len(objects.items))),
        tuple((0.4 + 0.1 * slot, -0.1, 0.3) for slot in range(len(objects.containers))),
        None if objects.zone is None else (0.5, 0.0, 0.4),
        camera=(1.1, 0.0, 0.7),
        target=(0.5, 0.0, 0.0),
        field_of_view_deg=45.0,
    )


@pytest.mark.parametrize("kind", KINDS)
def test_the_layout_is_that_of_the_film(kind: str):
    objects, film = draw_objects(Task(kind, "train", 0)), filmed(kind)
    assert film.matches(objects)
    layout = film.layout(objects)
    np.testing.assert_array_equal(layout.item_positions[0], (0.4, 0.1))
    assert layout.item_positions.shape == (len(objects.items), 2)
    assert layout.container_positions.shape == (len(objects.containers), 2)
    assert layout.zone_yaw == (0.4 if kind == "push" else 0.0)


@pytest.mark.parametrize("kind", KINDS)
def test_a_scene_needs_a_place_for_everything(kind: str):
    objects, film = draw_objects(Task(kind, "train", 0)), filmed(kind)
    assert Scene(kind, objects, film).film == film
    with pytest.raises(ValueError, match="film: expected a place for each"):
        Scene(kind, objects, dataclasses.replace(film, items=()))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"field_of_view_deg": 2.0}, "film.field_of_view: expected 5 to 150"),
        ({"camera": (1.0, 0.0, -0.1)}, "film.camera: expected a place above the table"),
        ({"camera": (0.5, 0.0, 1.0)}, "looks down at a slant"),
        ({"target": (50.0, 0.0, 1.0)}, "film.target: expected at most 10 m"),
        ({"items": ((50.0, 0.0, 1.0),)}, "items: expected a place within 10 m"),
    ],
)
def test_a_camera_from_which_nothing_can_be_drawn_is_refused(change: dict[str, object], message: str):
    with pytest.raises(ValueError, match=message):
        dataclasses.replace(filmed("push"), **change)
