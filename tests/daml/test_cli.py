"""Laws of the console command."""

import subprocess
import sys

import pytest

from daml import cli


def fail_with(error: BaseException):
    def run(*_: object):
        raise error

    return run


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_command_has_its_help(name: str, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as stopped:
        cli.main([name, "--help"])
    assert not stopped.value.code
    text = capsys.readouterr().out
    assert f"usage: daml {name}" in text
    assert {"dataset": "validate", "report": "PATH"}.get(name, "--output") in text


def test_the_help_lists_every_command(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as stopped:
        cli.main(["--help"])
    assert not stopped.value.code
    text = capsys.readouterr().out
    assert all(name in text for name in cli.COMMANDS)


@pytest.mark.parametrize("words", [[], ["fly"], ["demo", "--no-such-option"], ["collect"], ["demo", "--index", "x"]])
def test_a_wrong_command_line_exits_with_2(words: list[str], capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as stopped:
        cli.main(words)
    assert stopped.value.code == 2
    assert capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (ValueError("two\nlines"), "two lines"),
        (OSError(28, "No space left on device", "out.json"), "out.json: No space left on device"),
        (PermissionError("out.json: no permission"), "out.json: no permission"),
        (RuntimeError("nothing renders"), "nothing renders"),
        (FloatingPointError("the loss became nan"), "the loss became nan"),
        (ImportError("needs OpenCV"), "needs OpenCV"),
        (ValueError(), "ValueError"),
    ],
)
def test_an_error_is_one_line_and_exits_with_2(
    error: Exception, line: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(cli, "_run", fail_with(error))
    with pytest.raises(SystemExit) as stopped:
        cli.main(["demo"])
    assert stopped.value.code == 2
    assert capsys.readouterr().err == f"daml: error: {line}\n"


def test_a_mistake_of_ours_is_not_taken_for_bad_input(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(cli, "_run", fail_with(KeyError("verdict")))
    with pytest.raises(KeyError):
        cli.main(["demo"])


def test_ctrl_c_is_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.setattr(cli, "_run", fail_with(KeyboardInterrupt()))
    with pytest.raises(SystemExit) as stopped:
        cli.main(["train"])
    assert stopped.value.code == 130
    assert capsys.readouterr().err == "daml: stopped by Ctrl-C; run the same command again to go on where it was\n"


def test_bad_input_to_the_program_itself():
    program = "from daml.cli import main; main()"
    words = ["record", "--simulate", "--output", "x.mp4", "--task", "fly"]
    run = subprocess.run([sys.executable, "-c", program, *words], capture_output=True, text=True, check=False)
    assert run.returncode == 2
    assert run.stdout == ""
    assert run.stderr == "daml: error: task kind 'fly' is unknown; valid kinds: place, push, pick-place\n"


def test_filming_needs_no_torch():
    program = "import sys; from daml import cli; cli._load('record'); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
