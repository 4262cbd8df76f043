"""A prior and a video for the commands, and the commands as a person calls them."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from daml import cli, envs
from daml.app.videos import excerpt
from daml.demos import FilmNotReadableError, Reading, Step, write_video
from daml.demos.reading.reading import ActingHand
from daml.engines import engine
from daml.envs.tabletop import PERSON_VIEW
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
    monkeypatch.setattr(engine, "n_usable_cores", lambda: 1)


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
    """Run a command that must end with one line on standard error and an exit status, 2 by default; return the line."""

    def run(*words: object, status: int = 2) -> str:
        capsys.readouterr()
        with pytest.raises(SystemExit) as stopped:
            cli.main([str(word) for word in words])
        lines = capsys.readouterr().err.splitlines()
        assert (stopped.value.code, len(lines)) == (status, 1), lines
        assert lines[0].startswith("daml: error: ")
        return lines[0]

    return run


@pytest.fixture
def reading() -> Reading:
    """What might be read of `video`."""
    picture = np.full((120, 160, 3), 180, np.uint8)
    picture[44:64, 30:50] = (200, 20, 20)
    picture[45:75, 134:160] = (20, 20, 200)
    outline = np.array([[30, 44], [50, 44], [50, 64], [30, 64]]) / (160, 120)
    put = np.array([[140, 50], [158, 50], [158, 68], [140, 68]]) / (160, 120)
    step = Step(
        kind="push",
        item=(0.25, 0.45),
        destination=(0.95, 0.5),
        start_s=0.2,
        end_s=0.9,
        hand="right",
        outline=outline,
        put_outline=put,
        confidence=0.9,
    )
    hand = ActingHand(np.zeros(1), np.zeros((1, 2)))
    return Reading((step,), picture, (0.1, 0.0, 0.9, 1.0), hand, ((picture, picture),), 0.0)


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> Callable[[object], None]:
    """Let every film be read like this, or fail like this."""

    def set_outcome(outcome: object) -> None:
        def read_film(*_: object, **__: object) -> object:
            if isinstance(outcome, Exception):
                raise outcome
            return outcome

        monkeypatch.setattr(excerpt, "read_film", read_film)

    set_outcome(FilmNotReadableError("mine.mp4: no hand was found"))
    return set_outcome
