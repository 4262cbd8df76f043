"""Tracking: from frame to frame an item is where it was, or near."""

import torch
from torch import Tensor

LEAP = 0.05
"""Farthest that an item is believed to have moved since the frame before, in metres; a gripper pushes it 3 cm."""

PATIENCE = 8
"""Frames for which what seems to have leapt is believed to be where it was."""


class ItemTracker:
    """Believes that an item has leapt only after it was seen elsewhere for some time.

    Each frame's places are told by that frame and the first alone. While the arm hides the item something else may look
    most like it, and a policy that goes there at once loses what it had nearly done.
    """

    def __init__(self) -> None:
        self._place: Tensor | None = None
        self._n_leaps = 0

    def follow(self, place: Tensor) -> Tensor:
        """Return where the item is believed to be.

        Args:
            place: Where the next frame tells that it is, x and y in metres, `(..., 2)`.

        Returns:
            That, or where it was believed to be before, `(..., 2)`.
        """
        if self._place is None or torch.dist(place, self._place).item() <= LEAP or self._n_leaps == PATIENCE:
            self._place, self._n_leaps = place, 0
        else:
            self._n_leaps += 1
        return self._place
