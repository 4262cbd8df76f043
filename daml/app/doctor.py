"""`daml doctor`: what this machine has, and what to install."""

import importlib
import tempfile
from pathlib import Path
from typing import Any

from rich.table import Table
from rich.text import Text

from daml.app.diagnosis import diagnose
from daml.terminal.console import console, say


def doctor(*, output: Path = Path("runs/doctor")) -> None:
    """Show versions, devices and rendering backends, each with a frame it drew, and what to install.

    Args:
        output: Folder for the frames.
    """
    try:
        diagnosis = diagnose(output)
    except OSError as error:  # what is wrong with the machine matters more than where its frames lie
        aside = Path(tempfile.mkdtemp(prefix="daml-doctor-"))
        say(f"{output}: cannot be written ({error.strerror or error}); the frames go to {aside}")
        diagnosis = diagnose(aside)
    rows = [*diagnosis.versions.items(), ("platform", diagnosis.platform), ("cores", str(diagnosis.cpu_count))]
    rows.append(("devices", ", ".join(diagnosis.devices)))
    for backend in diagnosis.backends:
        chosen = " (chosen)" if backend.name == diagnosis.chosen_backend else ""
        found = (
            f"works, first frame after {backend.first_frame_s:.1f} s, {backend.frame_rate_hz:.0f} frames/s at 64 px, "
            f"see {backend.frame}"
            if backend.first_frame_s is not None and backend.frame_rate_hz is not None
            else f"does not work: {backend.error}"
        )
        rows.append((f"rendering with {backend.name}{chosen}", found))
    rows.append(("reading real videos", _reads_videos()))
    table = Table("what", "found", title="daml doctor")
    for what, found in rows:
        table.add_row(what, Text(found))  # as it is: brackets are no markup
    console.print(table)
    for line in diagnosis.advice:
        say(line)


def _reads_videos() -> str:
    """Say whether hands can be found in real videos, and what to run if not."""
    try:
        network: Any = importlib.import_module("daml.demos.hands.network")
        models: Any = importlib.import_module("daml.demos.hands.models")
    except ImportError as error:
        return f"cannot be told: {error}"
    if not network.is_runtime_installed():
        return "no: run pip install 'daml-imitation[hands]'"
    return (
        f"yes, with the models in {models.models_folder()}"
        if models.are_models_installed()
        else f"no: run {models.INSTALL_COMMAND}"
    )
