"""Several processes that learn together: who computes which tasks, and the mean of their gradients.

`torchrun --nproc-per-node 4 train.py` starts the same script four times. In each, three lines are not those of a single
process::

    torch.distributed.init_process_group()
    ...
        losses = (outer_loss(tasks) for tasks in maml.own_part(shares))  # computed one by one
        loss = maml.average_gradients(losses, learned)  # in place of loss.backward()

Where all start from the same seed, and each takes the same optimiser's step, all hold the same parameters ever after.
"""

import functools
import os
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

import torch
from torch import Tensor, distributed

_Item = TypeVar("_Item")


def own_part(items: Sequence[_Item]) -> Sequence[_Item]:
    """Pick what this process computes of what all do together: every n-th of n processes.

    Args:
        items: The same in every process, such as shares of a meta-batch or the seeds of its tasks.

    Returns:
        Its own; all, where there is a single process.

    Raises:
        RuntimeError: There are several processes, which are not connected.
    """
    rank, size = _place()
    return items[rank::size]


def average_gradients(losses: Iterable[Tensor], learned: Iterable[Tensor]) -> Tensor:
    """Add the gradient of the mean over all losses of all processes to `grad`, as `backward` does with one.

    Each loss is differentiated before the next is asked for, so a generator keeps the graph of one in memory at a time.

    In torch's deterministic mode (`torch.use_deterministic_algorithms(True)`) gradients are added in the order of the
    shares that `own_part` dealt out: with one thread each, any number of processes computes the same bits. That sends
    the gradient of every loss, where otherwise their sum is sent once.

    Args:
        losses: Outer losses of this process, each the mean over a share of tasks; shares are of the same size. There
            may be fewer than in other processes, or none.
        learned: What is learned, the same in every process. A tensor that no loss depends on gets zeros.

    Returns:
        The mean loss, without graph.

    Raises:
        RuntimeError: There are several processes, which are not connected.
    """
    targets = [value for value in learned if value.requires_grad]
    dtype = functools.reduce(torch.promote_types, {_flat(value).dtype for value in targets}, torch.float32)
    sizes = [1, 1, *(_flat(value).numel() for value in targets)]
    total = torch.zeros(sum(sizes), dtype=dtype, device=targets[0].device)
    for row in _rows(losses, targets, empty=total):
        total = total + row
    if not torch.are_deterministic_algorithms_enabled():
        _add_up(total)
    count, loss, *parts = torch.split(total, sizes)
    with torch.no_grad():
        for value, part in zip(targets, parts, strict=True):
            mean = torch.empty_like(value)
            _flat(mean).copy_((part / count).view_as(_flat(mean)))
            value.grad = mean if value.grad is None else value.grad + mean
    return (loss / count).squeeze()


def _rows(losses: Iterable[Tensor], targets: Sequence[Tensor], *, empty: Tensor) -> Iterator[Tensor]:
    """Yield a 1, the loss and its gradient as one row for each loss; in deterministic mode for those of all processes.

    All processes gather as often as the one with the most losses; one without sends zeros, which are not yielded.
    """
    own = iter(losses)
    while True:
        loss = next(own, None)
        row = empty.clone().zero_() if loss is None else _row(loss, targets).to(empty.dtype)
        del loss  # and what is left of its graph, before the next is made
        rows = _gather(row) if torch.are_deterministic_algorithms_enabled() else [row]
        present = [each for each in rows if each[0] > 0]
        if not present:
            return
        yield from present


def _row(loss: Tensor, targets: Sequence[Tensor]) -> Tensor:
    """Differentiate a loss, and lay out what is sent."""
    gradients = torch.autograd.grad(loss, targets, materialize_grads=True)
    return torch.cat([loss.new_ones(1), loss.detach().flatten(), *(_flat(each).flatten() for each in gradients)])


def _flat(value: Tensor) -> Tensor:
    """View complex numbers as pairs of real ones."""
    return torch.view_as_real(value.detach()) if value.is_complex() else value.detach()


def _gather(row: Tensor) -> list[Tensor]:
    """Return the rows of all processes, in their order."""
    _, size = _place()
    if size == 1:
        return [row]
    rows = [torch.empty_like(row) for _ in range(size)]
    distributed.all_gather(rows, row)  # pyright: ignore[reportUnknownMemberType] - typed in part
    return rows


def _add_up(row: Tensor) -> None:
    """Replace a row by the sum over all processes."""
    if _place()[1] > 1:
        distributed.all_reduce(row)  # pyright: ignore[reportUnknownMemberType] - typed in part


def _place() -> tuple[int, int]:
    """Return the number of this process, from 0, and that of all."""
    if distributed.is_available() and distributed.is_initialized():
        return distributed.get_rank(), distributed.get_world_size()
    if int(os.environ.get("WORLD_SIZE", "1")) > 1:
        raise RuntimeError(
            f"expected {os.environ['WORLD_SIZE']} connected processes, as WORLD_SIZE says, got one by itself; call "
            "torch.distributed.init_process_group() first"
        )
    return 0, 1
