"""Laws of TensorBoard's event files."""

import sys
from pathlib import Path
from types import ModuleType

import pytest

from daml.progress import Progress
from daml.terminal.tensorboard import TensorBoard


class Writer:
    """Stands for TensorBoard's writer, and notes what it is given."""

    written: list[tuple[str, str, float, int]] = []  # noqa: RUF012 - of the class: all writers'

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def add_scalar(self, name: str, value: float, step: int) -> None:
        self.written.append((self._folder, name, value, step))


def test_every_stage_is_a_run_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    module = ModuleType("torch.utils.tensorboard")
    monkeypatch.setattr(module, "SummaryWriter", Writer, raising=False)
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", module)
    monkeypatch.setattr(Writer, "written", [])

    observe = TensorBoard(tmp_path)
    observe(Progress("meta-training", 20, 60, {"loss": 0.5}))
    observe(Progress("round 1", 20, 60, {"loss": 0.25, "item_error_m": 0.01}))

    assert Writer.written == [
        (str(tmp_path / "meta-training"), "loss", 0.5, 20),
        (str(tmp_path / "round-1"), "loss", 0.25, 20),
        (str(tmp_path / "round-1"), "item_error_m", 0.01, 20),
    ]


def test_without_the_extra_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    with pytest.raises(ImportError, match=r"pip install 'daml-imitation\[tensorboard\]'"):
        TensorBoard(tmp_path)
