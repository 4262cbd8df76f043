"""Laws of clips."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from daml import envs
from daml.envs.tabletop import PERSON_VIEW
from daml.reporting import clips
from daml.reporting.clips import (
    CAPTION_HEIGHT,
    CLIP_FRAME_RATE_HZ,
    HEIGHT,
    at_clip_rate,
    film_episode,
    film_for_people,
    side_by_side,
)

TASK = envs.Task("place", "test", 0)


class Still:
    """Does nothing."""

    def reset(self):
        pass

    def select_action(self, _observation: object) -> np.ndarray:
        return np.array([0, 0, 0, 1], np.float32)


def numbered(n_frames: int, height: int = 2, width: int = 2) -> np.ndarray:
    """Frames that say which they are."""
    numbers = np.arange(n_frames, dtype=np.uint8)[:, None, None, None]
    return np.broadcast_to(numbers, (n_frames, height, width, 3))


def number_of(frame: np.ndarray) -> int:
    return int(frame[-1, -1, -1])


@given(st.integers(1, 200))
def test_a_film_at_the_clips_rate_is_shown_frame_by_frame(n_frames: int):
    frames = numbered(n_frames)
    assert np.array_equal(at_clip_rate(frames, CLIP_FRAME_RATE_HZ), frames)


@given(st.integers(1, 200), st.floats(2, 60))
def test_a_film_of_another_rate_keeps_its_length_and_order(n_frames: int, frame_rate_hz: float):
    shown = [number_of(frame) for frame in at_clip_rate(numbered(n_frames), frame_rate_hz)]
    assert shown == sorted(shown)
    assert shown[0] == 0
    assert abs(len(shown) / CLIP_FRAME_RATE_HZ - n_frames / frame_rate_hz) <= 1 / CLIP_FRAME_RATE_HZ


def test_panels_keep_their_shapes_and_a_short_one_waits_at_its_end():
    frames = side_by_side([("short", numbered(2)), ("long", numbered(5, 4, 8))])
    assert frames.shape == (5, CAPTION_HEIGHT + HEIGHT, HEIGHT + 2 * HEIGHT, 3)
    assert [number_of(frame[:, :HEIGHT]) for frame in frames] == [0, 1, 1, 1, 1]
    assert [number_of(frame) for frame in frames] == [0, 1, 2, 3, 4]


def test_each_panel_has_its_caption():
    plain, other = (side_by_side([(caption, numbered(2))])[0, :CAPTION_HEIGHT] for caption in ("", "done"))
    assert not np.array_equal(plain, other)


def test_no_panels_are_refused():
    with pytest.raises(ValueError, match="at least one clip"):
        side_by_side([])


def test_people_see_every_step(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(envs.TabletopEnv, "picture", lambda self: np.full((*PERSON_VIEW, 3), self._steps, np.uint8))
    env = envs.TabletopEnv("place", image_size=16)
    frames, verdict = film_episode(Still(), env, task=TASK, seed=0)
    env.close()
    assert [number_of(frame) for frame in frames] == list(range(envs.TASK_KINDS[TASK.kind].horizon + 1))
    assert verdict in {"wrong_container", "not_completed"}


def test_people_and_the_policy_see_the_same_film(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(clips, "HUMAN_VIEW", 32)
    for_people, frame_rate_hz = film_for_people(TASK, seed=3)
    for_policy, policy_rate_hz = envs.film_human(envs.Shot(TASK, seed=3, image_size=32))
    assert (for_people.shape, frame_rate_hz) == (for_policy.shape, policy_rate_hz)
    # Shadows darken some places; what stands where is the same.
    difference = np.abs(for_people.astype(float) - for_policy).mean()
    other, _ = envs.film_human(envs.Shot(TASK, seed=4, image_size=32))
    n_frames = min(len(other), len(for_people))
    assert difference < 0.5 * np.abs(for_people[:n_frames].astype(float) - other[:n_frames]).mean()
