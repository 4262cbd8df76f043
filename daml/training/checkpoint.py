"""The state of a meta-training run: all that is needed to go on exactly where it stopped."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from daml.demos.parsing import JsonObject, Whole, parse
from daml.learners.learner import Learner
from daml.storage.saved_folder import SavedFolder, check_tensors

_KIND, _PRETRAINING_KIND = "training state", "pretraining state"


@dataclass(frozen=True)
class _Written:
    """What a state's folder holds beside its tensors."""

    step: Whole
    best_score: float | None = None
    settings: JsonObject = field(default_factory=JsonObject)

    @classmethod
    def of(cls, folder: SavedFolder, path: str | Path) -> "_Written":
        """Parse what was read; a value of another type is refused with its name."""
        return parse(dict(folder.settings), cls, where=str(path))


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
        written = _Written.of(folder, path)
        changed = sorted(name for name in settings if written.settings.get(name) != settings[name])
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
        self.step, self.best_score = written.step, written.best_score


@dataclass(eq=False)
class PretrainingState:
    """Everything that changes from step to step."""

    trunk: nn.Module
    """The trunk being learned."""
    optimizer: torch.optim.Optimizer
    """Optimiser of its parameters."""
    generator: torch.Generator
    """What batches and augmentation are drawn with."""
    step: int = 0
    """Steps done."""

    def save(self, path: Path) -> None:
        """Write the state, whole or not at all.

        Args:
            path: Folder; an earlier state there is replaced.

        Raises:
            OSError: The folder cannot be written.
        """
        tensors = {**self._tensors(), "generator": self.generator.get_state()}
        SavedFolder(kind=_PRETRAINING_KIND, settings={"step": self.step}, tensors=tensors).write(path)

    def load(self, path: Path) -> None:
        """Read the state of a run that was stopped.

        Args:
            path: Folder written by `save`.

        Raises:
            ValueError: The folder is no pretraining state, is corrupt, or is of another network.
        """
        folder = SavedFolder.read(path, kind=_PRETRAINING_KIND)
        written = _Written.of(folder, path)
        create_optimizer_state(self.optimizer, self.trunk, like=folder.tensors)
        expected = self._tensors()
        check_tensors(path, folder.tensors, expected={**expected, "generator": self.generator.get_state()})
        with torch.no_grad():
            for name, value in expected.items():
                value.copy_(folder.tensors[name])
        self.generator.set_state(folder.tensors["generator"])
        self.step = written.step

    def _tensors(self) -> dict[str, Tensor]:
        """Name the tensors of trunk and optimiser."""
        of_trunk = {f"trunk/{name}": value for name, value in self.trunk.state_dict().items()}
        return of_trunk | optimizer_tensors(self.optimizer, self.trunk)


def optimizer_tensors(optimizer: torch.optim.Optimizer, module: nn.Module) -> dict[str, Tensor]:
    """Name the tensors of an optimiser's state, `optimizer/PARAMETER/QUANTITY`.

    Args:
        optimizer: Its state.
        module: Whose parameters it optimises, all or some.

    Returns:
        The tensors themselves, not copies; none of parameters that never had a gradient.
    """
    return {
        f"optimizer/{name}/{quantity}": value
        for name, parameter in module.named_parameters()
        for quantity, value in optimizer.state.get(parameter, {}).items()
    }


def create_optimizer_state(optimizer: torch.optim.Optimizer, module: nn.Module, *, like: Iterable[str]) -> None:
    """Let an optimiser create its tensors, which it does at its first step: one with zero gradients and rate.

    Args:
        optimizer: A new one.
        module: Whose parameters it optimises, all or some.
        like: Names as `optimizer_tensors` gives them; others may be among them. A parameter that none of them belongs
            to gets no tensors: it never had a gradient.
    """
    rates = [group["lr"] for group in optimizer.param_groups]
    for group in optimizer.param_groups:
        group["lr"] = 0.0
        for parameter in group["params"]:
            parameter.grad = torch.zeros_like(parameter)
    optimizer.step()
    optimizer.zero_grad()
    for group, rate in zip(optimizer.param_groups, rates, strict=True):
        group["lr"] = rate
    known = {name.rpartition("/")[0] for name in like}
    for name, parameter in module.named_parameters():
        if f"optimizer/{name}" not in known:
            optimizer.state.pop(parameter, None)
