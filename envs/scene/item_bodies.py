"""Items as bodies of a MuJoCo specification that move freely."""

import mujoco

from daml.envs.objects.items import DENSITY, Item
from daml.envs.scene.item_shapes import item_shapes
from daml.envs.scene.materials import add_object_material
from daml.envs.scene.scans import add_scan

ITEM_FRICTION = (1.2, 0.02, 0.001)
"""Sliding, torsional and rolling friction of items: rubbery, so that fingers hold and rolling ends soon."""

SLIDING_FRICTION = (0.4, 0.02, 0.001)
"""The same of items that are pushed: smooth enough to slide rather than tip over when pushed near their top."""

SOFT_CONTACT = (0.015, 1.2)
"""Contact time constant in seconds and damping ratio: above one, so that a dropped item hardly bounces."""


def add_item(spec: mujoco.MjSpec, name: str, item: Item) -> None:
    """Add an item that moves freely; its place is set in the state.

    Args:
        spec: Scene to add to.
        name: Name of its body and of its joint.
        item: Shape and looks.
    """
    body = spec.worldbody.add_body(name=name, pos=(0.0, 0.0, 1.0))
    body.add_freejoint(name=name)  # pyright: ignore[reportUnknownMemberType] - MuJoCo's stubs leave **kwargs untyped
    is_solid = item.scan is None
    if is_solid:
        add_object_material(spec, name, item.pattern, item.colour, item.accent, photograph=item.texture)
    else:
        add_scan(spec, body, item)
    for number, shape in enumerate(item_shapes(item)):
        mesh = ""
        if shape.corners is not None:
            mesh = f"{name} {number}"
            spec.add_mesh(name=mesh).uservert = shape.corners.ravel()
        if shape.colour is None:
            body.add_geom(
                type=shape.kind,
                size=shape.size,
                pos=shape.offset,
                meshname=mesh,
                material=name if is_solid else "",
                rgba=(1.0, 1.0, 1.0, 1.0) if is_solid else (0.0, 0.0, 0.0, 0.0),
                density=DENSITY,
                condim=6,  # with rolling friction, so that a ball comes to rest
                friction=SLIDING_FRICTION if item.is_pushed else ITEM_FRICTION,
                solref=SOFT_CONTACT,
                priority=1,  # an item's contacts are as soft on the table as in a container
            )
        elif is_solid:
            body.add_geom(
                type=shape.kind,
                size=shape.size,
                pos=shape.offset,
                rgba=(*shape.colour, 1.0),
                mass=0.0,
                contype=0,
                conaffinity=0,
            )
