from dataclasses import replace

import numpy as np
import pytest

from daml.demos import Reading
from daml.page.wording import describe_step, name_colour
from daml.twins import Thing, Twin, build_twin


@pytest.fixture
def twin(reading: Reading) -> Twin:
    """A ball at the blue square, and a white plate where that went."""
    twin = build_twin(reading)
    picture = reading.clean_first_frame
    picture[60:84, 100:124] = 240
    corners = np.array([[100, 60], [124, 60], [124, 84], [100, 84]]) / (160, 120)
    item, *_ = (thing for thing in twin.things if thing.role == "item")
    plate = replace(item, name="container0", role="flat", family="plate", outline=corners)
    return replace(
        twin, things=(replace(item, family="ball", is_acted_on=True), replace(plate, is_acted_on=True, is_seen=True))
    )


def test_a_step_is_said_as_a_person_would(reading: Reading, twin: Twin):
    assert describe_step(reading, reading.steps[0], twin) == "the blue ball, carried onto the white plate"


@pytest.mark.parametrize(
    ("kind", "role", "words"),
    [
        ("push", "flat", "pushed onto"),
        ("place", "flat", "put down on"),
        ("place", "container", "put down in"),
        ("pick-place", "container", "carried into"),
    ],
)
def test_each_manner_has_its_words(reading: Reading, twin: Twin, kind: str, role: str, words: str):
    item, plate = twin.things
    twin = replace(twin, things=(item, replace(plate, role=role)))
    assert words in describe_step(reading, replace(reading.steps[0], kind=kind), twin)


def test_a_mark_is_said_to_be_on_the_table(reading: Reading, twin: Twin):
    item, plate = twin.things
    twin = replace(twin, things=(item, replace(plate, name="zone", family="disc")))
    assert describe_step(reading, reading.steps[0], twin).endswith("the white disc on the table")


@pytest.mark.parametrize("things", [1, 2])
def test_where_nothing_was_seen_to_be_put_on_the_table_is_named(reading: Reading, twin: Twin, things: int):
    unseen: Thing = replace(twin.things[1], is_seen=False)
    twin = replace(twin, things=(twin.things[0], unseen)[:things])
    assert describe_step(reading, reading.steps[0], twin) == "the blue ball, put down elsewhere on the table"


@pytest.mark.parametrize(
    ("rgb", "name"),
    [((220, 200, 30), "yellow"), ((190, 30, 30), "red"), ((15, 25, 120), "blue"), ((235, 235, 235), "white")],
)
def test_colours_have_the_names_that_people_give_them(reading: Reading, rgb: tuple[int, int, int], name: str):
    picture = reading.clean_first_frame.copy()
    picture[:] = rgb
    assert name_colour(picture, reading.steps[0].outline) == name


def test_an_outline_outside_the_picture_has_no_colour(reading: Reading):
    assert name_colour(reading.clean_first_frame, reading.steps[0].outline + 5) == "small"
