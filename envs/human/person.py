"""A person: a body, its looks and its clothes, as a part of a scene."""

from dataclasses import dataclass
from functools import cached_property

import mujoco
import numpy as np

from daml.envs.human.bodies import ARM_BONES, TRUNK_BONES, Body, anatomy, body_numbers, find_body
from daml.envs.human.clothing import Clothes, draw_clothes
from daml.envs.human.complexion import Complexion, draw_complexion, paint_arm, texcoords
from daml.envs.human.skeleton import HandSkeleton, Vectors
from daml.envs.human.skins import Skin
from daml.envs.scene.materials import add_material

IDLE_HANDS = {"lap": 0.6, "table": 0.4}
"""Where the other hand is, and the shares of people who have it there: below the table, or resting on it."""

LEFT_HANDED = 0.35
"""Share of people whose left hand acts: more than in life, so that neither is rare."""

SHIRT_GAP = 0.006
"""Distance of the shirt from the trunk, beyond that of the sleeves, in metres."""

COLLAR = 0.12
"""How far below the neck skin goes on, in metres: collars are wide."""

_HIDDEN = 0.05
"""How far skin goes on under a sleeve, on the way from shoulder to fingertips."""


@dataclass(frozen=True, eq=False)
class Person:
    """Who does a task.

    Args:
        body: Shape.
        left_handed: Whether the left hand acts.
        complexion: Colours of the skin.
        clothes: What is worn.
        idle_hand: Where the other hand is, a key of `IDLE_HANDS`.
    """

    body: Body
    left_handed: bool
    complexion: Complexion
    clothes: Clothes
    idle_hand: str

    @cached_property
    def skeleton(self) -> HandSkeleton:
        """Return the joints of the right hand."""
        return HandSkeleton(self.body)


def draw_person(split: str, rng: np.random.Generator) -> Person:
    """Draw a person with one of a split's bodies.

    Raises:
        ValueError: There is no such split.
    """
    numbers = body_numbers(split)
    return Person(
        body=find_body(numbers[rng.integers(len(numbers))]),
        left_handed=bool(rng.random() < LEFT_HANDED),
        complexion=draw_complexion(rng),
        clothes=draw_clothes(rng),
        idle_hand=str(rng.choice(list(IDLE_HANDS), p=list(IDLE_HANDS.values()))),
    )


def bone_names(side: str) -> tuple[str, ...]:
    """Return the scene's bodies that stand for the bones of an arm, `acting` or `idle`, in the order of `ARM_BONES`."""
    return tuple(f"{side}_{bone}" for bone in ARM_BONES)


def add_person(spec: mujoco.MjSpec, person: Person) -> None:
    """Add a person to a scene: mocap bodies for all bones, and skins upon them.

    The first one, `hand`, stands for the point that thumb and fingers close upon.

    Args:
        spec: Scene to add to.
        person: Who.
    """
    spec.worldbody.add_body(name="hand", mocap=True)
    for name in (*TRUNK_BONES, *bone_names("acting"), *bone_names("idle")):
        spec.worldbody.add_body(name=name, mocap=True)
    add_material(spec, "skin", paint_arm(person.complexion))
    add_material(spec, "cloth", person.clothes.cloth)
    head = 255 * np.array([[person.complexion.tone, person.clothes.hair]] * 2)
    add_material(spec, "head", head.astype(np.uint8))
    _add_trunk(spec, person)
    _add_arm(spec, person, "acting", mirrored=person.left_handed)
    _add_arm(spec, person, "idle", mirrored=not person.left_handed)


def _add_arm(spec: mujoco.MjSpec, person: Person, side: str, *, mirrored: bool) -> None:
    """Add the skin, the sleeve and the watch of one arm."""
    common, clothes = anatomy(), person.clothes
    along = common.texcoords[:, 0]
    whole = Skin(
        mesh=common.arm,
        vertices=person.body.arm,
        texcoords=common.texcoords,
        bones=("trunk", *bone_names(side)),
        heads=np.vstack([person.body.hips, person.body.joints]),
    )
    if mirrored:
        whole = whole.mirrored()
    skin = _textured(whole, texcoords(whole.texcoords)).part(along >= clothes.sleeve_end - _HIDDEN)
    skin.add_to(spec, f"{side}_skin", material="skin")
    # Cloth is patterned along the arm and around it.
    sleeve = whole.inflated(clothes.thickness(along)).part(along <= clothes.sleeve_end)
    sleeve = _textured(sleeve, sleeve.texcoords * (2.5, 0.5))
    sleeve.add_to(spec, f"{side}_sleeve", material="cloth")
    if side == "acting" and clothes.watch is not None:
        _add_watch(spec, person, whole)


def _add_watch(spec: mujoco.MjSpec, person: Person, arm: Skin) -> None:
    """Add a band about the wrist, and a dial on its back."""
    watch = person.clothes.watch
    if watch is None:
        return
    along, back = arm.texcoords.T
    spec.add_material(name="band", rgba=(*watch.band, 1.0), specular=0.3)
    near = np.abs(along - watch.along) < watch.width
    arm.inflated(0.002).part(near).add_to(spec, "watch", material="band")
    if watch.dial is None:
        return
    on_top = int(np.where(near, back - 10 * np.abs(along - watch.along), -1).argmax())
    bone = ARM_BONES.index("forearm_twist") + 1
    spec.body(arm.bones[bone]).add_geom(
        name="dial",
        type=mujoco.mjtGeom.mjGEOM_CYLINDER,
        fromto=(*_from(arm, on_top, bone, 0.0), *_from(arm, on_top, bone, 0.006)),
        size=(watch.size, 0.0, 0.0),
        rgba=(*watch.dial, 1.0),
        contype=0,
        conaffinity=0,
        mass=0.0,
    )


def _from(arm: Skin, vertex: int, bone: int, outwards: float) -> tuple[float, float, float]:
    """Return a place over a vertex, from the head of a bone, in metres."""
    x, y, z = arm.vertices[vertex] + outwards * arm.normals()[vertex] - arm.heads[bone]
    return (float(x), float(y), float(z))


def _add_trunk(spec: mujoco.MjSpec, person: Person) -> None:
    """Add the shirt and the head."""
    common, body = anatomy(), person.body
    right, left = ("idle", "acting") if person.left_handed else ("acting", "idle")
    shoulder = body.joints[0]
    whole = Skin(
        mesh=common.trunk,
        vertices=body.trunk,
        texcoords=np.column_stack([body.trunk[:, 1], body.trunk[:, 2]]) / 0.4,
        bones=(*TRUNK_BONES, f"{right}_upper_arm", f"{left}_upper_arm"),
        heads=np.stack([body.hips, body.neck, shoulder, shoulder * (1, -1, 1)]),
    )
    shirt = whole.inflated(person.clothes.width + SHIRT_GAP).part(common.bare < 0.6)
    shirt.add_to(spec, "shirt", material="cloth")
    head = _textured(whole, np.column_stack([0.25 + 0.5 * common.hair, np.full(len(common.hair), 0.5)]))
    near_neck = body.trunk[:, 2] > body.neck[2] - COLLAR
    head.part((common.bare > 0.0) | near_neck).add_to(spec, "head", material="head")


def _textured(skin: Skin, texcoords: Vectors) -> Skin:
    """Return a skin with other texture coordinates, `(V, 2)`."""
    return Skin(skin.mesh, skin.vertices, texcoords, skin.bones, skin.heads)
