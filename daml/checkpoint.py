"""The state of a meta-training run: all that is needed to go on exactly where it stopped."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from daml.learner import Learner
from daml.optimizer_state import create_optimizer_state, optimizer_tensors
from daml.saved_folder import SavedFolder, check_tensors

_KIND = "training state"


@dataclass(eq=False)
class TrainingState:
    """Everything that changes from step to step. Batches and augmentation follow from seed and step number alone."""

    prior: Learner
    """The prior being learned."""
    averaged: Learner
    """Exponential moving average of the prior: the one that is validated and kept."""
    optimizer: torch.optim.Optimizer
    """Optimiser of the prior's parameters."""
    step: int = 0
    """Meta-steps done."""
    best_score: float | None = None
    """Best validation score so far."""

    def save(self, path: str | Path, *, settings: dict[str, Any]) -> None:
        """Write the state, whole or not at all.

        Args:
            path: Folder; an earlier state there is replaced.
            settings: The run's settings, checked by `load`.
        """
        tensors = {f"prior/{name}": value for name, value in self.prior.state_dict().items()}
        tensors |= {f"averaged/{name}": value for name, value in self.averaged.state_dict().items()}
        tensors |= optimizer_tensors(self.optimizer, self.prior)
        document = {"step": self.step, "best_score": self.best_score, "settings": settings}
        SavedFolder(kind=_KIND, settings=document, tensors=tensors).write(path)

    def load(self, path: str | Path, *, settings: dict[str, Any]) -> None:
        """Read the state of an earlier run with the same settings.

        Args:
            path: Folder written by `save`.
            settings: The run's settings.

        Raises:
            ValueError: The folder is no training state, is corrupt, or belongs to a run with other settings.
        """
        folder = SavedFolder.read(path, kind=_KIND)
        saved = folder.settings.get("settings", {})
        changed = sorted(name for name in settings if saved.get(name) != settings[name])
        if changed:
            raise ValueError(
                f"{path}: belongs to a run with other settings ({', '.join(changed)}); choose a new output folder"
            )
        create_optimizer_state(self.optimizer, self.prior, like=folder.tensors)
        expected = {f"prior/{name}": value for name, value in self.prior.state_dict().items()}
        expected |= {f"averaged/{name}": value for name, value in self.averaged.state_dict().items()}
        expected |= optimizer_tensors(self.optimizer, self.prior)
        check_tensors(path, folder.tensors, expected=expected)
        with torch.no_grad():
            for name, value in expected.items():
                value.copy_(folder.tensors[name])
        self.step = int(folder.settings["step"])
        self.best_score = folder.settings["best_score"]
