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


@pytest.mark.parametrize("size", [(2, 3), (4, 6), (6, 9), (10, 15), (16, 24)])
def test_a_new_pixel_is_the_mean_of_the_area_that_it_covers(size: tuple[int, int]):
    frames = np.random.default_rng(0).integers(0, 256, (1, 8, 12, 3), np.uint8)
    finest = frames[0].repeat(size[0], axis=0).repeat(size[1], axis=1).astype(float)
    expected = finest.reshape(size[0], 8, size[1], 12, 3).mean(axis=(1, 3))
    assert np.abs(fitted(frames, *size, fit="crop")[0] - expected).max() < 0.51
