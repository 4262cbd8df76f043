"""Laws of what the commands that judge share."""

from pathlib import Path

import pytest

from daml import envs
from daml.app.judging import check_outputs, clip_path


def test_clips_lie_in_a_folder_beside_the_result(tmp_path: Path):
    scene = envs.describe(envs.Task("push", "test", 3))

    assert clip_path(tmp_path / "out.json", envs.Task("place", "test", 7)) == tmp_path / "out.videos/place-0007.mp4"
    assert clip_path(tmp_path / "out.json", scene) == tmp_path / "out.videos/push-scene.mp4"


def test_outputs_are_checked_before_anything_is_computed(tmp_path: Path):
    check_outputs(tmp_path / "out.json", videos=0)
    with pytest.raises(ValueError, match="number of videos is -1"):
        check_outputs(tmp_path / "out.json", videos=-1)
    with pytest.raises(ValueError, match=r"ends in \.json"):
        check_outputs(tmp_path / "out.txt", videos=0)
    assert list(tmp_path.iterdir()) == []
