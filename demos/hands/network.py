"""A network in a .tflite file, run by LiteRT."""

import importlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


class Network:
    """Runs a network on one input.

    Args:
        path: The .tflite file.
        n_threads: Cores to use.

    Raises:
        ImportError: LiteRT is not installed.
        ValueError: The file holds no network.
    """

    def __init__(self, path: Path, *, n_threads: int) -> None:
        self._interpreter: Any = _runtime().Interpreter(str(path), num_threads=n_threads)
        self._interpreter.allocate_tensors()
        self._input: int = self._interpreter.get_input_details()[0]["index"]
        self._outputs: list[int] = [output["index"] for output in self._interpreter.get_output_details()]

    def __call__(self, values: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        """Run the network on `(1, H, W, 3)` in [0, 1]; return its outputs in the file's order."""
        self._interpreter.set_tensor(self._input, values)
        self._interpreter.invoke()
        return [self._interpreter.get_tensor(index) for index in self._outputs]


def _runtime() -> Any:  # noqa: ANN401 - it ships without types
    """Import LiteRT."""
    try:
        return importlib.import_module("ai_edge_litert.interpreter")
    except ModuleNotFoundError as error:
        raise ImportError(
            "finding hands needs LiteRT, which is not installed; run: pip install 'daml-imitation[hands]'"
        ) from error


def is_runtime_installed() -> bool:
    """Tell whether LiteRT can be imported."""
    try:
        _runtime()
    except ImportError:
        return False
    return True
