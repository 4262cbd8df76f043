"""Break input of one reader, guided by the code that it reaches: it is read, or refused with one error of one line.

python scripts/fuzz_guided.py scene CORPUS -max_total_time=600 -timeout=20 -rss_limit_mb=1500

CORPUS is a folder with good inputs, which grows. Needs atheris (`pip install atheris`), whose options come last.
"""
# ruff: noqa: INP001 - a script, not a module of a package

import sys
import tempfile
from pathlib import Path
from typing import Any

FILES = {"scene": "s.toml", "tensors": "m.safetensors", "npz": "a.npz", "mesh": "a.obj", "results": "r.json"}


def main() -> None:
    """Fuzz the reader that the first word names."""
    what = sys.argv.pop(1)
    if what not in FILES:
        sys.exit(f"expected one of {', '.join(FILES)}, got {what}")
    from importlib import import_module  # noqa: PLC0415 - with coverage, from here on

    atheris: Any = import_module("atheris")
    folder = Path(tempfile.mkdtemp())
    path = folder / FILES[what]
    with atheris.instrument_imports(include=["daml"]):
        readers: dict[str, Any] = {
            "scene": lambda: import_module("daml.envs").read_scene(path),
            "tensors": lambda: import_module("daml.storage.safetensors_header").load_tensors(path),
            "npz": lambda: import_module("daml.demos.storage.array_file").read_arrays(path, cure="copy it again"),
            "mesh": lambda: import_module("daml.envs.scene.meshes").read_mesh(path),
            "results": lambda: import_module("daml.reporting.recorded_results").read_results(folder),
        }
        read_one(readers[what], path, b"")

    atheris.Setup(sys.argv, lambda content: read_one(readers[what], path, content))
    atheris.Fuzz()


def read_one(read: Any, path: Path, content: bytes) -> None:  # noqa: ANN401 - any reader
    """Write an input and read it.

    Raises:
        AssertionError: It was refused with an error of no line, or of several.
    """
    path.write_bytes(content)
    try:
        read()
    except (ValueError, OSError) as error:
        if len(str(error).splitlines()) != 1:
            raise AssertionError(repr(error)) from error


if __name__ == "__main__":
    main()
