"""A picture of a scene at some moment, and where each thing is in it: what a simulator knows for free."""

from dataclasses import dataclass
from typing import NamedTuple

import mujoco
import numpy as np
from numpy.typing import NDArray

from daml.envs.filming import as_people_see
from daml.envs.human_film import Performance
from daml.envs.lens import draw_lens, shoot
from daml.envs.objects.task_objects import Objects
from daml.envs.rendering.quality import POLICY_QUALITY, RenderQuality
from daml.envs.rendering.renderer import OffscreenRenderer
from daml.envs.robot.arm import FINGER_TRAVEL, ROBOT_JOINTS, add_robot
from daml.envs.robot.control import REACH, GripperController
from daml.envs.scene.appearance import draw_appearance
from daml.envs.scene.cameras import POLICY_CAMERA, Camera
from daml.envs.scene.dressing import Dresser, objects_of, split_of_task
from daml.envs.scene.rotations import about_z
from daml.envs.scene.specification import add_objects, build_scene, place_items
from daml.envs.shifts import UNSHIFTED, Shift
from daml.envs.shot import Shot
from daml.envs.tasks.kinds import TASK_KINDS, draw_objects
from daml.envs.tasks.layout import Layout
from daml.envs.tasks.task import Task

CLASSES = ("item", "container", "zone")
"""What a thing on the table can be."""

HOLDING_SHARE = 0.4
"""Share of the robot's pictures in which it holds an item, where it does not always hold one."""

PUSHING_SHARE = 0.45
"""Share of the robot's pictures, where there is a zone, in which the gripper is behind an item, closed."""

MOVED_SHARE = 0.8
"""Share of the robot's pictures in which an item lies where no episode starts with it: on, in or beside a thing."""

ON_ITS_WAY_SHARE = 0.25
"""Share of these, where there is a zone, in which it is on its way there."""

ON_ZONE_SHARE = 0.8
"""Share of the others, where there is a zone, in which it is on that, wholly or in part."""

INSIDE_SHARE = 0.3
"""Share of these, for each container, in which it lies inside that."""

BESIDE_GAP = 0.03
"""Largest gap to the thing that it lies beside, in metres."""

PUSHING_GAP, PUSHING_HEIGHT = (0.015, 0.045), (0.015, 0.06)
"""Ranges of the gripper's distance from the side of that item and of its height, in metres."""


@dataclass(frozen=True, eq=False)
class Picture:
    """A picture of a scene; places are x to the right and y down, each in [-1, 1] from edge to edge.

    Args:
        image: RGB, `(H, W, 3)`.
        centres: Where the middle of each thing is, items first, then containers, then the zone, `(n, 2)`.
        classes: Index into `CLASSES` of each, `(n,)`.
        visible: Whether nothing stands before its middle, `(n,)`.
        effector: Where the point between the fingers is, the robot's or the human's, `(2,)`; may be outside.
    """

    image: NDArray[np.uint8]
    centres: NDArray[np.float32]
    classes: NDArray[np.int64]
    visible: NDArray[np.bool_]
    effector: NDArray[np.float32]


def picture_scene(task: Task, *, seed: int, shows_human: bool, image_size: int, shift: Shift = UNSHIFTED) -> Picture:
    """Draw a task's objects at some moment of a human's or the robot's work.

    Args:
        task: Whose objects.
        seed: Determines layout, looks, camera and the moment.
        shows_human: Whether a human works, and not the robot.
        image_size: Height and width of the picture, in pixels.
        shift: World; in `people` the human is seen as people film.

    Returns:
        The picture and what is where in it.
    """
    rng = np.random.default_rng((seed, 1))
    scene = _human_scene(task, seed, rng, shift) if shows_human else _robot_scene(task, rng, shift)
    model, data, camera, effector, quality = scene
    objects = objects_of(task, shift.assets)
    with OffscreenRenderer(image_size, image_size) as renderer:
        renderer.load(model)
        image = renderer.render(data, camera.name, quality=quality)
        hidden = _skin(renderer.identify(data, camera.name)) if shows_human and shift.as_people else None
    if shows_human and shift.as_people:
        image = shoot(image[None], draw_lens(rng), rng, frame_rate_hz=1.0)[0]
    names, heights = _things(objects)
    middles = np.stack([data.body(name).xpos for name in names]) + np.outer(heights, [0.0, 0.0, 1.0])
    centres = camera.project(middles)
    visible = [_sees(model, data, camera, middle, name) for middle, name in zip(middles, names, strict=True)]
    if hidden is not None:  # rays pass through skins
        rows = np.clip(((centres + 1) * image_size / 2).astype(int), 0, image_size - 1)
        visible = np.array(visible) & ~hidden[rows[:, 1], rows[:, 0]]
    return Picture(
        image=image,
        centres=centres,
        classes=_classes(objects),
        visible=np.array(visible),
        effector=camera.project(effector[None])[0],
    )


