"""The table and what lies on it, as a MuJoCo specification that a robot or a human hand is then added to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import mujoco
import numpy as np

from envs.containers import FLOOR_THICKNESS, WALL_THICKNESS, Container
from envs.items import DENSITY, Item
from envs.palette import TEXTURE_SIZE, draw_pattern

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from envs.appearance import Appearance

TIMESTEP = 0.004
"""Physics step, in seconds: the longest at which a held item stays in the fingers without creeping."""

TABLE_HALF_EXTENTS = (0.48, 0.65, 0.02)
"""Half lengths of the table top, in metres."""

TABLE_CENTRE = (0.42, 0.0, -0.02)
"""Centre of the table top in the world, in metres: its surface is z = 0 and the robot stands on it at the origin."""

FLOOR_HEIGHT = -0.7
"""Height of the room's floor, in metres."""

ITEM_FRICTION = (1.2, 0.02, 0.001)
"""Sliding, torsional and rolling friction of items: rubbery, so that fingers hold and rolling ends soon."""

SOFT_CONTACT = (0.015, 1.2)
"""Contact time constant in seconds and damping ratio: above one, so that a dropped item hardly bounces."""


def build_scene(appearance: Appearance) -> mujoco.MjSpec:
    """Return a specification with physics settings, lights, floor and table."""
    spec = mujoco.MjSpec()
    spec.compiler.degree = False
    spec.option.timestep = TIMESTEP
    spec.option.integrator = mujoco.mjtIntegrator.mjINT_IMPLICITFAST
    spec.option.cone = mujoco.mjtCone.mjCONE_ELLIPTIC
    spec.option.impratio = 10.0  # no slow slip between fingers and item
    spec.visual.headlight.ambient = appearance.ambient
    spec.visual.headlight.diffuse = (0.15, 0.15, 0.15)
    spec.visual.headlight.specular = (0.05, 0.05, 0.05)
    spec.visual.map.znear = 0.01
    spec.visual.map.zfar = 20.0
    spec.stat.extent = 1.0
    light = spec.worldbody.add_light()
    light.pos = appearance.light_position
    light.dir = np.subtract((0.5, 0.0, 0.0), appearance.light_position)
    light.diffuse = appearance.light_diffuse
    light.specular = (0.2, 0.2, 0.2)
    light.castshadow = True
    add_material(spec, "table", appearance.table)
    add_material(spec, "floor", appearance.floor, repeat=(6.0, 6.0))
    spec.worldbody.add_geom(
        name="table",
        type=mujoco.mjtGeom.mjGEOM_BOX,
        size=TABLE_HALF_EXTENTS,
        pos=TABLE_CENTRE,
        material="table",
        friction=(0.8, 0.01, 0.001),
    )
    spec.worldbody.add_geom(
        name="floor",
        type=mujoco.mjtGeom.mjGEOM_BOX,
        size=(3.0, 3.0, 0.01),
        pos=(0.0, 0.0, FLOOR_HEIGHT),
        material="floor",
        contype=0,
        conaffinity=0,
    )
    return spec


def add_material(
    spec: mujoco.MjSpec, name: str, image: NDArray[np.uint8], *, repeat: tuple[float, float] = (1.0, 1.0)
) -> None:
    """Add a material with a flat texture, `(H, W, 3)`."""
    texture = spec.add_texture(
        name=name, type=mujoco.mjtTexture.mjTEXTURE_2D, width=image.shape[1], height=image.shape[0], nchannel=3
    )
    texture.data = image.tobytes()
    material = spec.add_material(name=name, texrepeat=repeat, specular=0.1, shininess=0.1)
    material.textures[mujoco.mjtTextureRole.mjTEXROLE_RGB] = name


def _add_object_material(
    spec: mujoco.MjSpec, name: str, pattern: str, main: tuple[float, float, float], accent: tuple[float, float, float]
) -> None:
    """Add a material whose pattern covers each of the six sides of a shape."""
    face = draw_pattern(pattern, main, accent)
    texture = spec.add_texture(
        name=name, type=mujoco.mjtTexture.mjTEXTURE_CUBE, width=TEXTURE_SIZE, height=6 * TEXTURE_SIZE, nchannel=3
    )
    texture.data = np.tile(face, (6, 1, 1)).tobytes()
    material = spec.add_material(name=name, specular=0.3, shininess=0.3)
    material.textures[mujoco.mjtTextureRole.mjTEXROLE_RGB] = name


