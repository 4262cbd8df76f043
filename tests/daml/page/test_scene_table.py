from typing import Any

import pytest

from daml import envs
from daml.page.scene_table import edited, rows_of

SCENES = [envs.describe(envs.Task(kind, "test", index)) for kind in envs.KINDS for index in range(4)]


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.kind)
def test_a_table_that_is_left_as_it_is_changes_nothing(scene: envs.Scene):
    assert edited(scene, rows_of(scene)) == scene
    assert edited(scene, []) == scene


def test_a_table_has_a_row_for_each_thing_and_marks_what_was_shown():
    rows = rows_of(envs.describe(envs.Task("pick-place", "test", 0)))
    assert len({row["name"] for row in rows}) == len(rows)
    assert [row["role"] for row in rows if row["is_target"]] == ["item", "destination"]
    assert all(row["family"] in row["families"] for row in rows)


@pytest.mark.parametrize("kind", envs.KINDS)
def test_every_shape_offered_can_be_chosen(kind: str):
    scene = envs.describe(envs.Task(kind, "test", 0))
    for number, row in enumerate(rows_of(scene)):
        for family in row["families"]:
            rows = rows_of(scene)
            rows[number] |= {"family": family}
            assert rows_of(edited(scene, rows))[number]["family"] == family


def test_a_colour_can_be_chosen():
    scene = envs.describe(envs.Task("place", "test", 0))
    changed = edited(scene, [{"name": "item0", "colour": "#FF0080"}])
    assert changed.objects.items[0].colour == (1.0, 0.0, 128 / 255)
    assert changed.objects.containers == scene.objects.containers


@pytest.mark.parametrize("size", [[0.2, 0.2, 0.2], [90, 90, 90], [3.3, 3.5, 3.6]])
def test_sizes_are_brought_to_what_the_robot_can_handle(size: list[float]):
    scene = envs.describe(envs.Task("push", "test", 0))
    for name, sides in (("item0", size), ("zone", size[:1])):
        assert edited(scene, [{"name": name, "size": sides}]).kind == "push"


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"name": "item0", "family": "../../x"}, "item0: family: expected one of"),
        ({"name": "container0", "family": 3}, "container0: family: expected one of"),
        ({"name": "item0", "colour": "red"}, "item0: colour: expected #rrggbb"),
        ({"name": "item0", "colour": ["#ffffff"]}, "item0: colour: expected #rrggbb"),
        ({"name": "item0", "size": [1, 2]}, "item0: size: expected 3 number"),
        ({"name": "item0", "size": [1, 2, float("nan")]}, "item0: size"),
        ({"name": "item0", "size": [1, 2, -1]}, "item0: size"),
        ({"name": "item0", "size": "wide"}, "item0: size"),
        ({"name": "container0", "size": {"x": 1}}, "container0: size"),
    ],
)
def test_what_is_no_change_is_refused_by_name(row: dict[str, Any], words: str):
    scene = envs.describe(envs.Task("place", "test", 0))
    with pytest.raises(ValueError, match=words):
        edited(scene, [row])
