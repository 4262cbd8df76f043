"""The table and what lies on it, as a MuJoCo specification that a robot or a human hand is then added to."""

from typing import NamedTuple

import mujoco
import numpy as np
from numpy.typing import NDArray

from daml.envs.objects.containers import FLOOR_THICKNESS, WALL_THICKNESS, Container
from daml.envs.objects.items import DENSITY, Item
from daml.envs.objects.palette import TEXTURE_SIZE, Rgb, draw_pattern
from daml.envs.objects.task_objects import Objects
from daml.envs.objects.zones import OVAL_ASPECT, THICKNESS, Zone
from daml.envs.scene import rotations
from daml.envs.scene.appearance import Appearance
from daml.envs.tasks.layout import Layout

TIMESTEP = 0.004
"""Physics step, in seconds: the longest at which a held item stays in the fingers without creeping."""

TABLE_HALF_EXTENTS = (0.48, 0.65, 0.02)
"""Half lengths of the table top, in metres."""

TABLE_CENTRE = (0.42, 0.0, -0.02)
"""Centre of the table top in the world, in metres: its surface is z = 0 and the robot stands on it at the origin."""

FLOOR_HEIGHT = -0.7
"""Height of the room's floor, in metres."""

LIT_POINT = (0.5, 0.0, 0.0)
"""Point that the main light shines at, in metres: the middle of the workspace."""

ITEM_FRICTION = (1.2, 0.02, 0.001)
"""Sliding, torsional and rolling friction of items: rubbery, so that fingers hold and rolling ends soon."""

SLIDING_FRICTION = (0.4, 0.02, 0.001)
"""The same of items that are pushed: smooth enough to slide rather than tip over when pushed near their top."""

SOFT_CONTACT = (0.015, 1.2)
"""Contact time constant in seconds and damping ratio: above one, so that a dropped item hardly bounces."""


def build_scene(appearance: Appearance) -> mujoco.MjSpec:
    """Return a specification with physics settings, lights, floor and table.

    Args:
        appearance: Textures and lights.
    """
    spec = mujoco.MjSpec()
    spec.compiler.degree = False
    spec.option.timestep = TIMESTEP
    spec.option.integrator = mujoco.mjtIntegrator.mjINT_IMPLICITFAST
    spec.option.cone = mujoco.mjtCone.mjCONE_ELLIPTIC
    spec.option.impratio = 10.0  # no slow slip between fingers and item
    spec.visual.headlight.ambient[:] = appearance.ambient
    spec.visual.headlight.diffuse[:] = 0.15
    spec.visual.headlight.specular[:] = 0.05
    spec.visual.map.znear = 0.01
    spec.visual.map.zfar = 20.0
    spec.stat.extent = 1.0
    spec.worldbody.add_light(
        pos=appearance.light_position,
        dir=tuple(np.subtract(LIT_POINT, appearance.light_position)),
        diffuse=appearance.light_diffuse,
        specular=(0.2, 0.2, 0.2),
        castshadow=True,
    )
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


def _add_object_material(spec: mujoco.MjSpec, name: str, pattern: str, main: Rgb, accent: Rgb) -> None:
    """Add a material whose pattern covers each of the six sides of a shape."""
    face = draw_pattern(pattern, main, accent)
    texture = spec.add_texture(
        name=name, type=mujoco.mjtTexture.mjTEXTURE_CUBE, width=TEXTURE_SIZE, height=6 * TEXTURE_SIZE, nchannel=3
    )
    texture.data = np.tile(face, (6, 1, 1)).tobytes()
    material = spec.add_material(name=name, specular=0.3, shininess=0.3)
    material.textures[mujoco.mjtTextureRole.mjTEXROLE_RGB] = name