class _Scene(NamedTuple):
    """A moment that is pictured."""

    model: mujoco.MjModel
    data: mujoco.MjData
    camera: Camera
    effector: NDArray[np.float64]
    quality: RenderQuality


def _human_scene(task: Task, seed: int, rng: np.random.Generator, shift: Shift) -> _Scene:
    """Stop a human's performance at some moment."""
    target = int(rng.integers(draw_objects(task).n_targets))
    shot = Shot(task, seed=seed, image_size=1, target=target, shift=shift)
    shot = as_people_see(shot, rng) if shift.as_people else shot
    performance = Performance.of(shot, is_cluttered=False)  # what lies about is another thing in every picture
    moment = rng.uniform(0.0, performance.choreography.end)
    for now in performance.play():
        if now >= moment:
            break
    closes_upon = performance.data.mocap_pos[0].copy()
    return _Scene(performance.model, performance.data, performance.camera, closes_upon, shot.quality)


def _robot_scene(task: Task, rng: np.random.Generator, shift: Shift) -> _Scene:
    """Put the gripper somewhere, with or without an item; low and near a thing as often as high."""
    kind, objects = TASK_KINDS[task.kind], objects_of(task, shift.assets)
    layout = kind.draw_layout(objects, rng)
    spec = build_scene(Dresser(shift.assets, split_of_task(task), rng).surroundings(draw_appearance(rng)))
    camera = POLICY_CAMERA.jittered(rng)
    camera.add_to(spec)
    add_robot(spec)
    add_objects(spec, objects, layout)
    model = spec.compile()
    data = mujoco.MjData(model)
    gripper = rng.uniform(*REACH)
    item = int(rng.integers(len(objects.items)))
    place_items(data, objects, layout)
    if rng.random() < MOVED_SHARE:
        yaw = rng.uniform(-np.pi, np.pi)
        data.joint(f"item{item}").qpos = [*_elsewhere(objects, layout, item, rng), *about_z(yaw)]
    mujoco.mj_kinematics(model, data)
    holds_always = kind.starts_holding(objects)
    pushes = bool(_places_to_push(objects, layout)) and not holds_always and rng.random() < PUSHING_SHARE
    if pushes:
        gripper = _behind(data.body(f"item{item}").xpos, objects.items[item].half_extents[1], rng)
    elif rng.random() < 0.5:  # near a thing
        names, _ = _things(objects)
        thing = data.body(str(rng.choice(names))).xpos
        gripper[:2] = thing[:2] + rng.normal(0.0, 0.04, 2)
        gripper[2] = rng.uniform(REACH[0][2], 0.15)
    gripper = np.clip(gripper, *REACH)
    can_hold = not objects.items[item].is_pushed or bool(objects.choices)
    holds = holds_always or (rng.random() < HOLDING_SHARE and can_hold)
    opening = 2 * objects.items[item].half_extents[1] if holds else rng.choice([0.0, 2 * FINGER_TRAVEL])
    opening, holds = (0.0, False) if pushes else (opening, holds)
    posture = GripperController().reset(gripper, opening=opening)
    for name, value in zip(ROBOT_JOINTS, posture, strict=True):
        data.joint(name).qpos = value
    if holds:
        data.joint(f"item{item}").qpos = [*gripper, *about_z(rng.uniform(-0.3, 0.3))]
    mujoco.mj_forward(model, data)
    return _Scene(model, data, camera, data.site("tool").xpos.copy(), POLICY_QUALITY)


