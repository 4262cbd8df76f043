"""Pretraining: the trunk learns what is where in a scene, and which thing is which, before any task is learned.

Without it meta-training starts on a plateau: the inner step can only turn feature points towards the demonstrated
object once they are drawn to objects at all, and the outer loss asks for that only once the inner step works.
"""

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, NamedTuple

import numpy as np
import torch
import tyro
from torch import Tensor, nn
from torch.nn import functional

from daml.batches.augmentation import AugmentationConfig, draw_recoloring
from daml.collection.filming import PLAIN, Filming
from daml.collection.pictures import Pictures
from daml.optimization.fitting import is_due
from daml.optimization.hardware import autocast
from daml.policies.tensor_trees import index_tensors
from daml.policies.vision.feature_map import FeatureMap, grid
from daml.policies.vision.images import float_images
from daml.policies.visuomotor import VisuomotorPolicy
from daml.progress import Observer, Progress, report
from daml.storage.saved_folder import recover
from daml.storage.settings_check import check_least
from daml.training.checkpoint import PretrainingState
from daml.training.recognition import EMPTY_PLACES, is_inside, recognition_loss

SHOWN_RADIUS = (0.07, 0.12, 0.12)
"""Distance from the middle of an item, container or zone within which a location shows it; 1 is half the image."""

ABSENT_RADIUS = 0.22
"""Distance from the middle of everything of a class beyond which a location shows none of it, likewise."""

EFFECTOR_RADIUS = 0.10
"""Distance from the effector within which a location tells where it is, likewise."""

_VOTE_SCALE = 0.04
"""Error of a vote up to which the loss is quadratic, as a share of half the image: half a location."""

SAVE_EVERY = 100
"""Steps between two saves of the state that pretraining goes on from when it was stopped."""


@dataclass(frozen=True)
class PretrainingConfig:
    """Settings of pretraining; no steps, no pretraining."""

    steps: int = 22000
    """Steps."""
    tasks: int = 14000
    """Training tasks of each kind whose scenes are pictured, twice each."""
    placing_share: float = 0.5
    """Tasks of placing as a share of that, where there are other kinds: they have no zone, and the item is held."""
    batch_tasks: int = 24
    """Tasks in a step."""
    learning_rate: float = 2e-3
    """Peak of the schedule: up in 100 steps, then down along a cosine."""
    recolor_probability: float = 0.7
    """How often a task gets other colours, both pictures alike: more often than in meta-training."""
    class_weight: float = 2.0
    """Weight of telling what each location shows, beside telling things of one class from each other."""
    vote_weight: float = 2.0
    """Weight of telling where the middle of what is shown is."""
    effector_weight: float = 2.0
    """Weight of telling where the effector is."""
    filming: Annotated[Filming, tyro.conf.Suppress] = PLAIN
    """What is pictured looks like: as the demonstrations."""

    def __post_init__(self) -> None:
        """Check the numbers.

        Raises:
            ValueError: A number is too small.
        """
        check_least(self, {"steps": 0, "tasks": 1, "placing_share": 0, "batch_tasks": 1})


def pretrain(
    policy: VisuomotorPolicy,
    pictures: Pictures,
    *,
    config: PretrainingConfig,
    augmentation: AugmentationConfig,
    seed: int,
    observers: Sequence[Observer] = (),
    state_folder: Path | None = None,
) -> None:
    """Teach a policy's trunk to recognise and locate things.

    Args:
        policy: Its trunk is changed in place.
        pictures: What to learn from.
        config: Settings.
        augmentation: How colours are changed, but for the probability of other colours.
        seed: Seed of batches and augmentation.
        observers: Told of every step, with the share of objects recognised under "recognised".
        state_folder: Where to keep what is needed to go on, and to go on from what is kept there, by pretraining with
            the same arguments; nowhere if None.

    Raises:
        ValueError: What is kept is corrupt, or of another network.
        FloatingPointError: Weights are no longer finite numbers.
        OSError: The folder cannot be written.
    """
    device = next(policy.parameters()).device
    augmentation = dataclasses.replace(augmentation, recolor_probability=config.recolor_probability)
    optimizer = torch.optim.Adam(policy.trunk.parameters(), lr=config.learning_rate)
    generator = torch.Generator().manual_seed(seed)
    state = PretrainingState(policy.trunk, optimizer, generator)
    if state_folder is not None:
        recover(state_folder)
        if state_folder.exists():
            state.load(state_folder)
    for step in range(state.step, config.steps):
        for group in optimizer.param_groups:
            group["lr"] = config.learning_rate * _schedule(step, config.steps)
        chosen = torch.randperm(len(pictures.images), generator=generator)[: config.batch_tasks]
        batch = index_tensors(pictures, chosen)
        images = _augment(float_images(batch.images.flatten(0, 1)), augmentation, generator)
        batch = batch.flat(device)
        with autocast(device):
            maps = policy.trunk(images.to(device))
        places = (2 * torch.rand(len(images), EMPTY_PLACES, 2, generator=generator) - 1).to(device)
        recognition, share = recognition_loss(
            maps.float(), batch, n_channels=policy.trunk.n_channels, empty_places=places
        )
        located = _location_losses(FeatureMap.split(maps.float()), batch, shape=maps.shape[-2:])
        loss = (
            recognition
            + config.class_weight * located.classes
            + config.vote_weight * located.votes
            + config.effector_weight * located.effector
        )
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        optimizer.step()  # pyright: ignore[reportUnknownMemberType] - Adam's stub has no type for the closure
        state.step = step + 1
        if is_due(SAVE_EVERY, state.step, steps=config.steps):
            _check_finite(policy.trunk)
            if state_folder is not None:
                state.save(state_folder)
        report(observers, Progress("pretraining", step + 1, config.steps, {"recognised": share}))
    optimizer.zero_grad()  # what is left would count in the norm of the first meta-gradient


