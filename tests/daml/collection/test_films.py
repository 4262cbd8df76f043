"""Laws of what a policy can be shown."""

import numpy as np
import pytest

from daml import envs
from daml.collection.films import Film, film_human, film_reversed, film_robot, film_shuffled, record_films

TASK = envs.Task("place", "test", 0)


def frames_of(film: Film, *, seed: int = 1, image_size: int = 16) -> np.ndarray:
    return film(envs.Shot(TASK, seed=seed, image_size=image_size, target=1)).frames


def test_backwards_twice_is_forwards():
    np.testing.assert_array_equal(frames_of(film_reversed)[::-1], frames_of(film_human))


def test_a_shuffled_film_has_the_same_frames_in_another_order():
    shuffled, human = frames_of(film_shuffled), frames_of(film_human)
    assert (shuffled != human).any()
    assert sorted(frame.tobytes() for frame in shuffled) == sorted(frame.tobytes() for frame in human)


def test_the_order_comes_from_the_seed_and_not_from_the_size(monkeypatch: pytest.MonkeyPatch):
    def count(shot: envs.Shot) -> tuple[np.ndarray, float]:
        numbers = np.arange(20, dtype=np.uint8)[:, None, None, None]
        return np.broadcast_to(numbers, (20, shot.image_size, shot.image_size, 3)), 12.0

    monkeypatch.setattr(envs, "film_human", count)
    small, large, other = (
        frames_of(film_shuffled, seed=seed, image_size=size)[:, 0, 0, 0].tolist()
        for seed, size in ((1, 4), (1, 8), (2, 4))
    )
    assert small == large != other


def test_each_seed_gives_one_demonstration_of_the_choice_asked_for():
    demos = record_films(film_human, envs.Shot(TASK, seed=0, image_size=16, target=2), seeds=(3, 4))
    for seed, demo in zip((3, 4), demos, strict=True):
        frames, frame_rate_hz = envs.film_human(envs.Shot(TASK, seed=seed, image_size=16, target=2))
        np.testing.assert_array_equal(demo.frames, frames)
        assert demo.frame_rate_hz == frame_rate_hz


def test_what_people_film_is_handed_on_as_a_reading_hands_it_on():
    shot = envs.Shot(TASK, seed=3, image_size=24, shift=envs.PEOPLE)
    frames, frame_rate_hz, hand = envs.film_guided(shot)
    demo = film_human(shot)
    np.testing.assert_array_equal(demo.frames, frames)
    np.testing.assert_array_equal(demo.hand, hand)
    assert (demo.frame_rate_hz, demo.knows_hand) == (frame_rate_hz, True)
    assert not film_human(envs.Shot(TASK, seed=3, image_size=24)).knows_hand


def test_the_hand_goes_with_its_frame():
    shot = envs.Shot(TASK, seed=3, image_size=24, shift=envs.PEOPLE)
    np.testing.assert_array_equal(film_reversed(shot).hand, film_human(shot).hand[::-1])


def test_the_robot_is_taken_for_a_human():
    frames, frame_rate_hz = envs.film_robot(envs.Shot(TASK, seed=1, image_size=16))
    demo = film_robot(envs.Shot(TASK, seed=1, image_size=16))
    np.testing.assert_array_equal(demo.frames, frames)
    assert demo.frame_rate_hz == frame_rate_hz
