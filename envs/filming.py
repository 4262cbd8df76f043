"""Filming as people do: from anywhere, a person with a body, in a room."""

from dataclasses import replace

import numpy as np

from daml.envs.rendering.quality import SHADOWED_QUALITY
from daml.envs.scene.cameras import Camera, draw_filming_camera
from daml.envs.scene.dressing import draw_scene, split_of_task
from daml.envs.shot import Shot

SHADOWED_SHARE = 1 / 3
"""Share of the films with shadows: they cost five times the time."""

MARGIN = 0.85
"""Largest coordinate of what a person shows, in the picture, 1 at its edge: they take care that it is seen."""

WIDEST = 0.65
"""Width of what the picture shows, in metres: a film is cropped to where its hand works before it is adapted to."""

MOST_CAMERAS = 200
"""Cameras that are drawn before one that cuts something off is taken."""


def as_people_see(shot: Shot, rng: np.random.Generator) -> Shot:
    """Return a shot with somebody's body, camera and light, those of its task's split where it names none."""
    quality = SHADOWED_QUALITY if rng.random() < SHADOWED_SHARE else shot.quality
    camera = _draw_camera(shot, rng) if shot.camera is None else shot.camera
    return replace(shot, bodies=shot.bodies or split_of_task(shot.task), camera=camera, quality=quality)


def _draw_camera(shot: Shot, rng: np.random.Generator) -> Camera:
    """Draw a camera that shows the item and where it goes."""
    objects, layout = draw_scene(shot.task, seed=shot.seed, assets=shot.shift.assets)
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
