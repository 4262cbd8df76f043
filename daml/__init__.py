"""One-shot imitation from human video: the method and the commands."""

from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any

from daml.registration import register_environments

if TYPE_CHECKING:
    from daml.deployment.adaptation import adapt, unadapted
    from daml.deployment.adapted_policy import AdaptedPolicy
    from daml.evaluation.episode import rollout
    from daml.evaluation.evaluation import evaluate
    from daml.learners.prior import Prior

__version__ = "0.1.0"

_EXPORTS = {
    "AdaptedPolicy": "daml.deployment.adapted_policy",
    "Prior": "daml.learners.prior",
    "adapt": "daml.deployment.adaptation",
    "evaluate": "daml.evaluation.evaluation",
    "rollout": "daml.evaluation.episode",
    "unadapted": "daml.deployment.adaptation",
}
"""Where the names of the public interface live; loaded at first use, since torch and mujoco take seconds."""

__all__ = ["AdaptedPolicy", "Prior", "__version__", "adapt", "evaluate", "rollout", "unadapted"]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - classes and functions
    """Load a name of the public interface."""
    if name not in _EXPORTS:
        raise AttributeError(f"module 'daml' has no attribute {name!r}; it has: {', '.join(__all__)}")
    return getattr(import_module(_EXPORTS[name]), name)


with suppress(ImportError):  # `daml.maml` alone needs no Gymnasium
    register_environments()
