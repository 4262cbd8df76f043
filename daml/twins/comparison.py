"""A twin beside the film that it is of, for a person to compare."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import mujoco
import numpy as np
from numpy.typing import NDArray

from daml.demos import Frames
from daml.envs import PERSON_QUALITY, Scene
from daml.envs.rendering.quality import RenderQuality
from daml.envs.rendering.renderer import OffscreenRenderer
from daml.envs.scene.appearance import Appearance
from daml.envs.scene.assets import read_picture
from daml.envs.scene.cameras import Camera
from daml.envs.scene.specification import add_objects, build_scene, place_items
from daml.envs.tasks.filmed import Filmed

_ROLE_COLORS = {"item": (80, 220, 100), "container": (255, 190, 60), "flat": (110, 170, 255)}
_FLOOR = 90
"""Grey level of the floor."""
_LAMP, _LIGHT, _AMBIENT = (0.9, 0.3, 2.0), (0.5, 0.5, 0.5), (0.45, 0.45, 0.45)
"""Place [m] and light of the lamp, and light from everywhere: those of an ordinary room."""
_TABLE_TEXELS = (256, 256)
"""Height and width of the table's photograph, in texels."""
_WIDTH = 640
"""Width of either picture [px]."""


def film_camera(film: Filmed) -> Camera:
    """Return the camera that a film was made with."""
    return Camera("film", film.camera, film.target, film.field_of_view_deg)


def render_scene(
    scene: Scene, *, size: tuple[int, int], camera: Camera | None = None, quality: RenderQuality = PERSON_QUALITY
) -> Frames:
    """Draw a scene as its film shows it: without the robot, each thing where it is at first.

    Args:
        scene: A scene of a film.
        size: Width and height of the picture [px].
        camera: From where it is seen; from where it was filmed when None.
        quality: How it is drawn.

    Returns:
        RGB, `(H, W, 3)`.

    Raises:
        ValueError: The scene is of no film.
    """
    if scene.film is None:
        raise ValueError("the scene is of no film; `daml twin` writes scenes with a table [film]")
    view, layout = camera or film_camera(scene.film), scene.film.layout(scene.objects)
    plain = np.full((8, 8, 3), np.round(np.array(scene.film.table) * 255), np.uint8)
    surface = read_picture(Path(scene.film.photograph), _TABLE_TEXELS) if scene.film.photograph else plain
    spec = build_scene(Appearance(surface, np.full_like(plain, _FLOOR), _LAMP, _LIGHT, _AMBIENT))
    view.add_to(spec)
    add_objects(spec, scene.objects, layout)
    model = spec.compile()
    data = mujoco.MjData(model)
    place_items(data, scene.objects, layout)
    mujoco.mj_forward(model, data)
    width, height = size
    renderer = OffscreenRenderer(height, width)
    try:
        renderer.load(model)
        return renderer.render(data, view.name, quality=quality)
    finally:
        renderer.close()


def compare(film: Frames, twin: Frames, outlines: Sequence[tuple[NDArray[np.float64], str, bool]]) -> Frames:
    """Put the film's first frame and the twin side by side.

    Args:
        film: The first frame, RGB `(H, W, 3)`.
        twin: The twin from the same camera, likewise.
        outlines: Of each thing its outline, `(n, 2)` shares, its role, and whether it is acted on.

    Returns:
        RGB, `(H, W, 3)`: the film with outlines in the roles' colours, thick where acted on, and the twin.
    """
    height = round(_WIDTH * film.shape[0] / film.shape[1])
    sides = [
        np.array(cv2.resize(side, (_WIDTH, height), interpolation=cv2.INTER_AREA), np.uint8) for side in (film, twin)
    ]
    for outline, role, is_acted_on in outlines:
        if len(outline):
            corners = np.round(outline * [_WIDTH, height]).astype(np.int32)
            cv2.polylines(sides[0], [corners], True, _ROLE_COLORS[role], 3 if is_acted_on else 1, cv2.LINE_AA)  # noqa: FBT003 - OpenCV's own order
    return np.hstack(sides)
