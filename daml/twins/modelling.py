"""From what a film shows to things of the simulation: a family, a size that a gripper can handle, and colours."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from daml.demos import Frames
from daml.envs.objects.containers import FAMILIES, Container
from daml.envs.objects.items import HALF_EXTENTS, MINIMUM_COLOUR_DIFFERENCE, Item
from daml.envs.objects.palette import COLOURS, Rgb, as_rgb
from daml.envs.objects.zones import RADIUS, Zone
from daml.envs.tasks.description import AS_LONG_AS_WIDE
from daml.twins.segments import Segment, colors_of

_LONG = 1.5
"""A thing that is so many times as long as wide is a stick, not a box."""
_TALL = 0.8
"""A thing that is so many times as high as wide stands upright."""
_AS_HIGH_AS_WIDE, _NO_CIRCLE = 1.15, 0.06
"""Ratio of the sides of the box around a ball, at most; and by how much its area is not that of an ellipse."""
_RECTANGULAR = 0.87
"""Share of the smallest rectangle around it that a box fills at least; a disc fills 0.79 of it."""
_BOX = 0.93
"""The same of a box that stands upright: a can's ends are round."""
_JAR = 0.8
"""Width of a thing's upper quarter, by that of its lower half, below which it has a shoulder."""
_TWO_COLOURED = 0.25
"""Least difference of a thing's two colours (Euclidean RGB) for it to have a pattern."""
_SOME, _STEP = 0.08, 0.45
"""Difference of two colours that has a direction; and by how far they are moved apart (Euclidean RGB)."""
_AS_LONG_AS_WIDE = (*AS_LONG_AS_WIDE, "cube")
"""Families whose items are as long as wide: those that must be, and cubes."""


def item_of(picture: Frames, segment: Segment, size: tuple[float, float, float], *, is_pushed: bool) -> Item:
    """Model an item.

    Args:
        picture: The film's clean first frame, RGB `(H, W, 3)`.
        segment: The item in it.
        size: Its length, width and height, in metres.
        is_pushed: Whether it is to be pushed; else it is to be carried.
    """
    main, accent = colors_of(picture, segment.mask)
    family = _item_family(segment, size, is_pushed=is_pushed)
    halves = [float(np.clip(side / 2, *span)) for side, span in zip(size, HALF_EXTENTS[family], strict=True)]
    if family in _AS_LONG_AS_WIDE:
        halves[0] = halves[1]
    if family == "ball":
        halves[2] = halves[1]
    return Item(family, (halves[0], halves[1], halves[2]), as_rgb(main), as_rgb(accent), _pattern(main, accent))


def container_of(picture: Frames, segment: Segment, size: tuple[float, float], *, is_flat: bool) -> Container:
    """Model what items are put on or into.

    What is flat becomes a plate or a tray, with a low rim: of 12 items each, the shipped prior brought 9 onto plates, 8
    onto trays, 7 onto coasters and 6 onto mats.

    Args:
        picture: The film's clean first frame, RGB `(H, W, 3)`.
        segment: The thing in it.
        size: Its width and length, in metres.
        is_flat: Whether items lie on it, not in it.
    """
    main, accent = colors_of(picture, segment.mask)
    is_round = _fill(segment) < _RECTANGULAR
    family = ("plate" if is_round else "tray") if is_flat else ("bowl" if is_round else "box")
    return _container(family, size, as_rgb(main), as_rgb(accent), _pattern(main, accent))


def zone_of(picture: Frames, segment: Segment, size: tuple[float, float]) -> Zone:
    """Model what an item is pushed onto; arguments are those of `container_of`."""
    main, accent = colors_of(picture, segment.mask)
    shape = "disc" if _fill(segment) < _RECTANGULAR else "square"
    return Zone(shape, float(np.clip(max(size) / 2, *RADIUS)), as_rgb(main), as_rgb(accent), _pattern(main, accent))


def spare_item(taken: Sequence[Rgb], *, is_pushed: bool) -> Item:
    """Return an item of a colour that is unlike all that is there."""
    colour = _unlike(taken)
    family = "block" if is_pushed else "box"
    halves = [sum(span) / 2 for span in HALF_EXTENTS[family]]
    return Item(family, (halves[0], halves[1], halves[2]), colour, colour, "plain")


def spare_container(taken: Sequence[Rgb]) -> Container:
    """Return a flat destination of a colour that is unlike all that is there."""
    colour = _unlike(taken)
    return _container("plate", (0.12, 0.12), colour, colour, "plain")


def spare_zone(taken: Sequence[Rgb]) -> Zone:
    """Return a zone of a colour that is unlike all that is there."""
    colour = _unlike(taken)
    return Zone("disc", sum(RADIUS) / 2, colour, colour, "plain")


