"""Laws of a twin."""

from pathlib import Path

from PIL import Image

from daml.demos import Reading
from daml.envs import read_scene
from daml.twins import build_twin


def test_what_is_written_is_the_scene_and_a_picture_beside_it(reading: Reading, tmp_path: Path):
    twin = build_twin(reading)
    written = twin.write(tmp_path / "mine.toml")
    assert read_scene(tmp_path / "mine.toml") == written
    assert [item.family for item in written.objects.items] == [item.family for item in twin.scene.objects.items]
    with Image.open(tmp_path / "mine.png") as picture:
        assert picture.size == (1280, 480)
