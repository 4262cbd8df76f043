from pathlib import Path

import numpy as np
import pytest

from daml.demos.storage.array_file import read_arrays


def test_arrays_read_back(tmp_path: Path):
    np.savez(tmp_path / "a.npz", x=np.arange(3), y=np.eye(2))
    arrays = read_arrays(tmp_path / "a.npz")
    np.testing.assert_array_equal(arrays["x"], np.arange(3))
    np.testing.assert_array_equal(arrays["y"], np.eye(2))


def test_what_is_no_archive_of_arrays_is_refused(tmp_path: Path):
    np.savez(tmp_path / "object.npz", x=np.array([{}], dtype=object))
    np.save(tmp_path / "bare.npy", np.arange(3))
    (tmp_path / "text.npz").write_text("arrays, honestly")
    for name in ("object.npz", "bare.npy", "text.npz", "missing.npz"):
        with pytest.raises(ValueError, match=f"{name}: cannot be read"):
            read_arrays(tmp_path / name)


def test_an_archive_that_unpacks_to_more_than_memory_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    np.savez_compressed(tmp_path / "bomb.npz", x=np.zeros(10**6))
    monkeypatch.setattr("daml.demos.storage.array_file._LARGEST", 10**6)
    with pytest.raises(ValueError, match="8,000,128 bytes once unpacked, but at most 1,000,000"):
        read_arrays(tmp_path / "bomb.npz")
