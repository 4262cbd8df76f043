"""A picture's regions: small even patches, merged as long as their colours hardly differ across their boundary."""

import heapq
from bisect import bisect_left
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from daml.demos import Frames

Labels = NDArray[np.int32]
"""Number of the region of each pixel, `(H, W)`."""

WEIGHTS = np.array([0.6, 1.3, 1.3], np.float32)
"""Weights of lightness and of the two colours, in OpenCV's Lab: lamps and shadows change the first."""

_EVEN = 0.55
"""Share of the pixels, those whose colour changes least, that patches are grown from."""
_CELLS = 14
"""Cells along the picture's shorter side that even areas are cut into: what leaked through a gap can part again."""
_SMALLEST = 12
"""Area of a patch, in pixels, that a region may begin with."""
_ASIDE = 3
"""Distance from a boundary at which the colours on its two sides are compared [px]: it is blurred itself, and a gap
between boards or tiles is thinner."""
_UNSURE = 0.02
"""Weight of a comparison of which one pixel is in a third patch."""
_BIN, _N_BINS = 1.5, 16
"""Width and number of the bins that differences are counted in."""
_ALIKE = 6.0
"""Difference of weighted colours, its median along the boundary, up to which two patches are merged."""


@dataclass(frozen=True, eq=False)
class Regions:
    """A picture cut into regions.

    Args:
        labels: Number of the region of each pixel, from 0, `(H, W)`.
        lab: The smoothed picture in weighted Lab, `(H, W, 3)`.
        areas: Pixels of each region, `(n,)`.
        colors: Median of its weighted colour, `(n, 3)`.
        differences: How much the colours of two regions that touch differ along their boundary, by the two numbers,
            the smaller first: the median, and the length of the boundary in pixels.
    """

    labels: Labels
    lab: NDArray[np.float32]
    areas: NDArray[np.int64]
    colors: NDArray[np.float64]
    differences: dict[tuple[int, int], tuple[float, int]]

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.areas)

    def sums(self, values: NDArray[np.float64] | NDArray[np.bool_]) -> NDArray[np.float64]:
        """Add up values of pixels, `(H, W)`, in each region, `(n,)`."""
        return np.bincount(self.labels.ravel(), values.ravel().astype(np.float64), minlength=len(self)).astype(
            np.float64
        )

    def union(self, numbers: set[int]) -> NDArray[np.bool_]:
        """Return the pixels of some regions, `(H, W)`."""
        return np.isin(self.labels, list(numbers))


def find_regions(picture: Frames) -> Regions:
    """Cut a picture into regions.

    Two patches are merged by what they look like beside their boundary, so that a lamp's light may change slowly
    across a region, and gaps between boards are no boundaries. The pairs with the smallest difference come first.

    Args:
        picture: RGB, `(H, W, 3)`.
    """
    smooth = cv2.bilateralFilter(picture, 5, 20, 3)
    lab = np.asarray(cv2.cvtColor(smooth, cv2.COLOR_RGB2LAB)).astype(np.float32) * WEIGHTS
    patches = _patches(lab)
    pairs, differences, weights = _across(patches, lab)
    roots = _merged(int(patches.max()) + 1, pairs, differences, weights)
    _, labels = np.unique(roots[patches], return_inverse=True)
    labels = labels.reshape(patches.shape).astype(np.int32)
    areas = np.bincount(labels.ravel())
    order = np.argsort(labels, axis=None, kind="stable")
    colors = [np.median(part, axis=0) for part in np.split(lab.reshape(-1, 3)[order], np.cumsum(areas)[:-1])]
    return Regions(labels, lab, areas, np.stack(colors).astype(np.float64), _differences(labels, lab))


