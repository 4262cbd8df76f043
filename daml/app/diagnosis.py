"""Examine a machine: versions, devices, and every rendering backend tried in a process of its own."""

import errno
import importlib
import json
import os
import platform
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from types import MappingProxyType
from typing import Any

from daml import __version__
from daml.engines.engine import n_usable_cores
from daml.envs.rendering import backend

_DISTRIBUTIONS: Mapping[str, str] = MappingProxyType(
    {
        "torch": "torch",
        "mujoco": "mujoco",
        "gymnasium": "gymnasium",
        "mink": "mink",
        "numpy": "numpy",
        "cv2": "opencv-python-headless",
        "av": "av",
    },
)
_PROBE_TIMEOUT_S = 60.0  # Imports and one frame take 2 s; a driver that hangs would hang for ever.


@dataclass(frozen=True, kw_only=True)
class BackendReport:
    """What became of one rendering backend."""

    name: str
    """`egl`, `osmesa`, `glfw` or `cgl`: what `MUJOCO_GL` can be set to."""
    frame: Path | None
    """The frame it drew; None when it drew none."""
    first_frame_s: float | None
    """Time from nothing to the first 640 x 480 frame with shadows, in seconds."""
    frame_rate_hz: float | None
    """Images of 64 x 64 px per second, of a scene of four solids."""
    error: str
    """Why it drew nothing, in one line; empty when it did."""

    @property
    def works(self) -> bool:
        """Whether it drew a frame."""
        return self.frame is not None


@dataclass(frozen=True, kw_only=True)
class Diagnosis:
    """What a machine has, and what it lacks."""

    versions: Mapping[str, str]
    """Of python, daml and the libraries it stands on; `missing` where one is not installed."""
    platform: str
    cpu_count: int
    """Cores that this process may use."""
    devices: tuple[str, ...]
    """What torch can compute on: `cpu`, then accelerators."""
    chosen_backend: str
    """What renders unless `MUJOCO_GL` says otherwise; `disable` when nothing does."""
    backends: tuple[BackendReport, ...]
    advice: tuple[str, ...]
    """What to do, one line each; empty when all is well."""


def diagnose(output: Path) -> Diagnosis:
    """Examine this machine.

    Args:
        output: Folder for the sample frames `frame_<backend>.png`; made when missing.

    Returns:
        Versions, devices, the backends tried and advice. A backend or a torch that is broken is reported, not raised.

    Raises:
        OSError: The folder cannot be made or written to.
        ValueError: `MUJOCO_GL` names no backend of this platform.
    """
    output.mkdir(parents=True, exist_ok=True)
    if not os.access(output, os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, "no permission to write there", str(output))
    versions = {"python": platform.python_version(), "daml": __version__}
    versions |= {name: _version(distribution) for name, distribution in _DISTRIBUTIONS.items()}
    backends = tuple(probe_backend(name, output / f"frame_{name}.png") for name in backend.known_backends())
    chosen = backend.choose_backend()
    return Diagnosis(
        versions=versions,
        platform=platform.platform(),
        cpu_count=n_usable_cores(),
        devices=_devices(),
        chosen_backend=chosen,
        backends=backends,
        advice=_advice(versions, backends=backends, chosen=chosen),
    )


def probe_backend(name: str, frame: Path) -> BackendReport:
    """Draw one frame with a backend, in another process: a broken driver aborts the process that calls it.

    Args:
        name: What to set `MUJOCO_GL` to.
        frame: PNG file to write; removed first, so that what lies there afterwards is this machine's work.

    Returns:
        The frame and how long it took, or why there is none.
    """
    frame.unlink(missing_ok=True)
    environment = {key: value for key, value in os.environ.items() if key != "PYOPENGL_PLATFORM"} | {"MUJOCO_GL": name}
    command = [sys.executable, "-m", "daml.envs.rendering.probe", str(frame)]
    try:
        probe = subprocess.run(  # noqa: S603 (our own module, no shell)
            command,
            env=environment,
            capture_output=True,
            text=True,
            timeout=_PROBE_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return _failure(name, f"no frame within {_PROBE_TIMEOUT_S:.0f} s")
    if probe.returncode != 0 or not frame.is_file():
        return _failure(name, _reason(probe))
    timing = json.loads(probe.stdout.splitlines()[-1])
    return BackendReport(
        name=name,
        frame=frame,
        first_frame_s=timing["first_frame_s"],
        frame_rate_hz=timing["frame_rate_hz"],
        error="",
    )


def _failure(name: str, error: str) -> BackendReport:
    return BackendReport(name=name, frame=None, first_frame_s=None, frame_rate_hz=None, error=error)


def _reason(probe: subprocess.CompletedProcess[str]) -> str:
    """Say in one line why a probe drew nothing."""
    if probe.returncode < 0:
        return f"the driver ended the process ({signal.Signals(-probe.returncode).name})"
    # A traceback's outcome is its last unindented line that names an exception; notes and warnings may follow it.
    outcomes = [line for line in probe.stderr.splitlines() if "Error: " in line and not line.startswith(" ")]
    lines = outcomes or probe.stderr.split("\n\n")[-1].splitlines()
    reason = lines[-1] if lines else f"exit status {probe.returncode}"
    # What to install is said once, in the advice, and not again for each backend.
    return reason.partition("Error: ")[2].removesuffix(f": {backend.backend_advice()}") or reason


def _version(distribution: str) -> str:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return "missing"


def _devices() -> tuple[str, ...]:
    try:
        torch: Any = importlib.import_module("torch")
    except (ImportError, OSError):  # OSError: a shared library of torch's is missing.
        return ()
    devices = ["cpu"]
    if torch.cuda.is_available():
        devices += [f"cuda:{i} ({torch.cuda.get_device_name(i)})" for i in range(torch.cuda.device_count())]
    return tuple(devices)


def _advice(
    versions: Mapping[str, str],
    *,
    backends: tuple[BackendReport, ...],
    chosen: str,
) -> tuple[str, ...]:
    advice: list[str] = []
    missing = [_DISTRIBUTIONS[name] for name, version in versions.items() if version == "missing"]
    if missing:
        advice.append(f"install what is missing: pip install {' '.join(missing)}")
    working = [report.name for report in backends if report.works]
    if not working:
        advice.append(f"nothing renders: {backend.backend_advice()}")
    elif chosen not in working:
        advice.append(f"{chosen} is chosen but draws nothing: set MUJOCO_GL={working[0]}")
    return tuple(advice)
