"""Pairs of moments looked at closely: is what was taken away what was put down, and did it stay there?"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from daml.demos.colors import color_distance, color_histogram, how_alike
from daml.demos.demo import Frames
from daml.demos.reading.clean_plates import Plates
from daml.demos.reading.evidence import Pair
from daml.demos.reading.hand_paths import Mask
from daml.demos.reading.outlines import Outline, outline_change
from daml.demos.reading.still_film import StillFilm

_CONTRAST_START, _CONTRAST_SLOPE, _CONTRAST_LEAST = 0.5, 1.5, 0.1
"""How a move's score follows from the likeness of what was taken and put, over that of what lay there else."""
_STRENGTH_POWER = 0.5
"""How much it matters how strong the evidence of change is: it grows with the item's size, which says little."""
_MOST_CHANGE = 5.0
"""A change of colour counts no more beyond so many times the film's noise."""
_AREA_POWER = 0.4
"""How much it matters that both are of one size: perspective and hands change it by half."""
_AWAY, _BACK = 0.22, 0.15
"""A hand farther from a place has left it, one closer has come back [shorter sides]."""
_STAYS_S = 1.0
"""For so long at least it is looked whether what was put down stays."""
_NEARER = 0.6
"""What changed at less than this share of the distance from the other place is the item's, or was hidden by it."""
_MOST_SHIFT = 0.06
"""How far the middle of an item moves at most when it is outlined as a whole, in units: in eleven real films by less
than 0.05. Of 40 simulated ones 31 are read rightly with this limit, 30 without."""
_RESTS_S = 0.3
"""At the film's end it is looked for so long, and at least in three pictures, whether it rests: a film that ends while
something is carried shows it only in motion."""
_BLINK_S, _FORGOTTEN_S = 0.3, 1.0
"""A hand unseen for up to the first time holds what it held; beyond, it is e times less sure for each of the second."""
ALIKE = 30
"""A pixel that differs less [0 to 255] still shows the same."""
_UNKNOWN = 0.6
"""How far something counts as staying that a hand hides all the time."""
_LEAST_DIFFERENCE, _MOST_DIFFERENCE = 10, 80
"""Of a pixel's weight when colours are compared."""


@dataclass(frozen=True, eq=False)
class Move:
    """One thing that a hand took from one place to another."""

    pair: Pair
    item: Outline
    """In the scene before."""
    put: Outline
    """In the scene afterwards."""
    likeness: float
    """Of the item before and afterwards, from 0 to 1."""
    otherness: float
    """How unlike the places are without it, from 0 to 1."""
    size_ratio: float
    """Of the smaller outline to the larger."""
    held: float
    """How surely the hand held it all the time: less when it was out of sight, from 0 to 1."""
    stays: float
    """How far the item, the empty place and the item put down stayed as they were, from 0 to 1."""
    explained: float
    """Share of all that changed between the two scenes that it accounts for."""
    slip: float
    """How differently the item lay to the fingertips at the two moments, but for falling, in units: what is held or
    pushed goes where the hand goes."""

    @property
    def score(self) -> float:
        """How much speaks for it: evidence of change, times what makes it this kind of change."""
        contrast = _CONTRAST_START + _CONTRAST_SLOPE * (self.likeness + self.otherness - 1)
        same = self.likeness * float(np.clip(contrast, _CONTRAST_LEAST, 1.0)) * self.size_ratio**_AREA_POWER
        return self.pair.strength**_STRENGTH_POWER * same * self.stays * self.held

    @property
    def start(self) -> int:
        """Number of the picture in which the hand takes the item."""
        return int(self.pair.hand.pictures[self.pair.start])

    @property
    def end(self) -> int:
        """Number of the picture in which it lets go."""
        return int(self.pair.hand.pictures[self.pair.end])


def look_closely(film: StillFilm, before: Plates, after: Plates, pair: Pair) -> Move | None:
    """Outline and compare what was taken away and what was put down.

    Args:
        film: The film.
        before: What the scene looked like up to each picture.
        after: What it looked like from each picture on.
        pair: The two moments.

    Returns:
        The move; None when nothing stands out at one of the places.
    """
    one, two, trust = plates_of(pair, before, after)
    outlines = outline_change(one, two, trust=trust, places=(pair.taken, pair.put), unit=film.unit, noise=film.noise)
    if outlines is None:
        return None
    item, put = outlines
    difference = color_distance(one, two) - _LEAST_DIFFERENCE
    weight = np.clip(difference, 1, _MOST_DIFFERENCE).astype(np.float64)
    item_before, item_after = color_histogram(one, item.mask, weight), color_histogram(two, put.mask, weight)
    left_behind, covered = color_histogram(two, item.mask, weight), color_histogram(one, put.mask, weight)
    areas = item.area, put.area
    return Move(
        explained=explained_share(film, one, two, trust=trust, mask=item.mask | put.mask),
        slip=_slip(pair, item, put) / film.unit,
        pair=pair,
        item=item,
        put=put,
        likeness=how_alike(item_before, item_after),
        otherness=1 - max(how_alike(left_behind, item_after), how_alike(item_before, covered)),
        size_ratio=min(areas) / max(areas),
        held=how_surely_held(film, pair),
        stays=float(
            np.prod(
                [
                    stays(film, one, item, pair, moment=pair.start, step=-1),
                    stays(film, two, item, pair, moment=pair.end, step=1),
                    stays(film, two, put, pair, moment=pair.end, step=1),
                ]
            )
        ),
    )


