"""Statistics of features, as LeRobot keeps them of each episode and of all of them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def describe(values: NDArray[Any], *, count: int | None = None) -> dict[str, NDArray[np.float64]]:
    """Describe rows of numbers.

    Args:
        values: The rows, `(N, D)`.
        count: How many there are said to be; N when not given, which for pixels is not the number of frames.

    Returns:
        Least, largest, mean and standard deviation of each column, `(D,)`; and how many rows.
    """
    numbers = values.astype(np.float64)
    return {
        "min": numbers.min(axis=0),
        "max": numbers.max(axis=0),
        "mean": numbers.mean(axis=0),
        "std": numbers.std(axis=0),
        "count": np.array([len(numbers) if count is None else count]),
    }


def aggregate(stats: list[dict[str, dict[str, NDArray[np.float64]]]]) -> dict[str, Any]:
    """Describe all episodes together by what describes each.

    Args:
        stats: For each episode, by feature, what `describe` returned.

    Returns:
        The same for all rows of all episodes, as JSON holds it.
    """
    together: dict[str, Any] = {}
    for key in stats[0]:
        parts = {kind: np.stack([episode[key][kind] for episode in stats]) for kind in stats[0][key]}
        counts = parts["count"].reshape(-1, *[1] * (parts["mean"].ndim - 1))
        mean = (parts["mean"] * counts).sum(axis=0) / counts.sum()
        variance = ((parts["std"] ** 2 + (parts["mean"] - mean) ** 2) * counts).sum(axis=0) / counts.sum()
        together[key] = {
            "min": parts["min"].min(axis=0).tolist(),
            "max": parts["max"].max(axis=0).tolist(),
            "mean": mean.tolist(),
            "std": np.sqrt(variance).tolist(),
            "count": [int(counts.sum())],
        }
    return together
