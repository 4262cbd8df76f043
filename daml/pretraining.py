"""Pretraining: the trunk learns to tell objects from the table and from each other, before any task is learned.

Without it meta-training starts on a plateau: the inner step can only turn feature points towards the demonstrated
object once they are drawn to objects at all, and the outer loss asks for that only once the inner step works.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

import envs
from daml.augmentation import AugmentationConfig, draw_recoloring, float_images
from policies.visuomotor import VisuomotorPolicy

INVERSE_TEMPERATURE = 10.0
"""Scale of the cosines between features of two pictures before the softmax over objects."""

OBJECT_RADIUS = 0.12
"""Distance from an object's middle within which a location shows the object, as a share of half the image."""

BACKGROUND_RADIUS = 0.22
"""Distance from every object's middle beyond which a location shows none, likewise."""

Observer = Callable[[int, float], None]
"""Told the number of steps done and the share of objects recognised."""


@dataclass(frozen=True)
class PretrainingConfig:
    """Settings of pretraining; no steps, no pretraining."""

    steps: int = 1000
    """Steps."""
    tasks: int = 3000
    """Training tasks whose objects are pictured, twice each."""
    batch_tasks: int = 24
    """Tasks in a step."""
    learning_rate: float = 1.5e-3
    """Peak of the schedule: up in 100 steps, then down along a cosine."""
    objectness_weight: float = 2.0
    """Weight of telling objects from background, beside telling them from each other."""


@dataclass(frozen=True)
class Pictures:
    """Two pictures of the objects of each of N tasks.

    Args:
        images: RGB uint8, `(N, 2, H, W, 3)`.
        centres: Where the n objects are, x and y in [-1, 1], `(N, 2, n, 2)`.
    """

    images: Tensor
    centres: Tensor


def take_pictures(tasks: Sequence[envs.Task], *, image_size: int, seed: int) -> Pictures:
    """Picture the objects of each task twice, in layouts and looks of their own.

    Args:
        tasks: Tasks with the same number of objects.
        image_size: Height and width, in pixels.
        seed: Seed of layouts, looks and cameras.
    """
    images: list[NDArray[np.uint8]] = []
    centres: list[NDArray[np.float32]] = []
    for task in tasks:
        rng = np.random.default_rng((seed, envs.SPLITS.index(task.split), task.index))
        for number in rng.integers(2**31, size=2):
            picture = envs.picture_objects(task, seed=int(number), image_size=image_size)
            images.append(picture.image)
            centres.append(picture.centres)
    return Pictures(
        torch.as_tensor(np.stack(images).reshape(len(tasks), 2, image_size, image_size, 3)),
        torch.as_tensor(np.stack(centres).reshape(len(tasks), 2, -1, 2)),
    )


def pretrain(
    policy: VisuomotorPolicy,
    pictures: Pictures,
    *,
    config: PretrainingConfig,
    augmentation: AugmentationConfig,
    seed: int,
    observers: Sequence[Observer] = (),
) -> None:
    """Teach a policy's trunk to recognise objects, and draw its feature points to them.

    Args:
        policy: Its trunk and feature points are changed in place.
        pictures: What to learn from.
        config: Settings.
        augmentation: How a task's colours are changed, both pictures alike.
        seed: Seed of batches and augmentation.
        observers: Told of every step.
    """
    generator = torch.Generator().manual_seed(seed)
    random_state = torch.get_rng_state()
    torch.default_generator.manual_seed(seed)
    objectness = nn.Linear(policy.trunk.n_channels, 1)
    torch.set_rng_state(random_state)  # initial weights depend on the seed alone and leave no trace
    device = next(policy.parameters()).device
    objectness.to(device)
    learned = [*policy.trunk.parameters(), *objectness.parameters()]
    optimizer = torch.optim.Adam(learned, lr=config.learning_rate)
    for step in range(config.steps):
        for group in optimizer.param_groups:
            group["lr"] = config.learning_rate * _schedule(step, config.steps)
        chosen = torch.randperm(len(pictures.images), generator=generator)[: config.batch_tasks]
        images = _augment(float_images(pictures.images[chosen].flatten(0, 1)), augmentation, generator)
        centres = pictures.centres[chosen].flatten(0, 1).to(device)
        with torch.autocast(device.type, dtype=torch.bfloat16):
            features = policy.trunk(images.to(device))
        recognition, share = _recognition_loss(features.float(), centres)
        loss = recognition + config.objectness_weight * _objectness_loss(objectness, features.float(), centres)
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        optimizer.step()  # pyright: ignore[reportUnknownMemberType] - Adam's stub has no type for the closure
        for observe in observers:
            observe(step + 1, share)
    policy.head.feature_points.favour(objectness.weight.detach()[0])


