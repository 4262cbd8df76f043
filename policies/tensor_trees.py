"""Trees of tensors: named tuples of tensors and of further such tuples, handled as one."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar, cast, get_type_hints

import torch
from torch import Tensor

Tree = TypeVar("Tree", bound=tuple[Any, ...])
"""A `NamedTuple` whose fields are tensors or further such tuples."""


def map_tensors(function: Callable[..., Tensor], tree: Tree, *others: Tree) -> Tree:
    """Apply a function to every tensor of a tree, or to the tensors that stand in the same place of several trees.

    Args:
        function: Takes one tensor of each tree.
        tree: The tree.
        others: Trees of the same structure.

    Returns:
        A tree of the results.
    """
    values = [
        function(*parts) if isinstance(parts[0], Tensor) else map_tensors(function, *parts)
        for parts in zip(tree, *others, strict=True)
    ]
    return type(tree)(*values)


def index_tensors(tree: Tree, index: Any) -> Tree:  # noqa: ANN401 - whatever a tensor takes as an index
    """Index every tensor of a tree alike, such as by a slice of their common leading axes."""

    def take(value: Tensor) -> Tensor:
        return value[index]

    return map_tensors(take, tree)


def concatenate(trees: Sequence[Tree]) -> Tree:
    """Concatenate trees of the same structure along the first axis of their tensors."""

    def join(*parts: Tensor) -> Tensor:
        return torch.cat(parts)

    return map_tensors(join, *trees)


def named_tensors(tree: tuple[Any, ...], prefix: str = "") -> dict[str, Tensor]:
    """Return the tensors of a tree by their names, in which a slash stands between a tuple and its field."""
    named: dict[str, Tensor] = {}
    for name, value in zip(tensor_fields(type(tree)), tree, strict=True):
        named |= {prefix + name: value} if isinstance(value, Tensor) else named_tensors(value, f"{prefix}{name}/")
    return named


def tensor_names(kind: type[tuple[Any, ...]], prefix: str = "") -> Iterator[str]:
    """Yield the names that `named_tensors` gives to the tensors of a tree of some type."""
    for name, hint in tensor_fields(kind).items():
        if hint is Tensor:
            yield prefix + name
        else:
            yield from tensor_names(hint, f"{prefix}{name}/")


def from_named(kind: type[Tree], named: Mapping[str, Tensor], prefix: str = "") -> Tree:
    """Build a tree from its tensors: the inverse of `named_tensors`.

    Args:
        kind: Type of the tree.
        named: Tensors by name.
        prefix: What comes before the names.

    Returns:
        The tree.

    Raises:
        KeyError: A tensor is missing.
    """
    values = [
        named[prefix + name] if hint is Tensor else from_named(hint, named, f"{prefix}{name}/")
        for name, hint in tensor_fields(kind).items()
    ]
    return kind(*values)


def tensor_fields(kind: type[tuple[Any, ...]]) -> dict[str, Any]:
    """Return the fields of a type of tree: `Tensor`, or the type of a further tree, by name."""
    hints = get_type_hints(kind)
    return {name: hints[name] for name in cast("tuple[str, ...]", getattr(kind, "_fields"))}  # noqa: B009 - of a NamedTuple
