"""`daml train`: meta-train a prior, from an empty folder if need be."""

from pathlib import Path
from typing import Annotated, Literal

import torch
import tyro

from daml.optimization.distributed import join_team
from daml.optimization.hardware import keep_freed_memory
from daml.progress import Observer
from daml.terminal.console import say
from daml.terminal.progress_bars import ProgressBars
from daml.terminal.tensorboard import TensorBoard
from daml.terminal.worker_options import WorkerOptions
from daml.training.recipe import TrainingConfig
from daml.training.recipe import train as train_prior


def train(
    *,
    output: Path,
    dataset: Path | None = None,
    config: Annotated[TrainingConfig, tyro.conf.arg(name="")] = TrainingConfig(),  # noqa: B008 - frozen
    device: Literal["auto", "cpu", "cuda"] = "auto",
    tensorboard: bool = False,
    workers: Annotated[WorkerOptions, tyro.conf.arg(name="")] = WorkerOptions(),  # noqa: B008 - frozen
) -> None:
    """Meta-train a prior; run the same command again to go on where a stopped run was.

    Under torchrun several processes share every meta-batch: torchrun --nproc-per-node 2 --no-python daml train ...

    The prior learns first from the dataset's demonstrations; then, round after round, also from the expert's
    corrections of what the policies do that were learned so far (but for datasets of other origin, whose tasks are in
    no simulator). Last the tracker learns, from rollouts of the best policies.

    Writes to the output folder: dataset/ (unless one is given), pretrained/, a folder round-N/ of each round with
    metrics.jsonl, state/ (to go on from), last/ and best/ (priors; the best by success on validation tasks), its
    corrections-N/, tracking/, and best/, the best prior of the last round, with its tracker. With a robot, images or
    kinds of task that the simulation does not have, nothing is judged or tracked; best/ is then the last prior.

    Args:
        output: Folder of the run.
        dataset: Folder of a dataset; without it one is collected into the output folder first.
        config: Settings of the run.
        device: Where to compute; auto takes a GPU when there is one.
        workers: Who collects, pictures, corrects and tracks.
        tensorboard: Also write TensorBoard's event files (needs the extra `tensorboard`).
    """
    keep_freed_memory()
    team = join_team()
    observers: list[Observer] = [TensorBoard(output / "tensorboard")] if tensorboard and team.is_first else []
    with ProgressBars(visible=team.is_first) as bars:
        train_prior(
            config,
            output,
            dataset=dataset,
            device=team.device(choose_device(device)),
            team=team,
            workers=workers.open() if team.is_first else None,
            observers=[bars, *observers],
        )
    if team.is_first:
        best = output / "best"
        if any(output.glob("round-*/best")):
            say(
                f"best prior: {best}; judge it with: daml evaluate --prior {best} --output {output / 'evaluation.json'}"
            )
        else:
            say(f"last prior: {best}; not judged, since robot, images or kinds of task are not those of the simulation")


def choose_device(name: str) -> torch.device:
    """Return the device of a name; `auto` prefers a GPU.

    Raises:
        ValueError: It is not available.
    """
    available = ["cuda", "cpu"] if torch.cuda.is_available() else ["cpu"]
    if name == "auto":
        name = available[0]
    if name not in available:
        raise ValueError(f"device {name} is not available here; available: {', '.join(available)}")
    return torch.device(name)
