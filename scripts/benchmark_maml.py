"""Time and memory of a meta-gradient against higher, TorchOpt and a recipe with `torch.func`, and whether they agree.

Three networks, each adapted in five steps to each of eight tasks: an MLP, a convolutional vision network and a
transformer block. Each library is used as its documentation shows:

- daml: all tasks under `torch.func.vmap`. daml, loop: one task after another, by `average_gradients`. daml, recomputed:
  the same with the graph of each inner step computed again.
- higher: `innerloop_ctx` per task, its outer loss differentiated before the next.
- torchopt: functional updates per task, the mean of the outer losses differentiated at the end.
- recipe: torch's own MAML example, `vmap` over `torch.func.grad`.

Agreement is that of float64 meta-gradients with a loop by hand, relative; time is processor time of one thread, which
other programs on the machine disturb little; memory is by how much a fresh process grows at its peak.

    python scripts/benchmark_maml.py --output runs/maml.json
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
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch
from rich.console import Console
from rich.table import Table
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.attention import SDPBackend, sdpa_kernel

from daml import maml

INNER_STEPS = 5
N_TASKS = 8
STEP_SIZE = 0.05


class Block(nn.Module):
    """A transformer block over 16 tokens, and a last layer."""

    def __init__(self) -> None:
        super().__init__()
        self.block = nn.TransformerEncoderLayer(64, 4, 128, dropout=0.0, batch_first=True)
        self.head = nn.Linear(64, 5)

    def forward(self, x: Tensor) -> Tensor:
        """Classify sequences, `(n, 16, 64)`."""
        return self.head(self.block(x).mean(1))


def convolutional() -> nn.Module:
    """Return a network for pictures of 28 pixels, as in few-shot classification."""
    layers: list[nn.Module] = []
    for n_inputs in (1, 32, 32, 32):
        layers += [nn.Conv2d(n_inputs, 32, 3, stride=2, padding=1), nn.GroupNorm(4, 32), nn.ReLU()]
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(128, 5))


class Model(NamedTuple):
    """A network and the shape of its inputs."""

    create: Callable[[], nn.Module]
    shape: tuple[int, ...]


MODELS: Mapping[str, Model] = {
    "MLP": Model(
        lambda: nn.Sequential(nn.Linear(64, 64), nn.Tanh(), nn.Linear(64, 64), nn.Tanh(), nn.Linear(64, 5)), (64,)
    ),
    "vision network": Model(convolutional, (1, 28, 28)),
    "transformer block": Model(Block, (16, 64)),
}
"""What adapts."""


class Batch(NamedTuple):
    """Pictures, vectors or sequences of five classes, five of each shown and five asked for."""

    x: Tensor
    query: Tensor
    labels: Tensor
    """`(25,)`, the same in every task."""


def draw(model: Model, dtype: torch.dtype) -> tuple[nn.Module, Batch]:
    """Draw network and data, the same every time."""
    torch.manual_seed(0)
    network = model.create().to(dtype)
    with torch.no_grad():
        for value in network.parameters():
            value.add_(0.05 * torch.randn_like(value))  # scales of 1 and shifts of 0 would hide errors
    x, query = torch.randn(2, N_TASKS, 25, *model.shape, dtype=dtype)
    return network, Batch(x, query, torch.arange(25).remainder(5))


def with_daml(network: nn.Module, batch: Batch, gradient: maml.Gradient = maml.second_order) -> Callable[..., Tensor]:
    """Return the outer loss of one task."""
    initial = dict(network.named_parameters())
    sizes = maml.share_step_size(initial, size=STEP_SIZE)

    def loss(parameters: maml.Parameters, x: Tensor) -> Tensor:
        return functional.cross_entropy(torch.func.functional_call(network, dict(parameters), (x,)), batch.labels)

    def outer_loss(x: Tensor, query: Tensor) -> Tensor:
        adapted = maml.take_inner_steps(
            initial, lambda p: loss(p, x), step_sizes=sizes, n_steps=INNER_STEPS, gradient=gradient
        )
        return loss(adapted, query)

    return outer_loss


def daml(network: nn.Module, batch: Batch) -> None:
    """All tasks at once."""
    with sdpa_kernel(SDPBackend.MATH):  # of the outer loss, where vmap would loop over the others
        torch.func.vmap(with_daml(network, batch))(batch.x, batch.query).mean().backward()


def daml_loop(network: nn.Module, batch: Batch) -> None:
    """One task after another."""
    outer_loss = with_daml(network, batch)
    maml.average_gradients((outer_loss(*task) for task in zip(batch.x, batch.query, strict=True)), network.parameters())


def daml_recomputed(network: nn.Module, batch: Batch) -> None:
    """One task after another, in less memory."""
    outer_loss = with_daml(network, batch, maml.recomputed)
    maml.average_gradients((outer_loss(*task) for task in zip(batch.x, batch.query, strict=True)), network.parameters())


def recipe(network: nn.Module, batch: Batch) -> None:
    """Torch alone."""
    initial = dict(network.named_parameters())

    def loss(parameters: dict[str, Tensor], x: Tensor) -> Tensor:
        return functional.cross_entropy(torch.func.functional_call(network, parameters, (x,)), batch.labels)

    def outer_loss(x: Tensor, query: Tensor) -> Tensor:
        parameters = initial
        for _ in range(INNER_STEPS):
            gradients = torch.func.grad(loss)(parameters, x)
            parameters = {name: value - STEP_SIZE * gradients[name] for name, value in parameters.items()}
        return loss(parameters, query)

    with sdpa_kernel(SDPBackend.MATH):  # torch cannot differentiate the others twice
        torch.func.vmap(outer_loss)(batch.x, batch.query).mean().backward()


def by_hand(network: nn.Module, batch: Batch) -> None:
    """A loop by hand, the reference."""
    values = dict(network.named_parameters())
    with sdpa_kernel(SDPBackend.MATH):
        for x, query in zip(batch.x, batch.query, strict=True):
            adapted = values
            for _ in range(INNER_STEPS):
                logits = torch.func.functional_call(network, adapted, (x,))
                loss = functional.cross_entropy(logits, batch.labels)
                gradients = torch.autograd.grad(loss, list(adapted.values()), create_graph=True)
                adapted = {n: v - STEP_SIZE * g for (n, v), g in zip(adapted.items(), gradients, strict=True)}
            logits = torch.func.functional_call(network, adapted, (query,))
            (functional.cross_entropy(logits, batch.labels) / N_TASKS).backward()


def higher(network: nn.Module, batch: Batch) -> None:
    """As in the MAML example of higher."""
    import higher as library  # noqa: PLC0415 - its memory is its own

    optimizer = torch.optim.SGD(network.parameters(), lr=STEP_SIZE)
    with sdpa_kernel(SDPBackend.MATH):
        for x, query in zip(batch.x, batch.query, strict=True):
            with library.innerloop_ctx(network, optimizer, copy_initial_weights=False) as (adapted, steps):
                for _ in range(INNER_STEPS):
                    steps.step(functional.cross_entropy(adapted(x), batch.labels))
                (functional.cross_entropy(adapted(query), batch.labels) / N_TASKS).backward()


def torchopt(network: nn.Module, batch: Batch) -> None:
    """As in the functional MAML example of TorchOpt."""
    import torchopt as library  # noqa: PLC0415 - its memory is its own

    names, initial = zip(*network.named_parameters(), strict=True)
    optimizer = library.sgd(lr=STEP_SIZE)

    def loss(values: Sequence[Tensor], x: Tensor) -> Tensor:
        logits = torch.func.functional_call(network, dict(zip(names, values, strict=True)), (x,))
        return functional.cross_entropy(logits, batch.labels)

    losses: list[Tensor] = []
    with sdpa_kernel(SDPBackend.MATH):
        for x, query in zip(batch.x, batch.query, strict=True):
            values, state = initial, optimizer.init(initial)
            for _ in range(INNER_STEPS):
                gradients = torch.autograd.grad(loss(values, x), values, create_graph=True)
                updates, state = optimizer.update(gradients, state, inplace=False)
                values = library.apply_updates(values, updates, inplace=False)
            losses.append(loss(values, query))
        torch.stack(losses).mean().backward()


WAYS: Mapping[str, Callable[[nn.Module, Batch], None]] = {
    "daml": daml,
    "daml, loop": daml_loop,
    "daml, recomputed": daml_recomputed,
    "higher": higher,
    "torchopt": torchopt,
    "recipe": recipe,
}
"""Ways to compute the same meta-gradient."""


def gradient(way: Callable[[nn.Module, Batch], None], model: Model) -> Tensor:
    """Return the meta-gradient in float64, as one vector."""
    network, batch = draw(model, torch.float64)
    way(network, batch)
    return torch.cat([value.grad.flatten() for value in network.parameters() if value.grad is not None])


def measure(way_name: str, model_name: str, *, rounds: int) -> dict[str, float]:
    """Measure time and memory in this process."""
    way = WAYS[way_name]
    way(*draw(MODELS["MLP"], torch.float32))  # loads what is loaded at first use
    network, batch = draw(MODELS[model_name], torch.float32)
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)  # what was freed would be taken again unseen
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # resets the peak, which imports have driven up
    before = peak_memory()
    way(network, batch)
    memory = peak_memory() - before
    times: list[float] = []
    for _ in range(rounds):
        network.zero_grad()
        began = time.process_time()
        way(network, batch)
        times.append(time.process_time() - began)
    return {"milliseconds": 1000 * statistics.median(times), "megabytes": memory}


def peak_memory() -> float:
    """Return the peak of this process's resident set, in MB; Linux alone tells it."""
    found = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text(encoding="ascii"))
    return int(found[1]) / 1024 if found else float("nan")


