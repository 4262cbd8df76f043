"""Hostile priors and policies: refused in one line, soon, in little memory, and nothing else is opened."""

import json
import os
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from daml.deployment.adaptation import unadapted
from daml.deployment.adapted_policy import AdaptedPolicy
from daml.learners.methods import read_learner
from daml.learners.prior import Prior, PriorConfig
from daml.policies.head import PolicyConfig

Refused = Callable[..., str]
READERS = {"prior": read_learner, "policy": AdaptedPolicy.from_pretrained}
every_reader = pytest.mark.parametrize("what", READERS)


@pytest.fixture
def folder(tmp_path: Path, what: str) -> Path:
    """A good folder, to be spoilt."""
    policy = PolicyConfig(channels=(2, 2, 2, 2), n_points=3, bias_size=2, hidden_size=4, readout_size=4)
    prior = Prior(PriorConfig(policy=policy, image_size=(16, 16), human_frames=6))
    (prior if what == "prior" else unadapted(prior)).save_pretrained(tmp_path / what)
    return tmp_path / what


def edit_settings(folder: Path, **changes: Any) -> None:
    document = json.loads((folder / "config.json").read_text())
    for path, value in changes.items():
        *parents, last = path.split("__")
        holder = document
        for parent in parents:
            holder = holder[parent]
        holder[last] = value
    (folder / "config.json").write_text(json.dumps(document))


def write_header(folder: Path, header: Any, *, data: bytes = b"") -> None:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    (folder / "model.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + data)


@every_reader
@pytest.mark.parametrize(
    "changes",
    [
        {"human_frames": 1_000_000},
        {"inner_steps": 1_000_000},
        {"inner_steps": 10**4000},
        {"image_size": [1_000_000, 1_000_000]},
        {"image_size": [1_000_000, 1]},
        {"image_size": [0, 0]},
        {"image_size": list(range(1, 100_000))},
        {"image_size": "big"},
        {"policy__channels": [1_000_000] * 4},
        {"policy__channels": [1] * 100_000},
        {"policy__n_points": 1_000_000},
        {"policy__hidden_size": 1_000_000},
        {"policy__state_size": 1_000_000},
        {"policy__tracker_size": 1_000_000},
        {"policy": None},
        {"policy": []},
        {"temporal_loss": "x"},
        {"temporal_loss__kernel_size": 0},
        {"temporal_loss__n_outputs": -1},
        {"method": {}},
        {"method": "x" * 1_000_000},
        {"x" * 1_000_000: 1},
        {"a\nb": 1},
        {"initial_step_size": True},
        {"inner_variance": 1e308},
        {"provenance": 3},
        {"kind": ["prior"]},
        {"format_version": 10**30},
    ],
    ids=lambda changes: f"{next(iter(changes))[:20]}={next(iter(changes.values()))!r}"[:60],
)
def test_settings_that_no_machine_bears(changes: dict[str, Any], what: str, folder: Path, refused: Refused):
    edit_settings(folder, **changes)
    refused(lambda: READERS[what](folder), naming=folder)


@every_reader
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"null",
        b"\xff\xfe{\x00}\x00",
        b"[" * 1_000_000,
        b'{"kind": ' * 100_000,
        b'{"provenance": ' + b"[" * 500 + b"]" * 500 + b"}",
        b'{"initial_step_size": NaN}',
        b'{"initial_step_size": 1e999}',
        b'{"seed": ' + b"9" * 100_000 + b"}",
        b'{"kind": "\\ud800"}',
        b'{"a":1}' + b" " * 17_000_000,
    ],
    ids=lambda content: repr(content[:20]),
)
def test_settings_that_are_none(content: bytes, what: str, folder: Path, refused: Refused):
    (folder / "config.json").write_bytes(content)
    refused(lambda: READERS[what](folder), naming=folder)


