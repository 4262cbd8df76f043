"""Containers and other destinations as bodies of a MuJoCo specification, held fast to the table."""

from pathlib import Path

import mujoco
import numpy as np
from numpy.typing import NDArray

from daml.envs.objects.containers import MARK_WIDTH, WALL_THICKNESS, Container
from daml.envs.objects.zones import OVAL_ASPECT, THICKNESS, Zone
from daml.envs.scene import rotations
from daml.envs.scene.assets import read_picture
from daml.envs.scene.item_bodies import ITEM_FRICTION, SOFT_CONTACT
from daml.envs.scene.materials import COVER_SIZE, add_material, add_object_material

_FILM = 0.0006
"""Thickness of a picture that lies on something, in metres: enough to be drawn above it."""

_HANDLE = (0.05, 0.008, 0.004)
"""Length, and half width and thickness, of a pan's handle, in metres."""

_BANDS, _BAND, _BAND_SHADE = (-0.25, 0.1), 0.15, 0.6
"""Places of the bands around a basket, from the middle of its wall, and their height, both by the wall's; and their
lightness by that of the wall."""


def add_container(
    spec: mujoco.MjSpec, name: str, container: Container, *, position: NDArray[np.float64], yaw: float
) -> None:
    """Add a container that is held fast to the table.

    Args:
        spec: Scene to add to.
        name: Name of its body.
        container: Shape and looks.
        position: Place on the table, `(2,)`, in metres.
        yaw: Turn about the vertical, in radians.
    """
    body = spec.worldbody.add_body(name=name, pos=(position[0], position[1], 0.0), quat=rotations.about_z(yaw))
    outline = container.polygon()
    edges = list(zip(outline, np.roll(outline, -1, axis=0), strict=True))
    if container.sort == "marked":
        for start, end in edges:
            _add_tape(body, container, start, end)
        return
    add_object_material(spec, name, container.pattern, container.floor_colour, container.wall_colour)
    slab = _add_slab(spec, body, outline, container.floor_height)
    if container.is_flat:
        slab.contype = slab.conaffinity = 0
    if container.texture:
        _add_photograph(spec, body, container)
    if container.sort == "walled":
        for start, end in edges:
            _add_wall(body, container, start, end)
    if container.family == "pan":
        _add_handle(body, container)


def _add_slab(
    spec: mujoco.MjSpec, body: mujoco.MjsBody, outline: NDArray[np.float64], thickness: float
) -> mujoco.MjsGeom:
    """Add a slab over an outline, `(sides, 2)`, in metres, with the material and a mesh named after its body."""
    mesh = spec.add_mesh(name=body.name)
    mesh.uservert = np.concatenate(
        [np.column_stack([outline, np.full(len(outline), z)]) for z in (0.0, thickness)]
    ).ravel()
    return body.add_geom(
        type=mujoco.mjtGeom.mjGEOM_MESH,
        meshname=body.name,
        material=body.name,
        friction=ITEM_FRICTION,
        solref=SOFT_CONTACT,
    )


def _add_photograph(spec: mujoco.MjSpec, body: mujoco.MjsBody, container: Container) -> None:
    """Lay a picture on the floor, or on the top, that nothing touches: its right is x, its upper edge y."""
    picture = read_picture(Path(container.texture), COVER_SIZE)
    has_corners = len(container.polygon()) == 4
    length, width = container.half_extents
    inside = np.sqrt(0.5) if has_corners else 1.0  # the half extents are those of the circle around the corners
    # The simulator lays a picture on a cylinder upside down.
    add_material(spec, f"{body.name} photograph", picture if has_corners else np.ascontiguousarray(picture[::-1]))
    kind = mujoco.mjtGeom.mjGEOM_BOX if has_corners else mujoco.mjtGeom.mjGEOM_CYLINDER
    size = (length * inside, width * inside, _FILM / 2) if has_corners else (min(length, width), _FILM / 2, 0.0)
    body.add_geom(
        type=kind,
        size=size,
        pos=(0.0, 0.0, container.floor_height + _FILM / 2),
        material=f"{body.name} photograph",
        contype=0,
        conaffinity=0,
        mass=0.0,
    )


