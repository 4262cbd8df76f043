"""Laws of printed surfaces."""

import numpy as np

from daml.envs.scene.appearance import TEXTURE_SIZE, draw_appearance
from daml.envs.scene.surfaces import LEAST_CONTRAST, draw_surface


def test_the_same_seed_paints_the_same_and_another_seed_another_surface():
    first, again, other = (draw_surface(np.random.default_rng(seed)) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_it_is_a_texture_of_at_least_two_colours_that_are_far_apart():
    rng = np.random.default_rng(0)
    for _ in range(50):
        surface = draw_surface(rng)
        assert (surface.shape, surface.dtype) == ((TEXTURE_SIZE, TEXTURE_SIZE, 3), np.uint8)
        colours = np.unique(surface.reshape(-1, 3), axis=0) / 255
        assert 2 <= len(colours) <= 3
        farthest = np.linalg.norm(colours[:, None] - colours, axis=2).max()
        assert farthest > LEAST_CONTRAST - 0.02


def test_no_table_of_training_has_so_much_contrast():
    rng = np.random.default_rng(0)
    tables = [draw_appearance(rng).table.std(axis=(0, 1)).max() for _ in range(50)]
    surfaces = [draw_surface(rng).std(axis=(0, 1)).max() for _ in range(50)]
    assert max(tables) < min(surfaces)
