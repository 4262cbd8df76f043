"""Laws of README and docs: what they tell people to type works, and what they name is there.

A `bash` block's `daml` commands are parsed by the command line itself, but not carried out. A `python` block must
compile; one whose fence says `python run` is run, in an empty folder.
"""

import functools
import importlib
import importlib.util
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

import daml
from daml import cli, demos, envs, maml, policies

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
PAGES = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for path in (README, ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md")))
}
BLOCK = re.compile(r"^```(?P<language>[^\n]*)\n(?P<text>.*?)^```", re.MULTILINE | re.DOTALL)
MOST_BYTES = 8_000
"""README fits on a page."""
MOST_WORDS = 30
"""In a sentence of it."""


def blocks(*languages: str) -> list[tuple[str, str]]:
    """Return the page and the text of each block in some languages."""
    found = ((page, block) for page, text in PAGES.items() for block in BLOCK.finditer(text))
    return [(page, block["text"]) for page, block in found if block["language"].strip() in languages]


def shell_commands(*languages: str) -> list[list[str]]:
    """Split shell blocks into commands of words, without comments; each once."""
    lines = "\n".join(text for _, text in blocks(*languages)).replace("\\\n", " ").splitlines()
    commands = dict.fromkeys(tuple(shlex.split(line, comments=True)) for line in lines)
    return [list(command) for command in commands if command]


def commands_of(program: str) -> list[list[str]]:
    """Return the commands of one program, also where another one starts it, on this machine or on a cluster."""
    entrypoints = [shlex.split(line) for _, text in blocks("yaml") for line in re.findall("entrypoint: (.*)", text)]
    shown = [*shell_commands("bash", "sh"), *entrypoints]
    commands = [command[command.index(program) :] for command in shown if program in command]
    return [command for command in commands if len(command) > 1]


def prose(page: str) -> str:
    """Return a page without blocks, tables, headings and pictures; links by their words."""
    text = BLOCK.sub("", PAGES[page])
    lines = [line for line in text.splitlines() if not line.startswith(("|", "#", "!["))]
    return re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", "\n".join(lines))


def test_readme_fits_on_a_page():
    assert README.stat().st_size <= MOST_BYTES


def test_sentences_of_the_readme_are_short():
    sentences = re.split(r"(?<=[.:?!])\s+(?=[^\da-z])|\n\n|\n- ", prose("README.md"))
    assert [sentence for sentence in sentences if len(sentence.split()) > MOST_WORDS] == []


@pytest.mark.parametrize("script", ["scripts/demo.sh", "scripts/test.sh"])
def test_the_two_commands_are_there_and_their_scripts_are_executable(script: str):
    assert f"bash {script}\n" in PAGES["README.md"]
    assert os.access(ROOT / script, os.X_OK)


@pytest.mark.parametrize(
    "script", ["scripts/demo.sh", "scripts/test.sh", "scripts/setup.sh", "scripts/reproduce.sh", ".ci/run"]
)
def test_scripts_are_valid_shell(script: str):
    check = subprocess.run(["bash", "-n", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert check.returncode == 0, check.stderr


@pytest.mark.parametrize(("page", "text"), blocks("bash", "sh"))
def test_every_shell_block_is_valid_shell(page: str, text: str):
    check = subprocess.run(["bash", "-n"], input=text, capture_output=True, text=True, check=False)
    assert check.returncode == 0, f"{page}: {check.stderr}"


@pytest.mark.parametrize(("page", "text"), blocks("yaml"))
def test_every_manifest_is_valid_yaml_of_kubernetes(page: str, text: str):
    manifest = yaml.safe_load(text)
    assert {"apiVersion", "kind", "metadata", "spec"} <= set(manifest), page


@pytest.mark.parametrize("command", commands_of("daml"), ids=shlex.join)
def test_every_command_shown_is_understood(command: list[str], monkeypatch: pytest.MonkeyPatch):
    load = cli.load

    def load_idle(command: cli.Command, function: str) -> Callable[..., None]:
        @functools.wraps(load(command, function))
        def do_nothing(*_: object, **__: object) -> None: ...

        return do_nothing

    monkeypatch.setattr(cli, "load", load_idle)
    cli.main(command[1:])


def script_commands() -> list[list[str]]:
    """Return the commands that run a script of this repository, without the program that runs it."""
    return [command[1:] for command in shell_commands("bash") if command[0] in ("bash", "python")]


@pytest.mark.parametrize("command", script_commands(), ids=shlex.join)
def test_every_script_shown_has_the_options_shown(command: list[str]):
    script, *words = command
    own = words[: words.index("--")] if "--" in words else words
    text = (ROOT / script).read_text(encoding="utf-8")
    assert [word for word in own if word.startswith("--") and word not in text] == []


@pytest.mark.parametrize(("page", "program"), blocks("python", "python run"))
def test_every_program_shown_compiles(page: str, program: str):
    compile(program, page, "exec")


@pytest.mark.parametrize(("page", "program"), blocks("python run"))
def test_every_program_marked_for_it_runs(page: str, program: str, tmp_path: Path):
    run = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.returncode == 0, f"{page}: {run.stderr}"


@pytest.mark.parametrize("page", PAGES)
def test_every_file_linked_to_exists(page: str):
    targets = re.findall(r"\]\((?!\w+:|#)([^)#\s]+)", PAGES[page])
    assert [target for target in targets if not (ROOT / page).parent.joinpath(target).exists()] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_file_named_exists(page: str):
    named = re.findall(r"`((?:scripts|tests|docs)/[\w./-]+\.\w+)", PAGES[page])
    assert [name for name in named if not (ROOT / name).exists()] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_name_of_the_package_is_there(page: str):
    for name in re.findall(r"`(daml(?:\.\w+)+)", PAGES[page]):
        assert find(name) is not None, name


def find(name: str) -> Any:
    """Return what a dotted name stands for: a module, or something in one."""
    parts = name.split(".")
    for n_parts in range(len(parts), 0, -1):
        try:
            found: Any = importlib.import_module(".".join(parts[:n_parts]))
        except ModuleNotFoundError:
            continue
        return functools.reduce(getattr, parts[n_parts:], found)
    return None


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("mkdocs")
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)]
    environment = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    build = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert build.returncode == 0, build.stderr
    return folder


@pytest.mark.parametrize("package", [daml, demos, envs, maml, policies], ids=lambda package: package.__name__)
def test_every_public_name_is_in_the_reference(package: Any, site: Path):
    page = (site / "api" / package.__name__.rpartition(".")[2] / "index.html").read_text(encoding="utf-8")
    names = [name for name in package.__all__ if not name.startswith("_")]
    assert [name for name in names if f'.{name}" class="doc doc-heading"' not in page] == []


def test_the_site_loads_nothing_from_the_network(site: Path):
    pages = "".join(path.read_text(encoding="utf-8") for path in site.rglob("*.html"))
    assert re.findall(r'(?:src|<link[^>]*href)="(?:https?:)?//[^"]*', pages) == []


def test_every_block_is_drawn_as_one(site: Path):
    assert [path for path in site.rglob("*.html") if "```" in path.read_text(encoding="utf-8")] == []


def test_formulas_of_docstrings_are_drawn():
    pytest.importorskip("griffe")
    spec = importlib.util.spec_from_file_location("docstring_formulas", ROOT / "scripts" / "docstring_formulas.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)

    drawn = module.draw_formulas("Sum.\n\n    .. math:: a\n        + b\n\n    Size :math:`\\alpha`.\n")

    assert drawn.count("<math") == 2
    assert "math::" not in drawn
    assert ":math:" not in drawn
