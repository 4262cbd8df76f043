import contextlib
import json
import os
import shutil
from pathlib import Path

import pytest
import torch
from filelock import FileLock

from daml.storage.saved_folder import SavedFolder, check_tensors, recover

CONTENT = SavedFolder(kind="prior", settings={"a": [1, 2]}, tensors={"x": torch.arange(3.0), "y": torch.tensor(1)})


def test_a_written_folder_reads_back_the_same(tmp_path: Path):
    CONTENT.write(tmp_path / "deep" / "folder")
    read = SavedFolder.read(tmp_path / "deep" / "folder", kind="prior")

    assert read.settings == CONTENT.settings
    assert read.tensors.keys() == CONTENT.tensors.keys()
    assert all(torch.equal(read.tensors[name], value) for name, value in CONTENT.tensors.items())


def test_nothing_is_left_beside_the_folder(tmp_path: Path):
    CONTENT.write(tmp_path / "folder")
    CONTENT.write(tmp_path / "folder")

    assert [path.name for path in tmp_path.iterdir()] == ["folder"]
    assert sorted(path.name for path in (tmp_path / "folder").iterdir()) == ["config.json", "model.safetensors"]


def test_a_failed_write_leaves_the_old_folder(tmp_path: Path):
    CONTENT.write(tmp_path / "folder")
    with pytest.raises(TypeError):
        SavedFolder(kind="prior", settings={"a": object()}, tensors={}).write(tmp_path / "folder")

    assert SavedFolder.read(tmp_path / "folder", kind="prior").settings == CONTENT.settings
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


class KilledError(BaseException):
    """Stands for the end of the process: no clean-up runs, but the operating system lets go of locks."""


