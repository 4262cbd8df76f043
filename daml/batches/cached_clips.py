"""Cached clips: parts of demonstrations whose feature maps are computed once and learned from many times."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from daml.batches.augmentation import AugmentationConfig, draw_augmented
from daml.batches.batch import BatchConfig, MetaBatch, SeenBatch, sample_task
from daml.demos import StoredTask
from daml.policies.tensor_trees import concatenate, from_named, index_tensors, map_tensors, named_tensors, tensor_names
from daml.policies.vision.seen_image import SeenImage
from daml.storage.tensor_file import read_tensors, write_tensors

See = Callable[[Tensor, Tensor], SeenImage]
"""Computes the seen images of images, `(N, 3, H, W)`, given where the effector is known to be, `(N, 2)`."""

_Clip = SeenBatch | MetaBatch
"""A batch of one task: its feature maps, or its images where these are not computed yet."""


class CachedClips:
    """Feature maps of clips, each a task's human clip and some robot frames.

    A trunk with fixed weights computes the same features of the same image each time. So a clip passes through it when
    it is first drawn, and its features are kept in half precision; later steps only read them. Which clips a step draws
    depends on the settings, the seed and the step; what a clip shows depends on the seed and its number.

    Args:
        folder: Where the clips are kept, a file each.
        tasks: Demonstrations.
        count: Number of clips.
        batch: Sizes.
        augmentation: Random changes of the images, drawn once for each clip.
        seed: Seed of the clips and of the order in which they are drawn.
        see: The trunk.

    Raises:
        ValueError: The number of clips is less than 1, or there are no tasks.
    """

    def __init__(
        self,
        folder: Path,
        tasks: Sequence[StoredTask],
        *,
        count: int,
        batch: BatchConfig,
        augmentation: AugmentationConfig,
        seed: int,
        see: See,
    ) -> None:
        if count < 1:
            raise ValueError(f"cached_clips: expected at least 1, got {count}")
        if not tasks:
            raise ValueError("tasks: expected at least one task to draw clips from, got none")
        self._folder, self._tasks, self._count, self._seed = folder, tasks, count, seed
        self._batch, self._augmentation, self._see = batch, augmentation, see

    def batches(self, steps: range) -> Iterator[SeenBatch]:
        """Yield the meta-batch of each step; the next one is read from disk meanwhile."""
        with ThreadPoolExecutor(max_workers=1, thread_name_prefix="cached-clips") as executor:
            waiting: Future[dict[int, _Clip]] | None = None
            for step in steps:
                drawn = self._read(step) if waiting is None else waiting.result()
                unseen = {number: clip for number, clip in drawn.items() if isinstance(clip, MetaBatch)}
                if unseen:  # before the next is read, which may draw one of them again
                    drawn |= self._look_at(unseen)
                waiting = executor.submit(self._read, step + 1) if step + 1 in steps else None
                clips = [cast("SeenBatch", drawn[number]) for number in self._chosen(step)]  # all are seen by now
                yield map_tensors(Tensor.float, concatenate(clips))

    def _chosen(self, step: int) -> list[int]:
        """Return the numbers of the clips of a step: each is drawn once before any is drawn again."""
        n = self._batch.n_tasks
        places = [divmod(place, self._count) for place in range(step * n, (step + 1) * n)]
        return [int(_order(self._seed, epoch, self._count)[place]) for epoch, place in places]

    def _read(self, step: int) -> dict[int, _Clip]:
        """Read the clips of a step, or draw those that are not cached yet, by number."""
        return {number: self._load(number) or self._draw(number) for number in self._chosen(step)}

    def _load(self, number: int) -> SeenBatch | None:
        names = list(tensor_names(SeenBatch))
        tensors = read_tensors(self._path(number), names)
        return None if tensors is None else from_named(SeenBatch, dict(zip(names, tensors, strict=True)))

    def _draw(self, number: int) -> MetaBatch:
        epoch, place = divmod(number, len(self._tasks))
        task = self._tasks[int(_order(self._seed, epoch, len(self._tasks))[place])]
        return sample_task(task, self._batch, np.random.default_rng((self._seed, number)))

    def _look_at(self, clips: dict[int, MetaBatch]) -> dict[int, SeenBatch]:
        """Compute the feature maps of clips, all at once, and cache them."""
        images = [
            draw_augmented(clip, config=self._augmentation, seed=self._seed, number=number)
            for number, clip in clips.items()
        ]
        hands = [clip.stacked_hands() for clip in clips.values()]
        features = map_tensors(_halved, self._see(torch.cat(images), torch.cat(hands)))
        seen: dict[int, SeenBatch] = {}
        n_images = len(images[0])
        for place, (number, clip) in enumerate(clips.items()):
            seen[number] = clip.as_seen(index_tensors(features, slice(place * n_images, (place + 1) * n_images)))
            write_tensors(self._path(number), named_tensors(seen[number]))
        return seen

    def _path(self, number: int) -> Path:
        return self._folder / f"{number:06d}.safetensors"


def _halved(values: Tensor) -> Tensor:
    """Bring values to the CPU in half precision."""
    return values.cpu().half()


@lru_cache(maxsize=4)
def _order(seed: int, epoch: int, count: int) -> NDArray[np.int64]:
    """Draw the order of things in an epoch, `(count,)`."""
    return np.random.default_rng((seed, epoch, count)).permutation(count)
