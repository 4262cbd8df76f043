"""Tables of LeRobot datasets, which anybody may have written: read within bounds, into rows of known types."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from daml.demos.disk import opened_file
from daml.demos.lerobot.layout import load_arrow

_MOST_NUMBERS = 100_000_000
"""Numbers in one file: 800 MB, and several times as many as its hundred megabytes hold."""
_MOST_VALUES = 5_000_000
"""Values that are read row by row, each a hundred bytes in memory: half a million episodes."""
_MOST_BYTES = 1_000_000_000
"""Size of the columns once unpacked."""


def read_rows(path: Path, columns: list[str]) -> list[dict[str, Any]]:
    """Read some columns of a table, row by row.

    Args:
        path: A Parquet file.
        columns: Their names.

    Returns:
        For each row, its values by column, of any type.

    Raises:
        ValueError: It is no file, corrupt, too large, or lacks a column.
    """
    table = _read(path, columns, most=_MOST_VALUES)
    try:
        return table.to_pylist()
    except _errors() as error:
        raise _unreadable(path, error) from error


def read_numbers(path: Path, columns: list[str]) -> dict[str, NDArray[Any]]:
    """Read some columns of numbers, or of lists of numbers of one length.

    Args:
        path: A Parquet file.
        columns: Their names.

    Returns:
        The columns by name, `(N,)`, or `(N, width)` for lists.

    Raises:
        ValueError: It is no file, corrupt, too large, lacks a column, or one holds anything but numbers.
    """
    table = _read(path, columns, most=_MOST_NUMBERS)
    try:
        return {name: _as_numbers(table.column(name), f"{path}: {name}") for name in columns}
    except _errors() as error:
        raise _unreadable(path, error) from error


def _read(path: Path, columns: list[str], *, most: int) -> Any:  # noqa: ANN401 - an extra without types
    """Read some columns of a table, once it says that they hold at most so many values."""
    parquet = load_arrow("pyarrow.parquet")
    try:
        with opened_file(path) as file:
            told = parquet.ParquetFile(file).metadata
            groups = [told.row_group(number) for number in range(told.num_row_groups)]
            parts = [group.column(number) for group in groups for number in range(told.num_columns)]
            wanted = [part for part in parts if part.path_in_schema.startswith(tuple(columns))]
            n_values = max(told.num_rows, sum(part.num_values for part in wanted))
            n_bytes = sum(part.total_uncompressed_size for part in wanted)
            if n_values > most or n_bytes > _MOST_BYTES:
                raise ValueError(
                    f"{n_values:,} values of {n_bytes:,} bytes, but at most {most:,} of {_MOST_BYTES:,} bytes"
                )
            file.seek(0)
            return parquet.read_table(file, columns=columns)
    except _errors() as error:
        raise _unreadable(path, error) from error


def _as_numbers(column: Any, name: str) -> NDArray[Any]:  # noqa: ANN401 - an extra without types
    """Turn a column into an array; anything but numbers, and lists of several lengths, are refused."""
    arrow, types, compute = load_arrow(), load_arrow("pyarrow.types"), load_arrow("pyarrow.compute")
    width: int | None = None
    if types.is_list(column.type) or types.is_large_list(column.type) or types.is_fixed_size_list(column.type):
        widths = compute.unique(compute.list_value_length(column)).to_pylist()
        if column.null_count or len(widths) > 1:
            raise ValueError(f"{name}: expected lists of one length, found {sorted(str(n) for n in widths)[:5]}")
        width = widths[0] if widths else 0
        column = compute.list_flatten(column)
    if not (types.is_integer(column.type) or types.is_floating(column.type)):
        raise ValueError(f"{name}: expected numbers, found {column.type}")
    if column.null_count:
        raise ValueError(f"{name}: {column.null_count} values are missing")
    if isinstance(column, arrow.ChunkedArray):
        column = column.combine_chunks()
    values: NDArray[Any] = np.asarray(column.to_numpy(zero_copy_only=False))
    return values if width is None else values.reshape(-1, width) if width else values.reshape(0, 0)


def _errors() -> tuple[type[Exception], ...]:
    """What the library raises for files of other content."""
    exception: type[Exception] = load_arrow().ArrowException
    return (OSError, ValueError, KeyError, TypeError, OverflowError, MemoryError, NotImplementedError, exception)


def _unreadable(path: Path, error: Exception) -> ValueError:
    """Name the file, unless the reason does so."""
    reason = " ".join(str(error).split()) or type(error).__name__
    named = reason.startswith(f"{path}: ")
    return ValueError(reason if named else f"{path}: cannot be read ({reason}); copy it again")
