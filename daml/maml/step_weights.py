"""Multi-step loss: an outer loss after every inner step, weighted, which steadies the training of long inner loops.

References:
    Antoniou et al. (2019), arXiv 1810.09502, Sec. 4 (MAML++).
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from daml.maml.parameters import Loss, Parameters

_FLOOR_SHARE = 0.03
"""The weight of an early step does not fall below this share of its initial 1 / n until the end (MAML++'s value)."""


def anneal_step_weights(n_steps: int, *, progress: float) -> Tensor:
    """Weigh the steps: all alike at the start of training, the last alone at its end.

    Between, the weight of each early step falls in a straight line, but not below a floor before the end.

    Args:
        n_steps: Number of inner steps.
        progress: How much of the annealing is done, in [0, 1].

    Returns:
        Weights that sum to 1, `(n_steps,)`.

    Raises:
        ValueError: There is no step, or the progress is outside [0, 1].
    """
    if n_steps < 1:
        raise ValueError(f"n_steps: expected at least 1, got {n_steps}")
    if not 0 <= progress <= 1:
        raise ValueError(f"progress: expected a number in [0, 1], got {progress}")
    floor = _FLOOR_SHARE if progress < 1 else 0.0
    weights = torch.full((n_steps,), max(1 - progress, floor) / n_steps)
    weights[-1] = 1 - weights[:-1].sum()
    return weights


def weigh_steps(adapted: Sequence[Parameters], loss: Loss, *, weights: Tensor) -> Tensor:
    """Sum an outer loss over the inner steps.

    Args:
        adapted: Parameters after each step, such as `trace_inner_steps(...)[1:]`.
        loss: Outer loss of the parameters. Not evaluated where the weight is exactly 0.
        weights: Weight of each step, `(n_steps,)`.

    Returns:
        The weighted sum, a scalar with its graph.

    Raises:
        ValueError: There are not as many weights as steps, or no weight differs from 0.
    """
    if weights.shape != (len(adapted),):
        raise ValueError(f"weights: expected shape {(len(adapted),)}, one per step, got {tuple(weights.shape)}")
    counted = [i for i, weight in enumerate(weights.detach().unbind()) if weight.item() != 0]
    if not counted:
        raise ValueError("weights: expected one that differs from 0, got only zeros")
    return torch.stack([weights[i] * loss(adapted[i]) for i in counted]).sum()
