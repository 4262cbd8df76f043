"""Noise on what an expert does, so that its demonstrations show how to come back from a mistake."""

import numpy as np
from numpy.typing import NDArray


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
