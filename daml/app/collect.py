"""`daml collect`: fill a dataset with simulated humans and scripted experts."""

import time
from pathlib import Path

from daml.app.console import console, progress_bar
from daml.collection import CollectionConfig
from daml.collection import collect as collect_demonstrations
from daml.collection import count_missing


def collect(*, output: Path, config: CollectionConfig = CollectionConfig(), workers: int | None = None) -> None:  # noqa: B008 - frozen
    """Collect demonstrations: human videos and robot clips of the same tasks, on all cores; run again to go on.

    Args:
        output: Folder of the dataset.
        config: What to collect.
        workers: Processes; all cores when not given.
    """
    missing, total = count_missing(config, output)
    n_frames, began = 0, time.monotonic()
    with progress_bar() as progress:
        bar = progress.add_task("collecting", total=total, completed=total - missing, figures="")

        def observe(frames: int, tasks: int) -> None:
            nonlocal n_frames
            n_frames += frames
            progress.update(bar, advance=tasks, figures=f"{n_frames / (time.monotonic() - began):.0f} frames/s")

        collect_demonstrations(config, output, workers=workers, observers=(observe,))
    console.print(f"{output}: {total} tasks, {n_frames} frames added in {time.monotonic() - began:.0f} s")
