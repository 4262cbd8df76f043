from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from daml.maml.closure import Closure

MODULES: dict[str, Callable[[], nn.Module]] = {
    "layer": lambda: nn.LayerNorm((3, 5)),
    "layer, plain": lambda: nn.LayerNorm(5, elementwise_affine=False),
    "batch": lambda: nn.BatchNorm1d(3),
    "batch, cumulative": lambda: nn.BatchNorm1d(3, momentum=None),
    "batch, without statistics": lambda: nn.BatchNorm1d(3, affine=False, track_running_stats=False),
    "instance": lambda: nn.InstanceNorm1d(3, affine=True, track_running_stats=True),
    "instance, plain": lambda: nn.InstanceNorm1d(3),
}


def run_twice(module: nn.Module, x: Tensor) -> Tensor:
    module.train()(x)
    return torch.stack([module.train()(x), module.eval()(x)])


@pytest.mark.parametrize("name", MODULES)
def test_what_is_written_out_computes_what_torch_does(name: str):
    generator = torch.Generator().manual_seed(0)
    module, other, x = MODULES[name](), MODULES[name](), torch.randn(4, 3, 5, generator=generator)
    with torch.no_grad():
        for value in module.parameters():
            value.copy_(torch.randn(value.shape, generator=generator))
    other.load_state_dict(module.state_dict())
    closure = Closure(lambda p: run_twice(module, p["x"]))

    written_out = closure.evaluate({"x": x})
    closure.apply_changes()

    torch.testing.assert_close(written_out, run_twice(other, x))
    torch.testing.assert_close(module.state_dict(), other.state_dict())
