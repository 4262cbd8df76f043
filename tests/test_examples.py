"""Laws of the examples: they run, write their picture, and learn something even in their quick form."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from daml import Prior

SCRIPTS = Path(__file__).parents[1] / "scripts"


def load(name: str) -> ModuleType:
    """Import a script as a module of its own."""
    path = SCRIPTS / f"{name}.py"
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


def test_waves_are_fitted_better_step_by_step(tmp_path: Path):
    pytest.importorskip("matplotlib")
    errors = load("examples/sinusoid").main(["--quick", "--output", str(tmp_path / "new" / "sinusoid.png")])

    means = [mean for mean, _ in errors.values()]
    assert means == sorted(means, reverse=True)
    assert (tmp_path / "new" / "sinusoid.png").stat().st_size > 1000


def test_digits_never_seen_are_told_apart_better_from_a_learned_start(tmp_path: Path):
    pytest.importorskip("matplotlib")
    pytest.importorskip("sklearn")
    accuracy = load("examples/digits").main(["--quick", "--output", str(tmp_path / "digits.png")])

    assert accuracy["meta-learned start"] > accuracy["random start"] + 0.05
    assert (tmp_path / "digits.png").stat().st_size > 1000


def test_a_policy_adapted_to_a_video_does_what_the_prior_does_not(tmp_path: Path):
    clip = tmp_path / "new" / "adapted.mp4"

    verdicts = load("examples/adapt_to_a_video").main(["--output", str(clip)])

    assert verdicts["before adapting"] != "success"
    assert verdicts["after adapting"] == "success"
    assert clip.stat().st_size > 1000


def test_a_scene_of_ones_own_is_filmed_and_judged_in(tmp_path: Path):
    evaluation = load("examples/your_own_scene").main(["--output", str(tmp_path / "new"), "--rollouts", "2"])

    assert [episode.task for episode in evaluation.episodes] == ["pick-place/scene"] * 2
    assert {path.name for path in (tmp_path / "new").iterdir()} == {"scene.toml", "human.mp4", "policy"}


def test_a_prior_is_trained_and_judged_from_python(tmp_path: Path):
    evaluation = load("examples/train_a_tiny_prior").main(["--output", str(tmp_path / "new")])

    assert [episode.task for episode in evaluation.episodes] == ["place/validation/0", "place/validation/1"]
    assert Prior.from_pretrained(tmp_path / "new" / "run" / "best").config.image_size == (32, 32)
