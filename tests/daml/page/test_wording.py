from dataclasses import replace

import pytest

from daml.demos import Reading
from daml.page.wording import describe_step, name_colour


def test_a_step_is_said_as_a_person_would(reading: Reading):
    words = describe_step(reading, reading.steps[0])
    assert words == "the blue thing, picked up on the left and put down on the right"


@pytest.mark.parametrize(("kind", "word"), [("push", "pushed from"), ("place", "held"), ("pick-place", "picked up")])
def test_each_manner_has_its_words(reading: Reading, kind: str, word: str):
    assert word in describe_step(reading, replace(reading.steps[0], kind=kind))


@pytest.mark.parametrize(
    ("rgb", "name"),
    [((220, 200, 30), "yellow"), ((190, 30, 30), "red"), ((15, 25, 120), "blue"), ((235, 235, 235), "white")],
)
def test_colours_have_the_names_that_people_give_them(reading: Reading, rgb: tuple[int, int, int], name: str):
    picture = reading.clean_first_frame.copy()
    picture[:] = rgb
    assert name_colour(picture, reading.steps[0]) == name


def test_an_outline_outside_the_picture_has_no_colour(reading: Reading):
    step = replace(reading.steps[0], outline=reading.steps[0].outline + 5)
    assert name_colour(reading.clean_first_frame, step) == "small"
