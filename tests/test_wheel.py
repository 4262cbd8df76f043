"""Laws of the wheel: one import package that holds the four, and their data."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from daml import __version__

ROOT = Path(__file__).parents[1]
LINKED = ("demos", "envs", "policies")
MAX_PRIOR_BYTES = 10_000_000


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    # Without isolation nothing is downloaded: the build backend is a dependency for developers.
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    build = subprocess.run(command, capture_output=True, text=True, check=False)
    assert build.returncode == 0, build.stdout + build.stderr
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def names(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as archive:
        return archive.namelist()


def test_it_holds_one_import_package(names: list[str]):
    top_level = {name.split("/")[0] for name in names}
    assert top_level == {"daml", f"daml_imitation-{__version__}.dist-info"}


def test_it_holds_every_module_and_nothing_but_modules_and_data(names: list[str]):
    own = {str(path.relative_to(ROOT)) for path in (ROOT / "daml").rglob("*.py")}  # follows no links
    linked = {f"daml/{path.relative_to(ROOT)}" for name in LINKED for path in (ROOT / name).rglob("*.py")}
    on_disk = own | linked
    in_wheel = {name for name in names if ".dist-info/" not in name}
    assert {name for name in in_wheel if name.endswith(".py")} == on_disk
    data = {".json", ".npz", ".safetensors", ".css", ".js", ".txt"}
    assert {Path(name).suffix for name in in_wheel} <= {".py", ".typed", *data}


def test_it_is_typed(names: list[str]):
    assert "daml/py.typed" in names


def test_shipped_priors_are_inside_whole_and_small(names: list[str]):
    shipped = {name for name in names if name.startswith("daml/priors/") and not name.endswith(".py")}
    folders = {folder for folder in (ROOT / "daml" / "priors").glob("[!_]*") if folder.is_dir()}
    files = {folder / name for folder in folders for name in ("config.json", "model.safetensors")}
    assert shipped == {file.relative_to(ROOT).as_posix() for file in files}
    for folder in folders:
        assert sum(file.stat().st_size for file in folder.iterdir()) <= MAX_PRIOR_BYTES


def test_the_command_works_from_the_wheel_alone(wheel: Path, tmp_path: Path):
    installed = tmp_path / "installed"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(installed)
        metadata = archive.read(f"daml_imitation-{__version__}.dist-info/entry_points.txt").decode()
    assert "daml = daml.cli:main" in metadata
    # Run in the folder: it comes before the checkout on the path.
    program = "import sys, daml.cli; print(daml.cli.__file__); sys.argv = ['daml', '--help']; daml.cli.main()"
    command = [sys.executable, "-c", program]
    run = subprocess.run(command, cwd=installed, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert Path(run.stdout.splitlines()[0]).is_relative_to(installed)
    assert "evaluate" in run.stdout
