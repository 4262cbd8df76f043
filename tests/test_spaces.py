"""Laws of the container and of the Space: what can be told of them where nothing builds containers."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
import urllib.error
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SPACES = ROOT / "scripts" / "spaces"
UID = 1000
"""Number of the user that Spaces run as."""

pytestmark = pytest.mark.skipif(not (SPACES / "Dockerfile").exists(), reason="the Space's folder is not here")


def instructions() -> list[tuple[str, str]]:
    """Return the container's instructions in order, with what each is given."""
    text = (SPACES / "Dockerfile").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    return [(name, given) for name, _, given in (line.partition(" ") for line in joined.splitlines())]


def given_to(name: str) -> list[str]:
    return [given for instruction, given in instructions() if instruction == name]


def command() -> str:
    """Return what the container's shell is given to run."""
    (given,) = given_to("CMD")
    shell, flag, line = json.loads(given)
    assert (shell, flag) == ("sh", "-c")
    return line


def settings() -> dict[str, str]:
    """Return the Space's settings: the head of its README."""
    _, head, _ = (SPACES / "README.md").read_text(encoding="utf-8").split("---\n", 2)
    return dict(line.split(": ", 1) for line in head.splitlines())


def test_the_container_is_described_in_instructions_that_there_are():
    names = [name for name, _ in instructions()]
    assert set(names) <= {"FROM", "RUN", "WORKDIR", "COPY", "USER", "ENV", "ARG", "EXPOSE", "CMD"}
    assert names[0] == "FROM"
    assert names[-1] == "CMD"
    for run in given_to("RUN"):
        subprocess.run(["bash", "-n", "-c", run], check=True)


def test_its_python_is_one_that_the_package_runs_on():
    (base,) = given_to("FROM")
    version = re.fullmatch(r"python:(\d+)\.(\d+)-slim-\w+", base)
    assert version is not None
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["requires-python"] == ">=3.11"
    assert (int(version[1]), int(version[2])) >= (3, 11)
    assert "app" in project["optional-dependencies"]


def test_all_that_is_copied_is_there_and_the_container_has_what_it_installs_from():
    for copied in given_to("COPY"):
        *sources, _ = [word for word in shlex.split(copied) if not word.startswith("--")]
        for source in sources:
            assert (ROOT / source).exists(), source
    left_out = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    needed = ["daml", "demos", "envs", "policies", "pyproject.toml", "constraints.txt", "scripts/setup.sh", "README.md"]
    for path in needed:
        assert (ROOT / path).exists()
        assert not {path, path.split("/")[0]} & set(left_out)
    assert {".git", ".venv"} <= set(left_out)


def test_it_is_set_up_as_any_machine_is():
    setup = (ROOT / "scripts" / "setup.sh").read_text(encoding="utf-8")
    last = given_to("RUN")[-1]
    assert "source scripts/setup.sh && setup app" in last
    packages = re.findall(r"\blib[\w-]+", given_to("RUN")[0])
    assert packages
    assert f"apt_install {' '.join(packages)}" in setup
    (folder,) = given_to("WORKDIR")
    assert any(given.startswith(f'PATH="{folder}/.venv/bin:') for given in given_to("ENV"))


def test_it_is_not_roots_from_before_it_is_set_up():
    order = [given if name == "RUN" else name for name, given in instructions()]
    (user,) = given_to("USER")
    assert any(f"--uid {UID} {user}" in given for given in order)
    assert order.index("USER") < next(place for place, given in enumerate(order) if "setup app" in given)


def test_the_space_asks_at_the_port_at_which_the_page_answers():
    words = shlex.split(command().replace("${DAML_TOKEN:-new}", "word"))
    assert words[:3] == ["exec", "daml", "app"]
    assert dict(zip(words[3::2], words[4::2], strict=True)) == {
        "--host": "0.0.0.0",
        "--port": settings()["app_port"],
        "--token": "word",
    }
    assert given_to("EXPOSE") == [settings()["app_port"]]


def test_the_spaces_settings_are_such_as_the_hub_takes():
    assert settings()["sdk"] == "docker"
    assert len(settings()["short_description"]) <= 60
    assert {settings()[name] for name in ("colorFrom", "colorTo")} <= {
        *("red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray")
    }


AS_OTHER = ["unshare", "--user", f"--map-user={UID}", f"--map-group={UID}"]
can_be_other = shutil.which("unshare") is not None and not subprocess.run([*AS_OTHER, "true"], check=False).returncode


@pytest.mark.skipif(not can_be_other, reason="no user namespaces here: the command is not tried as another user")
def test_the_containers_command_serves_the_page_to_who_knows_the_token_and_is_not_root(tmp_path: Path):
    pytest.importorskip("gradio")
    daml = f"{shlex.quote(sys.executable)} -m daml"
    line = command().replace("daml app", f"{daml} app").replace("--port 7860", "--port 0")
    environment = os.environ | {"HOME": str(tmp_path), "DAML_TOKEN": "word", "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        [*AS_OTHER, "sh", "-c", f"id -u; {line}"], cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True
    ) as page:
        try:
            assert page.stdout is not None
            assert page.stdout.readline() == f"{UID}\n"
            told = iter(page.stdout.readline, "")
            address, token = next(found.groups() for text in told if (found := re.search(r"(http://\S+)\?(\S+)", text)))
            assert token == "token=word"
            with pytest.raises(urllib.error.HTTPError, match="401") as refused:
                urllib.request.urlopen(address)
            refused.value.close()
            knows = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
            with knows.open(f"{address}?{token}") as answer:
                assert b"show it once" in answer.read()
        finally:
            page.terminate()