def add_objects(spec: mujoco.MjSpec, objects: Objects, layout: Layout) -> None:
    """Add all objects of a task: bodies `container0`, `item0` and so on, and `zone`.

    Args:
        spec: Scene to add to.
        objects: What lies on the table.
        layout: Where; items are placed by `place_items` once the scene is compiled.
    """
    if objects.zone is not None:
        add_zone(spec, objects.zone, position=layout.zone_position, yaw=layout.zone_yaw)
    for slot, container in enumerate(objects.containers):
        position, yaw = layout.container_positions[slot], layout.container_yaws[slot]
        add_container(spec, f"container{slot}", container, position=position, yaw=yaw)
    for slot, item in enumerate(objects.items):
        add_item(spec, f"item{slot}", item)


def place_items(data: mujoco.MjData, objects: Objects, layout: Layout) -> None:
    """Set every item on its place on the table, at rest.

    Args:
        data: State of the compiled scene; changed.
        objects: What lies on the table.
        layout: Where.
    """
    for slot, item in enumerate(objects.items):
        joint = data.joint(f"item{slot}")
        joint.qpos = [
            *layout.item_positions[slot],
            item.half_extents[2],
            *rotations.about_z(float(layout.item_yaws[slot])),
        ]
        joint.qvel = 0.0


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
    body = spec.worldbody.add_body(name=name, pos=(position[0], position[1], 0.0), quat=rotations.about_z(yaw))
    outline = container.polygon()
    _add_object_material(spec, name, container.pattern, container.floor_colour, container.wall_colour)
    _add_container_floor(spec, body, outline)
    for start, end in zip(outline, np.roll(outline, -1, axis=0), strict=True):
        _add_wall(body, container, start, end)


def _add_container_floor(spec: mujoco.MjSpec, body: mujoco.MjsBody, outline: NDArray[np.float64]) -> None:
    """Add a slab over an outline, `(sides, 2)`, in metres, with the material and a mesh named after its body."""
    mesh = spec.add_mesh(name=body.name)
    mesh.uservert = np.concatenate(
        [np.column_stack([outline, np.full(len(outline), z)]) for z in (0.0, FLOOR_THICKNESS)]
    ).ravel()
    body.add_geom(
        type=mujoco.mjtGeom.mjGEOM_MESH,
        meshname=body.name,
        material=body.name,
        friction=ITEM_FRICTION,
        solref=SOFT_CONTACT,
    )


def _add_wall(body: mujoco.MjsBody, container: Container, start: NDArray[np.float64], end: NDArray[np.float64]) -> None:
    """Add the wall that stands on one edge of the floor and leans outwards, as wide as its rim.

    Args:
        body: The container's body.
        container: Height, flare and colour of the wall.
        start: First corner of the edge, counter-clockwise, `(2,)`, in metres.
        end: Second corner.
    """
    edge, middle = end - start, (start + end) / 2
    outward = np.array([edge[1], -edge[0]]) / np.linalg.norm(edge)
    up_along_wall = np.array([*(outward * np.sin(container.flare)), np.cos(container.flare)])
    slant = container.height / np.cos(container.flare)
    rim = np.linalg.norm(edge) * (1 + container.height * np.tan(container.flare) / np.linalg.norm(middle))
    # The wall leans about its foot: first turned along the edge, then tipped outwards about it.
    along_edge = rotations.about_z(float(np.arctan2(edge[1], edge[0])))
    centre = np.array([*middle, 0.0]) + up_along_wall * slant / 2 + np.array([*outward, 0.0]) * WALL_THICKNESS / 2
    body.add_geom(
        type=mujoco.mjtGeom.mjGEOM_BOX,
        size=(rim / 2, WALL_THICKNESS / 2, slant / 2),
        pos=tuple(centre),
        quat=rotations.compose(along_edge, rotations.about_x(container.flare)),
        rgba=(*container.wall_colour, 1.0),
        friction=ITEM_FRICTION,
        solref=SOFT_CONTACT,
    )


