"""Scanned things: meshes with a texture that are seen in the place of a procedural item's solids."""

from dataclasses import replace
from pathlib import Path

import mujoco
import numpy as np

from daml.envs.objects.items import TABLE_HALF_WIDTH, Item
from daml.envs.objects.palette import Rgb, as_rgb
from daml.envs.scene.assets import read_picture
from daml.envs.scene.materials import add_material
from daml.envs.scene.meshes import add_mesh, read_mesh

LARGEST_ASPECT = 1.6
"""Length over width up to which a thing can be pushed by its middle without being turned."""

HEIGHTS = (0.014, 0.024)
"""Least and largest half height of a thing that is handled, in metres: higher ones fall over when pushed."""

LONGEST = 0.06
"""Half length of the longest thing that just lies about, in metres."""

TEXTURE_SIZE = 128
"""Side of a thing's texture as it is used, in texels."""


def half_extents_of(path: Path) -> tuple[float, float, float]:
    """Return half the size of a mesh along its own x, y and z, in metres.

    Raises:
        ValueError: The file is no mesh that can be built; see `meshes.read_mesh`.
    """
    mesh = read_mesh(path)
    x, y, z = (mesh.high - mesh.low) / 2
    return (float(x), float(y), float(z))


def as_item(item: Item, path: Path, *, is_handled: bool) -> Item | None:
    """Return an item that looks like a scanned thing, scaled to what fingers hold; None where that is no shape for it.

    Args:
        item: Whose solids it has for touching.
        path: The thing's mesh.
        is_handled: Whether it is to be carried and pushed, and does not just lie about.
    """
    x, y, z = half_extents_of(path)
    length, width = max(x, y), min(x, y)
    if not is_handled:
        scale = min(1.0, LONGEST / max(length, z))
        flat = (scale * length, scale * width, scale * z)
        return replace(item, family="bar", half_extents=flat, scan=path)
    if length > LARGEST_ASPECT * width:
        return None
    half_width = float(np.clip(item.half_extents[1], *TABLE_HALF_WIDTH))
    aspect = length / width
    family = "can" if aspect < 1.15 else "bar"  # a circle is as good as an ellipse that is as round
    half_length = half_width if family == "can" else half_width * min(aspect, 1.5)
    height = float(np.clip(z / width * half_width, *HEIGHTS))
    return replace(item, family=family, half_extents=(half_length, half_width, height), scan=path)


def scan_colour(path: Path) -> Rgb:
    """Return the mean colour of a scanned thing, RGB in [0, 1]: of those parts of its picture that are on it."""
    picture = read_picture(path.with_suffix(".png"), (TEXTURE_SIZE, TEXTURE_SIZE))
    right, up = (read_mesh(path).texture_points % 1.0).T
    rows, columns = (((1 - up) * TEXTURE_SIZE).astype(int), (right * TEXTURE_SIZE).astype(int))
    return as_rgb(picture[rows.clip(max=TEXTURE_SIZE - 1), columns].mean(axis=0) / 255)


def add_scan(spec: mujoco.MjSpec, body: mujoco.MjsBody, item: Item) -> None:
    """Draw a thing as its scan shows it, as large as the item; nothing touches it.

    Args:
        spec: Scene that the body is in.
        body: The item's body; its name is that of mesh and material, too.
        item: The item.

    Raises:
        ValueError: The item has no scan, or that has no picture beside it.
    """
    if item.scan is None:
        raise ValueError(f"{body.name}: expected an item with a scan, got one without")
    mesh = read_mesh(item.scan)
    own = half_extents_of(item.scan)
    turned = own[0] < own[1]  # its length lies along y
    length, width, height = item.half_extents
    wanted = (width, length, height) if turned else (length, width, height)
    scale = [float(want / have) for want, have in zip(wanted, own, strict=True)]
    middle = (mesh.high + mesh.low) / 2 * scale
    quarter = np.sqrt(0.5)
    add_material(spec, body.name, read_picture(item.scan.with_suffix(".png"), (TEXTURE_SIZE, TEXTURE_SIZE)))
    add_mesh(spec, body.name, mesh.content, scale=scale)
    x, y, z = -middle
    body.add_geom(
        type=mujoco.mjtGeom.mjGEOM_MESH,
        meshname=body.name,
        material=body.name,
        pos=(-y, x, z) if turned else (x, y, z),
        quat=(quarter, 0.0, 0.0, quarter) if turned else (1.0, 0.0, 0.0, 0.0),
        contype=0,
        conaffinity=0,
        mass=0.0,
    )
