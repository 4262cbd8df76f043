"""A shot: all that decides what a film of a task shows."""

from dataclasses import dataclass

from daml.envs.rendering.quality import POLICY_QUALITY, RenderQuality
from daml.envs.scene.cameras import Camera
from daml.envs.shifts import UNSHIFTED, Shift
from daml.envs.tasks.description import Assignment


@dataclass(frozen=True)
class Shot:
    """What is filmed, and how."""

    task: Assignment
    """What to do, with which objects: a task, or a scene of somebody's own."""
    seed: int
    """Determines layout, looks, camera, hand and movement."""
    image_size: int
    """Height and width of the film, in pixels."""
    target: int | None = None
    """Slot of another choice to carry out; that of the task when None."""
    quality: RenderQuality = POLICY_QUALITY
    """How it is drawn."""
    shift: Shift = UNSHIFTED
    """How the world, the human and the film differ from those of training."""
    bodies: str | None = None
    """Split whose bodies the human has one of; None films a plain hand of primitives."""
    camera: Camera | None = None
    """Films from there in a room with walls, and the human comes from any other side.

    None films from where the policy looks.
    """
