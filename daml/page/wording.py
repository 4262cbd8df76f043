"""What was read, in words that a person says."""

import cv2
import numpy as np
from numpy.typing import NDArray

from daml.demos import Frames, Reading, Step
from daml.envs.objects.palette import COLOURS
from daml.twins import Thing, Twin

_BRIGHTNESS = 0.5
"""How much brightness counts beside hue and saturation when a colour is named: an outline holds some shadow."""
_VERBS = {
    ("pick-place", "container"): "carried into",
    ("pick-place", "flat"): "carried onto",
    ("push", "flat"): "pushed onto",
    ("push", "container"): "pushed to",
    ("place", "container"): "put down in",
    ("place", "flat"): "put down on",
}


def describe_step(reading: Reading, step: Step, twin: Twin) -> str:
    """Say what a step is: `the yellow ball, carried onto the white plate`.

    Args:
        reading: What was read.
        step: One step of it.
        twin: The scene that was built of that step.
    """
    acted_on = [thing for thing in twin.things if thing.is_acted_on]
    item = next((thing for thing in acted_on if thing.role == "item"), None)
    destination = next((thing for thing in acted_on if thing.role != "item"), None)
    picture = reading.clean_first_frame
    outline = step.outline if item is None or not item.is_seen else item.outline
    words = f"the {name_colour(picture, outline)} {'thing' if item is None else item.family}"
    if destination is None or not destination.is_seen:
        return f"{words}, {'pushed' if step.kind == 'push' else 'put down'} elsewhere on the table"
    return f"{words}, {_VERBS[step.kind, destination.role]} the {_described(picture, destination)}"


def _described(picture: Frames, thing: Thing) -> str:
    """Say what a destination is: a mark on the table is called so."""
    shape = f"{thing.family} on the table" if thing.name == "zone" else thing.family
    return f"{name_colour(picture, thing.outline)} {shape}"


def name_colour(picture: Frames, outline: NDArray[np.float64]) -> str:
    """Return the name of the colour within an outline, `(n, 2)` shares, of a picture, RGB `(H, W, 3)`."""
    height, width = picture.shape[:2]
    mask = np.zeros((height, width), np.uint8)
    cv2.fillPoly(mask, [np.round(outline * (width, height)).astype(np.int32)], 1)
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