@every_reader
@pytest.mark.parametrize("name", ["config.json", "model.safetensors"])
@pytest.mark.parametrize("instead", ["pipe", "zero", "folder", "circle", "nothing"])
def test_what_is_no_file_is_not_waited_for(instead: str, name: str, what: str, folder: Path, refused: Refused):
    path = folder / name
    path.unlink()
    {
        "pipe": lambda: os.mkfifo(path),
        "zero": lambda: path.symlink_to("/dev/zero"),
        "folder": path.mkdir,
        "circle": lambda: path.symlink_to(name),
        "nothing": lambda: None,
    }[instead]()
    refused(lambda: READERS[what](folder), naming=folder)


@every_reader
def test_a_header_of_very_many_tensors(what: str, folder: Path, refused: Refused):
    write_header(folder, {f"t{i}": {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]} for i in range(50_000)})
    assert "tensors" in refused(lambda: READERS[what](folder), naming=folder)


@every_reader
def test_a_header_that_is_all_description(what: str, folder: Path, refused: Refused):
    write_header(folder, {"__metadata__": {"x": "y" * 50_000_000}})
    assert "header" in refused(lambda: READERS[what](folder), naming=folder)


@every_reader
@pytest.mark.parametrize("size", [2**63, 2**64 - 1, 2**40, 0, 1])
def test_a_header_of_a_length_that_is_only_stated(size: int, what: str, folder: Path, refused: Refused):
    (folder / "model.safetensors").write_bytes(struct.pack("<Q", size) + b"{}")
    refused(lambda: READERS[what](folder), naming=folder)


@every_reader
@pytest.mark.parametrize("shape", [[2**62], [2**32, 2**32], [1] * 10_000, [2**62, 0], [-1], ["3"], [1.5], [None]])
def test_a_shape_that_is_only_stated(shape: list, what: str, folder: Path, refused: Refused):
    write_header(folder, {"x": {"dtype": "F32", "shape": shape, "data_offsets": [0, 4]}}, data=bytes(4))
    refused(lambda: READERS[what](folder), naming=folder)


@every_reader
def test_a_file_of_tensors_that_is_larger_than_any(what: str, folder: Path, refused: Refused):
    with (folder / "model.safetensors").open("r+b") as file:
        file.truncate(3_000_000_000)  # it takes no room on the disk
    refused(lambda: READERS[what](folder), naming=folder)


@every_reader
@pytest.mark.parametrize("spoil", ["nan", "inf", "double", "other", "more", "less"])
def test_tensors_that_are_not_those_of_the_settings(spoil: str, what: str, folder: Path, refused: Refused):
    tensors = load_file(folder / "model.safetensors")
    name = next(name for name, value in tensors.items() if value.is_floating_point() and value.numel())
    changed = {
        "nan": tensors | {name: torch.full_like(tensors[name], float("nan"))},
        "inf": tensors | {name: torch.full_like(tensors[name], float("inf"))},
        "double": tensors | {name: tensors[name].double()},
        "other": tensors | {name: torch.zeros(3, 1)},
        "more": tensors | {"more": torch.zeros(1)},
        "less": {other: value for other, value in tensors.items() if other != name},
    }[spoil]
    save_file(changed, folder / "model.safetensors")
    refused(lambda: READERS[what](folder), naming=folder)


@pytest.mark.parametrize("what", ["policy"])
@pytest.mark.parametrize(
    ("field", "value"),
    [("video", 5), ("video", ["a"]), ("task", {}), ("task", 0), ("start_s", "x"), ("end_s", [1]), ("fit", "stretch")],
)
def test_an_origin_of_other_types(field: str, value: Any, what: str, folder: Path, refused: Refused):
    edit_settings(folder, provenance={field: value})
    assert f"provenance: {field}" in refused(lambda: READERS[what](folder), naming=folder)


def test_a_folder_that_is_none(tmp_path: Path, refused: Refused):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe", tmp_path / "none", Path("/dev/zero")):
        for read in READERS.values():
            refused(lambda path=path, read=read: read(path), naming=path)
