"""Where a film's camera stands above the table: enough to tell from a place in the picture the place on the table.

The table's own frame: one unit is the camera's height, the origin is the point of the table below it, x goes to the
picture's right and y away from the camera.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from daml.envs.scene.cameras import Camera

FIELD_DEG = 45.0
"""Field of view across the picture's shorter side, in degrees: about that of phones and webcams when they film."""

USUAL_ELEVATION_DEG = 35.0
"""Angle at which a camera looks down on what is handled, where no plate tells it (`measuring.elevation_of`)."""

ELEVATIONS_DEG = (18.0, 75.0)
"""Range of this angle: flatter, a pixel is many centimetres deep; steeper, plates look round whatever the angle."""

_LEAST_DEPRESSION_DEG = 4.0
"""Angle below the horizon that every place on the table has at least."""


@dataclass(frozen=True)
class Viewpoint:
    """A camera above a table that looks along the frame's y axis, and down.

    Args:
        width: Width of the picture, by its shorter side.
        height: Height of the picture, by its shorter side.
        pitch: Angle by which the middle of the picture is below the horizon, in radians.
    """

    width: float
    height: float
    pitch: float

    @property
    def focal_length(self) -> float:
        """Focal length, by the picture's shorter side."""
        return 0.5 / float(np.tan(np.deg2rad(FIELD_DEG) / 2))

    @classmethod
    def looking_down(cls, size: tuple[int, int], places: NDArray[np.float64], *, elevation_deg: float) -> "Viewpoint":
        """Tilt the camera so that it looks down at some places at an angle.

        Args:
            size: Width and height of the picture [px].
            places: Places on the table, `(n, 2)` shares; the angle is that at their middle, and all of them end up
                below the horizon.
            elevation_deg: Angle between the line of sight to them and the table, in degrees.
        """
        width, height = size[0] / min(size), size[1] / min(size)
        level = cls(width, height, 0.0)
        below = np.arctan2((places[:, 1] - 0.5) * height, level.focal_length)
        middle = float(np.arctan2((places[:, 1].mean() - 0.5) * height, level.focal_length))
        pitch = np.deg2rad(elevation_deg) - middle
        least = np.deg2rad(_LEAST_DEPRESSION_DEG) - float(below.min())
        return cls(width, height, float(np.clip(pitch, least, np.pi / 2 - 0.01)))

    def on_table(self, places: NDArray[np.float64], *, z: float | NDArray[np.float64] = 0.0) -> NDArray[np.float64]:
        """Tell which points of the table, or of a plane above it, are seen at some places.

        Args:
            places: Shares of the picture's width and height, `(n, 2)`.
            z: Height of the plane, by the camera's; below 1.

        Returns:
            x and y, by the camera's height, `(n, 2)`. What is above the horizon is put just below it.
        """
        right = (places[:, 0] - 0.5) * self.width / self.focal_length
        down = (places[:, 1] - 0.5) * self.height / self.focal_length
        sine, cosine = np.sin(self.pitch), np.cos(self.pitch)
        sinking = np.maximum(sine + down * cosine, np.tan(np.deg2rad(_LEAST_DEPRESSION_DEG)) / 2)
        share = (1 - np.asarray(z)) / sinking
        return np.column_stack([right * share, (cosine - down * sine) * share])

    def distance(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Tell how far points of the table are from the camera along its axis, by its height, `(n,)`."""
        return points[:, 1] * np.cos(self.pitch) + np.sin(self.pitch)

    def elevation(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Tell at which angle the camera looks down on points of the table, in radians, `(n,)`."""
        return np.arctan2(1.0, np.linalg.norm(points, axis=1))

    def camera(self, *, scale: float, origin: NDArray[np.float64]) -> Camera:
        """Put the camera into the robot's world, opposite to the robot, as its own camera stands.

        Args:
            scale: Height of the camera, in metres.
            origin: Point of the world below it, `(2,)`, in metres.
        """
        x, y = float(origin[0]), float(origin[1])
        ahead = scale / max(float(np.tan(self.pitch)), 0.2)
        drop = ahead * float(np.tan(self.pitch))
        field = 2 * np.arctan(self.height / 2 / self.focal_length)
        return Camera("film", (x, y, scale), (x - ahead, y, scale - drop), float(np.rad2deg(field)))


def to_world(points: NDArray[np.float64], *, scale: float, origin: NDArray[np.float64]) -> NDArray[np.float64]:
    """Bring points of the table's own frame, `(n, 2)`, into the robot's world, `(n, 2)` in metres; see `camera`."""
    return np.column_stack([origin[0] - scale * points[:, 1], origin[1] + scale * points[:, 0]])


def seen_at(camera: Camera, points: NDArray[np.float64], *, aspect: float) -> NDArray[np.float64]:
    """Tell where points of the world are in a picture.

    Args:
        camera: The camera.
        points: Positions, `(n, 3)`, in metres.
        aspect: Width of the picture by its height.

    Returns:
        Shares of width and height, `(n, 2)`.
    """
    places = camera.project(points).astype(np.float64)
    return np.column_stack([0.5 + places[:, 0] / aspect / 2, 0.5 + places[:, 1] / 2])


def table_points(camera: Camera, places: NDArray[np.float64], *, aspect: float) -> NDArray[np.float64]:
    """Tell which points of the table are seen at places below the horizon: the inverse of `seen_at`.

    Args:
        camera: The camera.
        places: Shares of width and height, `(n, 2)`.
        aspect: Width of the picture by its height.

    Returns:
        x and y in the world, `(n, 2)`, in metres.
    """
    rays = camera.rays((2 * places - 1) * [aspect, 1])
    sinking = np.maximum(-rays[:, 2:], np.tan(np.deg2rad(_LEAST_DEPRESSION_DEG)) / 2)
    return (np.array(camera.position) + rays * (camera.position[2] / sinking))[:, :2]
