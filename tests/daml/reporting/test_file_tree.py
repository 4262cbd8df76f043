"""Laws of finding files: each once, whatever links there are."""

import os
from pathlib import Path

import pytest

from daml.reporting.file_tree import plain_files


def found(folder: Path) -> list[str]:
    files = plain_files(folder, skip=lambda inner: (inner / "skip").exists())
    return [path.relative_to(folder).as_posix() for path in files]


def make(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("x")
    return path


def test_files_come_in_the_order_of_their_paths_without_hidden_ones_and_skipped_folders(tmp_path: Path):
    for name in ("b/c", "b/a", "a", "z", ".hidden", ".folder/x", "set/skip", "set/inner/x"):
        make(tmp_path / name)
    assert found(tmp_path) == ["a", "b/a", "b/c", "z"]


def test_links_are_followed_but_nothing_is_found_twice(tmp_path: Path):
    make(tmp_path / "home" / "runs" / "x")
    make(tmp_path / "elsewhere" / "y")
    home = tmp_path / "home"
    for link, target in {
        "a": "runs/x",
        "a-folder": "runs",
        "runs/up": "..",
        "runs/self": "self",
        "nowhere": "none",
        "outside": "../elsewhere",
        "outside-too": "../elsewhere",
        "file-outside": "../elsewhere/y",
    }.items():
        (home / link).symlink_to(target)
    assert found(home) == ["file-outside", "runs/x"]


def test_pipes_and_devices_are_no_files(tmp_path: Path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "zero").symlink_to("/dev/zero")
    assert found(tmp_path) == []


def test_a_folder_that_is_not_there_holds_nothing(tmp_path: Path):
    assert found(tmp_path / "none") == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_may_not_be_read_is_named(tmp_path: Path):
    (tmp_path / "secret").mkdir(mode=0)
    with pytest.raises(PermissionError, match="secret"):
        found(tmp_path)
