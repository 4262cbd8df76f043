"""A picture of a task's objects alone, and where each of them is in it: what a simulator knows for free."""

from dataclasses import dataclass

import mujoco
import numpy as np
from numpy.typing import NDArray

from envs.appearance import draw_appearance
from envs.cameras import POLICY_CAMERA
from envs.place import draw_layout, draw_objects
from envs.rendering import OffscreenRenderer
from envs.scene import add_containers, build_scene
from envs.task import Task


@dataclass(frozen=True)
class Picture:
    """A picture of objects on the table.

    Args:
        image: RGB, `(H, W, 3)`.
        centres: Where the middle of each object is, by slot: x to the right and y down, each in [-1, 1] from edge to
            edge, `(n, 2)`.
    """

    image: NDArray[np.uint8]
    centres: NDArray[np.float32]


def picture_objects(task: Task, *, seed: int, image_size: int) -> Picture:
    """Draw the objects of a task in a layout of their own, without robot or human.

    Args:
        task: Whose objects.
        seed: Determines layout, looks and camera.
        image_size: Height and width of the picture, in pixels.

    Returns:
        The picture and the objects' places in it.
    """
    rng = np.random.default_rng(seed)
    containers = draw_objects(task).containers
    layout = draw_layout(containers, rng)
    spec = build_scene(draw_appearance(rng))
    camera = POLICY_CAMERA.jittered(rng)
    camera.add_to(spec)
    add_containers(spec, containers, positions=layout.positions, yaws=layout.yaws)
    model = spec.compile()
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    with OffscreenRenderer(image_size, image_size) as renderer:
        renderer.load(model)
        image = renderer.render(data, camera.name)
    heights = np.array([container.height / 2 for container in containers])
    return Picture(image, camera.project(np.column_stack([layout.positions, heights])))
