"""Model-agnostic meta-learning: the inner loop and what people vary in it, each choice an object that is passed.

Nothing here knows of robots, images or networks: a model is a mapping from names to tensors, a loss is a function of
that mapping. `take_inner_steps` is the heart; the rest are step sizes, clips, gradients and regularisers for it.
"""

from daml.maml.clipping import Clip, clip_elements, clip_norm
from daml.maml.gaussian_prior import GaussianPrior, Regularizer
from daml.maml.inner_loop import (
    Gradient,
    Loss,
    Parameters,
    StepSizes,
    first_order,
    second_order,
    take_inner_steps,
    trace_inner_steps,
)
from daml.maml.log_space import LogSpace
from daml.maml.recomputation import recomputed
from daml.maml.step_sizes import share_step_size, step_size_per_element, step_size_per_tensor, step_sizes_per_step
from daml.maml.step_weights import anneal_step_weights, weigh_steps

__all__ = [
    "Clip",
    "GaussianPrior",
    "Gradient",
    "LogSpace",
    "Loss",
    "Parameters",
    "Regularizer",
    "StepSizes",
    "anneal_step_weights",
    "clip_elements",
    "clip_norm",
    "first_order",
    "recomputed",
    "second_order",
    "share_step_size",
    "step_size_per_element",
    "step_size_per_tensor",
    "step_sizes_per_step",
    "take_inner_steps",
    "trace_inner_steps",
    "weigh_steps",
]
