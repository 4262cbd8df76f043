"""Worlds that no prior is trained in: what a shift changes, and by how much more than training varies it.

What is drawn from a seed stays as it is: a shift changes it afterwards, with random numbers of its own. So the same
seed gives the same layout in every world, and without a shift the same pixels as if there were none.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from daml.envs.film_faults import degrade, occlude
from daml.envs.human.choreography import Choreography
from daml.envs.human.clothing import SLEEVE_ENDS
from daml.envs.human.hand import Hand
from daml.envs.human.person import Person
from daml.envs.objects.palette import Rgb, as_rgb
from daml.envs.scene.appearance import Appearance
from daml.envs.scene.assets import Assets
from daml.envs.scene.cameras import Camera
from daml.envs.scene.surfaces import draw_surface

_Drawn = TypeVar("_Drawn")


def _as_drawn(drawn: _Drawn, _rng: np.random.Generator) -> _Drawn:
    return drawn


@dataclass(frozen=True)
class Shift:
    """One way in which a world differs from those of training.

    Args:
        name: Key in `SHIFTS`.
        appearance: Changes table, floor and lights, of films and rollouts.
        camera: Moves the policy's camera, of films and rollouts, each in its own way.
        hand: Changes the human whose hand is made of primitives.
        person: Changes the human who has a body.
        choreography: Changes how the human moves.
        frames: Changes the film, `(T, H, W, 3)`, of a human or of the robot; never what the policy sees as it acts.
        n_distractors: Things on the table that no task is about, in films and rollouts; fewer where there is no room.
        as_people: Whether films are as people film: see `filming`.
        assets: Folders of photographs, scanned things and rooms, of films and rollouts; None where all is procedural.
    """

    name: str
    appearance: Callable[[Appearance, np.random.Generator], Appearance] = _as_drawn
    camera: Callable[[Camera, np.random.Generator], Camera] = _as_drawn
    hand: Callable[[Hand, np.random.Generator], Hand] = _as_drawn
    person: Callable[[Person, np.random.Generator], Person] = _as_drawn
    choreography: Callable[[Choreography, np.random.Generator], Choreography] = _as_drawn
    frames: Callable[[NDArray[np.uint8], np.random.Generator], NDArray[np.uint8]] = _as_drawn
    n_distractors: int = 0
    as_people: bool = False
    assets: Assets | None = None

    def spoil(self, frames: NDArray[np.uint8], *, seed: int) -> NDArray[np.uint8]:
        """Return a film as it is seen, `(T, H, W, 3)`; the seed is that which it was filmed with."""
        return self.frames(frames, np.random.default_rng((seed, _FILM_STREAM)))


_FILM_STREAM = 1
"""Keeps the random numbers of what goes wrong with a film apart from those of what it shows."""

CAMERA_MOVE = (0.06, 0.08)
"""Distance by which the camera is moved, in metres; training moves it by at most 3.5 cm."""

TARGET_MOVE = (0.02, 0.04)
"""Distance by which the point it looks at is moved on the table, in metres, on top of training's 1.5 cm an axis."""

CAMERA_ROLL_DEG = (3.0, 6.0)
"""Turn of the image to either side, in degrees; in training the camera stands upright."""

DIM_DIFFUSE = (0.10, 0.22)
"""Brightness of the main light; 0.45 to 0.75 in training."""

DIM_AMBIENT = (0.10, 0.17)
"""Brightness of the light from everywhere; 0.25 to 0.40 in training."""

LIGHT_COLOURS: tuple[Rgb, ...] = ((1.4, 1.0, 0.5), (0.6, 0.95, 1.45), (0.7, 1.35, 0.75), (1.4, 0.65, 0.8))
"""Factors on red, green and blue of candles, dusk, a fluorescent tube and a sunset; within 0.94 to 1.06 in training."""

TEMPI = ((0.45, 0.60), (1.8, 2.4))
"""Factors on all times of the movement: hasty or slow. Training reaches in 0.7 to 1.3 s and leaves in 0.5 to 0.9 s."""

HAND_SIZES = ((0.65, 0.75), (1.25, 1.35))
"""A child's or a giant's hand; 0.85 to 1.15 in training."""

HAND_THICKNESS = (1.25, 1.40)
"""0.90 to 1.15 in training."""

GLOVE_COLOURS: tuple[Rgb, ...] = (
    (0.20, 0.45, 0.85),
    (0.08, 0.08, 0.09),
    (0.20, 0.65, 0.35),
    (0.95, 0.85, 0.20),
    (0.93, 0.93, 0.95),
)
"""RGB of gloves of nitrile, leather, rubber, household and cotton; in training every hand is bare."""

SLEEVE_COLOURS: tuple[Rgb, ...] = ((1.0, 0.1, 0.8), (0.6, 1.0, 0.1), (0.1, 1.0, 0.9), (0.75, 0.65, 0.5))
"""RGB of sleeves: three glaring ones and linen; none is within training's jitter of a named colour."""

SLEEVE_WIDTH = (1.4, 1.7)
"""A robe's sleeve, by the width that all have in training."""

ROBE_WIDTH = (0.018, 0.025)
"""Distance of such a sleeve from the skin of a person with a body, in metres; 0.003 to 0.014 in training."""

SLEEVE_START = (0.15, 0.30)
"""Share of the forearm that is bare, 0.05 to 0.95 in training: so wide a sleeve hangs over the wrist even so."""

GRASPING_FINGERS = 3
"""Fingers that pinch against the thumb; 1, 2 or 4 in training."""

