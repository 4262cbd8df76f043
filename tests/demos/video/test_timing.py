from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from daml.demos.video.timing import rising_times


def times(stamps: list[float | None], period_s: float = 0.1) -> list[float]:
    told = list(rising_times(zip(stamps, range(len(stamps)), strict=True), period_s=period_s))
    assert [frame for _, frame in told] == list(range(len(stamps)))
    return [time for time, _ in told]


@given(st.lists(st.none() | st.floats(-10, 1e6), max_size=30))
def test_times_never_stand_still_or_go_back(stamps: list[float | None]):
    told = times(stamps)
    assert told[:1] == [0.0][: len(stamps)]
    assert all(later > earlier for earlier, later in pairwise(told))


@given(st.lists(st.floats(0.01, 5.0), min_size=1, max_size=30), st.floats(-5, 5))
def test_rising_stamps_are_believed(steps: list[float], start: float):
    stamps = [start]
    for step in steps:
        stamps.append(stamps[-1] + step)
    assert times(list(stamps)) == pytest.approx([stamp - start for stamp in stamps])


@given(st.integers(1, 18), st.none() | st.floats(-100, 100))
def test_one_bad_stamp_moves_no_frame_beyond_its_neighbours(place: int, bad: float | None):
    stamps: list[float | None] = [n / 10 for n in range(20)]
    assume(bad != stamps[place + 1])  # two frames of one stamp share the time until the next
    stamps[place] = bad
    told = times(stamps)
    # Of two stamps out of order the first may be the bad one.
    assert told[: place - 1] == pytest.approx([n / 10 for n in range(place - 1)])
    assert told[place + 1 :] == pytest.approx([n / 10 for n in range(place + 1, 20)])
    assert max(0, place - 2) / 10 <= told[place - 1] < told[place] < (place + 1) / 10


def test_without_stamps_frames_are_evenly_spaced():
    assert times([None] * 5) == pytest.approx([0, 0.1, 0.2, 0.3, 0.4])


def test_several_frames_of_one_stamp_do_not_delay_what_follows():
    told = times([0.0, 0.1, 0.1, 0.1, 0.1, 0.2, 0.3])
    assert told[:2] + told[-2:] == pytest.approx([0, 0.1, 0.2, 0.3])


def test_a_second_film_in_the_file_goes_on_after_the_first():
    assert times([5.0, 5.1, 5.2, 0.0, 0.1, 0.2]) == pytest.approx([0, 0.1, 0.2, 0.3, 0.4, 0.5])
