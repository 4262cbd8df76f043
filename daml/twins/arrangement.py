"""Where a twin's things go in the robot's workspace: as the film shows them, to a scale that fits."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from daml.envs.scene.cameras import Camera
from daml.envs.tasks.layout import Rectangle
from daml.twins.viewpoint import seen_at

WORKSPACE: Rectangle = ((0.40, -0.22), (0.67, 0.22))
"""Rectangle that things are centred in, in metres: inside the policy camera's image and the arm's reach."""

GAP = 0.006
"""Least gap between two things, in metres: nothing touches."""

_ROUNDS = 200
"""Times that things which overlap are moved apart."""

_N_CANDIDATES = 400
"""Places that are looked at for a thing that the film does not show."""

_IN_PICTURE = (0.05, 0.95)
"""Shares of the picture's width and height between which such a thing is put."""

_WIDE, _NEARNESS = 0.09, 0.05
"""Gap that is wide enough, in metres; and what a metre of distance from the other things counts beside it."""


def choose_scale(points: NDArray[np.float64], wanted: Sequence[float]) -> float:
    """Choose how many metres the camera is high.

    Args:
        points: Places of things in the table's own frame (see `viewpoint`), `(n, 2)`.
        wanted: Scales at which some things would have the size that the robot is used to.

    Returns:
        The geometric mean of the scales wanted, or less so that all things fit into the workspace.
    """
    return min(float(np.exp(np.mean(np.log(wanted)))), _largest_scale(points))


def widened(scale: float, points: NDArray[np.float64], reaches: NDArray[np.float64]) -> float:
    """Put the camera higher, where things would overlap: as high as they need, and as the workspace lets them.

    Args:
        scale: How many metres the camera is high.
        points: Places of things in the table's own frame, `(n, 2)`.
        reaches: Radii of the circles around them, `(n,)`, in metres.
    """
    distances = np.linalg.norm(points[:, None] - points, axis=-1)
    gaps = reaches[:, None] + reaches + GAP
    pairs = np.triu_indices(len(points), 1)
    needed = float((gaps[pairs] / np.maximum(distances[pairs], 1e-9)).max(initial=0.0))
    return min(max(scale, needed), max(scale, _largest_scale(points)))


def _largest_scale(points: NDArray[np.float64]) -> float:
    """Return the scale at which some points in the table's own frame just fit into the workspace."""
    (low_x, low_y), (high_x, high_y) = WORKSPACE
    across, away = np.ptp(points, axis=0)
    return min((high_y - low_y) / max(float(across), 1e-9), (high_x - low_x) / max(float(away), 1e-9))


def choose_origin(points: NDArray[np.float64], scale: float) -> NDArray[np.float64]:
    """Choose the point below the camera, `(2,)` in metres, so that the things are in the middle of the workspace."""
    x, y = np.mean(WORKSPACE, axis=0)
    across, away = (points.min(axis=0) + points.max(axis=0)) / 2
    return np.array([x + scale * away, y - scale * across])


def keep_apart(points: NDArray[np.float64], reaches: NDArray[np.float64]) -> NDArray[np.float64]:
    """Move things apart that would overlap, each by half, and into the workspace.

    Args:
        points: Middles of the things on the table, `(n, 2)`, in metres.
        reaches: Radii of the circles around them, `(n,)`, in metres.

    Returns:
        Places as near to these as a simple relaxation finds, `(n, 2)`.
    """
    places = np.clip(points, *WORKSPACE)
    for _ in range(_ROUNDS):
        moved = False
        for i in range(len(places)):
            for j in range(i):
                way = places[i] - places[j]
                distance = float(np.linalg.norm(way))
                missing = reaches[i] + reaches[j] + GAP - distance
                if missing > 0:
                    ahead = way / distance if distance > 0 else np.array([0.0, 1.0])
                    places[i] += ahead * (missing / 2 + 1e-4)
                    places[j] -= ahead * (missing / 2 + 1e-4)
                    moved = True
        places = np.clip(places, *WORKSPACE)
        if not moved:
            break
    return places


def free_place(
    points: NDArray[np.float64], reaches: NDArray[np.float64], *, camera: Camera, aspect: float
) -> NDArray[np.float64]:
    """Find the place in the workspace, and in the picture, with the widest gap to all things.

    Args:
        points: Middles of the things on the table, `(n, 2)`, in metres.
        reaches: Radii of the circles around them, `(n,)`, in metres.
        camera: The film's camera.
        aspect: Width of the picture by its height.
    """
    candidates = np.random.default_rng(0).uniform(*WORKSPACE, size=(_N_CANDIDATES, 2))
    seen = seen_at(camera, np.column_stack([candidates, np.zeros(_N_CANDIDATES)]), aspect=aspect)
    inside = ((seen > _IN_PICTURE[0]) & (seen < _IN_PICTURE[1])).all(axis=1)
    gaps = (np.linalg.norm(candidates[:, None] - points, axis=2) - reaches).min(axis=1)
    far = np.linalg.norm(candidates - points.mean(axis=0), axis=1)
    worth: NDArray[np.float64] = np.minimum(gaps, _WIDE) - _NEARNESS * far - np.where(inside, 0.0, 1.0)
    return candidates[int(worth.argmax())]
