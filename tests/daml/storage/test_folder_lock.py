"""Laws of the lock: one writer, and the dead hold nothing."""

import subprocess
import sys
from pathlib import Path

import pytest

from daml.storage.folder_lock import only_writer

HOLDER = """
import sys, time
from daml.storage.folder_lock import only_writer
with only_writer(sys.argv[1]):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_writer_is_refused_until_the_first_is_killed(tmp_path: Path):
    folder = tmp_path / "new" / "run"
    with subprocess.Popen([sys.executable, "-c", HOLDER, str(folder)], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(OSError, match=f"{folder}: another process is writing there"), only_writer(folder):
            pass
        holder.kill()
        holder.wait()
        with only_writer(folder):
            pass


def test_it_is_let_go_of_after_an_error_and_others_are_free(tmp_path: Path):
    with pytest.raises(ZeroDivisionError), only_writer(tmp_path / "a"):
        raise ZeroDivisionError
    with only_writer(tmp_path / "a"), only_writer(tmp_path / "b"):
        pass


def test_a_file_in_the_way_is_named(tmp_path: Path):
    (tmp_path / "run").write_text("")
    with pytest.raises(OSError, match="run"), only_writer(tmp_path / "run"):
        pass
