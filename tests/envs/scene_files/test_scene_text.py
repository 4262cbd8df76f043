"""Laws of scenes as text."""

import tomllib
from pathlib import Path

from daml.envs.scene_files.scene_text import scene_text
from daml.envs.tasks.description import Scene
from daml.envs.tasks.kinds import draw_objects
from daml.envs.tasks.task import Task


def test_the_text_is_toml_with_the_target_marked_and_the_video_named():
    scene = Scene("pick-place", draw_objects(Task("pick-place", "test", 1)))
    document = tomllib.loads(scene_text(scene, video_sha256="ab", folder=Path()))
    assert (document["kind"], document["video_sha256"]) == ("pick-place", "ab")
    target = scene.objects.choice(scene.objects.target)
    assert [number for number, item in enumerate(document["items"]) if item.get("target")] == [target.item]
    assert [number for number, item in enumerate(document["containers"]) if item.get("target")] == [target.container]
    assert "film" not in document
    assert all("place" not in item for item in document["items"])
