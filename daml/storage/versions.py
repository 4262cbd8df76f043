"""What a result was made with: versions of the packages that decide it, and the state of the source tree."""

import platform
import subprocess
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

DISTRIBUTION = "daml-imitation"
"""Name of this project's distribution."""

_PACKAGES = ("torch", "mujoco", "gymnasium", "numpy", "mink", "daqp")
_GIT_TIMEOUT_S = 5.0


def versions() -> dict[str, str]:
    """Return versions by name, with `git` the commit of the source tree, marked when it has uncommitted changes."""
    return dict(_found())


@cache
def _found() -> dict[str, str]:
    """Look once: the code that runs is the one that was there when it was loaded."""
    found = {"daml": _version(DISTRIBUTION), "python": platform.python_version()}
    found |= {package: _version(package) for package in _PACKAGES}
    found["git"] = _git_state()
    return found


def _version(distribution: str) -> str:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return "not installed"


def _git_state() -> str:
    """Describe the commit of this source tree; an installed package has none."""
    folder = Path(__file__).resolve().parents[1]
    command = ["git", "-C", str(folder), "describe", "--always", "--dirty", "--abbrev=12"]
    if not (folder.parent / ".git").exists():
        return "none"
    try:
        result = subprocess.run(command, capture_output=True, text=True, timeout=_GIT_TIMEOUT_S, check=True)  # noqa: S603 - a fixed command
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return result.stdout.strip()
