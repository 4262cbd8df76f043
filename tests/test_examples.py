"""Laws of the examples: they run, write their picture, and learn something even in their quick form."""

import importlib.util
import io
import sys
import zipfile
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch
from PIL import Image

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


def test_digits_never_seen_are_told_apart_far_above_chance(tmp_path: Path):
    pytest.importorskip("matplotlib")
    pytest.importorskip("sklearn")
    accuracy = load("examples/digits").main(["--quick", "--output", str(tmp_path / "digits.png")])

    assert accuracy["meta-learned start"] > 1 / 3 + 0.3
    assert (tmp_path / "digits.png").stat().st_size > 1000


def test_many_steps_with_the_gaussian_prior_move_less_far(tmp_path: Path):
    pytest.importorskip("matplotlib")
    plain, regularized = load("examples/many_steps").main(["--quick", "--output", str(tmp_path / "many.png")]).values()

    torch.testing.assert_close(plain[:, :2], regularized[:, :2])  # the first step is not held back
    assert not torch.allclose(plain[:, -1], regularized[:, -1])
    assert (tmp_path / "many.png").stat().st_size > 1000


def test_a_policy_finds_goals_better_step_by_step(tmp_path: Path):
    pytest.importorskip("matplotlib")
    returns = load("examples/navigation").main(["--quick", "--output", str(tmp_path / "navigation.png")])

    assert returns[1][0] > returns[0][0]
    assert (tmp_path / "navigation.png").stat().st_size > 1000


def test_the_navigation_environment_keeps_gymnasium_s_contract():
    navigation = load("examples/navigation")
    goals = np.array([[0.3, -0.1], [-0.2, 0.4]])
    env = navigation.NavigationEnv(goals)
    observations, _ = env.reset(seed=0)

    rewards = [env.step(np.clip(goals - observations, -1, 1).astype(np.float32))[1]]
    for _ in range(navigation.HORIZON - 1):
        observations, reward, terminated, truncated, _ = env.step(env.action_space.sample() * 0)
        rewards.append(reward)
        assert observations in env.observation_space

    assert np.all(rewards[0] > -np.square(goals).sum(1))
    assert truncated.all()
    assert not terminated.any()


def test_a_recurrent_network_learns_an_unknown_system_from_one_recording(tmp_path: Path):
    pytest.importorskip("matplotlib")
    errors = load("examples/recurrent").main(["--quick", "--output", str(tmp_path / "recurrent.png")])

    assert errors[2] < errors[0]
    assert (tmp_path / "recurrent.png").stat().st_size > 1000


def test_omniglots_challenge_is_answered_above_chance_on_what_stands_in(tmp_path: Path):
    pytest.importorskip("matplotlib")
    errors = load("examples/omniglot").main(["--quick", "--output", str(tmp_path / "omniglot.png")])

    assert errors["drawn by code"] < 0.7  # chance is 0.95
    assert (tmp_path / "omniglot-drawn-by-code.png").stat().st_size > 1000


def write_omniglot(folder: Path, *, above: str) -> None:
    """Write what stands in for Omniglot as the challenge's files are laid out, the runs in a folder or in none."""
    omniglot = load("examples/omniglot")
    generator = torch.Generator().manual_seed(0)
    alphabets = omniglot.draw_alphabets(2, generator)

    def png(picture: torch.Tensor) -> bytes:
        pixels = (255 * (1 - picture[0])).byte().numpy()
        Image.fromarray(pixels).resize((105, 105)).convert("1").save(data := io.BytesIO(), "png")
        return data.getvalue()

    for name in ("images_background_small1", "images_background_small2"):
        with zipfile.ZipFile(folder / f"{name}.zip", "w") as archive:
            for a, alphabet in enumerate(alphabets):
                for c, character in enumerate(alphabet):
                    for d, picture in enumerate(character):
                        archive.writestr(f"{name}/Alphabet{a}/character{c:02}/{c:04}_{d:02}.png", png(picture))
    with zipfile.ZipFile(folder / "all_runs.zip", "w") as archive:
        for r, run in enumerate(omniglot.draw_runs(alphabets, 20, generator)):
            lines: list[str] = []
            for i in range(20):
                archive.writestr(f"{above}run{r + 1:02}/training/class{i + 1:02}.png", png(run.shown[i]))
                archive.writestr(f"{above}run{r + 1:02}/test/item{i + 1:02}.png", png(run.asked[i]))
                answer = int(run.answers[i]) + 1
                lines.append(f"run{r + 1:02}/test/item{i + 1:02}.png run{r + 1:02}/training/class{answer:02}.png")
            archive.writestr(f"{above}run{r + 1:02}/class_labels.txt", "\n".join(lines))
            archive.writestr(f"__MACOSX/{above}run{r + 1:02}/._class_labels.txt", b"\0\x05\x16")  # where a Mac packed


