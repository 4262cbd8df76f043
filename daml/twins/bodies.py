"""A thing on its way from the film into the twin: where it was seen, and how it is modelled."""

from dataclasses import dataclass, replace

from daml.envs.objects.containers import Container
from daml.envs.objects.items import Item
from daml.envs.objects.palette import Rgb
from daml.envs.objects.zones import Zone
from daml.twins.recognition import Role
from daml.twins.segments import Segment

Model = Item | Container | Zone


@dataclass(frozen=True, eq=False)
class Body:
    """A thing of the twin.

    Args:
        role: What can be done with it.
        segment: Where the film shows it; None where it is added so that there is a choice.
        model: How it is modelled.
        is_acted_on: Whether it is the film's item or destination.
        yaw: Its turn about the vertical in the robot's world, in radians.
        is_spot: Whether the film shows the bare table there, and the model only marks the place.
    """

    role: Role
    segment: Segment | None
    model: Model
    is_acted_on: bool
    yaw: float = 0.0
    is_spot: bool = False

    @property
    def reach(self) -> float:
        """Radius of the circle around it, in metres."""
        if isinstance(self.model, Container):
            return self.model.reach()
        return self.model.reach if isinstance(self.model, Item) else self.model.radius

    @property
    def size(self) -> tuple[float, float, float]:
        """Lengths along its own x and y, and its height, in metres."""
        if isinstance(self.model, Zone):
            return (2 * self.model.radius, 2 * self.model.radius, 0.0)
        length, width = (2 * half for half in self.model.half_extents[:2])
        return (length, width, 2 * self.model.half_extents[2] if isinstance(self.model, Item) else self.model.height)

    @property
    def family(self) -> str:
        """Name of its shape."""
        return self.model.shape if isinstance(self.model, Zone) else self.model.family

    @property
    def colours(self) -> tuple[Rgb, Rgb]:
        """Its two colours, RGB in [0, 1]."""
        if isinstance(self.model, Container):
            return self.model.wall_colour, self.model.floor_colour
        return self.model.colour, self.model.accent

    def recoloured(self, colour: Rgb) -> "Body":
        """Return the thing in another colour."""
        if isinstance(self.model, Container):
            return replace(self, model=replace(self.model, wall_colour=colour, floor_colour=colour))
        return replace(self, model=replace(self.model, colour=colour, accent=colour))
