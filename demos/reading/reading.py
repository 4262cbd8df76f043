"""What was read in a film: the steps, where and when, and what the scene looked like at first."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from daml.demos.demo import Frames

Kind = Literal["pick-place", "push", "place"]
"""What is done with an item: carried, pushed, or put down by a hand that holds it from the first picture on."""

Point = tuple[float, float]
"""A place in the first picture, as shares of its width and height."""


class FilmNotReadableError(ValueError):
    """A film shows no step that can be told; the message says what to film differently."""


@dataclass(frozen=True, eq=False)
class Step:
    """One thing that was done with one item. Places are those of the first picture, whatever the camera does."""

    kind: Kind
    item: Point
    """Where the item was at first."""
    destination: Point
    """Where it was put: the middle of the plate or mat there, if there is one."""
    start_s: float
    """When the hand took it [s]."""
    end_s: float
    """When the hand let go [s]."""
    hand: Literal["left", "right"]
    outline: NDArray[np.float64]
    """The item's outline in the first picture, `(n, 2)` shares."""
    put_outline: NDArray[np.float64]
    """The item's outline where it was put, `(n, 2)` shares."""
    confidence: float
    """How likely it is that item and destination are right, from 0 to 1."""

    def to_json(self) -> dict[str, Any]:
        """Return what a program reads: kind, places, moments and confidence."""
        return {
            "kind": self.kind,
            "item": [round(share, 4) for share in self.item],
            "destination": [round(share, 4) for share in self.destination],
            "start_s": round(self.start_s, 3),
            "end_s": round(self.end_s, 3),
            "confidence": round(self.confidence, 3),
        }


@dataclass(frozen=True, eq=False)
class ActingHand:
    """The way of the hands that did the steps, in the first picture's coordinates."""

    times_s: NDArray[np.float64]
    """`(n,)` [s]."""
    places: NDArray[np.float64]
    """Middle between the tips of thumb and index finger, `(n, 2)` shares."""


@dataclass(frozen=True, eq=False)
class Reading:
    """What a film shows."""

    steps: tuple[Step, ...]
    """In order of time; at least one."""
    clean_first_frame: Frames
    """The first picture without hands, as far as other pictures show what is behind them, RGB `(H, W, 3)`."""
    crop: tuple[float, float, float, float]
    """Left, top, right and bottom of the part of the picture in which it happens, as shares."""
    acting_hand: ActingHand
    moments: tuple[tuple[Frames, Frames], ...]
    """For each step the pictures in which the hand takes the item and lets go of it, RGB `(H, W, 3)`."""
    camera_motion: float
    """Largest way of the picture's corners as the camera moved, in shorter sides."""

    def to_json(self) -> dict[str, Any]:
        """Return the steps for a program."""
        return {"steps": [step.to_json() for step in self.steps]}
