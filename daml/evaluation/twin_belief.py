"""What a policy takes for item and destination in a film's twin, told as places in the film."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from daml import envs
from daml.demos.reading.reading import Point
from daml.deployment.adapted_policy import AdaptedPolicy
from daml.deployment.belief import Belief
from daml.envs.scene.cameras import POLICY_CAMERA
from daml.twins import Thing, Twin
from daml.twins.comparison import render_scene


def believe_of_twin(policy: AdaptedPolicy, twin: Twin) -> Belief:
    """Ask a policy what is what in a film's twin, and find that in the film.

    Args:
        policy: The policy; its memory of an episode is left as it is.
        twin: The twin, whose things lie as in the film; the policy sees it from where it acts.

    Returns:
        For item and destination the place, in the film's first picture, of the thing that is nearest to where the
        policy takes it to be.
    """
    height, width = policy.config.image_size
    picture = render_scene(
        twin.scene,
        twin.layout,
        POLICY_CAMERA,
        size=(width, height),
        table=twin.table_colour,
        quality=envs.POLICY_QUALITY,
    )
    item, destination = policy.locate_goal(picture)
    items = [thing for thing in twin.things if thing.role == "item"]
    destinations = [thing for thing in twin.things if thing.role != "item"]
    believed_item = None if twin.scene.kind == "place" else _in_film(twin, _nearest(items, item))
    return Belief(believed_item, _in_film(twin, _nearest(destinations, destination)))


def _nearest(things: Sequence[Thing], place: NDArray[np.float32]) -> Thing:
    """Return the thing nearest to a place that the policy sees, x and y in [-1, 1]."""
    places = POLICY_CAMERA.project(np.stack([thing.position for thing in things]))
    return things[int(np.linalg.norm(places - place, axis=1).argmin())]


def _in_film(twin: Twin, thing: Thing) -> Point:
    """Return where the film shows a thing, or would if it were there."""
    if thing.place is not None:
        return thing.place
    height, width = twin.first_frame.shape[:2]
    x, y = twin.camera.project(thing.position[None])[0].astype(float)
    return float((x * height / width + 1) / 2), float((y + 1) / 2)
