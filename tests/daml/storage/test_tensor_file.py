"""Laws of files of tensors."""

from pathlib import Path

import pytest
import torch

from daml.storage.tensor_file import read_tensors, write_tensors

TENSORS = {"one": torch.arange(6).view(2, 3).T, "two": torch.tensor([True, False])}


def test_what_is_written_is_read_in_the_order_asked_for(tmp_path: Path):
    write_tensors(tmp_path / "a.safetensors", TENSORS)

    read = read_tensors(tmp_path / "a.safetensors", ["two", "one"])

    assert read is not None
    assert torch.equal(read[0], TENSORS["two"])
    assert torch.equal(read[1], TENSORS["one"])
    assert [path.name for path in tmp_path.iterdir()] == ["a.safetensors"]


@pytest.mark.parametrize("length", [0, 4, 60])
def test_half_a_file_counts_as_none(length: int, tmp_path: Path):
    path = tmp_path / "a.safetensors"
    write_tensors(path, TENSORS)
    path.write_bytes(path.read_bytes()[:length])

    assert read_tensors(path, TENSORS) is None


def test_a_file_that_is_not_there_or_holds_others_counts_as_none(tmp_path: Path):
    write_tensors(tmp_path / "a.safetensors", TENSORS)

    assert read_tensors(tmp_path / "b.safetensors", TENSORS) is None
    assert read_tensors(tmp_path / "a.safetensors", ["one", "three"]) is None


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OSError, match="file"):
        write_tensors(tmp_path / "file" / "a.safetensors", TENSORS)