@pytest.mark.parametrize("n_renames", [0, 1, 2])
def test_a_writer_killed_at_any_moment_leaves_a_whole_folder(
    n_renames: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    CONTENT.write(tmp_path / "folder")
    newer = SavedFolder(kind="prior", settings={"a": [3]}, tensors=CONTENT.tensors)
    done, rename = [], Path.rename

    def stop(self: Path, target: Path) -> Path:
        if len(done) == n_renames:
            raise KilledError
        done.append(target)
        return rename(self, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", stop)
        patched.setattr(shutil, "rmtree", lambda *_args, **_kwargs: None)
        with contextlib.suppress(KilledError):
            newer.write(tmp_path / "folder")
    assert len(list(tmp_path.iterdir())) == (1 if n_renames == 1 else 2)
    recover(tmp_path / "folder")
    read = SavedFolder.read(tmp_path / "folder", kind="prior")
    assert read.settings == (CONTENT.settings if n_renames == 0 else newer.settings)
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_the_new_folder_is_on_the_disk_before_the_old_one_is_moved_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    CONTENT.write(tmp_path / "folder")
    flushed: list[str] = []
    fsync, rename = os.fsync, Path.rename

    def note(descriptor: int):
        flushed.append(Path(f"/proc/self/fd/{descriptor}").readlink().name)
        fsync(descriptor)

    def check(self: Path, target: Path) -> Path:
        assert {"config.json", "model.safetensors", "new"} <= set(flushed)
        return rename(self, target)

    monkeypatch.setattr(os, "fsync", note)
    monkeypatch.setattr(Path, "rename", check)
    CONTENT.write(tmp_path / "folder")
    assert flushed[-1] == tmp_path.name


def test_a_writer_at_work_and_other_folders_are_left_alone(tmp_path: Path):
    at_work, of_another = tmp_path / ".folder.abcd1234.part", tmp_path / ".folder.b.abcd1234.part"
    at_work.mkdir()
    of_another.mkdir()
    with FileLock(at_work / "lock"):
        recover(tmp_path / "folder")
        assert at_work.exists()
    recover(tmp_path / "folder")
    assert list(tmp_path.iterdir()) == [of_another]


def test_a_write_that_is_stopped_between_two_renames_leaves_the_old_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    CONTENT.write(tmp_path / "prior")
    rename = Path.rename

    def stop(self: Path, target: Path) -> Path:
        if self.name == "new":
            raise KeyboardInterrupt
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", stop)
    with pytest.raises(KeyboardInterrupt):
        SavedFolder("prior", {"a": [3]}, CONTENT.tensors).write(tmp_path / "prior")

    assert SavedFolder.read(tmp_path / "prior", kind="prior").settings == CONTENT.settings
    assert [path.name for path in tmp_path.iterdir()] == ["prior"]


def test_a_full_disk_is_told_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    CONTENT.write(tmp_path / "folder")

    def fail(_self: Path, _content: bytes):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", fail)
    with pytest.raises(OSError, match=r"folder: cannot be written \(No space left on device\); check the free space"):
        SavedFolder(kind="prior", settings={}, tensors={}).write(tmp_path / "folder")
    assert SavedFolder.read(tmp_path / "folder", kind="prior").settings == CONTENT.settings
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_a_folder_with_other_files_is_never_replaced(tmp_path: Path):
    (tmp_path / "precious.txt").write_text("mine")

    with pytest.raises(ValueError, match="holds other files"):
        CONTENT.write(tmp_path)
    assert (tmp_path / "precious.txt").read_text() == "mine"


def test_a_file_is_never_replaced(tmp_path: Path):
    (tmp_path / "file").write_text("mine")

    with pytest.raises(ValueError, match="found a file"):
        CONTENT.write(tmp_path / "file")


def test_what_is_no_folder_is_refused(tmp_path: Path):
    (tmp_path / "file").write_text("")

    with pytest.raises(ValueError, match="expected the folder of a prior, found nothing"):
        SavedFolder.read(tmp_path / "absent", kind="prior")
    with pytest.raises(ValueError, match="expected the folder of a prior, found a file"):
        SavedFolder.read(tmp_path / "file", kind="prior")


@pytest.mark.parametrize("name", ["config.json", "model.safetensors"])
def test_a_missing_file_is_named(tmp_path: Path, name: str):
    CONTENT.write(tmp_path / "folder")
    (tmp_path / "folder" / name).unlink()

    with pytest.raises(ValueError, match=f"no prior, since {name} is missing"):
        SavedFolder.read(tmp_path / "folder", kind="prior")


def test_corrupt_tensors_are_refused(tmp_path: Path):
    CONTENT.write(tmp_path / "folder")
    file = tmp_path / "folder" / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-5])

    with pytest.raises(ValueError, match=r"model.safetensors: corrupt"):
        SavedFolder.read(tmp_path / "folder", kind="prior")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "config.json: .*truncated"),
        ("[]", "config.json: Expected object, got array"),
        ('{"provenance": ' + 500 * "[" + 500 * "]" + "}", "config.json: brackets nested more than"),
        ('{"initial_step_size": NaN}', "config.json: JSON is malformed"),
        (json.dumps({"kind": "cake", "format_version": 1}), "found one of kind 'cake'"),
        (json.dumps({"kind": "prior", "format_version": 99}), "format version 99, but this release of daml reads"),
        (json.dumps({"kind": "prior"}), "format version None"),
    ],
)
def test_wrong_settings_are_refused(tmp_path: Path, text: str, message: str):
    CONTENT.write(tmp_path / "folder")
    (tmp_path / "folder" / "config.json").write_text(text)

    with pytest.raises(ValueError, match=message):
        SavedFolder.read(tmp_path / "folder", kind="prior")


@pytest.mark.parametrize(
    ("found", "message"),
    [
        ({"x": torch.zeros(3)}, "1 tensors are missing, the first is y"),
        ({"x": torch.zeros(3), "y": torch.tensor(1), "z": torch.zeros(1)}, "1 tensors are unexpected, the first is z"),
        ({"x": torch.zeros(4), "y": torch.tensor(1)}, r"tensor x has shape \(4,\), but config.json calls for \(3,\)"),
    ],
)
def test_tensors_that_do_not_fit_are_refused(found: dict[str, torch.Tensor], message: str):
    with pytest.raises(ValueError, match=message):
        check_tensors("folder", found, expected=CONTENT.tensors)
