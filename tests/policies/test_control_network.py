"""Laws of the traced control step."""

from collections.abc import Sequence

import pytest
import torch
from torch import Tensor

from daml.policies.baselines.attentive import AttentiveHead
from daml.policies.baselines.contextual import ContextualHead
from daml.policies.baselines.recurrent import RecurrentHead
from daml.policies.control_network import ControlStep, no_evidence, split_estimate, untraced
from daml.policies.head import PolicyConfig, VisuomotorHead
from daml.policies.visuomotor import VisuomotorPolicy

CONFIG = PolicyConfig(channels=(8, 8, 8, 8), n_points=3, bias_size=5, hidden_size=16, readout_size=8, context_size=8)
HEADS = {
    "adapting": VisuomotorHead,
    "contextual": ContextualHead,
    "recurrent": RecurrentHead,
    "attentive": lambda n_channels, config: AttentiveHead(n_channels, config, n_frames=4),
}


def policy(head: str, seed: int) -> VisuomotorPolicy:
    """Make a policy in which everything differs from place to place."""
    torch.manual_seed(seed)
    made = VisuomotorPolicy(CONFIG, HEADS[head]).eval()
    for values in made.parameters():
        torch.nn.init.normal_(values, std=0.2)
    made.hand_eye.matrix.copy_(torch.tensor([[0.0, 1.0, 0.0, 0.0], [1.0, 0.0, -0.4, -0.5], [0.3, 0.0, -0.4, 0.6]]))
    return made


def images() -> list[Tensor]:
    return [torch.randint(0, 256, (1, 64, 64, 3), dtype=torch.uint8) for _ in range(4)]


def episode(step: ControlStep, made: VisuomotorPolicy, frames: Sequence[Tensor]) -> list[Tensor]:
    """Return what to do at each frame, and all that was estimated."""
    states = torch.rand(1, 9, generator=torch.Generator().manual_seed(0))
    first, evidence, track, rows = step.see(frames[0]), no_evidence(states), None, []
    for frame in frames:
        estimate = step.estimate(step.see(frame), first, states, evidence)
        goal, evidence = split_estimate(estimate)
        action, *track = step.react(tuple(goal), states, tuple(track or made.tracker.begin(goal, states)))
        rows += [action, *estimate, *track]
    return rows


@pytest.mark.parametrize("head", HEADS)
@torch.inference_mode()
def test_a_traced_policy_does_what_it_does_operation_by_operation(head: str):
    frames = images()
    for seed in (0, 1):  # the second is a copy of what was traced of the first
        made = policy(head, seed)
        settings = {"sizes": CONFIG, "image": frames[0], "states": torch.zeros(1, 9)}
        traced = episode(ControlStep(made, **settings), made, frames)
        with untraced():
            plain = episode(ControlStep(made, **settings), made, frames)
        for left, right in zip(traced, plain, strict=True):
            torch.testing.assert_close(left, right, atol=1e-5, rtol=1e-5)


@torch.inference_mode()
def test_policies_of_the_same_sizes_do_not_share_weights():
    frames, settings = images(), {"sizes": CONFIG, "states": torch.zeros(1, 9)}
    first, second = policy("adapting", 2), policy("adapting", 3)
    steps = [ControlStep(made, image=frames[0], **settings) for made in (first, second)]
    before = episode(steps[0], first, frames)[0]
    assert not torch.equal(before, episode(steps[1], second, frames)[0])
    assert torch.equal(before, episode(steps[0], first, frames)[0])
