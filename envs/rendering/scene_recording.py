"""A rollout as a scene that can be turned: what every body looks like, and where it is at each moment."""

import mujoco
import numpy as np
from numpy.typing import NDArray

from daml.envs.rendering.binary_gltf import BinaryGltf
from daml.envs.rendering.solids import Solid, solid_of
from daml.envs.rendering.textures import Cover, cover_of, texture_of
from daml.envs.scene.cameras import PERSON_CAMERA

_Y_UP = (-np.sqrt(0.5), 0.0, 0.0, np.sqrt(0.5))
"""Turns the simulator's upright z into the format's upright y: a quaternion, x y z w."""
_ROUGHNESS = 0.75
"""Of all surfaces, from 0 for a mirror to 1 for chalk."""
_STILL = 1e-6
"""What moves less, in metres and in parts of a quaternion, stands still."""
_UNSET = (0.5, 0.5, 0.5, 1.0)
"""The simulator's default colour: a material shows in its place."""
_XYZW = [1, 2, 3, 0]


class SceneRecording:
    """Moments of one model, first seen as `PERSON_CAMERA` sees them."""

    def __init__(self) -> None:
        self._model: mujoco.MjModel | None = None
        self._times: list[float] = []
        self._positions: list[NDArray[np.float64]] = []
        self._quaternions: list[NDArray[np.float64]] = []

    def __len__(self) -> int:
        return len(self._times)

    def add(self, model: mujoco.MjModel, data: mujoco.MjData) -> None:
        """Add a moment.

        Args:
            model: Compiled model, the same each time.
            data: Its state, with positions computed.

        Raises:
            ValueError: It is another model than before.
        """
        if self._model is not None and model is not self._model:
            raise ValueError("this recording holds moments of another model: make a new one for each episode")
        self._model = model
        self._times.append(data.time)
        self._positions.append(data.xpos.copy())
        self._quaternions.append(data.xquat[:, _XYZW])

    def to_gltf(self) -> bytes:
        """Return the scene with the moments as its animation, as a binary glTF file.

        Raises:
            ValueError: There is no moment.
        """
        if self._model is None:
            raise ValueError("there is no moment in this recording: add one")
        model, gltf = self._model, BinaryGltf()
        positions, quaternions = np.array(self._positions), _continuous(np.array(self._quaternions))
        looks = _Looks(model, gltf)
        # Bodies are placed in the world, so that each one's way is its own.
        bodies = [
            gltf.add(
                "nodes",
                {
                    "name": model.body(body).name,
                    "translation": positions[0, body].tolist(),
                    "rotation": quaternions[0, body].tolist(),
                    **_children([looks.add_geom(geom) for geom in _seen_geoms(model, body)]),
                },
            )
            for body in range(model.nbody)
        ]
        self._add_animation(gltf, bodies, positions, quaternions)
        seen_from = _add_camera(model, gltf)
        root = gltf.add("nodes", {"name": "upright", "rotation": list(_Y_UP), "children": [*bodies, seen_from]})
        return gltf.to_bytes(roots=[root])

    def _add_animation(
        self,
        gltf: BinaryGltf,
        bodies: list[int],
        positions: NDArray[np.float64],
        quaternions: NDArray[np.float64],
    ) -> None:
        """Let those bodies move that did, `(T, bodies, 3 or 4)`."""
        times = gltf.add_numbers((np.array(self._times) - self._times[0]).astype(np.float32))
        samplers: list[dict[str, object]] = []
        channels: list[dict[str, object]] = []
        for path, ways in (("translation", positions), ("rotation", quaternions)):
            for body in np.flatnonzero(np.ptp(ways, axis=0).max(axis=-1) > _STILL):
                channels.append({"sampler": len(samplers), "target": {"node": bodies[body], "path": path}})
                samplers.append({"input": times, "output": gltf.add_numbers(ways[:, body].astype(np.float32))})
        if channels:
            gltf.add("animations", {"name": "rollout", "samplers": samplers, "channels": channels})


def _add_camera(model: mujoco.MjModel, gltf: BinaryGltf) -> int:
    """Add the camera for people and return the number of its node."""
    camera = model.camera(PERSON_CAMERA.name)
    lens = {"yfov": float(np.deg2rad(camera.fovy[0])), "znear": 0.01, "zfar": 20.0}
    number = gltf.add("cameras", {"type": "perspective", "perspective": lens})
    place = {"translation": camera.pos.tolist(), "rotation": camera.quat[_XYZW].tolist()}
    return gltf.add("nodes", {"name": camera.name, "camera": number, **place})


