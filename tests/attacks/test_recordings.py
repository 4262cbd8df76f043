"""Hostile recordings to import: each task is refused in one line that names the file, and nothing outside is read."""

import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from daml.demos import DatasetInfo, import_clips, write_video
from daml.demos.storage.array_file import map_array, read_arrays

INFO = DatasetInfo(image_size=(16, 16), human_frame_rate_hz=10.0, robot_frame_rate_hz=10.0)
Refused = Callable[..., str]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A good task, to be spoilt."""
    folder = tmp_path / "raw" / "train" / "place-0"
    folder.mkdir(parents=True)
    frames = np.random.default_rng(0).integers(0, 256, (9, 32, 48, 3), dtype=np.uint8)
    for name in ("human-0.mp4", "robot-0.mp4"):
        write_video(folder / name, frames, frame_rate_hz=10.0)
    np.savez(folder / "robot-0.npz", states=np.zeros((9, 4)), actions=np.zeros((9, 4)))
    return folder


@pytest.fixture
def spoilt(folder: Path, tmp_path: Path, refused: Refused) -> Callable[[str], str]:
    """Import the task, which must be refused for one of its files."""

    def spoilt(name: str) -> str:
        def read() -> None:
            n_written, problems = import_clips(tmp_path / "raw", tmp_path / "data", info=INFO)
            assert n_written == 0
            raise ValueError(problems[0])

        return refused(read, naming=folder / name)

    return spoilt


def zeros(path: Path, n_bytes: int) -> None:
    """Write an archive of an array of zeros that unpacks to many bytes: a thousandth of them on the disk."""
    header = np.lib.format.header_data_from_array_1_0(np.zeros(1, np.float32)) | {"shape": (n_bytes // 16, 4)}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("states.npy", "actions.npy"):
            with archive.open(name, "w", force_zip64=True) as file:
                np.lib.format.write_array_header_1_0(file, header)
                for _ in range(n_bytes // 100_000_000):
                    file.write(bytes(100_000_000))


def test_the_task_is_good_as_it_is(folder: Path, tmp_path: Path):
    assert folder.is_dir()
    assert import_clips(tmp_path / "raw", tmp_path / "data", info=INFO) == (1, [])


def test_arrays_that_unpack_to_more_than_memory(folder: Path, spoilt: Callable[[str], str]):
    zeros(folder / "robot-0.npz", 1_100_000_000)
    assert "once unpacked, but at most 2,000,000,000" in spoilt("robot-0.npz")


def test_more_rows_than_any_clip_has(folder: Path, spoilt: Callable[[str], str]):
    np.savez_compressed(
        folder / "robot-0.npz", states=np.zeros((10**7, 4), np.float32), actions=np.zeros((10**7, 1), np.float32)
    )
    assert "choose a smaller image size, or cut the recording" in spoilt("robot-0.npz")


@pytest.mark.parametrize("shape", [(10**12, 4), (2**40,), (-1, 4), (2**70, 2)])
def test_a_shape_that_is_only_stated(folder: Path, spoilt: Callable[[str], str], shape: tuple[int, ...]):
    with zipfile.ZipFile(folder / "robot-0.npz", "w") as archive:
        for name in ("states.npy", "actions.npy"):
            with archive.open(name, "w") as file:
                np.lib.format.write_array_header_1_0(file, {"descr": "<f4", "fortran_order": False, "shape": shape})
                file.write(bytes(64))
    spoilt("robot-0.npz")


@pytest.mark.parametrize("dtype", ["O", "U9", "M8[s]", "V8", "c16", "?", [("a", "f4"), ("b", "f4")]])
def test_arrays_of_anything_but_numbers(folder: Path, spoilt: Callable[[str], str], dtype: object):
    values = np.zeros((9, 4), np.dtype(dtype))
    np.savez(folder / "robot-0.npz", states=values, actions=values)
    spoilt("robot-0.npz")


@pytest.mark.parametrize("bad", [np.nan, np.inf, 1e300, -1e300])
def test_numbers_that_are_none(folder: Path, spoilt: Callable[[str], str], bad: float):
    states = np.zeros((9, 4))
    states[5, 2] = bad
    np.savez(folder / "robot-0.npz", states=states, actions=np.zeros((9, 4)))
    assert "row 5 is not finite" in spoilt("robot-0.npz")


@pytest.mark.parametrize("shape", [(), (9,), (9, 4, 1), (0, 4), (9, 0, 4)])
def test_arrays_of_no_rows_and_columns(folder: Path, spoilt: Callable[[str], str], shape: tuple[int, ...]):
    np.savez(folder / "robot-0.npz", states=np.zeros(shape), actions=np.zeros((9, 4)))
    spoilt("robot-0.npz")


@pytest.mark.parametrize("name", ["robot-0.npz", "robot-0.mp4", "human-0.mp4"])
def test_a_pipe_and_a_link_in_place_of_a_recording(folder: Path, spoilt: Callable[[str], str], name: str):
    (folder / name).unlink()
    os.mkfifo(folder / name)
    assert "named pipe" in spoilt("robot-0.npz" if name.startswith("robot") else name)
    (folder / name).unlink()
    (folder / name).symlink_to("/dev/zero")
    assert "leads out of" in spoilt(name)
    (folder / name).unlink()
    (folder / name).symlink_to(name)  # to itself
    assert name in spoilt("")


@pytest.mark.parametrize("name", ["robot-0.npz", "robot-0.mp4", "human-0.mp4"])
def test_a_folder_in_place_of_a_recording(folder: Path, spoilt: Callable[[str], str], name: str):
    (folder / name).unlink()
    (folder / name).mkdir()
    assert name.partition(".")[0] in spoilt("")


def test_an_archive_of_archives_and_one_of_strange_names(folder: Path, spoilt: Callable[[str], str]):
    with zipfile.ZipFile(folder / "robot-0.npz", "w") as archive:
        archive.writestr("../../states.npy", b"nothing")
        archive.writestr("states.npy", b"\x93NUMPY\x01\x00\xff\xff")
        archive.writestr("actions.npy", b"PK\x03\x04")
    spoilt("robot-0.npz")


@pytest.mark.parametrize("length", [2**16 - 1, 2**32 - 1])
def test_a_header_longer_than_any(tmp_path: Path, refused: Refused, length: int):
    path = tmp_path / "frames.npy"
    size = length.to_bytes(4, "little")
    path.write_bytes(b"\x93NUMPY\x02\x00" + size + b"{'descr': " + b"(" * 60_000)
    refused(lambda: map_array(path, cure="x"), naming=path)
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.write(path, "states.npy")
    refused(lambda: read_arrays(tmp_path / "a.npz", cure="x"), naming=tmp_path / "a.npz")
