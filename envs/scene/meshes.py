"""Meshes out of OBJ files that anybody may have made: read within bounds, and known to be buildable."""

import warnings
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import cast

import mujoco
import numpy as np
from numpy.typing import NDArray

from daml.envs.scene.assets import read_asset

MOST_BYTES = 5_000_000
"""Size beyond which a mesh is refused: one of 30,000 faces takes 3 MB, and is built anew in every episode."""

_LEAST_SIDE, _LARGEST_SIDE = 1e-4, 1e4
"""Sides that a thing may have, in the file's unit: from millimetres in metres to metres in millimetres."""

_LEAST_SHARE = 1e-3
"""Least side, as a share of the longest: what is thinner is scaled to a thing's height in vain."""

_TRIED_SIDE = 0.05
"""Sides to which a mesh is scaled when it is tried, in metres: about those of things on the table."""


@dataclass(frozen=True, eq=False)
class Mesh:
    """A mesh, and where its vertices are, in its own unit and frame."""

    content: bytes
    """The OBJ file."""
    low: NDArray[np.float64]
    """Least x, y and z, `(3,)`."""
    high: NDArray[np.float64]
    """Largest x, y and z, `(3,)`."""
    texture_points: NDArray[np.float64]
    """Where in its texture its vertices are, from the left and from the bottom, 1 for the other edge, `(n, 2)`."""


def read_mesh(path: Path) -> Mesh:
    """Read a mesh from an OBJ file; one that was changed is read again.

    Raises:
        ValueError: It is no mesh with texture coordinates, a number is not finite, or it is larger than any thing.
        OSError: There is no such file.
    """
    return _read(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=64)
def _read(path: Path, _changed_ns: int) -> Mesh:
    content = read_asset(path, largest=MOST_BYTES)
    rows = [line.split()[1:4] for line in content.splitlines() if line[:2] == b"v "]
    if not rows:
        raise ValueError(f"{path}: expected a mesh with lines of vertices (v x y z), got none")
    try:
        vertices = np.array(rows, dtype=np.float64)
    except ValueError:  # letters, or fewer than three numbers
        vertices = np.full((1, 3), np.nan)
    if vertices.shape[1:] != (3,) or not np.isfinite(vertices).all():
        raise ValueError(f"{path}: expected vertices of three finite numbers (v x y z); export the mesh again")
    low, high = vertices.min(axis=0), vertices.max(axis=0)
    sides = high - low
    if not (_LEAST_SIDE <= sides.max() <= _LARGEST_SIDE and sides.min() >= _LEAST_SHARE * sides.max()):
        size = " x ".join(f"{side:.3g}" for side in sides)
        raise ValueError(f"{path}: expected a thing with a length, a width and a height, got one of {size}")
    _check_builds(path, content, sides)
    points = [line.split()[1:3] for line in content.splitlines() if line[:3] == b"vt "]
    return Mesh(content, low, high, np.array(points, dtype=np.float64))


def _check_builds(path: Path, content: bytes, sides: NDArray[np.float64]) -> None:
    """Build a mesh alone, so that what is wrong with it is told of its file and not of a scene."""
    spec = mujoco.MjSpec()
    body = spec.worldbody.add_body(name="mesh")
    add_mesh(spec, "mesh", content, scale=[float(_TRIED_SIDE / side) for side in sides])
    body.add_geom(type=mujoco.mjtGeom.mjGEOM_MESH, meshname="mesh", mass=0.0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of missing texture coordinates, which are refused here
            model = spec.compile()
    except ValueError as error:
        reason = " ".join(str(error).split())
        raise ValueError(f"{path}: no mesh can be built of it ({reason[:200]}); export it again") from error
    if not len(model.mesh_texcoord):
        raise ValueError(f"{path}: expected texture coordinates in every face (f 1/1 2/2 3/3); export them with it")


def add_mesh(spec: mujoco.MjSpec, name: str, content: bytes, *, scale: list[float]) -> None:
    """Add a mesh to a scene.

    Args:
        spec: The scene.
        name: Name of the mesh.
        content: OBJ file.
        scale: Factors along x, y and z.
    """
    file = f"{name}.obj"
    known = cast("dict[str, bytes]", spec.assets)  # pyright: ignore[reportUnknownMemberType] - MuJoCo's stub has a bare dict
    spec.assets = {**known, file: content}  # by content: paths may hold what MuJoCo takes for none
    mesh = spec.add_mesh(name=name, file=file, scale=scale)
    mesh.inertia = mujoco.mjtMeshInertia.mjMESH_INERTIA_SHELL  # scans are not closed
