"""Hostile command lines: one line on standard error and status 2, and nothing is written."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from daml import cli


@pytest.fixture
def complaint(capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Run a command that must be refused with one line; return the line."""

    def run(*words: object) -> str:
        capsys.readouterr()
        with pytest.raises(SystemExit) as stopped:
            cli.main([str(word) for word in words])
        error = capsys.readouterr().err
        assert (stopped.value.code, len(error.splitlines())) == (2, 1), error
        assert error.startswith("daml: error: ")
        assert len(error) < 2000
        return error

    return run


def pipe(folder: Path) -> Path:
    os.mkfifo(folder / "pipe.mp4")
    return folder / "pipe.mp4"


PATHS = ["/dev/zero", "/", "", "none.mp4", "a\x00b.mp4", "x" * 300 + ".mp4", "a\nb.mp4", "\udcff.mp4", "~nobody/x.mp4"]


@pytest.mark.parametrize("path", PATHS, ids=lambda path: repr(path[:12]))
@pytest.mark.parametrize(
    "words",
    [
        ("inspect", "{}"),
        ("report", "{}"),
        ("dataset", "validate", "{}"),
        ("adapt", "--output", "out", "--video", "{}"),
        ("evaluate", "--output", "out.json", "--scene", "{}"),
        ("evaluate-policy", "{}", "--output", "out.json", "--task", "place"),
        ("evaluate", "--output", "out.json", "--prior", "{}"),
        ("evaluate", "--output", "out.json", "--video", "{}"),
        ("twin", "{}", "--output", "out.toml"),
        ("demo", "--video", "{}"),
        ("collect", "--output", "out", "--films", "people", "--photos", "{}"),
    ],
    ids=" ".join,
)
def test_a_path_that_leads_to_nothing_good(
    path: str, words: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, complaint: Callable[..., str]
):
    monkeypatch.chdir(tmp_path)
    if words[0] == "report" and path == "/":
        pytest.skip("a report on everything there is")
    complaint(*(word.format(path) for word in words))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", [("inspect",), ("dataset", "validate"), ("report",)], ids=" ".join)
def test_a_pipe_is_not_waited_for(words: tuple[str, ...], tmp_path: Path, complaint: Callable[..., str]):
    assert "pipe.mp4" in complaint(*words, pipe(tmp_path))


def test_what_is_no_file_is_not_replaced(tmp_path: Path, complaint: Callable[..., str]):
    target = pipe(tmp_path)
    assert "found a pipe or a device" in complaint("record", "--simulate", "--output", target)
    assert target.is_fifo()


@pytest.mark.parametrize(
    "words",
    [
        ("collect", "--output", "out", "--train-tasks", 10**12),
        ("collect", "--output", "out", "--train-tasks", -1),
        ("collect", "--output", "out", "--noise", "nan"),
        ("collect", "--output", "out", "--workers", 0),
        ("collect", "--output", "out", "--kinds", "juggle"),
        ("record", "--simulate", "--output", "out.mp4", "--index", 10**30),
        ("record", "--simulate", "--output", "out.mp4", "--seed", -1),
        ("record", "--output", "out.mp4", "--camera", 0, "--duration", "inf"),
        ("train", "--output", "out", "--steps", 10**12),
        ("train", "--output", "out", "--prior.inner-steps", 10**6, "--config.prior.human-frames", 3),
    ],
    ids=lambda words: " ".join(map(str, words))[:60],
)
def test_a_number_that_is_none(
    words: tuple[object, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as stopped:
        cli.main([str(word) for word in words])
    assert stopped.value.code == 2
    assert "Traceback" not in capsys.readouterr().err
    assert [path for path in tmp_path.rglob("*") if path.is_file() and path.name != ".lock"] == []
