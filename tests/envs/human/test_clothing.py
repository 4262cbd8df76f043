"""Laws of what people wear."""

import numpy as np

from daml.envs.human.bodies import WRIST_ALONG
from daml.envs.human.clothing import SLEEVE_ENDS, TEXTURE_SIZE, Clothes, draw_clothes


def wardrobe(count: int = 200) -> list[Clothes]:
    return [draw_clothes(np.random.default_rng(seed)) for seed in range(count)]


def test_sleeves_are_of_every_length():
    ends = [clothes.sleeve_end for clothes in wardrobe()]
    for low, high in SLEEVE_ENDS.values():
        assert any(low <= end <= high for end in ends)


def test_cloth_is_never_inside_the_skin():
    along = np.linspace(0, 0.6, 200)
    assert all(clothes.thickness(along).min() > 0 for clothes in wardrobe())


def test_a_watch_is_worn_on_the_wrist_and_not_under_a_sleeve():
    worn = [clothes for clothes in wardrobe() if clothes.watch is not None]
    assert 10 < len(worn) < 100
    for clothes in worn:
        assert clothes.watch is not None
        assert clothes.sleeve_end < clothes.watch.along < WRIST_ALONG
    assert {clothes.watch.dial is None for clothes in worn if clothes.watch is not None} == {True, False}


def test_cloths_are_textures_that_differ():
    cloths = [clothes.cloth for clothes in wardrobe(20)]
    assert all(cloth.shape == (TEXTURE_SIZE, TEXTURE_SIZE, 3) and cloth.dtype == np.uint8 for cloth in cloths)
    assert len({cloth.tobytes() for cloth in cloths}) == 20


def test_the_same_seed_dresses_alike():
    first, again = (draw_clothes(np.random.default_rng(3)) for _ in range(2))
    np.testing.assert_array_equal(first.cloth, again.cloth)
    assert first.sleeve_end == again.sleeve_end
