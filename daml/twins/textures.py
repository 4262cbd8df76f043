"""Pictures for a twin's things and table, cut from the film's first frame."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from daml.demos import Frames, write_picture
from daml.envs import Scene
from daml.envs.scene.cameras import Camera
from daml.envs.scene.specification import TABLE_CENTRE, TABLE_HALF_EXTENTS
from daml.twins.segments import Segment, colors_of, filled
from daml.twins.table import Mask
from daml.twins.viewpoint import seen_at, table_points

SIZE = 64
"""Side of a thing's texture, in texels."""

TABLE_SIZE = 256
"""Side of the table's texture, in texels: 5 mm on the table."""

_SPREAD = 0.05
"""Distance over which the table is continued under what lies on it, in shorter sides of the picture."""


def side_view(picture: Frames, segment: Segment) -> Frames:
    """Cut a thing out as the film shows it; around its outline is its main colour.

    Args:
        picture: The film's clean first frame, RGB `(H, W, 3)`.
        segment: The thing in it.

    Returns:
        RGB, `(SIZE, SIZE, 3)`.
    """
    height, width = picture.shape[:2]
    left, top, right, bottom = np.round(segment.box * [width, height, width, height]).astype(int)
    part = np.s_[top:bottom, left:right]
    main = np.round(255 * colors_of(picture, segment.mask)[0]).astype(np.uint8)
    shown = np.where(segment.mask[part][..., None], picture[part], main)
    return np.asarray(cv2.resize(shown, (SIZE, SIZE), interpolation=cv2.INTER_AREA), np.uint8)


def top_view(
    picture: Frames,
    camera: Camera,
    *,
    middle: NDArray[np.float64],
    yaw: float,
    halves: tuple[float, float],
    texels: int = SIZE,
) -> Frames:
    """Return what lies on the table as it looks from above: its right is its own x, its upper edge its own y.

    Args:
        picture: The film's first frame, RGB `(H, W, 3)`.
        camera: The film's camera.
        middle: Its middle in the world, `(3,)`, in metres.
        yaw: Its turn about the vertical, in radians.
        halves: Half of its length along its x and y, in metres.
        texels: Side of the texture.

    Returns:
        RGB, `(texels, texels, 3)`; what is outside the picture continues its edge.
    """
    height, width = picture.shape[:2]
    steps = (np.arange(texels) + 0.5) / texels * 2 - 1
    x, y = np.meshgrid(steps * halves[0], -steps * halves[1])
    cosine, sine = np.cos(yaw), np.sin(yaw)
    points = np.stack([cosine * x - sine * y, sine * x + cosine * y, np.zeros_like(x)], axis=-1) + middle
    places = seen_at(camera, points.reshape(-1, 3), aspect=width / height).reshape(texels, texels, 2)
    across, down = (places * [width, height] - 0.5).astype(np.float32).transpose(2, 0, 1)
    return np.asarray(cv2.remap(picture, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.uint8)


def bare_table(picture: Frames, table: Mask) -> Frames:
    """Return the picture with the table continued under all that is no table, RGB `(H, W, 3)`.

    Args:
        picture: RGB, `(H, W, 3)`.
        table: Where the table is seen, `(H, W)`.
    """
    if not table.any():
        return picture
    spread = _SPREAD * min(table.shape)
    weight = cv2.GaussianBlur(table.astype(np.float32), (0, 0), spread)
    blurred = cv2.GaussianBlur(np.where(table[..., None], picture, 0).astype(np.float32), (0, 0), spread)
    main = 255 * colors_of(picture, table)[0]
    faint = 1e-3
    continued = (blurred + faint * main) / (weight[..., None] + faint)
    return np.where(table[..., None], picture, np.clip(continued, 0, 255)).astype(np.uint8)


def textured(
    scene: Scene,
    outlines: Mapping[str, NDArray[np.float64]],
    *,
    picture: Frames,
    table: Mask,
    camera: Camera,
    folder: Path,
) -> Scene:
    """Write a scene's textures into a folder, and return the scene with them.

    Args:
        scene: The scene of a film.
        outlines: What the film shows of it: outlines, `(n, 2)` shares, by the names of bodies, such as `item0`.
        picture: The film's first frame, RGB `(H, W, 3)`.
        table: Where the table is seen there, `(H, W)`.
        camera: The film's camera.
        folder: Where to; it is made if it is missing.

    Raises:
        ValueError: The scene is of no film.
        OSError: A file cannot be written.
    """
    if scene.film is None:
        raise ValueError("the scene is of no film; `daml twin` writes scenes with a table [film]")
    folder.mkdir(parents=True, exist_ok=True)
    items, containers = list(scene.objects.items), list(scene.objects.containers)
    for slot, item in enumerate(items):
        if (outline := outlines.get(f"item{slot}")) is not None:
            texture = side_view(picture, Segment(filled(outline, table.shape)))
            items[slot] = replace(item, texture=_written(folder / f"item{slot}.png", texture))
    for slot, container in enumerate(containers):
        if (outline := outlines.get(f"container{slot}")) is not None:
            yaw = scene.film.containers[slot][2]
            points = table_points(camera, outline, aspect=picture.shape[1] / picture.shape[0])
            middle, halves = _rectangle(points, yaw)
            texture = top_view(picture, camera, middle=middle, yaw=yaw, halves=halves)
            containers[slot] = replace(container, texture=_written(folder / f"container{slot}.png", texture))
    surface = top_view(
        bare_table(picture, table),
        camera,
        middle=np.array([*TABLE_CENTRE[:2], 0.0]),
        yaw=0.0,
        halves=TABLE_HALF_EXTENTS[:2],
        texels=TABLE_SIZE,
    )
    film = replace(scene.film, photograph=_written(folder / "table.png", surface))
    objects = replace(scene.objects, items=tuple(items), containers=tuple(containers))
    return Scene(scene.kind, objects, film)


def _rectangle(points: NDArray[np.float64], yaw: float) -> tuple[NDArray[np.float64], tuple[float, float]]:
    """Return middle, `(3,)`, and half sides of the smallest turned rectangle on the table around points, `(n, 2)`."""
    along = np.array([[np.cos(yaw), np.sin(yaw)], [-np.sin(yaw), np.cos(yaw)]])
    turned = points @ along.T
    low, high = turned.min(axis=0), turned.max(axis=0)
    x, y = (low + high) / 2 @ along
    length, width = (high - low) / 2
    return np.array([x, y, 0.0]), (float(length), float(width))


def _written(path: Path, picture: Frames) -> str:
    write_picture(path, picture)
    return str(path.resolve())
