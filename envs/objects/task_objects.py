"""The objects of a task, and how the choice that a demonstrator makes among them is numbered."""

from dataclasses import dataclass, replace
from typing import NamedTuple

from daml.envs.objects.containers import Container
from daml.envs.objects.items import Item
from daml.envs.objects.zones import Zone


class Target(NamedTuple):
    """What a demonstrator chose: which item, and which container it goes into (0 where there is none)."""

    item: int
    container: int
    manner: str | None = None
    """How: a kind of task. None where there is but one way."""


@dataclass(frozen=True)
class Objects:
    """What lies on the table in a task.

    Args:
        items: What is carried or pushed.
        containers: Where an item may be put; none when pushing.
        zone: Where an item may be pushed to; None for the other kinds.
        target: Slot of the demonstrated choice.
        choices: What else could be asked for, and the target; every item with every container where none are given.
    """

    items: tuple[Item, ...]
    containers: tuple[Container, ...]
    zone: Zone | None
    target: int
    choices: tuple[Target, ...] = ()

    @property
    def plain(self) -> "Objects":
        """The same in plain colours and patterns, without textures."""
        items = tuple(replace(item, texture="") if item.texture else item for item in self.items)
        containers = tuple(replace(one, texture="") if one.texture else one for one in self.containers)
        return (
            self
            if (items, containers) == (self.items, self.containers)
            else replace(self, items=items, containers=containers)
        )

    @property
    def n_targets(self) -> int:
        """Number of choices: every item with every container, or every item where there is no container."""
        return len(self.choices) or len(self.items) * max(1, len(self.containers))

    def choice(self, slot: int) -> Target:
        """Return the item and the container that a slot stands for, and the manner where there are several."""
        return self.choices[slot] if self.choices else Target(*divmod(slot, max(1, len(self.containers))))

    def slot(self, item: int, container: int) -> int:
        """Return the slot that stands for an item and a container, where nothing else is chosen."""
        return item * max(1, len(self.containers)) + container

    def checked_target(self, slot: int | None) -> int:
        """Return a slot asked for, or that of the task when None.

        Raises:
            ValueError: There is no such slot.
        """
        target = self.target if slot is None else int(slot)
        if not 0 <= target < self.n_targets:
            raise ValueError(f"target slot is {slot}; expected 0 to {self.n_targets - 1}")
        return target
