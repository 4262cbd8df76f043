"""Model-agnostic meta-learning: the inner loop and what people vary in it, each choice an object that is passed.

Nothing here knows of robots, images or networks: a model is a mapping from names to tensors, a loss is a function of
that mapping. `take_inner_steps` is the heart; the rest are step sizes, clips, gradients and regularisers for it.

Example: the meta-gradient of a network over a batch of 8 tasks, each with 5 points to adapt to and 5 to be judged on.

>>> import torch
>>> from daml import maml
>>> network = torch.nn.Sequential(torch.nn.Linear(1, 16), torch.nn.Tanh(), torch.nn.Linear(16, 1))
>>> initial = dict(network.named_parameters())
>>> step_sizes = maml.LogSpace(maml.step_size_per_tensor(initial, size=0.1))
>>> def error(parameters, x, y):
...     return (torch.func.functional_call(network, parameters, (x,)) - y).square().mean()
>>> def outer_loss(x, y, query, truth):
...     adapted = maml.take_inner_steps(initial, lambda p: error(p, x, y), step_sizes=step_sizes(), n_steps=3)
...     return error(adapted, query, truth)
>>> tasks = [torch.randn(8, 5, 1) for _ in range(4)]
>>> torch.func.vmap(outer_loss)(*tasks).mean().backward()
>>> all(value.grad is not None for value in [*network.parameters(), *step_sizes.parameters()])
True

To adapt fewer parameters give step sizes to fewer; to change what is adapted to, give another loss.
"""

from daml.maml.clipping import Clip, clip_elements, clip_norm
from daml.maml.gaussian_prior import GaussianPrior, Regularizer
from daml.maml.gradients import Gradient, first_order, second_order
from daml.maml.implicit import implicit_loss
from daml.maml.inner_loop import StepSizes, take_inner_steps, trace_inner_steps
from daml.maml.log_space import LogSpace
from daml.maml.outer_losses import reptile_loss, sharp_loss, warp_loss
from daml.maml.parameters import Loss, Parameters, select
from daml.maml.processes import average_gradients, own_part
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
    "average_gradients",
    "clip_elements",
    "clip_norm",
    "first_order",
    "implicit_loss",
    "own_part",
    "recomputed",
    "reptile_loss",
    "second_order",
    "select",
    "share_step_size",
    "sharp_loss",
    "step_size_per_element",
    "step_size_per_tensor",
    "step_sizes_per_step",
    "take_inner_steps",
    "trace_inner_steps",
    "warp_loss",
    "weigh_steps",
]
