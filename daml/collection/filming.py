"""How demonstrations are filmed: plainly, or as people film, with folders of photographs, scanned things and rooms."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from daml import envs


@dataclass(frozen=True)
class Filming:
    """What films and rollouts look like."""

    films: Literal["plain", "people"] = "plain"
    """plain: a hand of primitives, from where the policy looks; people: persons with bodies, from anywhere, in rooms,
    by phones and webcams."""
    photos: str | None = None
    """Folder of photographs of surfaces that are laid on tables, floors, walls, mats and things; procedural without."""
    things: str | None = None
    """Folder of scanned things, NAME.obj (metres, z up) and NAME.png, that are among the items; procedural without."""
    rooms: str | None = None
    """Folder of panoramas of rooms that are behind; plain walls without."""

    def __post_init__(self) -> None:
        """Check the folders.

        Raises:
            ValueError: A folder is not there, or has nothing of its sort in it.
        """
        self.shift()

    def shift(self) -> envs.Shift:
        """Return the world that films and rollouts are of."""
        shift = envs.PEOPLE if self.films == "people" else envs.UNSHIFTED
        folders = envs.Assets(photos=self.photos, things=self.things, rooms=self.rooms)
        return shift if folders == envs.Assets() else dataclasses.replace(shift, assets=folders)


PLAIN = Filming()
"""As priors were filmed for before there was another way."""


def without_default(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings without those of the filming where it is plain: as they were before there was another one."""
    plain = dataclasses.asdict(PLAIN)
    return {name: value for name, value in settings.items() if name != "filming" or value != plain}
