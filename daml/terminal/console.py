"""What commands share when they talk to a person."""

import time
from typing import Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Column

BAR_WIDTH = 20
"""Width of a progress bar, in characters."""

SECONDS_BETWEEN_LINES = 60.0
"""Time between two lines of progress where no bar can be drawn."""

console = Console()
"""Standard output."""


def say(text: str) -> None:
    """Print one line as it is: brackets in a path are no markup, and a long line is not broken."""
    console.print(text, markup=False, emoji=False, highlight=False, soft_wrap=True)


def can_show(text: str) -> bool:
    """Tell whether standard output has all the letters of a text."""
    try:
        text.encode(console.encoding)
    except UnicodeEncodeError:
        return False
    return True


class _Progress(Progress):
    """Progress that is also told where no bar can be drawn, such as in a log: by a line now and then."""

    def __init__(self, *columns: ProgressColumn, console: Console, disable: bool) -> None:
        super().__init__(*columns, console=console, disable=disable)
        self._last_line = time.monotonic()

    def update(self, task_id: TaskID, **changes: Any) -> None:  # noqa: ANN401 - as rich has it
        super().update(task_id, **changes)
        now = time.monotonic()
        if not self.disable and not self.console.is_interactive and now - self._last_line >= SECONDS_BETWEEN_LINES:
            self._last_line = now
            task = next(task for task in self.tasks if task.id == task_id)
            total = "" if task.total is None else f"/{task.total:.0f}"
            say(f"{task.description} {task.completed:.0f}{total} {task.fields['figures']}".rstrip())


def progress_bar(*, visible: bool = True) -> Progress:
    """Return a progress bar with counts, times and a place for running figures (the field `figures`)."""
    # In a narrow window the figures take a second line before anything is cut off.
    return _Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=BAR_WIDTH, table_column=Column(no_wrap=True)),
        MofNCompleteColumn(table_column=Column(no_wrap=True)),
        TimeElapsedColumn(table_column=Column(no_wrap=True)),
        TimeRemainingColumn(table_column=Column(no_wrap=True)),
        TextColumn("{task.fields[figures]}", table_column=Column()),
        console=console,
        disable=not visible,
    )
