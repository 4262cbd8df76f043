"""TensorBoard: the figures of every stage as event files."""

from pathlib import Path
from typing import Any

from daml.progress import Progress


class TensorBoard:
    """An observer that writes figures as scalars, a run of its own for each stage.

    Args:
        folder: Where event files are written.

    Raises:
        ImportError: The extra is not installed.
    """

    def __init__(self, folder: Path) -> None:
        try:
            from torch.utils.tensorboard import SummaryWriter  # noqa: PLC0415 - an extra
        except ImportError as error:
            raise ImportError("--tensorboard needs the extra: pip install 'daml-imitation[tensorboard]'") from error
        self._create: Any = SummaryWriter
        self._folder = folder
        self._writers: dict[str, Any] = {}

    def __call__(self, progress: Progress) -> None:
        """Write the figures of the moment."""
        if progress.stage not in self._writers:
            self._writers[progress.stage] = self._create(str(self._folder / progress.stage.replace(" ", "-")))
        for name, value in progress.figures.items():
            self._writers[progress.stage].add_scalar(name, value, progress.done)
