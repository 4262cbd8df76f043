"""Laws of looks."""

import numpy as np

from daml.envs.scene.appearance import TEXTURE_SIZE, draw_appearance


def test_the_same_seed_looks_the_same_and_another_seed_does_not():
    first, again, other = (draw_appearance(np.random.default_rng(seed)) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first.table, again.table)
    np.testing.assert_array_equal(first.floor, again.floor)
    assert first.light_position == again.light_position != other.light_position
    assert (first.table != other.table).any()


def test_textures_are_images_and_lights_shine_from_above_within_range():
    rng = np.random.default_rng(0)
    for _ in range(50):
        appearance = draw_appearance(rng)
        for texture in (appearance.table, appearance.floor):
            assert texture.shape == (TEXTURE_SIZE, TEXTURE_SIZE, 3)
            assert texture.dtype == np.uint8
        assert appearance.light_position[2] > 1
        assert 0 < min(appearance.light_diffuse) <= max(appearance.light_diffuse) < 1
        assert 0 < min(appearance.ambient) <= max(appearance.ambient) < 0.5


def test_tables_differ_from_episode_to_episode():
    rng = np.random.default_rng(0)
    means = np.array([draw_appearance(rng).table.mean(axis=(0, 1)) for _ in range(50)])
    assert (means.std(axis=0) > 15).all()
