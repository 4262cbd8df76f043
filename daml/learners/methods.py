"""The learners of all methods, by the methods' names."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

import torch

from daml.learners.config import MethodName, PriorConfig
from daml.learners.learner import Learner
from daml.learners.linear_loss import LinearPrior
from daml.learners.paper import PaperPrior
from daml.learners.prior import Prior
from daml.learners.reader import Reader
from daml.storage.saved_folder import SavedFolder
from daml.storage.shipped import find_prior

LEARNERS: Mapping[MethodName, type[Learner]] = MappingProxyType(
    {method: learner for learner in (Prior, LinearPrior, PaperPrior, Reader) for method in learner.methods}
)
"""What learns by each method: the method of this package, its variants and what it is compared with."""


def create_learner(config: PriorConfig, *, seed: int) -> Learner:
    """Create a learner of the method that the settings name, untrained.

    Args:
        config: Settings.
        seed: The initial weights depend on it alone, and global randomness is left as it was.

    Returns:
        The learner.
    """
    random_state = torch.get_rng_state()
    torch.default_generator.manual_seed(seed)
    learner = LEARNERS[config.method](config)
    torch.set_rng_state(random_state)
    return learner


def read_learner(path: str | Path) -> Learner:
    """Read a prior of any method.

    Args:
        path: Folder written by `save_pretrained` of any learner, or the name of a shipped prior.

    Returns:
        The learner, in evaluation mode, on the CPU.

    Raises:
        ValueError: The folder is missing, incomplete, corrupt, of another format version or no prior at all.
    """
    path = find_prior(path)
    folder = SavedFolder.read(path, kind="prior")
    try:
        method = PriorConfig.from_json(folder.settings).method
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
    return LEARNERS[method].restore(folder, path=path)


@cache
def read_worker_learner(folder: Path) -> Learner:
    """Read a prior once in this process, which then computes on one thread: it shares the cores with others.

    Args:
        folder: As for `read_learner`, whose errors are raised.
    """
    torch.set_num_threads(1)
    return read_learner(folder)
