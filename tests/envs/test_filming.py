"""Laws of films as people film."""

from dataclasses import replace

import numpy as np
import pytest

from daml.envs.filming import MARGIN, SHADOWED_SHARE, WIDEST, as_people_see
from daml.envs.human_film import film_human
from daml.envs.rendering.quality import SHADOWED_QUALITY
from daml.envs.scene.cameras import draw_filming_camera
from daml.envs.scene.dressing import draw_scene
from daml.envs.shifts import PEOPLE
from daml.envs.shot import Shot
from daml.envs.tasks.task import ALL_KINDS, Task


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_the_same_seed_films_the_same_pixels_and_another_seed_others(kind: str):
    shot = Shot(Task(kind, "train", 0), seed=1, image_size=32, shift=PEOPLE)
    first, rate = film_human(shot)
    again, other = (film_human(replace(shot, seed=seed))[0] for seed in (1, 2))
    np.testing.assert_array_equal(first, again)
    assert first.shape != other.shape or (first != other).any()
    assert first.shape[1:] == (32, 32, 3)
    assert rate == 12.0


def test_item_and_destination_are_in_the_picture():
    n_shown = 0
    for seed in range(30):
        shot = Shot(Task("tabletop", "train", seed), seed=seed, image_size=32)
        camera = as_people_see(shot, np.random.default_rng(seed)).camera
        assert camera is not None
        objects, layout = draw_scene(shot.task, seed=seed)
        choice = objects.choice(objects.target)
        points = [[*layout.container_positions[choice.container], 0.0]]
        if choice.manner != "place":
            points.append([*layout.item_positions[choice.item], 0.0])
        n_shown += bool(np.abs(camera.project(np.array(points))).max() < MARGIN and camera.width < WIDEST)
    assert n_shown >= 29


def test_a_third_has_shadows_and_bodies_are_those_of_the_split():
    shots = [
        as_people_see(Shot(Task("tabletop", "validation", 0), seed=seed, image_size=32), np.random.default_rng(seed))
        for seed in range(60)
    ]
    share = np.mean([shot.quality is SHADOWED_QUALITY for shot in shots])
    assert abs(share - SHADOWED_SHARE) < 0.2
    assert {shot.bodies for shot in shots} == {"validation"}


def test_a_camera_and_a_body_that_are_named_are_used():
    camera = draw_filming_camera(np.random.default_rng(0))
    shot = Shot(Task("tabletop", "train", 0), seed=1, image_size=32, camera=camera, bodies="test")
    seen = as_people_see(shot, np.random.default_rng(0))
    assert (seen.camera, seen.bodies) == (camera, "test")
