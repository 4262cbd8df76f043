"""How likely it is that a move was read right: a logistic function of a few of its features."""

import math
from dataclasses import dataclass

import numpy as np

from daml.demos.reading.moves import Move


@dataclass(frozen=True)
class Calibration:
    """Weights of a logistic function."""

    bias: float
    log_score: float
    """Of the logarithm of the move's score."""
    contrast: float
    """Of how much more alike the item is to itself than the places are without it."""
    stays: float
    """Of how far things stayed as they were."""


FITTED = Calibration(bias=-6.0, log_score=2.6, contrast=1.0, stays=1.5)


def features(move: Move) -> tuple[float, float, float]:
    """Return what the confidence depends on: logarithm of the score, contrast, and how far things stayed."""
    return math.log(max(move.score, 1e-3)), move.likeness + move.otherness - 1, move.stays * move.held


def confidence(move: Move, calibration: Calibration = FITTED) -> float:
    """Return how likely it is that item and destination of a move are right, from 0 to 1."""
    weights = (calibration.log_score, calibration.contrast, calibration.stays)
    total = calibration.bias + float(np.dot(weights, features(move)))
    return 1 / (1 + math.exp(-total))