def main(words: Sequence[str] | None = None) -> dict[str, Any]:
    """Measure, print a table, write JSON; return what it holds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7, help="timed repetitions")
    parser.add_argument("--models", nargs="+", choices=list(MODELS), default=list(MODELS))
    parser.add_argument("--ways", nargs="+", choices=list(WAYS), default=list(WAYS))
    parser.add_argument("--output", type=Path, help="JSON file to write")
    options = parser.parse_args(words)
    torch.set_num_threads(1)
    results: dict[str, Any] = {}
    table = Table("network", "way", "ms", "MB", "distance from the loop by hand")
    for name in options.models:
        expected = gradient(by_hand, MODELS[name])
        for way in options.ways:
            with multiprocessing.get_context("fork").Pool(1) as pool:
                measured = pool.apply(measure, (way, name), {"rounds": options.rounds})
            distance = (gradient(WAYS[way], MODELS[name]) - expected).norm() / expected.norm()
            figures = {**measured, "distance": distance.item()}
            results[f"{name} | {way}"] = figures
            cells = f"{figures['milliseconds']:.1f}", f"{figures['megabytes']:.1f}", f"{figures['distance']:.0e}"
            table.add_row(name, way, *cells)
    Console().print(table)
    if options.output:
        options.output.parent.mkdir(parents=True, exist_ok=True)
        options.output.write_text(json.dumps(results, indent=1))
    return results


if __name__ == "__main__":
    main()
