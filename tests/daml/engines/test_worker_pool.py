"""Laws of processes that do jobs."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import pytest

from daml.engines import worker_pool
from daml.engines.jobs import do
from daml.engines.worker_pool import open_pool
from daml.terminal.endings import Stopped


def note(path: Path) -> int:
    path.write_text(str(os.getpid()), encoding="ascii")
    time.sleep(0.2)
    return os.getpid()


def kill_oneself(_: int) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_job_is_done_by_another_process(tmp_path: Path):
    with open_pool(1, note) as pool:
        assert pool.submit(do, tmp_path / "a").result() != os.getpid()


def test_a_killed_worker_is_missed():
    with pytest.raises(BrokenProcessPool):
        run_in_pool(kill_oneself)


def run_in_pool(job: Callable[[int], None]) -> None:
    with open_pool(1, job) as pool:
        pool.submit(do, 1).result()


def test_a_signal_that_has_ended_a_worker_too_is_the_reason_that_is_told(monkeypatch: pytest.MonkeyPatch):
    def receive(_seconds: float) -> None:
        raise Stopped(signal.SIGTERM)

    monkeypatch.setattr(worker_pool.time, "sleep", receive)
    with pytest.raises(Stopped):
        run_in_pool(kill_oneself)


COLLECT = [sys.executable, "-m", "daml", "collect", "--kinds", "place", "--train-tasks", "40", "--robots", "1"]


def alive(session: int) -> list[str]:
    """Return the states of the processes of a session, but for those that only wait to be buried."""
    states = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, _, of = path.read_text(encoding="utf-8").rpartition(") ")[2].split()[:4]
        except OSError:  # has ended meanwhile
            continue
        if int(of) == session and state != "Z":
            states.append(state)
    return states


def shared_memory(process: int) -> set[Path]:
    """Return the files in shared memory that a process holds."""
    lines = Path(f"/proc/{process}/maps").read_text(encoding="utf-8").splitlines()
    return {Path(line.split()[-1]) for line in lines if "/dev/shm/" in line}


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are counted in /proc")
@pytest.mark.parametrize(
    ("number", "send"), [(signal.SIGTERM, os.kill), (signal.SIGHUP, os.killpg)], ids=["SIGTERM", "SIGHUP to all"]
)
def test_a_stopped_collection_leaves_no_process_and_nothing_in_shared_memory(
    number: signal.Signals, send: Callable[[int, int], None], tmp_path: Path
):
    command = [*COLLECT, "--image-size", "16", "--workers", "2", "--output", str(tmp_path / "set")]
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and not any((tmp_path / "set").glob("train/place-*")):
            time.sleep(0.05)
        shared = shared_memory(process.pid)
        assert shared
        send(process.pid, number)
        _, complaints = process.communicate(timeout=60)
        assert (process.returncode, len(complaints.splitlines())) == (128 + number, 1), complaints
        assert complaints.startswith(f"daml: stopped by {number.name}; run the same command again")
        time.sleep(1)
        assert alive(process.pid) == []
    finally:
        if alive(process.pid):
            os.killpg(process.pid, signal.SIGKILL)
    assert [path for path in shared if path.exists()] == []
