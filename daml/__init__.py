"""One-shot imitation from human video: the method and the commands."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from daml.adaptation import adapt, unadapted
    from daml.adapted_policy import AdaptedPolicy
    from daml.episode import rollout
    from daml.evaluation import evaluate
    from daml.prior import Prior

__version__ = "0.1.0"

_EXPORTS = {
    "AdaptedPolicy": "daml.adapted_policy",
    "Prior": "daml.prior",
    "adapt": "daml.adaptation",
    "evaluate": "daml.evaluation",
    "rollout": "daml.episode",
    "unadapted": "daml.adaptation",
}
"""Where the names of the public interface live; loaded at first use, since torch and mujoco take seconds."""

__all__ = ["AdaptedPolicy", "Prior", "__version__", "adapt", "evaluate", "rollout", "unadapted"]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - classes and functions
    """Load a name of the public interface."""
    if name not in _EXPORTS:
        raise AttributeError(f"module 'daml' has no attribute {name!r}; it has: {', '.join(__all__)}")
    return getattr(import_module(_EXPORTS[name]), name)
