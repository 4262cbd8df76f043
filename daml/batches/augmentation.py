"""Random colours, light and noise on a meta-batch, so that a prior meets more tasks and worlds than were recorded."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from daml.batches.batch import MetaBatch
from daml.policies.vision.images import float_images


@dataclass(frozen=True)
class AugmentationConfig:
    """Strengths of the augmentation; 0 turns a part off."""

    recolor_probability: float = 0.5
    """How often a task gets other colours: all its clips alike, which makes it another task."""
    hue_range: float = math.pi
    """Largest turn of a task's colours around the grey axis, in radians."""
    contrast: float = 0.15
    """Largest relative change of a clip's contrast."""
    brightness: float = 0.08
    """Largest shift of a clip's brightness."""
    color_gain: float = 0.08
    """Largest relative change of each colour channel of a clip."""
    noise: float = 0.02
    """Standard deviation of the noise on each number of an image."""


_N_NOISE_FRAMES = 16
"""Noise frames drawn per step, shared by the images at random: one for each image would cost a tenth of a step."""

_SEED_STRIDE = 1_000_003
"""Keeps the random numbers of neighbouring seeds apart; larger than any number of batches in a run."""

_GREY = 0.5
"""Colours turn and stretch about middle grey."""


def stack_images(batch: MetaBatch) -> Tensor:
    """Lay all images of a meta-batch in one row.

    Args:
        batch: Demonstrations of B tasks.

    Returns:
        uint8, `(B T + B K + B K n, H, W, 3)`: human frames, first robot frames, robot frames, each task after task.
    """
    return torch.cat([images.flatten(0, 1) for images in (batch.human, batch.robot_first, batch.robot)])


def draw_augmented(batch: MetaBatch, *, config: AugmentationConfig, seed: int, number: int) -> Tensor:
    """Change all images of a meta-batch at random: see `augment`.

    Args:
        batch: The meta-batch.
        config: Strengths.
        seed: Seed of the run.
        number: Number of the batch in it; seed and number alone determine what is drawn.

    Returns:
        RGB in [0, 1], in the order of `stack_images`, `(N, 3, H, W)`.
    """
    generator = torch.Generator().manual_seed(seed * _SEED_STRIDE + number)
    return augment(float_images(stack_images(batch)), batch, config=config, generator=generator)


def augment(images: Tensor, batch: MetaBatch, *, config: AugmentationConfig, generator: torch.Generator) -> Tensor:
    """Change the colours of each task, the light of each clip and the noise of each frame.

    Args:
        images: What `stack_images` returned for the batch, as `float_images`.
        batch: The meta-batch, for its shape.
        config: Strengths.
        generator: Source of randomness.

    Returns:
        RGB in [0, 1], shaped and laid out as `images`.
    """
    n_tasks, n_human = batch.human.shape[:2]
    n_clips = batch.robot_first.shape[1]
    task_of_human = torch.arange(n_tasks)
    task_of_robot = task_of_human.repeat_interleave(n_clips)
    recoloring = draw_recoloring(n_tasks, config, generator)[torch.cat([task_of_human, task_of_robot])]
    matrix, offset = _draw_light(len(recoloring), config, generator)
    matrix = matrix @ recoloring  # (clips, 3, 3)
    offset = offset + _GREY - matrix @ torch.full((3,), _GREY)  # (clips, 3): the matrix acts about grey

    robot_clips = n_tasks + torch.arange(len(task_of_robot))
    clip_of_image = torch.cat(
        [
            task_of_human.repeat_interleave(n_human),
            robot_clips,
            robot_clips.repeat_interleave(batch.robot.shape[1] // n_clips),
        ]
    )
    pixels = images.permute(0, 2, 3, 1).flatten(1, 2)  # (N, H*W, 3)
    changed = torch.baddbmm(offset[clip_of_image, None], pixels, matrix[clip_of_image].transpose(1, 2))
    if config.noise:
        noise = torch.randn(_N_NOISE_FRAMES, *changed.shape[1:], generator=generator) * config.noise
        changed += noise[torch.randint(_N_NOISE_FRAMES, (len(changed),), generator=generator)]
    by_location = changed.clamp_(0, 1).reshape(len(images), *images.shape[-2:], 3)  # (N, H, W, 3)
    return by_location.permute(0, 3, 1, 2)


def draw_recoloring(n: int, config: AugmentationConfig, generator: torch.Generator) -> Tensor:
    """Draw a turn of the colour space about the grey axis, mirrored or not, for each task: `(n, 3, 3)`."""
    angles = _uniform((n,), config.hue_range, generator)
    cross = torch.tensor([[0.0, -1.0, 1.0], [1.0, 0.0, -1.0], [-1.0, 1.0, 0.0]]) / math.sqrt(3)
    grey = torch.full((3, 3), 1 / 3)
    cosine, sine = angles.cos()[:, None, None], angles.sin()[:, None, None]
    turns = cosine * torch.eye(3) + sine * cross + (1 - cosine) * grey  # Rodrigues' formula about (1, 1, 1)
    mirrored = turns[:, [1, 0, 2]]  # red and green swapped: the colour circle runs the other way round
    turns = torch.where((torch.rand(n, generator=generator) < 0.5)[:, None, None], mirrored, turns)
    recolored = torch.rand(n, generator=generator) < config.recolor_probability
    return torch.where(recolored[:, None, None], turns, torch.eye(3))


def _draw_light(n: int, config: AugmentationConfig, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Draw gains and offsets of the colour channels of each clip: `(n, 3, 3)` and `(n, 3)`."""
    contrast = 1 + _uniform((n, 1), config.contrast, generator)
    gain = 1 + _uniform((n, 3), config.color_gain, generator)
    offset = _uniform((n, 1), config.brightness, generator)
    return torch.diag_embed(contrast * gain), offset.expand(n, 3)


def _uniform(shape: tuple[int, ...], limit: float, generator: torch.Generator) -> Tensor:
    """Draw numbers between -limit and limit."""
    return (2 * torch.rand(shape, generator=generator) - 1) * limit
