"""One task on disk, read lazily: frames are memory-mapped, states and actions are kept once read."""

import hashlib
import os
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from daml.demos.demo import Frames, HumanDemo, RobotDemo
from daml.demos.disk import read_file
from daml.demos.parsing import Count, Whole, read_json
from daml.demos.storage.array_file import LARGEST, map_array, read_arrays
from daml.demos.storage.dataset_info import DatasetInfo

FRAMES_FILE = "frames.npy"
"""All clips of a task one after another, humans first: uint8 `(N, H, W, 3)`."""
STEPS_FILE = "steps.npz"
"""`states` `(M, S)`, `actions` and `executed` `(M, A)` and `goals` `(M, W)` of all robot clips one after another, and
`hands` `(L, 2)` of all human clips; float32. A file without `executed` is one in which every action was executed; one
without `goals` or `hands` knows none."""
TASK_FILE = "task.json"
"""The task's name and the length of each clip."""

_STEPS = ("states", "actions", "executed", "goals")
_CURE = "delete the task's folder and collect it again"


@dataclass(frozen=True, kw_only=True)
class _Described:
    """What a task's file says."""

    kind: str
    index: Whole
    humans: tuple[Count, ...]
    """Length of each human clip."""
    robots: tuple[Count, ...]
    """Length of each robot clip."""


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
        frames = self._mapped_frames()[self._human_slice(i)]
        return HumanDemo(frames, self.info.human_frame_rate_hz, self.human_hand(i))

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

    def human_hand(self, i: int) -> NDArray[np.float32]:
        """Where the hand is in human clip `i`, `(T, 2)`, read-only, NaN where unknown; kept in memory once read."""
        return self._arrays["hands"][self._human_slice(i)]

    def human_acting_span(self, i: int) -> tuple[int, int]:
        """First and last frame of human clip `i` in which it is done; kept in memory once measured."""
        if i not in self._spans:
            self._spans[i] = self.human(i).acting_span()
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
    def content_digest(self) -> str:
        """Short name of what the task holds, which is another one where a clip is another; kept once computed.

        Read are names, rates and lengths, all that was measured of the robot, and of each clip the first, the middle
        and the last frame: 2 to 12 ms. To read every frame would take 25 ms, a minute for 2,000 tasks, and tell little
        more: a clip of as many frames that is the same in these three, pixel for pixel, is a copy of it.

        Raises:
            ValueError: A file is missing or corrupt.
        """
        frames = self._mapped_frames()
        rates = self.info.human_frame_rate_hz, self.info.robot_frame_rate_hz
        digester = hashlib.sha256(f"{self.kind}/{self.split}/{self.index} {frames.shape} {rates}".encode())
        for name in (TASK_FILE, STEPS_FILE):
            with _reading(self.folder / name):
                digester.update(read_file(self.folder / name, largest=LARGEST))
        for clip in (*self._slices[0], *self._slices[1]):
            digester.update(frames[[clip.start, (clip.start + clip.stop) // 2, clip.stop - 1]].tobytes())
        return digester.hexdigest()[:16]

    @cached_property
    def _spans(self) -> dict[int, tuple[int, int]]:
        """Acting spans by human clip."""
        return {}

    @cached_property
    def _slices(self) -> tuple[list[slice], list[slice]]:
        """Where the human clips and the robot clips lie in the frames file."""
        path = self.folder / TASK_FILE
        self._check_links()
        with _reading(path):
            told = read_json(path, _Described, cure=_CURE)
        if (told.kind, told.index) != (self.kind, self.index) or not told.humans + told.robots:
            found = f"{told.kind} {told.index} with {len(told.humans)} human and {len(told.robots)} robot clips"
            raise ValueError(f"{path}: describes {found}, but the folder is that of {self.kind} {self.index}; {_CURE}")
        slices = [slice(start, end) for start, end in pairwise(accumulate(told.humans + told.robots, initial=0))]
        return slices[: len(told.humans)], slices[len(told.humans) :]

    def _check_links(self) -> None:
        """Refuse links that lead out of the dataset."""
        root = Path(os.path.realpath(self.folder.parent.parent))
        for name in (TASK_FILE, FRAMES_FILE, STEPS_FILE):
            path = self.folder / name
            real = Path(os.path.realpath(path))  # unlike `resolve`, at peace with links in a circle
            if not real.is_relative_to(root):
                raise ValueError(f"{path}: cannot be read (it leads out of the dataset, to {real}); {_CURE}")

    @cached_property
    def _arrays(self) -> dict[str, NDArray[np.float32]]:
        """Arrays of all robot clips, `(M, ...)`, and hands of all human clips, `(L, 2)`, by name."""
        path = self.folder / STEPS_FILE
        n_seen, n_steps = (sum(_length(clip) for clip in clips) for clips in self._slices)
        with _reading(path):
            arrays = read_arrays(path, cure=_CURE)
        missing = sorted({"states", "actions"} - set(arrays))
        if missing:
            raise ValueError(f"{path}: no array {' and '.join(missing)}; {_CURE}")
        arrays.setdefault("executed", arrays["actions"])
        arrays.setdefault("goals", np.empty((n_steps, 0), np.float32))
        arrays.setdefault("hands", np.full((n_seen, 2), np.nan, np.float32))
        rows = {name: _as_rows(arrays[name], n_steps, f"{path}: {name}") for name in _STEPS}
        rows["hands"] = _as_rows(arrays["hands"], n_seen, f"{path}: hands")
        for name, wanted in (("executed", rows["actions"].shape), ("hands", (n_seen, 2))):
            if rows[name].shape != wanted:
                raise ValueError(f"{path}: {name}: expected {wanted}, found {rows[name].shape}; {_CURE}")
        return rows

    def _mapped_frames(self) -> Frames:
        """Map the frames of all clips, `(N, H, W, 3)`; the mapping ends with the last array that looks into it."""
        path = self.folder / FRAMES_FILE
        expected = (sum(_length(clip) for clips in self._slices for clip in clips), *self.info.image_size, 3)
        with _reading(path):
            frames = map_array(path, cure=_CURE)
        if frames.dtype != np.uint8 or frames.shape != expected:
            raise ValueError(f"{path}: expected uint8 {expected}, found {frames.dtype} {frames.shape}; {_CURE}")
        return frames  # pyright: ignore[reportReturnType] - checked above

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
        return tuple(self._arrays[name][rows] for name in _STEPS)

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


@contextmanager
def _reading(path: Path) -> Generator[None]:
    """Say what to do about a file of a task that is missing, or may not be read."""
    try:
        yield
    except OSError as error:
        reason = "the file is missing" if isinstance(error, FileNotFoundError) else error.strerror or str(error)
        raise ValueError(f"{path}: cannot be read ({reason}); {_CURE}") from error


def _as_rows(values: NDArray[np.generic], n_steps: int, name: str) -> NDArray[np.float32]:
    """Pass on one float32 row per step, read-only; anything else is refused by name."""
    if values.dtype != np.float32 or values.ndim != 2 or len(values) != n_steps:
        raise ValueError(f"{name}: expected float32 ({n_steps}, width), found {values.dtype} {values.shape}; {_CURE}")
    values.setflags(write=False)
    return values  # pyright: ignore[reportReturnType] - checked above
