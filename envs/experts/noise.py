"""Noise on what an expert does, so that its demonstrations show how to come back from a mistake."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

BELIEF_STEPS = (5, 12)
"""Range of the number of control steps that a belief is held, wrong and right in turn: long enough to act upon."""

HELD_DISTANCE, HELD_OPENING = 0.03, 0.06
"""Distance from the gripper and opening of it, in metres, within which an item is felt between the fingers."""

_BELIEVED = ("item_positions", "container_positions", "zone_position")


class NoiseInjection:
    """Velocity noise that persists over a few steps (an Ornstein-Uhlenbeck process).

    The executed action is disturbed and the undisturbed one is what is learned from (DART, Laskey et al. 2017,
    arXiv 1703.09327). The gripper command is never disturbed.

    Args:
        scale: Standard deviation of the disturbance, in action units.
        rng: Source of randomness.
        persistence: Correlation from one step to the next.
    """

    def __init__(self, scale: float, rng: np.random.Generator, *, persistence: float = 0.7) -> None:
        self._scale = scale
        self._rng = rng
        self._persistence = persistence
        self._noise = np.zeros(3)

    def disturb(self, action: NDArray[np.float32]) -> NDArray[np.float32]:
        """Disturb an action; successive calls are correlated.

        Args:
            action: What the expert would do, in [-1, 1], `(4,)`. Unchanged.

        Returns:
            The action to execute, `(4,)`, in [-1, 1].
        """
        fresh = self._rng.normal(size=3) * self._scale * np.sqrt(1 - self._persistence**2)
        self._noise = self._persistence * self._noise + fresh
        disturbed = np.clip(action[:3] + self._noise, -1.0, 1.0)
        return np.array([*disturbed, action[3]], dtype=np.float32)


class PositionError:
    """A wrong belief of where things are, held for some steps, then given up for some: the errors a policy makes.

    A demonstrator that acts on it goes low beside an item, closes on nothing or pushes past; what it would do if it
    knew better is what is learned from, so that the clone comes back from where its own errors lead it (as in DAgger,
    Ross et al. 2011, arXiv 1011.0686, with made-up errors in place of the policy's).

    Args:
        scale: Standard deviation of each coordinate of a belief's error, in metres.
        rng: Source of randomness.
    """

    def __init__(self, scale: float, rng: np.random.Generator) -> None:
        self._scale = scale
        self._rng = rng
        self._is_wrong = False
        self._remaining = 0
        self._errors: dict[str, NDArray[np.float64]] = {}

    def perturb(self, info: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the environment told, with things elsewhere; an item in the gripper is felt and stays.

        Args:
            info: What the environment's `reset` or `step` returned. Unchanged.
        """
        state = dict(info["state"])
        if self._remaining == 0:
            self._is_wrong = not self._is_wrong
            self._remaining = int(self._rng.integers(*BELIEF_STEPS))
            self._errors = {
                name: self._rng.normal(0.0, self._scale, (*np.shape(state[name])[:-1], 2)) for name in _BELIEVED
            }
        self._remaining -= 1
        if self._is_wrong:
            held = np.linalg.norm(state["item_positions"] - state["gripper_position"], axis=1) < HELD_DISTANCE
            felt = held & (state["gripper_opening"] < HELD_OPENING)
            for name in _BELIEVED:
                believed = np.array(state[name], dtype=np.float64)
                error = self._errors[name]
                believed[..., :2] += np.where(felt[:, None], 0.0, error) if name == "item_positions" else error
                state[name] = believed
        return {**info, "state": state}
