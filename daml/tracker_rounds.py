"""Rounds in which a tracker learns: policies act with what it knows so far, and it learns from where that led."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path

from daml.fitting import Observer
from daml.learner import Learner
from daml.learners import read_learner
from daml.moments import digest
from daml.task_pool import Observer as TrackObserver
from daml.tracker_training import TrackerConfig, train_tracker
from daml.tracks import TrackConfig, Tracks, take_tracks


def teach_tracker(
    prior: Path,
    folder: Path,
    kinds: Sequence[str],
    *,
    watching: TrackConfig,
    training: TrackerConfig,
    seed: int,
    observers: Sequence[Observer] = (),
    track_observers: Sequence[TrackObserver] = (),
) -> Learner:
    """Teach a prior's tracker, in rounds; each learns from all that has been watched until then.

    Args:
        prior: Folder of the prior, all else of which has been learned.
        folder: Where tracks and prior of each round are kept, under a name of their own for each prior and settings;
            what is there already is not done again.
        kinds: Kinds of task.
        watching: How many rounds, and on what tasks policies are watched.
        training: Settings of the tracker's training.
        seed: Seed of the first weights and of the batches.
        observers: Told of steps of training.
        track_observers: Told of tasks that have been watched.

    Returns:
        The prior, with a tracker that was trained anew in the last round; as it was where there are no rounds.

    Raises:
        OSError: The folder cannot be written.
    """
    learner = read_learner(prior)
    tracks: list[Tracks] = []
    for number in range(watching.rounds):
        watched = number, dataclasses.replace(watching, rounds=0), kinds
        done = folder / digest(watched, training, seed, tensors=list(learner.state_dict().values()))
        tracks += take_tracks(done / "tracks", prior, kinds, config=watching, number=number, observers=track_observers)
        if not (prior := done / "prior").exists():
            train_tracker(learner.policy.tracker, tracks, config=training, seed=seed, observers=observers)
            learner.save_pretrained(prior)
        learner = read_learner(prior)
    return learner
