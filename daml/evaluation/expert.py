"""The scripted expert in a policy's place: what a policy could reach that knew where everything is."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from daml import envs


class ExpertPolicy:
    """A scripted demonstrator, begun anew in every episode.

    It is told the true state and the task, which no policy is.

    Args:
        kind: Task kind, one of `envs.KINDS`.
    """

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self.reset()

    def reset(self) -> None:
        """Prepare for the first step of an episode."""
        self._expert = envs.make_expert(self._kind)

    def act(self, info: Mapping[str, Any]) -> NDArray[np.float32]:
        """Return the action to take, `(A,)`, given what the environment's `reset` or `step` returned."""
        return self._expert.act(info)
