"""Laws of what is made of a safetensors file's header before it is believed."""

import json
import os
import struct
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save

from daml.storage import safetensors_header
from daml.storage.safetensors_header import MOST_TENSORS, load_tensors

TENSORS = {"x": torch.arange(6.0).reshape(2, 3), "y": torch.tensor([1, 2]), "nothing": torch.zeros(0, 4)}


def file_of(header: Any, data: bytes = b"") -> bytes:
    """Return a safetensors file with any header."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def entry(*shape: int, dtype: str = "F32", end: int = 0) -> dict[str, Any]:
    return {"dtype": dtype, "shape": list(shape), "data_offsets": [0, end]}


def test_tensors_come_back(tmp_path: Path):
    (tmp_path / "a.safetensors").write_bytes(save(TENSORS, metadata={"format": "pt"}))
    found = load_tensors(tmp_path / "a.safetensors")
    assert found.keys() == TENSORS.keys()
    assert all(torch.equal(found[name], value) for name, value in TENSORS.items())


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "no header"),
        (b"\x00\x00", "no header"),
        (struct.pack("<Q", 2**63) + b"{}", "a header of 9,223,372,036,854,775,808 bytes"),
        (struct.pack("<Q", 100) + b"{}", "a header of 100 bytes"),
        (file_of(b" " * 5_000_000 + b"{}"), "a header of 5,000,002 bytes"),
        (file_of(b"[]"), "Expected object"),
        (file_of(b'{"a": ' + b"[" * 5000 + b"]" * 5000 + b"}"), "nested"),
        (file_of({f"t{i}": entry(0) for i in range(MOST_TENSORS + 1)}), "expected at most 20,000 tensors, got 20,001"),
        (file_of({"x": 3}), r"header: .*expected object, got int"),
        (file_of({"x": {"dtype": "F32"}}), "missing required field shape"),
        (file_of({"x": entry(*[1] * 5000, end=4)}, bytes(4)), "length <= 8"),
        (file_of({"x": entry(10**9, 10**9, 0)}), "expected at most 500,000,000 elements"),
        (file_of({"x": entry(-1)}), ">= 0"),
        (file_of({"x": entry(2**70)}), "shape"),
        (file_of({"x": entry(2, end=8)}, bytes(4)), "corrupt"),
        (file_of({"x": entry(1, dtype="F99", end=4)}, bytes(4)), "corrupt"),
        (file_of({"x": entry(1, end=4), "y": entry(1, end=4)}, bytes(4)), "corrupt"),
    ],
)
def test_a_header_that_claims_what_cannot_be_is_refused_in_one_line(content: bytes, message: str, tmp_path: Path):
    path = tmp_path / "a.safetensors"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=message) as refused:
        load_tensors(path)
    assert str(refused.value).startswith(str(path))
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 500 + len(str(path))


def test_what_is_no_file_is_refused_and_not_waited_for(tmp_path: Path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path, Path("/dev/zero")):
        with pytest.raises(ValueError, match="expected a file, found"):
            load_tensors(path)
    with pytest.raises(FileNotFoundError):
        load_tensors(tmp_path / "none")


def test_a_file_too_large_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(safetensors_header, "MOST_BYTES", 20)
    (tmp_path / "a.safetensors").write_bytes(save(TENSORS))
    with pytest.raises(ValueError, match="more than 20 bytes"):
        load_tensors(tmp_path / "a.safetensors")
