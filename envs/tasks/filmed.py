"""How a film shows a scene: where its things are at first, and from where they were filmed."""

from dataclasses import dataclass

import numpy as np

from daml.envs.objects.palette import Rgb
from daml.envs.objects.task_objects import Objects
from daml.envs.tasks.layout import Layout, draw_start

Pose = tuple[float, float, float]
"""Place on the table, x and y in metres, and turn about the vertical in radians."""

Point = tuple[float, float, float]
"""Place in the world, in metres."""

TABLE_COLOUR: Rgb = (0.7, 0.7, 0.7)
"""Colour of a table of which nothing is said."""

FIELDS_DEG = (5.0, 150.0)
"""Range of a camera's vertical field of view, in degrees."""

FARTHEST = 10.0
"""Largest distance of anything from the robot along each axis, in metres."""


@dataclass(frozen=True)
class Filmed:
    """A film's view of a scene. New layouts do not depend on it.

    Args:
        items: Where each item is at first.
        containers: Where each container is.
        zone: Where the goal zone is; None where there is none.
        camera: Where the camera stands.
        target: Point in the middle of its picture.
        field_of_view_deg: Its vertical field of view.
        table: Colour of the table.
        photograph: File of a picture of the table top, seen from above: x to the right, y up; empty for none.

    Raises:
        ValueError: The camera stands on or below the table or looks straight down, or something is out of range.
    """

    items: tuple[Pose, ...]
    containers: tuple[Pose, ...]
    zone: Pose | None
    camera: Point
    target: Point
    field_of_view_deg: float
    table: Rgb = TABLE_COLOUR
    photograph: str = ""

    def __post_init__(self) -> None:
        low, high = FIELDS_DEG
        if not low <= self.field_of_view_deg <= high:
            raise ValueError(
                f"film.field_of_view: expected {low:g} to {high:g} degrees, got {self.field_of_view_deg:g}"
            )
        for key, place in (("camera", self.camera), ("target", self.target)):
            if not all(abs(side) <= FARTHEST for side in place):
                raise ValueError(f"film.{key}: expected at most {FARTHEST:g} m from the robot, got {list(place)}")
        for key, poses in (("items", self.items), ("containers", self.containers), ("zone", (self.zone,))):
            for pose in poses:
                if pose is not None and not all(abs(part) <= FARTHEST for part in pose):
                    raise ValueError(f"{key}: expected a place within {FARTHEST:g} m of the robot, got {list(pose)}")
        if self.camera[2] <= 0 or np.allclose(self.camera[:2], self.target[:2]):
            raise ValueError(
                f"film.camera: expected a place above the table from where it looks down at a slant, got "
                f"{list(self.camera)} looking at {list(self.target)}"
            )

    def matches(self, objects: Objects) -> bool:
        """Tell whether it says where each of some objects is."""
        return (
            len(self.items) == len(objects.items)
            and len(self.containers) == len(objects.containers)
            and (self.zone is None) == (objects.zone is None)
        )

    def layout(self, objects: Objects) -> Layout:
        """Return where the things are in the film; the gripper starts where it would in a new layout."""
        items = np.array(self.items, np.float64).reshape(-1, 3)
        containers = np.array(self.containers, np.float64).reshape(-1, 3)
        zone = np.zeros(3) if self.zone is None else np.array(self.zone, np.float64)
        reaches = np.array([container.reach() for container in objects.containers])
        return Layout(
            gripper=draw_start(containers[:, :2], reaches, np.random.default_rng(0)),
            item_positions=items[:, :2],
            item_yaws=items[:, 2],
            container_positions=containers[:, :2],
            container_yaws=containers[:, 2],
            zone_position=zone[:2],
            zone_yaw=float(zone[2]),
        )
