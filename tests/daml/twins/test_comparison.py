"""Laws of the picture that compares a twin with its film."""

from dataclasses import replace

import numpy as np
import pytest

from daml.demos import Reading
from daml.twins import build_twin
from daml.twins.comparison import compare, render_scene


def test_the_twin_is_drawn_where_the_film_shows_it(reading: Reading):
    twin = build_twin(reading)
    height, width = twin.first_frame.shape[:2]
    picture = render_scene(twin.scene, size=(width, height))
    assert picture.shape == twin.first_frame.shape
    for thing in twin.things:
        if thing.place is not None:
            x, y = (np.array(thing.place) * picture.shape[1::-1]).astype(int)
            shade = picture[y, x] / max(picture[y, x].max(), 1)
            own = np.array(thing.colours[0]) / max(thing.colours[0])
            assert np.abs(shade - own).max() < 0.25


def test_film_and_twin_stand_side_by_side():
    film, twin = np.full((24, 32, 3), 10, np.uint8), np.full((24, 32, 3), 200, np.uint8)
    square = np.array([[0.2, 0.2], [0.8, 0.2], [0.8, 0.8], [0.2, 0.8]])
    picture = compare(film, twin, [(square, "item", True), (np.zeros((0, 2)), "item", False)])
    height, width = picture.shape[:2]
    assert (picture[:, width // 2 :] == 200).all()
    assert (picture[:, : width // 2] != 10).any()
    assert height / width == 24 / 64


def test_a_scene_of_no_film_cannot_be_drawn_as_one(reading: Reading):
    scene = replace(build_twin(reading).scene, film=None)
    with pytest.raises(ValueError, match="of no film"):
        render_scene(scene, size=(32, 24))
