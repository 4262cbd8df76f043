"""Laws of the tracker's training."""

from pathlib import Path

import pytest
import torch

from daml.collection.tracks import TrackConfig, Tracks
from daml.learners.learner import Learner
from daml.learners.prior import Prior
from daml.policies.goal import GOAL_SIZE, Goal
from daml.policies.robot.robot_state import RobotState
from daml.policies.tracking import ItemTracker
from daml.progress import Progress
from daml.training.tracker import TrackerConfig, teach_tracker, tracking_loss, train_tracker

CONFIG = TrackerConfig(steps=60, batch_size=16, learning_rate=0.01)


def draw(n: int = 32, n_frames: int = 12, seed: int = 0) -> Tracks:
    """Draw rollouts in which an item lies still, and every third frame shows another place, 8 cm away."""
    generator = torch.Generator().manual_seed(seed)
    places = (0.5 + 0.05 * torch.randn(n, 1, 2, generator=generator)).expand(n, n_frames, 2)
    states = torch.zeros(n, n_frames, 9)
    states[..., 0], states[..., 2] = 0.2, 0.2
    item = places.clone()
    item[:, 2::3, 0] += 0.08
    observed = Goal.unpack(torch.zeros(n, n_frames, GOAL_SIZE))._replace(item=item)
    return Tracks(observed, states, places)


def train(tracks: Tracks, config: TrackerConfig = CONFIG, seed: int = 0) -> ItemTracker:
    tracker = ItemTracker(width=16)
    train_tracker(tracker, [tracks], config=config, seed=seed)
    return tracker


def test_it_learns_not_to_trust_every_frame():
    tracks, unseen = draw(), draw(seed=1)

    tracker = train(tracks)

    untrained = tracking_loss(ItemTracker(width=16), unseen)
    assert tracking_loss(tracker, unseen) < 0.3 * untrained


def test_rollouts_that_mean_another_item_teach_nothing():
    tracks = draw(4)
    others = tracks._replace(places=tracks.places + 0.1)
    tracker, beside = ItemTracker(width=4), ItemTracker(width=4)
    before = {name: value.clone() for name, value in tracker.state_dict().items()}
    beside.load_state_dict(before)
    config = TrackerConfig(steps=3, batch_size=4)

    train_tracker(tracker, [others], config=config, seed=0)
    train_tracker(beside, [others, tracks], config=config, seed=0)

    assert all(torch.equal(value, before[name]) for name, value in tracker.state_dict().items())
    train_tracker(tracker, [tracks], config=config, seed=0)
    for name, value in tracker.state_dict().items():
        torch.testing.assert_close(value, beside.state_dict()[name])


def test_the_same_seed_teaches_the_same():
    first, again, other = (train(draw(), TrackerConfig(steps=3, batch_size=4), seed=seed) for seed in (0, 0, 1))
    values = [list(tracker.state_dict().values()) for tracker in (first, again, other)]
    assert all(torch.equal(a, b) for a, b in zip(values[0], values[1], strict=True))
    assert not all(torch.equal(a, b) for a, b in zip(values[0], values[2], strict=True))


def test_global_randomness_is_left_as_it_was():
    tracker, tracks = ItemTracker(width=4), [draw()]
    before = torch.get_rng_state()
    train_tracker(tracker, tracks, config=TrackerConfig(steps=1, batch_size=4), seed=5)
    assert torch.equal(torch.get_rng_state(), before)


def test_observers_are_told_of_the_last_step():
    seen: list[Progress] = []
    config = TrackerConfig(steps=25, batch_size=2)
    train_tracker(ItemTracker(width=4), [draw(4)], config=config, seed=0, observers=[seen.append])
    assert [progress[:3] for progress in seen] == [("tracker", 20, 25), ("tracker", 25, 25)]


def test_errors_while_the_item_is_held_do_not_count():
    tracks = draw(2)
    state = RobotState.unpack(tracks.states)
    held = state._replace(command=torch.ones_like(state.command), has_held=torch.ones_like(state.has_held))
    tracker = ItemTracker(width=4)

    assert tracking_loss(tracker, tracks._replace(states=held.pack())) == 0
    assert tracking_loss(tracker, tracks) > 0


@pytest.mark.parametrize("name", ["steps", "batch_size"])
def test_numbers_that_are_too_small_are_refused(name: str):
    with pytest.raises(ValueError, match=name):
        TrackerConfig(**{name: -1})


def teach(folder: Path, rounds: int) -> Learner:
    return teach_tracker(
        folder / "prior",
        folder / "tracking",
        ["push"],
        tracking=TrackConfig(rounds=rounds, tasks=1),
        training=TrackerConfig(steps=2, batch_size=1, shown_within=1.0),
        seed=0,
    )


@pytest.mark.usefixtures("in_this_process")
def test_the_tracker_alone_learns_and_what_was_done_is_not_done_again(prior: Prior, tmp_path: Path):
    prior.save_pretrained(tmp_path / "prior")

    untaught, taught = teach(tmp_path, 0), teach(tmp_path, 1)

    assert all(torch.equal(value, prior.state_dict()[name]) for name, value in untaught.state_dict().items())
    changed = {name for name, value in taught.state_dict().items() if not torch.equal(value, prior.state_dict()[name])}
    assert changed
    assert all(name.startswith("policy.tracker.") for name in changed)

    files = {path: path.stat().st_mtime_ns for path in (tmp_path / "tracking").rglob("*.safetensors")}
    assert len(files) == 2
    twice = teach(tmp_path, 2)  # the first round is there
    assert {path: path.stat().st_mtime_ns for path in files} == files
    assert len(list((tmp_path / "tracking").rglob("*.safetensors"))) == 4
    assert not all(torch.equal(value, taught.state_dict()[name]) for name, value in twice.state_dict().items())
