import torch

from daml.policies.vision.images import float_images


def test_images_become_rgb_between_0_and_1():
    stored = torch.randint(256, (6, 16, 16, 3), dtype=torch.uint8)

    images = float_images(stored)

    assert images.shape == (6, 3, 16, 16)
    torch.testing.assert_close(images * 255, stored.permute(0, 3, 1, 2).float())
