"""Where the camera stands, from where the robot knows its gripper to be and from where it is seen."""

from typing import NamedTuple, cast

import torch
from torch import Tensor, nn

from daml.policies.vision.feature_map import Landmarks

SHIFT_LIMIT = 0.12
"""Largest shift of a camera that was set up again, as a share of half the image: more is a gripper not found."""

SHIFT_SCALE = 0.03
"""Standard deviation of such shifts, likewise."""

_N_MOVES = 6
"""Numbers that say how a camera was set up again: moves of its position and of the point that it is aimed at."""

_OBSERVATION_SCALE = 0.008
"""Standard deviation of the place of a gripper that is clearly seen, as a share of half the image."""

_FARTHEST = 2.0
"""Largest coordinate of a place outside the image."""

_LEAST_SPREAD = 0.02
"""Standard deviation of the observed places, likewise, below which they say nothing of a camera."""

_FEWEST, _FITTING_DRAWS = 6, 200
"""Observations that determine a camera, and the number of random draws of so many."""

_AIM_HEIGHT = 0.03
"""Height of the point that a camera is aimed at, in metres: on the table, among the things."""

_SMALL_MOVE = 1e-4
"""Move by which the camera's changes are measured, in metres."""

_NO_VIEW = 1e-9
"""Determinant below which a camera sees a plane edge-on, or is none."""

_STEEP = 1e-3
"""Horizontal part of a direction below which it is straight up or down."""


class CameraEvidence(NamedTuple):
    """What observations of the gripper say of where the camera stands; the evidence of several is their sum."""

    precision: Tensor
    """Precision that they add, `(..., 6, 6)`."""
    weighted_mean: Tensor
    """Precision-weighted mean of the camera's moves, `(..., 6)`."""


class CameraEstimate(NamedTuple):
    """How the camera of an episode stands."""

    gripper: Tensor
    """Where it sees the gripper, `(..., 2)`."""
    shift: Tensor
    """Shift of the point that it is aimed at, in units of its usual size, `(..., 2)`."""
    matrix: Tensor
    """Camera matrix, `(..., 3, 4)`."""


