"""Items as bodies of a MuJoCo specification that move freely."""

from typing import NamedTuple

import mujoco

from daml.envs.objects.items import DENSITY, Item
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
    for shape in _item_shapes(item):
        body.add_geom(
            type=shape.kind,
            size=shape.size,
            pos=shape.offset,
            material=name if is_solid else "",
            rgba=(1.0, 1.0, 1.0, 1.0) if is_solid else (0.0, 0.0, 0.0, 0.0),
            density=DENSITY,
            condim=6,  # with rolling friction, so that a ball comes to rest
            friction=SLIDING_FRICTION if item.is_pushed else ITEM_FRICTION,
            solref=SOFT_CONTACT,
            priority=1,  # an item's contacts are as soft on the table as in a container
        )


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
        **dict.fromkeys(("cube", "bar"), (box,)),
        "can": (cylinder,),
        "jar": _stepped(cylinder, width=0.75, share=0.7),
        "bottle": _stepped(cylinder, width=0.4, share=0.6),
        "step": _stepped(box, width=0.6, share=0.6),
        "plus": (
            box._replace(size=(length, 0.75 * width, height)),
            box._replace(size=(0.75 * width, length, height)),
        ),
        "stepped disc": (
            cylinder._replace(size=(width, 0.6 * height, 0.0), offset=(0.0, 0.0, -0.4 * height)),
            cylinder._replace(size=(0.6 * width, 0.4 * height, 0.0), offset=(0.0, 0.0, 0.6 * height)),
        ),
    }
    return shapes[item.family]


def _stepped(solid: _ItemShape, *, width: float, share: float) -> tuple[_ItemShape, _ItemShape]:
    """Make the upper part of a solid narrower.

    Args:
        solid: A box or a cylinder.
        width: Of the upper part, by that of the lower one.
        share: Height of the lower part, by that of the whole.
    """
    *sides, height = solid.size if solid.kind == mujoco.mjtGeom.mjGEOM_BOX else solid.size[:2]
    rest = (0.0,) * (2 - len(sides))

    def part(scale: float, part_share: float, middle: float) -> _ItemShape:
        size = (*(scale * side for side in sides), part_share * height, *rest)
        return _ItemShape(solid.kind, (size[0], size[1], size[2]), (0.0, 0.0, middle * height))

    return part(1.0, share, share - 1), part(width, 1 - share, share)
