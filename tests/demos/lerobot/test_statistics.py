import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from daml.demos.lerobot.statistics import aggregate, describe


@given(st.lists(st.integers(1, 20), min_size=1, max_size=6), st.integers(0, 99))
def test_parts_together_are_described_as_the_whole(lengths: list[int], seed: int):
    rng = np.random.default_rng(seed)
    parts = [rng.normal(size=(length, 3)) for length in lengths]
    together = aggregate([{"x": describe(part)} for part in parts])["x"]
    whole = describe(np.concatenate(parts))
    for kind, value in whole.items():
        assert together[kind] == pytest.approx(value.tolist())
