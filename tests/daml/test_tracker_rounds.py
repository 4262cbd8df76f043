"""Laws of the rounds in which a tracker learns."""

from pathlib import Path

import torch

from daml.learner import Learner
from daml.prior import Prior
from daml.tracker_rounds import teach_tracker
from daml.tracker_training import TrackerConfig
from daml.tracks import TrackConfig


def teach(folder: Path, rounds: int) -> Learner:
    return teach_tracker(
        folder / "prior",
        folder / "tracking",
        ["push"],
        watching=TrackConfig(rounds=rounds, tasks=1),
        training=TrackerConfig(steps=2, batch_size=1),
        seed=0,
    )


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