class HandEye(nn.Module):
    """A pinhole camera, fitted to demonstrations: maps positions of the gripper to places in the image.

    A gripper low among things is hard to see, but the robot knows where it is. What it does not know is how the camera
    of this episode stands: it was set up again, a little beside its usual place, aimed at nearly the same point. The
    difference between where the gripper is seen and where it should be tells, better with every frame: the estimate is
    the mean of a Gaussian posterior over the camera's position and the point that it is aimed at.

    Args:
        position_scale: Standard deviation of the position of a camera that is set up again, along each axis, in metres.
        aim_scale: Standard deviation of the point that it is aimed at, likewise.

    References:
        Hartley and Zisserman (2004), Multiple View Geometry, Sec. 6.1 (the camera matrix).
        Bishop (2006), Pattern Recognition and Machine Learning, Sec. 3.3 (Bayesian linear regression).
    """

    matrix: Tensor
    changes: Tensor
    middle: Tensor

    def __init__(self, *, position_scale: float, aim_scale: float) -> None:
        super().__init__()
        self._scales = [position_scale] * 3 + [aim_scale] * 3
        self.register_buffer("matrix", torch.zeros(3, 4))
        self.matrix[2, 3] = 1.0  # as long as nothing is known, the middle of the image
        self.register_buffer("changes", torch.zeros(_N_MOVES, 3, 4))
        self.register_buffer("middle", torch.zeros(3))

    def forward(self, positions: Tensor) -> Tensor:
        """Project positions, `(..., 3)`, to places in the image, x and y in [-1, 1], `(..., 2)`."""
        return _project(self.matrix, positions)

    @torch.no_grad()
    def fit(self, positions: Tensor, places: Tensor) -> bool:
        """Fit the camera to observations, some of which may be far off: the median error decides which count.

        Args:
            positions: Where the gripper was, `(N, 3)`.
            places: Where it was seen, `(N, 2)`.

        Returns:
            Whether they agree on a camera; otherwise, and where all are in one place, none is fitted.

        References:
            Hartley and Zisserman (2004), Multiple View Geometry, Sec. 7.1 (the direct linear transformation).
            Rousseeuw (1984), Least median of squares regression.
        """
        if places.std(0).min() < _LEAST_SPREAD:
            return False
        rows = _equations(positions.double(), places.double())
        draws = torch.Generator().manual_seed(0)
        least = torch.tensor(SHIFT_LIMIT)
        counts: Tensor | None = None
        for _ in range(_FITTING_DRAWS):
            few = torch.randperm(len(positions), generator=draws)[:_FEWEST].to(positions.device)
            matrix = _solve(rows[few]).to(self.matrix.dtype)
            errors = torch.sqrt(torch.sum(torch.square(_project(matrix, positions) - places), 1))
            if errors.median() < least:  # not so for NaN
                least, counts = errors.median(), errors < 3 * errors.median()
        if counts is None:
            return False
        self.set_camera(_solve(rows[counts]), looks_at=positions.mean(0))
        return True

    @torch.no_grad()
    def set_camera(self, matrix: Tensor, *, looks_at: Tensor) -> None:
        """Set the camera, and how its matrix changes with where it stands and what it is aimed at.

        Args:
            matrix: Camera matrix of any scale, `(3, 4)`.
            looks_at: A position in front of it, `(3,)`.
        """
        matrix = matrix.double()
        depth = matrix[2, :3] @ looks_at.double() + matrix[2, 3]
        matrix = matrix * depth.sign() / _length(matrix[2, :3])  # the third row measures depth
        position = -(torch.inverse(matrix[:, :3]) @ matrix[:, 3])
        forward = matrix[2, :3]
        distance = (_AIM_HEIGHT - position[2]) / forward[2] if forward[2] < 0 else torch.ones_like(depth)
        aim = position + distance * forward
        lens = matrix[:, :3] @ _orientation(position, aim).T
        self.matrix.copy_(matrix)
        self.middle.copy_(aim)
        for number, move in enumerate(_SMALL_MOVE * torch.eye(_N_MOVES).to(matrix)):
            moved_position, moved_aim = position + move[:3], aim + move[3:]
            rotation = lens @ _orientation(moved_position, moved_aim)
            moved = torch.cat([rotation, -(rotation @ moved_position)[:, None]], dim=1)
            self.changes[number] = (moved - matrix) / _SMALL_MOVE

    def camera_evidence(self, positions: Tensor, seen: Landmarks) -> CameraEvidence:
        """Compare where the gripper was seen in n frames with where it should be.

        Args:
            positions: Where it was, `(..., 3)`.
            seen: What was seen in the frames: `effector`, `(..., 2)`, and `spread`, `(...)`.

        Returns:
            The evidence of each frame: the surer the gripper was seen, the more it weighs.
        """
        weight = 1 / (_OBSERVATION_SCALE**2 + seen.spread.square())[..., None, None]
        projected = self(positions)
        shift = (seen.effector - projected).clamp(-SHIFT_LIMIT, SHIFT_LIMIT)
        homogeneous = torch.cat([positions, torch.ones_like(positions[..., :1])], dim=-1)
        moved = torch.einsum("kij,...j->...ki", self.changes, homogeneous)  # (..., 6, 3)
        depth = (homogeneous @ self.matrix[2])[..., None, None]
        slopes = (moved[..., :2] - moved[..., 2:] * projected[..., None, :]) / depth  # (..., 6, 2)
        precision = (weight * slopes) @ slopes.transpose(-1, -2)  # (..., 6, 6)
        mean = (weight * slopes) @ shift[..., None]  # (..., 6, 1)
        return CameraEvidence(precision, mean[..., 0])

    def estimate_camera(self, positions: Tensor, evidence: CameraEvidence) -> CameraEstimate:
        """Estimate how the camera stands, and where it sees the gripper.

        Args:
            positions: Where the gripper is, `(..., 3)`.
            evidence: Sum of the evidence of the frame and of those before it.

        Returns:
            The mean of the posterior.
        """
        prior = torch.diag(1 / evidence.precision.new_tensor(self._scales).square())
        moves = (torch.inverse(evidence.precision + prior) @ evidence.weighted_mean[..., None])[..., 0]  # (..., 6)
        camera = self.matrix + torch.einsum("...k,kij->...ij", moves, self.changes)  # (..., 3, 4)
        shift = (_project(camera, self.middle) - self(self.middle)) / SHIFT_SCALE
        return CameraEstimate(_project(camera, positions), shift, camera)


