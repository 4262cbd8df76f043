"""Where the gripper is in the image, from where the robot knows it to be."""

from typing import cast

import torch
from torch import Tensor, nn

from policies.feature_map import Landmarks

SENSED_SIZE = 4
"""Numbers that `HandEye.sense` tells."""

SHIFT_LIMIT = 0.12
"""Largest shift of a camera that was set up again, as a share of half the image: more is a gripper not found."""

SHIFT_SCALE = 0.03
"""Standard deviation of such shifts, likewise."""

_SIGHT_SCALE = 0.03
"""Standard deviation of the place of a gripper that is clearly seen, likewise."""

_FARTHEST = 2.0
"""Largest coordinate of a place outside the image."""

_LEAST_SPREAD = 0.02
"""Standard deviation of the sightings' places, likewise, below which they tell nothing of a camera."""

_FEWEST, _FITTING_DRAWS = 6, 200
"""Sightings that determine a camera, and how many draws of so many are tried."""


class HandEye(nn.Module):
    """A pinhole camera, fitted to demonstrations: maps positions of the gripper to places in the image.

    A gripper low among things is hard to see, but the robot knows where it is. What it does not know is how the camera
    of this episode stands: that is told, better with every frame, by how far from where it should be the gripper was
    seen.
    """

    matrix: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("matrix", torch.zeros(3, 4))
        self.matrix[2, 3] = 1.0  # as long as nothing is known, the middle of the image

    def forward(self, positions: Tensor) -> Tensor:
        """Project positions, `(..., 3)`, to places in the image, x and y in [-1, 1], `(..., 2)`."""
        return _project(self.matrix, positions)

    @torch.no_grad()
    def fit(self, positions: Tensor, places: Tensor) -> bool:
        """Fit the camera to sightings, some of which may be far off: the median error decides which count.

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
        self.matrix.copy_(_solve(rows[counts]))
        return True

    def sight(self, projected: Tensor, seen: Landmarks) -> Tensor:
        """Compare where the gripper was seen in n frames with where it should be.

        Args:
            projected: Where it would be for the fitted camera, `(..., 2)`.
            seen: What was seen in the frames: `effector`, `(..., 2)`, and `spread`, `(...)`.

        Returns:
            Weight of each sighting, the surer the larger, and the weighted shift, `(..., 3)`: sightings are summed up
            by adding these.
        """
        weight = 1 / (_SIGHT_SCALE**2 + seen.spread.square())[..., None]
        shift = (seen.effector - projected).clamp(-SHIFT_LIMIT, SHIFT_LIMIT)
        return torch.cat([weight, weight * shift], dim=-1)

    def sense(self, projected: Tensor, sights: Tensor) -> Tensor:
        """Tell where the gripper is in the present camera's image, and how that camera is shifted.

        Args:
            projected: Where it would be for the fitted camera, `(..., 2)`.
            sights: Sum of the `sight` of the frame and of those before it, `(..., 3)`.

        Returns:
            The place and the shift in units of its usual size, `(..., SENSED_SIZE)`.
        """
        shift = sights[..., 1:] / (sights[..., :1] + 1 / SHIFT_SCALE**2)  # drawn to zero
        return torch.cat([projected + shift, shift / SHIFT_SCALE], dim=-1)


def _project(matrix: Tensor, positions: Tensor) -> Tensor:
    """Project positions, `(..., 3)`, by a camera matrix, `(3, 4)`, to places in the image, `(..., 2)`."""
    rows = positions @ matrix[:, :3].T + matrix[:, 3]
    return (rows[..., :2] / rows[..., 2:]).clamp(-_FARTHEST, _FARTHEST)


def _equations(positions: Tensor, places: Tensor) -> Tensor:
    """Set up what a camera matrix must fulfil for each sighting: two linear equations, `(N, 2, 12)`."""
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
