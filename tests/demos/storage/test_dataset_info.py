import json
from pathlib import Path
from typing import Any

import pytest

from daml.demos import DatasetInfo, DemoDataset, create_dataset, read_info

INFO = DatasetInfo(
    image_size=(64, 80),
    human_frame_rate_hz=12.5,
    robot_frame_rate_hz=10,
    provenance={"seed": 3, "versions": {"numpy": "2.4"}, "kinds": ["place"]},
)


def test_the_description_reads_back(tmp_path: Path):
    create_dataset(tmp_path / "a" / "b", INFO)
    assert read_info(tmp_path / "a" / "b") == INFO
    assert [path.name for path in (tmp_path / "a" / "b").iterdir()] == ["dataset.json"]


def test_a_dataset_can_be_joined_but_not_changed(tmp_path: Path):
    create_dataset(tmp_path, INFO)
    create_dataset(tmp_path, INFO)
    other = DatasetInfo(image_size=(64, 64), human_frame_rate_hz=12.5, robot_frame_rate_hz=10)
    with pytest.raises(ValueError, match=r"holds a dataset with other settings .*; choose another folder"):
        create_dataset(tmp_path, other)
    assert read_info(tmp_path) == INFO


@pytest.mark.parametrize(
    "changed",
    [
        {"image_size": (0, 64)},
        {"image_size": (64,)},
        {"image_size": (64, 10**6)},
        {"human_frame_rate_hz": 0},
        {"robot_frame_rate_hz": -1.0},
    ],
)
def test_sizes_and_rates_are_positive(changed: dict[str, Any]):
    settings = {"image_size": (64, 64), "human_frame_rate_hz": 10.0, "robot_frame_rate_hz": 10.0} | changed
    with pytest.raises(ValueError, match=f"{next(iter(changed))}: expected"):
        DatasetInfo(**settings)


@pytest.mark.parametrize("value", [object(), float("nan")])
def test_provenance_is_json(tmp_path: Path, value: object):
    info = DatasetInfo(image_size=(4, 4), human_frame_rate_hz=1, robot_frame_rate_hz=1, provenance={"x": value})
    with pytest.raises(ValueError, match="provenance: expected what JSON holds"):
        create_dataset(tmp_path / "data", info)
    assert not (tmp_path / "data").exists()


def test_another_format_version_is_refused(tmp_path: Path):
    create_dataset(tmp_path, INFO)
    path = tmp_path / "dataset.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"format_version": 99, "image_size": "who knows"}))
    with pytest.raises(ValueError, match=r"format version 99, but this program reads .*; collect the dataset again"):
        read_info(tmp_path)


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "3", "{}", '{"format_version": 2}', '{"format_version": 2, "image_size": 3}', "[" * 90_000],
)
def test_a_corrupt_description_is_refused_in_one_line(tmp_path: Path, content: str):
    (tmp_path / "dataset.json").write_text(content)
    with pytest.raises(ValueError, match=r"dataset.json: .*; (restore it or )?collect the dataset again") as raised:
        DemoDataset(tmp_path)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"image_size": [8, None]}, r"image_size\[1\]: expected int, got null"),
        ({"image_size": [8, 10**30]}, r"image_size\[1\]: expected int <= 1000000000"),
        ({"human_frame_rate_hz": 1e300}, "human_frame_rate_hz: expected float <= 1000000000.0"),
        ({"human_frame_rate_hz": "12"}, "human_frame_rate_hz: expected float, got str"),
        ({"provenance": 3}, "provenance: expected object, got int"),
    ],
)
def test_a_wrong_value_is_named_by_its_field(tmp_path: Path, changed: dict[str, Any], field: str):
    create_dataset(tmp_path, INFO)
    path = tmp_path / "dataset.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changed))
    with pytest.raises(ValueError, match=f"dataset.json: {field}; restore it"):
        read_info(tmp_path)


@pytest.mark.parametrize("folder", [".", "none", "dataset.json"])
def test_a_folder_that_is_no_dataset_is_refused(tmp_path: Path, folder: Path):
    with pytest.raises(ValueError, match="no dataset here"):
        DemoDataset(tmp_path / folder)
