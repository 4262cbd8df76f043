"""What a policy takes for item and destination when it first sees a scene, under new layouts."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from daml import envs
from daml.deployment.adapted_policy import AdaptedPolicy

N_LOOKS = 8
"""Layouts that are looked at: a belief that holds in most scenes holds in five of eight; each takes a tenth of a
second."""

_SEED = 1_000_003
"""Added to the seed, so that the layouts are not those that a policy is judged in."""


@dataclass(frozen=True)
class FirstLooks:
    """How often a policy takes each thing of a scene for the item, and for the destination."""

    items: tuple[int, ...]
    """Layouts in which it takes each item for the item that is asked for; all zero where that is in the gripper."""
    destinations: tuple[int, ...]
    """Layouts in which it takes each container, or the zone, for the destination."""

    def share(self, item: int, destination: int) -> float:
        """Return how often two things are taken for item and destination: a share of the layouts, the mean of both."""
        counts = [(self.destinations, destination)] + ([(self.items, item)] if any(self.items) else [])
        return float(np.mean([count[number] / sum(count) for count, number in counts]))


def look_first(policies: Sequence[AdaptedPolicy], scene: envs.Scene, *, seed: int) -> list[FirstLooks]:
    """Let policies look at the first picture of episodes, the robot in it, and ask each what it is about to do.

    Args:
        policies: The policies; reset afterwards.
        scene: What lies on the table.
        seed: Seed of layouts and looks.

    Returns:
        What each policy takes for item and destination: of all things, the nearest.
    """
    image_size = policies[0].config.image_size[0]
    n_destinations = max(len(scene.objects.containers), 1)
    counts = [(np.zeros(len(scene.objects.items), int), np.zeros(n_destinations, int)) for _ in policies]
    with closing(envs.TabletopEnv(scene.kind, image_size=image_size)) as env:
        for number in range(N_LOOKS):
            observation, info = env.reset(seed=seed + _SEED + number, options={"task": scene})
            for policy, (items, destinations) in zip(policies, counts, strict=True):
                item, destination = _taken(policy, observation, info["state"])
                items[item] += scene.kind != "place"
                destinations[destination] += 1
    return [FirstLooks(tuple(items.tolist()), tuple(destinations.tolist())) for items, destinations in counts]


def _taken(policy: AdaptedPolicy, observation: dict[str, Any], state: dict[str, Any]) -> tuple[int, int]:
    """Return which item and which destination a policy is about to act on."""
    policy.reset()
    policy.select_action(observation)
    goal, _ = policy.observed_goal()
    policy.reset()
    destinations = state["container_positions"] if len(state["container_positions"]) else state["zone_position"][None]
    return (
        _nearest(state["item_positions"], goal.item[0].cpu().numpy()),
        _nearest(destinations, goal.destination[0].cpu().numpy()),
    )


def _nearest(positions: NDArray[np.float64], place: NDArray[np.float32]) -> int:
    """Return the number of the position that is nearest to a place on the table."""
    return int(np.linalg.norm(positions[:, :2] - place, axis=1).argmin())
