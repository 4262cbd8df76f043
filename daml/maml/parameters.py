"""What everything here is about: parameters by name, losses of them, and which of them adapt."""

from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from typing import TypeAlias

from torch import Tensor

Parameters: TypeAlias = Mapping[str, Tensor]
"""Tensors by name, as `dict(module.named_parameters())`."""

Loss: TypeAlias = Callable[[Parameters], Tensor]
"""A differentiable function of the parameters that returns a scalar tensor."""


def select(parameters: Parameters, *patterns: str) -> dict[str, Tensor]:
    """Pick parameters by their names: what adapts is what has a step size.

    ANIL adapts the head alone, BOIL all but the head:

    >>> import torch
    >>> parameters = dict.fromkeys(["body.weight", "body.bias", "head.weight"], torch.ones(()))
    >>> list(select(parameters, "head.*")), list(select(parameters, "!head.*"))
    (['head.weight'], ['body.weight', 'body.bias'])

    Args:
        parameters: Parameters by name.
        patterns: As those of a shell, where `*` is any text. One that begins with `!` says which to leave out; where
            all do, the rest is picked.

    Returns:
        Those that match, in their order.

    Raises:
        ValueError: A pattern matches no name.

    References:
        Raghu et al. (2020), arXiv 1909.09157 (ANIL). Oh et al. (2021), arXiv 2008.08882 (BOIL).
    """
    for pattern in patterns:
        if not any(fnmatchcase(name, pattern.removeprefix("!")) for name in parameters):
            raise ValueError(f"{pattern!r} matches no parameter; the parameters are {sorted(parameters)}")
    left_out = [pattern[1:] for pattern in patterns if pattern.startswith("!")]
    picked = [pattern for pattern in patterns if not pattern.startswith("!")] or ["*"]

    def matches(name: str, among: list[str]) -> bool:
        return any(fnmatchcase(name, pattern) for pattern in among)

    return {n: value for n, value in parameters.items() if matches(n, picked) and not matches(n, left_out)}
