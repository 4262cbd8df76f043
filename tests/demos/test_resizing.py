import numpy as np
import pytest

from daml.demos.resizing import fitted

RAMP = np.arange(2 * 8 * 12 * 3, dtype=np.uint8).reshape(2, 8, 12, 3)


def test_frames_of_that_size_are_the_same_frames():
    assert fitted(RAMP, 8, 12, fit="crop") is RAMP


@pytest.mark.parametrize("fit", ["crop", "pad"])
@pytest.mark.parametrize("size", [(4, 4), (3, 9), (20, 5), (1, 1)])
def test_frames_are_fitted_one_by_one_as_together(size: tuple[int, int], fit: str):
    together = fitted(RAMP, *size, fit=fit)
    assert together.shape == (2, *size, 3)
    np.testing.assert_array_equal(together, np.concatenate([fitted(RAMP[i : i + 1], *size, fit=fit) for i in (0, 1)]))


def test_no_size_is_refused():
    with pytest.raises(ValueError, match="at least 1, got 0 x 4"):
        fitted(RAMP, 0, 4, fit="pad")
