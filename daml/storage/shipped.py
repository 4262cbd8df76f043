"""The priors inside the package."""

from pathlib import Path

_FOLDER = Path(__file__).resolve().parents[1] / "priors"


def find_prior(name_or_path: str | Path) -> Path:
    """Return the folder of a prior.

    Args:
        name_or_path: Name of a shipped prior, such as `tabletop`, or any folder.

    Returns:
        The folder, which need not hold a valid prior.

    Raises:
        ValueError: There is neither a folder nor a shipped prior of that name.
    """
    if name_or_path in shipped_priors():
        return _FOLDER / name_or_path
    if Path(name_or_path).is_dir():
        return Path(name_or_path)
    names = ", ".join(shipped_priors()) or "none"
    raise ValueError(f"{name_or_path}: no such folder, and no shipped prior of that name (shipped: {names})")


def shipped_priors() -> tuple[str, ...]:
    """Return the names of the priors inside the package."""
    return tuple(sorted(path.name for path in _FOLDER.iterdir() if path.is_dir())) if _FOLDER.is_dir() else ()
