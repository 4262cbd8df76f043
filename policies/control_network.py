"""The network of a control step, traced: the same operations on the same numbers, without Python between them."""

import copy
import warnings
from collections.abc import Callable, Generator, Hashable, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple, TypeAlias, cast

import torch
from torch import Tensor, nn

from daml.policies.goal import Goal
from daml.policies.robot.commands import command_robot
from daml.policies.robot.hand_eye import CameraEvidence
from daml.policies.tracking import Track
from daml.policies.vision.feature_map import Landmarks
from daml.policies.vision.images import float_images
from daml.policies.vision.seen_image import SeenImage
from daml.policies.visuomotor import VisuomotorPolicy

Tensors: TypeAlias = tuple[Tensor, ...]
"""A tree of tensors laid flat: what can be traced takes and returns these."""


class Memory(NamedTuple):
    """What a control step needs of those before it."""

    first: Tensors
    """The episode's first frame, as `ControlNetwork.see` returned it."""
    evidence: Tensors
    """What was found of the camera so far."""
    track: Tensors
    """Where the item was followed to."""


class Decision(NamedTuple):
    """What comes of a control step."""

    actions: Tensor
    """What the robot is told, `(1, A)`."""
    goal: Goal
    """Goal in SI units as the frame alone shows it."""
    memory: Memory
    """What the next step needs."""


_N_SEEN = 3
"""Fields of a seen image before its landmarks."""

_N_GOAL = len(Goal._fields)

_traced: dict[Hashable, Any] = {}
"""What was traced, by the policy's sizes; others of the same sizes are copies with weights of their own."""

_tracing = [True]
"""Whether new control networks are traced."""


class ControlNetwork(nn.Module):
    """A policy in three parts, as an episode needs them.

    Args:
        policy: The policy; not copied.
    """

    def __init__(self, policy: VisuomotorPolicy) -> None:
        super().__init__()
        self.policy = policy

    def see(self, images: Tensor) -> Tensors:
        """Return the seen image of a frame, uint8 `(1, H, W, 3)`."""
        seen = self.policy.see(float_images(images))
        return *seen[:_N_SEEN], *seen.landmarks

    def estimate(self, seen: Tensors, first: Tensors, states: Tensor, evidence: Tensors) -> Tensors:
        """Return the goal in SI units as one frame shows it, then the camera's evidence with that frame's.

        Args:
            seen: The frame, as `see` returned it.
            first: The episode's first frame.
            states: Extended robot state, SI units, `(1, S)`.
            evidence: What was returned for the frame before; for the first frame, zeros.
        """
        now = _seen_image(seen)
        robot, summed = self.policy.sense_next(states, now, CameraEvidence(*evidence))
        goal = self.policy.unnormalize_goal(self.policy.head(now, _seen_image(first), robot).goal)
        return *goal, *summed

    def react(self, goal: Tensors, states: Tensor, track: Tensors) -> Tensors:
        """Return what the robot is told, `(1, A)`, and then the track.

        Args:
            goal: Goal in SI units, as one frame shows it.
            states: Extended robot state, SI units, `(1, S)`.
            track: The track up to the frame before.
        """
        observed = Goal(*goal)
        followed: Track = self.policy.tracker(observed, states, Track(*track))
        return command_robot(self.policy.move(observed._replace(item=followed.place), states), states), *followed


class ControlStep:
    """Runs a policy's network step by step; remembers nothing but what it is given.

    On a CPU the network is traced once for all policies of the same sizes in this process, which takes a quarter of a
    second. A step then takes three quarters of the time (see `scripts/benchmark.py`).

    Args:
        policy: The policy; not copied. Weights that are changed later are not noticed.
        sizes: What else decides which operations are done, such as the size of the images.
        image: A frame, uint8 `(1, H, W, 3)`.
        states: Extended robot state, `(1, S)`.
    """

    def __init__(self, policy: VisuomotorPolicy, *, sizes: Hashable, image: Tensor, states: Tensor) -> None:
        network = ControlNetwork(policy)
        if image.device.type == "cpu" and _tracing[0]:
            key = type(policy.head), sizes
            if key not in _traced:
                _traced[key] = _trace(network, image, states)
            traced = copy.deepcopy(_traced[key])
            traced.load_state_dict(network.state_dict())
            self.see, self.estimate, self.react = _methods(traced)
        else:
            self.see, self.estimate, self.react = network.see, network.estimate, network.react
        self._begin = policy.tracker.begin

    def decide(self, image: Tensor, *, states: Tensor, memory: Memory | None) -> Decision:
        """Choose what to do now.

        Args:
            image: The frame, uint8 `(1, H, W, 3)`.
            states: Extended robot state, SI units, `(1, S)`.
            memory: What came of the step before; None for the first.
        """
        seen = self.see(image)
        first, evidence = (seen, no_evidence(states)) if memory is None else (memory.first, memory.evidence)
        goal, evidence = split_estimate(self.estimate(seen, first, states, evidence))
        track = tuple(self._begin(goal, states)) if memory is None else memory.track
        actions, *followed = self.react(tuple(goal), states, track)
        return Decision(actions, goal, Memory(first, evidence, tuple(followed)))


def no_evidence(states: Tensor) -> Tensors:
    """Return the camera's evidence before the first frame."""
    return states.new_zeros(1, 6, 6), states.new_zeros(1, 6)


def split_estimate(values: Sequence[Tensor]) -> tuple[Goal, Tensors]:
    """Split what `ControlNetwork.estimate` returns into goal and evidence."""
    return Goal(*values[:_N_GOAL]), tuple(values[_N_GOAL:])


@contextmanager
def untraced() -> Generator[None]:
    """Run new policies operation by operation, and so that what is replaced in a module's code meanwhile counts."""
    _tracing[0] = False
    try:
        yield
    finally:
        _tracing[0] = True


def _trace(network: ControlNetwork, image: Tensor, states: Tensor) -> Any:  # noqa: ANN401 - torch's own is not typed
    """Trace the three parts, on examples of what they take."""
    seen = network.see(image)
    evidence = no_evidence(states)
    goal, _ = split_estimate(network.estimate(seen, seen, states, evidence))
    track = tuple(network.policy.tracker.begin(goal, states))
    examples = {"see": (image,), "estimate": (seen, seen, states, evidence), "react": (tuple(goal), states, track)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # sizes of tensors become constants, as they are; deprecated in favour of
        # compilers that a user's machine does not have
        return cast("Any", torch.jit).trace_module(network, examples, check_trace=False)


def _methods(traced: Any) -> tuple[Callable[[Tensor], Tensors], Callable[..., Tensors], Callable[..., Tensors]]:  # noqa: ANN401 - likewise
    return traced.see, traced.estimate, traced.react


def _seen_image(values: Tensors) -> SeenImage:
    features, class_logits, middles, *landmarks = values
    return SeenImage(features, class_logits, middles, Landmarks(*landmarks))
