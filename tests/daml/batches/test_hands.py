"""Laws of what is read of a hand."""

import numpy as np
import pytest

from daml.batches.hands import HandErrors, draw_read

WAY = np.column_stack([np.linspace(-0.5, 0.5, 400), np.full(400, 0.2)]).astype(np.float32)


def read(hand: np.ndarray = WAY, *, seed: int = 0, **errors: float) -> np.ndarray:
    return draw_read(
        hand, HandErrors(**{"scale": 0.0, "missing": 0.0, "unknown": 0.0} | errors), np.random.default_rng(seed)
    )


def test_without_errors_the_truth_is_read():
    np.testing.assert_array_equal(read(), WAY)


def test_errors_are_as_large_as_asked_for_and_half_of_them_stays_the_same():
    errors = np.stack([read(scale=0.1, seed=seed) - WAY for seed in range(300)])  # (films, T, 2)
    assert errors.std() == pytest.approx(0.1, rel=0.05)
    assert errors.mean(axis=1).std() == pytest.approx(0.1 / np.sqrt(2), rel=0.1)


def test_where_it_is_missed_it_is_between_its_neighbours():
    np.testing.assert_allclose(read(missing=0.5)[5:-5], WAY[5:-5], atol=1e-6)  # on a straight way nothing is lost
    bent = np.where(np.arange(400)[:, None] % 2 == 0, WAY, -WAY).astype(np.float32)
    assert 0.3 < (read(bent, missing=0.5) != bent).any(axis=1).mean() < 0.6


def test_what_is_out_of_view_is_not_read():
    hand = WAY.copy()
    hand[:30] = np.nan
    np.testing.assert_array_equal(np.isnan(read(hand, scale=0.1, missing=0.2)), np.isnan(hand))


def test_of_some_films_nothing_is_read():
    share = np.mean([np.isnan(read(unknown=0.25, seed=seed)).all() for seed in range(400)])
    assert 0.17 < share < 0.33


def test_where_no_hand_is_known_no_random_number_is_drawn():
    nowhere, rng = np.full((5, 2), np.nan, np.float32), np.random.default_rng(0)
    np.testing.assert_array_equal(draw_read(nowhere, HandErrors(), rng), nowhere)
    assert rng.random() == np.random.default_rng(0).random()


def test_negative_errors_are_refused():
    with pytest.raises(ValueError, match="missing"):
        HandErrors(missing=-0.1)