def add_container(
    spec: mujoco.MjSpec, name: str, container: Container, *, position: NDArray[np.float64], yaw: float
) -> None:
    """Add a container that is held fast to the table.

    Args:
        spec: Scene to add to.
        name: Name of its body.
        container: Shape and looks.
        position: Place on the table, `(2,)`, in metres.
        yaw: Turn about the vertical, in radians.
    """
    body = spec.worldbody.add_body(
        name=name, pos=(position[0], position[1], 0.0), quat=(np.cos(yaw / 2), 0.0, 0.0, np.sin(yaw / 2))
    )
    _add_object_material(spec, name, container.pattern, container.floor_colour, container.wall_colour)
    outline = container.polygon()
    mesh = spec.add_mesh(name=name)
    mesh.uservert = np.concatenate(
        [np.column_stack([outline, np.full(len(outline), z)]) for z in (0.0, FLOOR_THICKNESS)]
    ).ravel()
    body.add_geom(
        type=mujoco.mjtGeom.mjGEOM_MESH, meshname=name, material=name, friction=ITEM_FRICTION, solref=SOFT_CONTACT
    )
    following = np.roll(outline, -1, axis=0)
    slant = container.height / np.cos(container.flare)
    for start, end in zip(outline, following, strict=True):
        edge = end - start
        middle = (start + end) / 2
        along = float(np.arctan2(edge[1], edge[0]))
        outward = np.array([edge[1], -edge[0]]) / np.linalg.norm(edge)
        lean = np.array([*(outward * np.sin(container.flare)), np.cos(container.flare)])
        # The wall leans about its foot: first turned along the edge, then tipped outwards about it.
        turn = np.array([np.cos(along / 2), 0.0, 0.0, np.sin(along / 2)])
        tip = np.array([np.cos(container.flare / 2), np.sin(container.flare / 2), 0.0, 0.0])
        quaternion = np.empty(4)
        mujoco.mju_mulQuat(quaternion, turn, tip)
        at_rim = np.linalg.norm(edge) * (1 + container.height * np.tan(container.flare) / np.linalg.norm(middle))
        body.add_geom(
            type=mujoco.mjtGeom.mjGEOM_BOX,
            size=(at_rim / 2, WALL_THICKNESS / 2, slant / 2),
            pos=np.array([*middle, 0.0]) + lean * slant / 2 + np.array([*outward, 0.0]) * WALL_THICKNESS / 2,
            quat=quaternion,
            rgba=(*container.wall_colour, 1.0),
            friction=ITEM_FRICTION,
            solref=SOFT_CONTACT,
        )


def add_item(spec: mujoco.MjSpec, name: str, item: Item) -> None:
    """Add an item that moves freely; its place is set in the state."""
    body = spec.worldbody.add_body(name=name, pos=(0.0, 0.0, 1.0))
    body.add_freejoint(name=name)
    _add_object_material(spec, name, item.pattern, item.colour, item.accent)
    length, width, height = item.half_extents
    shapes: dict[str, list[tuple[mujoco.mjtGeom, tuple[float, ...], tuple[float, float, float]]]] = {
        "box": [(mujoco.mjtGeom.mjGEOM_BOX, item.half_extents, (0.0, 0.0, 0.0))],
        "brick": [(mujoco.mjtGeom.mjGEOM_BOX, item.half_extents, (0.0, 0.0, 0.0))],
        "cylinder": [(mujoco.mjtGeom.mjGEOM_CYLINDER, (width, height, 0.0), (0.0, 0.0, 0.0))],
        "ball": [(mujoco.mjtGeom.mjGEOM_SPHERE, (width, 0.0, 0.0), (0.0, 0.0, 0.0))],
        "stick": [(mujoco.mjtGeom.mjGEOM_BOX, item.half_extents, (0.0, 0.0, 0.0))],
        "egg": [(mujoco.mjtGeom.mjGEOM_ELLIPSOID, item.half_extents, (0.0, 0.0, 0.0))],
        "bead pair": [
            (mujoco.mjtGeom.mjGEOM_SPHERE, (width, 0.0, 0.0), (side * (length - width), 0.0, 0.0)) for side in (-1, 1)
        ],
    }
    for geom_type, size, position in shapes[item.family]:
        body.add_geom(
            type=geom_type,
            size=(*size, *(0.0,) * (3 - len(size))),
            pos=position,
            material=name,
            density=DENSITY,
            condim=6,
            friction=ITEM_FRICTION,
            solref=SOFT_CONTACT,
            priority=1,
        )
