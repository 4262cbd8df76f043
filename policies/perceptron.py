"""Dense layers with ReLU between them."""

from collections.abc import Sequence
from itertools import pairwise

from torch import nn


def perceptron(sizes: Sequence[int]) -> nn.Sequential:
    """Chain dense layers with ReLU between them, and none behind the last.

    Args:
        sizes: Numbers that go in, width of each hidden layer, numbers that come out.
    """
    layers: list[nn.Module] = []
    for n_inputs, n_outputs in pairwise(sizes):
        layers += [nn.Linear(n_inputs, n_outputs), nn.ReLU()]
    return nn.Sequential(*layers[:-1])
