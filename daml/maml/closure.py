"""What a loss closes over, made explicit: found while the loss runs, replaced when it runs again, changed only once.

A loss is a function of the parameters, but it also reads the data of its task, learned weights and the running
statistics of a network, and changes the last. `torch.func` and a second evaluation need to know of these.
"""

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from daml.maml.parameters import Loss, Parameters

_CHANGING = frozenset({"__setitem__", "batch_norm", "instance_norm"})
"""Functions that write to an argument and do not say so by a name like `add_` or `__iadd__`, or by `out=`."""


class Closure(TorchFunctionMode):
    """Watches one evaluation of a loss.

    Every tensor that an operation reads, and that neither was given nor came out of an operation before, is one that
    the loss closes over. One that an operation writes to is copied first, and the copy is used from then on.

    Args:
        loss: Loss to evaluate.
        replacements: Tensors to use for those that an earlier evaluation found; then no others are looked for.
    """

    def __init__(self, loss: Loss, replacements: "dict[int, Tensor] | None" = None) -> None:
        super().__init__()
        self.found: dict[int, Tensor] = {}
        """Tensors that the loss closes over, by identity; kept, so that no other takes their place in memory."""
        self.changed: dict[int, Tensor] = {}
        """Copies of those that it changes, as the evaluation leaves them."""
        self._loss = loss
        self._known = set[int]()
        self._level = 0
        self._searches = replacements is None
        self._current = dict(replacements or {})

    def evaluate(self, parameters: Parameters) -> Tensor:
        """Run the loss.

        Args:
            parameters: What it is given.

        Returns:
            What it returns.
        """
        self._known = {id(value) for value in parameters.values()}
        self._level = max(map(_level, parameters.values()))
        with self:
            return self._loss(parameters)

    def apply_changes(self) -> None:
        """Change what the loss changes: after an evaluation, and outside of the transform it ran under."""
        with torch.no_grad():
            for key, value in self.changed.items():
                self.found[key].copy_(value)

    def __torch_function__(self, func, types, args=(), kwargs=None):  # noqa: ANN001, ANN204 # pyright: ignore
        """Run one operation, on the tensors that stand for those it was called with."""
        name = getattr(func, "__name__", "")
        options = kwargs or {}
        writes = name in _CHANGING or name.startswith("__i") or (name[-1:] == "_" != name[-2:-1]) or "out" in options
        result = func(*self._resolve(tuple(args), writes=writes), **self._resolve(options, writes=writes))
        if self._searches:
            self._learn(result)
        return result

    def _resolve(self, value, *, writes: bool):  # noqa: ANN001, ANN202 # pyright: ignore
        """Replace the tensors among arguments, nested as they may be."""
        if isinstance(value, Tensor):
            return self._stand_in(value, writes=writes)
        if type(value) in (list, tuple):
            return type(value)(self._resolve(each, writes=writes) for each in value)
        if type(value) is dict:
            return {key: self._resolve(each, writes=writes) for key, each in value.items()}
        return value

    def _stand_in(self, tensor: Tensor, *, writes: bool) -> Tensor:
        """Return what is used for a tensor, and note one that was not seen before."""
        key = id(tensor)
        if key in self._known:
            return tensor
        if self._searches and key not in self.found:
            if _level(tensor) >= self._level >= 0:  # made by a transform inside the loss
                return tensor
            self.found[key] = self._current[key] = tensor
        if writes and key in self._current and key not in self.changed and not tensor.requires_grad:
            self.changed[key] = self._current[key] = self._current[key].clone()
        return self._current.get(key, tensor)

    def _learn(self, result) -> None:  # noqa: ANN001 # pyright: ignore
        """Note what came out of an operation."""
        if isinstance(result, Tensor):
            self._known.add(id(result))
        elif isinstance(result, list | tuple):
            for each in result:
                self._learn(each)


def _level(tensor: Tensor) -> int:
    """Tell how many transforms of `torch.func` are around where a tensor was made; -1 for none that it takes part in."""
    return torch._C._functorch.maybe_get_level(tensor)  # noqa: SLF001 # pyright: ignore - torch offers no other way