@torch.no_grad()
def recognition_share(policy: VisuomotorPolicy, pictures: Pictures) -> float:
    """Measure how many objects of each first picture are recognised in the second, in [0, 1].

    Args:
        policy: Whose trunk is judged.
        pictures: Pictures of tasks, for instance held-out ones.
    """
    shares: list[float] = []
    for images, centres in zip(pictures.images, pictures.centres, strict=True):
        shares.append(_recognition_loss(policy.trunk(float_images(images)), centres)[1])
    return float(np.mean(shares))


def _schedule(step: int, steps: int) -> float:
    """Return the learning rate as a share of its peak."""
    warmup = min(1.0, (step + 20) / 100)
    return warmup * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * step / steps)))


def _augment(images: Tensor, config: AugmentationConfig, generator: torch.Generator) -> Tensor:
    """Change the colours of each task's two pictures alike, and the light of each picture, `(2 N, 3, H, W)`."""
    n_pictures = len(images)
    recoloring = draw_recoloring(n_pictures // 2, config, generator).repeat_interleave(2, dim=0)
    gain = 1 + 0.12 * torch.randn(n_pictures, 3, 1, generator=generator)
    offset = 0.05 * torch.randn(n_pictures, 1, 1, generator=generator)
    pixels = torch.bmm(recoloring, images.flatten(2) - 0.5) * gain + 0.5 + offset
    pixels = pixels + config.noise * torch.randn(pixels.shape, generator=generator)
    return pixels.clamp(0, 1).view(images.shape).to(memory_format=torch.channels_last)


def _recognition_loss(features: Tensor, centres: Tensor) -> tuple[Tensor, float]:
    """Tell which object of the first picture is which of the second, by the features at their middles.

    Args:
        features: Feature maps, both pictures of each task in turn, `(2 N, C, h, w)`.
        centres: Places of the objects, `(2 N, n, 2)`.

    Returns:
        Cross-entropy, and the share of objects recognised.
    """
    sampled: Tensor = functional.grid_sample(features, centres[:, :, None], align_corners=False)[..., 0]  # (2 N, C, n)
    sampled = functional.normalize(sampled, dim=1).reshape(-1, 2, *sampled.shape[1:])  # (N, 2, C, n)
    similarity = INVERSE_TEMPERATURE * torch.einsum("bci,bcj->bij", sampled[:, 0], sampled[:, 1])
    labels = torch.arange(similarity.shape[1], device=features.device).expand(len(similarity), -1)
    loss = functional.cross_entropy(similarity.flatten(0, 1), labels.flatten())
    return loss, (similarity.argmax(-1) == labels).float().mean().item()


def _objectness_loss(objectness: nn.Linear, features: Tensor, centres: Tensor) -> Tensor:
    """Tell locations that show an object from those that show none; those between count for neither."""
    height, width = features.shape[-2:]
    x = (torch.arange(width, device=features.device) + 0.5) * 2 / width - 1
    y = (torch.arange(height, device=features.device) + 0.5) * 2 / height - 1
    grid = torch.stack(torch.meshgrid(x, y, indexing="xy"), dim=-1)  # (h, w, 2)
    offsets = grid[None, :, :, None] - centres[:, None, None]  # (2 N, h, w, n, 2)
    distance = torch.amin(torch.sqrt(torch.sum(torch.square(offsets), -1)), -1)  # (2 N, h, w)
    counts = ((distance < OBJECT_RADIUS) | (distance > BACKGROUND_RADIUS)).float()
    logits: Tensor = objectness(features.permute(0, 2, 3, 1))[..., 0]
    losses: Tensor = functional.binary_cross_entropy_with_logits(
        logits, (distance < OBJECT_RADIUS).float(), reduction="none"
    )
    return (losses * counts).sum() / counts.sum()
