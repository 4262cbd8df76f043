import errno
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from daml.demos.disk import naming, opened_file, put_in_place, read_file, written_whole


def watch_the_disk(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note in their order which names are flushed, and which are given."""
    done: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def note_flush(descriptor: int):
        done.append(f"flush {Path(f'/proc/self/fd/{descriptor}').readlink().name}")
        fsync(descriptor)

    def note_name(self: Path, target: Path) -> Path:
        done.append(f"name {target.name}")
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", note_flush)
    monkeypatch.setattr(Path, "replace", note_name)
    return done


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), OSError("99 requested and 0 written")])
def test_an_error_without_a_name_gets_one(error: OSError):
    reason = error.strerror or str(error)
    with (
        pytest.raises(OSError, match=rf"^data/x: cannot be written \({reason}\); check the free space"),
        naming("data/x"),
    ):
        raise error


def test_an_error_with_a_name_and_other_errors_pass(tmp_path: Path):
    with pytest.raises(FileNotFoundError), naming("data/x"):
        (tmp_path / "none" / "file").write_text("")
    with pytest.raises(ZeroDivisionError), naming("data/x"):
        raise ZeroDivisionError


def test_a_file_appears_whole_and_keeps_its_suffix(tmp_path: Path):
    path = tmp_path / "clip.mp4"
    path.write_text("before")
    with written_whole(path) as part:
        part.write_text("after")
        assert (part.parent, part.suffix, path.read_text()) == (tmp_path, ".mp4", "before")
    assert (path.read_text(), list(tmp_path.iterdir())) == ("after", [path])


def test_a_folder_is_made_for_a_file(tmp_path: Path):
    with written_whole(tmp_path / "a" / "b" / "clip.mp4") as part:
        part.write_text("after")
    assert (tmp_path / "a" / "b" / "clip.mp4").read_text() == "after"


def test_a_folder_that_cannot_be_made_is_an_error_that_names_it(tmp_path: Path):
    (tmp_path / "a").write_text("a file")
    with pytest.raises(FileExistsError, match=f"{tmp_path / 'a'}'$"), written_whole(tmp_path / "a" / "clip.mp4"):
        pytest.fail("there is nowhere to write")


def test_a_file_that_fails_leaves_the_one_before(tmp_path: Path):
    path = tmp_path / "state"
    path.write_text("before")

    def fill(part: Path) -> None:
        part.write_text("half")
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match=f"^{path}: cannot be written"), written_whole(path) as part:
        fill(part)
    assert (path.read_text(), list(tmp_path.iterdir())) == ("before", [path])


def test_a_file_is_opened_and_read_whole(tmp_path: Path):
    (tmp_path / "a.txt").write_bytes(b"12345")
    (tmp_path / "link").symlink_to("a.txt")
    for name in ("a.txt", "link"):
        with opened_file(tmp_path / name) as file:
            assert file.read() == b"12345"
        assert read_file(tmp_path / name, largest=5) == b"12345"
    with pytest.raises(ValueError, match=r"a.txt: more than 4 bytes"):
        read_file(tmp_path / "a.txt", largest=4)


def test_what_is_no_file_is_named_and_not_waited_for(tmp_path: Path):
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket"))
    cases = {tmp_path: "a folder", tmp_path / "pipe": "a named pipe", tmp_path / "socket": "a socket"}
    for path, found in {**cases, Path("/dev/zero"): "a device"}.items():
        with pytest.raises(ValueError, match=f"{path}: expected a file, found {found}"):
            opened_file(path)
    with pytest.raises(FileNotFoundError):
        opened_file(tmp_path / "none")


def test_a_file_is_on_the_disk_before_it_gets_its_name_and_its_name_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    done = watch_the_disk(monkeypatch)
    with written_whole(tmp_path / "state") as part:
        part.write_text("all")
    assert done == [f"flush {part.name}", "name state", f"flush {tmp_path.name}"]


def test_so_is_a_folder_with_all_that_is_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    part = tmp_path / "part"
    (part / "deep").mkdir(parents=True)
    for name in ("a", "deep/b"):
        (part / name).write_text(name)
    done = watch_the_disk(monkeypatch)

    put_in_place(part, tmp_path / "task")

    assert sorted(done[:4]) == ["flush a", "flush b", "flush deep", "flush part"]
    assert done[4:] == ["name task", f"flush {tmp_path.name}"]
    assert (tmp_path / "task" / "deep" / "b").read_text() == "deep/b"


def test_a_file_system_that_cannot_flush_folders_is_put_up_with_and_a_failing_disk_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def write(number: int) -> None:
        def refuse(_descriptor: int):
            raise OSError(number, os.strerror(number))

        monkeypatch.setattr(os, "fsync", refuse)
        with written_whole(tmp_path / "state") as part:
            part.write_text("all")

    write(errno.EINVAL)
    assert (tmp_path / "state").read_text() == "all"
    with pytest.raises(OSError, match="state: cannot be written"):
        write(errno.EIO)


def test_what_a_killed_writer_left_is_taken_over(tmp_path: Path):
    kill_while_writing = (
        "import os, signal, sys\nfrom daml.demos.disk import written_whole\n"
        "with written_whole(sys.argv[1]) as part:\n    part.write_text('half')\n"
        "    os.kill(os.getpid(), signal.SIGKILL)"
    )
    path = tmp_path / "a.json"
    subprocess.run([sys.executable, "-c", kill_while_writing, str(path)], check=False)
    assert [entry.suffix for entry in tmp_path.iterdir()] == [".json"]
    assert not path.exists()
    with written_whole(path) as part:
        part.write_text("whole")
    assert ([*tmp_path.iterdir()], path.read_text()) == ([path], "whole")


def test_two_writers_of_one_file_have_places_of_their_own(tmp_path: Path):
    path = tmp_path / "a.json"
    os.mkfifo(tmp_path / ".a.2.part.json")  # whatever is there already is neither waited for nor removed
    with written_whole(path) as first, written_whole(path) as second:
        first.write_text("first")
        second.write_text("second")
    assert path.read_text() == "first"  # the last one to end
    assert {entry.name for entry in tmp_path.iterdir()} == {"a.json", ".a.2.part.json"}
