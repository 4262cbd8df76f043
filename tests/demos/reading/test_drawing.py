"""Laws of drawing a reading."""

import numpy as np

from daml.demos import draw_reading, read_steps
from daml.demos.reading.drawing import draw_steps


def test_a_sheet_shows_the_first_picture_with_its_step_and_two_moments(stage):
    reading = read_steps(*stage().film())
    sheet = draw_reading(reading)
    assert sheet.dtype == np.uint8
    assert sheet.shape[1] == 960
    assert sheet.shape[0] > 0.75 * 960  # the first picture, and a row of moments
    green = (np.abs(sheet.astype(int) - (80, 220, 100)).max(axis=2) < 30).sum()
    assert green > 300


def test_drawing_leaves_the_reading_as_it_is(stage):
    reading = read_steps(*stage().film())
    clean = reading.clean_first_frame.copy()
    draw_reading(reading)
    assert np.array_equal(reading.clean_first_frame, clean)


def test_what_is_believed_is_marked_even_outside_the_picture(stage):
    reading = read_steps(*stage().film())
    plain, one, outside = (
        draw_reading(reading, believed=believed) for believed in ({}, {"item": (0.5, 0.5)}, {"item": (9.0, -9.0)})
    )
    assert (plain != one).any()
    assert (plain != outside).any()


def test_steps_are_drawn_on_any_picture_of_the_film(stage):
    reading = read_steps(*stage().film())
    picture = np.zeros((120, 160, 3), np.uint8)
    drawn = draw_steps(picture, reading)
    assert drawn.shape == picture.shape
    assert drawn.any()
    assert not picture.any()
