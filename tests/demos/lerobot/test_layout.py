import json
import sys
from pathlib import Path

import pytest

from daml.demos.lerobot.layout import load_arrow, read_lerobot_info


def test_without_the_extra_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ImportError, match=r"pip install 'daml-imitation\[lerobot\]'"):
        load_arrow()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "no LeRobot dataset here"),
        ("{", "not valid JSON"),
        ("[]", "expected a JSON object, got list"),
        (json.dumps({"codebase_version": "v2.1"}), r"version 'v2.1', but this program reads v3.0"),
    ],
)
def test_what_is_no_lerobot_dataset_of_this_version_is_refused(tmp_path: Path, content: str | None, message: str):
    if content is not None:
        (tmp_path / "meta").mkdir()
        (tmp_path / "meta" / "info.json").write_text(content)
    with pytest.raises(ValueError, match=message):
        read_lerobot_info(tmp_path)
