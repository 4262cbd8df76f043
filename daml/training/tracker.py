"""Training of the tracker: where an item is, given what the frames told of it so far."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from daml.collection.tracks import TrackConfig, Tracks, take_tracks
from daml.engines.engine import Workers
from daml.learners.learner import Learner
from daml.learners.methods import read_learner
from daml.optimization.fitting import fit, one_cycle_rates
from daml.policies.robot.robot_state import RobotState
from daml.policies.tensor_trees import index_tensors
from daml.policies.tracking import ItemTracker
from daml.progress import Observer
from daml.storage.digest import digest
from daml.storage.settings_check import check_least

_REPORT_EVERY = 20
"""Steps between two that observers are told of."""

_WARMUP_SHARE = 0.1
"""Share of the steps in which the learning rate rises to its peak."""

_NEAR = 0.01
"""Error from which the loss grows no longer with its square, in metres."""

_MAX_GRADIENT_NORM = 1.0
"""Norm that gradients are clipped to: they are summed over a whole rollout."""


@dataclass(frozen=True)
class TrackerConfig:
    """Settings of the tracker's training."""

    steps: int = 1500
    """Steps."""
    batch_size: int = 96
    """Rollouts in a step."""
    learning_rate: float = 3e-3
    """Peak of the one-cycle schedule."""
    shown_within: float = 0.03
    """How near to the task's item the policy must have seen its own in the first frame, in metres; from other rollouts,
    which mean another item, a tracker would learn to leave what it sees."""

    def __post_init__(self) -> None:
        """Check the numbers.

        Raises:
            ValueError: A number is too small.
        """
        check_least(self, {"steps": 0, "batch_size": 1})


def train_tracker(
    tracker: ItemTracker,
    tracks: Sequence[Tracks],
    *,
    config: TrackerConfig,
    seed: int,
    observers: Sequence[Observer] = (),
) -> None:
    """Teach a tracker anew where items truly were, through time.

    Each step learns from rollouts of one kind of task, every other one as in a mirror, left for right. Where no policy
    saw the task's item in its first frame there is nothing to learn, and the tracker stays as it was.

    Args:
        tracker: Changed in place.
        tracks: Rollouts, of each kind of task.
        config: Settings.
        seed: Seed of the first weights and of the batches; global randomness is left as it was.
        observers: Told of every twentieth step and of the last one.
    """
    meant = [_of_meant_items(of_kind, within=config.shown_within) for of_kind in tracks]
    tracks = [of_kind for of_kind in meant if len(of_kind.states)]
    if not tracks:
        return
    random_state = torch.get_rng_state()
    torch.default_generator.manual_seed(seed)
    tracker.reset_for_training()
    torch.set_rng_state(random_state)
    generator = torch.Generator().manual_seed(seed)

    def loss_of(step: int) -> Tensor:
        of_kind = tracks[step % len(tracks)]
        chosen = torch.randint(len(of_kind.states), (config.batch_size,), generator=generator)
        batch = index_tensors(of_kind, chosen)
        return tracking_loss(tracker, batch if step // len(tracks) % 2 else _mirrored(batch))

    rates = one_cycle_rates(config.steps, peak=config.learning_rate, warmup_share=_WARMUP_SHARE)
    fit(
        tracker,
        loss_of,
        stage="tracker",
        rates=rates,
        report_every=_REPORT_EVERY,
        max_gradient_norm=_MAX_GRADIENT_NORM,
        observers=observers,
    )


def tracking_loss(tracker: ItemTracker, tracks: Tracks) -> Tensor:
    """Compare where a tracker believes items to be with where they were, but while they are held: pseudo-Huber.

    Args:
        tracker: What is judged.
        tracks: Rollouts.

    Returns:
        The mean loss, a scalar; for small errors half their square, in centimetres.
    """
    errors = (tracker.follow(tracks.observed, tracks.states) - tracks.places) / _NEAR
    losses = torch.sqrt(errors.square().sum(-1) + 1) - 1
    is_seen = ~RobotState.unpack(tracks.states).holds_item()[..., 0]
    return (losses * is_seen).sum() / is_seen.sum().clamp_min(1)


def _of_meant_items(tracks: Tracks, *, within: float) -> Tracks:
    """Keep the rollouts in whose first frame the policy saw the task's item where it was."""
    squares = (tracks.observed.item[:, 0] - tracks.places[:, 0]).square().sum(-1)
    return index_tensors(tracks, squares < within**2)


def _mirrored(tracks: Tracks) -> Tracks:
    """Swap left and right: the y of item, destination, gripper and of where that began."""
    observed, state = tracks.observed, RobotState.unpack(tracks.states)
    flip = torch.tensor([1.0, -1.0, 1.0])
    return Tracks(
        observed._replace(item=observed.item * flip[:2], destination=observed.destination * flip[:2]),
        state._replace(position=state.position * flip, start=state.start * flip).pack(),
        tracks.places * flip[:2],
    )


def teach_tracker(
    prior: Path,
    folder: Path,
    kinds: Sequence[str],
    *,
    tracking: TrackConfig,
    training: TrackerConfig,
    seed: int,
    workers: Workers = None,
    observers: Sequence[Observer] = (),
) -> Learner:
    """Teach a prior's tracker, in rounds; each learns from all that has been tracked until then.

    Args:
        prior: Folder of the prior, all else of which has been learned.
        folder: Where tracks and prior of each round are kept, under a name of their own for each prior and settings;
            what is there already is not done again.
        kinds: Kinds of task.
        tracking: How many rounds, and the tasks on which policies are tracked.
        training: Settings of the tracker's training.
        seed: Seed of rollouts, first weights and batches.
        workers: Who does the jobs: so many processes, all cores when None, or an engine.
        observers: Told of tasks that have been tracked, and of steps of training.

    Returns:
        The prior, with a tracker that was trained anew in the last round; as it was where there are no rounds.

    Raises:
        OSError: The folder cannot be written.
    """
    learner = read_learner(prior)
    tracks: list[Tracks] = []
    for number in range(tracking.rounds):
        tracked = number, dataclasses.replace(tracking, rounds=0), kinds
        done = folder / digest(tracked, training, seed, tensors=list(learner.state_dict().values()))
        tracks += take_tracks(
            done / "tracks",
            prior,
            kinds,
            config=tracking,
            number=number,
            seed=seed,
            workers=workers,
            observers=observers,
        )
        if not (prior := done / "prior").exists():
            train_tracker(learner.policy.tracker, tracks, config=training, seed=seed, observers=observers)
            learner.save_pretrained(prior)
        learner = read_learner(prior)
    return learner