def explained_share(film: StillFilm, one: Frames, two: Frames, *, trust: NDArray[np.float32], mask: Mask) -> float:
    """Return how much of all that changed from one plate to another lies in a mask, from 0 to 1."""
    change = np.clip(color_distance(one, two) * trust / np.float32(film.noise), 0, _MOST_CHANGE)
    change *= change > 1
    return float(change[mask].sum() / max(float(change.sum()), 1e-6))


def _slip(pair: Pair, item: Outline, put: Outline) -> float:
    """Return how far an item slipped relative to the fingertips, other than down [px]."""
    right, down = (put.center - pair.hand.pinch[pair.end]) - (item.center - pair.hand.pinch[pair.start])
    return float(np.hypot(right, min(down, 0.0)))


def plates_of(pair: Pair, before: Plates, after: Plates) -> tuple[Frames, Frames, NDArray[np.float32]]:
    """Return the scene before and after a pair, `(H, W, 3)`, and how far both are to be trusted, `(H, W)`."""
    trust = np.sqrt(before.steadiness[pair.before] * after.steadiness[pair.after])
    trust = trust * (before.is_known[pair.before] & after.is_known[pair.after])
    return before.pictures[pair.before], after.pictures[pair.after], trust.astype(np.float32)


def with_whole_outlines(film: StillFilm, before: Plates, after: Plates, move: Move) -> Move:
    """Outline a move's item as a whole, unless that moves it: then more than the item changed.

    What the move was compared by are the parts that surely are the item's.
    """
    pair = move.pair
    one, two, trust = plates_of(pair, before, after)
    places = pair.taken, pair.put
    outlines = outline_change(
        one, two, trust=trust, places=places, unit=film.unit, noise=film.noise, whole_within=_NEARER
    )
    if outlines is None:
        return move
    shifts = [np.linalg.norm(new.center - old.center) for new, old in zip(outlines, (move.item, move.put), strict=True)]
    return move if max(shifts) > _MOST_SHIFT * film.unit else replace(move, item=outlines[0], put=outlines[1])


def how_surely_held(film: StillFilm, pair: Pair) -> float:
    """Judge by the longest time out of sight how surely a hand held something between two moments."""
    hand = pair.hand
    held = np.arange(pair.start, pair.end + 1)
    seen = np.concatenate([[pair.start], held[hand.is_seen[held]], [pair.end]])
    longest_s = float(np.diff(film.times_s[hand.pictures[seen]]).max())
    return float(np.exp(-max(longest_s - _BLINK_S, 0.0) / _FORGOTTEN_S))


def stays(film: StillFilm, plate: NDArray[np.uint8], outline: Outline, pair: Pair, *, moment: int, step: int) -> float:
    """Return the share of an outline's pixels that keep looking like the plate until a hand comes back.

    Args:
        film: The film.
        plate: What it looked like, `(H, W, 3)`.
        outline: The part.
        pair: The two moments.
        moment: Which of the two.
        step: 1 to look forwards in time, -1 backwards.
    """
    first = int(pair.hand.pictures[moment])
    near = _hand_distances(film, outline.center)
    numbers: list[int] = []
    is_gone = False
    end = len(film.frames) if step > 0 else -1
    for number in range(first, end, step):
        is_late = abs(film.times_s[number] - film.times_s[first]) > _STAYS_S
        is_gone = is_gone or near[number] > _AWAY
        if is_late and (not is_gone or near[number] < _BACK):
            break
        # Until the hand has gone, only what it no longer touches says anything.
        has_withdrawn = number >= pair.after if step > 0 else number <= pair.before
        if has_withdrawn or near[number] > _AWAY:
            numbers.append(number)
    at_end = np.flatnonzero(film.times_s >= film.times_s[-1] - max(_RESTS_S, 2 * film.period_s)).tolist()
    if step > 0 and set(numbers) <= set(at_end):
        # What moves still covers half of its own outline some pictures later.
        share = max(2 * share_alike(film, at_end, plate, outline) - 1, 0.0)
        return share if numbers else min(share, _UNKNOWN)
    return share_alike(film, numbers, plate, outline)


def share_alike(film: StillFilm, numbers: list[int], plate: NDArray[np.uint8], outline: Outline) -> float:
    """Return the share of an outline's visible pixels that look like the plate, over some pictures."""
    y, x = np.nonzero(outline.mask)
    visible = ~film.hidden[np.array(numbers, int)[:, None], y, x]
    n_seen = visible.sum(axis=0)
    if not n_seen.any():
        return _UNKNOWN
    difference = color_distance(film.frames[np.array(numbers, int)[:, None], y, x], plate[y, x])
    n_alike = ((difference < ALIKE) & visible).sum(axis=0)
    return float((n_alike[n_seen > 0] / n_seen[n_seen > 0]).mean())


def _hand_distances(film: StillFilm, place: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how far the nearest hand is from a place in each picture, in shorter sides; far where there is none."""
    distances = np.full(len(film.frames), 9.0)
    for hand in film.hands:
        ways = np.linalg.norm(hand.landmarks.mean(axis=1) - place, axis=1)
        ways = np.minimum(ways, np.linalg.norm(hand.pinch - place, axis=1)) / film.unit
        distances[hand.pictures] = np.minimum(distances[hand.pictures], ways)
    return distances
