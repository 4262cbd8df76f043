import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from daml.batch import (
    KEY_JITTER,
    LOW,
    BatchConfig,
    clip_goals,
    human_frame_indices,
    iterate_batches,
    key_steps,
    robot_frame_indices,
    sample_batch,
)
from daml.proprioception import extend_clip
from demos import DemoDataset

CONFIG = BatchConfig(n_tasks=3, human_frames=6, robot_clips=2, robot_frames=4)


def test_shapes_are_those_asked_for(dataset: DemoDataset):
    batch = sample_batch(dataset.tasks("train"), CONFIG, seed=0, step=0)

    assert batch.human.shape == (3, 6, 16, 16, 3)
    assert batch.robot_first.shape == (3, 2, 16, 16, 3)
    assert batch.robot.shape == (3, 8, 16, 16, 3)
    assert batch.states.shape == (3, 8, 9)
    assert batch.actions.shape == (3, 8, 4)
    assert batch.goals.shape == (3, 8, 6)
    assert {images.dtype for images in (batch.human, batch.robot_first, batch.robot)} == {torch.uint8}


def test_seed_and_step_alone_decide(dataset: DemoDataset):
    tasks = dataset.tasks("train")
    batch = sample_batch(tasks, CONFIG, seed=1, step=7)

    assert all(torch.equal(a, b) for a, b in zip(batch, sample_batch(tasks, CONFIG, seed=1, step=7), strict=True))
    for seed, step in ((2, 7), (1, 8)):
        assert not torch.equal(batch.human, sample_batch(tasks, CONFIG, seed=seed, step=step).human)


def test_batches_drawn_ahead_are_those_drawn_alone(dataset: DemoDataset):
    tasks = dataset.tasks("train")
    ahead = list(iterate_batches(tasks, CONFIG, seed=0, steps=range(3, 8)))

    assert len(ahead) == 5
    for step, batch in zip(range(3, 8), ahead, strict=True):
        assert torch.equal(batch.robot, sample_batch(tasks, CONFIG, seed=0, step=step).robot)


