"""Cameras as data: where the policy looks from, where a person looks from, and how much the first one moves."""

from dataclasses import dataclass, replace
from typing import Self

import mujoco
import numpy as np
from numpy.typing import NDArray

from daml.envs.scene import rotations

POSITION_JITTER = 0.02
"""Half-width of the uniform shift of the policy's camera along each axis, in metres: a tripod set up again by hand."""

TARGET_JITTER = 0.015
"""Half-width of the uniform shift of the point looked at, in metres: about one degree at this distance."""


@dataclass(frozen=True)
class Camera:
    """A pinhole camera.

    Args:
        name: Name in the compiled model.
        position: Position in the world, in metres.
        target: Point in the middle of the image, in metres.
        field_of_view_deg: Vertical field of view, in degrees.
        roll_deg: Turn of the image about its middle, in degrees; 0 stands upright.
    """

    name: str
    position: tuple[float, float, float]
    target: tuple[float, float, float]
    field_of_view_deg: float
    roll_deg: float = 0.0

    @property
    def side(self) -> float:
        """Return where the camera stands, seen from what it looks at, in radians about the vertical from the x axis."""
        x, y, _ = np.subtract(self.position, self.target)
        return float(np.arctan2(y, x))

    @property
    def width(self) -> float:
        """Return how much a square image shows from side to side at what it looks at, in metres."""
        distance = float(np.linalg.norm(np.subtract(self.position, self.target)))
        return 2 * distance * float(np.tan(np.deg2rad(self.field_of_view_deg) / 2))

    def axes(self) -> NDArray[np.float64]:
        """Return the image's right, up and backward directions in the world, as columns, `(3, 3)`."""
        back = np.subtract(self.position, self.target)
        back = back / np.linalg.norm(back)
        right = np.cross([0.0, 0.0, 1.0], back)
        right = right / np.linalg.norm(right)
        up = np.cross(back, right)
        cosine, sine = np.cos(np.deg2rad(self.roll_deg)), np.sin(np.deg2rad(self.roll_deg))
        return np.stack([cosine * right + sine * up, cosine * up - sine * right, back], axis=1)

    def project(self, points: NDArray[np.float64]) -> NDArray[np.float32]:
        """Tell where points of the world are in a square image.

        Args:
            points: Positions in front of the camera, `(n, 3)`, in metres.

        Returns:
            x to the right and y down, each in [-1, 1] from edge to edge, `(n, 2)`.
        """
        right, up, back = ((points - np.array(self.position)) @ self.axes()).T
        scale = 1 / np.tan(np.deg2rad(self.field_of_view_deg) / 2)
        return np.column_stack([scale * right / -back, -scale * up / -back]).astype(np.float32)

    def rays(self, places: NDArray[np.float64]) -> NDArray[np.float64]:
        """Tell in which directions of the world places of the image's plane are seen: the inverse of `project`.

        Args:
            places: As `project` tells them, `(n, 2)`; x beyond [-1, 1] lies beside the square.

        Returns:
            Directions, one unit deep along the camera's axis, `(n, 3)`.
        """
        right, up, back = self.axes().T
        x, y = (places * np.tan(np.deg2rad(self.field_of_view_deg) / 2)).T
        return x[:, None] * right - y[:, None] * up - back

    def jittered(self, rng: np.random.Generator) -> Self:
        """Return the camera as somebody would set it up again: shifted and turned a little."""
        position = np.array(self.position) + rng.uniform(-POSITION_JITTER, POSITION_JITTER, 3)
        target = np.array(self.target) + rng.uniform(-TARGET_JITTER, TARGET_JITTER, 3)
        return replace(self, position=tuple(map(float, position)), target=tuple(map(float, target)))

    def add_to(self, spec: mujoco.MjSpec) -> None:
        """Add the camera to a scene."""
        spec.worldbody.add_camera(
            name=self.name, pos=self.position, quat=rotations.from_matrix(self.axes()), fovy=self.field_of_view_deg
        )


FILMING_DISTANCE, FILMING_ELEVATION_DEG, FILMING_FIELD_DEG = (0.4, 1.8), (15.0, 80.0), (35.0, 80.0)
"""Where people put a camera that films a table: how far off, in metres, how high, and how wide it sees."""

FILMING_WIDTH = (0.4, 1.15)
"""What the picture then shows from side to side, in metres: people come close enough for what they film to fill it."""

FILMING_TARGET = ((0.42, -0.10, 0.0), (0.62, 0.10, 0.08))
"""Corners of the box that it looks into, in metres: the workspace."""

FILMING_ROLL_DEG = 4.0
"""Standard deviation of its turn about its own axis, in degrees."""


def draw_filming_camera(rng: np.random.Generator) -> Camera:
    """Draw a camera anywhere about the table, as people film."""
    width = distance = field_deg = np.inf
    while not FILMING_WIDTH[0] <= width <= FILMING_WIDTH[1]:
        distance, field_deg = rng.uniform(*FILMING_DISTANCE), rng.uniform(*FILMING_FIELD_DEG)
        width = 2 * distance * np.tan(np.deg2rad(field_deg) / 2)
    target = rng.uniform(*FILMING_TARGET)
    azimuth, elevation = rng.uniform(-np.pi, np.pi), np.deg2rad(rng.uniform(*FILMING_ELEVATION_DEG))
    level = np.array([np.cos(azimuth), np.sin(azimuth), 0.0])
    position = target + distance * (np.cos(elevation) * level + np.array([0.0, 0.0, np.sin(elevation)]))
    return Camera(
        "film",
        (float(position[0]), float(position[1]), float(position[2])),
        (float(target[0]), float(target[1]), float(target[2])),
        field_of_view_deg=field_deg,
        roll_deg=rng.normal(0.0, FILMING_ROLL_DEG),
    )


POLICY_CAMERA = Camera("policy", (1.12, 0.0, 0.78), (0.525, 0.0, 0.03), 38.0)
"""Faces the robot across the table: the workspace fills the image and the arm comes in from the far side."""

PERSON_CAMERA = Camera("person", (1.32, -0.42, 0.80), (0.47, 0.0, 0.14), 44.0)
"""A quarter view for people, with the whole arm in it."""
