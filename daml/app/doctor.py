"""`daml doctor`: what this machine has, and what to install."""

from pathlib import Path

from rich.table import Table

from daml.app.console import console
from daml.doctor import diagnose


def doctor(*, output: Path = Path("runs/doctor")) -> None:
    """Show versions, devices and rendering backends, each with a frame it drew, and what to install.

    Args:
        output: Folder for the frames.
    """
    diagnosis = diagnose(output)
    table = Table("what", "found", title="daml doctor")
    for name, version in diagnosis.versions.items():
        table.add_row(name, version)
    table.add_row("platform", diagnosis.platform)
    table.add_row("cores", str(diagnosis.cpu_count))
    table.add_row("devices", ", ".join(diagnosis.devices))
    for backend in diagnosis.backends:
        chosen = " (chosen)" if backend.name == diagnosis.chosen_backend else ""
        found = (
            f"works, {backend.frame_rate_hz:.0f} frames/s at 64 px, see {backend.frame}"
            if backend.frame_rate_hz is not None
            else f"does not work: {backend.error}"
        )
        table.add_row(f"rendering with {backend.name}{chosen}", found)
    console.print(table)
    for line in diagnosis.advice:
        console.print(line)
