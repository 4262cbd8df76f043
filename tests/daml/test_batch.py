import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from daml.batch import (
    BatchConfig,
    clip_goals,
    contact_step,
    human_frame_indices,
    iterate_batches,
    robot_frame_indices,
    sample_batch,
)
from demos import DemoDataset

CONFIG = BatchConfig(n_tasks=3, human_frames=6, robot_clips=2, robot_frames=4)


def test_shapes_are_those_asked_for(dataset: DemoDataset):
    batch = sample_batch(dataset.tasks("train"), CONFIG, seed=0, step=0)

    assert batch.human.shape == (3, 6, 16, 16, 3)
    assert batch.robot_first.shape == (3, 2, 16, 16, 3)
    assert batch.robot.shape == (3, 8, 16, 16, 3)
    assert batch.states.shape == batch.actions.shape == (3, 8, 4)
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
            np.testing.assert_array_equal(batch.states[b, k], states[t])
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


@given(n_frames=st.integers(2, 60), contact=st.integers(0, 59), n_wanted=st.integers(1, 12), seed=st.integers(0, 99))
def test_robot_frames_rise_and_exist(n_frames: int, contact: int, n_wanted: int, seed: int):
    rng = np.random.default_rng(seed)
    contact = min(contact, n_frames - 1)
    indices = robot_frame_indices(n_frames, n_wanted, contact=contact, share=0.75, rng=rng)

    assert len(indices) == n_wanted
    assert (np.diff(indices) >= 0).all()
    assert indices[0] >= 0
    assert indices[-1] < n_frames


@pytest.mark.parametrize("seed", range(5))
def test_one_robot_frame_is_around_contact_and_most_others_are_before(seed: int):
    indices = robot_frame_indices(60, 9, contact=20, share=0.75, rng=np.random.default_rng(seed))

    around = np.isin(indices, [19, 20, 21])
    assert around.any()
    assert (indices < 19).sum() >= 5
    assert (indices > 21).sum() in (1, 2)


def test_the_last_frame_can_be_contact():
    indices = robot_frame_indices(10, 4, contact=9, share=0.75, rng=np.random.default_rng(0))

    assert indices.max() <= 9


def test_contact_is_where_the_gripper_command_first_changes():
    actions = np.zeros((6, 4), dtype=np.float32)
    states = np.arange(24, dtype=np.float32).reshape(6, 4)
    actions[:, -1] = [1, 1, -1, -1, 1, 1]

    assert contact_step(actions) == 2
    assert clip_goals(states, actions).tolist() == [8, 9, 10, 20, 21, 22]


def test_without_a_change_contact_is_at_the_end():
    assert contact_step(np.ones((6, 4), dtype=np.float32)) == 5
