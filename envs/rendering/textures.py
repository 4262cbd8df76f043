"""Textures of a model's geoms as flat pictures, laid on as MuJoCo's renderer lays them."""

from typing import NamedTuple

import mujoco
import numpy as np
from numpy.typing import NDArray

from daml.envs.rendering.solids import Solid

_SIDES = (
    # Axis that a side of a cube faces, and the axes, with signs, that its picture runs along: OpenGL's cube maps.
    (0, 1, (2, -1), (1, -1)),
    (0, -1, (2, 1), (1, -1)),
    (1, 1, (0, 1), (2, 1)),
    (1, -1, (0, 1), (2, -1)),
    (2, 1, (0, 1), (1, -1)),
    (2, -1, (0, -1), (1, -1)),
)
_SLAB_SIDE = 128
"""Height and width of the picture of a slab's top, in texels."""


class Cover(NamedTuple):
    """A picture and how it is laid on."""

    picture: NDArray[np.uint8]
    """RGB, `(H, W, 3)`."""
    places: NDArray[np.float64]
    """Where each corner lies in it, to the right and down, in shares; beyond [0, 1] it is repeated; `(n, 3, 2)`."""


def texture_of(model: mujoco.MjModel, geom: int) -> int | None:
    """Return the number of the texture that a geom has; None where it has none."""
    material = int(model.geom_matid[geom])
    texture = -1 if material < 0 else int(model.mat_texid[material, mujoco.mjtTextureRole.mjTEXROLE_RGB])
    return None if texture < 0 else texture


def cover_of(model: mujoco.MjModel, geom: int, solid: Solid) -> Cover | None:
    """Return what a geom is covered with; None where it has one colour.

    Args:
        model: Compiled model.
        geom: Number of the geom.
        solid: Its surface.
    """
    texture = texture_of(model, geom)
    if texture is None:
        return None
    picture = _pixels(model, texture)
    if solid.places is not None:
        return Cover(picture, solid.places)
    if model.tex_type[texture] == mujoco.mjtTexture.mjTEXTURE_2D:
        repeat = model.mat_texrepeat[model.geom_matid[geom]]
        return Cover(picture, 0.5 * repeat * solid.unit[..., :2] * (1, -1) - 0.5)
    if model.geom_type[geom] == mujoco.mjtGeom.mjGEOM_MESH:
        return _from_above(picture, solid)
    return Cover(picture, _places_on_cube(solid.unit, _faced_sides(solid.unit.mean(axis=1))))


def _pixels(model: mujoco.MjModel, texture: int) -> NDArray[np.uint8]:
    height, width, channels = (int(sizes[texture]) for sizes in (model.tex_height, model.tex_width, model.tex_nchannel))
    start = int(model.tex_adr[texture])
    return model.tex_data[start : start + height * width * channels].reshape(height, width, channels)[..., :3]


def _faced_sides(directions: NDArray[np.float64]) -> NDArray[np.intp]:
    """Tell which side of a cube around the origin lies in each direction, `(n, 3)`."""
    axes = np.abs(directions).argmax(axis=1)
    return 2 * axes + (np.take_along_axis(directions, axes[:, None], axis=1)[:, 0] < 0)


def _places_on_cube(points: NDArray[np.float64], sides: NDArray[np.intp]) -> NDArray[np.float64]:
    """Project points, `(n, k, 3)`, to a cube's sides, `(n,)`, whose pictures lie one below the other."""
    places = np.empty((*points.shape[:2], 2))
    for number, (axis, _, across, down) in enumerate(_SIDES):
        facing = points[sides == number]
        depth = np.maximum(np.abs(facing[..., axis]), np.finfo(float).tiny)
        right, low = (np.clip((sign * facing[..., along] / depth + 1) / 2, 0, 1) for along, sign in (across, down))
        places[sides == number] = np.stack([right, (number + low) / len(_SIDES)], axis=-1)
    return places


def _from_above(picture: NDArray[np.uint8], solid: Solid) -> Cover:
    """Cover a slab with what its top shows of a cube around its middle: on one so flat that is no side's picture."""
    low, high = solid.unit.min(axis=(0, 1)), solid.unit.max(axis=(0, 1))
    thin = int((high - low).argmin())  # the simulator turns a mesh to the axes of its inertia
    flat = [axis for axis in range(3) if axis != thin]
    shares = (np.arange(_SLAB_SIDE) + 0.5) / _SLAB_SIDE
    points = np.empty((_SLAB_SIDE, _SLAB_SIDE, 3))
    points[..., flat] = low[flat] + np.stack(np.meshgrid(shares, shares), axis=-1) * (high - low)[flat]
    points[..., thin] = high[thin]
    points = points.reshape(-1, 1, 3)
    places = _places_on_cube(points, _faced_sides(points[:, 0]))[:, 0]
    height, width = picture.shape[:2]
    columns, rows = np.minimum((places * (width, height)).astype(int), (width - 1, height - 1)).T
    seen = picture[rows, columns].reshape(_SLAB_SIDE, _SLAB_SIDE, 3)
    return Cover(seen, (solid.unit - low)[..., flat] / (high - low)[flat])
