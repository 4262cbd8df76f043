"""Laws of commands that are ended from outside."""

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from daml.terminal.endings import Stopped, ended_in_one_line, is_short_of_memory


def end_with(error: BaseException, command: str = "train") -> object:
    """Return the exit status of a command that is ended by an error."""
    with pytest.raises(SystemExit) as ended, ended_in_one_line([command]):
        raise error
    return ended.value.code


@pytest.mark.parametrize(
    ("error", "status", "name"),
    [
        (KeyboardInterrupt(), 130, "Ctrl-C"),
        (Stopped(signal.SIGTERM), 143, "SIGTERM"),
        (Stopped(signal.SIGHUP), 129, "SIGHUP"),
    ],
)
@pytest.mark.parametrize(
    ("command", "next_step"),
    [
        *((command, "run the same command again to go on where it was") for command in ("collect", "train", "dataset")),
        *((command, "what was not complete has not been written") for command in ("adapt", "record", "doctor")),
    ],
)
def test_a_stop_is_one_line_that_is_true_of_the_command(
    error: KeyboardInterrupt,
    status: int,
    name: str,
    command: str,
    next_step: str,
    capsys: pytest.CaptureFixture[str],
):
    assert end_with(error, command) == status
    assert capsys.readouterr().err == f"daml: stopped by {name}; {next_step}\n"


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        MemoryError("Unable to allocate 4.00 TiB"),
        OSError(errno.ENOMEM, "Cannot allocate memory"),
        RuntimeError("[enforce fail at alloc_cpu.cpp:124] DefaultCPUAllocator: can't allocate memory: you tried"),
        RuntimeError("CUDA out of memory. Tried to allocate 20.00 MiB" + "x" * 5000),
        ValueError("OpenCV(5.0.0) error: (-4:Insufficient memory) Failed to allocate"),
    ],
)
def test_short_memory_is_one_line_whoever_runs_short(error: Exception, capsys: pytest.CaptureFixture[str]):
    assert is_short_of_memory(error)
    assert end_with(error) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("daml: error: the machine has not enough memory (")
    assert len(line) < 400


@pytest.mark.parametrize("error", [ValueError("bad"), KeyError("bug"), OSError(errno.ENOENT, "none"), SystemExit(3)])
def test_other_errors_are_passed_on(error: BaseException):
    assert not is_short_of_memory(error)
    with pytest.raises(type(error)) as passed, ended_in_one_line(["train"]):
        raise error
    assert passed.value is error


def test_signals_are_handled_as_before_afterwards():
    before = signal.getsignal(signal.SIGTERM)
    with ended_in_one_line(["train"]):
        assert signal.getsignal(signal.SIGTERM) != before
    assert signal.getsignal(signal.SIGTERM) == before


SLEEPER = (
    "import time; from daml import cli\n"
    "cli._run = lambda words: (print('began', flush=True), time.sleep(60))\n"
    "cli.main(['train'])"
)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
def test_a_signal_ends_the_program_with_its_status(number: signal.Signals):
    process = subprocess.Popen(
        [sys.executable, "-c", SLEEPER], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "began\n"
    process.send_signal(number)
    _, complaints = process.communicate(timeout=20)
    assert (process.returncode, len(complaints.splitlines())) == (128 + number, 1), complaints


def test_under_nohup_the_end_of_the_terminal_is_ignored():
    command = ["nohup", sys.executable, "-c", SLEEPER.replace("sleep(60)", "sleep(1)")]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "began\n"
    process.send_signal(signal.SIGHUP)
    process.communicate(timeout=20)
    assert process.returncode == 0


PRINTER = "from daml import cli; cli._run = lambda words: [print('line', i) for i in range({n})]; cli.main(['train'])"


@pytest.mark.parametrize("n", [1, 100_000])
def test_a_reader_that_has_seen_enough_ends_the_program_quietly(n: int):
    ended = run_script(PRINTER.format(n=n), "| true; exit ${PIPESTATUS[0]}")
    assert (ended.returncode, ended.stderr) == (141, b"")


def run_script(program: str, tail: str = "", **environment: str) -> subprocess.CompletedProcess[bytes]:
    line = f'"{sys.executable}" -c "{program}" {tail}'
    return subprocess.run(["bash", "-c", line], capture_output=True, check=False, env=os.environ | environment)


def test_a_full_disk_behind_standard_output_is_one_line():
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    ended = run_script(PRINTER.format(n=1), "> /dev/full")
    assert (ended.returncode, len(ended.stderr.splitlines())) == (1, 1), ended.stderr


@pytest.mark.parametrize("tail", [">&-", ">&- 2>&-", "2>&-"])
def test_closed_streams_are_no_obstacle(tail: str):
    assert run_script(PRINTER.format(n=3), tail).returncode == 0


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_a_text_that_the_terminal_cannot_show_is_shown_as_far_as_it_can(encoding: str):
    program = (
        "from daml import cli; from daml.terminal.console import say; "
        "cli._run = lambda words: say('\\u2581\\u00e9\\udcff x'); cli.main(['inspect'])"
    )
    ended = run_script(program, PYTHONIOENCODING=encoding)
    assert (ended.returncode, ended.stderr) == (0, b"")
    assert ended.stdout.endswith(b"x\n")