def project_back(places: Tensor, camera: Tensor, heights: Tensor) -> Tensor:
    """Find the positions of known height that a camera sees at n places: the inverse of a projection.

    A camera maps a plane of one height by a homography, whose columns are two of the camera's and what it makes of the
    plane's origin; the rows of its inverse are their cross products, up to a scale that cancels.

    Args:
        places: Places in the image, `(..., n, 2)`.
        camera: Camera matrix, `(..., 3, 4)`.
        heights: Height of the n positions, `(...)`.

    Returns:
        x and y, `(..., n, 2)`; zeros where the matrix is all zeros.

    References:
        Hartley and Zisserman (2004), Multiple View Geometry, Sec. 8.1 (the homography of a plane).
    """
    origin = camera[..., 2] * heights[..., None] + camera[..., 3]  # (..., 3)
    x, y = (camera[..., axis].expand_as(origin) for axis in (0, 1))
    inverse = torch.cross(torch.stack([y, origin, x], dim=-2), torch.stack([origin, x, y], dim=-2), dim=-1)
    homogeneous = places @ inverse[..., :2].transpose(-1, -2) + inverse[..., None, :, 2]  # (..., n, 3)
    positions, scale = homogeneous.tensor_split([2], dim=-1)
    return positions / torch.where(scale.abs() < _NO_VIEW, 1.0, scale)


def _project(matrix: Tensor, positions: Tensor) -> Tensor:
    """Project positions, `(..., 3)`, by camera matrices, `(..., 3, 4)`, to places in the image, `(..., 2)`."""
    rows = (matrix[..., :3] @ positions[..., None])[..., 0] + matrix[..., 3]
    return (rows[..., :2] / rows[..., 2:]).clamp(-_FARTHEST, _FARTHEST)


def _orientation(position: Tensor, aim: Tensor) -> Tensor:
    """Return the directions right, down and forward of a level camera, as rows, `(3, 3)`."""
    forward = (aim - position) / _length(aim - position)
    up = forward.new_tensor([0.0, 0.0, 1.0] if forward[:2].abs().max() > _STEEP else [1.0, 0.0, 0.0])
    right = torch.cross(forward, up, dim=0)
    right = right / _length(right)
    return torch.stack([right, torch.cross(forward, right, dim=0), forward])


def _length(vector: Tensor) -> Tensor:
    return torch.sqrt(torch.sum(torch.square(vector)))


def _equations(positions: Tensor, places: Tensor) -> Tensor:
    """Set up what a camera matrix must fulfil for each observation: two linear equations, `(N, 2, 12)`."""
    points = torch.cat([positions, torch.ones_like(positions[:, :1])], dim=1)  # (N, 4)
    x, y, none = places[:, :1], places[:, 1:], torch.zeros_like(points)
    across = torch.cat([points, none, -x * points], dim=1)
    down = torch.cat([none, points, -y * points], dim=1)
    return torch.stack([across, down], dim=1)


def _solve(equations: Tensor) -> Tensor:
    """Return the camera matrix of unit norm that fulfils equations best, `(3, 4)`."""
    rows = equations.flatten(0, 1)
    eigen = torch.linalg.eigh(rows.T @ rows)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    return cast("Tensor", eigen[1])[:, 0].view(3, 4)  # of the smallest eigenvalue
