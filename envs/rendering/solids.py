"""The surfaces of a model's geoms as triangles."""

from typing import NamedTuple

import mujoco
import numpy as np
from numpy.typing import NDArray

_SLICES, _STACKS = 24, 6
"""Longitudes of what is round, and latitudes of half a sphere: as fine as pictures for people are drawn."""


class Solid(NamedTuple):
    """Triangles in a geom's own frame, counter-clockwise from outside: `(n, 3, 3)` is triangle, corner, axis."""

    corners: NDArray[np.float64]
    """In metres."""
    normals: NDArray[np.float64]
    """Unit vectors outwards."""
    unit: NDArray[np.float64]
    """The corners as those of a solid of half extents 1, on which pictures are laid; a mesh's are as they are."""
    places: NDArray[np.float64] | None = None
    """Where each corner lies in a mesh's own picture, to the right and down, in shares, `(n, 3, 2)`."""


def solid_of(model: mujoco.MjModel, geom: int) -> Solid:
    """Return the surface of a geom.

    Args:
        model: Compiled model.
        geom: Number of a box, sphere, ellipsoid, cylinder, capsule or mesh.

    Raises:
        ValueError: The geom is of another type.
    """
    kind, size = mujoco.mjtGeom(int(model.geom_type[geom])), model.geom_size[geom]
    if kind == mujoco.mjtGeom.mjGEOM_MESH:
        return _mesh(model, int(model.geom_dataid[geom]))
    if kind == mujoco.mjtGeom.mjGEOM_BOX:
        unit, normals = _unit_box()
        return Solid(unit * size, normals, unit)
    return _round(kind, size)


def _round(kind: mujoco.mjtGeom, size: NDArray[np.float64]) -> Solid:
    """Return the surface of what is turned about its z axis."""
    angles = np.linspace(0, np.pi / 2, _STACKS + 1)
    around = np.column_stack([np.sin(angles), np.cos(angles)])
    below = around[::-1] * (1, -1)
    scale: NDArray[np.float64] = np.array([size[0], size[0], size[0]])
    if kind == mujoco.mjtGeom.mjGEOM_CYLINDER:
        scale[2] = size[1]
        profile = np.array([(0, 1), (1, 1), (1, 1), (1, -1), (1, -1), (0, -1)], np.float64)
        outward = np.array([(0, 1), (0, 1), (1, 0), (1, 0), (0, -1), (0, -1)], np.float64)
    elif kind == mujoco.mjtGeom.mjGEOM_CAPSULE:
        middle = np.array([0.0, size[1] / size[0]])
        profile, outward = np.concatenate([around + middle, below - middle]), np.concatenate([around, below])
    elif kind in (mujoco.mjtGeom.mjGEOM_SPHERE, mujoco.mjtGeom.mjGEOM_ELLIPSOID):
        scale = scale if kind == mujoco.mjtGeom.mjGEOM_SPHERE else size.copy()
        profile = outward = np.concatenate([around, below[1:]])
    else:
        raise ValueError(f"geom type {kind.name}: expected a box, sphere, ellipsoid, cylinder, capsule or mesh")
    unit, normals = _revolved(profile), _revolved(outward) / scale
    normals /= np.linalg.norm(normals, axis=-1, keepdims=True)
    corners = unit * scale
    kept = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1) > 0
    return Solid(corners[kept], normals[kept], unit[kept])


def _revolved(profile: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turn a profile of radius and height, from the top down, `(n, 2)`, about the z axis; return triangles."""
    turns = np.linspace(0, 2 * np.pi, _SLICES + 1)
    ring = np.column_stack([np.cos(turns), np.sin(turns), np.ones_like(turns)])
    points = profile[:, None][..., [0, 0, 1]] * ring  # (n, slices + 1, 3)
    upper, lower = points[:-1], points[1:]
    first = np.stack([upper[:, :-1], lower[:, :-1], lower[:, 1:]], axis=2)
    second = np.stack([upper[:, :-1], lower[:, 1:], upper[:, 1:]], axis=2)
    return np.concatenate([first.reshape(-1, 3, 3), second.reshape(-1, 3, 3)])


def _unit_box() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return corners and normals of a box of half extents 1."""
    corners, normals = np.empty((12, 3, 3)), np.zeros((12, 3, 3))
    square = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)], np.float64)
    for side in range(6):
        axis, sign = side // 2, 1 - 2 * (side % 2)
        quad = np.empty((4, 3))
        quad[:, axis] = sign
        quad[:, [(axis + 1) % 3, (axis + 2) % 3]] = square[::sign]
        corners[2 * side], corners[2 * side + 1] = quad[[0, 1, 2]], quad[[0, 2, 3]]
        normals[2 * side : 2 * side + 2, :, axis] = sign
    return corners, normals


def _mesh(model: mujoco.MjModel, mesh: int) -> Solid:
    faces = slice(int(model.mesh_faceadr[mesh]), int(model.mesh_faceadr[mesh] + model.mesh_facenum[mesh]))
    vertex, normal, place = (
        int(start[mesh]) for start in (model.mesh_vertadr, model.mesh_normaladr, model.mesh_texcoordadr)
    )
    corners = model.mesh_vert[vertex + model.mesh_face[faces]].astype(np.float64)
    if place < 0:  # a slab, whose edges are sharp
        facing = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        facing /= np.linalg.norm(facing, axis=1, keepdims=True)
        return Solid(corners, np.repeat(facing[:, None], 3, axis=1), corners)
    normals = model.mesh_normal[normal + model.mesh_facenormal[faces]].astype(np.float64)
    own = model.mesh_texcoord[place + model.mesh_facetexcoord[faces]].astype(np.float64)
    return Solid(corners, normals, corners, own)
