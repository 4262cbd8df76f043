"""Several processes that learn one prior together: who is who, and means over them.

`torchrun --nproc-per-node 2 --no-python daml train ...` starts the same command in each process; every process computes
the meta-gradient of tasks of its own, and the mean over all is what each of them steps along. The mean is taken
explicitly: `DistributedDataParallel` listens in a module's `forward`, which `torch.func.functional_call` goes around.
"""

import atexit
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

import torch
from torch import Tensor, distributed

_PATIENCE = timedelta(hours=24)
"""How long the others wait for the first, which alone collects, pretrains and validates; torchrun ends them with it."""

_SEED_STRIDE = 10_007
"""Keeps the seeds of the processes of one run apart, and from those of runs with small seeds."""


@dataclass(frozen=True)
class Team:
    """This process among those that learn together; alone by default, and then nothing is ever sent."""

    rank: int = 0
    """Number of this process, from 0."""
    size: int = 1
    """Number of processes."""
    local_rank: int = 0
    """Number of this process among those on its machine."""

    @property
    def is_first(self) -> bool:
        """Whether this process is the one that writes files, validates and talks."""
        return self.rank == 0

    def device(self, device: torch.device) -> torch.device:
        """Give each process of a machine a GPU of its own.

        Args:
            device: What was asked for.

        Returns:
            The device; a GPU with its number when there are several processes.
        """
        return torch.device(device.type, self.local_rank) if self.size > 1 and device.type == "cuda" else device

    def share(self, total: int, *, what: str) -> int:
        """Split a number into equal shares.

        Args:
            total: What all processes do together.
            what: Its name, for the message.

        Returns:
            What each process does.

        Raises:
            ValueError: The number is no multiple of the team's size, so that a mean of means would not be the mean.
        """
        if total % self.size:
            raise ValueError(f"{what}: expected a multiple of {self.size}, the number of processes, got {total}")
        return total // self.size

    def seed(self, seed: int) -> int:
        """Return a seed of this process's own; that of the first process is the run's seed itself."""
        return seed + self.rank * _SEED_STRIDE

    def average(self, tensors: Iterable[Tensor]) -> None:
        """Replace tensors by their means over all processes, in one message.

        Args:
            tensors: Floating-point tensors, in the same order and of the same shapes in every process.
        """
        if self.size > 1:
            values = list(tensors)
            buffer = torch.cat([value.detach().flatten() for value in values])
            distributed.all_reduce(buffer)  # pyright: ignore[reportUnknownMemberType] - typed in part
            _scatter(buffer / self.size, values)

    def copy_first(self, tensors: Iterable[Tensor]) -> None:
        """Replace tensors by those of the first process.

        Args:
            tensors: Floating-point tensors, in the same order and of the same shapes in every process.
        """
        if self.size > 1:
            values = list(tensors)
            buffer = torch.cat([value.detach().flatten() for value in values])
            distributed.broadcast(buffer, src=0)
            _scatter(buffer, values)

    def wait(self) -> None:
        """Go on when all processes have come here."""
        if self.size > 1:
            distributed.barrier()  # pyright: ignore[reportUnknownMemberType] - typed in part


ALONE = Team()
"""A single process."""


def join_team() -> Team:
    """Find the processes that torchrun started beside this one, and connect with them.

    Tensors on the CPU go through gloo, those on a GPU through nccl. The connection ends with the process.

    Returns:
        The team; `ALONE` when torchrun started one process or did not start this one at all.
    """
    if int(os.environ.get("WORLD_SIZE", "1")) < 2:
        return ALONE
    local_rank = int(os.environ.get("LOCAL_RANK", "0"))
    if not distributed.is_initialized():
        backend = "cpu:gloo,cuda:nccl" if torch.cuda.is_available() and distributed.is_nccl_available() else "gloo"
        if torch.cuda.is_available():
            torch.cuda.set_device(local_rank)  # nccl's barrier runs on the current one
        distributed.init_process_group(backend, timeout=_PATIENCE)
        atexit.register(distributed.destroy_process_group)
    return Team(distributed.get_rank(), distributed.get_world_size(), local_rank)


@torch.no_grad()
def _scatter(buffer: Tensor, values: list[Tensor]) -> None:
    """Copy a row of numbers back into the tensors that it was laid out from."""
    parts: tuple[Tensor, ...] = torch.split(buffer, [value.numel() for value in values])
    for value, part in zip(values, parts, strict=True):
        value.copy_(part.view_as(value))
