"""Laws of who does the jobs of a command."""

from pathlib import Path

import pytest

from daml import cli
from daml.terminal.worker_options import WorkerOptions


def test_processes_of_this_machine_are_the_default():
    assert WorkerOptions().open() is None
    assert WorkerOptions(workers=3).open() == 3


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (WorkerOptions(workers=0), "workers: expected at least 1, got 0"),
        (WorkerOptions(address="auto"), "give --engine ray with it"),
    ],
)
def test_what_makes_no_sense_is_refused(options: WorkerOptions, message: str):
    with pytest.raises(ValueError, match=message):
        options.open()


def test_the_command_line_says_who_works(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit):
        cli.main(["collect", "--output", str(tmp_path / "set"), "--workers", "0"])
    assert "workers: expected at least 1, got 0" in capsys.readouterr().err
