"""State of modules and kinds of numbers: the meta-gradient is that of a loop by hand, with and without `vmap`."""

import copy
from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from daml.maml import (
    Gradient,
    LogSpace,
    Parameters,
    clip_elements,
    clip_norm,
    first_order,
    recomputed,
    second_order,
    share_step_size,
    step_size_per_element,
    step_size_per_tensor,
    step_sizes_per_step,
    take_inner_steps,
)

GRADIENTS = [second_order, recomputed]


def call(network: nn.Module, values: Parameters, *inputs: Tensor) -> Tensor:
    result = torch.func.functional_call(network, dict(values), inputs)
    return result[0] if isinstance(result, tuple) else result


def outer_loss(network: nn.Module, x: Tensor, gradient: Gradient, *, n_steps: int = 3) -> Tensor:
    parameters = dict(network.named_parameters())

    def loss(values: Parameters) -> Tensor:
        return (call(network, values, x) - 1).square().mean()

    sizes = share_step_size(parameters, size=0.1)
    return loss(take_inner_steps(parameters, loss, step_sizes=sizes, n_steps=n_steps, gradient=gradient))


def outer_loss_by_hand(network: nn.Module, x: Tensor, *, n_steps: int = 3) -> Tensor:
    values = dict(network.named_parameters())
    for _ in range(n_steps):
        loss = (call(network, values, x) - 1).square().mean()
        slopes = torch.autograd.grad(loss, list(values.values()), create_graph=True, materialize_grads=True)
        values = {name: value - 0.1 * slope for (name, value), slope in zip(values.items(), slopes, strict=True)}
    return (call(network, values, x) - 1).square().mean()


