"""From a reading to the scene that the film shows."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from daml.demos import Frames, Reading, Step
from daml.envs import TASK_KINDS
from daml.envs.objects.containers import Container
from daml.envs.objects.items import Item
from daml.envs.objects.palette import Rgb, as_rgb
from daml.envs.objects.zones import Zone
from daml.twins.arrangement import choose_origin, choose_scale, free_place, keep_apart, widened
from daml.twins.assembly import assemble
from daml.twins.bodies import Body, Model
from daml.twins.measuring import Extent, elevation_of, measure_lying, measure_standing
from daml.twins.modelling import container_of, item_of, named_colors, spare_container, spare_item, spare_zone, zone_of
from daml.twins.recognition import Sight, Sights, recognize
from daml.twins.segments import Segment, brightened, colors_of, outlined
from daml.twins.twin import Twin
from daml.twins.viewpoint import Viewpoint, to_world

_MOST = 3
"""Items, and destinations, of a twin at the most: as many as a scene takes."""

_ITEM_WIDTH, _PUSHED_WIDTH, _DESTINATION_WIDTH = 0.036, 0.056, 0.13
"""Widths that items to carry, items to push and destinations have in tasks, in metres."""

_UNSEEN_TABLE: Rgb = (0.7, 0.7, 0.7)
"""Colour of a table of which nothing is seen."""

_TRIED_LAYOUTS = 5
"""New layouts that there must be room for."""


def build_twin(reading: Reading, *, step: int = 0, further: Sequence[int] = ()) -> Twin:
    """Build the scene that a film shows.

    The scene is a model: sizes are brought to what the robot's gripper can handle, and all of it into its workspace.
    It is true in shapes, colours and roles, and in the places of the things as the camera sees them.

    Args:
        reading: What was read in the film.
        step: Number of the step that is to be imitated.
        further: Numbers of the steps that are to follow it: what they act on is in the twin, too, where it is seen.

    Returns:
        The twin; where the film shows no choice, it holds one thing more than that. In its scene there is room for
        new layouts.

    Raises:
        IndexError: The reading has no such step.
    """
    sights = recognize(reading, step=step)
    kept = _acted_on_later(reading, sights, further)
    others = _nearest(sights.others, reading.steps[step], kept)
    while True:
        twin = _build(reading, reading.steps[step], sights, [*kept, *others])
        if not others or _has_room(twin):
            return twin
        others.pop()


def _build(reading: Reading, shown: Step, sights: Sights, others: Sequence[Sight]) -> Twin:
    """Build a twin of what is acted on and some of the other things."""
    picture = reading.clean_first_frame
    lit = brightened(picture)
    spot = Segment(outlined(shown.put_outline, shown.destination, picture.shape[:2]))
    seen = [sights.item, sights.destination or Sight(spot, "flat"), *others]
    places = np.stack([sight.segment.place for sight in seen])
    flat = [sight.segment for sight in seen if sight.role == "flat" and sight.segment is not spot]
    viewpoint = Viewpoint.looking_down((picture.shape[1], picture.shape[0]), places, elevation_deg=elevation_of(flat))
    extents = [_measure(sight, viewpoint) for sight in seen]
    knows_destination = sights.destination is not None
    scale = choose_scale(
        np.stack([extent.foot for extent in extents]),
        _wanted_scales(extents, shown, knows_destination=knows_destination),
    )
    bodies = [
        Body(
            sight.role,
            sight.segment,
            _model(lit, sight, extent, scale, kind=shown.kind),
            is_acted_on=number < 2,
            yaw=extent.yaw + np.pi / 2 if sight.role == "item" else extent.yaw,  # an item is long along its x
        )
        for number, (sight, extent) in enumerate(zip(seen, extents, strict=True))
    ]
    table = as_rgb(colors_of(lit, sights.table)[0]) if sights.table.any() else _UNSEEN_TABLE
    if not knows_destination:
        taken = [table, bodies[0].colours[0], *(body.colours[0] for body in bodies[2:])]
        bodies[1] = replace(bodies[1], model=_spare_destination(shown, taken), is_spot=True)
    bodies = _told_apart(bodies)
    solid = np.array([0.0 if isinstance(body.model, Zone) else body.reach for body in bodies])  # a zone is paint
    points = viewpoint.on_table(places, z=np.array([body.size[2] / 2 for body in bodies]) / scale)
    scale = widened(scale, points, solid)
    points = viewpoint.on_table(places, z=np.array([body.size[2] / 2 for body in bodies]) / scale)
    origin = choose_origin(points, scale)
    camera = viewpoint.camera(scale=scale, origin=origin)
    on_table = keep_apart(to_world(points, scale=scale, origin=origin), solid)
    for spare in _spares(bodies, shown, table):
        gaps = np.array([body.reach for body in bodies]) + spare.reach
        place = free_place(on_table, gaps, camera=camera, aspect=picture.shape[1] / picture.shape[0])
        bodies.append(spare)
        on_table = np.vstack([on_table, place])
    return assemble(
        bodies,
        on_table,
        kind=shown.kind,
        camera=camera,
        first_frame=picture,
        table=sights.table,
        table_colour=table,
    )


def _acted_on_later(reading: Reading, sights: Sights, further: Sequence[int]) -> list[Sight]:
    """Return what further steps act on, without what is there already."""
    found = [sights.item, *filter(None, [sights.destination])]
    n_first = len(found)
    for step in further:
        later = recognize(reading, step=step)
        for sight in (later.item, *filter(None, [later.destination])):
            if not any(_is_same(sight, one) for one in found):
                found.append(sight)
    return found[n_first:]


def _is_same(one: Sight, two: Sight) -> bool:
    """Tell whether two sights are of one thing: most of the smaller one is in the other."""
    shared = int((one.segment.mask & two.segment.mask).sum())
    return 2 * shared > min(one.segment.area, two.segment.area)


def _nearest(others: Sequence[Sight], shown: Step, kept: Sequence[Sight]) -> list[Sight]:
    """Choose the other things that the twin holds: of each role those nearest to what is acted on, nearest first."""
    others = [sight for sight in others if not any(_is_same(sight, one) for one in kept)]
    middle = (np.array(shown.item) + np.array(shown.destination)) / 2
    room = {
        "item": 0 if shown.kind == "place" else _MOST - 1,
        "destination": 0 if shown.kind == "push" else _MOST - 1,
    }
    for sight in kept:
        room["item" if sight.role == "item" else "destination"] -= 1
    chosen: list[Sight] = []
    for sight in sorted(others, key=lambda sight: float(np.linalg.norm(sight.segment.place - middle))):
        role = "item" if sight.role == "item" else "destination"
        if room[role] > 0:
            room[role] -= 1
            chosen.append(sight)
    return chosen


def _has_room(twin: Twin) -> bool:
    """Tell whether new layouts can be drawn of a twin's scene."""
    try:
        for seed in range(_TRIED_LAYOUTS):
            TASK_KINDS[twin.scene.kind].draw_layout(twin.scene.objects, np.random.default_rng(seed))
    except ValueError:
        return False
    return True


