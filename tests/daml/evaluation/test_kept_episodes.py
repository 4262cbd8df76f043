"""Laws of kept episodes."""

from pathlib import Path

import pytest

from daml import envs
from daml.evaluation.episode import Episode
from daml.evaluation.episode_jobs import JudgedEpisode
from daml.evaluation.kept_episodes import KeptEpisodes, episodes_file

TASK = envs.Task("place", "test", 0)


def judged(seed: int) -> JudgedEpisode:
    return JudgedEpisode(Episode(str(TASK), seed, "success", True, True, 0, 0, 0, None, 1.5, 3), None, 2.5, 7.0)  # noqa: FBT003 - an episode's own order


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return episodes_file(tmp_path / "out.json")


def test_what_was_kept_is_found_again(path: Path):
    assert path.name == "out.episodes.jsonl"
    for seed in (1, 2):
        with KeptEpisodes(path, JudgedEpisode, settings="a") as kept:
            kept.keep(judged(seed))
    with KeptEpisodes(path, JudgedEpisode, settings="a") as kept:
        assert [kept.find(TASK, seed) for seed in (1, 2, 3)] == [judged(1), judged(2), None]


def test_nothing_is_written_before_an_episode_ends(path: Path):
    with KeptEpisodes(path, JudgedEpisode, settings="a") as kept:
        assert kept.find(TASK, 1) is None
    assert not path.exists()


@pytest.mark.parametrize("n_bytes", [1, 40])
def test_a_line_that_was_written_half_is_cut_off(n_bytes: int, path: Path):
    with KeptEpisodes(path, JudgedEpisode, settings="a") as kept:
        kept.keep(judged(1))
        kept.keep(judged(2))
    whole = path.read_bytes()
    path.write_bytes(whole[:-n_bytes])
    with KeptEpisodes(path, JudgedEpisode, settings="a") as kept:
        assert kept.find(TASK, 1) is not None
        assert kept.find(TASK, 2) is None
        kept.keep(judged(2))
    assert path.read_bytes() == whole


def test_a_header_that_was_written_half_is_written_again(path: Path):
    path.write_bytes(b'{"format_ver')
    with KeptEpisodes(path, JudgedEpisode, settings="a") as kept:
        kept.keep(judged(1))
    with KeptEpisodes(path, JudgedEpisode, settings="a") as kept:
        assert kept.find(TASK, 1) is not None


def test_episodes_of_other_settings_are_refused(path: Path):
    with KeptEpisodes(path, JudgedEpisode, settings="a") as kept:
        kept.keep(judged(1))
    with (
        pytest.raises(ValueError, match="episodes of an evaluation with other settings"),
        KeptEpisodes(path, JudgedEpisode, settings="b"),
    ):
        pass


@pytest.mark.parametrize("content", [b"hello\n", b'{"format_version": 1}\n', b"\xff\n"])
def test_what_holds_no_episodes_is_refused_and_left_alone(content: bytes, path: Path):
    path.write_bytes(content)
    with (
        pytest.raises(ValueError, match="expected the episodes of an evaluation"),
        KeptEpisodes(path, JudgedEpisode, settings="a"),
    ):
        pass
    assert path.read_bytes() == content


def test_only_one_process_keeps_episodes_in_a_file(path: Path):
    with KeptEpisodes(path, JudgedEpisode, settings="a") as kept:
        kept.keep(judged(1))
        with pytest.raises(OSError, match="another process evaluates"), KeptEpisodes(path, JudgedEpisode, settings="a"):
            pass
