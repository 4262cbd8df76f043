"""One task on disk, read lazily: frames are memory-mapped, states and actions are kept once read."""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise
from pathlib import Path
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray

from daml.demos.demo import Frames, HumanDemo, RobotDemo
from daml.demos.motion import moving_span
from daml.demos.storage.array_file import UNREADABLE
from daml.demos.storage.dataset_info import DatasetInfo

FRAMES_FILE = "frames.npy"
"""All clips of a task one after another, humans first: uint8 `(N, H, W, 3)`."""
STEPS_FILE = "steps.npz"
"""`states` `(M, S)`, `actions` and `executed` `(M, A)` and `goals` `(M, W)` of all robot clips one after another,
float32. A file without `executed` is one in which every action was executed; one without `goals` knows none."""
TASK_FILE = "task.json"
"""The task's name and the length of each clip."""


@dataclass(frozen=True, eq=False, kw_only=True)
class StoredTask:
    """One task on disk. Nothing is read before it is asked for.

    No file stays open between calls: thousands of tasks can be held at once. A demonstration from `human` or `robot`
    keeps its file mapped for as long as it lives; `human_frames` and `robot_frames` do not.
    """

    folder: Path
    kind: str
    split: str
    index: int
    info: DatasetInfo

    @property
    def n_humans(self) -> int:
        """How many human clips there are."""
        return len(self._slices[0])

    @property
    def n_robots(self) -> int:
        """How many robot clips there are."""
        return len(self._slices[1])

    def robot_length(self, i: int) -> int:
        """Count the steps of robot clip `i`."""
        return _length(self._robot_slice(i))

    def human(self, i: int) -> HumanDemo:
        """Open human clip `i`; its frames are memory-mapped."""
        return HumanDemo(self._mapped_frames()[self._human_slice(i)], self.info.human_frame_rate_hz)

    def robot(self, i: int) -> RobotDemo:
        """Open robot clip `i`; its frames are memory-mapped."""
        return RobotDemo(
            frames=self._mapped_frames()[self._robot_slice(i)],
            states=self.robot_states(i),
            actions=self.robot_actions(i),
            executed=self.robot_executed(i),
            goals=self.robot_goals(i),
            frame_rate_hz=self.info.robot_frame_rate_hz,
        )

    def human_frames(self, i: int, indices: Sequence[int] | NDArray[np.integer]) -> Frames:
        """Copy chosen frames of human clip `i`, `(len(indices), H, W, 3)`."""
        return self._copied_frames(self._human_slice(i), indices)

    def human_moving_span(self, i: int) -> tuple[int, int]:
        """First and last frame of human clip `i` between which something moves; kept in memory once measured."""
        if i not in self._spans:
            self._spans[i] = moving_span(self._mapped_frames()[self._human_slice(i)])
        return self._spans[i]

    def robot_frames(self, i: int, indices: Sequence[int] | NDArray[np.integer]) -> Frames:
        """Copy chosen frames of robot clip `i`, `(len(indices), H, W, 3)`."""
        return self._copied_frames(self._robot_slice(i), indices)

    def robot_states(self, i: int) -> NDArray[np.float32]:
        """States of robot clip `i`, `(T, S)`, read-only; kept in memory once read."""
        return self._robot_steps(i)[0]

    def robot_actions(self, i: int) -> NDArray[np.float32]:
        """Actions of robot clip `i`, `(T, A)`, read-only; kept in memory once read."""
        return self._robot_steps(i)[1]

    def robot_executed(self, i: int) -> NDArray[np.float32]:
        """Actions executed in robot clip `i`, `(T, A)`, read-only; kept in memory once read."""
        return self._robot_steps(i)[2]

    def robot_goals(self, i: int) -> NDArray[np.float32]:
        """Where item and destination are in robot clip `i`, `(T, W)`, read-only; kept in memory once read."""
        return self._robot_steps(i)[3]

    @cached_property
    def _spans(self) -> dict[int, tuple[int, int]]:
        """Moving spans by human clip."""
        return {}

    @cached_property
    def _slices(self) -> tuple[list[slice], list[slice]]:
        """Where the human clips and the robot clips lie in the frames file."""
        path = self.folder / TASK_FILE
        self._check_files()
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            n_humans, lengths = len(content["humans"]), [int(n) for n in content["humans"] + content["robots"]]
        except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
            _raise_corrupt(path, error)
        if content.get("kind") != self.kind or content.get("index") != self.index or min(lengths, default=0) < 1:
            _raise_corrupt(path, f"it describes {content}")
        slices = [slice(start, end) for start, end in pairwise(accumulate(lengths, initial=0))]
        return slices[:n_humans], slices[n_humans:]

    def _check_files(self) -> None:
        """Refuse links that lead out of the dataset, and what is no file: opening a pipe would wait for ever."""
        root = Path(os.path.realpath(self.folder.parent.parent))
        for name in (TASK_FILE, FRAMES_FILE, STEPS_FILE):
            path = self.folder / name
            if path.exists() and not path.is_file():
                _raise_corrupt(path, "it is no file")
            real = Path(os.path.realpath(path))  # unlike `resolve`, at peace with links in a circle
            if not real.is_relative_to(root):
                _raise_corrupt(path, f"it leads out of the dataset, to {real}")

    @cached_property
    def _steps(self) -> tuple[NDArray[np.float32], ...]:
        """States `(M, S)`, actions and executed actions `(M, A)` and goals `(M, W)` of all robot clips."""
        path = self.folder / STEPS_FILE
        n_steps = sum(_length(clip) for clip in self._slices[1])
        try:
            # Opened here, since numpy leaves a file that is no archive open.
            with path.open("rb") as file, np.load(file, allow_pickle=False) as steps:
                states, actions = steps["states"], steps["actions"]
                executed = steps.get("executed", actions)
                goals = steps.get("goals", np.empty((n_steps, 0), np.float32))
        except UNREADABLE as error:
            _raise_corrupt(path, error)
        for name, values in (
            ("states", states),
            ("actions", actions),
            ("executed", executed),
            ("goals", goals),
        ):
            if values.dtype != np.float32 or values.ndim != 2 or len(values) != n_steps:
                _raise_corrupt(path, f"{name}: {values.dtype} {values.shape} for {n_steps} steps")
            values.setflags(write=False)
        if executed.shape != actions.shape:
            _raise_corrupt(path, f"executed: {executed.shape} for actions {actions.shape}")
        return states, actions, executed, goals

    def _mapped_frames(self) -> Frames:
        """Map the frames of all clips, `(N, H, W, 3)`; the mapping ends with the last array that looks into it."""
        path = self.folder / FRAMES_FILE
        n_frames = sum(_length(clip) for clips in self._slices for clip in clips)
        try:
            frames = np.load(path, mmap_mode="r", allow_pickle=False)
        except UNREADABLE as error:
            _raise_corrupt(path, error)
        if frames.dtype != np.uint8 or frames.shape != (n_frames, *self.info.image_size, 3):
            expected = (n_frames, *self.info.image_size, 3)
            _raise_corrupt(path, f"expected uint8 {expected}, found {frames.dtype} {frames.shape}")
        return frames

    def _copied_frames(self, clip: slice, indices: Sequence[int] | NDArray[np.integer]) -> Frames:
        chosen = np.asarray(indices, dtype=np.intp)
        if chosen.size and not 0 <= chosen.min() <= chosen.max() < _length(clip):
            raise IndexError(
                f"{self.folder}: frames {chosen.tolist()}, but the clip has the frames 0 to {_length(clip) - 1}"
            )
        return self._mapped_frames()[clip.start + chosen]

    def _robot_steps(self, i: int) -> tuple[NDArray[np.float32], ...]:
        clip, start = self._robot_slice(i), self._slices[1][0].start
        rows = slice(clip.start - start, clip.stop - start)
        return tuple(values[rows] for values in self._steps)

    def _human_slice(self, i: int) -> slice:
        return self._checked(self._slices[0], i, what="human")

    def _robot_slice(self, i: int) -> slice:
        return self._checked(self._slices[1], i, what="robot")

    def _checked(self, clips: list[slice], i: int, *, what: str) -> slice:
        if not 0 <= i < len(clips):
            raise IndexError(f"{self.folder}: no {what} clip {i}; there are {len(clips)}, counted from 0")
        return clips[i]


def _length(clip: slice) -> int:
    return clip.stop - clip.start


def _raise_corrupt(path: Path, reason: Exception | str) -> NoReturn:
    """Name the file and the cure, whatever made it unreadable."""
    detail = (
        "the file is missing"
        if isinstance(reason, FileNotFoundError)
        else (" ".join(str(reason).split()) or type(reason).__name__)
    )
    raise ValueError(f"{path}: cannot be read ({detail}); delete the task's folder and collect it again") from (
        reason if isinstance(reason, Exception) else None
    )
