import pytest
import torch
from torch import Tensor

from daml.maml import Loss, Parameters
from daml.maml.closure import Closure
from daml.maml.gradients import differentiate

PARAMETERS = {"x": torch.tensor([1.0, 2.0])}


def found(loss: Loss) -> list[Tensor]:
    return list(differentiate(loss, PARAMETERS)[1].found.values())


def test_it_finds_what_a_loss_closes_over_once_and_nothing_else():
    weight, data, unused = torch.ones(2), torch.zeros(2, 2), torch.zeros(3)

    def loss(p: Parameters) -> Tensor:
        hidden = torch.ones(2) * weight + torch.stack([data[0], data.T[1]]).sum(0)
        return (p["x"] * hidden * weight).sum() + 0 * len(unused)

    assert [id(each) for each in found(loss)][:2] == [id(weight), id(data)]
    assert unused not in found(lambda p: p["x"].sum()) == []


def test_tensors_of_transforms_inside_the_loss_are_its_own():
    goal = torch.zeros(2)

    def loss(p: Parameters) -> Tensor:
        slope = torch.func.grad(lambda x: (x - goal).square().sum())(p["x"])
        return torch.func.vmap(lambda each: each * 2)(slope).sum()

    assert [id(each) for each in found(loss)] == [id(goal)]


@pytest.mark.parametrize(
    "change",
    [
        lambda count: count.add_(1),
        lambda count: count.__iadd__(1),
        lambda count: count.__setitem__(0, count[0] + 1),
        lambda count: torch.add(count, 1, out=count),
    ],
)
def test_what_a_loss_changes_is_changed_when_that_is_asked_for(change: Loss):
    count = torch.zeros(1)

    def loss(p: Parameters) -> Tensor:
        change(count)  # pyright: ignore[reportArgumentType] - any function
        change(count)  # pyright: ignore[reportArgumentType]
        return (p["x"] * count).sum()

    gradients, closure = differentiate(loss, PARAMETERS)

    assert gradients["x"].tolist() == [2, 2]
    assert count.item() == 0
    closure.apply_changes()
    assert count.item() == 2


def test_what_an_operation_reads_beside_what_it_changes_is_not_touched():
    data, running = torch.randn(4, 2), torch.zeros(2)

    def loss(p: Parameters) -> Tensor:
        normal = torch.nn.functional.batch_norm(data, running, torch.ones(2), training=True)
        return (p["x"] * normal).sum()

    _, closure = differentiate(loss, PARAMETERS)
    closure.apply_changes()

    assert [id(each) for each in closure.found.values()][:2] == [id(data), id(running)]
    assert data._version == 0
    torch.testing.assert_close(running, 0.1 * data.mean(0))


def test_a_change_gives_back_the_tensor_itself():
    count, seen = torch.zeros(1), list[Tensor]()

    differentiate(lambda p: (seen.append(count.add_(1)), p["x"].sum())[1], PARAMETERS)

    assert seen[0] is count


def test_replacements_stand_for_what_was_found():
    data = torch.tensor([3.0, 4.0])

    def loss(p: Parameters) -> Tensor:
        return (p["x"] * data).sum()

    _, closure = differentiate(loss, PARAMETERS)
    other = Closure(loss, dict.fromkeys(closure.found, torch.tensor([5.0, 6.0])))

    assert other.evaluate(PARAMETERS).item() == 1 * 5 + 2 * 6
