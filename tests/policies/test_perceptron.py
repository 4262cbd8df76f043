import torch
from torch import nn

from daml.policies.perceptron import perceptron


def test_there_is_a_relu_between_the_layers_alone():
    layers = perceptron([5, 4, 3, 2])

    assert [type(layer) for layer in layers] == [nn.Linear, nn.ReLU, nn.Linear, nn.ReLU, nn.Linear]
    assert layers(torch.randn(7, 5)).shape == (7, 2)


def test_two_sizes_are_one_linear_layer():
    (layer,) = perceptron([5, 2])

    assert isinstance(layer, nn.Linear)