def _add_tape(body: mujoco.MjsBody, container: Container, start: NDArray[np.float64], end: NDArray[np.float64]) -> None:
    """Stick tape along one edge of an outline, from corner to corner, `(2,)`; nothing touches it."""
    edge, middle = end - start, (start + end) / 2
    body.add_geom(
        type=mujoco.mjtGeom.mjGEOM_BOX,
        size=((float(np.linalg.norm(edge)) + MARK_WIDTH) / 2, MARK_WIDTH / 2, container.height / 2),
        pos=(middle[0], middle[1], container.height / 2),
        quat=rotations.about_z(float(np.arctan2(edge[1], edge[0]))),
        rgba=(*container.wall_colour, 1.0),
        contype=0,
        conaffinity=0,
    )


def _add_wall(body: mujoco.MjsBody, container: Container, start: NDArray[np.float64], end: NDArray[np.float64]) -> None:
    """Add the wall that stands on one edge of the floor and leans outwards, as wide as its rim.

    Args:
        body: The container's body.
        container: Height, flare and colour of the wall.
        start: First corner of the edge, counter-clockwise, `(2,)`, in metres.
        end: Second corner.
    """
    edge, middle = end - start, (start + end) / 2
    outward = np.array([edge[1], -edge[0]]) / np.linalg.norm(edge)
    up_along_wall = np.array([*(outward * np.sin(container.flare)), np.cos(container.flare)])
    slant = container.height / np.cos(container.flare)
    rim = np.linalg.norm(edge) * (1 + container.height * np.tan(container.flare) / np.linalg.norm(middle))
    # The wall leans about its foot: first turned along the edge, then tipped outwards about it.
    slope = rotations.about_x(container.flare)
    along_edge = rotations.about_z(float(np.arctan2(edge[1], edge[0])))
    centre = np.array([*middle, 0.0]) + up_along_wall * slant / 2 + np.array([*outward, 0.0]) * WALL_THICKNESS / 2
    body.add_geom(
        type=mujoco.mjtGeom.mjGEOM_BOX,
        size=(rim / 2, WALL_THICKNESS / 2, slant / 2),
        pos=tuple(centre),
        quat=rotations.compose(along_edge, slope),
        rgba=(*container.wall_colour, 1.0),
        friction=ITEM_FRICTION,
        solref=SOFT_CONTACT,
    )
    if container.family != "basket":
        return
    for share in _BANDS:
        body.add_geom(
            type=mujoco.mjtGeom.mjGEOM_BOX,
            size=((rim + np.linalg.norm(edge)) / 4, WALL_THICKNESS / 2 + _FILM, _BAND * slant / 2),
            pos=tuple(centre + share * slant * up_along_wall),
            quat=rotations.compose(along_edge, slope),
            rgba=(*(_BAND_SHADE * np.array(container.wall_colour)), 1.0),
            contype=0,
            conaffinity=0,
        )


def _add_handle(body: mujoco.MjsBody, container: Container) -> None:
    """Draw a pan's handle, which sticks out along x; nothing touches it."""
    rim = float(container.polygon(container.height)[:, 0].max())
    body.add_geom(
        type=mujoco.mjtGeom.mjGEOM_BOX,
        size=(_HANDLE[0] / 2, *_HANDLE[1:]),
        pos=(rim + _HANDLE[0] / 2, 0.0, container.height - _HANDLE[2]),
        rgba=(*container.wall_colour, 1.0),
        contype=0,
        conaffinity=0,
    )


def add_zone(spec: mujoco.MjSpec, zone: Zone, *, position: NDArray[np.float64], yaw: float) -> None:
    """Draw a goal zone, which nothing touches, as the body `zone`.

    Args:
        spec: Scene to add to.
        zone: Shape and looks.
        position: Place on the table, `(2,)`, in metres.
        yaw: Turn about the vertical, in radians.
    """
    body = spec.worldbody.add_body(name="zone", pos=(position[0], position[1], 0.0), quat=rotations.about_z(yaw))
    add_object_material(spec, "zone", zone.pattern, zone.colour, zone.accent)
    kind, size = {
        "disc": (mujoco.mjtGeom.mjGEOM_CYLINDER, (zone.radius, THICKNESS, 0.0)),
        "square": (mujoco.mjtGeom.mjGEOM_BOX, (zone.radius, zone.radius, THICKNESS)),
        "oval": (mujoco.mjtGeom.mjGEOM_ELLIPSOID, (zone.radius * OVAL_ASPECT, zone.radius, 2 * THICKNESS)),
    }[zone.shape]
    body.add_geom(type=kind, size=size, material="zone", contype=0, conaffinity=0)
