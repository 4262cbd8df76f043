import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray

from daml.demos import Fit, Frames, HumanDemo, RobotDemo, moving_span

lengths = st.integers(2, 12)
sizes = st.integers(1, 9)
rates = st.floats(0.1, 240)


def numbered_frames(n_frames: int, height: int = 4, width: int = 6) -> Frames:
    """Frames whose every pixel holds their index."""
    return np.broadcast_to(np.arange(n_frames, dtype=np.uint8)[:, None, None, None], (n_frames, height, width, 3))


def robot_parts(n_steps: int, **changed: object) -> dict[str, Any]:
    parts = {
        "frames": np.zeros((n_steps, 4, 6, 3), np.uint8),
        "states": np.zeros((n_steps, 4), np.float32),
        "actions": np.zeros((n_steps, 3), np.float32),
        "frame_rate_hz": 10.0,
    }
    return parts | changed


@given(lengths, sizes, sizes, rates)
def test_any_rgb_video_is_a_human_demo(n_frames: int, height: int, width: int, rate: float):
    frames = np.zeros((n_frames, height, width, 3), np.uint8)
    demo = HumanDemo(frames, rate)
    assert len(demo) == n_frames
    assert demo.duration == pytest.approx((n_frames - 1) / rate)
    assert np.shares_memory(demo.frames, frames)


@given(array_shapes(min_dims=1, max_dims=5, max_side=4).filter(lambda s: len(s) != 4 or s[3] != 3 or s[0] < 2))
def test_any_other_shape_is_refused(shape: tuple[int, ...]):
    with pytest.raises(ValueError, match=r"HumanDemo.frames: .*(expected the shape \(T, H, W, 3\)|at least 2)"):
        HumanDemo(np.zeros(shape, np.uint8), 10.0)


@given(st.sampled_from([np.float32, np.float64, np.int8, np.int64, np.uint16, np.bool_]))
def test_any_other_dtype_is_refused(dtype: type[np.generic]):
    with pytest.raises(ValueError, match="expected uint8"):
        HumanDemo(np.zeros((3, 4, 4, 3), dtype), 10.0)


def test_a_picture_without_pixels_is_refused():
    with pytest.raises(ValueError, match="expected the shape"):
        HumanDemo(np.zeros((3, 0, 4, 3), np.uint8), 10.0)


def test_a_list_is_refused():
    with pytest.raises(TypeError, match="got list; convert it"):
        HumanDemo([[[[0, 0, 0]]]] * 3, 10.0)


@given(st.one_of(st.floats(max_value=0), st.sampled_from([math.nan, math.inf])))
def test_a_frame_rate_must_be_positive_and_finite(rate: float):
    with pytest.raises(ValueError, match="positive number of frames per second"):
        HumanDemo(np.zeros((3, 4, 4, 3), np.uint8), rate)
    with pytest.raises(ValueError, match="positive number of frames per second"):
        RobotDemo(**robot_parts(3, frame_rate_hz=rate))


def test_a_demo_cannot_be_changed_but_its_source_can():
    frames, parts = np.zeros((3, 4, 4, 3), np.uint8), robot_parts(3)
    human, robot = HumanDemo(frames, 10.0), RobotDemo(**parts)
    for array in (human.frames, robot.frames, robot.states, robot.actions):
        with pytest.raises(ValueError, match="read-only"):
            array[:] = 1
    with pytest.raises(AttributeError):
        human.frame_rate_hz = 3.0
    assert frames.flags.writeable
    assert parts["states"].flags.writeable


@given(lengths, st.integers(1, 7), st.integers(1, 7), st.data())
def test_a_robot_demo_has_one_finite_row_per_frame(n_steps: int, n_states: int, n_actions: int, data: st.DataObject):
    finite = st.floats(-1e6, 1e6, width=32)
    states = data.draw(arrays(np.float32, (n_steps, n_states), elements=finite))
    actions = data.draw(arrays(np.float32, (n_steps, n_actions), elements=finite))
    demo = RobotDemo(**robot_parts(n_steps, states=states, actions=actions))
    assert len(demo) == n_steps
    assert demo.duration == pytest.approx((n_steps - 1) / 10)
    for name, values in (("states", states), ("actions", actions)):
        with pytest.raises(ValueError, match=f"{name}: {n_steps - 1} rows for {n_steps} frames"):
            RobotDemo(**robot_parts(n_steps, **{name: values[1:]}))
        broken = values.copy()
        row = data.draw(st.integers(0, n_steps - 1))
        broken[row, 0] = data.draw(st.sampled_from([np.nan, np.inf, -np.inf]))
        with pytest.raises(ValueError, match=f"{name}: row {row} is not finite"):
            RobotDemo(**robot_parts(n_steps, **{name: broken}))


