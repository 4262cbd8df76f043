"""Tracking: where an item is, from what each frame tells of it and from where it was before."""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from daml.policies.motor import AIMS_SIZE, CERTAIN_LOG_ODDS
from daml.policies.robot_state import COMMAND, HAS_HELD, POSITION_SIZE, is_felt

_FARTHEST_STEP = 0.03
"""Most that memory adds to a place in a step, in metres: as far as a gripper pushes an item."""

_SCALES = (0.2, 0.03)
"""Distances within which offsets are told, in metres: among things, and at the fingers."""

_INITIAL_TRUST_LOGIT, _TRAINING_TRUST_LOGIT = 20.0, 1.0
"""Logits of how far a tracker trusts a frame that is never to learn, and one that is about to: where it trusts fully it
learns nothing."""

_N_OFFSETS = 6
"""Offsets that are told, along and across the way from gripper to item, at each scale."""

_N_TOLD = 12
"""Numbers that are told besides."""


class Track(NamedTuple):
    """What is remembered of N items from frame to frame."""

    place: Tensor
    """Where each is believed to be, x and y in metres, `(N, 2)`."""
    gripper: Tensor
    """Where the gripper was then, likewise, `(N, 2)`."""
    memory: Tensor
    """State of the recurrent layer, `(N, D)`."""


class ItemTracker(nn.Module):
    """A recurrent filter of the places that frame after frame tells.

    Each frame's places are told by that frame and the first alone. Where the arm hides the item, or a mark looks like
    it, they are wrong for a while, and mostly in the same way: what is pushed seems to lie straight ahead. But it lies
    still while nothing touches it, and where it is touched it moves as it is pushed. How far to trust a frame, and
    how an item moves that is not seen, is learned from what policies did and where things truly were.

    Untrained, it believes every frame.

    Args:
        width: Numbers D of memory.

    References:
        Haarnoja et al. (2016), arXiv 1605.07148 (a filter trained end to end). Cho et al. (2014), arXiv 1406.1078 (the
        gated recurrent unit).
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.reading = nn.Linear(_N_OFFSETS * 2 * len(_SCALES) + _N_TOLD, width)
        self.memory = nn.GRUCell(width, width)
        self.weighing = nn.Linear(2 * width, width)
        self.telling = nn.Linear(width, 3)
        self._trust_observations(_INITIAL_TRUST_LOGIT)

    def reset_for_training(self) -> None:
        """Forget all that was learned, and doubt a little what frames tell."""
        for layer in (self.reading, self.memory, self.weighing):
            layer.reset_parameters()
        self._trust_observations(_TRAINING_TRUST_LOGIT)

    def begin(self, aims: Tensor, states: Tensor) -> Track:
        """Remember where N items are in the first frame.

        Args:
            aims: What the frame tells, SI units, `(N, AIMS_SIZE)`.
            states: Robot states, SI units, `(N, S)`.
        """
        return Track(aims[:, :2], states[:, :2], aims.new_zeros(len(aims), self.memory.hidden_size))

    def forward(self, aims: Tensor, states: Tensor, track: Track) -> Track:
        """Follow N items to the next frame.

        Args:
            aims: What that frame tells, SI units, `(N, AIMS_SIZE)`.
            states: Robot states, SI units, `(N, S)`.
            track: What is remembered of the frame before; of the first frame, what `begin` remembers.

        Returns:
            Where they are: what is held is between the fingers.
        """
        told, gripper = aims[:, :2], states[:, :2]
        axes = _axes(track.place - gripper)  # (N, 2, 2)
        read = torch.relu(self.reading(_features(aims, states, track, axes)))
        memory = self.memory(read, track.memory)
        numbers = self.telling(torch.relu(self.weighing(torch.cat([read, memory], dim=1))))
        trust, step = torch.sigmoid(numbers[:, :1]), _FARTHEST_STEP * torch.tanh(numbers[:, 1:])
        seen = track.place + trust * (told - track.place) + (step[:, None] @ axes)[:, 0]
        return Track(torch.where(is_felt(states)[:, None], gripper, seen), gripper, memory)

    def follow(self, aims: Tensor, states: Tensor) -> Tensor:
        """Follow N items through T frames, from the first on.

        Args:
            aims: What the frames tell, SI units, `(N, T, AIMS_SIZE)`.
            states: Robot states, SI units, `(N, T, S)`.

        Returns:
            Where they are, `(N, T, 2)`.
        """
        track = self.begin(aims[:, 0], states[:, 0])
        places: list[Tensor] = []
        for frame in range(aims.shape[1]):
            track = self(aims[:, frame], states[:, frame], track)
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


def _features(aims: Tensor, states: Tensor, track: Track, axes: Tensor) -> Tensor:
    """Lay out what the tracker reads, all of about unit size."""
    told, destination, size = aims[:, :2], aims[:, 2:4], aims[:, AIMS_SIZE - 2 : AIMS_SIZE - 1]
    push = (aims[:, AIMS_SIZE - 1 :] / CERTAIN_LOG_ODDS).clamp(-1, 1)
    gripper, height, opening = states[:, :2], states[:, 2:POSITION_SIZE], states[:, POSITION_SIZE : POSITION_SIZE + 1]
    command, has_held = states[:, COMMAND : COMMAND + 1], states[:, HAS_HELD : HAS_HELD + 1]
    place = track.place
    ways = [place - gripper, told - gripper, told - place, destination - place, destination - gripper]
    offsets = torch.stack([*ways, gripper - track.gripper], dim=1) @ axes.transpose(1, 2)  # (N, 6, 2)
    scaled = [offsets.flatten(1) / _SCALES[0], torch.tanh(offsets.flatten(1) / _SCALES[1])]
    lengths = [_length(way) / 0.1 for way in (place - gripper, told - place, told - destination, destination - place)]
    numbers = [height / 0.1, torch.tanh(height / 0.03), opening / 0.04, command, has_held, (size - 0.03) / 0.01, push]
    return torch.cat([*scaled, *lengths, *numbers, axes[:, 0, :1]], dim=1)


def _length(vectors: Tensor) -> Tensor:
    """Return lengths, `(N, 1)`, of which none is zero."""
    return torch.sqrt(vectors.square().sum(-1, keepdim=True) + 1e-6)
