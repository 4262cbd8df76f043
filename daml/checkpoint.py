"""The state of a meta-training run: all that is needed to go on exactly where it stopped."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from daml.learner import Learner
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
        check_same(path, folder.settings.get("settings", {}), settings)
        create_optimizer_state(self.optimizer)
        expected = {f"prior/{name}": value for name, value in self.prior.state_dict().items()}
        expected |= {f"averaged/{name}": value for name, value in self.averaged.state_dict().items()}
        expected |= optimizer_tensors(self.optimizer, self.prior)
        check_tensors(path, folder.tensors, expected=expected)
        with torch.no_grad():
            for name, value in expected.items():
                value.copy_(folder.tensors[name])
        self.step = int(folder.settings["step"])
        self.best_score = folder.settings["best_score"]


def check_same(path: str | Path, saved: Mapping[str, Any], settings: Mapping[str, Any]) -> None:
    """Refuse to go on with a run of other settings.

    Args:
        path: Folder of its state.
        saved: Its settings.
        settings: The settings asked for.

    Raises:
        ValueError: They differ; the message names those that do.
    """
    changed = sorted(name for name in settings if saved.get(name) != settings[name])
    if changed:
        raise ValueError(
            f"{path}: belongs to a run with other settings ({', '.join(changed)}); choose a new output folder"
        )


def optimizer_tensors(optimizer: torch.optim.Optimizer, module: nn.Module) -> dict[str, Tensor]:
    """Name the tensors of an optimiser's state, by the parameter's name in a module and the quantity's."""
    return {
        f"optimizer/{name}/{quantity}": value
        for name, parameter in module.named_parameters()
        for quantity, value in optimizer.state.get(parameter, {}).items()
    }


def create_optimizer_state(optimizer: torch.optim.Optimizer) -> None:
    """Let an optimiser create its tensors, which it does at its first step: one with zero gradients and rate."""
    rates = [group["lr"] for group in optimizer.param_groups]
    for group in optimizer.param_groups:
        group["lr"] = 0.0
    for group in optimizer.param_groups:
        for parameter in group["params"]:
            parameter.grad = torch.zeros_like(parameter)
    optimizer.step()
    optimizer.zero_grad()
    for group, rate in zip(optimizer.param_groups, rates, strict=True):
        group["lr"] = rate
