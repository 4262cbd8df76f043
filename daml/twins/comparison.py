"""A twin beside the film that it is of, for a person to compare."""

from collections.abc import Sequence

import cv2
import mujoco
import numpy as np
from numpy.typing import NDArray

from daml.demos import Frames
from daml.envs import PERSON_QUALITY, Scene
from daml.envs.objects.palette import Rgb
from daml.envs.rendering.quality import RenderQuality
from daml.envs.rendering.renderer import OffscreenRenderer
from daml.envs.scene.appearance import Appearance
from daml.envs.scene.cameras import Camera
from daml.envs.scene.specification import add_objects, build_scene, place_items
from daml.envs.tasks.layout import Layout

_ROLE_COLORS = {"item": (80, 220, 100), "container": (255, 190, 60), "flat": (110, 170, 255)}
_WIDTH = 640
"""Width of either picture [px]."""


def render_scene(
    scene: Scene,
    layout: Layout,
    camera: Camera,
    *,
    size: tuple[int, int],
    table: Rgb,
    quality: RenderQuality = PERSON_QUALITY,
) -> Frames:
    """Draw a scene without the robot.

    Args:
        scene: What lies on the table.
        layout: Where.
        camera: From where it is seen.
        size: Width and height [px].
        table: The table's colour.
        quality: How it is drawn.

    Returns:
        RGB, `(H, W, 3)`.
    """
    surface = np.full((8, 8, 3), np.round(np.array(table) * 255), np.uint8)
    looks = Appearance(surface, np.full_like(surface, 90), (0.9, 0.3, 2.0), (0.5, 0.5, 0.5), (0.45, 0.45, 0.45))
    spec = build_scene(looks)
    camera.add_to(spec)
    add_objects(spec, scene.objects, layout)
    model = spec.compile()
    data = mujoco.MjData(model)
    place_items(data, scene.objects, layout)
    mujoco.mj_forward(model, data)
    width, height = size
    renderer = OffscreenRenderer(height, width)
    try:
        renderer.load(model)
        return renderer.render(data, camera.name, quality=quality)
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
