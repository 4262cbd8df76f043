"""Laws of the house: what lies where, and what it may be called."""

import ast
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("daml", "demos", "envs", "policies")
BANNED_NAMES = {"utils", "util", "helpers", "common", "misc", "base"}
MAX_LINES = 300
MAX_MODULES = 15


def tracked_files() -> list[Path]:
    """List what is in the repository or about to be, relative to its root."""
    if not (ROOT / ".git").exists():  # an unpacked source archive
        return [path.relative_to(ROOT) for package in (*PACKAGES, "tests") for path in (ROOT / package).rglob("*.*")]
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    return [Path(name) for name in names if name and (ROOT / name).exists()]


FILES = tracked_files()
MODULES = sorted(path for path in FILES if path.suffix == ".py" and path.parts[0] in PACKAGES)
TESTED_MODULES = [path for path in MODULES if path.name not in {"__init__.py", "__main__.py"}]
TESTS = sorted(path for path in FILES if path.suffix == ".py" and path.parts[0] == "tests")


def mirror(module: Path) -> Path:
    return Path("tests", module.parent, f"test_{module.name}")


@pytest.mark.parametrize("module", TESTED_MODULES, ids=str)
def test_every_module_has_its_tests(module: Path):
    assert mirror(module) in TESTS


def test_every_test_file_has_its_module():
    mirrors = {mirror(module) for module in TESTED_MODULES}
    mirrors |= {test for test in TESTS if test.parts[1] == "attacks"}  # by reader: several modules take part in each
    orphans = [test for test in TESTS if test.name.startswith("test_") and len(test.parts) > 2 and test not in mirrors]
    assert orphans == []


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_modules_are_small(module: Path):
    n_lines = len((ROOT / module).read_text(encoding="utf-8").splitlines())
    assert n_lines <= MAX_LINES, f"{module}: {n_lines} lines, at most {MAX_LINES} are allowed: split it by duty"


@pytest.mark.parametrize("room", sorted({path.parent for path in MODULES}), ids=str)
def test_a_folder_holds_few_modules_and_says_what_they_are_for(room: Path):
    modules = [path.name for path in MODULES if path.parent == room and path.name != "__init__.py"]
    assert len(modules) <= MAX_MODULES, f"{room}: {len(modules)} modules, at most {MAX_MODULES} are allowed"
    assert ast.get_docstring(ast.parse((ROOT / room / "__init__.py").read_text(encoding="utf-8")))


@pytest.mark.parametrize("package", ["demos", "envs", "policies"])
def test_packages_at_the_top_are_part_of_the_one_that_is_installed(package: str):
    link = ROOT / "daml" / package
    assert link.is_symlink()
    assert link.resolve() == ROOT / package


def test_no_name_says_nothing():
    banned = [path for path in MODULES if BANNED_NAMES & {*path.with_suffix("").parts}]
    assert banned == []


def test_top_level_folders_are_these():
    folders = {path.parts[0] for path in FILES if len(path.parts) > 1 and not path.parts[0].startswith(".")}
    allowed = {*PACKAGES, "tests", "scripts", "docs"}
    assert folders <= allowed, f"new top-level folders: {sorted(folders - allowed)}"
    assert {*PACKAGES, "tests"} <= folders


def test_every_folder_of_modules_is_a_typed_package():
    folders = {path.parent for path in MODULES}
    assert [folder for folder in folders if folder / "__init__.py" not in MODULES] == []
    assert Path("daml", "py.typed") in FILES


def test_tests_are_no_package():
    assert [test for test in TESTS if test.name == "__init__.py"] == []