def test_every_robot_row_is_one_step_of_one_clip(dataset: DemoDataset):
    tasks = dataset.tasks("train")
    batch = sample_batch(tasks, CONFIG, seed=0, step=0)
    rows = {
        task.robot_frames(i, [t]).tobytes(): (task, i, t)
        for task in tasks
        for i in range(task.n_robots)
        for t in range(task.robot_length(i))
    }
    for b in range(3):
        for k in range(8):
            task, i, t = rows[batch.robot[b, k].numpy().tobytes()]
            states, actions = task.robot_states(i), task.robot_actions(i)
            np.testing.assert_array_equal(batch.states[b, k], extend_clip(states, actions)[t])
            np.testing.assert_array_equal(batch.actions[b, k], actions[t])
            np.testing.assert_array_equal(batch.goals[b, k], clip_goals(states, actions))
            assert rows[batch.robot_first[b, k // 4].numpy().tobytes()] == (task, i, 0)


def test_without_shift_the_first_human_frame_is_the_clips_first(dataset: DemoDataset):
    config = BatchConfig(n_tasks=3, human_frames=6, max_shift=0)
    batch = sample_batch(dataset.tasks("train"), config, seed=0, step=0)
    firsts = {task.human_frames(i, [0]).tobytes() for task in dataset.tasks("train") for i in range(task.n_humans)}

    assert all(frames[0].numpy().tobytes() in firsts for frames in batch.human)


def test_no_tasks_are_refused():
    with pytest.raises(ValueError, match="expected at least one task"):
        sample_batch([], CONFIG, seed=0, step=0)


@given(
    start=st.integers(0, 20),
    length=st.integers(1, 60),
    n_wanted=st.integers(2, 20),
    jitter=st.floats(0, 0.5),
    seed=st.integers(0, 99),
)
def test_human_frames_rise_from_the_first(start: int, length: int, n_wanted: int, jitter: float, seed: int):
    span = (start, start + length)
    indices = human_frame_indices(span, n_wanted, jitter=jitter, rng=np.random.default_rng(seed))

    assert indices[0] == 0
    assert (np.diff(indices) >= 0).all()
    assert indices[-1] <= span[1]


def test_human_frames_without_jitter_are_the_first_and_an_even_choice_of_the_moving_span():
    indices = human_frame_indices((5, 35), 12, jitter=0, rng=np.random.default_rng(0))

    assert indices.tolist() == [0, *range(5, 36, 3)]


@given(
    n_frames=st.integers(1, 60),
    keys=st.tuples(st.integers(0, 59), st.integers(0, 59)),
    n_wanted=st.integers(2, 12),
    seed=st.integers(0, 99),
)
def test_robot_frames_rise_and_exist(n_frames: int, keys: tuple[int, int], n_wanted: int, seed: int):
    first, second = (min(key, n_frames - 1) for key in keys)
    rng = np.random.default_rng(seed)
    indices = robot_frame_indices(n_frames, n_wanted, keys=(first, second), rng=rng)

    assert len(indices) == n_wanted
    assert (np.diff(indices) >= 0).all()
    assert indices[0] >= 0
    assert indices[-1] < n_frames


@given(keys=st.tuples(st.integers(0, 59), st.integers(0, 59)), seed=st.integers(0, 99))
def test_a_robot_frame_is_around_each_key_moment_and_the_others_are_spread_over_the_clip(
    keys: tuple[int, int], seed: int
):
    indices = robot_frame_indices(60, 8, keys=keys, rng=np.random.default_rng(seed))

    assert all((np.abs(indices - key) <= KEY_JITTER).any() for key in keys)
    assert set(indices // 10) == set(range(6))


def test_around_a_key_moment_every_miss_occurs():
    rng = np.random.default_rng(0)
    drawn = {int(i) for _ in range(100) for i in robot_frame_indices(60, 2, keys=(20, 40), rng=rng)}

    misses = range(-KEY_JITTER, KEY_JITTER + 1)
    assert drawn == {key + miss for key in (20, 40) for miss in misses}


OPEN, SHUT = -1.0, 1.0


def clip(
    commands: list[float], *, heights: list[float] | None = None, rises: list[float] | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Make a robot clip: states `(T, 4)`, all numbers different but for given heights, and actions `(T, 4)`."""
    states = np.arange(4 * len(commands), dtype=np.float32).reshape(-1, 4)
    if heights is not None:
        states[:, 2] = heights
    actions = np.random.default_rng(0).uniform(-1, 1, size=(len(commands), 4)).astype(np.float32)
    actions[:, 2] = 0.0 if rises is None else rises
    actions[:, 3] = commands
    return states, actions


@pytest.mark.parametrize(
    ("commands", "keys"),
    [
        pytest.param([SHUT, SHUT, SHUT, OPEN, OPEN, OPEN], (3, 3), id="place"),
        pytest.param([OPEN, OPEN, SHUT, SHUT, SHUT, OPEN, OPEN], (2, 5), id="pick and place"),
        pytest.param(
            [OPEN, SHUT, SHUT, OPEN, OPEN, SHUT, SHUT, SHUT, OPEN, OPEN],
            (5, 8),
            id="pick and place after a failed grasp",
        ),
        pytest.param([SHUT, OPEN, OPEN, SHUT, SHUT, OPEN, OPEN], (3, 5), id="pick and place from a closed gripper"),
        pytest.param([OPEN, OPEN, SHUT, SHUT, SHUT, SHUT], (2, 5), id="picked and never put down"),
    ],
)
def test_the_key_moments_are_taking_hold_and_letting_go(commands: list[float], keys: tuple[int, int]):
    assert key_steps(*clip(commands)) == keys


@pytest.mark.parametrize("command", [OPEN, SHUT])
def test_the_key_moments_of_a_push_are_its_first_and_last_low_steps(command: float):
    lowest = 0.02
    heights = [0.2, lowest + LOW + 0.001, lowest + LOW - 0.001, lowest, lowest + 0.005, 0.1, 0.2]

    assert key_steps(*clip([command] * len(heights), heights=heights)) == (2, 4)


def test_a_push_that_is_taken_up_again_counts_as_a_whole():
    heights = [0.2, 0.02, 0.02, 0.2, 0.2, 0.02, 0.2]

    assert key_steps(*clip([SHUT] * len(heights), heights=heights)) == (1, 5)


def test_where_a_low_gripper_is_told_to_rise_it_is_in_the_wrong_place_for_a_push():
    heights, rises = [0.2, 0.02, 0.02, 0.2, 0.02, 0.02, 0.02], [0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 1.0]

    assert key_steps(*clip([SHUT] * len(heights), heights=heights, rises=rises)) == (4, 5)


def test_heights_matter_to_a_push_alone():
    heights = [0.2, 0.02, 0.02, 0.2, 0.2, 0.02]

    assert key_steps(*clip([OPEN, OPEN, SHUT, SHUT, OPEN, OPEN], heights=heights)) == (2, 4)


def test_goals_are_the_grippers_positions_at_the_key_moments():
    states, actions = clip([OPEN, OPEN, SHUT, SHUT, SHUT, OPEN, OPEN])

    assert clip_goals(states, actions).tolist() == [8, 9, 10, 20, 21, 22]
