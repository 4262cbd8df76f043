"""Order in which libraries are loaded: Triton's before Mesa's."""

import ctypes
import importlib.util
from pathlib import Path


def load_triton_first() -> None:
    """Load the library of Triton, the compiler that comes with PyTorch's builds for NVIDIA GPUs, if it is installed.

    Triton and Mesa, which draws where no GPU does, each bring a version of LLVM, and export its symbols. Loaded after
    Mesa, Triton ends the process with a segmentation fault, in as innocent a place as `torch.optim.Adam(...)`; loaded
    before, both work. This takes 70 ms and 70 MB, once a process; importing Triton would take seconds.
    """
    try:
        package = importlib.util.find_spec("triton")
        folders = package.submodule_search_locations if package is not None else None
        for library in [Path(folder) / "_C" / "libtriton.so" for folder in folders or ()]:
            if library.is_file():
                ctypes.CDLL(str(library))
    except (OSError, ValueError):  # One that cannot be loaded now cannot be later, either.
        return