class _Looks:
    """Adds geoms to a document, and each look once."""

    def __init__(self, model: mujoco.MjModel, gltf: BinaryGltf) -> None:
        self._model = model
        self._gltf = gltf
        self._materials: dict[tuple[int | None, int, bytes], int] = {}

    def add_geom(self, geom: int) -> int:
        """Add a geom and return the number of its node."""
        solid = solid_of(self._model, geom)
        cover = cover_of(self._model, geom, solid)
        primitive = {**_add_triangles(self._gltf, solid, cover), "material": self._material(geom, cover)}
        place = {
            "translation": self._model.geom_pos[geom].tolist(),
            "rotation": self._model.geom_quat[geom][_XYZW].tolist(),
        }
        return self._gltf.add("nodes", {"mesh": self._gltf.add("meshes", {"primitives": [primitive]}), **place})

    def _material(self, geom: int, cover: Cover | None) -> int:
        colour = _colour_of(self._model, geom)
        key = (texture_of(self._model, geom), int(self._model.geom_dataid[geom]), colour.tobytes())
        if key not in self._materials:
            surface: dict[str, object] = {
                "baseColorFactor": [*_linear(colour[:3]).tolist(), float(colour[3])],
                "metallicFactor": 0.0,
                "roughnessFactor": _ROUGHNESS,
            }
            if cover is not None:
                surface["baseColorTexture"] = {"index": self._gltf.add_picture(cover.picture)}
            look: dict[str, object] = {"pbrMetallicRoughness": surface}
            if colour[3] < 1:
                look["alphaMode"] = "BLEND"
            self._materials[key] = self._gltf.add("materials", look)
        return self._materials[key]


def _seen_geoms(model: mujoco.MjModel, body: int) -> list[int]:
    """Return a body's geoms that can be seen."""
    first = int(model.body_geomadr[body])
    geoms = range(first, first + int(model.body_geomnum[body]))
    return [geom for geom in geoms if _colour_of(model, geom)[3] > 0]


def _colour_of(model: mujoco.MjModel, geom: int) -> NDArray[np.float32]:
    """Return a geom's RGBA in [0, 1], `(4,)`: its material's, where it has one and no colour of its own."""
    material, own = int(model.geom_matid[geom]), model.geom_rgba[geom]
    return own if material < 0 or not np.allclose(own, _UNSET) else model.mat_rgba[material]


def _linear(colour: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return a colour as it is added to others: the format has the inverse of a screen's curve (IEC 61966-2-1)."""
    shares = colour.astype(np.float64)
    return np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)


def _add_triangles(gltf: BinaryGltf, solid: Solid, cover: Cover | None) -> dict[str, object]:
    """Add a surface, each different corner once; return how a primitive refers to it."""
    columns = [solid.corners, solid.normals, *([] if cover is None else [cover.places])]
    corners = np.concatenate([column.reshape(-1, column.shape[-1]) for column in columns], axis=1).astype(np.float32)
    kept, order = np.unique(corners, axis=0, return_inverse=True)
    attributes = {
        name: gltf.add_numbers(np.ascontiguousarray(kept[:, span]), role="vertices")
        for name, span in (("POSITION", slice(0, 3)), ("NORMAL", slice(3, 6)), ("TEXCOORD_0", slice(6, 8)))
        if span.start < kept.shape[1]
    }
    return {"attributes": attributes, "indices": gltf.add_numbers(order.ravel().astype(np.uint32), role="indices")}


def _children(nodes: list[int]) -> dict[str, list[int]]:
    """Return the entry of a node's children: the format has no empty one."""
    return {"children": nodes} if nodes else {}


def _continuous(quaternions: NDArray[np.float64]) -> NDArray[np.float64]:
    """Choose the signs of quaternions, `(T, n, 4)`, so that each is near the one before."""
    is_turned = np.sum(quaternions[1:] * quaternions[:-1], axis=-1, keepdims=True) < 0
    signs = 1 - 2.0 * (np.cumsum(is_turned, axis=0) % 2)
    return np.concatenate([quaternions[:1], quaternions[1:] * signs])
