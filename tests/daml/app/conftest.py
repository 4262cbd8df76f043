"""A prior and a video for the commands, and the commands as a person calls them."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from daml import cli, envs
from daml.demos import write_video
from daml.envs.tabletop import PERSON_VIEW
from daml.evaluation import episode_jobs
from daml.learners.prior import Prior, PriorConfig
from daml.learners.temporal_loss import TemporalLossConfig
from daml.policies.head import PolicyConfig
from daml.reporting import clips


@pytest.fixture(scope="session")
def prior_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An untrained prior on disk."""
    config = PriorConfig(
        policy=PolicyConfig(channels=(8, 8, 8, 8), n_points=3, bias_size=5, hidden_size=16, readout_size=8),
        temporal_loss=TemporalLossConfig(n_outputs=4, kernel_size=5, gate_size=6),
        image_size=(16, 16),
        human_frames=6,
    )
    folder = tmp_path_factory.mktemp("app") / "prior"
    with torch.random.fork_rng():
        torch.manual_seed(0)
        Prior(config).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A video of unknown origin."""
    path = tmp_path_factory.mktemp("app") / "person.mp4"
    write_video(path, np.random.default_rng(0).integers(0, 255, (12, 32, 40, 3), np.uint8), frame_rate_hz=10.0)
    return path


@pytest.fixture(autouse=True)
def one_core(monkeypatch: pytest.MonkeyPatch):
    """Judge in this process, as on a machine with one core: a new one imports for seconds before it begins."""
    monkeypatch.setattr(episode_jobs, "n_usable_cores", lambda: 1)


@pytest.fixture
def example_scene() -> Path:
    """A red bowl, which is the target, and a blue cup."""
    return Path(__file__).parents[3] / "scripts" / "assets" / "example_scene.toml"


@pytest.fixture
def quick_pictures(monkeypatch: pytest.MonkeyPatch):
    """Pictures for people take a twentieth of a second each: here nobody looks at them."""
    monkeypatch.setattr(envs.TabletopEnv, "picture", lambda _self: np.zeros((*PERSON_VIEW, 3), np.uint8))
    monkeypatch.setattr(clips, "HUMAN_VIEW", 32)


@pytest.fixture
def complaint(capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Run a command that must be refused with one line on standard error and exit status 2; return the line."""

    def run(*words: object) -> str:
        capsys.readouterr()
        with pytest.raises(SystemExit) as stopped:
            cli.main([str(word) for word in words])
        lines = capsys.readouterr().err.splitlines()
        assert (stopped.value.code, len(lines)) == (2, 1), lines
        assert lines[0].startswith("daml: error: ")
        return lines[0]

    return run
