"""All hands of a film, picture by picture: found anew in each, and looked for where they last were."""

import numpy as np

from daml.demos.demo import Frames
from daml.demos.hands.landmarks import Hand, LandmarkFinder
from daml.demos.hands.models import landmark_model, palm_model
from daml.demos.hands.network import Network
from daml.demos.hands.palms import PalmDetector
from daml.demos.hands.regions import Region, is_any_of, region_of_palm

_PALM_THRESHOLD = 0.4
_PRESENCE_THRESHOLD = 0.5
"""MediaPipe's own figure; palms may be less sure, as the second network judges them again."""
_WIDE = 1.2
"""Pictures of a larger aspect ratio leave the palm detector's square half empty, and hands small in it."""
_PALMS_EVERY = 2
"""While all hands are found where they last were, palms are looked for in every picture of so many: with two hands
26 ms a picture instead of 31."""
_LOST_FOR = 5
"""For so many pictures a lost hand is looked for around the place where it was last seen."""


class HandTracker:
    """Finds the hands of one film, its pictures given in order.

    Args:
        n_threads: Cores to use.

    Raises:
        ImportError: LiteRT is not installed.
        FileNotFoundError: The models are not installed.
    """

    def __init__(self, *, n_threads: int = 2) -> None:
        self._palms = PalmDetector(Network(palm_model(), n_threads=n_threads), threshold=_PALM_THRESHOLD)
        self._finder = LandmarkFinder(Network(landmark_model(), n_threads=n_threads), threshold=_PRESENCE_THRESHOLD)
        self._last: list[Region] = []
        self._lost: list[tuple[int, Region]] = []
        self._number = 0

    def track(self, picture: Frames) -> list[Hand]:
        """Find the hands of the film's next picture.

        Args:
            picture: RGB, `(H, W, 3)`.

        Returns:
            Hands, in no lasting order.
        """
        picture = np.ascontiguousarray(picture)
        hands: list[Hand] = []
        if self._number % _PALMS_EVERY and self._last and not self._lost:
            self._look(picture, self._last, hands)
        if len(hands) < max(len(self._last), 1):
            self._look(picture, self._palm_regions(picture, (0, 0)), hands)
            self._look(picture, self._last, hands)
        self._lost += [(self._number, region) for region in self._last if not _is_known(region, hands)]
        self._lost = [
            (number, region)
            for number, region in self._lost
            if self._number - number < _LOST_FOR and not _is_known(region, hands)
        ]
        height, width = picture.shape[:2]
        if (self._lost or not hands) and max(height, width) > _WIDE * min(height, width):
            left, top = self._tile_corner(height, width)
            side = min(height, width)
            tile = np.ascontiguousarray(picture[top : top + side, left : left + side])
            self._look(picture, self._palm_regions(tile, (left, top)), hands)
        self._last = [hand.region for hand in hands]
        self._number += 1
        return hands

    def find(self, picture: Frames, region: Region) -> Hand | None:
        """Find the hand in a region of any picture; None where there is none."""
        return self._finder.find(picture, region)

    def _tile_corner(self, height: int, width: int) -> tuple[int, int]:
        """Choose the square to look at closely: around the hand lost last, or each end of the picture in turn."""
        side = min(height, width)
        if self._lost:
            region = self._lost[-1][1]
            x, y = region.x - side / 2, region.y - side / 2
        else:
            x = y = float(max(height, width) if self._number % 2 else 0)
        return round(min(max(x, 0), width - side)), round(min(max(y, 0), height - side))

    def _palm_regions(self, picture: Frames, corner: tuple[int, int]) -> list[Region]:
        """Find palms in a picture whose corner lies there in the whole one; return the regions of their hands."""
        shift = np.array(corner, np.float64)
        return [
            region_of_palm(palm.box + np.append(shift, [0.0, 0.0]), palm.keypoints + shift)
            for palm in self._palms.detect(picture)
        ]

    def _look(self, picture: Frames, regions: list[Region], hands: list[Hand]) -> None:
        """Add the hands that are found in regions, where none is known yet."""
        for region in regions:
            if _is_known(region, hands):
                continue
            hand = self._finder.find(picture, region)
            if hand is not None and not _is_known(hand.region, hands):
                hands.append(hand)


def _is_known(region: Region, hands: list[Hand]) -> bool:
    """Tell whether a region holds one of the hands."""
    return is_any_of(region, [hand.region for hand in hands])
