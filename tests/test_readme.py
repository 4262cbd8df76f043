"""Laws of the README: what it tells people to type works.

A `bash` block's `daml` commands are checked against the command line's own help. A `python` block must compile; one
whose fence says `python run` is run, in an empty folder.
"""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from daml import cli

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(?P<language>[^\n]*)\n(?P<text>.*?)^```", re.MULTILINE | re.DOTALL)


def blocks(language: str) -> list[str]:
    return [block["text"] for block in BLOCK.finditer(README) if block["language"].strip() == language]


def shell_commands() -> list[list[str]]:
    """Split the bash blocks into commands of words, without comments."""
    lines = "\n".join(blocks("bash")).replace("\\\n", " ").splitlines()
    commands = (shlex.split(line, comments=True) for line in lines)
    return [command for command in commands if command]


DAML_COMMANDS = [command for command in shell_commands() if command[0] == "daml"]


@pytest.mark.parametrize("script", ["scripts/demo.sh", "scripts/test.sh"])
def test_the_two_commands_are_there_and_their_scripts_are_executable(script: str):
    assert ["bash", script] in shell_commands()
    assert os.access(ROOT / script, os.X_OK)


@pytest.mark.parametrize(
    "script", ["scripts/demo.sh", "scripts/test.sh", "scripts/setup.sh", "scripts/reproduce.sh", ".ci/run"]
)
def test_scripts_are_valid_shell(script: str):
    check = subprocess.run(["bash", "-n", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert check.returncode == 0, check.stderr


@pytest.mark.parametrize("command", DAML_COMMANDS, ids=shlex.join)
def test_every_option_shown_exists(
    command: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    name = [word for word in command[1:2] if not word.startswith("-")]
    # Wide, so that the help breaks no word.
    monkeypatch.setenv("COLUMNS", "300")
    monkeypatch.setattr(sys, "argv", ["daml", *name, "--help"])
    with pytest.raises(SystemExit) as exit_info:
        cli.main()
    text = capsys.readouterr().out
    assert not exit_info.value.code, text
    for word in command[1:]:
        if word.startswith("--"):
            option = word.partition("=")[0]
            assert re.search(rf"(?<![\w-]){re.escape(option)}(?![\w-])", text), f"daml {name} has no {option}:\n{text}"


@pytest.mark.parametrize("program", [*blocks("python"), *blocks("python run")])
def test_every_program_shown_compiles(program: str):
    compile(program, "README.md", "exec")


@pytest.mark.parametrize("program", blocks("python run"))
def test_every_program_marked_for_it_runs(program: str, tmp_path: Path):
    run = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr


def test_every_file_linked_to_exists():
    targets = re.findall(r"\]\((?!\w+:|#)([^)#\s]+)", README)
    assert [target for target in targets if not (ROOT / target).exists()] == []
