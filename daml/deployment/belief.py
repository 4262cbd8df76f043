"""What an adapted policy takes for the item and the destination in a picture: its belief, to be held against a film."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from daml.demos import Reading, Step
from daml.demos.reading.reading import Point
from daml.deployment.adapted_policy import AdaptedPolicy
from daml.deployment.guided_demo import Crop, cropped

LARGEST_DIFFERENCE = 0.1
"""Shorter sides of the picture between what was read and what is believed: more is another thing, or none."""


@dataclass(frozen=True)
class Belief:
    """Where a policy takes item and destination to be in a picture, as shares of its width and height."""

    item: Point | None
    """None for a policy that takes the item to be in the gripper from the start."""
    destination: Point

    def places(self) -> dict[str, Point]:
        """Return the places that are believed in, by name."""
        places = {"item": self.item, "destination": self.destination}
        return {name: place for name, place in places.items() if place is not None}

    def to_json(self) -> dict[str, Any]:
        """Return what JSON holds of it."""
        return {name: [round(share, 4) for share in place] for name, place in self.places().items()}

    def differences(self, step: Step, *, picture_size: tuple[int, int]) -> dict[str, float]:
        """Compare with what was read.

        Args:
            step: What was read.
            picture_size: Height and width of the picture that both are about [px].

        Returns:
            Distance of "item" and "destination" from where they were read, in shorter sides of the picture.
        """
        height, width = picture_size
        scale = np.array([width, height]) / min(height, width)
        read = {"item": step.item, "destination": step.destination}
        return {
            name: float(np.linalg.norm(np.subtract(place, read[name]) * scale)) for name, place in self.places().items()
        }


def believe(policy: AdaptedPolicy, picture: NDArray[np.uint8], *, crop: Crop, kind: str) -> Belief:
    """Ask a policy what is what in a picture.

    Args:
        policy: The policy; its memory of an episode is left as it is.
        picture: RGB, `(H, W, 3)`, with nobody at work.
        crop: The part of it that the policy looks at.
        kind: What is done: an item that is put down ("place") is not in the picture.

    Returns:
        The belief, in the whole picture's coordinates.
    """
    looked_at = cropped(picture[None], crop, size=policy.config.image_size)[0]
    left, top, right, bottom = crop

    def in_picture(place: NDArray[np.float32]) -> Point:
        x, y = (np.asarray(place, np.float64) + 1) / 2 * (right - left, bottom - top) + (left, top)
        return float(x), float(y)

    item, destination = (in_picture(place) for place in policy.locate_goal(looked_at))
    return Belief(None if kind == "place" else item, destination)


def doubts(belief: Belief, reading: Reading, *, step: int = 0) -> list[str]:
    """Name what a policy takes for another thing than the film shows: "item", "destination", both or none.

    Args:
        belief: What the policy believes of the film's first picture.
        reading: What was read of the film.
        step: Number of the step.
    """
    height, width = reading.clean_first_frame.shape[:2]
    differences = belief.differences(reading.steps[step], picture_size=(height, width))
    return [name for name, difference in differences.items() if difference > LARGEST_DIFFERENCE]
