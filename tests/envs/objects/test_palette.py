"""Laws of colours, patterns and the rule that keeps the splits apart."""

import itertools
from collections import Counter

import numpy as np
import pytest

from daml.envs.objects.palette import (
    COLOUR_JITTER,
    COLOURS,
    PATTERNS,
    SPLIT_SHARES,
    TEXTURE_SIZE,
    draw_pattern,
    jitter_colour,
    split_of,
)
from daml.envs.tasks.task import SPLITS

BLACK, WHITE = (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)


def test_every_combination_belongs_to_one_split_in_about_the_shares_asked_for():
    combinations = [f"bowl/{wall}/{floor}/{p}" for wall, floor, p in itertools.product(COLOURS, COLOURS, PATTERNS)]
    owners = Counter(split_of(combination) for combination in combinations)
    assert set(owners) == set(SPLITS) == set(SPLIT_SHARES)
    for split, share in SPLIT_SHARES.items():
        assert owners[split] / len(combinations) == pytest.approx(share / sum(SPLIT_SHARES.values()), abs=0.03)


def test_the_owner_of_a_combination_never_changes():
    # Stored datasets and trained priors rely on it.
    assert split_of("cup/teal/black/ring") == "train"
    assert split_of("bowl/red/white/plain") == "validation"
    assert split_of("box/teal/teal/ring") == "test"


def test_a_jittered_colour_stays_near_its_name_and_in_range():
    rng = np.random.default_rng(0)
    for name, colour in COLOURS.items():
        for _ in range(20):
            drawn = np.array(jitter_colour(name, rng))
            assert np.abs(drawn - colour).max() <= COLOUR_JITTER
            assert drawn.min() >= 0
            assert drawn.max() <= 1


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_pattern_has_one_colour_or_both(pattern: str):
    image = draw_pattern(pattern, BLACK, WHITE)
    assert image.shape == (TEXTURE_SIZE, TEXTURE_SIZE, 3)
    assert image.dtype == np.uint8
    assert set(np.unique(image)) == ({0} if pattern == "plain" else {0, 255})


def test_patterns_differ_widely():
    images = [draw_pattern(pattern, BLACK, WHITE) for pattern in PATTERNS]
    for first, second in itertools.combinations(images, 2):
        assert (first != second).mean() > 0.15


def test_an_unknown_pattern_is_refused_with_the_names_there_are():
    with pytest.raises(ValueError, match=r"pattern 'tartan' is unknown; valid patterns: plain, stripes"):
        draw_pattern("tartan", BLACK, WHITE)
