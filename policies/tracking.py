"""Tracking: where an item is, from what each frame shows and from where it was before."""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from daml.policies.goal import Goal
from daml.policies.robot.robot_state import RobotState
from daml.policies.tensor_trees import index_tensors

_FARTHEST_STEP = 0.03
"""Most that memory adds to a place in a step, in metres: as far as a gripper pushes an item."""

_SCALES = (0.2, 0.03)
"""Distances within which offsets are resolved, in metres: among things, and at the fingers."""

_INITIAL_TRUST_LOGIT, _TRAINING_TRUST_LOGIT = 20.0, 1.0
"""Logit of a tracker's trust in a frame when it is created, and when its training begins: where trust is complete there
is no gradient."""

_N_OFFSETS = 6
"""Offsets that it reads, along and across the way from gripper to item, at each scale."""

_N_OTHERS = 12
"""Numbers that it reads besides."""


class Track(NamedTuple):
    """The tracks of N items, from frame to frame."""

    place: Tensor
    """Estimated position of each, x and y in metres, `(N, 2)`."""
    gripper: Tensor
    """Position of the gripper at that time, x and y in metres, `(N, 2)`."""
    memory: Tensor
    """State of the recurrent layer, `(N, D)`."""


class ItemTracker(nn.Module):
    """A recurrent filter of the item's position as each frame shows it.

    Each position comes from its frame and the first one alone. Where the arm hides the item, or a mark looks like it,
    the position is wrong for a while, and mostly in the same way: a pushed item seems to lie straight ahead. But it
    lies still while nothing touches it, and moves as it is pushed. How far to trust a frame, and how an item moves that
    is not seen, is learned from rollouts of policies and from where things truly were.

    Untrained, it trusts every frame fully.

    Args:
        width: Numbers D of memory.

    References:
        Haarnoja et al. (2016), arXiv 1605.07148 (a filter trained end to end). Cho et al. (2014), arXiv 1406.1078 (the
        gated recurrent unit).
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.reading = nn.Linear(_N_OFFSETS * 2 * len(_SCALES) + _N_OTHERS, width)
        self.memory = nn.GRUCell(width, width)
        self.weighing = nn.Linear(2 * width, width)
        self.telling = nn.Linear(width, 3)
        self._trust_observations(_INITIAL_TRUST_LOGIT)

    def reset_for_training(self) -> None:
        """Forget all that was learned, and trust frames a little less than fully."""
        for layer in (self.reading, self.memory, self.weighing):
            layer.reset_parameters()
        self._trust_observations(_TRAINING_TRUST_LOGIT)

    def begin(self, observed: Goal, states: Tensor) -> Track:
        """Start from where N items are in the first frame.

        Args:
            observed: Goals as the frame alone shows them, SI units, of N items.
            states: Extended robot states, SI units, `(N, S)`.
        """
        memory = observed.item.new_zeros(len(observed.item), self.memory.hidden_size)
        return Track(observed.item, RobotState.unpack(states).place, memory)

    def forward(self, observed: Goal, states: Tensor, track: Track) -> Track:
        """Follow N items to the next frame.

        Args:
            observed: Goals as that frame alone shows them, SI units, of N items.
            states: Extended robot states, SI units, `(N, S)`.
            track: The track up to the frame before; of the first frame, what `begin` returned.

        Returns:
            Where they are: what is held is between the fingers.
        """
        state = RobotState.unpack(states)
        axes = _axes(track.place - state.place)  # (N, 2, 2)
        read = torch.relu(self.reading(_features(observed, state, track, axes)))
        memory = self.memory(read, track.memory)
        numbers = self.telling(torch.relu(self.weighing(torch.cat([read, memory], dim=1))))
        trust, step = torch.sigmoid(numbers[:, :1]), _FARTHEST_STEP * torch.tanh(numbers[:, 1:])
        place = track.place + trust * (observed.item - track.place) + (step[:, None] @ axes)[:, 0]
        return Track(torch.where(state.holds_item(), state.place, place), state.place, memory)

    def follow(self, observed: Goal, states: Tensor) -> Tensor:
        """Follow N items through T frames, from the first on.

        Args:
            observed: Goals as the frames show them, SI units; fields `(N, T, ...)`.
            states: Extended robot states, SI units, `(N, T, S)`.

        Returns:
            Where they are, `(N, T, 2)`.
        """
        places: list[Tensor] = []
        track = self.begin(index_tensors(observed, (slice(None), 0)), states[:, 0])
        for frame in range(states.shape[1]):
            seen = index_tensors(observed, (slice(None), frame))
            track = self(seen, states[:, frame], track)
            places.append(track.place)
        return torch.stack(places, dim=1)

    @torch.no_grad()
    def _trust_observations(self, trust: float) -> None:
        nn.init.zeros_(self.telling.weight)
        self.telling.bias.copy_(torch.tensor([trust, 0.0, 0.0]))


def _axes(offsets: Tensor) -> Tensor:
    """Return unit vectors along offsets, `(N, 2)`, and across, as rows, `(N, 2, 2)`."""
    along = offsets / _length(offsets)
    return torch.stack([along, torch.stack([-along[:, 1], along[:, 0]], dim=1)], dim=1)


def _features(observed: Goal, state: RobotState, track: Track, axes: Tensor) -> Tensor:
    """Lay out what the tracker reads, all of about unit size."""
    place, gripper = track.place, state.place
    ways = [
        place - gripper,
        observed.item - gripper,
        observed.item - place,
        observed.destination - place,
        observed.destination - gripper,
        gripper - track.gripper,
    ]
    offsets = torch.stack(ways, dim=1) @ axes.transpose(1, 2)  # (N, 6, 2)
    scaled = [offsets.flatten(1) / _SCALES[0], torch.tanh(offsets.flatten(1) / _SCALES[1])]
    apart = observed.item - observed.destination
    lengths = [_length(way) / 0.1 for way in (ways[0], ways[2], apart, ways[3])]
    numbers = [
        state.height / 0.1,
        torch.tanh(state.height / 0.03),
        state.opening / 0.04,
        state.command,
        state.has_held,
        (observed.item_radius - 0.03) / 0.01,
        observed.push_certainty(),
    ]
    return torch.cat([*scaled, *lengths, *numbers, axes[:, 0, :1]], dim=1)


def _length(vectors: Tensor) -> Tensor:
    """Return lengths, `(N, 1)`, of which none is zero."""
    return torch.sqrt(vectors.square().sum(-1, keepdim=True) + 1e-6)
