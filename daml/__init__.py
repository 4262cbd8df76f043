"""One-shot imitation from human video: the method and the commands."""

from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any

from daml.registration import register_environments

if TYPE_CHECKING:
    from daml.collection.demonstrations import CollectionConfig, collect
    from daml.deployment.adaptation import adapt, unadapted
    from daml.deployment.adapted_policy import AdaptedPolicy
    from daml.evaluation.candidates import one_shot
    from daml.evaluation.episode import rollout
    from daml.evaluation.evaluation import evaluate
    from daml.evaluation.evaluation_config import EvaluationConfig
    from daml.learners.methods import read_learner
    from daml.learners.prior import Prior
    from daml.progress import Progress
    from daml.training.recipe import TrainingConfig, train

__version__ = "0.1.0"

_EXPORTS = {
    "AdaptedPolicy": "daml.deployment.adapted_policy",
    "CollectionConfig": "daml.collection.demonstrations",
    "EvaluationConfig": "daml.evaluation.evaluation_config",
    "Prior": "daml.learners.prior",
    "Progress": "daml.progress",
    "TrainingConfig": "daml.training.recipe",
    "adapt": "daml.deployment.adaptation",
    "collect": "daml.collection.demonstrations",
    "evaluate": "daml.evaluation.evaluation",
    "one_shot": "daml.evaluation.candidates",
    "read_learner": "daml.learners.methods",
    "rollout": "daml.evaluation.episode",
    "train": "daml.training.recipe",
    "unadapted": "daml.deployment.adaptation",
}
"""Modules of the public interface's names; loaded at first use, since torch and mujoco take seconds."""

__all__ = [
    "AdaptedPolicy",
    "CollectionConfig",
    "EvaluationConfig",
    "Prior",
    "Progress",
    "TrainingConfig",
    "__version__",
    "adapt",
    "collect",
    "evaluate",
    "one_shot",
    "read_learner",
    "rollout",
    "train",
    "unadapted",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - classes and functions
    """Load a name of the public interface."""
    if name not in _EXPORTS:
        raise AttributeError(f"module 'daml' has no attribute {name!r}; it has: {', '.join(__all__)}")
    return getattr(import_module(_EXPORTS[name]), name)


with suppress(ImportError):  # `daml.maml` alone needs no Gymnasium
    register_environments()
