"""Laws of how demonstrations are filmed."""

import dataclasses
import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from daml import envs
from daml.collection.demonstrations import CollectionConfig, collect_human, collect_robot
from daml.collection.filming import PLAIN, Filming, without_default

TASK = envs.Task("tabletop", "train", 1)


def test_plain_films_are_of_the_world_that_priors_were_trained_in():
    assert PLAIN.shift() is envs.UNSHIFTED
    assert Filming("people").shift() is envs.PEOPLE


def test_folders_are_taken_along_and_one_that_is_none_is_refused(tmp_path: Path):
    cv2.imwrite(str(tmp_path / "wood_1.png"), np.zeros((4, 4, 3), np.uint8))
    shift = Filming("people", photos=str(tmp_path)).shift()
    assert shift.as_people
    assert shift.assets == envs.Assets(photos=str(tmp_path))
    with pytest.raises(ValueError, match="rooms: expected a folder"):
        Filming(rooms=str(tmp_path / "missing"))


def test_settings_of_plain_films_are_those_of_before_and_all_can_be_written():
    plain, people = CollectionConfig(), CollectionConfig(filming=Filming("people"))
    assert "filming" not in without_default(dataclasses.asdict(plain))
    assert without_default(dataclasses.asdict(people))["filming"]["films"] == "people"
    json.dumps(dataclasses.asdict(people))


def test_people_are_filmed_and_the_robot_acts_where_they_did():
    shift = Filming("people").shift()
    film = collect_human(TASK, seed=1, image_size=16, shift=shift)
    plain = collect_human(TASK, seed=1, image_size=16)
    assert film.frames.shape != plain.frames.shape or (film.frames != plain.frames).any()
    robot = collect_robot(TASK, seeds=iter(range(5)), image_size=16, noise=0.0, shift=shift)
    assert len(robot.frames) > 5
