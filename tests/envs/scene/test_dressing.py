"""Laws of looks that are taken from folders."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from daml.envs.scene.appearance import draw_appearance
from daml.envs.scene.assets import Assets, family_of, read_picture
from daml.envs.scene.dressing import (
    LEAST_DIFFERENCE,
    Dresser,
    dress_objects,
    floor_colour,
    mean_colour,
    objects_of,
    split_of_task,
)
from daml.envs.tasks.kinds import describe, draw_objects
from daml.envs.tasks.task import SPLITS, Task

TASKS = [Task("tabletop", split, index) for split in SPLITS for index in range(12)]


def test_what_is_asked_for_and_what_can_be_done_stay_as_they_were(assets: Assets):
    for task in TASKS:
        plain, dressed = draw_objects(task), objects_of(task, assets)
        assert (dressed.target, dressed.choices, len(dressed.items)) == (plain.target, plain.choices, len(plain.items))
        for before, after in zip(plain.containers, dressed.containers, strict=True):
            assert (before.family, before.half_extents) == (after.family, after.half_extents)
            assert not after.texture or after.sort != "marked"


def test_a_task_looks_the_same_every_time_and_its_families_are_its_splits(assets: Assets):
    used: dict[str, set[str]] = {split: set() for split in SPLITS}
    for task in TASKS:
        dressed = objects_of(task, assets)
        assert dressed == objects_of(task, assets)
        looks = [look for item in dressed.items for look in (item.texture, item.scan)]
        looks += [container.texture for container in dressed.containers]
        used[task.split] |= {family_of(Path(look)) for look in looks if look}
    assert used["train"]
    assert used["train"].isdisjoint(used["test"])
    assert used["train"].isdisjoint(used["validation"])


def test_without_folders_nothing_is_drawn_and_nothing_changes():
    rng = np.random.default_rng(0)
    appearance, item = draw_appearance(np.random.default_rng(1)), draw_objects(TASKS[0]).items[0]
    dresser = Dresser(None, "train", rng)
    assert dresser.surroundings(appearance) is appearance
    assert dresser.item(item) is item
    assert dresser.wall_pictures() == []
    assert rng.random() == np.random.default_rng(0).random()
    assert objects_of(TASKS[0], None) is draw_objects(TASKS[0])


def test_a_described_scene_stays_as_it_is_described(assets: Assets):
    scene = describe(Task("place", "train", 0))
    assert objects_of(scene, assets) is scene.objects
    assert split_of_task(scene) == "test"
    assert split_of_task(TASKS[0]) == "train"


def test_photographs_lie_on_tables_and_rooms_are_behind(assets: Assets):
    found: set[int] = set()
    for seed in range(20):
        dresser = Dresser(assets, "train", np.random.default_rng(seed))
        plain = draw_appearance(np.random.default_rng(1))
        dressed = dresser.surroundings(plain)
        found.add(dressed.table.shape[0])
        pictures = dresser.wall_pictures()
        assert len(pictures) in (0, 4)
        found |= {picture.shape[1] for picture in pictures}
    assert len(found) >= 2


def test_things_are_dressed_from_the_random_numbers_alone(assets: Assets):
    objects = draw_objects(TASKS[0])
    first, again, other = (
        dress_objects(objects, assets, split="train", rng=np.random.default_rng(seed)) for seed in (0, 0, 1)
    )
    assert first == again
    assert first != other


def test_looks_that_are_taken_over_differ_from_those_of_the_things_before(assets: Assets):
    n_taken_over = 0
    for task in TASKS:
        plain, dressed = draw_objects(task), objects_of(task, assets)
        looks = [
            (plain.items, dressed.items, [mean_colour(item) for item in dressed.items]),
            (plain.containers, dressed.containers, [floor_colour(one) for one in dressed.containers]),
        ]
        for before, after, colours in looks:
            for number, (own, new) in enumerate(zip(before, after, strict=True)):
                differences = [np.linalg.norm(np.subtract(colours[number], other)) for other in colours[:number]]
                assert new == own or min(differences, default=1.0) >= LEAST_DIFFERENCE
                n_taken_over += new != own
    assert n_taken_over > len(TASKS)


def test_mean_colours_are_those_of_patterns_pictures_and_scanned_things(assets: Assets):
    item, container = draw_objects(TASKS[0]).items[0], draw_objects(TASKS[0]).containers[0]
    picture = assets.photographs("train")[0]
    mean = read_picture(picture, (32, 32)).mean(axis=(0, 1)) / 255

    assert mean_colour(replace(item, pattern="plain")) == pytest.approx(item.colour, abs=1 / 255)
    assert mean_colour(replace(item, texture=str(picture))) == pytest.approx(tuple(mean))
    assert floor_colour(container) == container.floor_colour
    assert floor_colour(replace(container, texture=str(picture))) == pytest.approx(tuple(mean))
    red, green, blue = mean_colour(replace(item, scan=assets.scans("train")[0]))
    assert green > max(red, blue)