def _check_finite(trunk: nn.Module) -> None:
    """Stop before a trunk is kept that has lost all it had learned."""
    lost = [name for name, value in trunk.named_parameters() if not value.isfinite().all()]
    if lost:
        raise FloatingPointError(f"pretraining lost the weights {lost[0]} (not finite); use a lower learning rate")


class PretrainingFigures(NamedTuple):
    """How well a trunk does on pictures."""

    recognised: float
    """Share of the things that are told from the others of their task in another picture."""
    middle_error: float
    """Median error of the voted middles of visible things, as a share of half the image."""
    effector_error: float
    """Median error of the effector's place, likewise."""


@torch.no_grad()
def measure_trunk(policy: VisuomotorPolicy, pictures: Pictures, *, batch_tasks: int = 50) -> PretrainingFigures:
    """Measure a trunk on pictures, for instance of validation tasks.

    Args:
        policy: Whose trunk is judged.
        pictures: Pictures.
        batch_tasks: Tasks at a time.
    """
    device = next(policy.parameters()).device
    shares: list[float] = []
    middles: list[Tensor] = []
    effectors: list[Tensor] = []
    for chosen in torch.split(torch.arange(len(pictures.images)), batch_tasks):
        batch = index_tensors(pictures, chosen).flat(device)
        maps = policy.trunk(float_images(batch.images))
        shares.append(recognition_loss(maps, batch, n_channels=policy.trunk.n_channels)[1])
        split = FeatureMap.split(maps)
        here = grid(*maps.shape[-2:], like=maps)
        at = _distance(here[None, :, None], batch.centres[:, None]).argmin(1)  # (n, M)
        numbers, classes = torch.arange(len(maps), device=device)[:, None], batch.classes.clamp(min=0)
        errors = _distance(split.middles[numbers, at, classes], batch.centres)
        middles.append(errors[batch.visible.bool()])
        effectors.append(_distance(split.landmarks().effector, batch.effector)[is_inside(batch.effector)])
    return PretrainingFigures(
        recognised=float(np.mean(shares)),
        middle_error=torch.cat(middles).median().item(),
        effector_error=torch.cat(effectors).median().item(),
    )


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


class _LocationLosses(NamedTuple):
    classes: Tensor
    votes: Tensor
    effector: Tensor


def _location_losses(maps: FeatureMap, batch: Pictures, *, shape: Sequence[int]) -> _LocationLosses:
    """Tell what each location shows, where its middles are, and where the effector is; unclear ones do not count."""
    here = grid(*shape, like=maps.features)  # (L, 2)
    distances = _distance(here[None, :, None], batch.centres[:, None])  # (n, L, M)
    classes, visible = batch.classes[:, None], batch.visible.bool()[:, None]
    radii = torch.tensor(SHOWN_RADIUS, device=here.device)[batch.classes.clamp(min=0)][:, None]
    shows = visible & (distances < radii)  # (n, L, M)
    class_losses: list[Tensor] = []
    vote_errors: list[Tensor] = []
    for number in range(len(SHOWN_RADIUS)):
        is_shown = torch.any(shows & (classes == number), -1)
        counts = is_shown | torch.all((distances > ABSENT_RADIUS) | (classes != number), -1)
        logits = maps.class_logits[..., number]
        class_losses.append(functional.binary_cross_entropy_with_logits(logits[counts], is_shown[counts].float()))
        nearest = torch.where(shows & (classes == number), distances, torch.inf).argmin(-1)  # (n, L)
        middles = batch.centres.gather(1, nearest[..., None].expand(-1, -1, 2))
        vote_errors.append(_vote_errors(maps.middles[:, :, number], middles)[is_shown])
    votes = torch.cat(vote_errors).mean()
    inside = is_inside(batch.effector)
    places, place = maps.effector_places[inside], batch.effector[inside]
    away = _distance(here, place[:, None])  # (n, L)
    scores = functional.cross_entropy(maps.effector_logits[inside], torch.argmin(away, -1))
    errors = _vote_errors(places, place[:, None].expand_as(places))
    effector = scores + errors[away < EFFECTOR_RADIUS].mean()
    return _LocationLosses(torch.stack(class_losses).sum(), votes, effector)


def _vote_errors(votes: Tensor, middles: Tensor) -> Tensor:
    """Return what votes cost, `(..., 2)`: their error in half locations, its square where it is small, `(...)`."""
    return functional.smooth_l1_loss(votes, middles, beta=_VOTE_SCALE, reduction="none").sum(-1) / _VOTE_SCALE


def _distance(first: Tensor, second: Tensor) -> Tensor:
    """Return the Euclidean distances between places, `(..., 2)`."""
    return torch.sqrt(torch.sum(torch.square(first - second), -1))
