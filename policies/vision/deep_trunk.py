"""The deep trunk: down to a sixteenth of the image's size and back, so that each location knows what is around it."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from daml.policies.vision.feature_map import N_LOCATORS
from daml.policies.vision.images import standardized
from daml.policies.vision.trunk import convolution

N_DEEP_CHANNELS = 5
"""Numbers of channels that a deep trunk takes."""


class DeepTrunk(nn.Module):
    """Convolutions at a half, a quarter, an eighth and a sixteenth of the image's size; then back to a quarter.

    In real pictures a thing is told from the room by what is around it: its edges alone are those of any clutter.

    Features are normalised over channels at each location, and the locators behind them (see `feature_map`) are read
    linearly off them. Normalisation within is per image, so that a task's features do not depend on its neighbours in
    the batch.

    Args:
        channels: Output channels at a half, a quarter, an eighth and a sixteenth of the image's size, then those of
            the features.

    Raises:
        ValueError: There are not exactly five channel counts, or one is not positive.
    """

    def __init__(self, channels: Sequence[int]) -> None:
        super().__init__()
        if len(channels) != N_DEEP_CHANNELS or min(channels) < 1:
            raise ValueError(f"channels: expected {N_DEEP_CHANNELS} positive numbers, got {tuple(channels)}")
        half, quarter, eighth, sixteenth, self.n_channels = channels
        self.quarter = nn.Sequential(
            *convolution(3, half, stride=2), *convolution(half, quarter, stride=2), *convolution(quarter, quarter)
        )
        self.eighth = nn.Sequential(*convolution(quarter, eighth, stride=2), *convolution(eighth, eighth))
        self.sixteenth = nn.Sequential(*convolution(eighth, sixteenth, stride=2), *convolution(sixteenth, sixteenth))
        self.from_sixteenth = nn.Conv2d(sixteenth, eighth, kernel_size=1)
        self.merge_eighth = nn.Sequential(*convolution(eighth, eighth))
        self.from_eighth = nn.Conv2d(eighth, self.n_channels, kernel_size=1)
        self.from_quarter = nn.Conv2d(quarter, self.n_channels, kernel_size=1)
        self.merge_quarter = nn.Sequential(*convolution(self.n_channels, self.n_channels))
        self.locators = nn.Linear(self.n_channels, N_LOCATORS)
        nn.init.zeros_(self.locators.weight)
        nn.init.zeros_(self.locators.bias)
        self.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue] - torch's stubs lack this form

    def forward(self, images: Tensor) -> Tensor:
        """Compute the feature map of each image.

        Args:
            images: RGB in [0, 1], `(N, 3, H, W)`; fastest in `channels_last` layout.

        Returns:
            Features of zero mean and unit variance over channels, then the locators, `(N, C + N_LOCATORS, H/4, W/4)`
            rounded up, float32.
        """
        quarter: Tensor = self.quarter(standardized(images))
        eighth: Tensor = self.eighth(quarter)
        sixteenth: Tensor = self.sixteenth(eighth)
        eighth = self.merge_eighth(eighth + _enlarged(self.from_sixteenth(sixteenth), like=eighth))
        features = self.from_quarter(quarter) + _enlarged(self.from_eighth(eighth), like=quarter)
        features = features + self.merge_quarter(features)
        by_location = functional.layer_norm(features.float().permute(0, 2, 3, 1), (self.n_channels,))
        locators = self.locators(by_location).float()
        return torch.cat([by_location, locators], dim=-1).permute(0, 3, 1, 2)


def _enlarged(values: Tensor, *, like: Tensor) -> Tensor:
    return functional.interpolate(values, like.shape[-2:], mode="bilinear", align_corners=False)
