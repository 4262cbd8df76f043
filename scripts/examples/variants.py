"""Every variant of meta-learning that `daml.maml` has, on the same problems: what each reaches, and what it costs.

Two problems: sine waves of which ten points are shown, and five characters drawn by code of which one drawing each is
shown. All variants learn the same small network from the same number of tasks.

    python scripts/examples/variants.py --output runs/variants.json           # success: five seeds, half an hour
    python scripts/examples/variants.py --costs --output runs/costs.json      # time and memory, some minutes

The quick look is one seed and variant: `--seeds 0 --variants maml`. Results that the file holds are not measured again.
"""
# ruff: noqa: INP001 - a script, not a module of a package

import argparse
import ctypes
import gc
import json
import multiprocessing
import re
import statistics
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import torch
from omniglot import draw_alphabets
from rich.console import Console
from rich.table import Table
from sinusoid import Waves
from torch import Tensor, nn
from torch.nn import functional

from daml import maml

INNER_STEPS = 3

T_97_5 = {2: 12.71, 3: 4.30, 4: 3.18, 5: 2.78, 10: 2.26}
"""Student's t for a 95 % interval of the mean, by the number of seeds."""


class Tasks(NamedTuple):
    """B tasks: what is shown, and what is asked."""

    x: Tensor
    y: Tensor
    query: Tensor
    truth: Tensor


@dataclass(frozen=True)
class Problem:
    """What is to be learned."""

    name: str
    sizes: tuple[int, ...]
    """Units of each layer."""
    step_size: float
    n_meta_steps: int
    learning_rate: float
    draw: Callable[..., Tasks]
    """Draws a number of tasks with a generator, other ones with `judged=True`."""
    loss: Callable[[Tensor, Tensor], Tensor]
    score: Callable[[Tensor, Tensor], Tensor]
    unit: str


def draw_waves(n_tasks: int, generator: torch.Generator, *, judged: bool = False) -> Tasks:  # noqa: ARG001 - any wave
