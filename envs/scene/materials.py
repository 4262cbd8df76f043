"""Materials of a scene: flat textures, and patterns that cover each side of a shape."""

from pathlib import Path

import mujoco
import numpy as np
from numpy.typing import NDArray

from daml.envs.objects.palette import Rgb, draw_pattern
from daml.envs.scene.assets import read_picture

COVER_SIZE = (64, 64)
"""Height and width of a photograph that covers a thing, in texels: a thing covers a tenth of a picture of 640 px."""


def add_material(
    spec: mujoco.MjSpec, name: str, image: NDArray[np.uint8], *, repeat: tuple[float, float] = (1.0, 1.0)
) -> None:
    """Add a material with a flat texture.

    Args:
        spec: Scene to add to.
        name: Name of the material and of its texture.
        image: RGB texture, `(H, W, 3)`.
        repeat: How often it is laid along each side.
    """
    texture = spec.add_texture(
        name=name, type=mujoco.mjtTexture.mjTEXTURE_2D, width=image.shape[1], height=image.shape[0], nchannel=3
    )
    texture.data = image.tobytes()
    material = spec.add_material(name=name, texrepeat=repeat, specular=0.1, shininess=0.1)
    material.textures[mujoco.mjtTextureRole.mjTEXROLE_RGB] = name


def add_object_material(
    spec: mujoco.MjSpec, name: str, pattern: str, main: Rgb, accent: Rgb, *, photograph: str = ""
) -> None:
    """Add a material whose pattern, or photograph, covers each of the six sides of a shape.

    Args:
        spec: Scene to add to.
        name: Name of the material and of its texture.
        pattern: One of `palette.PATTERNS`.
        main: RGB in [0, 1] of the ground.
        accent: RGB in [0, 1] of the figure.
        photograph: File of a picture in their place; empty for none.
    """
    # The simulator turns a side's texture by a quarter.
    face = np.rot90(read_picture(Path(photograph), COVER_SIZE)) if photograph else draw_pattern(pattern, main, accent)
    texture = spec.add_texture(
        name=name, type=mujoco.mjtTexture.mjTEXTURE_CUBE, width=len(face), height=6 * len(face), nchannel=3
    )
    texture.data = np.tile(face, (6, 1, 1)).tobytes()
    material = spec.add_material(name=name, specular=0.3, shininess=0.3)
    material.textures[mujoco.mjtTextureRole.mjTEXROLE_RGB] = name
