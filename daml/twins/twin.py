"""A film's scene, rebuilt: what lies on the table, where, and from where it was filmed."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from daml.demos import Frames, write_picture
from daml.demos.disk import naming
from daml.envs import Scene, write_scene
from daml.envs.objects.palette import Rgb
from daml.envs.scene.cameras import Camera
from daml.envs.tasks.filmed import Filmed
from daml.envs.tasks.layout import Layout
from daml.twins.comparison import compare, film_camera, render_scene
from daml.twins.recognition import Role
from daml.twins.table import Mask
from daml.twins.textures import textured


@dataclass(frozen=True, eq=False)
class Thing:
    """One thing of a twin.

    Args:
        name: Its body in the simulation: `item0`, `container0`, `zone` and so on.
        role: What can be done with it.
        place: Its middle in the film's first frame, as shares of width and height; None where it was not seen there,
            but added so that there is a choice.
        outline: Its outline there, `(n, 2)` shares; empty where it was not seen.
        is_seen: Whether the film shows the thing itself, rather than the bare table where something is put.
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
    is_seen: bool
    family: str
    size: tuple[float, float, float]
    colours: tuple[Rgb, Rgb]
    position: NDArray[np.float64]
    is_acted_on: bool


@dataclass(frozen=True, eq=False)
class Twin:
    """The scene that a film shows.

    Args:
        scene: What lies on the table and what is done, as scene files hold it; its `film` says where and from where.
        things: Every thing of the scene.
        first_frame: The film's first frame without hands, RGB `(H, W, 3)`.
        table: Where the table is seen there, `(H, W)`.
    """

    scene: Scene
    things: tuple[Thing, ...]
    first_frame: Frames
    table: Mask

    @property
    def _film(self) -> Filmed:
        if self.scene.film is None:
            raise ValueError("the twin's scene is of no film; twins come from build_twin")
        return self.scene.film

    @property
    def layout(self) -> Layout:
        """Where its things lie, as in the film."""
        return self._film.layout(self.scene.objects)

    @property
    def camera(self) -> Camera:
        """From where it was filmed, as far as can be told."""
        return film_camera(self._film)

    def render(self, scene: Scene | None = None) -> Frames:
        """Draw the twin from the film's camera, as large as the first frame, RGB `(H, W, 3)`.

        Args:
            scene: The twin's scene with textures; without them when None.
        """
        height, width = self.first_frame.shape[:2]
        return render_scene(self.scene if scene is None else scene, size=(width, height))

    def picture(self, scene: Scene | None = None) -> Frames:
        """Draw the film's first frame and the twin side by side, things outlined, RGB `(H, 2 W, 3)`.

        Args:
            scene: The twin's scene with textures; without them when None.
        """
        outlines = [(thing.outline, thing.role, thing.is_acted_on) for thing in self.things]
        return compare(self.first_frame, self.render(scene), outlines)

    def write(self, path: str | Path) -> Scene:
        """Write the scene file, its textures into the folder NAME.textures, and `picture()` beside it as NAME.png.

        Args:
            path: A file ending in .toml.

        Returns:
            The scene with its textures, as the file holds it.

        Raises:
            ValueError: The file's name has signs that a scene file does not take.
            OSError: A file cannot be written.
        """
        path = Path(path)
        outlines = {thing.name: thing.outline for thing in self.things if thing.is_seen}
        scene = textured(
            self.scene,
            outlines,
            picture=self.first_frame,
            table=self.table,
            camera=self.camera,
            folder=path.with_suffix(".textures"),
        )
        with naming(path):
            write_scene(path, scene)
        write_picture(path.with_suffix(".png"), self.picture(scene))
        return scene
