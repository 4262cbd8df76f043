"""Images as networks take them."""

from torch import Tensor

_PIXEL_MEAN, _PIXEL_SCALE = 0.5, 0.25
"""Centre and rough spread of RGB in [0, 1]."""


def float_images(images: Tensor) -> Tensor:
    """Turn stored images into what the trunk takes.

    Args:
        images: uint8, `(N, H, W, 3)`.

    Returns:
        RGB in [0, 1], `(N, 3, H, W)` in `channels_last` layout.
    """
    return images.float().div_(255).permute(0, 3, 1, 2)


def standardized(images: Tensor) -> Tensor:
    """Bring RGB in [0, 1] to unit size: the first convolution sees numbers about zero."""
    return (images - _PIXEL_MEAN) / _PIXEL_SCALE
