"""`daml collect`: fill a dataset with simulated humans and scripted experts."""

import time
from pathlib import Path
from typing import Annotated

import tyro

from daml.collection.demonstrations import CollectionConfig
from daml.collection.demonstrations import collect as collect_demonstrations
from daml.progress import Progress
from daml.terminal.console import say
from daml.terminal.progress_bars import ProgressBars
from daml.terminal.worker_options import WorkerOptions


def collect(
    *,
    output: Path,
    config: Annotated[CollectionConfig, tyro.conf.arg(name="")] = CollectionConfig(),  # noqa: B008 - frozen
    workers: Annotated[WorkerOptions, tyro.conf.arg(name="")] = WorkerOptions(),  # noqa: B008 - frozen
) -> None:
    """Collect demonstrations: human videos and robot clips of the same tasks, on all cores; run again to go on.

    Args:
        output: Folder of the dataset.
        config: What to collect.
        workers: Who collects.
    """
    latest = Progress("collecting", 0, 0)

    def note(progress: Progress) -> None:
        nonlocal latest
        latest = progress

    began = time.monotonic()
    with ProgressBars() as bars:
        collect_demonstrations(config, output, workers=workers.open(), observers=[bars, note])
    n_frames = round(latest.figures.get("frames", 0))
    say(f"{output}: {latest.total} tasks, {n_frames} frames added in {time.monotonic() - began:.0f} s")
