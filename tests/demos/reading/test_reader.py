"""Laws of reading a film whose hands are known, and of reading a file where the hand models are installed."""

import math
from pathlib import Path

import cv2
import numpy as np
import pytest

from daml.demos import FilmNotReadableError, HandTracks, HumanDemo, Reading, read_film, read_steps, write_video
from daml.demos.hands.models import are_models_installed
from daml.demos.hands.network import is_runtime_installed

WIDTH, HEIGHT = 256, 192
NEEDS_MODELS = pytest.mark.skipif(
    not (is_runtime_installed() and are_models_installed()),
    reason="needs the extra `hands` and its models: python -m daml.demos.hands",
)


def distance(place: tuple[float, float], pixels: tuple[float, float]) -> float:
    """In shorter sides of the picture."""
    return math.hypot(place[0] * WIDTH - pixels[0], place[1] * HEIGHT - pixels[1]) / HEIGHT


def assert_reads(reading: Reading, stage, kind: str = "pick-place"):
    step = reading.steps[0]
    assert distance(step.item, stage.item) < 0.1
    assert distance(step.destination, stage.destination) < 0.1
    assert step.kind == kind


def test_a_disc_carried_to_a_plate_is_read(stage):
    film = stage()
    reading = read_steps(*film.film())
    assert_reads(reading, film)
    (step,) = reading.steps
    assert 1.5 < step.start_s < 2.6
    assert 3.0 < step.end_s < 4.2
    assert step.hand == "right"
    assert 0.5 < step.confidence <= 1
    assert np.ptp(step.outline * [WIDTH, HEIGHT], axis=0) == pytest.approx(2 * film.radius, abs=8)


def test_a_disc_pushed_along_the_table_is_read_as_pushed(stage):
    film = stage(lift=0.0, has_plate=False)
    assert_reads(read_steps(*film.film()), film, "push")


@pytest.mark.parametrize("destination", [(180.0, 60.0), (120.0, 160.0), (70.0, 60.0)])
def test_the_destination_follows_the_hand(stage, destination: tuple[float, float]):
    film = stage(destination=destination)
    assert_reads(read_steps(*film.film()), film)


def test_what_the_hand_holds_from_the_start_is_placed(stage):
    film = stage(item=(60.0, 60.0), starts_held=True)
    assert_reads(read_steps(*film.film()), film, "place")


def test_waiting_at_either_end_changes_nothing(stage):
    film = stage(before_s=10.0, after_s=10.0)
    assert_reads(read_steps(*film.film()), film)


def test_a_hand_that_waits_over_the_item_in_the_first_picture_does_not_matter(stage):
    film = stage(rest=(95.0, 90.0))
    assert_reads(read_steps(*film.film()), film)


def test_an_idle_hand_does_not_matter(stage):
    film = stage(idle_hand=True)
    assert_reads(read_steps(*film.film()), film)


def test_a_mirrored_film_is_read_mirrored(stage):
    film, hands = stage().film()
    mirrored = HumanDemo(np.ascontiguousarray(film.frames[:, :, ::-1]), film.frame_rate_hz)
    tracks = tuple(
        type(t)(t.times_s, np.stack([1 - t.landmarks[..., 0], t.landmarks[..., 1]], -1)) for t in hands.tracks
    )
    one, two = read_steps(film, hands).steps[0], read_steps(mirrored, HandTracks(hands.times_s, tracks)).steps[0]
    assert two.item == pytest.approx((1 - one.item[0], one.item[1]), abs=0.03)
    assert two.destination == pytest.approx((1 - one.destination[0], one.destination[1]), abs=0.03)


def test_a_camera_that_drifts_is_taken_out_of_the_reading(stage):
    film = stage(camera=lambda number: (0.25 * number, -0.1 * number))
    reading = read_steps(*film.film())
    assert_reads(reading, film)
    assert reading.camera_motion > 0.05


def test_two_steps_of_one_film_are_told_in_order(stage):
    one, two = stage(after_s=0.3), stage(item=(180.0, 120.0), destination=(90.0, 60.0), before_s=0.3)
    two.table = one.table  # the same table
    (first, hands), (second, more) = one.film(), two.film()
    shift = len(first) / first.frame_rate_hz
    times = np.concatenate([hands.times_s, more.times_s + shift])
    landmarks = np.concatenate([hands.tracks[0].landmarks, more.tracks[0].landmarks])
    both = HumanDemo(np.concatenate([first.frames, second.frames]), first.frame_rate_hz)
    reading = read_steps(both, HandTracks(times, (type(hands.tracks[0])(times, landmarks),)))
    assert len(reading.steps) == 2
    assert distance(reading.steps[1].item, two.item) < 0.1
    assert distance(reading.steps[1].destination, two.destination) < 0.1
    assert reading.steps[0].end_s < reading.steps[1].start_s


def test_times_count_from_where_the_film_is_cut(stage):
    film, hands = stage().film()
    plain, late = read_steps(film, hands).steps[0], read_steps(film, hands, starts_at_s=5.0).steps[0]
    assert late.start_s == pytest.approx(plain.start_s + 5)
    assert late.end_s == pytest.approx(plain.end_s + 5)


def test_the_acting_hand_passes_both_places(stage):
    film = stage()
    hand = read_steps(*film.film()).acting_hand
    assert hand.places.shape == (len(hand.times_s), 2)
    for place in (film.item, film.destination):
        assert min(distance(tuple(point), place) for point in hand.places) < 0.02


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"is_taken": False}, "nothing that it took"),  # a hand that waves over things
        ({"has_item": False, "has_plate": False}, "nothing that it took"),  # an empty table
        ({"camera": lambda number: (3.0 * number, 2.0 * number)}, "the camera moves"),
    ],
)
def test_a_film_that_shows_nothing_usable_is_refused_in_words(stage, changes: dict, words: str):
    with pytest.raises(FilmNotReadableError, match=words):
        read_steps(*stage(**changes).film())


@pytest.mark.parametrize("seconds", [2.6, 2.9])
def test_a_film_that_ends_while_the_item_is_carried_is_refused(stage, seconds: float):
    film, hands = stage().film()
    n = round(seconds * film.frame_rate_hz)
    track = hands.tracks[0]
    cut = type(track)(track.times_s[:n], track.landmarks[:n], track.rightness)
    with pytest.raises(FilmNotReadableError):
        read_steps(HumanDemo(film.frames[:n], film.frame_rate_hz), HandTracks(hands.times_s[:n], (cut,)))


def test_a_film_that_begins_shortly_before_and_ends_shortly_after_is_read(stage):
    film = stage(before_s=0.1, after_s=0.1)
    assert_reads(read_steps(*film.film()), film)


def test_a_film_without_hands_is_refused_whatever_changes_in_it(stage):
    film, hands = stage().film()
    with pytest.raises(FilmNotReadableError, match="no hand was found"):
        read_steps(film, HandTracks(hands.times_s, ()))


@NEEDS_MODELS
def test_a_file_in_which_no_hand_is_found_is_refused_by_name(tmp_path: Path):
    picture = cv2.resize(np.random.default_rng(0).integers(0, 255, (6, 8, 3), np.uint8), (160, 120))
    write_video(tmp_path / "table.mp4", np.stack([picture] * 12), frame_rate_hz=10.0)
    seen = []
    with pytest.raises(FilmNotReadableError, match=r"table\.mp4: no hand was found"):
        read_film(tmp_path / "table.mp4", observers=[seen.append])
    assert len(seen) == 12
    assert [sighting.share for sighting in seen] == sorted(sighting.share for sighting in seen)
