import json
import sys
from pathlib import Path

import pytest

from daml.demos.lerobot.layout import Template, load_arrow, read_lerobot_info


def test_without_the_extra_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ImportError, match=r"pip install 'daml-imitation\[lerobot\]'"):
        load_arrow()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "no LeRobot dataset here"),
        ("{", "truncated"),
        ("[]", "[Ee]xpected object, got array"),
        (json.dumps({"codebase_version": "v2.1"}), r"version 'v2.1', but this program reads v3.0"),
    ],
)
def test_what_is_no_lerobot_dataset_of_this_version_is_refused(tmp_path: Path, content: str | None, message: str):
    if content is not None:
        (tmp_path / "meta").mkdir()
        (tmp_path / "meta" / "info.json").write_text(content)
    with pytest.raises(ValueError, match=message):
        read_lerobot_info(tmp_path)


def test_a_name_of_files_is_filled_in_as_python_would(tmp_path: Path):
    name = "{video_key}/chunk-{chunk_index:03d}/{file_index:04d}-{file_index:d}.mp4"
    path = tmp_path / "x.y" / "chunk-007" / "0012-12.mp4"
    path.parent.mkdir(parents=True)
    path.touch()
    assert Template(name, tmp_path).fill(video_key="x.y", chunk_index=7, file_index=12) == path.resolve()


@pytest.mark.parametrize(
    "name", ["{}", "{0}", "{file_index", "file_index}", "{{file_index}}", "{file_index:f}", "{file_index:4d}", "a\0b"]
)
def test_other_places_in_a_name_of_files_are_refused(tmp_path: Path, name: str):
    with pytest.raises(ValueError, match=r"info.json: the name .* of files has other places than"):
        Template(name, tmp_path)