def _measure(sight: Sight, viewpoint: Viewpoint) -> Extent:
    return (measure_lying if sight.role == "flat" else measure_standing)(sight.segment, viewpoint)


def _wanted_scales(extents: Sequence[Extent], shown: Step, *, knows_destination: bool) -> list[float]:
    """Return the scales at which item and destination have the usual sizes."""
    item_width = _PUSHED_WIDTH if shown.kind == "push" else _ITEM_WIDTH
    scales = [item_width / min(extents[0].size[:2])]
    if knows_destination:
        scales.append(_DESTINATION_WIDTH / max(extents[1].size[:2]))
    return scales


def _model(picture: Frames, sight: Sight, extent: Extent, scale: float, *, kind: str) -> Model:
    """Model a thing in the robot's world."""
    length, width, height = (scale * side for side in extent.size)
    if sight.role == "item":
        return item_of(picture, sight.segment, (length, width, height), is_pushed=kind == "push")
    if kind == "push":
        return zone_of(picture, sight.segment, (length, width))
    return container_of(picture, sight.segment, (length, width), role=sight.role)


def _spare_destination(shown: Step, taken: Sequence[Rgb]) -> Model:
    return spare_zone(taken) if shown.kind == "push" else spare_container(taken)


def _spares(bodies: Sequence[Body], shown: Step, table: Rgb) -> list[Body]:
    """Return what has to be added so that there is a choice.

    To carry something, two items and two destinations: with one destination the shipped prior put 2 of 10 chip bags
    onto their plate, with another one beside it 9 of 10.
    """
    n_items = sum(isinstance(body.model, Item) for body in bodies)
    n_destinations = sum(isinstance(body.model, Container) for body in bodies)
    added: list[Body] = []
    taken = [table, *(body.colours[0] for body in bodies)]
    if shown.kind != "place" and n_items < 2:
        item = spare_item(taken, is_pushed=shown.kind == "push")
        added.append(Body("item", None, item, is_acted_on=False))
        taken.append(item.colour)
    if shown.kind != "push" and n_destinations < 2:
        added.append(Body("flat", None, spare_container(taken), is_acted_on=False))
    return added


def _told_apart(bodies: Sequence[Body]) -> list[Body]:
    """Give the things of each use colours by which they can be told apart."""
    kept = list(bodies)
    is_item = [isinstance(body.model, Item) for body in bodies]
    for use in (True, False):
        numbers = [number for number in range(len(bodies)) if is_item[number] == use]
        colors = named_colors([bodies[number].colours[0] for number in numbers])
        for number, color in zip(numbers, colors, strict=True):
            kept[number] = bodies[number].recoloured(color)
    return kept
