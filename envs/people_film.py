"""Films as people film: from anywhere, of a person with a body, in a room, with a phone's or a webcam's faults."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from daml.envs.human_film import draw_scene, film_human
from daml.envs.lens import draw_lens, shoot
from daml.envs.rendering.quality import SHADOWED_QUALITY
from daml.envs.scene.cameras import Camera, draw_filming_camera
from daml.envs.shot import Shot
from daml.envs.tasks.task import Task

SHADOWED_SHARE = 1 / 3
"""Share of the films with shadows: they cost five times the time."""

MARGIN = 0.85
"""Largest coordinate of what a person shows, in the picture, 1 at its edge: they take care that it is seen."""

WIDEST = 0.85
"""Width of what the picture shows, in metres: a film is cropped to where its hand works before it is adapted to."""

MOST_CAMERAS = 200
"""Cameras that are drawn before one that cuts something off is taken."""

_STREAM = 2
"""Keeps the random numbers of how it is filmed apart from those of what is done."""


def film_people(shot: Shot) -> tuple[NDArray[np.uint8], float]:
    """Film a person doing a task, as people film.

    Args:
        shot: What is filmed, and how; a body and a camera that it names are used, else they are drawn from its seed.

    Returns:
        Frames, RGB, `(T, image_size, image_size, 3)`, and their rate in Hz.

    Raises:
        ValueError: There is no such slot or split, or no room for the objects of a scene.
    """
    rng = np.random.default_rng((shot.seed, _STREAM))
    seen = as_people_see(shot, rng)
    frames, frame_rate_hz = film_human(seen)
    return shoot(frames, draw_lens(rng), rng, frame_rate_hz=frame_rate_hz), frame_rate_hz


def as_people_see(shot: Shot, rng: np.random.Generator) -> Shot:
    """Return a shot with somebody's body, camera and light, those of its task's split where it names none."""
    split = shot.task.split if isinstance(shot.task, Task) else "test"
    quality = SHADOWED_QUALITY if rng.random() < SHADOWED_SHARE else shot.quality
    camera = _draw_camera(shot, rng) if shot.camera is None else shot.camera
    return replace(shot, bodies=shot.bodies or split, camera=camera, quality=quality)


def _draw_camera(shot: Shot, rng: np.random.Generator) -> Camera:
    """Draw a camera that shows the item and where it goes."""
    objects, layout = draw_scene(shot.task, seed=shot.seed, assets=shot.assets)
    choice = objects.choice(objects.checked_target(shot.target))
    ends = [layout.item_positions[choice.item]]
    ends.append(layout.container_positions[choice.container] if objects.containers else layout.zone_position)
    points = np.array([[*end, height] for end in ends for height in (0.0, 0.05)])
    if objects.choice(objects.target).manner == "place" or shot.task.kind == "place":
        points = points[2:]  # the item is in the hand
    camera = draw_filming_camera(rng)
    for _ in range(MOST_CAMERAS):
        if np.abs(camera.project(points)).max() < MARGIN and camera.width < WIDEST:
            break
        camera = draw_filming_camera(rng)
    return camera