def _patches(lab: NDArray[np.float32]) -> Labels:
    """Flood the picture from its even parts, no larger than a cell each; numbers from 1, `(H, W)`."""
    height, width = lab.shape[:2]
    across, down = cv2.Sobel(lab, cv2.CV_32F, 1, 0, scale=0.25), cv2.Sobel(lab, cv2.CV_32F, 0, 1, scale=0.25)
    change = np.sqrt((across**2 + down**2).sum(axis=-1))
    even = cv2.erode((change <= np.quantile(change, _EVEN)).astype(np.uint8), np.ones((2, 2), np.uint8))
    _, parts = cv2.connectedComponents(even, connectivity=4)
    cell = max(_SMALLEST, min(height, width) // _CELLS)
    rows, columns = np.mgrid[:height, :width] // cell
    n_cells = (int(rows.max()) + 1) * (int(columns.max()) + 1)
    keys = np.where(even > 0, parts.astype(np.int64) * n_cells + rows * (int(columns.max()) + 1) + columns, -1)
    names, numbers, counts = np.unique(keys, return_inverse=True, return_counts=True)
    is_seed = (names >= 0) & (counts >= min(_SMALLEST, height * width // 4))
    seeds = np.where(is_seed, np.cumsum(is_seed), 0)[numbers].reshape(height, width).astype(np.int32)
    if not is_seed.any():
        return np.ones((height, width), np.int32)
    cv2.watershed(np.clip(lab, 0, 255).astype(np.uint8), seeds)
    while (is_line := seeds <= 0).any():
        spread = cv2.dilate(np.where(is_line, 0, seeds).astype(np.float32), np.ones((3, 3), np.uint8))
        seeds[is_line] = np.asarray(spread, np.int32)[is_line]
    return seeds


def _across(
    patches: Labels, lab: NDArray[np.float32]
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Compare the two sides of every pixel of a boundary: patches, `(n, 2)`, differences and weights, `(n,)` each."""
    pairs: list[NDArray[np.int64]] = []
    differences: list[NDArray[np.float64]] = []
    weights: list[NDArray[np.float64]] = []
    for labels, colors in ((patches, lab), (patches.T, lab.transpose(1, 0, 2))):
        row, column = np.nonzero(labels[:-1] != labels[1:])
        above, below = np.maximum(row + 1 - _ASIDE, 0), np.minimum(row + _ASIDE, len(labels) - 1)
        one, two = labels[row, column], labels[row + 1, column]
        is_sure = (labels[above, column] == one) & (labels[below, column] == two)
        pairs.append(np.sort(np.stack([one, two], axis=1), axis=1).astype(np.int64))
        differences.append(np.linalg.norm(colors[above, column] - colors[below, column], axis=-1).astype(np.float64))
        weights.append(np.where(is_sure, 1.0, _UNSURE))
    return np.concatenate(pairs), np.concatenate(differences), np.concatenate(weights)


def _grouped(pairs: NDArray[np.int64], n: int) -> tuple[list[tuple[int, int]], NDArray[np.int64]]:
    """Return the different pairs of numbers below n, and to which each of the rows, `(m, 2)`, belongs, `(m,)`."""
    names, numbers = np.unique(pairs[:, 0] * n + pairs[:, 1], return_inverse=True)
    return [(int(name) // n, int(name) % n) for name in names], numbers.ravel()


def _merged(
    n: int, pairs: NDArray[np.int64], differences: NDArray[np.float64], weights: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Merge patches, the most alike first, and return for each the one that it became part of, `(n,)`."""
    names, numbers = _grouped(pairs, n)
    counts = np.zeros((len(names), _N_BINS))
    bins = np.minimum(differences / _BIN, _N_BINS - 1).astype(int)
    np.add.at(counts, (numbers, bins), weights)
    neighbours: list[dict[int, NDArray[np.float64]]] = [{} for _ in range(n)]
    for (one, two), count in zip(names, counts, strict=True):
        neighbours[one][two] = neighbours[two][one] = count
    parents, versions = np.arange(n), [0] * n
    heap = [(_median(count), one, two, 0, 0) for (one, two), count in zip(names, counts, strict=True)]
    heapq.heapify(heap)
    while heap:
        difference, one, two, *seen = heapq.heappop(heap)
        if difference > _ALIKE:
            break
        if seen != [versions[one], versions[two]]:
            continue  # one of them has been merged since
        parents[two] = one
        versions[one] += 1
        versions[two] = -1
        del neighbours[one][two]
        for other, count in neighbours[two].items():
            if other != one:
                del neighbours[other][two]
                both = count + neighbours[one].get(other, 0.0)
                neighbours[one][other] = neighbours[other][one] = both
        for other, count in neighbours[one].items():
            heapq.heappush(heap, (_median(count), one, other, versions[one], versions[other]))
    while (parents[parents] != parents).any():
        parents = parents[parents]
    return parents


def _median(counts: NDArray[np.float64]) -> float:
    """Return the median of differences counted in bins."""
    sums: list[float] = np.cumsum(counts).tolist()
    half = sums[-1] / 2
    number = bisect_left(sums, half)
    before = sums[number - 1] if number else 0.0
    return _BIN * (number + (half - before) / max(sums[number] - before, 1e-9))


def _differences(labels: Labels, lab: NDArray[np.float32]) -> dict[tuple[int, int], tuple[float, int]]:
    """Return the median difference along each boundary between regions, and its length."""
    pairs, differences, weights = _across(labels, lab)
    names, numbers = _grouped(pairs, int(labels.max()) + 1)
    order = np.argsort(numbers, kind="stable")
    starts = np.searchsorted(numbers[order], np.arange(1, len(names)))
    found: dict[tuple[int, int], tuple[float, int]] = {}
    for name, rows in zip(names, np.split(order, starts) if names else [], strict=True):
        sure = rows[weights[rows] > _UNSURE]
        found[name] = (float(np.median(differences[sure if len(sure) else rows])), len(rows))
    return found
