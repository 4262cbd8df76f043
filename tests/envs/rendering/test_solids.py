"""Laws of the surfaces of geoms."""

import mujoco
import numpy as np
import pytest

from daml.envs.rendering.solids import Solid, solid_of

GEOM = mujoco.mjtGeom
TETRAHEDRON = [0.0, 0, 0, 0.3, 0, 0, 0, 0.2, 0, 0, 0, 0.1]


def solid(kind: mujoco.mjtGeom, size: tuple[float, ...]) -> Solid:
    spec = mujoco.MjSpec()
    if kind == GEOM.mjGEOM_MESH:
        spec.add_mesh(name="mesh", uservert=TETRAHEDRON)
        spec.worldbody.add_geom(type=kind, meshname="mesh")
    else:
        spec.worldbody.add_geom(type=kind, size=[*size, *[0.0] * (3 - len(size))])
    return solid_of(spec.compile(), 0)


def areas(shape: Solid) -> np.ndarray:
    return np.cross(shape.corners[:, 1] - shape.corners[:, 0], shape.corners[:, 2] - shape.corners[:, 0]) / 2


def volume(shape: Solid) -> float:
    return float(np.sum(areas(shape) * shape.corners.mean(axis=1)) / 3)


KINDS = {
    "box": (GEOM.mjGEOM_BOX, (0.1, 0.2, 0.3), 8 * 0.1 * 0.2 * 0.3),
    "sphere": (GEOM.mjGEOM_SPHERE, (0.2,), 4 / 3 * np.pi * 0.2**3),
    "ellipsoid": (GEOM.mjGEOM_ELLIPSOID, (0.1, 0.2, 0.3), 4 / 3 * np.pi * 0.1 * 0.2 * 0.3),
    "cylinder": (GEOM.mjGEOM_CYLINDER, (0.1, 0.3), np.pi * 0.1**2 * 0.6),
    "capsule": (GEOM.mjGEOM_CAPSULE, (0.1, 0.3), np.pi * 0.1**2 * (0.6 + 4 / 3 * 0.1)),
    "mesh": (GEOM.mjGEOM_MESH, (), 0.3 * 0.2 * 0.1 / 6),
}


@pytest.mark.parametrize(("kind", "size", "expected"), KINDS.values(), ids=KINDS)
def test_a_surface_is_closed_and_holds_the_volume_of_its_geom(kind: mujoco.mjtGeom, size: tuple, expected: float):
    shape = solid(kind, size)
    assert np.abs(areas(shape).sum(axis=0)).max() < 1e-8
    assert 0.97 * expected < volume(shape) <= expected * (1 + 1e-6)  # what is round lies outside of its facets


@pytest.mark.parametrize(("kind", "size", "expected"), KINDS.values(), ids=KINDS)
def test_normals_are_unit_vectors_out_of_the_side_that_is_seen(kind: mujoco.mjtGeom, size: tuple, expected: float):  # noqa: ARG001
    shape = solid(kind, size)
    assert np.allclose(np.linalg.norm(shape.normals, axis=-1), 1, atol=1e-6)
    assert (np.einsum("nk,nck->nc", areas(shape), shape.normals) > 0).all()


def test_a_solid_of_half_extents_1_is_the_same_for_all_sizes():
    one, two = (solid(GEOM.mjGEOM_ELLIPSOID, size) for size in ((0.1, 0.2, 0.3), (0.2, 0.2, 0.2)))
    assert np.array_equal(one.unit, two.unit)
    assert np.allclose(one.corners, one.unit * (0.1, 0.2, 0.3))


def test_a_plane_has_no_surface():
    with pytest.raises(ValueError, match="mjGEOM_PLANE: expected a box"):
        solid(GEOM.mjGEOM_PLANE, (1.0, 1.0, 1.0))
