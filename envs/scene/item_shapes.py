"""The solids that items are made of, family by family."""

from collections.abc import Callable
from typing import NamedTuple

import mujoco
import numpy as np
from numpy.typing import NDArray

from daml.envs.objects.items import Item
from daml.envs.objects.palette import Rgb

_LEVELS, _CORNERS = 8, 16
"""Rings of a rounded solid, and corners of each: none at its middle, where it is grasped by flat sides."""

_DARK = 0.4
"""Lightness of the inside of a mug, and of a stem, by that of the outside."""

_MARK = 0.0004
"""Thickness of what is only drawn, in metres."""


class ItemShape(NamedTuple):
    """One solid of an item, in the item's frame, in metres."""

    kind: mujoco.mjtGeom
    size: tuple[float, float, float]
    """As MuJoCo takes it; nothing for a mesh."""
    offset: tuple[float, float, float] = (0.0, 0.0, 0.0)
    """Its middle."""
    corners: NDArray[np.float64] | None = None
    """Of a mesh: the solid is their convex hull, `(n, 3)`."""
    colour: Rgb | None = None
    """Of what is only drawn and touches nothing; None for a solid with the item's own looks."""


def item_shapes(item: Item) -> tuple[ItemShape, ...]:
    """Return the solids that make up an item of any family."""
    length, width, height = item.half_extents
    box = ItemShape(mujoco.mjtGeom.mjGEOM_BOX, item.half_extents)
    cylinder = ItemShape(mujoco.mjtGeom.mjGEOM_CYLINDER, (width, height, 0.0))
    ball = ItemShape(mujoco.mjtGeom.mjGEOM_SPHERE, (width, 0.0, 0.0))
    if item.family in _HOUSEHOLD:
        return _HOUSEHOLD[item.family](item)
    shapes: dict[str, tuple[ItemShape, ...]] = {
        **dict.fromkeys(("box", "brick", "stick", "block", "plank"), (box,)),
        **dict.fromkeys(("cylinder", "disc"), (cylinder,)),
        "ball": (ball,),
        "egg": (ItemShape(mujoco.mjtGeom.mjGEOM_ELLIPSOID, item.half_extents),),
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


def _stepped(solid: ItemShape, *, width: float, share: float) -> tuple[ItemShape, ItemShape]:
    """Make the upper part of a solid narrower.

    Args:
        solid: A box or a cylinder.
        width: Of the upper part, by that of the lower one.
        share: Height of the lower part, by that of the whole.
    """
    *sides, height = solid.size if solid.kind == mujoco.mjtGeom.mjGEOM_BOX else solid.size[:2]
    rest = (0.0,) * (2 - len(sides))

    def part(scale: float, part_share: float, middle: float) -> ItemShape:
        size = (*(scale * side for side in sides), part_share * height, *rest)
        return ItemShape(solid.kind, (size[0], size[1], size[2]), (0.0, 0.0, middle * height))

    return part(1.0, share, share - 1), part(width, 1 - share, share)


def _mug(item: Item) -> tuple[ItemShape, ...]:
    """Return a cylinder with a handle ahead and a dark mouth."""
    length, width, height = item.half_extents
    thick = 0.12 * width
    reach = (length - thick - width) / 2
    bar = ItemShape(mujoco.mjtGeom.mjGEOM_BOX, (reach, thick, thick))
    grip = ItemShape(mujoco.mjtGeom.mjGEOM_CYLINDER, (thick, 0.5 * height + thick, 0.0), (length - thick, 0.0, 0.0))
    return (
        ItemShape(mujoco.mjtGeom.mjGEOM_CYLINDER, (width, height, 0.0)),
        *(bar._replace(offset=(width + reach, 0.0, side * 0.5 * height)) for side in (-1, 1)),
        grip,
        ItemShape(
            mujoco.mjtGeom.mjGEOM_CYLINDER, (0.85 * width, _MARK, 0.0), (0.0, 0.0, height), colour=_darker(item.colour)
        ),
    )


def _bag(item: Item) -> tuple[ItemShape, ...]:
    """Return a pillow with a seam at either end."""
    length, width, height = item.half_extents
    pillow = _rounded((0.9 * length, width, height), exponent=4.0, end=0.75)
    seam = ItemShape(mujoco.mjtGeom.mjGEOM_BOX, (0.15 * length, 0.8 * width, 2 * _MARK), colour=item.accent)
    return (pillow, *(seam._replace(offset=(side * 0.85 * length, 0.0, 0.0)) for side in (-1, 1)))


def _fruit(item: Item) -> tuple[ItemShape, ...]:
    """Return a round or an oval fruit, which stands on a small foot, with its stem."""
    height = item.half_extents[2]
    stem = (0.08 * item.half_extents[1], 0.08 * height, 0.0)
    return (
        _rounded(item.half_extents, exponent=2.0, end=0.5),
        ItemShape(mujoco.mjtGeom.mjGEOM_CYLINDER, stem, (0.0, 0.0, height), colour=_darker(item.colour)),
    )


def _toy(item: Item) -> tuple[ItemShape, ...]:
    """Return an animal that sits: a body, a head and two ears."""
    _, width, height = item.half_extents
    head = min(0.75 * width, 0.5 * height)
    ear = ItemShape(mujoco.mjtGeom.mjGEOM_SPHERE, (0.4 * head, 0.0, 0.0), colour=item.accent)
    return (
        ItemShape(mujoco.mjtGeom.mjGEOM_CYLINDER, (width, 0.6 * height, 0.0), (0.0, 0.0, -0.4 * height)),
        ItemShape(mujoco.mjtGeom.mjGEOM_SPHERE, (head, 0.0, 0.0), (0.0, 0.0, height - head)),
        *(ear._replace(offset=(0.0, side * 0.8 * head, height - 0.5 * head)) for side in (-1, 1)),
    )


def _book(item: Item) -> tuple[ItemShape, ...]:
    """Return a lying book: its covers and back, and white pages on the other three sides."""
    length, width, height = item.half_extents
    long, wide = length - 2 * _MARK, width - 2 * _MARK
    page = ItemShape(mujoco.mjtGeom.mjGEOM_BOX, (long, _MARK, 0.75 * height), colour=(0.93, 0.93, 0.91))
    end = page._replace(size=(_MARK, wide, 0.75 * height))
    return (
        ItemShape(mujoco.mjtGeom.mjGEOM_BOX, (long, wide, height)),
        page._replace(offset=(0.0, width - _MARK, 0.0)),
        *(end._replace(offset=(side * (length - _MARK), 0.0, 0.0)) for side in (-1, 1)),
    )


_HOUSEHOLD: dict[str, Callable[[Item], tuple[ItemShape, ...]]] = {
    "mug": _mug,
    "bag": _bag,
    "fruit": _fruit,
    "toy": _toy,
    "book": _book,
}


def _rounded(half_extents: tuple[float, float, float], *, exponent: float, end: float) -> ItemShape:
    """Return a solid that is rounded all over but for a flat foot and a flat top.

    Args:
        half_extents: Half lengths, in metres.
        exponent: Of the superellipse that it is from above: 2 for an ellipse, more the nearer to a rectangle.
        end: Length of the foot, by that of the whole.
    """
    angles = 2 * np.pi * (np.arange(_CORNERS) + 0.5) / _CORNERS
    around = np.column_stack([np.cos(angles), np.sin(angles)])
    outline = np.sign(around) * np.abs(around) ** (2 / exponent)
    outline[:, 1] /= outline[:, 1].max()  # fingers close along y
    levels = np.linspace(-1.0, 1.0, _LEVELS)
    shares = np.sqrt(1 - (1 - end**2) * levels**2)
    shares /= shares.max()
    rings = [np.column_stack([share * outline, np.full(_CORNERS, z)]) for z, share in zip(levels, shares, strict=True)]
    return ItemShape(
        mujoco.mjtGeom.mjGEOM_MESH, (0.0, 0.0, 0.0), corners=np.concatenate(rings) * np.array(half_extents)
    )


def _darker(colour: Rgb) -> Rgb:
    red, green, blue = colour
    return (_DARK * red, _DARK * green, _DARK * blue)
