"""`daml.maml` needs torch and nothing else: it can be used, or copied, without the rest."""

import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parents[1]

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
NEEDED = {re.split(r"[^\w.-]", line)[0].lower() for line in PROJECT["dependencies"]} - {"torch"}
"""What the rest of the package needs, torch aside."""

BLOCKED = sorted(
    {name for name, owners in packages_distributions().items() if NEEDED & {owner.lower() for owner in owners}}
)
"""The modules of these."""

SCRIPT = f"""
import sys

sys.modules.update(dict.fromkeys({BLOCKED}))  # an import of these fails
import torch
from daml import maml

network = torch.nn.Linear(2, 1)
initial = dict(network.named_parameters())
def outer_loss(x):
    def loss(p):
        return torch.func.functional_call(network, p, (x,)).square().mean()
    sizes = maml.step_size_per_tensor(initial, size=0.1)
    return loss(maml.take_inner_steps(initial, loss, step_sizes=sizes, n_steps=2, gradient=maml.recomputed))
maml.average_gradients([torch.func.vmap(outer_loss)(torch.randn(4, 3, 2)).mean()], network.parameters())
assert network.weight.grad is not None
print(*sorted(name for name in sys.modules if name.startswith("daml") and not name.startswith("daml.maml")))
"""


def test_it_runs_where_nothing_but_torch_is_installed():
    command = [sys.executable, "-W", "ignore", "-c", SCRIPT]
    result = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)

    assert {"mujoco", "cv2", "av", "numpy"} <= set(BLOCKED)
    assert result.returncode == 0, result.stderr
    assert result.stdout.split() == ["daml", "daml.registration"]
