from collections.abc import Callable
from itertools import islice
from pathlib import Path

import pytest
import torch

from daml.batches.augmentation import AugmentationConfig, augment, stack_images
from daml.batches.batch import BatchConfig, SeenBatch, sample_batch
from daml.batches.cached_clips import CachedClips
from daml.demos import DemoDataset
from daml.learners.prior import Prior
from daml.policies.tensor_trees import index_tensors, named_tensors
from daml.policies.vision.images import float_images
from daml.policies.vision.seen_image import SeenImage

BATCH = BatchConfig(n_tasks=2, human_frames=6, robot_frames=4)


class Trunk:
    """Sees through a prior's trunk, and counts the images."""

    def __init__(self, prior: Prior) -> None:
        self.prior = prior
        self.n_images = 0

    @torch.no_grad()
    def __call__(self, images: torch.Tensor, hands: torch.Tensor) -> SeenImage:
        self.n_images += len(images)
        return self.prior.policy.see(images, effector=hands)


@pytest.fixture
def trunk(prior: Prior) -> Trunk:
    return Trunk(prior)


@pytest.fixture
def open_store(dataset: DemoDataset, trunk: Trunk, tmp_path: Path) -> Callable[..., CachedClips]:
    def open_it(folder: str = "clips", *, count: int = 5, seed: int = 1) -> CachedClips:
        return CachedClips(
            tmp_path / folder,
            dataset.tasks("train"),
            count=count,
            batch=BATCH,
            augmentation=AugmentationConfig(),
            seed=seed,
            see=trunk,
        )

    return open_it


def same(first: SeenBatch, second: SeenBatch) -> bool:
    pairs = zip(named_tensors(first).values(), named_tensors(second).values(), strict=True)
    return all(torch.equal(a, b) for a, b in pairs)


def test_every_clip_is_seen_once_and_drawn_as_often_as_the_others(open_store: Callable[..., CachedClips], trunk: Trunk):
    batches = list(open_store(count=5).batches(range(10)))

    assert trunk.n_images == 5 * (6 + 2 + 2 * 4)
    states = [tuple(clip.flatten().tolist()) for batch in batches for clip in batch.states]
    assert len(states) == 20
    assert [states.count(state) for state in set(states)] == [4] * 5


def test_a_step_draws_the_same_whatever_was_seen_before(open_store: Callable[..., CachedClips]):
    whole = list(open_store().batches(range(8)))
    later = list(open_store("others").batches(range(5, 8)))

    assert all(same(a, b) for a, b in zip(whole[5:], later, strict=True))


def test_a_store_that_was_left_goes_on_without_looking_again(open_store: Callable[..., CachedClips], trunk: Trunk):
    whole = list(open_store("whole").batches(range(6)))
    for _ in islice(open_store().batches(range(6)), 2):
        pass
    n_before = trunk.n_images

    rest = list(open_store().batches(range(6)))

    assert all(same(a, b) for a, b in zip(whole, rest, strict=True))
    assert trunk.n_images - n_before == (5 - 4) * 16


def test_a_clip_that_was_half_written_is_seen_anew(open_store: Callable[..., CachedClips], tmp_path: Path):
    whole = list(open_store().batches(range(3)))
    for path in (tmp_path / "clips").iterdir():
        path.write_bytes(path.read_bytes()[:100])

    again = list(open_store().batches(range(3)))

    assert all(same(a, b) for a, b in zip(whole, again, strict=True))


def test_a_clip_is_what_the_trunk_sees_of_the_recolored_demonstration(
    open_store: Callable[..., CachedClips], dataset: DemoDataset, prior: Prior
):
    store = open_store(count=1)
    clip = store._draw(0)
    (seen,) = store.batches(range(1))

    generator = torch.Generator().manual_seed(1_000_003)
    images = augment(float_images(stack_images(clip)), clip, config=AugmentationConfig(), generator=generator)
    expected = clip.as_seen(prior.policy.see(images))
    found = index_tensors(seen, slice(1))
    assert seen.n_tasks == 2
    for name in ("human", "robot_first", "robot"):
        torch.testing.assert_close(getattr(found, name), getattr(expected, name), atol=2e-3, rtol=2e-3)
    assert torch.equal(found.states, clip.states)
    assert torch.equal(found.goals.pack(), clip.goals.pack())
    assert len(sample_batch(dataset.tasks("train"), BATCH, seed=0, step=0).states) == 2


def test_another_seed_draws_other_clips(open_store: Callable[..., CachedClips]):
    (one,), (other,) = open_store("one").batches(range(1)), open_store("other", seed=2).batches(range(1))

    assert not torch.equal(one.states, other.states)


def test_no_clip_and_no_task_are_refused(open_store: Callable[..., CachedClips], trunk: Trunk, tmp_path: Path):
    with pytest.raises(ValueError, match="cached_clips: expected at least 1, got 0"):
        open_store(count=0)
    with pytest.raises(ValueError, match="tasks: expected at least one"):
        CachedClips(tmp_path, [], count=1, batch=BATCH, augmentation=AugmentationConfig(), seed=0, see=trunk)
