"""The table and what lies on it, as a MuJoCo specification that a robot or a human hand is then added to."""

import mujoco
import numpy as np

from daml.envs.objects.task_objects import Objects
from daml.envs.scene import rotations
from daml.envs.scene.appearance import Appearance
from daml.envs.scene.container_bodies import add_container, add_zone
from daml.envs.scene.item_bodies import add_item
from daml.envs.scene.materials import add_material
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
