"""What commands share when they talk to a person."""

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Column

BAR_WIDTH = 20
"""Width of a progress bar, in characters."""

console = Console()
"""Standard output."""


def say(text: str) -> None:
    """Print one line as it is: brackets in a path are no markup, and a long line is not broken."""
    console.print(text, markup=False, emoji=False, highlight=False, soft_wrap=True)


def progress_bar(*, visible: bool = True) -> Progress:
    """Return a progress bar with counts, times and a place for running figures (the field `figures`)."""
    # In a narrow window the figures take a second line before anything is cut off.
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=BAR_WIDTH, table_column=Column(no_wrap=True)),
        MofNCompleteColumn(table_column=Column(no_wrap=True)),
        TimeElapsedColumn(table_column=Column(no_wrap=True)),
        TimeRemainingColumn(table_column=Column(no_wrap=True)),
        TextColumn("{task.fields[figures]}", table_column=Column()),
        console=console,
        disable=not visible,
    )
