"""A film's scene, rebuilt: what lies on the table, where, and from where it was filmed."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from daml.demos import Frames, write_picture
from daml.envs import Scene, write_scene
from daml.envs.objects.palette import Rgb
from daml.envs.scene.cameras import Camera
from daml.envs.tasks.layout import Layout
from daml.twins.comparison import compare, render_scene
from daml.twins.recognition import Role


@dataclass(frozen=True, eq=False)
class Thing:
    """One thing of a twin.

    Args:
        name: Its body in the simulation: `item0`, `container0`, `zone` and so on.
        role: What can be done with it.
        place: Its middle in the film's first frame, as shares of width and height; None where it was not seen there,
            but added so that there is a choice.
        outline: Its outline there, `(n, 2)` shares; empty where it was not seen.
        family: Its shape; a zone's is that of its mark.
        size: Length, width and height in the twin, in metres.
        colours: Its two colours, RGB in [0, 1].
        position: Its middle in the twin, `(3,)`, in metres.
        is_acted_on: Whether it is the film's item or destination.
    """

    name: str
    role: Role
    place: tuple[float, float] | None
    outline: NDArray[np.float64]
    family: str
    size: tuple[float, float, float]
    colours: tuple[Rgb, Rgb]
    position: NDArray[np.float64]
    is_acted_on: bool


@dataclass(frozen=True, eq=False)
class Twin:
    """The scene that a film shows.

    Args:
        scene: What lies on the table and what is done, as scene files hold it.
        layout: Where it lies, as in the film.
        camera: From where it was filmed, as far as can be told.
        things: Every thing of the scene.
        first_frame: The film's first frame without hands, RGB `(H, W, 3)`.
        table_colour: RGB in [0, 1].
    """

    scene: Scene
    layout: Layout
    camera: Camera
    things: tuple[Thing, ...]
    first_frame: Frames
    table_colour: Rgb

    def render(self) -> Frames:
        """Draw the twin from the film's camera, as large as the first frame, RGB `(H, W, 3)`."""
        height, width = self.first_frame.shape[:2]
        return render_scene(self.scene, self.layout, self.camera, size=(width, height), table=self.table_colour)

    def picture(self) -> Frames:
        """Draw the film's first frame and the twin side by side, things outlined, RGB `(H, 2 W, 3)`."""
        outlines = [(thing.outline, thing.role, thing.is_acted_on) for thing in self.things]
        return compare(self.first_frame, self.render(), outlines)

    def write(self, path: str | Path) -> None:
        """Write the scene file, and `picture()` beside it as NAME.png.

        Args:
            path: A file ending in .toml.

        Raises:
            OSError: A file cannot be written.
        """
        path = Path(path)
        write_scene(path, self.scene)
        write_picture(path.with_suffix(".png"), self.picture())