@pytest.mark.parametrize("name", ["states", "actions"])
@pytest.mark.parametrize("values", [np.zeros((3, 4)), np.zeros(3, np.float32), np.zeros((3, 1, 4), np.float32)])
def test_a_robot_demo_refuses_other_kinds_of_rows(name: str, values: NDArray[Any]):
    with pytest.raises(ValueError, match=rf"RobotDemo.{name}: expected float32 with the shape \(T, dimensions\)"):
        RobotDemo(**robot_parts(3, **{name: values}))


@given(lengths, st.integers(2, 40), rates)
def test_resampling_keeps_both_ends_the_order_and_the_duration(n_frames: int, n_chosen: int, rate: float):
    demo = HumanDemo(numbered_frames(n_frames), rate)
    chosen = demo.resampled(n_chosen)
    indices = chosen.frames[:, 0, 0, 0].astype(int)
    assert len(chosen) == n_chosen
    assert indices[0] == 0
    assert indices[-1] == n_frames - 1
    assert (np.diff(indices) >= 0).all()
    # Each chosen frame is the nearest in time to its slot.
    assert (np.abs(indices / rate - np.arange(n_chosen) / chosen.frame_rate_hz) <= 0.5 / rate * (1 + 1e-6)).all()
    assert chosen.duration == pytest.approx(demo.duration)


def test_resampling_to_the_same_number_changes_nothing():
    demo = HumanDemo(numbered_frames(7), 12.0)
    np.testing.assert_array_equal(demo.resampled(7).frames, demo.frames)


def test_resampling_to_one_frame_is_refused():
    with pytest.raises(ValueError, match="n_frames: expected at least 2"):
        HumanDemo(numbered_frames(7), 12.0).resampled(1)


def test_resizing_by_a_whole_factor_averages_blocks():
    frames = np.random.default_rng(0).integers(0, 256, (3, 12, 20, 3), dtype=np.uint8)
    blocks = frames.reshape(3, 3, 4, 5, 4, 3).mean(axis=(2, 4))
    assert np.abs(HumanDemo(frames, 10.0).resized(3, 5).frames - blocks).max() <= 0.5 + 1e-3


@given(sizes, sizes, sizes, sizes, st.integers(0, 255))
def test_resizing_keeps_a_plain_colour(height: int, width: int, new_height: int, new_width: int, level: int):
    resized = HumanDemo(np.full((2, height, width, 3), level, np.uint8), 10.0).resized(new_height, new_width)
    assert resized.frames.shape == (2, new_height, new_width, 3)
    assert (resized.frames == level).all()


@given(st.integers(1, 30), st.integers(1, 30), st.integers(1, 30), st.integers(1, 30))
def test_resizing_keeps_order_along_a_ramp(height: int, width: int, new_height: int, new_width: int):
    ramp = np.broadcast_to((np.arange(width, dtype=np.uint8) * 8)[:, None], (2, height, width, 3))
    resized = HumanDemo(ramp, 10.0).resized(new_height, new_width).frames.astype(int)
    assert (np.diff(resized, axis=2) >= 0).all()
    assert np.ptp(resized, axis=(0, 1)).max() <= 1  # rows differ by rounding at most


def test_resizing_crops_the_centre_rather_than_squeezing():
    wide = np.zeros((2, 8, 24, 3), np.uint8)
    wide[:, :, 8:16] = 200
    assert (HumanDemo(wide, 10.0).resized(4, 4).frames == 200).all()
    assert (HumanDemo(wide.transpose(0, 2, 1, 3), 10.0).resized(4, 4).frames == 200).all()