def apart(colour: Rgb, taken: Sequence[Rgb]) -> Rgb:
    """Move a colour away from others that it is too like, so that a policy can tell the things apart by their looks.

    Args:
        colour: RGB in [0, 1].
        taken: Colours of the other things of its role.

    Returns:
        The colour itself where it differs enough from all others; else one on the far side of the most similar one, or
        a lighter or darker one.
    """
    if not taken or _least_difference(colour, taken) >= MINIMUM_COLOUR_DIFFERENCE:
        return colour
    nearest = np.array(min(taken, key=lambda other: np.linalg.norm(np.subtract(colour, other))))
    way = np.subtract(colour, nearest)
    lighter = np.ones(3) / np.sqrt(3)
    directions = [*([way / np.linalg.norm(way)] if np.linalg.norm(way) > _SOME else []), lighter, -lighter]
    candidates = [as_rgb(np.clip(nearest + _STEP * direction, 0, 1)) for direction in directions]
    for candidate in candidates:
        if _least_difference(candidate, taken) >= MINIMUM_COLOUR_DIFFERENCE:
            return candidate
    return max(candidates, key=lambda candidate: _least_difference(candidate, taken))


def _least_difference(colour: Rgb, taken: Sequence[Rgb]) -> float:
    """Return the Euclidean RGB distance to the most similar of some colours."""
    return min(float(np.linalg.norm(np.subtract(colour, other))) for other in taken)


def _container(family: str, size: tuple[float, float], main: Rgb, accent: Rgb, pattern: str) -> Container:
    """Return a container of a family with a size near the one wanted."""
    ranges = FAMILIES[family]
    across = float(np.clip(min(size) / 2, *ranges.radius))
    along = across * float(np.clip(max(size) / min(size), *ranges.aspect))
    return Container(
        family=family,
        half_extents=(across, along),
        height=sum(ranges.height) / 2,
        flare=sum(ranges.flare) / 2,
        wall_colour=main,
        floor_colour=main if pattern == "plain" else accent,
        pattern=pattern,
    )


def _item_family(segment: Segment, size: tuple[float, float, float], *, is_pushed: bool) -> str:
    """Choose the family that comes nearest to a thing's shape among those that the shipped prior can handle.

    What is low and round becomes a ball: two of the films in which such a thing is carried ended well in 19 of 20
    rollouts with balls, in 17 with cans, and in 12 with low cylinders.
    """
    length, width, height = size
    fill = _fill(segment)
    is_round = fill < _RECTANGULAR
    if is_pushed:
        return "disc" if is_round else "plank" if length > 1.2 * width else "block"
    if length > _LONG * width:
        return "egg" if is_round else "brick"
    if _is_circle(segment):
        return "ball"
    if height > _TALL * width:
        return _upright_family(segment, fill)
    return "ball" if is_round else "box"


def _is_circle(segment: Segment) -> bool:
    """Tell whether a thing looks as a ball does."""
    left, top, right, bottom = segment.box
    across, down = (right - left) * segment.mask.shape[1], (bottom - top) * segment.mask.shape[0]
    return (
        max(across, down) < _AS_HIGH_AS_WIDE * min(across, down)
        and abs(segment.area / (np.pi / 4 * across * down) - 1) < _NO_CIRCLE
    )


def _upright_family(segment: Segment, fill: float) -> str:
    """Tell boxes, cans and what has a shoulder apart by how their outlines narrow towards the top.

    Bottles are modelled as jars: of 12 items that it had been shown, the shipped prior brought 12 cubes, 10 cans, 9
    jars and 6 bottles to their places.
    """
    widths = segment.mask.sum(axis=1)[segment.mask.any(axis=1)]
    shoulder = max(len(widths) // 4, 1)
    narrowing = float(np.median(widths[:shoulder]) / max(np.median(widths[-2 * shoulder :]), 1.0))
    if narrowing < _JAR:
        return "jar"
    return "cube" if fill > _BOX else "can"


def _fill(segment: Segment) -> float:
    """Return the share of the smallest rectangle around a thing that it fills."""
    corners = (segment.outline * segment.mask.shape[::-1]).astype(np.float32)
    (_, sides, _) = cv2.minAreaRect(corners)
    return segment.area / max(float((sides[0] + 1) * (sides[1] + 1)), 1.0)


def _pattern(main: NDArray[np.float64], accent: NDArray[np.float64]) -> str:
    return "dot" if np.linalg.norm(main - accent) > _TWO_COLOURED else "plain"


def _unlike(taken: Sequence[Rgb]) -> Rgb:
    """Return the named colour that is farthest from all of some others; the quieter of those far enough."""
    names = ("grey", "white", "brown", "black", "sky", "green", "orange", "blue", "yellow", "purple", "red")
    distances = [min((float(np.linalg.norm(np.subtract(COLOURS[n], c))) for c in taken), default=1.0) for n in names]
    far_enough = [n for n, distance in zip(names, distances, strict=True) if distance >= MINIMUM_COLOUR_DIFFERENCE]
    return COLOURS[far_enough[0] if far_enough else names[int(np.argmax(distances))]]
