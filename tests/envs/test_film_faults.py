"""Laws of what goes wrong with films."""

from collections.abc import Callable

import numpy as np
import pytest

from daml.envs.film_faults import N_PASSERS, PASSER_WIDTH, PASSING_SHARE, Frames, degrade, occlude

BOTH = pytest.mark.parametrize("spoil", [occlude, degrade])


def film(n_frames: int = 40, *, side: int = 32) -> Frames:
    """A bright film in which a square moves to the right."""
    frames = np.full((n_frames, side, side, 3), 200, np.uint8)
    for number, frame in enumerate(frames):
        left = number * (side - 8) // n_frames
        frame[8:16, left : left + 8] = (250, 120, 120)
    return frames


@BOTH
def test_the_same_seed_spoils_in_the_same_way_and_leaves_the_film_itself_alone(
    spoil: Callable[[Frames, np.random.Generator], Frames],
):
    clean = film()
    first, again, other = (spoil(clean, np.random.default_rng(seed)) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()
    np.testing.assert_array_equal(clean, film())
    assert (first.shape, first.dtype) == (clean.shape, np.uint8)


@pytest.mark.parametrize("n_frames", [8, 40, 100])
@pytest.mark.parametrize("seed", range(5))
def test_who_passes_hides_a_column_of_some_frames_and_never_of_the_first(n_frames: int, seed: int):
    clean = film(n_frames)
    hidden = (occlude(clean, np.random.default_rng(seed)) != clean).any(axis=3)  # (T, H, W)
    assert not hidden[0].any()
    # Whole columns: what is hidden in one row is hidden in all.
    np.testing.assert_array_equal(hidden, np.broadcast_to(hidden[:, :1], hidden.shape))
    passed = hidden.any(axis=(1, 2))
    assert passed.sum() <= N_PASSERS * max(2, PASSING_SHARE[1] * n_frames + 1)
    assert passed.sum() >= N_PASSERS * PASSING_SHARE[0] * n_frames - N_PASSERS
    shares = hidden.mean(axis=(1, 2))
    assert 0.2 < shares.max() <= PASSER_WIDTH[1] + 2 / 32


def test_a_degraded_film_still_shows_what_it_showed():
    clean = film()
    degraded = degrade(clean, np.random.default_rng(0))
    error = np.abs(degraded.astype(float) - clean)
    assert 1 < error.mean() < 25
    # The square is still redder than the rest, where it is now.
    redness = degraded[..., 0].astype(float) - degraded[..., 1]
    lefts = [number * 24 // 40 for number in range(40)]
    inside = [redness[t, 9:15, left + 1 : left + 7].mean() for t, left in enumerate(lefts)]
    assert np.mean(inside) > redness.mean() + 20


@pytest.mark.parametrize("side", [17, 32])
def test_every_size_comes_back_as_it_was(side: int):
    clean = film(5, side=side)
    assert degrade(clean, np.random.default_rng(0)).shape == clean.shape