class Tied(nn.Module):
    """An encoder whose transpose decodes, under two names."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder, self.decoder = nn.Linear(4, 4), nn.Linear(4, 4)
        self.decoder.weight = self.encoder.weight

    def forward(self, x: Tensor) -> Tensor:
        return self.decoder(torch.tanh(self.encoder(x)))


NETWORKS: dict[str, Callable[[], nn.Module]] = {
    "batch norm": lambda: nn.Sequential(nn.Linear(4, 4), nn.BatchNorm1d(4), nn.Linear(4, 4)),
    "cumulative batch norm": lambda: nn.Sequential(nn.Linear(4, 4), nn.BatchNorm1d(4, momentum=None)),
    "dropout": lambda: nn.Sequential(nn.Linear(4, 8), nn.Dropout(), nn.Linear(8, 4)),
    "spectral norm": lambda: nn.Sequential(nn.utils.parametrizations.spectral_norm(nn.Linear(4, 4)), nn.Tanh()),
    "tied weights": Tied,
    "rnn": lambda: nn.RNN(4, 4),
    "lstm": lambda: nn.LSTM(4, 4),
    "gru": lambda: nn.GRU(4, 4),
    "transformer": lambda: nn.TransformerEncoderLayer(4, 2, 8, dropout=0.1),
    "weight norm": lambda: nn.Sequential(nn.utils.parametrizations.weight_norm(nn.Linear(4, 4)), nn.Tanh()),
}

VMAPPED: dict[str, Callable[[], nn.Module]] = {
    "batch norm": lambda: nn.BatchNorm1d(4, track_running_stats=False),
    "layer norm": lambda: nn.LayerNorm(4),
    "instance norm": lambda: nn.Sequential(
        nn.Unflatten(1, (2, 2)), nn.InstanceNorm1d(2, affine=True), nn.Flatten(), nn.Linear(4, 4)
    ),
    "group norm": lambda: nn.Sequential(nn.GroupNorm(2, 4), nn.Linear(4, 4)),
    "rms norm": lambda: nn.RMSNorm(4),
    "convolution": lambda: nn.Sequential(nn.Unflatten(1, (1, 4)), nn.Conv1d(1, 1, 3, padding=1), nn.Flatten()),
    "transformer": lambda: nn.TransformerEncoderLayer(4, 2, 8, dropout=0),
    "tied weights": Tied,
}


@pytest.mark.parametrize("gradient", GRADIENTS)
@pytest.mark.parametrize("name", NETWORKS)
def test_a_module_with_state_is_left_as_by_a_loop_by_hand(name: str, gradient: Gradient):
    torch.manual_seed(0)
    network = NETWORKS[name]().double()
    other, x = copy.deepcopy(network), torch.randn(7, 4, dtype=torch.float64)
    torch.manual_seed(1)
    loss = outer_loss(network, x, gradient)
    torch.autograd.backward(loss)
    torch.manual_seed(1)
    with sdpa_kernel(SDPBackend.MATH):
        expected = outer_loss_by_hand(other, x)
    torch.autograd.backward(expected)

    torch.testing.assert_close(loss, expected)
    torch.testing.assert_close(network.state_dict(), other.state_dict())
    torch.testing.assert_close(
        [value.grad for value in network.parameters()], [value.grad for value in other.parameters()]
    )


@pytest.mark.filterwarnings("ignore:There is a performance drop:UserWarning")  # of attention in the outer loss
@pytest.mark.parametrize("gradient", GRADIENTS)
@pytest.mark.parametrize("name", VMAPPED)
def test_under_vmap_the_meta_gradient_is_that_of_a_loop_by_hand(name: str, gradient: Gradient):
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(4, 4), VMAPPED[name](), nn.Tanh()).double()
    values, x = list(network.parameters()), torch.randn(3, 7, 4, dtype=torch.float64)
    with torch.no_grad():
        for value in values:
            value.add_(0.5 * torch.randn_like(value))  # scales of 1 and shifts of 0 would hide what is wrong

    losses = torch.func.vmap(lambda x: outer_loss(network, x, gradient))(x)

    with sdpa_kernel(SDPBackend.MATH):
        expected = torch.stack([outer_loss_by_hand(network, each) for each in x])
    torch.testing.assert_close(losses, expected)
    torch.testing.assert_close(torch.autograd.grad(losses.sum(), values), torch.autograd.grad(expected.sum(), values))


@pytest.mark.parametrize("gradient", GRADIENTS)
def test_under_vmap_each_task_keeps_statistics_of_its_own(gradient: Gradient):
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(4, 4), nn.BatchNorm1d(4), nn.Linear(4, 4)).double()
    parameters, x = dict(network.named_parameters()), torch.randn(3, 7, 4, dtype=torch.float64)
    sizes = share_step_size(parameters, size=0.1)

    def one_task(x: Tensor, buffers: Parameters) -> tuple[Tensor, Parameters]:
        def loss(values: Parameters) -> Tensor:
            return (call(network, {**values, **buffers}, x) - 1).square().mean()

        adapted = take_inner_steps(parameters, loss, step_sizes=sizes, n_steps=3, gradient=gradient)
        return loss(adapted), buffers

    per_task = {name: value.expand(3, *value.shape).clone() for name, value in network.named_buffers()}
    losses, statistics = torch.func.vmap(one_task)(x, per_task)

    for i in range(3):
        alone = copy.deepcopy(network)
        torch.testing.assert_close(losses[i], outer_loss_by_hand(alone, x[i]))
        torch.testing.assert_close({n: value[i] for n, value in statistics.items()}, dict(alone.named_buffers()))
    gradients = torch.autograd.grad(losses.sum(), list(parameters.values()))
    looped = sum(outer_loss_by_hand(copy_of_shared(network), x[i]) for i in range(3))
    assert isinstance(looped, Tensor)
    torch.testing.assert_close(gradients, torch.autograd.grad(looped, list(parameters.values())))


def copy_of_shared(network: nn.Module) -> nn.Module:
    """Copy the buffers of a network, but not its parameters."""
    return copy.deepcopy(network, {id(value): value for value in network.parameters()})


def test_each_step_may_have_statistics_and_weights_of_its_own():
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(4, 4), nn.BatchNorm1d(4)).double()
    parameters, x = dict(network.named_parameters()), torch.randn(7, 4, dtype=torch.float64)
    own = step_sizes_per_step(dict(network.named_buffers()), n_steps=2)  # copies of any tensors
    shifts = [torch.zeros(4, dtype=torch.float64, requires_grad=True) for _ in own]

    def loss_of(buffers: Parameters, shift: Tensor) -> Callable[[Parameters], Tensor]:
        return lambda p: (call(network, {**p, **buffers, "1.bias": shift}, x) - 1).square().mean()

    losses = [loss_of(buffers, shift) for buffers, shift in zip(own, shifts, strict=True)]
    adapting = {name: value for name, value in parameters.items() if name != "1.bias"}
    adapted = take_inner_steps(parameters, losses, step_sizes=share_step_size(adapting, size=0.1), n_steps=2)

    assert [int(buffers["1.num_batches_tracked"]) for buffers in own] == [1, 1]
    assert not torch.equal(own[0]["1.running_mean"], own[1]["1.running_mean"])
    outer = adapted["0.weight"].square().sum()
    assert all(bool(slope.abs().sum() > 0) for slope in torch.autograd.grad(outer, shifts))
    with pytest.raises(ValueError, match="loss: 2 losses, one per step, but n_steps is 3"):
        take_inner_steps(parameters, losses, step_sizes=share_step_size(adapting, size=0.1), n_steps=3)


@pytest.mark.parametrize("gradient", GRADIENTS)
def test_the_loss_may_close_over_the_initial_parameters_themselves(gradient: Gradient):
    w = torch.tensor([1.0, 2.0], dtype=torch.float64, requires_grad=True)
    goal = torch.tensor([0.0, 3.0], dtype=torch.float64)

    def outer(initial: Tensor) -> Tensor:
        def loss(p: Parameters) -> Tensor:
            return (p["w"] - goal).square().sum() + (p["w"] * initial).square().sum()

        size = torch.tensor(0.05, dtype=torch.float64)
        return take_inner_steps({"w": w}, loss, step_sizes={"w": size}, n_steps=2, gradient=gradient)["w"].sum()

    (together,) = torch.autograd.grad(outer(w), w)
    apart = w.detach().clone().requires_grad_()
    torch.testing.assert_close(together, sum(torch.autograd.grad(outer(apart), (w, apart))))


@pytest.mark.parametrize("gradient", [*GRADIENTS, first_order])
def test_what_the_loss_does_not_use_and_what_has_no_gradient_is_no_error(gradient: Gradient):
    parameters = {
        "used": torch.ones(2, requires_grad=True),
        "frozen": torch.ones(2),
        "unused": torch.ones(2, requires_grad=True),
        "count": torch.tensor(3),
    }
    sizes = share_step_size({name: parameters[name] for name in ("used", "frozen", "unused")}, size=0.25)

    adapted = take_inner_steps(
        parameters, lambda p: (p["used"] * p["frozen"]).sum(), step_sizes=sizes, gradient=gradient
    )
    still = take_inner_steps(parameters, lambda p: torch.tensor(1.0), step_sizes=sizes, gradient=gradient)  # noqa: ARG005

    assert [adapted[name].tolist() for name in sizes] == [[0.75, 0.75], [0.75, 0.75], [1, 1]]
    assert adapted["count"] is parameters["count"]
    assert all(torch.equal(still[name], parameters[name]) for name in parameters)


@pytest.mark.parametrize("gradient", [*GRADIENTS, first_order])
@pytest.mark.parametrize("vmapped", [False, True])
def test_complex_parameters_descend(gradient: Gradient, vmapped: bool):  # noqa: FBT001 - parametrised
    z = torch.tensor([1 + 2j, -3j], dtype=torch.complex128, requires_grad=True)
    goal = torch.tensor([1j, 2.0], dtype=torch.complex128)

    def adapt_to(goal: Tensor) -> Tensor:
        return take_inner_steps(
            {"z": z},
            lambda p: torch.real((p["z"] - goal) * (p["z"] - goal).conj()).sum(),
            step_sizes=step_size_per_tensor({"z": z}, size=0.25),
            n_steps=2,
            gradient=gradient,
        )["z"]

    adapted = torch.func.vmap(adapt_to)(goal[None])[0] if vmapped else adapt_to(goal)

    torch.testing.assert_close(adapted, goal + 0.25 * (z - goal))  # each step halves the distance


def test_complex_gradients_are_clipped_by_their_absolute_value():
    gradients = {"z": torch.tensor([3 + 4j, 0.3j]), "x": torch.tensor([12.0])}

    by_element, by_norm = clip_elements(1.0)(gradients), clip_norm(6.5)(gradients)

    torch.testing.assert_close(by_element, {"z": torch.tensor([0.6 + 0.8j, 0.3j]), "x": torch.tensor([1.0])})
    scale = 6.5 / (25 + 0.09 + 144) ** 0.5
    torch.testing.assert_close(by_norm, {name: value * scale for name, value in gradients.items()})


@pytest.mark.parametrize("create", [share_step_size, step_size_per_tensor, step_size_per_element])
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float32, torch.float64, torch.complex64])
def test_adapting_keeps_the_type_and_step_sizes_are_real_and_exact_enough(
    create: Callable[..., dict[str, Tensor]], dtype: torch.dtype
):
    parameters = {"x": torch.ones(3, dtype=dtype)}
    sizes = create(parameters, size=0.1)

    adapted = take_inner_steps(
        parameters, lambda p: p["x"].abs().square().sum(), step_sizes=LogSpace(sizes)(), n_steps=2, clip=clip_norm(9.0)
    )

    assert adapted["x"].dtype == dtype
    assert sizes["x"].dtype == (torch.float64 if dtype == torch.float64 else torch.float32)
    torch.testing.assert_close(adapted["x"].abs().float(), torch.full((3,), 0.64), rtol=0.02, atol=0)


def test_a_step_size_of_whole_numbers_is_refused():
    with pytest.raises(ValueError, match=r"n: expected floating-point or complex numbers, got torch.int64"):
        step_size_per_tensor({"n": torch.tensor(1)}, size=0.1)


@pytest.mark.parametrize("gradient", GRADIENTS)
def test_mixed_precision_is_that_of_a_loop_by_hand(gradient: Gradient):
    torch.manual_seed(0)
    network, x = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 4)), torch.randn(7, 4)
    with torch.autocast("cpu", torch.bfloat16):
        loss, expected = outer_loss(network, x, gradient), outer_loss_by_hand(network, x)

    values = list(network.parameters())
    gradients = torch.autograd.grad(loss, values)
    assert all(each.dtype == torch.float32 for each in gradients)
    torch.testing.assert_close(gradients, torch.autograd.grad(expected, values), rtol=0.02, atol=1e-3)


def test_dropout_differs_between_tasks_under_vmap_where_it_is_asked_to():
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(4, 32), nn.Dropout(), nn.Linear(32, 4))
    x = torch.ones(3, 5, 4)

    def losses(randomness: str) -> Tensor:
        return torch.func.vmap(lambda x: outer_loss(network, x, second_order), randomness=randomness)(x)

    assert len(set(losses("different").tolist())) == 3
    assert len(set(losses("same").tolist())) == 1


@pytest.mark.filterwarnings("ignore:.*:DeprecationWarning", "ignore:.*:UserWarning")  # dynamo's own
@pytest.mark.parametrize(("vmapped", "gradient"), [(False, recomputed), (True, second_order)])
def test_it_compiles_in_one_graph(vmapped: bool, gradient: Gradient):  # noqa: FBT001 - parametrised
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 4))
    x = torch.randn(3, 5, 4)

    def loss(x: Tensor) -> Tensor:
        if vmapped:
            return torch.func.vmap(lambda each: outer_loss(network, each, gradient))(x).mean()
        return outer_loss(network, x[0], gradient)

    compiled = torch.compile(loss, backend="aot_eager", fullgraph=True)

    values = list(network.parameters())
    torch.testing.assert_close(
        torch.autograd.grad(compiled(x), values), torch.autograd.grad(loss(x), values), rtol=1e-4, atol=1e-6
    )