def _elsewhere(objects: Objects, layout: Layout, item: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Draw where an item may come to lie while somebody works: on, in or beside another thing, `(3,)`."""
    start, reach, height = layout.item_positions[item], objects.items[item].reach, objects.items[item].half_extents[2]
    pushed_to = _places_to_push(objects, layout)
    if pushed_to and rng.random() < ON_ITS_WAY_SHARE:
        end, _ = pushed_to[int(rng.integers(len(pushed_to))) if len(pushed_to) > 1 else 0]
        return np.array([*(start + rng.uniform() * (end - start)), height])
    # Middle of each thing, and the range of distances from there.
    anchors = [
        (place, other.reach + reach, other.reach + reach + BESIDE_GAP)
        for place, other in zip(layout.item_positions, objects.items, strict=True)
    ]
    del anchors[item]
    for place, container in zip(layout.container_positions, objects.containers, strict=True):
        if container.is_flat:
            continue
        if rng.random() < INSIDE_SHARE:
            return np.array([*_at_distance(place, rng.uniform(0.0, 0.02), rng), container.floor_height + height])
        anchors.append((place, container.reach() + reach, container.reach() + reach + BESIDE_GAP))
    if pushed_to and rng.random() < ON_ZONE_SHARE:
        anchors = [(end, 0.0, radius + reach) for end, radius in pushed_to]
    place, least, most = anchors[int(rng.integers(len(anchors)))] if anchors else (start, 0.0, BESIDE_GAP)
    return np.array([*_at_distance(place, rng.uniform(least, most), rng), height])


def _places_to_push(objects: Objects, layout: Layout) -> list[tuple[NDArray[np.float64], float]]:
    """Return where items may be pushed to, `(2,)`, and the radius there, in metres."""
    if objects.zone is not None:
        return [(layout.zone_position, objects.zone.radius)]
    destinations = zip(layout.container_positions, objects.containers, strict=True)
    return [(place, container.reach()) for place, container in destinations if container.is_flat]


def _behind(item: NDArray[np.float64], half_width: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """Draw a position of the gripper, `(3,)`, that pushes an item at a place, `(3,)`."""
    place = _at_distance(item[:2], half_width + rng.uniform(*PUSHING_GAP), rng)
    return np.array([*place, rng.uniform(*PUSHING_HEIGHT)])


def _at_distance(place: NDArray[np.float64], distance: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """Draw a place at a distance from another one, `(2,)`."""
    turn = rng.uniform(-np.pi, np.pi)
    return place + distance * np.array([np.cos(turn), np.sin(turn)])


def _classes(objects: Objects) -> NDArray[np.int64]:
    """Return the class of each thing; what is flat is a zone."""
    containers = ["zone" if container.is_flat else "container" for container in objects.containers]
    zone = [] if objects.zone is None else ["zone"]
    return np.array([CLASSES.index(name) for name in (*["item"] * len(objects.items), *containers, *zone)])


def _things(objects: Objects) -> tuple[list[str], NDArray[np.float64]]:
    """Return the bodies' names in the order of `Picture.centres`, and their middles' heights above their origins."""
    names = [f"item{slot}" for slot in range(len(objects.items))]
    names += [f"container{slot}" for slot in range(len(objects.containers))]
    heights = [0.0] * len(objects.items) + [container.height / 2 for container in objects.containers]
    if objects.zone is not None:
        names.append("zone")
        heights.append(0.0)
    return names, np.array(heights)


def _skin(seen: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Tell which pixels show a person's skin or clothes, `(H, W)`, given what is seen in each, `(H, W, 2)`."""
    return seen[..., 0] == mujoco.mjtObj.mjOBJ_SKIN.value


def _sees(model: mujoco.MjModel, data: mujoco.MjData, camera: Camera, point: NDArray[np.float64], name: str) -> bool:
    """Tell whether the first thing on the way from the camera to a point is the body itself, or lies beyond."""
    origin = np.array(camera.position)
    way = point - origin
    geom = np.array([-1], dtype=np.int32)
    share = mujoco.mj_ray(model, data, origin, way, None, True, -1, geom)  # noqa: FBT003 - MuJoCo's own order
    hit = int(geom[0])
    return hit < 0 or share > 1.0 or model.body(int(model.geom_bodyid[hit])).name == name
