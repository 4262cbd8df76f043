"""What was read, in words that a person says."""

import cv2
import numpy as np
from numpy.typing import NDArray

from daml.demos import Frames, Reading, Step
from daml.envs.objects.palette import COLOURS

_VERBS = {
    "pick-place": "picked up {} and put down {}",
    "push": "pushed from {} to {}",
    "place": "held {} and put down {}",
}
_BRIGHTNESS = 0.5
"""How much brightness counts beside hue and saturation when a colour is named: an outline holds some shadow."""
_THIRDS = ((1 / 3, 2 / 3), ("left", "middle", "right"), ("at the back", "in the middle", "in front"))


def describe_step(reading: Reading, step: Step) -> str:
    """Say what a step is: `the yellow thing, picked up in the middle and put down on the right in front, 2.1 s`."""
    colour = name_colour(reading.clean_first_frame, step)
    verb = _VERBS[step.kind].format(_where(step.item), _where(step.destination))
    return f"the {colour} thing, {verb}"


def name_colour(picture: Frames, step: Step) -> str:
    """Return the name of the colour that an item has in the first picture, RGB `(H, W, 3)`."""
    height, width = picture.shape[:2]
    mask = np.zeros((height, width), np.uint8)
    cv2.fillPoly(mask, [np.round(step.outline * (width, height)).astype(np.int32)], 1)
    pixels = picture[mask > 0]
    if not len(pixels):
        return "small"
    names = list(COLOURS)
    seen = np.median(pixels, axis=0) / 255
    places = _hue_places(np.array([*(COLOURS[name] for name in names), seen]))
    return names[int(np.linalg.norm(places[:-1] - places[-1], axis=1).argmin())]


def _hue_places(colours: NDArray[np.float64]) -> NDArray[np.float64]:
    """Put colours, RGB `(n, 3)`, where like ones are near: around a circle by hue, and little apart by brightness."""
    hsv = np.asarray(cv2.cvtColor(colours[None].astype(np.float32), cv2.COLOR_RGB2HSV), np.float64)[0]
    hue, saturation, value = np.deg2rad(hsv[:, 0]), hsv[:, 1], hsv[:, 2]
    return np.column_stack([saturation * np.cos(hue), saturation * np.sin(hue), _BRIGHTNESS * value])


def _where(place: tuple[float, float]) -> str:
    """Say which ninth of the picture a place is in."""
    bounds, columns, rows = _THIRDS
    column, row = (int(np.searchsorted(bounds, share)) for share in place)
    if column == 1:
        return rows[row]
    side = f"on the {columns[column]}"
    return side if row == 1 else f"{side} {rows[row]}"
