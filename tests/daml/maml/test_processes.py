import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import Tensor

from daml.maml import average_gradients, own_part, take_inner_steps

SCRIPT = """
import sys
import torch
from daml import maml

torch.set_num_threads(1)
torch.use_deterministic_algorithms(sys.argv[1] == "deterministic")
torch.distributed.init_process_group("gloo")
torch.manual_seed(0)
network = torch.nn.Sequential(torch.nn.Linear(3, 16), torch.nn.Tanh(), torch.nn.Linear(16, 1))
unused = torch.nn.Parameter(torch.ones(2))
initial, learned = dict(network.named_parameters()), [*network.parameters(), unused]
optimizer = torch.optim.Adam(learned, lr=0.01)

def error(p, x, y):
    return (torch.func.functional_call(network, p, (x,)) - y).square().mean()

def outer_loss(x, y):
    sizes = maml.share_step_size(initial, size=0.1)
    adapted = maml.take_inner_steps(initial, lambda p: error(p, x, y), step_sizes=sizes, n_steps=2)
    return error(adapted, x.flip(0), y.flip(0))

for step in range(5):
    tasks = torch.randn(7, 5, 3)  # seven: no process count divides them
    losses = (outer_loss(x, x.sin().sum(1, keepdim=True)) for x in maml.own_part(tasks))
    optimizer.zero_grad()
    loss = maml.average_gradients(losses, learned)
    optimizer.step()
weights = torch.cat([loss.reshape(1), *(value.detach().flatten() for value in learned)])
torch.save(weights, f"{sys.argv[2]}/{torch.distributed.get_rank()}.pt")
torch.distributed.destroy_process_group()
"""


def train(folder: Path, n_processes: int, mode: str) -> list[Tensor]:
    """Run the script under torchrun; return the last loss and the weights of each process."""
    folder = folder / f"{mode}-{n_processes}"
    folder.mkdir()
    script = folder / "train.py"
    script.write_text(SCRIPT)
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={n_processes}"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(Path(__file__).parents[3])}
    command = [*launcher, str(script), mode, str(folder)]
    result = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=300)
    assert result.returncode == 0, result.stderr
    return [torch.load(folder / f"{rank}.pt") for rank in range(n_processes)]


def test_any_number_of_processes_computes_the_same_bits_in_deterministic_mode(tmp_path: Path):
    first, *others = [weights for n in (1, 2, 4) for weights in train(tmp_path, n, "deterministic")]

    assert all(torch.equal(first, other) for other in others)


def test_all_processes_hold_the_same_parameters(tmp_path: Path):
    first, second = train(tmp_path, 2, "fast")

    assert torch.equal(first, second)
    torch.testing.assert_close(first, train(tmp_path, 1, "fast")[0], rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("deterministic", [False, True])
def test_alone_it_is_the_backward_pass_of_the_mean(deterministic: bool):  # noqa: FBT001 - parametrised
    w = torch.tensor([1.0, -2.0], requires_grad=True)
    z = torch.tensor([1 + 1j], requires_grad=True)
    unused, fixed = torch.ones(2, requires_grad=True), torch.ones(2)
    before = torch.are_deterministic_algorithms_enabled()
    torch.use_deterministic_algorithms(deterministic)
    try:
        losses = [(w * n).square().sum() + torch.real(z * z.conj()).sum() for n in range(3)]
        torch.autograd.backward(torch.stack(losses).mean())
        expected = [w.grad, z.grad]
        w.grad = z.grad = None

        mean = average_gradients(iter(losses_again(w, z)), [w, z, unused, fixed])
        torch.testing.assert_close([w.grad, z.grad], expected)
        average_gradients(iter(losses_again(w, z)), [w, z])
    finally:
        torch.use_deterministic_algorithms(before)

    torch.testing.assert_close(mean, torch.stack(losses).mean().detach())
    torch.testing.assert_close([w.grad, z.grad], [2 * each for each in expected if each is not None])
    assert unused.grad is not None
    assert unused.grad.tolist() == [0, 0]
    assert fixed.grad is None


def losses_again(w: Tensor, z: Tensor) -> list[Tensor]:
    return [(w * n).square().sum() + torch.real(z * z.conj()).sum() for n in range(3)]


def test_a_generator_of_losses_is_differentiated_one_by_one():
    w, alive = torch.ones(2, requires_grad=True), list[int]()

    def loss(n: int) -> Tensor:
        alive.append(n)
        return take_inner_steps({"w": w}, lambda p: p["w"].sum(), step_sizes={"w": torch.tensor(0.1)})["w"].sum() * n

    mean = average_gradients((loss(n) for n in own_part(range(1, 4))), [w])

    assert alive == [1, 2, 3]
    assert mean.item() == pytest.approx(2 * 1.8)
    torch.testing.assert_close(w.grad, torch.full((2,), 2.0))


def test_several_processes_that_are_not_connected_are_an_error(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(RuntimeError, match=r"expected 2 connected processes.*init_process_group\(\) first"):
        own_part([1, 2])
