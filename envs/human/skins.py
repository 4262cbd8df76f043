"""Parts of a body as MuJoCo skins: meshes that bend with the bodies of a scene that stand for bones."""

from dataclasses import dataclass, replace

import mujoco
import numpy as np
from numpy.typing import NDArray

from daml.envs.human.bodies import Mesh
from daml.envs.human.skeleton import unit

MIRROR = np.array([1.0, -1.0, 1.0])
"""Turns what is right into what is left, in the axes of a body."""


@dataclass(frozen=True, eq=False)
class Skin:
    """A mesh on bones, at rest.

    Args:
        mesh: Faces, bones and weights.
        vertices: `(V, 3)`, in metres.
        texcoords: `(V, 2)`.
        bones: Names of the scene's bodies, in the order of the mesh's numbers.
        heads: Where these bones begin, `(len(bones), 3)`, in metres.
    """

    mesh: Mesh
    vertices: NDArray[np.float64]
    texcoords: NDArray[np.float64]
    bones: tuple[str, ...]
    heads: NDArray[np.float64]

    def mirrored(self) -> "Skin":
        """Return the other side's: all but the names of its bones."""
        return replace(
            self,
            mesh=replace(self.mesh, faces=self.mesh.faces[:, ::-1]),
            vertices=self.vertices * MIRROR,
            heads=self.heads * MIRROR,
        )

    def part(self, keep: NDArray[np.bool_]) -> "Skin":
        """Return the faces whose corners are all kept, `(V,)`."""
        faces = self.mesh.faces[keep[self.mesh.faces].all(axis=1)]
        chosen, numbers = np.unique(faces, return_inverse=True)
        mesh = Mesh(numbers.reshape(faces.shape), self.mesh.bones[chosen], self.mesh.weights[chosen])
        return replace(self, mesh=mesh, vertices=self.vertices[chosen], texcoords=self.texcoords[chosen])

    def inflated(self, thickness: float | NDArray[np.float64]) -> "Skin":
        """Return it moved outwards, by one distance or by one for each vertex, `(V,)`, in metres."""
        return replace(self, vertices=self.vertices + np.reshape(thickness, (-1, 1)) * self.normals())

    def normals(self) -> NDArray[np.float64]:
        """Return the outward directions of the vertices, `(V, 3)`."""
        corners = self.vertices[self.mesh.faces]
        of_faces = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        normals = np.full_like(self.vertices, 1e-12)
        for corner in range(3):
            np.add.at(normals, self.mesh.faces[:, corner], of_faces)
        return unit(normals)

    def add_to(self, spec: mujoco.MjSpec, name: str, *, material: str) -> None:
        """Draw it.

        Args:
            spec: Scene that has the bones as bodies.
            name: Of the skin.
            material: Of the scene.
        """
        skin = spec.add_skin(name=name, material=material)
        skin.vert = self.vertices.ravel()
        skin.texcoord = self.texcoords.ravel()
        skin.face = self.mesh.faces.ravel()
        moved_by = [np.nonzero((self.mesh.bones == bone) & (self.mesh.weights > 0)) for bone in range(len(self.bones))]
        used = [bone for bone, (rows, _) in enumerate(moved_by) if len(rows)]
        skin.bodyname = [self.bones[bone] for bone in used]
        skin.bindpos = self.heads[used].ravel()
        skin.bindquat = np.tile([1.0, 0.0, 0.0, 0.0], len(used))
        skin.vertid = [moved_by[bone][0].tolist() for bone in used]
        skin.vertweight = [self.mesh.weights[moved_by[bone]].tolist() for bone in used]
