"""What a loss closes over, made explicit: found while the loss runs, replaced when it runs again, changed only once.

A loss is a function of the parameters, but it also reads the data of its task, learned weights and the running
statistics of a network, and changes the last. `torch.func` and a second evaluation need to know of these.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast

import torch
from torch import Tensor
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.overrides import TorchFunctionMode

from daml.maml.normalization import WRITTEN_OUT
from daml.maml.parameters import Loss, Parameters

ATTENTION = SDPBackend.MATH
"""How attention is computed: torch cannot differentiate the gradients of the other ways."""

_SILENT_WRITERS = frozenset({"__setitem__", "batch_norm", "instance_norm"})
"""Functions that write to an argument though their names are not like `add_` or `__iadd__`."""


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
        self._originals: dict[int, Tensor] = {}
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
        with self, sdpa_kernel(ATTENTION):
            value = self._loss(parameters)
        # A copy that was made for an operation that might have written to it, but did not, is still in version 0.
        self.changed = {key: copy for key, copy in self.changed.items() if copy._version > 0}  # noqa: SLF001
        return value

    def apply_changes(self) -> None:
        """Change what the loss changes: after an evaluation, and outside of the transform it ran under."""
        with torch.no_grad():
            for key, value in self.changed.items():
                self.found[key].copy_(value)

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Iterable[type],
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:  # noqa: ANN401 - whatever the operation returns
        """Run one operation, on the tensors that stand for those it was called with."""
        options = dict(kwargs or {})
        writes = _writes(getattr(func, "__name__", "")) or "out" in options
        result = WRITTEN_OUT.get(func, func)(
            *self._resolve(args, writes=writes), **self._resolve(options, writes=writes)
        )
        if id(result) in self._originals:
            return self._originals[id(result)]  # `x.add_(1)` returns x, not the copy that stands for it
        if self._searches:
            self._learn(result)
        return result

    def _resolve(self, value: Any, *, writes: bool) -> Any:  # noqa: ANN401 - arguments, nested as they may be
        """Replace the tensors among arguments."""
        if isinstance(value, Tensor):
            return self._stand_in(value, writes=writes)
        if type(value) in (list, tuple):
            return type(value)(self._resolve(each, writes=writes) for each in value)
        if type(value) is dict:
            options = cast("dict[str, Any]", value)
            return {key: self._resolve(each, writes=writes) for key, each in options.items()}
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
            self._originals[id(self.changed[key])] = tensor
        return self._current.get(key, tensor)

    def _learn(self, result: Any) -> None:  # noqa: ANN401 - whatever an operation returns
        """Note what came out of an operation."""
        if isinstance(result, Tensor):
            self._known.add(id(result))
        elif type(result) in (list, tuple):
            for each in result:
                self._learn(each)


def _writes(name: str) -> bool:
    """Tell whether a function of this name writes to its arguments."""
    is_underscored = name.endswith("_") and not name.endswith("__")
    return is_underscored or name.startswith("__i") or name in _SILENT_WRITERS


def _level(tensor: Tensor) -> int:
    """Tell inside how many transforms of `torch.func` a tensor was made, of those that follow it; -1 for none."""
    return torch._C._functorch.maybe_get_level(tensor)  # noqa: SLF001 # pyright: ignore - torch has no public way
