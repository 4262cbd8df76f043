"""Laws of telling the user's errors from faults of the package."""

import errno
import importlib.util
import pickle
from pathlib import Path

import pytest

import daml
from daml.demos.disk import NotWrittenError
from daml.errors import is_disks, is_users
from daml.evaluation.evaluation_config import EvaluationConfig

FOLDER = Path(daml.__file__).parent


def caught(program: str, *, file: str) -> BaseException:
    """Run a line of a file as if it lay there, and return what it raises."""
    try:
        exec(compile(program, file, "exec"), {})
    except BaseException as error:  # noqa: BLE001 - whatever it is
        return error
    raise AssertionError("nothing was raised")


def test_what_the_package_refuses_is_the_users():
    with pytest.raises(ValueError, match="at least 1") as refused:
        EvaluationConfig(n_tasks=0)

    assert is_users(refused.value)


@pytest.mark.parametrize("program", ["int('x')", "import numpy; numpy.zeros(3).reshape(2, 2)"])
def test_what_a_library_raises_is_a_fault(program: str):
    assert not is_users(caught(program, file=str(FOLDER / "cli.py")))


@pytest.mark.parametrize("error", [KeyError("verdict"), TypeError("int"), IndexError(3), AssertionError()])
def test_errors_that_the_package_never_raises_on_purpose_are_faults(error: Exception):
    assert not is_users(error)


@pytest.mark.parametrize("error", [FileNotFoundError(2, "No such file"), OSError(28, "No space left"), MemoryError()])
def test_the_systems_errors_are_the_users(error: Exception):
    assert is_users(error)


def test_what_other_code_raises_on_purpose_is_a_fault(tmp_path: Path):
    file = tmp_path / "theirs.py"
    file.write_text("def fail():\n    raise ValueError('theirs')\n", encoding="utf-8")
    spec = importlib.util.spec_from_file_location("theirs", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with pytest.raises(ValueError, match="theirs") as refused:
        module.fail()

    assert not is_users(refused.value)


def test_a_disk_that_is_full_is_told_from_other_errors():
    full = [OSError(errno.ENOSPC, "No space left"), OSError(errno.EFBIG, "File too large"), NotWrittenError("a: full")]
    assert all(is_disks(error) for error in full)
    assert is_disks(pickle.loads(pickle.dumps(full[-1])))
    assert not any(map(is_disks, (FileNotFoundError(errno.ENOENT, "none"), OSError("x"), ValueError("x"))))
