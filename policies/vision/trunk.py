"""The trunk: convolutions that turn an image into a feature map, shared by all tasks and not changed by adaptation."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from daml.policies.vision.feature_map import N_EFFECTOR, N_LOCATORS
from daml.policies.vision.images import standardized

_STRIDES = (2, 2, 1, 1)
"""Two halvings keep a 3 cm object a cell wide at 96 px; a third would blur neighbours into each other."""


class Trunk(nn.Module):
    """Four convolutions that end in a map at a quarter of the image's size, normalised over channels at each location.

    Behind the features come the locators: what kinds of thing each location shows, and where the middle of each
    is (see `feature_map`). They are read linearly off the features, and learned in pretraining.

    Normalisation is per image (group and layer norm), so that a task's features do not depend on its neighbours in the
    batch. Weights are kept in `channels_last` layout, which makes convolutions on a CPU about 1.5 times faster.

    Args:
        channels: Output channels of the four convolutions.

    Raises:
        ValueError: There are not exactly four channel counts, or one is not positive.
    """

    def __init__(self, channels: Sequence[int]) -> None:
        super().__init__()
        if len(channels) != len(_STRIDES):
            raise ValueError(f"channels: expected {len(_STRIDES)} numbers, one per convolution, got {tuple(channels)}")
        if min(channels) < 1:
            raise ValueError(f"channels: expected positive numbers, got {tuple(channels)}")
        layers: list[nn.Module] = []
        previous = 3
        for n_channels, stride in zip(channels, _STRIDES, strict=True):
            layers += convolution(previous, n_channels, stride=stride)
            previous = n_channels
        self.layers = nn.Sequential(*layers)
        self.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue] - torch's stubs lack this form
        self.n_channels = previous
        self.context = _context(previous)
        self.surroundings = _surroundings(previous)
        self.locators = nn.Linear(previous, N_LOCATORS)
        nn.init.zeros_(self.locators.weight)
        nn.init.zeros_(self.locators.bias)

    def forward(self, images: Tensor) -> Tensor:
        """Compute the feature map of each image.

        Args:
            images: RGB in [0, 1], `(N, 3, H, W)`; fastest in `channels_last` layout.

        Returns:
            Features of zero mean and unit variance over channels, then the locators, `(N, C + N_LOCATORS, H/4, W/4)`
            rounded up, float32.
        """
        features: Tensor = self.layers(standardized(images))
        features = features + self.context(features)
        by_location = features.float().permute(0, 2, 3, 1)  # (N, h, w, C)
        by_location = functional.layer_norm(by_location, (self.n_channels,))
        locators = self.locators(by_location).float()
        coarse: Tensor = self.surroundings(features)
        effector = functional.interpolate(coarse.float(), features.shape[-2:], mode="bilinear", align_corners=False)
        things, near = torch.split(locators, [N_LOCATORS - N_EFFECTOR, N_EFFECTOR], dim=-1)
        maps = torch.cat([by_location, things, near + effector.permute(0, 2, 3, 1)], dim=-1)
        return maps.permute(0, 3, 1, 2)


def convolution(n_in: int, n_out: int, *, stride: int = 1, dilation: int = 1) -> list[nn.Module]:
    """Make a convolution of 3 x 3 that keeps the size, but for the stride, and is normalised per image."""
    return [
        nn.Conv2d(n_in, n_out, kernel_size=3, stride=stride, padding=dilation, dilation=dilation, bias=False),
        nn.GroupNorm(1, n_out),  # more groups took twice the time in `channels_last` layout
        nn.ReLU(inplace=True),
    ]


def _context(n_channels: int) -> nn.Sequential:
    """Make the convolutions that add to each location what is up to a few centimetres around it.

    By its edges alone an item is hard to tell from the pattern of a zone that it lies on.
    """
    last = nn.Conv2d(n_channels, n_channels, kernel_size=1)
    nn.init.zeros_(last.weight)
    nn.init.zeros_(last.bias)  # pyright: ignore[reportArgumentType] - there is one
    return nn.Sequential(*convolution(n_channels, n_channels, dilation=2), last)


def _surroundings(n_channels: int, *, width: int = 48) -> nn.Sequential:
    """Make the convolutions that find the effector by what is far around it: the arm that it is the end of.

    Half as many locations along each side and dilations of 1, 2 and 4 let each see most of the image.
    """
    layers: list[nn.Module] = []
    for stride, dilation in ((2, 1), (1, 2), (1, 4)):
        layers += convolution(n_channels, width, stride=stride, dilation=dilation)
        n_channels = width
    last = nn.Conv2d(width, N_EFFECTOR, kernel_size=1)
    nn.init.zeros_(last.weight)
    nn.init.zeros_(last.bias)  # pyright: ignore[reportArgumentType] - there is one
    return nn.Sequential(*layers, last)
