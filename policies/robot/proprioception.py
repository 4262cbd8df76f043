"""What the robot knows of itself beyond its present state: where it began, what it last commanded, what it has held."""

import numpy as np
from numpy.typing import NDArray

from daml.policies.robot.robot_state import POSITION_SIZE

OPENING = POSITION_SIZE
"""Component of the state that is the distance between the fingers."""

HELD_OPENINGS = (0.008, 0.060)
"""Distances between closed fingers, in metres, at which something is between them."""

STOPPED = 0.0015
"""Change of the distance between the fingers in a step up to which they have stopped closing, in metres."""


class Proprioception:
    """Extends the robot's states with its memory of an episode, step by step.

    In an image the start of a task and its end can look alike: an open gripper above the table. Whether something has
    been held in between tells them apart. Who closes the fingers on nothing has held nothing.
    """

    def __init__(self) -> None:
        self._first: NDArray[np.float32] | None = None
        self._command = 1.0
        self._has_held = False
        self._opening = float("nan")

    @property
    def is_closed(self) -> bool:
        """Whether the last gripper command was to close; so it is before the first."""
        return self._command > 0

    def extend(self, state: NDArray[np.floating]) -> NDArray[np.float32]:
        """Extend the state of the next step.

        Args:
            state: The gripper's position, then its opening, in metres, then whatever a robot has beyond that, `(S,)`;
                S is at least 4.

        Returns:
            State, last gripper command (closed before the first), whether something is held or was when the fingers
            last opened (1 or 0), and the first position, `(S + MEMORY_SIZE,)`; see `RobotState`.
        """
        state = np.asarray(state, dtype=np.float32)
        if self._first is None:
            self._first = state[:POSITION_SIZE].copy()
        low, high = HELD_OPENINGS
        opening = float(state[OPENING])
        have_stopped = not abs(opening - self._opening) > STOPPED  # nobody knows of a step before the first
        if self.is_closed and have_stopped:
            self._has_held = low < opening < high
        self._opening = opening
        return np.concatenate([state, [self._command, self._has_held], self._first]).astype(np.float32)

    def note(self, action: NDArray[np.floating]) -> None:
        """Remember what was commanded: an action, the gripper command last, `(A,)`."""
        self._command = 1.0 if action[-1] > 0 else -1.0


def extend_clip(states: NDArray[np.float32], executed: NDArray[np.float32]) -> NDArray[np.float32]:
    """Extend the states of a whole clip: see `Proprioception`.

    Args:
        states: `(T, S)`.
        executed: Actions executed, `(T, A)`.

    Returns:
        Extended states, `(T, S + MEMORY_SIZE)`.
    """
    memory = Proprioception()
    rows: list[NDArray[np.float32]] = []
    for state, action in zip(states, executed, strict=True):
        rows.append(memory.extend(state))
        memory.note(action)
    return np.stack(rows)
