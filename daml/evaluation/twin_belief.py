"""What a policy takes for item and destination in a film's twin, told as places in the film."""

import numpy as np

from daml.demos.reading.reading import Point
from daml.deployment.belief import Belief
from daml.evaluation.first_looks import FirstLooks
from daml.twins import Thing, Twin


def believed_in_film(looks: FirstLooks, twin: Twin) -> Belief:
    """Find in a film what a policy takes for item and destination in its twin.

    Args:
        looks: What the policy takes for them at first looks.
        twin: The film's twin.

    Returns:
        For item and destination the place, in the film's first picture, of the thing that is taken for it most often.
    """
    things = {thing.name: thing for thing in twin.things}
    item, destination = (int(np.argmax(counts)) for counts in (looks.items, looks.destinations))
    name = f"container{destination}" if f"container{destination}" in things else "zone"
    believed_item = _in_film(twin, things[f"item{item}"]) if any(looks.items) else None
    return Belief(believed_item, _in_film(twin, things[name]))


def _in_film(twin: Twin, thing: Thing) -> Point:
    """Return where the film shows a thing, or would if it were there."""
    if thing.place is not None:
        return thing.place
    height, width = twin.first_frame.shape[:2]
    x, y = twin.camera.project(thing.position[None])[0].astype(float)
    return float((x * height / width + 1) / 2), float((y + 1) / 2)
