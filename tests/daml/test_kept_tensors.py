"""Laws of tensors that are made once for each task."""

from functools import partial
from pathlib import Path

import pytest
import torch

from daml.kept_tensors import fill_in
from daml.tensor_file import write_tensors


def make(folder: Path, task: int) -> int:
    write_tensors(folder / str(task), {"values": torch.full((2,), float(task))})
    return 2


def make_nothing(_task: int) -> int:
    return 0


def test_what_is_missing_is_made_and_all_come_in_the_order_of_their_paths(tmp_path: Path):
    told: list[tuple[int, int]] = []
    paths = {task: tmp_path / str(task) for task in (3, 1, 2)}
    found = [torch.zeros(2)]

    tensors = fill_in(
        {1: found, 2: None, 3: None},
        paths,
        partial(make, tmp_path),
        names=["values"],
        workers=1,
        observers=[lambda *now: told.append(now)],
    )

    assert [values.tolist() for (values,) in tensors] == [[3, 3], [0, 0], [2, 2]]
    assert told == [(2, 1), (2, 1)]
    assert not paths[1].exists()


def test_what_was_made_and_is_gone_is_missed(tmp_path: Path):
    with pytest.raises(OSError, match="was written, but is not there any more"):
        fill_in({1: None}, {1: tmp_path / "1"}, make_nothing, names=["values"], workers=1)
