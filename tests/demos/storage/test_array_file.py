import resource
from pathlib import Path

import numpy as np
import pytest

from daml.demos.storage.array_file import map_array, read_arrays, write_array


def test_arrays_read_back(tmp_path: Path):
    np.savez(tmp_path / "a.npz", x=np.arange(3), y=np.eye(2))
    arrays = read_arrays(tmp_path / "a.npz", cure="x")
    np.testing.assert_array_equal(arrays["x"], np.arange(3))
    np.testing.assert_array_equal(arrays["y"], np.eye(2))


def test_what_is_no_archive_of_arrays_is_refused(tmp_path: Path):
    np.savez(tmp_path / "object.npz", x=np.array([{}], dtype=object))
    np.save(tmp_path / "bare.npy", np.arange(3))
    (tmp_path / "text.npz").write_text("arrays, honestly")
    for name in ("object.npz", "bare.npy", "text.npz"):
        with pytest.raises(ValueError, match=rf"{name}: cannot be read \(.*\); write it again"):
            read_arrays(tmp_path / name, cure="write it again")


def test_an_archive_that_unpacks_to_more_than_memory_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    np.savez_compressed(tmp_path / "bomb.npz", x=np.zeros(10**6))
    monkeypatch.setattr("daml.demos.storage.array_file.LARGEST", 10**6)
    with pytest.raises(ValueError, match="8,000,128 bytes once unpacked, but at most 1,000,000"):
        read_arrays(tmp_path / "bomb.npz", cure="x")


def test_an_array_is_mapped_and_not_read(tmp_path: Path):
    np.save(tmp_path / "a.npy", np.arange(12).reshape(3, 4))
    mapped = map_array(tmp_path / "a.npy", cure="x")
    assert isinstance(mapped, np.memmap)
    np.testing.assert_array_equal(mapped, np.arange(12).reshape(3, 4))
    with pytest.raises(ValueError, match="read-only"):
        mapped[0] = 1


def test_what_is_no_array_is_not_mapped(tmp_path: Path):
    with (tmp_path / "archive.npy").open("wb") as file:
        np.savez(file, np.arange(3))
    np.save(tmp_path / "object.npy", np.array([{}], dtype=object), allow_pickle=True)
    (tmp_path / "text.npy").write_text("an array, honestly")
    np.save(tmp_path / "short.npy", np.arange(1000))
    (tmp_path / "short.npy").write_bytes((tmp_path / "short.npy").read_bytes()[:-8])
    for name in ("archive.npy", "object.npy", "text.npy", "short.npy"):
        with pytest.raises(ValueError, match=rf"{name}: cannot be read \(.*\); copy it again"):
            map_array(tmp_path / name, cure="copy it again")


def test_an_array_is_written_as_numpy_writes_it(tmp_path: Path):
    for number, array in enumerate((np.arange(6, dtype=np.uint8).reshape(2, 3), np.eye(3)[:, ::2], np.zeros((0, 4)))):
        write_array(tmp_path / f"{number}.npy", array)
        np.save(tmp_path / "theirs.npy", np.ascontiguousarray(array))
        assert (tmp_path / f"{number}.npy").read_bytes() == (tmp_path / "theirs.npy").read_bytes()


def test_an_array_whose_last_byte_the_disk_does_not_take_is_an_error(tmp_path: Path):
    array = np.arange(9000, dtype=np.uint8)
    write_array(tmp_path / "whole.npy", array)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, ((tmp_path / "whole.npy").stat().st_size - 1, hard))
    try:
        with pytest.raises(OSError, match="File too large"):
            write_array(tmp_path / "cut.npy", array)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
