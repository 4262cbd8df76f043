"""`daml collect`: fill a dataset with simulated humans and scripted experts."""

import time
from pathlib import Path
from typing import Annotated

import tyro

from daml.collection.demonstrations import CollectionConfig, count_missing
from daml.collection.demonstrations import collect as collect_demonstrations
from daml.terminal.console import progress_bar, say


def collect(
    *,
    output: Path,
    config: Annotated[CollectionConfig, tyro.conf.arg(name="")] = CollectionConfig(),  # noqa: B008 - frozen
    workers: int | None = None,
) -> None:
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
    say(f"{output}: {total} tasks, {n_frames} frames added in {time.monotonic() - began:.0f} s")
