"""Images as networks take them."""

from torch import Tensor


def float_images(images: Tensor) -> Tensor:
    """Turn stored images into what the trunk takes.

    Args:
        images: uint8, `(N, H, W, 3)`.

    Returns:
        RGB in [0, 1], `(N, 3, H, W)` in `channels_last` layout.
    """
    return images.float().div_(255).permute(0, 3, 1, 2)
