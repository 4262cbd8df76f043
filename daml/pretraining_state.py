"""The state of a trunk's pretraining: all that is needed to go on exactly where it stopped."""

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from daml.optimizer_state import create_optimizer_state, optimizer_tensors
from daml.saved_folder import SavedFolder, check_tensors

_KIND = "pretraining state"


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
        SavedFolder(kind=_KIND, settings={"step": self.step}, tensors=tensors).write(path)

    def load(self, path: Path) -> None:
        """Read the state of a run that was stopped.

        Args:
            path: Folder written by `save`.

        Raises:
            ValueError: The folder is no pretraining state, is corrupt, or is of another network.
        """
        folder = SavedFolder.read(path, kind=_KIND)
        create_optimizer_state(self.optimizer, self.trunk, like=folder.tensors)
        expected = self._tensors()
        check_tensors(path, folder.tensors, expected={**expected, "generator": self.generator.get_state()})
        with torch.no_grad():
            for name, value in expected.items():
                value.copy_(folder.tensors[name])
        self.generator.set_state(folder.tensors["generator"])
        self.step = int(folder.settings["step"])

    def _tensors(self) -> dict[str, Tensor]:
        """Name the tensors of trunk and optimiser."""
        of_trunk = {f"trunk/{name}": value for name, value in self.trunk.state_dict().items()}
        return of_trunk | optimizer_tensors(self.optimizer, self.trunk)
