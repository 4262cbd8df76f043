"""The goal: where the item is and where it goes, which is all that the motor needs to know of a task."""

from typing import NamedTuple

import torch
from torch import Tensor

CERTAIN_LOG_ODDS = 4.0
"""Log odds of pushing beyond which the kind of task is certain."""

_SIZES = [2, 2, 1, 1, 1]
"""Numbers in each field of a goal."""

GOAL_SIZE = sum(_SIZES)
"""Numbers in a packed goal."""

TRUE_GOAL_SIZE = GOAL_SIZE - 1
"""Numbers that a simulator knows of a goal: all but the log odds of pushing, which follow from the demonstration."""


class Goal(NamedTuple):
    """Goals of N frames, in SI units or normalised; positions are in the robot's frame, on the table."""

    item: Tensor
    """Position of the item, x and y, `(N, 2)`."""
    destination: Tensor
    """Position of the destination, x and y, `(N, 2)`."""
    release_height: Tensor
    """Height of the item's middle when it stands on the destination's rim, `(N, 1)`."""
    item_radius: Tensor
    """Radius of the circle around the item, `(N, 1)`."""
    push_log_odds: Tensor
    """Log odds that the item is pushed rather than carried, `(N, 1)`."""

    @classmethod
    def unpack(cls, values: Tensor) -> "Goal":
        """Split packed goals, `(..., GOAL_SIZE)`, into their fields."""
        return cls(*torch.split(values, _SIZES, dim=-1))

    def pack(self) -> Tensor:
        """Lay the fields side by side, `(..., GOAL_SIZE)`: the inverse of `unpack`."""
        return torch.cat(self, dim=-1)

    def push_certainty(self) -> Tensor:
        """Return the log odds of pushing as a share of certainty, from -1 to 1, `(N, 1)`."""
        return (self.push_log_odds / CERTAIN_LOG_ODDS).clamp(-1, 1)