def test_resizing_to_the_same_size_returns_the_same_demo():
    demo = HumanDemo(numbered_frames(3), 10.0)
    assert demo.resized(4, 6) is demo


def test_resizing_to_nothing_is_refused():
    with pytest.raises(ValueError, match="height and a width of at least 1, got 0 x 4"):
        HumanDemo(numbered_frames(3), 10.0).resized(0, 4)


@given(st.integers(1, 20), st.integers(1, 20), st.integers(1, 20), st.integers(1, 20))
def test_padding_keeps_everything_and_repeats_the_border(height: int, width: int, new_height: int, new_width: int):
    frames = np.full((2, height, width, 3), 40, np.uint8)
    frames[:, 0, 0], frames[:, -1, -1] = 240, 250
    padded = HumanDemo(frames, 10.0).resized(new_height, new_width, fit="pad").frames
    assert padded.shape == (2, new_height, new_width, 3)
    scale = min(new_height / height, new_width / width)
    if scale >= 1:  # nothing is averaged away
        assert padded[0, 0, 0, 0] > 40
        assert padded[0, -1, -1, 0] > 40


def test_cropping_loses_the_sides_and_padding_does_not():
    frames = np.zeros((2, 10, 30, 3), np.uint8)
    frames[:, :, :4] = frames[:, :, -4:] = 200
    demo = HumanDemo(frames, 10.0)
    assert demo.resized(10, 10).frames.max() == 0
    padded = demo.resized(30, 30, fit="pad").frames
    np.testing.assert_array_equal(padded[:, 10:20], frames)
    np.testing.assert_array_equal(padded[:, :10], np.repeat(frames[:, :1], 10, axis=1))
    np.testing.assert_array_equal(padded[:, 20:], np.repeat(frames[:, -1:], 10, axis=1))


HAND = np.array([[np.nan, np.nan], [-0.5, 0.2], [0.0, 0.0], [0.5, -0.4]], np.float32)


def test_where_nothing_is_told_the_hand_is_unknown():
    demo = HumanDemo(np.zeros((4, 8, 12, 3), np.uint8), 10)
    assert np.isnan(demo.hand).all()
    assert demo.hand.shape == (4, 2)
    assert not demo.knows_hand


def test_a_film_that_was_read_is_all_of_the_task_but_for_its_clean_first_frame():
    frames = np.zeros((4, 8, 12, 3), np.uint8)
    assert HumanDemo(frames, 10, HAND).acting_span() == (1, 3)
    assert HumanDemo(frames, 10).acting_span() == moving_span(frames)


def test_there_is_a_place_of_the_hand_for_each_frame():
    with pytest.raises(ValueError, match=r"expected the shape \(4, 2\), got \(3, 2\)"):
        HumanDemo(np.zeros((4, 8, 12, 3), np.uint8), 10, HAND[1:])


@pytest.mark.parametrize("fit", ["crop", "pad"])
@pytest.mark.parametrize("size", [(48, 48), (32, 80), (64, 96)])
def test_the_hand_stays_on_what_it_was_on(size: tuple[int, int], fit: Fit):
    """A bright block is where the hand is; so it is once the frames have another size."""
    frames, hand = np.zeros((3, 32, 48, 3), np.uint8), np.zeros((3, 2), np.float32)
    for number, (row, column) in enumerate(((12, 16), (16, 24), (20, 28))):
        frames[number, row : row + 4, column : column + 4] = 255
        hand[number] = 2 * (column + 2) / 48 - 1, 2 * (row + 2) / 32 - 1
    demo = HumanDemo(frames, 10, hand).resized(*size, fit=fit)
    for frame, place in zip(demo.frames[..., 0].astype(float), demo.hand, strict=True):
        shares = [(np.arange(n) + 0.5) * 2 / n - 1 for n in size]
        middle = [(frame.sum(axis=1 - axis) * shares[axis]).sum() / frame.sum() for axis in (1, 0)]
        np.testing.assert_allclose(place, middle, atol=0.07)  # cuts are at whole pixels


def test_resampling_keeps_the_hand_with_its_frame():
    demo = HumanDemo(np.zeros((4, 8, 12, 3), np.uint8), 10, HAND)
    np.testing.assert_array_equal(demo.resampled(2).hand, HAND[[0, 3]])