N_DISTRACTORS = 3
"""In training nothing lies on the table but what the task is about: 3, 3 and 4 things by kind."""


def _cover(appearance: Appearance, rng: np.random.Generator) -> Appearance:
    return replace(appearance, table=draw_surface(rng), floor=draw_surface(rng))


def _dim(appearance: Appearance, rng: np.random.Generator) -> Appearance:
    colour = np.array(LIGHT_COLOURS[rng.integers(len(LIGHT_COLOURS))])
    return replace(
        appearance,
        light_diffuse=as_rgb(rng.uniform(*DIM_DIFFUSE) * colour),
        ambient=as_rgb(rng.uniform(*DIM_AMBIENT) * colour),
    )


def _move(camera: Camera, rng: np.random.Generator) -> Camera:
    direction, sideways = rng.normal(size=3), rng.normal(size=2)
    way = rng.uniform(*CAMERA_MOVE) * direction / np.linalg.norm(direction)
    pan = rng.uniform(*TARGET_MOVE) * sideways / np.linalg.norm(sideways)
    x, y, z = np.add(camera.position, way)
    target_x, target_y, target_z = np.add(camera.target, (*pan, 0.0))
    return replace(
        camera,
        position=(float(x), float(y), float(z)),
        target=(float(target_x), float(target_y), float(target_z)),
        roll_deg=float(rng.choice([-1, 1]) * rng.uniform(*CAMERA_ROLL_DEG)),
    )


def _retime(choreography: Choreography, rng: np.random.Generator) -> Choreography:
    return choreography.retimed(rng.uniform(*TEMPI[rng.integers(len(TEMPI))]))


def _disguise(hand: Hand, rng: np.random.Generator) -> Hand:
    return replace(
        hand,
        size=rng.uniform(*HAND_SIZES[rng.integers(len(HAND_SIZES))]),
        thickness=rng.uniform(*HAND_THICKNESS),
        skin=GLOVE_COLOURS[rng.integers(len(GLOVE_COLOURS))],
        sleeve=SLEEVE_COLOURS[rng.integers(len(SLEEVE_COLOURS))],
        sleeve_start=rng.uniform(*SLEEVE_START),
        sleeve_width=rng.uniform(*SLEEVE_WIDTH),
        grasping_fingers=GRASPING_FINGERS,
    )


def _dress_up(person: Person, rng: np.random.Generator) -> Person:
    clothes = replace(
        person.clothes,
        cloth=(255 * np.tile(SLEEVE_COLOURS[rng.integers(len(SLEEVE_COLOURS))], (8, 8, 1))).astype(np.uint8),
        sleeve_end=rng.uniform(*SLEEVE_ENDS["over the wrist"]),
        width=rng.uniform(*ROBE_WIDTH),
        watch=None,
    )
    glove = GLOVE_COLOURS[rng.integers(len(GLOVE_COLOURS))]
    return replace(person, clothes=clothes, complexion=replace(person.complexion, glove=glove))


UNSHIFTED = Shift("none")
"""The world of training."""

PEOPLE = Shift("people", as_people=True)
"""The world in which people film: from anywhere, a person with a body, by a phone or a webcam (see `filming`)."""

SHIFTS: Mapping[str, Shift] = {
    shift.name: shift
    for shift in (
        UNSHIFTED,
        Shift("backgrounds", appearance=_cover),
        Shift("camera", camera=_move),
        Shift("light", appearance=_dim),
        Shift("distractors", n_distractors=N_DISTRACTORS),
        Shift("tempo", choreography=_retime),
        Shift("occlusion", frames=occlude),
        Shift("hand", hand=_disguise, person=_dress_up),
        Shift("compression", frames=degrade),
    )
}
"""Every world by its name.

- `backgrounds`: table and floor are printed cloths and tiles in two full colours (`surfaces`); in training tables are
  wood, laminate, slate or steel, mottled by at most 0.07 about their tone, and floors are grey.
- `camera`: moved by 6 to 8 cm, aimed 2 to 4 cm elsewhere, and turned by 3 to 6 degrees about its axis; training moves
  it by at most 2 cm an axis, aims it at most 1.5 cm an axis elsewhere, and never turns it.
- `light`: a main light at most half as bright as the dimmest of training, the light from everywhere at most two
  thirds, and coloured by factors of 0.5 to 1.45 instead of 0.94
  to 1.06; a faint light from the camera stays as it is.
- `distractors`: three more things lie on the table, where there is room; they move when touched, and are not judged.
- `tempo`: the human takes 0.45 to 0.6 or 1.8 to 2.4 times as long.
- `occlusion`: twice somebody passes in front of the camera, which hides up to 70 % of the picture's width in a quarter
  to four tenths of the frames.
- `hand`: gloved, smaller than the smallest of training by an eighth to a quarter or larger than the largest by a
  tenth to a sixth, thicker, three fingers to the thumb, in a wide sleeve of another colour that hangs over the wrist;
  people with bodies are gloved and in such sleeves, too.
- `compression`: noise of 0.05 to 0.09 of the range (0.02 in training) under H.264 at quantisers 40 to 45.
"""


def find_shift(name: str) -> Shift:
    """Return a shift by its name.

    Raises:
        ValueError: There is none of that name.
    """
    if name not in list(SHIFTS):  # a list takes what has no hash, too
        raise ValueError(f"shift {name!r} is unknown; valid shifts: {', '.join(SHIFTS)}")
    return SHIFTS[name]
