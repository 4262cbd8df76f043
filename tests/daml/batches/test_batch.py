import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from daml.batches.augmentation import stack_images
from daml.batches.batch import (
    EARLY_PART,
    KEY_JITTER,
    BatchConfig,
    human_frame_indices,
    iterate_batches,
    robot_frame_indices,
    sample_batch,
)
from daml.batches.goals import clip_goals
from daml.demos import DemoDataset
from daml.policies.goal import GOAL_SIZE
from daml.policies.robot.proprioception import extend_clip
from daml.policies.tensor_trees import named_tensors
from daml.policies.vision.feature_map import N_LOCATORS
from daml.policies.vision.seen_image import SeenImage

CONFIG = BatchConfig(n_tasks=3, human_frames=6, robot_clips=2, robot_frames=4)


def test_shapes_are_those_asked_for(dataset: DemoDataset):
    batch = sample_batch(dataset.tasks("train"), CONFIG, seed=0, step=0)

    assert batch.human.shape == (3, 6, 16, 16, 3)
    assert batch.hand.shape == (3, 6, 2)
    assert batch.robot_first.shape == (3, 2, 16, 16, 3)
    assert batch.robot.shape == (3, 8, 16, 16, 3)
    assert batch.states.shape == (3, 8, 9)
    assert batch.actions.shape == (3, 8, 4)
    assert batch.goals.pack().shape == (3, 8, GOAL_SIZE)
    assert {images.dtype for images in (batch.human, batch.robot_first, batch.robot)} == {torch.uint8}


def test_seed_and_step_alone_decide(dataset: DemoDataset):
    tasks = dataset.tasks("train")
    batch, again = (sample_batch(tasks, CONFIG, seed=1, step=7) for _ in range(2))

    for one, other in zip(named_tensors(batch).values(), named_tensors(again).values(), strict=True):
        assert torch.equal(one.nan_to_num(), other.nan_to_num())
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
    packed = batch.goals.pack()
    for b in range(3):
        for k in range(8):
            task, i, t = rows[batch.robot[b, k].numpy().tobytes()]
            states, actions = task.robot_states(i), task.robot_actions(i)
            np.testing.assert_array_equal(batch.states[b, k], extend_clip(states, actions)[t])
            np.testing.assert_array_equal(batch.actions[b, k], actions[t])
            np.testing.assert_array_equal(packed[b, k], clip_goals(states, actions, task.robot_goals(i))[t])
            assert rows[batch.robot_first[b, k // 4].numpy().tobytes()] == (task, i, 0)


def test_what_is_seen_of_an_image_takes_its_place(dataset: DemoDataset):
    batch = sample_batch(dataset.tasks("train"), CONFIG, seed=0, step=0)
    images = stack_images(batch)
    maps = torch.randn(len(images), 8 + N_LOCATORS, 4, 4)
    maps[:, 0] = images.float().mean((1, 2, 3))[:, None, None]

    seen = batch.as_seen(SeenImage.of_maps(maps))

    for name in ("human", "robot_first", "robot"):
        expected = getattr(batch, name).float().mean((2, 3, 4))
        torch.testing.assert_close(getattr(seen, name).features[..., 0, 0], expected)
    for name in ("n_tasks", "states", "actions", "goals"):
        assert getattr(seen, name) is getattr(batch, name)


def test_without_shift_the_first_human_frame_is_the_clips_first(dataset: DemoDataset):
    config = BatchConfig(n_tasks=3, human_frames=6, max_shift=0)
    batch = sample_batch(dataset.tasks("train"), config, seed=0, step=0)
    firsts = {task.human_frames(i, [0]).tobytes() for task in dataset.tasks("train") for i in range(task.n_humans)}

    assert all(frames[0].numpy().tobytes() in firsts for frames in batch.human)


def test_a_frame_around_each_key_moment_needs_two():
    with pytest.raises(ValueError, match="robot_frames: expected at least 4, got 3"):
        BatchConfig(robot_frames=3)


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
    n_wanted=st.integers(4, 12),
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
    indices = robot_frame_indices(60, 10, keys=keys, rng=np.random.default_rng(seed))

    assert all((np.abs(indices - key) <= KEY_JITTER).any() for key in keys)
    assert set(indices // 10) == set(range(6))


@given(n_frames=st.integers(1, 60), n_wanted=st.integers(4, 12), seed=st.integers(0, 99))
def test_the_first_frame_and_another_early_one_are_always_chosen(n_frames: int, n_wanted: int, seed: int):
    last = n_frames - 1
    indices = robot_frame_indices(n_frames, n_wanted, keys=(last, last), rng=np.random.default_rng(seed))

    assert indices[0] == 0
    assert indices[1] <= n_frames // EARLY_PART


def test_around_a_key_moment_every_miss_occurs():
    rng = np.random.default_rng(0)
    drawn = {int(i) for _ in range(100) for i in robot_frame_indices(60, 4, keys=(20, 40), rng=rng)[2:]}

    misses = range(-KEY_JITTER, KEY_JITTER + 1)
    assert drawn == {key + miss for key in (20, 40) for miss in misses}