@pytest.mark.parametrize("above", ["", "all_runs/"])
def test_omniglots_files_are_read_as_published(tmp_path: Path, above: str):
    pytest.importorskip("matplotlib")
    write_omniglot(tmp_path, above=above)
    omniglot = load("examples/omniglot")
    runs, nearest = omniglot.read_runs(tmp_path), omniglot.nearest_error
    alphabets = omniglot.read_background(tmp_path, "images_background_small1.zip")

    assert [len(alphabet) for alphabet in alphabets] == [20, 20]
    assert alphabets[0][0].shape == (12, 1, 28, 28)
    assert len(runs) == 20
    assert all(sorted(run.answers.tolist()) == list(range(20)) for run in runs)
    assert nearest(runs).mean() < 0.8  # labels and pictures belong together: chance is 0.95
    errors = omniglot.main(["--quick", "--data", str(tmp_path), "--output", str(tmp_path / "answers.png")])
    assert set(errors) == {"images_background_small1", "images_background_small2"}


def test_omniglots_files_that_are_missing_are_named(tmp_path: Path):
    with pytest.raises(FileNotFoundError, match=r"all_runs.zip: not there; fetch images_background_small1.zip"):
        load("examples/omniglot").read_runs(tmp_path)


def test_variants_are_measured_and_what_was_measured_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(str(SCRIPTS / "examples"))
    variants = load("examples/variants")
    words = ["--quick", "--seeds", "0", "--variants", "MAML", "WarpGrad", "--output", str(tmp_path / "variants.json")]
    scores = variants.main(words)

    assert [list(by_seed) for by_seed in scores.values()] == [["0"]] * 4
    (tmp_path / "variants.json").write_text('{"characters | MAML": {"0": 7.0}}')
    assert variants.main(words)["characters | MAML"] == {"0": 7}
    costs = variants.main([*words[3:5], "--costs", "--output", str(tmp_path / "costs.json")])
    assert all(cost["milliseconds"] > 0 for cost in costs.values())


def test_the_ways_that_are_compared_agree():
    pytest.importorskip("torchopt", reason="there is no build of TorchOpt for this Python")
    benchmark = load("benchmark_maml")
    model = benchmark.MODELS["transformer block"]
    expected = benchmark.gradient(benchmark.by_hand, model)

    for name in ("daml", "daml, loop", "daml, recomputed", "higher", "torchopt"):
        distance = (benchmark.gradient(benchmark.WAYS[name], model) - expected).norm() / expected.norm()
        assert distance < 1e-9, name


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


def test_several_seeds_of_an_example_are_run_and_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    pytest.importorskip("matplotlib")
    monkeypatch.syspath_prepend(str(SCRIPTS / "examples"))
    several_seeds = load("examples/several_seeds")
    words = ["navigation", "--quick", "--seeds", "0", "--output", str(tmp_path / "examples.json")]
    figures = several_seeds.main(words)

    assert list(figures["navigation | 1"]) == ["0"]
    (tmp_path / "examples.json").write_text('{"navigation | 1": {"0": 7.0}}')
    assert several_seeds.main(words) == {"navigation | 1": {"0": 7}}
