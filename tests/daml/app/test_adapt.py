"""Laws of `daml adapt`: above all, what it refuses."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from daml import cli, envs
from daml.app.videos.sidecars import write_video_task
from daml.demos import FilmNotReadableError, Reading, read_video, write_video
from daml.deployment.adapted_policy import AdaptedPolicy
from daml.envs import read_scene
from daml.learners.prior import Prior
from daml.storage.saved_folder import SavedFolder

pytestmark = pytest.mark.usefixtures("quick_retelling")


def test_a_video_becomes_a_policy_that_knows_where_it_comes_from(prior_folder: Path, video: Path, tmp_path: Path):
    output = tmp_path / "new" / "policy"
    for _ in range(2):  # an earlier policy is replaced
        cli.main(["adapt", "--video", str(video), "--output", str(output), "--prior", str(prior_folder)])
    provenance = AdaptedPolicy.from_pretrained(output).config.provenance
    assert (provenance["video"], provenance["task"]) == (str(video), None)
    assert list(output.parent.iterdir()) == [output]


def weights(folder: Path) -> bytes:
    return (folder / "model.safetensors").read_bytes()


def test_trimming_on_the_way_is_adapting_to_a_trimmed_video(prior_folder: Path, video: Path, tmp_path: Path):
    trimmed = tmp_path / "trimmed"
    trimmed.mkdir()
    for number, frame in enumerate(read_video(video).frames[2:10]):
        Image.fromarray(frame).save(trimmed / f"{number}.png")
    words = ["adapt", "--prior", str(prior_folder), "--output"]
    cli.main([*words, str(tmp_path / "a"), "--video", str(video), "--start", "0.2", "--end", "0.9"])
    cli.main([*words, str(tmp_path / "b"), "--video", str(trimmed)])
    cli.main([*words, str(tmp_path / "c"), "--video", str(video)])
    assert weights(tmp_path / "a") == weights(tmp_path / "b") != weights(tmp_path / "c")


def test_the_way_of_fitting_changes_what_is_adapted_to(prior_folder: Path, video: Path, tmp_path: Path):
    words = ["adapt", "--prior", str(prior_folder), "--video", str(video), "--output"]
    cli.main([*words, str(tmp_path / "crop")])
    cli.main([*words, str(tmp_path / "pad"), "--fit", "pad"])
    assert weights(tmp_path / "crop") != weights(tmp_path / "pad")
    assert AdaptedPolicy.from_pretrained(tmp_path / "pad").config.provenance["fit"] == "pad"


def test_what_is_read_is_adapted_to_and_drawn_with_what_the_policy_believes(
    prior_folder: Path,
    video: Path,
    tmp_path: Path,
    reading: Reading,
    read: Callable[[object], None],
    capsys: pytest.CaptureFixture[str],
):
    words = ["adapt", "--prior", str(prior_folder), "--video", str(video), "--output"]
    read(FilmNotReadableError("person.mp4: no hand was found"))
    cli.main([*words, str(tmp_path / "plain")])
    assert "person.mp4: no hand was found; adapting to the film as it is" in capsys.readouterr().out
    read(ImportError("the extra `hands` is not installed"))
    cli.main([*words, str(tmp_path / "without")])
    assert "the extra `hands` is not installed" in capsys.readouterr().out
    assert weights(tmp_path / "plain") == weights(tmp_path / "without")
    read(reading)
    for adapt_on in ("raw", "retold"):
        cli.main([*words, str(tmp_path / adapt_on), "--adapt-on", adapt_on])
        assert f"what was read, and what the policy believes: {tmp_path / adapt_on}.png" in capsys.readouterr().out
        with Image.open(tmp_path / f"{adapt_on}.png") as picture:
            assert picture.width == 960
        assert read_scene(tmp_path / f"{adapt_on}.scene.toml").kind == "push"
        understood = AdaptedPolicy.from_pretrained(tmp_path / adapt_on).config.provenance["understood"]
        assert (understood["adapted_on"], understood["steps"]) == (adapt_on, reading.to_json()["steps"])
    assert len({weights(tmp_path / name) for name in ("plain", "raw", "retold")}) == 3
    assert not (tmp_path / "plain.png").exists()


def test_a_step_that_the_film_does_not_show_is_refused(
    prior_folder: Path,
    video: Path,
    tmp_path: Path,
    reading: Reading,
    read: Callable[[object], None],
    complaint: Callable[..., str],
):
    read(reading)
    words = ("adapt", "--prior", prior_folder, "--video", video, "--output", tmp_path / "policy", "--step", 2)
    assert "step 2 is asked for, but the film shows 1" in complaint(*words)
    assert not (tmp_path / "policy").exists()


def test_a_simulated_film_is_not_read(
    prior_folder: Path, video: Path, tmp_path: Path, reading: Reading, read: Callable[[object], None]
):
    film = tmp_path / "film.mp4"
    shutil.copy(video, film)
    write_video_task(film, envs.Task("place", "test", 0), seed=0)
    read(reading)
    words = ["adapt", "--prior", str(prior_folder), "--video", str(film), "--output", str(tmp_path / "policy")]
    cli.main(words)
    assert not (tmp_path / "policy.png").exists()


def test_a_long_video_is_adapted_to_with_a_word_of_advice(
    prior_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    frames = np.random.default_rng(0).integers(0, 255, (12, 16, 16, 3), np.uint8)
    write_video(tmp_path / "long.mp4", frames, frame_rate_hz=0.5)
    words = ["--video", str(tmp_path / "long.mp4"), "--output", str(tmp_path / "policy"), "--prior", str(prior_folder)]
    cli.main(["adapt", *words])
    assert "22 s are long for one demonstration; cut it out with --start and --end" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--start", "9"], "0 frame(s) between 9 s and"),
        (["--start", "1", "--end", "0.5"], "expected a start of at least 0 s and an end after it"),
        (["--end", "nan"], "expected a start of at least 0 s and an end after it"),
    ],
)
def test_an_impossible_stretch_is_refused(
    words: list[str], message: str, prior_folder: Path, video: Path, tmp_path: Path, complaint: Callable[..., str]
):
    line = complaint("adapt", "--video", video, "--output", tmp_path / "policy", "--prior", prior_folder, *words)
    assert message in line
    assert list(tmp_path.iterdir()) == []


def make_video(path: Path, *, what: str, good: Path) -> Path:
    """Make a bad video."""
    content = good.read_bytes()
    match what:
        case "empty":
            path.write_bytes(b"")
        case "cut off":
            path.write_bytes(content[: len(content) // 2])
        case "noise":
            path.write_bytes(bytes(range(256)) * 50)
        case "one frame" | "too short":
            n_frames = {"one frame": 1, "too short": 3}[what]
            write_video(path, np.zeros((n_frames, 16, 16, 3), np.uint8), frame_rate_hz=10.0)
        case "too large":
            path.mkdir()
            for name in ("1.png", "2.png"):
                Image.new("1", (8192, 8192)).save(path / name)
        case "no images":
            path.mkdir()
        case _:
            pass  # missing
    return path


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("missing", "no such file"),
        ("empty", "empty file"),
        ("cut off", "cut off after 0 frames"),
        ("noise", "could not be decoded"),
        ("one frame", "1 frame(s), but at least 2"),
        ("too short", "3 frames, but the temporal loss needs at least 5"),
        ("too large", "8192 x 8192 px"),
        ("no images", "0 image(s)"),
    ],
)
def test_a_bad_video_is_refused(
    what: str, message: str, prior_folder: Path, video: Path, tmp_path: Path, complaint: Callable[..., str]
):
    bad = make_video(tmp_path / "bad.mp4", what=what, good=video)
    line = complaint("adapt", "--video", bad, "--output", tmp_path / "policy", "--prior", prior_folder)
    assert message in line
    assert str(bad) in line
    assert {path.name for path in tmp_path.iterdir()} <= {"bad.mp4"}


def make_prior(path: Path, *, what: str, good: Path) -> Path:
    """Make a bad prior."""
    if what not in {"missing", "a file", "empty"}:
        shutil.copytree(good, path)
    match what:
        case "a file":
            path.write_text("prior")
        case "empty":
            path.mkdir()
        case "another version":
            settings = json.loads((path / "config.json").read_text(encoding="utf-8"))
            (path / "config.json").write_text(json.dumps(settings | {"format_version": 99}))
        case "without weights":
            (path / "model.safetensors").unlink()
        case "corrupt":
            weights = path / "model.safetensors"
            weights.write_bytes(weights.read_bytes()[:100])
        case "another kind":
            SavedFolder(kind="training state", settings={}, tensors={}).write(path)
        case _:
            pass  # missing
    return path


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("missing", "no shipped prior of that name"),
        ("a file", "no such folder"),
        ("empty", "config.json is missing"),
        ("another version", "format version 99"),
        ("without weights", "model.safetensors is missing"),
        ("corrupt", "corrupt"),
        ("another kind", "training state"),
    ],
)
def test_a_folder_that_is_no_prior_is_refused(
    what: str, message: str, prior_folder: Path, video: Path, tmp_path: Path, complaint: Callable[..., str]
):
    bad = make_prior(tmp_path / "bad", what=what, good=prior_folder)
    line = complaint("adapt", "--video", video, "--output", tmp_path / "policy", "--prior", bad)
    assert message in line
    assert str(bad) in line
    assert {path.name for path in tmp_path.iterdir()} <= {"bad"}


def test_a_folder_of_other_things_is_not_replaced(
    prior_folder: Path, video: Path, tmp_path: Path, complaint: Callable[..., str]
):
    (tmp_path / "thesis.txt").write_text("all of it")
    assert "holds other files" in complaint("adapt", "--video", video, "--output", tmp_path, "--prior", prior_folder)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_full_disk_is_one_line_and_leaves_nothing(
    prior_folder: Path, video: Path, tmp_path: Path, complaint: Callable[..., str], monkeypatch: pytest.MonkeyPatch
):
    def fail(self: Path, _content: bytes):
        raise OSError(28, "No space left on device", str(self))

    monkeypatch.setattr(Path, "write_bytes", fail)
    line = complaint("adapt", "--video", video, "--output", tmp_path / "policy", "--prior", prior_folder, status=1)
    assert line.endswith(": No space left on device")
    assert list(tmp_path.iterdir()) == []


def test_adapting_leaves_the_prior_on_disk_alone(prior_folder: Path, video: Path, tmp_path: Path):
    before = {path.name: path.read_bytes() for path in prior_folder.iterdir()}
    cli.main(["adapt", "--video", str(video), "--output", str(tmp_path / "policy"), "--prior", str(prior_folder)])
    assert {path.name: path.read_bytes() for path in prior_folder.iterdir()} == before
    Prior.from_pretrained(prior_folder)