def add_item(spec: mujoco.MjSpec, name: str, item: Item) -> None:
    """Add an item that moves freely; its place is set in the state.

    Args:
        spec: Scene to add to.
        name: Name of its body and of its joint.
        item: Shape and looks.
    """
    body = spec.worldbody.add_body(name=name, pos=(0.0, 0.0, 1.0))
    body.add_freejoint(name=name)  # pyright: ignore[reportUnknownMemberType] - MuJoCo's stubs leave **kwargs untyped
    _add_object_material(spec, name, item.pattern, item.colour, item.accent)
    for shape in _item_shapes(item):
        body.add_geom(
            type=shape.kind,
            size=shape.size,
            pos=shape.offset,
            material=name,
            density=DENSITY,
            condim=6,  # with rolling friction, so that a ball comes to rest
            friction=SLIDING_FRICTION if item.is_pushed else ITEM_FRICTION,
            solref=SOFT_CONTACT,
            priority=1,  # an item's contacts are as soft on the table as in a container
        )


def add_zone(spec: mujoco.MjSpec, zone: Zone, *, position: NDArray[np.float64], yaw: float) -> None:
    """Draw a goal zone, which nothing touches, as the body `zone`.

    Args:
        spec: Scene to add to.
        zone: Shape and looks.
        position: Place on the table, `(2,)`, in metres.
        yaw: Turn about the vertical, in radians.
    """
    body = spec.worldbody.add_body(name="zone", pos=(position[0], position[1], 0.0), quat=rotations.about_z(yaw))
    _add_object_material(spec, "zone", zone.pattern, zone.colour, zone.accent)
    kind, size = {
        "disc": (mujoco.mjtGeom.mjGEOM_CYLINDER, (zone.radius, THICKNESS, 0.0)),
        "square": (mujoco.mjtGeom.mjGEOM_BOX, (zone.radius, zone.radius, THICKNESS)),
        "oval": (mujoco.mjtGeom.mjGEOM_ELLIPSOID, (zone.radius * OVAL_ASPECT, zone.radius, 2 * THICKNESS)),
    }[zone.shape]
    body.add_geom(type=kind, size=size, material="zone", contype=0, conaffinity=0)


class _ItemShape(NamedTuple):
    """One solid of an item: its size as MuJoCo takes it, and its middle in the item's frame; metres."""

    kind: mujoco.mjtGeom
    size: tuple[float, float, float]
    offset: tuple[float, float, float] = (0.0, 0.0, 0.0)


def _item_shapes(item: Item) -> tuple[_ItemShape, ...]:
    """Return the solids that make up an item of any family."""
    length, width, height = item.half_extents
    box = _ItemShape(mujoco.mjtGeom.mjGEOM_BOX, item.half_extents)
    cylinder = _ItemShape(mujoco.mjtGeom.mjGEOM_CYLINDER, (width, height, 0.0))
    ball = _ItemShape(mujoco.mjtGeom.mjGEOM_SPHERE, (width, 0.0, 0.0))
    shapes: dict[str, tuple[_ItemShape, ...]] = {
        **dict.fromkeys(("box", "brick", "stick", "block", "plank"), (box,)),
        **dict.fromkeys(("cylinder", "disc"), (cylinder,)),
        "ball": (ball,),
        "egg": (_ItemShape(mujoco.mjtGeom.mjGEOM_ELLIPSOID, item.half_extents),),
        "bead pair": tuple(ball._replace(offset=(side * (length - width), 0.0, 0.0)) for side in (-1, 1)),
        "cross": (
            box._replace(size=(length, 0.6 * width, height)),
            box._replace(size=(0.6 * width, length, height)),
        ),
        "stepped disc": (
            cylinder._replace(size=(width, 0.6 * height, 0.0), offset=(0.0, 0.0, -0.4 * height)),
            cylinder._replace(size=(0.6 * width, 0.4 * height, 0.0), offset=(0.0, 0.0, 0.6 * height)),
        ),
    }
    return shapes[item.family]
