"""What commands share when they talk to a person."""

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

console = Console()
"""Standard output."""


def say(text: str) -> None:
    """Print one line as it is: brackets in a path are no markup, and a long line is not broken."""
    console.print(text, markup=False, emoji=False, highlight=False, soft_wrap=True)


def progress_bar() -> Progress:
    """Return a progress bar with counts, times and a place for running figures (the field `figures`)."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[figures]}"),
        console=console,
    )
