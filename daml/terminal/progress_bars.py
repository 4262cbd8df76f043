"""Progress bars: an observer that shows every stage of a piece of work by a bar of its own."""

import time
from collections.abc import Callable, Mapping
from types import MappingProxyType, TracebackType
from typing import Self

from rich.progress import TaskID

from daml.progress import Progress
from daml.terminal.console import progress_bar

_SHOWN: Mapping[str, Callable[[float], str]] = MappingProxyType(
    {
        "validation_success_rate": "validation success {:.3f}".format,
        "loss": "loss {:.3f}".format,
        "item_error_m": "item error [m] {:.3f}".format,
        "recognised": "objects recognised {:.0%}".format,
        "success_rate": "success {:.1%}".format,
    }
)
"""How figures are shown, in this order; others are not."""


class ProgressBars:
    """Shows a bar for each stage, with the latest of each figure; a stage that begins again gets a new one.

    To be used as a context, which begins and ends the display.

    Args:
        visible: Whether anything is shown.
    """

    def __init__(self, *, visible: bool = True) -> None:
        self.display = progress_bar(visible=visible)
        self._bars: dict[str, TaskID] = {}
        self._latest: dict[str, dict[str, float]] = {}
        self._done: dict[str, int] = {}
        self._began: dict[str, float] = {}

    def __enter__(self) -> Self:
        """Begin the display."""
        self.display.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the display."""
        self.display.stop()

    def __call__(self, progress: Progress) -> None:
        """Show how far a stage has come."""
        stage = progress.stage
        if progress.done < self._done.get(stage, 0) or stage not in self._bars:
            self._bars[stage] = self.display.add_task(stage, total=progress.total, figures="")
            self._latest[stage], self._began[stage] = {}, time.monotonic()
        self._done[stage] = progress.done
        self._latest[stage].update(progress.figures)
        figures = self._figures(stage)
        self.display.update(self._bars[stage], completed=progress.done, total=progress.total, figures=figures)

    def _figures(self, stage: str) -> str:
        """Write the latest figures of a stage."""
        latest = self._latest[stage]
        shown = [show(latest[name]) for name, show in _SHOWN.items() if name in latest]
        if "success_rate" in latest and "success_rate_low" in latest:
            shown.append("({success_rate_low:.0%} to {success_rate_high:.0%})".format(**latest))
        if latest.get("frames"):
            shown.append(f"{latest['frames'] / max(time.monotonic() - self._began[stage], 1e-9):.0f} frames/s")
        return ", ".join(shown)
