"""`daml dataset`: check, import and export demonstrations of your own."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro

from daml.demos import DatasetInfo, DemoDataset, Fit, export_lerobot, find_problems, import_clips, import_lerobot
from daml.demos.storage import clip_import
from daml.policies.robot.robot_state import MEMORY_SIZE
from daml.storage.folder_lock import only_writer
from daml.terminal.console import say


@dataclass(frozen=True)
class Validate:
    """Name all that would keep a dataset from being trained on."""

    folder: tyro.conf.Positional[Path]
    """Folder of the dataset."""

    def run(self) -> None:
        """Check, and say what there is."""
        problems = find_problems(self.folder)
        for problem in problems:
            say(problem)
        if problems:
            raise ValueError(f"{self.folder}: {len(problems)} problem(s), named above")
        dataset = DemoDataset(self.folder)
        counts = ", ".join(f"{len(dataset.tasks(split))} tasks in {split}" for split in dataset.splits)
        robot = dataset.tasks("train")[0].robot(0)
        state_size, action_size = robot.states.shape[1] + MEMORY_SIZE, robot.actions.shape[1]
        height, width = dataset.info.image_size
        say(f"{self.folder}: no problems; {counts}")
        say(
            f"train with: daml train --output runs/mine --dataset {self.folder} --prior.image-size {height} {width} "
            f"--prior.policy.state-size {state_size} --prior.policy.action-size {action_size}"
        )


@dataclass(frozen=True)
class Import:
    """Turn a folder of videos and arrays into a dataset; run again to go on."""

    source: tyro.conf.Positional[Path]
    """Folder of recordings, one folder per task."""
    folder: tyro.conf.Positional[Path]
    """Folder of the dataset."""
    image_size: tuple[int, int] = (96, 96)
    """Height and width of the frames, in pixels."""
    human_rate: float = 12.0
    """Frames per second of the human clips."""
    robot_rate: float = 10.0
    """Steps per second of the robot clips, as they were recorded."""
    fit: Fit = "crop"
    """How pictures are brought to the aspect ratio: crop keeps the centre, pad keeps everything."""

    def run(self) -> None:
        """Import, and say what was wrong."""
        info = DatasetInfo(
            image_size=self.image_size,
            human_frame_rate_hz=self.human_rate,
            robot_frame_rate_hz=self.robot_rate,
            provenance={"recordings": str(self.source), "fit": self.fit},
        )
        with only_writer(self.folder):
            n_tasks, problems = import_clips(self.source, self.folder, info=info, fit=self.fit)
        for problem in problems:
            say(problem)
        say(f"{self.folder}: {n_tasks} tasks added")
        if problems:
            raise ValueError(f"{self.source}: {len(problems)} problem(s), named above; their tasks are not imported")


@dataclass(frozen=True)
class ExportLerobot:
    """Write a dataset as two of LeRobot's format v3.0: robot/ and human/.

    Of robot clips it holds images, states and actions, but not what else the simulator knew.
    """

    folder: tyro.conf.Positional[Path]
    """Folder of the dataset."""
    target: tyro.conf.Positional[Path]
    """Folder to create."""

    def run(self) -> None:
        """Export."""
        target = export_lerobot(DemoDataset(self.folder), self.target)
        say(f"written: {target / 'robot'} and {target / 'human'}")


@dataclass(frozen=True)
class ImportLerobot:
    """Read two datasets of LeRobot's format v3.0, of a robot and of people who did the same tasks."""

    robot: tyro.conf.Positional[Path]
    """LeRobot dataset with observation.state, action and a camera."""
    human: tyro.conf.Positional[Path]
    """LeRobot dataset with a camera, whose tasks have the same words."""
    folder: tyro.conf.Positional[Path]
    """Folder of the dataset."""
    image_size: tuple[int, int] = (96, 96)
    """Height and width of the frames, in pixels."""
    fit: Fit = "crop"
    """How pictures are brought to the aspect ratio: crop keeps the centre, pad keeps everything."""

    camera: tuple[str, ...] = ()
    """Name of the camera to read where a dataset has several, such as front; two names where those of robot and people
    differ."""

    def run(self) -> None:
        """Import."""
        with only_writer(self.folder):
            n_tasks, left_out = import_lerobot(
                self.robot, self.human, self.folder, image_size=self.image_size, fit=self.fit, cameras=self.camera
            )
        for sentence in left_out:
            say(sentence)
        say(f"{self.folder}: {n_tasks} tasks added")


_LAYOUT = clip_import.__doc__ or ""

Action = (
    Annotated[Validate, tyro.conf.subcommand("validate", description=f"{Validate.__doc__}\n\n{_LAYOUT}")]
    | Annotated[Import, tyro.conf.subcommand("import", description=f"{Import.__doc__}\n\n{_LAYOUT}")]
    | Annotated[ExportLerobot, tyro.conf.subcommand("export-lerobot")]
    | Annotated[ImportLerobot, tyro.conf.subcommand("import-lerobot")]
)


def dataset(action: tyro.conf.OmitSubcommandPrefixes[tyro.conf.OmitArgPrefixes[Action]]) -> None:
    """Check, import and export demonstrations of your own.

    Args:
        action: What to do.
    """
    action.run()
