"""Laws of a twin's textures."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from daml.demos import Reading
from daml.envs.scene.cameras import Camera
from daml.twins import build_twin
from daml.twins.segments import Segment
from daml.twins.textures import SIZE, bare_table, side_view, textured, top_view
from daml.twins.viewpoint import seen_at

CAMERA = Camera("film", (1.1, 0.0, 0.7), (0.5, 0.0, 0.0), 45.0)


def test_a_side_view_shows_the_thing_alone():
    picture = np.full((60, 80, 3), 20, np.uint8)
    mask = np.zeros((60, 80), np.bool_)
    mask[10:30, 20:40] = True
    mask[10:15, 20:25] = False
    picture[mask] = (200, 40, 40)
    view = side_view(picture, Segment(mask))
    assert view.shape == (SIZE, SIZE, 3)
    assert (view == (200, 40, 40)).all()


def test_a_top_view_undoes_the_camera():
    height, width = 240, 320
    corners = np.array([[0.45, -0.05, 0.0], [0.55, -0.05, 0.0], [0.55, 0.05, 0.0], [0.45, 0.05, 0.0]])
    picture = np.zeros((height, width, 3), np.uint8)
    y, x = np.mgrid[:height, :width]
    # The quarter towards +x and +y is painted, as the camera sees it.
    quarter = np.array([[0.5, 0.0, 0.0], [0.55, 0.0, 0.0], [0.55, 0.05, 0.0], [0.5, 0.05, 0.0]])
    places = seen_at(CAMERA, quarter, aspect=width / height) * (width, height)
    edges = np.roll(places, -1, axis=0) - places
    turns = [edge[0] * (y - place[1]) - edge[1] * (x - place[0]) for edge, place in zip(edges, places, strict=True)]
    inside = np.all([turn > 0 for turn in turns], axis=0) | np.all([turn < 0 for turn in turns], axis=0)
    picture[inside] = 255
    view = top_view(picture, CAMERA, middle=corners.mean(axis=0), yaw=0.0, halves=(0.05, 0.05))
    half = SIZE // 2
    assert view[4 : half - 4, half + 4 : -4].mean() > 240  # right is x, and up is y
    assert view[half + 4 : -4].mean() < 15
    turned = top_view(picture, CAMERA, middle=corners.mean(axis=0), yaw=np.pi / 2, halves=(0.05, 0.05))
    assert turned[half + 4 : -4, half + 4 : -4].mean() > 240


def test_the_table_goes_on_under_things():
    picture = np.full((60, 80, 3), 150, np.uint8)
    table = np.ones((60, 80), np.bool_)
    table[20:40, 30:50] = False
    picture[~table] = 0
    np.testing.assert_allclose(bare_table(picture, table).astype(int), 150, atol=2)


def test_what_the_film_shows_has_a_texture_and_what_was_added_has_none(reading: Reading, tmp_path: Path):
    twin = build_twin(reading)
    scene = twin.write(tmp_path / "mine.toml")
    assert {path.name for path in (tmp_path / "mine.textures").iterdir()} == {
        "item0.png",
        "item1.png",
        "container0.png",
        "table.png",
    }
    for thing in twin.things:
        things = scene.objects.items if thing.name.startswith("item") else scene.objects.containers
        assert bool(things[int(thing.name[-1])].texture) == thing.is_seen


def test_a_scene_of_no_film_has_no_textures(reading: Reading, tmp_path: Path):
    twin = build_twin(reading)
    with pytest.raises(ValueError, match="of no film"):
        textured(
            replace(twin.scene, film=None),
            {},
            picture=twin.first_frame,
            table=twin.table,
            camera=twin.camera,
            folder=tmp_path,
        )
