"""Laws of trees of tensors."""

from typing import NamedTuple

import pytest
import torch
from torch import Tensor

from daml.policies.tensor_trees import (
    concatenate,
    from_named,
    index_tensors,
    map_tensors,
    named_tensors,
    tensor_fields,
    tensor_names,
)


class Leaf(NamedTuple):
    left: Tensor
    right: Tensor


class Branch(NamedTuple):
    near: Leaf
    middle: Tensor
    far: Leaf


class Root(NamedTuple):
    branch: Branch
    last: Tensor


NAMES = ["branch/near/left", "branch/near/right", "branch/middle", "branch/far/left", "branch/far/right", "last"]


def draw(n: int = 4, *, seed: int = 0) -> Root:
    generator = torch.Generator().manual_seed(seed)

    def tensor(*shape: int) -> Tensor:
        return torch.randn(n, *shape, generator=generator)

    return Root(Branch(Leaf(tensor(), tensor(2)), tensor(3), Leaf(tensor(2, 2), tensor(1))), tensor(5))


def equal(first: Root, second: Root) -> bool:
    pairs = zip(named_tensors(first).values(), named_tensors(second).values(), strict=True)
    return all(torch.equal(one, other) for one, other in pairs)


def test_a_function_is_applied_to_every_tensor_in_its_place():
    tree = draw()

    doubled = map_tensors(lambda value: 2 * value, tree)

    assert (type(doubled), type(doubled.branch), type(doubled.branch.far)) == (Root, Branch, Leaf)
    for name, value in named_tensors(doubled).items():
        assert torch.equal(value, 2 * named_tensors(tree)[name])


def test_of_several_trees_the_tensors_in_the_same_place_belong_together():
    first, second = draw(seed=0), draw(seed=1)

    differences = named_tensors(map_tensors(torch.sub, first, second))

    for name, value in named_tensors(first).items():
        assert torch.equal(differences[name], value - named_tensors(second)[name])


def test_trees_of_other_structures_do_not_belong_together():
    leaf = draw().branch.near

    with pytest.raises(ValueError, match="zip"):
        map_tensors(torch.add, leaf, (leaf.left,))


@pytest.mark.parametrize("index", [2, slice(1, 3), [3, 0], torch.tensor([True, False, False, True]), (slice(None), 0)])
def test_every_tensor_is_indexed_alike(index: object):
    tree = draw().branch.near._replace(left=torch.randn(4, 3))

    part = index_tensors(tree, index)

    assert torch.equal(part.left, tree.left[index])
    assert torch.equal(part.right, tree.right[index])


def test_parts_concatenated_are_the_whole():
    tree = draw()

    assert equal(concatenate([index_tensors(tree, part) for part in (slice(1), slice(1, 3), slice(3, None))]), tree)


def test_a_tree_comes_back_from_its_names():
    tree = draw()

    assert equal(from_named(Root, named_tensors(tree)), tree)
    assert equal(from_named(Root, named_tensors(tree, "some/"), "some/"), tree)


def test_names_lead_from_tuple_to_field_and_are_known_without_a_tree():
    tree = draw()

    assert list(named_tensors(tree)) == list(tensor_names(Root)) == NAMES
    assert named_tensors(tree)["branch/far/left"] is tree.branch.far.left
    assert tensor_fields(Branch) == {"near": Leaf, "middle": Tensor, "far": Leaf}


@pytest.mark.parametrize("name", NAMES)
def test_a_tensor_that_is_missing_is_named(name: str):
    named = named_tensors(draw())
    del named[name]

    with pytest.raises(KeyError, match=name):
        from_named(Root, named)
