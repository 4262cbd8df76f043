"""Laws of folders that several processes replace at once."""

import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock, Timeout

from daml.storage import folder_swap
from daml.storage.folder_swap import make_locked, swap_in
from daml.storage.saved_folder import SavedFolder


def make(folder: Path, content: str) -> Path:
    folder.mkdir()
    (folder / "file").write_text(content)
    return folder


def test_a_folder_takes_the_place_of_the_one_before_which_is_kept_aside(tmp_path: Path):
    make(tmp_path / "name", "old")
    swap_in(make(tmp_path / "new", "new"), tmp_path / "name", aside=tmp_path / "aside")
    assert (tmp_path / "name" / "file").read_text() == "new"
    assert (tmp_path / "aside" / "file").read_text() == "old"
    swap_in(make(tmp_path / "new", "first"), tmp_path / "other", aside=tmp_path / "unused")
    assert (tmp_path / "other" / "file").read_text() == "first"
    assert not (tmp_path / "unused").exists()


def test_one_that_came_in_between_gives_way_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    rename, meanwhile = Path.rename, ["faster", "faster still"]

    def slow(self: Path, target: Path) -> Path:
        if self.name == "new" and meanwhile:
            make(tmp_path / "name", meanwhile.pop())
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", slow)
    swap_in(make(tmp_path / "new", "new"), tmp_path / "name", aside=tmp_path / "aside")
    assert (tmp_path / "name" / "file").read_text() == "new"
    assert not meanwhile


def test_the_lock_of_a_new_folder_is_held(tmp_path: Path):
    folder, lock = make_locked(tmp_path, prefix=".a.", suffix=".part", lock_name="lock")
    assert (folder.parent, folder.name[:3], folder.suffix) == (tmp_path, ".a.", ".part")
    with pytest.raises(Timeout), FileLock(folder / "lock", timeout=0):
        pass
    lock.release()


def test_a_folder_that_is_taken_for_a_dead_writers_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    class Removing(FileLock):
        remaining = 2

        def acquire(self, *args, **kwargs):
            held = super().acquire(*args, **kwargs)
            if Removing.remaining:
                Removing.remaining -= 1
                Path(self.lock_file).unlink()
            return held

    monkeypatch.setattr(folder_swap, "FileLock", Removing)
    folder, lock = make_locked(tmp_path, prefix=".a.", suffix=".part", lock_name="lock")
    assert (folder / "lock").exists()
    lock.release()


def test_two_processes_write_one_folder_at_once_and_neither_fails(tmp_path: Path):
    program = (
        "import sys, torch\n"
        "from daml.storage.saved_folder import SavedFolder\n"
        "for n in range(25):\n"
        "    SavedFolder('prior', {'by': sys.argv[2]}, {'x': torch.zeros(9)}).write(sys.argv[1])\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "out")]
    writers = [subprocess.Popen([*command, name], stderr=subprocess.PIPE, text=True) for name in "ab"]
    errors = [writer.communicate()[1] for writer in writers]
    assert [writer.returncode for writer in writers] == [0, 0], errors
    assert SavedFolder.read(tmp_path / "out", kind="prior").settings["by"] in "ab"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
