"""What a task is: a kind, a split and an index, which together determine its objects and its target."""

import operator
import re
from dataclasses import dataclass

import numpy as np

KINDS = ("place", "push", "pick-place")
"""Kinds of task that each have a scene of their own."""

ONE_TABLE = "tabletop"
"""The kind whose tasks are of any of these, on one and the same sort of table."""

ALL_KINDS = (*KINDS, ONE_TABLE)
"""All kinds of task."""

SPLITS = ("train", "validation", "test")
"""Splits of the tasks: they share no objects, and validation and test each have object families of their own."""

LAST_INDEX = 10**9
"""Largest number of a task; training draws from a million."""


@dataclass(frozen=True, order=True)
class Task:
    """One task, the same on every machine.

    The triple fixes which objects are on the table and which of them is the target. Layout, camera, lights, hand and
    noise come from a separate episode seed.

    Args:
        kind: One of `ALL_KINDS`.
        split: One of `SPLITS`; the splits share no combination of shape, colours and texture.
        index: Number of the task within its split, from 0.

    Raises:
        ValueError: A name is not known or the index is negative.
    """

    kind: str
    split: str
    index: int

    def __post_init__(self) -> None:
        if self.kind not in ALL_KINDS:
            raise ValueError(f"task kind {self.kind!r} is unknown; valid kinds: {', '.join(ALL_KINDS)}")
        if self.split not in SPLITS:
            raise ValueError(f"split {self.split!r} is unknown; valid splits: {', '.join(SPLITS)}")
        index = operator.index(self.index) if hasattr(type(self.index), "__index__") else -1
        if isinstance(self.index, bool) or not 0 <= index <= LAST_INDEX:
            raise ValueError(f"task index is {self.index!r}; expected an integer of at least 0, at most {LAST_INDEX}")
        object.__setattr__(self, "index", index)  # NumPy's integers cannot be written to JSON

    def __str__(self) -> str:
        return f"{self.kind}/{self.split}/{self.index}"

    @classmethod
    def parse(cls, text: str) -> "Task":
        """Read a task from `kind/split/index`, as `str` writes it.

        Args:
            text: For example `place/test/0`.

        Raises:
            ValueError: The text has another form, or a name is not known.
        """
        parts = text.split("/")
        if len(parts) != 3 or not re.fullmatch("[0-9]{1,10}", parts[2]):  # kind, split, index
            raise ValueError(f"task {text!r} is not of the form kind/split/index, for example place/test/0")
        return cls(parts[0], parts[1], int(parts[2]))

    def generator(self) -> np.random.Generator:
        """Return the random generator that every draw of this task's objects comes from."""
        return np.random.default_rng((ALL_KINDS.index(self.kind), SPLITS.index(self.split), self.index))
