"""Putting a twin together: bodies and their places become the scene's items, containers and zone."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from daml.demos import Frames
from daml.envs import Scene
from daml.envs.objects.containers import Container
from daml.envs.objects.items import Item
from daml.envs.objects.palette import Rgb
from daml.envs.objects.task_objects import Objects
from daml.envs.objects.zones import Zone
from daml.envs.scene.cameras import Camera
from daml.envs.tasks.filmed import Filmed
from daml.twins.bodies import Body
from daml.twins.table import Mask
from daml.twins.twin import Thing, Twin


def assemble(
    bodies: Sequence[Body],
    places: NDArray[np.float64],
    *,
    kind: str,
    camera: Camera,
    first_frame: Frames,
    table: Mask,
    table_colour: Rgb,
) -> Twin:
    """Put a twin together.

    Args:
        bodies: Its things; the item acted on is the first item, its destination the first container or the zone.
        places: Their middles on the table, `(n, 2)`, in metres.
        kind: What is done.
        camera: From where it was filmed.
        first_frame: The film's first frame without hands, RGB `(H, W, 3)`.
        table: Where the table is seen there, `(H, W)`.
        table_colour: RGB in [0, 1].

    Raises:
        ValueError: The bodies are no scene of this kind.
    """
    items = [number for number, body in enumerate(bodies) if isinstance(body.model, Item)]
    containers = [number for number, body in enumerate(bodies) if isinstance(body.model, Container)]
    zones = [number for number, body in enumerate(bodies) if isinstance(body.model, Zone)]
    poses = [(float(place[0]), float(place[1]), float(body.yaw)) for place, body in zip(places, bodies, strict=True)]
    film = Filmed(
        tuple(poses[number] for number in items),
        tuple(poses[number] for number in containers),
        poses[zones[0]] if zones else None,
        camera=camera.position,
        target=camera.target,
        field_of_view_deg=camera.field_of_view_deg,
        table=table_colour,
    )
    objects = Objects(
        tuple(body.model for body in bodies if isinstance(body.model, Item)),
        tuple(body.model for body in bodies if isinstance(body.model, Container)),
        next((body.model for body in bodies if isinstance(body.model, Zone)), None),
        target=0,
    )
    names = {number: f"item{slot}" for slot, number in enumerate(items)}
    names |= {number: f"container{slot}" for slot, number in enumerate(containers)}
    names |= dict.fromkeys(zones, "zone")
    return Twin(
        scene=Scene(kind, objects, film),
        things=tuple(_thing(body, names[number], places[number]) for number, body in enumerate(bodies)),
        first_frame=first_frame,
        table=table,
    )


def _thing(body: Body, name: str, place: NDArray[np.float64]) -> Thing:
    """Describe one body."""
    seen = body.segment
    return Thing(
        name=name,
        role=body.role,
        place=None if seen is None else (float(seen.place[0]), float(seen.place[1])),
        outline=np.zeros((0, 2)) if seen is None else seen.outline,
        is_seen=seen is not None and not body.is_spot,
        family=body.family,
        size=body.size,
        colours=body.colours,
        position=np.array([*place, body.size[2] / 2]),
        is_acted_on=body.is_acted_on,
    )
