"""Laws of meshes out of files."""

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import mujoco
import numpy as np
import pytest

from daml.envs.scene.meshes import add_mesh, read_mesh


def test_a_mesh_is_where_its_vertices_are(written_cube: Callable[..., Path]):
    mesh = read_mesh(written_cube("a.obj", (0.03, 0.02, 0.05)))
    np.testing.assert_allclose(mesh.high, (0.03, 0.02, 0.10))
    np.testing.assert_allclose(mesh.low, (-0.03, -0.02, 0.0))


def test_a_mesh_is_that_of_its_file_whatever_the_path(written_cube: Callable[..., Path], tmp_path: Path):
    plain, folder = (
        written_cube("plain.obj", (0.03, 0.02, 0.05)),
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff\n d")),
    )
    folder.mkdir()
    shutil.copy(plain, folder / "a.obj")
    built: list[mujoco.MjModel] = []
    for by_content in (True, False):
        spec = mujoco.MjSpec()
        if by_content:
            add_mesh(spec, "m", read_mesh(folder / "a.obj").content, scale=[2.0, 1.0, 0.5])
        else:
            mesh = spec.add_mesh(name="m", file=str(plain), scale=[2.0, 1.0, 0.5])
            mesh.inertia = mujoco.mjtMeshInertia.mjMESH_INERTIA_SHELL
        body = spec.worldbody.add_body(name="b")
        body.add_geom(type=mujoco.mjtGeom.mjGEOM_MESH, meshname="m", mass=0.0)
        built.append(spec.compile())
    for name in ("mesh_vert", "mesh_face", "mesh_normal", "mesh_texcoord", "mesh_facetexcoord", "geom_pos"):
        np.testing.assert_array_equal(getattr(built[0], name), getattr(built[1], name))


def test_two_meshes_of_one_scene_are_told_apart(written_cube: Callable[..., Path]):
    spec = mujoco.MjSpec()
    for name, size in (("low", 0.01), ("high", 0.05)):
        add_mesh(spec, name, read_mesh(written_cube(f"{name}.obj", (0.02, 0.02, size))).content, scale=[1.0] * 3)
        spec.worldbody.add_body(name=name).add_geom(type=mujoco.mjtGeom.mjGEOM_MESH, meshname=name, mass=0.0)
    model = spec.compile()
    heights = [np.ptp(model.mesh_vert[model.mesh_vertadr[i] :][:8], axis=0).max() for i in range(2)]
    assert heights == pytest.approx([0.04, 0.10], abs=1e-6)


def test_a_mesh_that_was_changed_is_read_again(written_cube: Callable[..., Path]):
    for number, side in enumerate((0.02, 0.03)):
        file = written_cube("a.obj", (side, side, side))
        os.utime(file, ns=(number, number))
        assert read_mesh(file).high[0] == pytest.approx(side)


def test_a_mesh_without_texture_coordinates_is_refused(written_cube: Callable[..., Path]):
    file = written_cube("a.obj", (0.02, 0.02, 0.02))
    file.write_text(re.sub(r"/\d", "", file.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(ValueError, match=r"a\.obj: expected texture coordinates"):
        read_mesh(file)
