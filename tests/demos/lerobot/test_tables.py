from pathlib import Path
from typing import Any

import numpy as np
import pytest

from daml.demos.lerobot import tables
from daml.demos.lerobot.tables import read_numbers, read_rows

pa = pytest.importorskip("pyarrow", reason="the extra lerobot is not installed")
pq = pytest.importorskip("pyarrow.parquet")


def write(path: Path, **columns: Any) -> Path:
    pq.write_table(pa.table(columns), path)
    return path


def test_rows_and_numbers_read_back(tmp_path: Path):
    fixed = pa.FixedSizeListArray.from_arrays(pa.array([1.0, 2.0, 3.0, 4.0]), 2)
    path = write(tmp_path / "a.parquet", name=["a", None], number=[1, 2], lists=[[5.0, 6.0], [7.0, 8.0]], fixed=fixed)
    assert read_rows(path, ["name", "number"]) == [{"name": "a", "number": 1}, {"name": None, "number": 2}]
    numbers = read_numbers(path, ["number", "lists", "fixed"])
    assert numbers["number"].tolist() == [1, 2]
    np.testing.assert_array_equal(numbers["lists"], [[5, 6], [7, 8]])
    np.testing.assert_array_equal(numbers["fixed"], [[1, 2], [3, 4]])


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (["a", "b"], "x: expected numbers, found string"),
        ([True, False], "x: expected numbers, found bool"),
        ([1, None], "x: 1 values are missing"),
        ([[1.0], [1.0, 2.0]], r"x: expected lists of one length, found \['1', '2'\]"),
        ([[1.0], None], "x: expected lists of one length"),
        ([[1.0], [None]], "x: 1 values are missing"),
        ([[[1.0]], [[2.0]]], "x: expected numbers, found list"),
    ],
)
def test_anything_but_numbers_is_refused_by_name(tmp_path: Path, values: list[Any], message: str):
    path = write(tmp_path / "a.parquet", x=values)
    with pytest.raises(ValueError, match=f"^{path}: {message}"):
        read_numbers(path, ["x"])


def test_a_missing_column_or_file_is_named(tmp_path: Path):
    path = write(tmp_path / "a.parquet", x=[1])
    with pytest.raises(ValueError, match=r"a.parquet: cannot be read .*y"):
        read_numbers(path, ["y"])
    with pytest.raises(ValueError, match=r"none.parquet: cannot be read"):
        read_rows(tmp_path / "none.parquet", ["x"])


def test_a_table_larger_than_memory_allows_is_refused_before_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    path = write(tmp_path / "a.parquet", x=np.zeros(100_000))
    monkeypatch.setattr(tables, "_MOST_NUMBERS", 99_999)
    with pytest.raises(ValueError, match=r"a.parquet: cannot be read \(100,000 values of .* bytes, but at most 99,999"):
        read_numbers(path, ["x"])
