"""The 21 landmarks of one hand: the second of the two networks."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from daml.demos.demo import Frames
from daml.demos.hands.network import Network
from daml.demos.hands.regions import Points, Region, region_of_hand

_SIDE = 224
"""Side of the square that the network looks at [px]."""
N_LANDMARKS = 21
THUMB_TIP, INDEX_TIP = 4, 8


@dataclass(frozen=True)
class Hand:
    """One hand in one picture."""

    landmarks: Points
    """`(21, 2)` [px], in MediaPipe's order: the wrist, then each finger from its root, the thumb first."""
    presence: float
    """How sure the network is that this is a hand, from 0 to 1."""
    rightness: float
    """How sure it is that this is a right hand, from 0 (a left one) to 1."""

    @property
    def region(self) -> Region:
        """Where the hand is."""
        return region_of_hand(self.landmarks)


class LandmarkFinder:
    """Finds the landmarks of a hand in a region.

    Args:
        network: MediaPipe's hand landmarks.
        threshold: Presence from which a hand counts.
    """

    def __init__(self, network: Network, *, threshold: float) -> None:
        self._network = network
        self._threshold = threshold

    def find(self, picture: Frames, region: Region) -> Hand | None:
        """Find a hand.

        Args:
            picture: RGB, `(H, W, 3)`.
            region: Where to look.

        Returns:
            The hand; None when there is none.
        """
        crop = region.cut(picture, size=_SIDE).astype(np.float32) / np.float32(255)
        # World coordinates, the fourth output, are not needed.
        places, presence, rightness = self._network(crop[None])[:3]
        if float(presence[0, 0]) < self._threshold:
            return None
        shares: NDArray[np.float64] = places.reshape(N_LANDMARKS, 3)[:, :2].astype(np.float64) / _SIDE
        return Hand(region.project(shares), float(presence[0, 0]), float(rightness[0, 0]))
