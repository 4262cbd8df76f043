"""Laws of the console command."""

import subprocess
import sys
from pathlib import Path

import pytest

from daml import cli
from daml.evaluation.evaluation_config import EvaluationConfig


def fail_with(error: BaseException):
    def run(*_: object):
        raise error

    return run


def refuse(*_: object):
    EvaluationConfig(n_tasks=0)


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_command_has_its_help(name: str, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as stopped:
        cli.main([name, "--help"])
    assert not stopped.value.code
    text = capsys.readouterr().out
    assert text.count(f"usage: daml {name}") == len(cli.COMMANDS[name].functions)
    assert {"dataset": "validate", "report": "PATH", "app": "--token"}.get(name, "--output") in text


def test_the_help_lists_every_command(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as stopped:
        cli.main(["--help"])
    assert not stopped.value.code
    text = capsys.readouterr().out
    assert all(f"  {name} " in text and command.summary in text for name, command in cli.COMMANDS.items())


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_command_is_there(name: str):
    command = cli.COMMANDS[name]
    for function in command.functions.values():
        assert callable(cli.load(command, function))


def test_the_help_loads_neither_torch_nor_mujoco():
    program = (
        "import sys\nfrom daml import cli\ntry:\n    cli.main(['--help'])\nexcept SystemExit:\n"
        "    print(sorted({'torch', 'mujoco', 'cv2', 'av', 'tyro'} & set(sys.modules)), file=sys.stderr)"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stderr.strip() == "[]"


def test_the_package_can_be_run():
    run = subprocess.run([sys.executable, "-m", "daml", "--help"], capture_output=True, text=True, check=True)
    assert run.stdout.startswith("usage: daml COMMAND")


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["fly"],
        ["demo", "--no-such-option"],
        ["collect"],
        ["demo", "--index", "x"],
        ["evaluate", "--output", "x.json", "--video", "x.mp4", "--control", "no-demo"],
        ["evaluate", "--output", "x.json", "--video=x.mp4", "--shift", "light"],
        ["evaluate", "--output", "x.json", "--scene", "x.toml", "--n-tasks", "3"],
        ["evaluate", "--output", "x.json", "--start", "1"],
        ["evaluate-policy", "x", "--output", "x.json", "--control", "no-demo"],
        ["evaluate-policy", "x", "--output", "x.json", "--scene", "x.toml", "--split", "test"],
    ],
)
def test_a_wrong_command_line_exits_with_2(words: list[str], capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as stopped:
        cli.main(words)
    assert stopped.value.code == 2
    assert capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "line", "status"),
    [
        (OSError(28, "No space left on device", "out.json"), "out.json: No space left on device", 1),
        (PermissionError("out.json:\nno permission"), "out.json: no permission", 2),
        (OSError(), "OSError", 2),
    ],
)
def test_an_error_of_the_system_is_one_line_and_exits_with_2_or_1_where_the_disk_is_full(
    error: Exception, line: str, status: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(cli, "_run", fail_with(error))
    with pytest.raises(SystemExit) as stopped:
        cli.main(["demo"])
    assert stopped.value.code == status
    assert capsys.readouterr().err == f"daml: error: {line}\n"


def test_what_the_package_refuses_is_one_line_and_exits_with_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(cli, "_run", refuse)
    with pytest.raises(SystemExit) as stopped:
        cli.main(["evaluate"])
    assert stopped.value.code == 2
    assert capsys.readouterr().err == "daml: error: n_tasks: expected at least 1, got 0\n"


@pytest.mark.parametrize("error", [KeyError("verdict"), ValueError("shapes"), RuntimeError("size mismatch")])
def test_a_fault_of_ours_is_not_taken_for_bad_input(error: Exception, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(cli, "_run", fail_with(error))
    with pytest.raises(type(error)):
        cli.main(["demo"])


@pytest.mark.parametrize("words", [["evaluate", "--debug"], ["evaluate"]])
def test_in_debugging_every_error_shows_its_traceback(words: list[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(cli, "_run", refuse)
    if "--debug" not in words:
        monkeypatch.setenv("DAML_DEBUG", "1")
    with pytest.raises(ValueError, match="expected at least 1"):
        cli.main(words)


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
    assert run.stderr == "daml: error: task kind 'fly' is unknown; valid kinds: place, push, pick-place, tabletop\n"


def test_filming_needs_no_torch():
    program = (
        "import sys; from daml import cli; cli.load(cli.COMMANDS['record'], 'record'); sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_a_users_own_folders_of_the_same_names_are_never_run(tmp_path: Path):
    for name in ("envs", "demos", "policies"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise SystemExit('ran the user\\'s code')\n", encoding="utf-8")
    (tmp_path / "film.py").write_text("raise SystemExit('ran the user\\'s code')\n", encoding="utf-8")
    words = ["record", "--simulate", "--output", "human.mp4", "--task", "place"]
    for command in ([sys.executable, "-m", "daml", *words], [sys.executable, "-c", "import daml; daml.Progress"]):
        run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert run.returncode == 0, run.stderr
    assert (tmp_path / "human.mp4").exists()
