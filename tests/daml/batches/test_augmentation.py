import dataclasses

import pytest
import torch

from daml.batches.augmentation import AugmentationConfig, augment, stack_images
from daml.batches.batch import BatchConfig, MetaBatch, sample_batch
from daml.demos import DemoDataset
from daml.policies.tensor_trees import map_tensors
from daml.policies.vision.images import float_images

NOTHING = AugmentationConfig(recolor_probability=0, hue_range=0, contrast=0, brightness=0, color_gain=0, noise=0)


@pytest.fixture
def batch(dataset: DemoDataset) -> MetaBatch:
    return sample_batch(
        dataset.tasks("train"), BatchConfig(n_tasks=3, human_frames=6, robot_clips=2, robot_frames=4), seed=0, step=0
    )


def change(batch: MetaBatch, config: AugmentationConfig, *, seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return augment(float_images(stack_images(batch)), batch, config=config, generator=generator)


def test_without_strength_nothing_changes(batch: MetaBatch):
    torch.testing.assert_close(change(batch, NOTHING), float_images(stack_images(batch)))


def test_images_stay_in_range_and_layout(batch: MetaBatch):
    images = change(batch, AugmentationConfig(contrast=0.9, brightness=0.5))

    assert images.min() >= 0
    assert images.max() <= 1
    assert images.is_contiguous(memory_format=torch.channels_last)


def test_the_generator_alone_decides(batch: MetaBatch):
    config = AugmentationConfig()

    assert torch.equal(change(batch, config), change(batch, config))
    assert not torch.equal(change(batch, config), change(batch, config, seed=1))


def test_all_clips_of_a_task_are_recoloured_alike(batch: MetaBatch):
    grey_free = batch._replace(  # one colour everywhere, far from the bounds, so that no clamp acts
        human=torch.full_like(batch.human, 100),
        robot_first=torch.full_like(batch.robot_first, 100),
        robot=torch.full_like(batch.robot, 100),
    )
    for images in (grey_free.human, grey_free.robot_first, grey_free.robot):
        images[..., 0] = 150
    images = change(grey_free, dataclasses.replace(NOTHING, recolor_probability=1, hue_range=3))

    colors = images[:, :, 0, 0]
    human, first, robot = colors[:18].reshape(3, 6, 3), colors[18:24].reshape(3, 2, 3), colors[24:].reshape(3, 8, 3)
    for task in range(3):
        of_task = torch.cat([human[task], first[task], robot[task]])
        torch.testing.assert_close(of_task, of_task[:1].expand_as(of_task))
    assert not torch.allclose(human[0, 0], human[1, 0])


def test_recolouring_keeps_grey_grey(batch: MetaBatch):
    grey = map_tensors(lambda value: torch.full_like(value, 90), batch)

    images = change(grey, dataclasses.replace(NOTHING, recolor_probability=1, hue_range=3))

    torch.testing.assert_close(images, torch.full_like(images, 90 / 255), atol=1e-5, rtol=0)


def test_light_is_the_same_throughout_a_clip_and_differs_between_clips(batch: MetaBatch):
    grey = map_tensors(lambda value: torch.full_like(value, 90), batch)

    images = change(grey, dataclasses.replace(NOTHING, brightness=0.2))

    levels = images[:, 0, 0, 0]
    human, first, robot = levels[:18].reshape(3, 6), levels[18:24].reshape(3, 2), levels[24:].reshape(3, 2, 4)
    torch.testing.assert_close(human, human[:, :1].expand(3, 6))
    torch.testing.assert_close(robot, first[..., None].expand(3, 2, 4))
    assert len(levels.mul(1e4).round().unique()) == 3 + 6
