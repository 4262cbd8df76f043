"""Laws of the compiled control step."""

import sys

import pytest
import torch
from torch import Tensor

from daml.deployment.compiled_step import CompiledStep
from daml.policies.baselines.recurrent import RecurrentHead
from daml.policies.control_network import ControlStep, Decision, Memory, untraced
from daml.policies.head import PolicyConfig, VisuomotorHead
from daml.policies.visuomotor import VisuomotorPolicy

SHALLOW = PolicyConfig(channels=(8, 8, 8, 8), n_points=3, bias_size=5, hidden_size=16, readout_size=8)
DEEP = PolicyConfig(channels=(8, 8, 8, 8, 8), n_points=3, bias_size=5, hidden_size=16, readout_size=8)
CHOSEN_FIRST = PolicyConfig(
    channels=(8, 8, 8, 8), n_points=3, bias_size=5, hidden_size=16, readout_size=8, item_from_first=True
)


def policy(config: PolicyConfig, seed: int = 0) -> VisuomotorPolicy:
    """Make a policy in which everything differs from place to place."""
    torch.manual_seed(seed)
    made = VisuomotorPolicy(config).eval()
    for values in made.parameters():
        torch.nn.init.normal_(values, std=0.2)
    made.hand_eye.matrix.copy_(torch.tensor([[0.0, 1.0, 0.0, 0.0], [1.0, 0.0, -0.4, -0.5], [0.3, 0.0, -0.4, 0.6]]))
    return made


def with_head(made: VisuomotorPolicy, seed: int) -> VisuomotorPolicy:
    """Change what adapts."""
    torch.manual_seed(seed)
    for values in made.head.parameters():
        torch.nn.init.normal_(values, std=0.2)
    return made


def compiled(made: VisuomotorPolicy, *, sizes: object) -> CompiledStep:
    pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    image = torch.zeros(1, 64, 64, 3, dtype=torch.uint8)
    return CompiledStep(made, sizes=sizes, image=image, states=torch.zeros(1, 9))


def episode(made: VisuomotorPolicy, step: CompiledStep | None = None) -> list[tuple[Decision, Decision]]:
    """Return what a policy decides operation by operation, and what a step decides on the same memory."""
    generator = torch.Generator().manual_seed(1)
    memory: Memory | None = None
    decisions: list[tuple[Decision, Decision]] = []
    for _ in range(5):
        image = torch.randint(0, 256, (1, 64, 64, 3), dtype=torch.uint8, generator=generator)
        states = torch.rand(1, 9, generator=generator)
        with untraced():
            plain = ControlStep(made, sizes=None, image=image, states=states)
        decision = plain.decide(image, states=states, memory=memory)
        decisions.append((decision, (step or plain).decide(image, states=states, memory=memory)))
        memory = decision.memory
    return decisions


def flat(decision: Decision) -> list[Tensor]:
    return [decision.actions, *decision.goal, *(value for values in decision.memory for value in values)]


@pytest.mark.parametrize("config", [SHALLOW, DEEP, CHOSEN_FIRST])
@torch.inference_mode()
def test_a_compiled_policy_decides_what_it_decides_operation_by_operation(config: PolicyConfig):
    made = policy(config)
    for left, right in episode(made, compiled(made, sizes=config)):
        for expected, found in zip(flat(left), flat(right), strict=True):
            torch.testing.assert_close(found, expected, atol=1e-4, rtol=1e-4)


@torch.inference_mode()
def test_policies_of_one_prior_share_what_is_compiled_and_not_what_adapted():
    first, second = with_head(policy(SHALLOW), 1), with_head(policy(SHALLOW), 2)
    steps = [compiled(made, sizes=SHALLOW) for made in (first, second)]
    assert steps[0].session is steps[1].session
    assert not torch.allclose(flat(episode(first)[-1][0])[1], flat(episode(second)[-1][0])[1])
    for made, step in zip((first, second), steps, strict=True):
        left, right = episode(made, step)[-1]
        torch.testing.assert_close(right.goal.pack(), left.goal.pack(), atol=1e-4, rtol=1e-4)


@torch.inference_mode()
def test_another_trunk_is_compiled_anew():
    steps = [compiled(policy(SHALLOW, seed), sizes=SHALLOW) for seed in (3, 4)]
    assert steps[0].session is not steps[1].session


def test_a_policy_that_reads_videos_otherwise_is_refused():
    made = VisuomotorPolicy(SHALLOW, RecurrentHead)
    image, states = torch.zeros(1, 64, 64, 3, dtype=torch.uint8), torch.zeros(1, 9)
    with pytest.raises(ValueError, match="expected a policy that adapts, on the CPU; got a RecurrentHead"):
        CompiledStep(made, sizes=None, image=image, states=states)


@pytest.mark.parametrize("missing", ["onnx", "onnxruntime"])
@torch.inference_mode()
def test_what_is_not_installed_is_named(missing: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", sys)  # as if it were there
    monkeypatch.setitem(sys.modules, missing, None)
    image, states = torch.zeros(1, 64, 64, 3, dtype=torch.uint8), torch.zeros(1, 9)
    made = policy(SHALLOW, seed=5)
    assert type(made.head) is VisuomotorHead
    with pytest.raises(ImportError, match=r"pip install 'daml-imitation\[fast\]'"):
        CompiledStep(made, sizes="new", image=image, states=states)
