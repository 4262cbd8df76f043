"""Laws of finding priors."""

from pathlib import Path

import pytest

from daml import shipped
from daml.shipped import find_prior, shipped_priors


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two shipped priors, and a working directory elsewhere."""
    for name in ("place", "push"):
        (tmp_path / "priors" / name).mkdir(parents=True)
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    monkeypatch.setattr(shipped, "_FOLDER", tmp_path / "priors")
    return tmp_path / "priors"


def test_a_name_is_that_of_a_shipped_prior(folder: Path):
    assert shipped_priors() == ("place", "push")
    assert find_prior("place") == folder / "place"


def test_anything_else_is_a_folder(folder: Path):
    Path("mine").mkdir()
    assert find_prior("mine") == Path("mine")
    assert find_prior(str(folder / "push")) == folder / "push"


@pytest.mark.parametrize("name", [".", ".."])
def test_dots_are_folders_of_the_user(name: str, folder: Path):
    assert find_prior(name).resolve() == Path(name).resolve() != folder


@pytest.mark.parametrize("name", ["plce", "no/such/folder"])
@pytest.mark.usefixtures("folder")
def test_an_unknown_name_is_refused_with_those_there_are(name: str):
    with pytest.raises(ValueError, match=r"shipped: place, push"):
        find_prior(name)


def test_without_shipped_priors_there_are_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr(shipped, "_FOLDER", tmp_path / "nothing")
    assert shipped_priors() == ()
    with pytest.raises(ValueError, match="shipped: none"):
        find_prior("place")
