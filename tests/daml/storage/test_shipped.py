"""Laws of finding priors."""

import inspect
from pathlib import Path

import numpy as np
import pytest

from daml import cli, envs
from daml.demos import HumanDemo
from daml.deployment.adaptation import adapt
from daml.learners.prior import Prior
from daml.storage import shipped
from daml.storage.shipped import find_prior, shipped_priors


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


DEFAULT = "tabletop"
"""The prior that commands take unless told otherwise."""


@pytest.mark.parametrize("command", ["adapt", "evaluate", "demo"])
def test_the_default_of_the_commands_is_shipped(command: str):
    for function in cli.COMMANDS[command].functions.values():
        loaded = cli.load(cli.COMMANDS[command], function)
        assert inspect.signature(loaded).parameters["prior"].default == DEFAULT
    assert DEFAULT in shipped_priors()


def test_a_shipped_prior_is_read_by_its_name():
    assert Prior.from_pretrained(DEFAULT).config == Prior.from_pretrained(find_prior(DEFAULT)).config


@pytest.mark.parametrize("name", shipped_priors())
def test_every_shipped_prior_adapts_and_acts(name: str):
    prior = Prior.from_pretrained(find_prior(name))
    height, width = prior.config.image_size
    frames = np.random.default_rng(0).integers(0, 256, (20, height, width, 3), np.uint8)

    policy = adapt(prior, HumanDemo(frames, 10.0))

    action = policy.select_action({"image": frames[0], "state": np.array([0.4, 0.0, 0.25, 0.0], np.float32)})
    assert np.isfinite(action).all()
    assert set(prior.config.provenance["kinds"]) <= set(envs.KINDS)


def test_the_default_prior_knows_every_kind_of_task():
    assert set(Prior.from_pretrained(find_prior(DEFAULT)).config.provenance["kinds"]) == set(envs.KINDS)
