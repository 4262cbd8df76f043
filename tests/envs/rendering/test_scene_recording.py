"""Laws of rollouts as scenes to turn."""

import json
import struct
from typing import Any

import mujoco
import numpy as np
import pytest

from daml import envs
from daml.envs.rendering.scene_recording import SceneRecording
from daml.envs.scene.cameras import PERSON_CAMERA


def model() -> mujoco.MjModel:
    spec = mujoco.MjSpec()
    PERSON_CAMERA.add_to(spec)
    spec.worldbody.add_geom(type=mujoco.mjtGeom.mjGEOM_BOX, size=[1, 1, 0.01], pos=[0, 0, -0.01])
    for name, colour in (("falls", (1.0, 0.0, 0.0, 1.0)), ("unseen", (0.0, 0.0, 0.0, 0.0))):
        body = spec.worldbody.add_body(name=name, pos=[0, 0, 1], quat=[0.5, 0.5, 0.5, 0.5])
        body.add_freejoint()
        body.add_geom(type=mujoco.mjtGeom.mjGEOM_SPHERE, size=[0.05, 0, 0], rgba=colour)
    return spec.compile()


def read(content: bytes) -> tuple[dict[str, Any], Any]:
    length = struct.unpack_from("<I", content, 12)[0]
    document, binary = json.loads(content[20 : 20 + length]), content[28 + length :]

    def numbers(accessor: int) -> np.ndarray:
        part = document["accessors"][accessor]
        start = document["bufferViews"][part["bufferView"]]["byteOffset"]
        width = {"SCALAR": 1, "VEC3": 3, "VEC4": 4}[part["type"]]
        return np.frombuffer(binary, np.float32, part["count"] * width, start).reshape(part["count"], width)

    return document, numbers


@pytest.fixture(scope="module")
def recorded() -> tuple[list[np.ndarray], dict[str, Any], Any]:
    falling, recording, heights = model(), SceneRecording(), []
    data = mujoco.MjData(falling)
    for _ in range(4):
        mujoco.mj_forward(falling, data)
        recording.add(falling, data)
        heights.append(data.body("falls").xpos.copy())
        mujoco.mj_step(falling, data, 20)
    assert len(recording) == 4
    return heights, *read(recording.to_gltf())


def node(document: dict[str, Any], name: str) -> dict[str, Any]:
    return next(node for node in document["nodes"] if node.get("name") == name)


def test_a_body_that_moves_moves_in_the_scene_and_no_other(recorded: Any):
    heights, document, numbers = recorded
    (animation,) = document["animations"]
    ways = {
        (document["nodes"][channel["target"]["node"]]["name"], channel["target"]["path"]): channel["sampler"]
        for channel in animation["channels"]
    }
    assert set(ways) == {("falls", "translation"), ("unseen", "translation")}
    sampler = animation["samplers"][ways["falls", "translation"]]
    assert np.allclose(numbers(sampler["output"]), heights, atol=1e-6)
    assert np.allclose(numbers(sampler["input"])[:, 0], [0, 0.04, 0.08, 0.12], atol=1e-6)


def test_bodies_stand_as_at_the_first_moment_and_the_upright_is_up(recorded: Any):
    _, document, _ = recorded
    falls = node(document, "falls")
    assert np.allclose(falls["translation"], [0, 0, 1])
    assert np.allclose(falls["rotation"], [0.5, 0.5, 0.5, 0.5])
    x, y, z, w = node(document, "upright")["rotation"]
    up = np.zeros(3)
    mujoco.mju_rotVecQuat(up, np.array([0.0, 0.0, 1.0]), np.array([w, x, y, z]))
    assert np.allclose(up, [0, 1, 0])


def test_what_cannot_be_seen_is_left_out_and_colours_are_linear(recorded: Any):
    _, document, _ = recorded
    assert "children" not in node(document, "unseen")
    colours = [material["pbrMetallicRoughness"]["baseColorFactor"] for material in document["materials"]]
    assert [1.0, 0.0, 0.0, 1.0] in colours
    assert any(np.allclose(colour, [0.2140, 0.2140, 0.2140, 1], atol=1e-3) for colour in colours)


def test_the_scene_is_first_seen_as_people_see_it(recorded: Any):
    _, document, _ = recorded
    camera = node(document, PERSON_CAMERA.name)
    assert np.allclose(camera["translation"], PERSON_CAMERA.position)
    lens = document["cameras"][camera["camera"]]["perspective"]
    assert np.isclose(np.rad2deg(lens["yfov"]), PERSON_CAMERA.field_of_view_deg)


def test_a_quaternion_turns_no_further_than_the_body():
    turning, recording = model(), SceneRecording()
    data = mujoco.MjData(turning)
    for sign in (1, -1, 1):
        data.qpos[3:7] = sign * np.array([0.9, 0.1 * (2 + sign), 0.3, 0.3])
        mujoco.mj_forward(turning, data)
        recording.add(turning, data)
    document, numbers = read(recording.to_gltf())
    sampler = document["animations"][0]["samplers"][-1]
    quaternions = numbers(sampler["output"])
    assert (np.sum(quaternions[1:] * quaternions[:-1], axis=1) > 0).all()


def test_a_recording_is_of_one_model_and_of_some_moment():
    with pytest.raises(ValueError, match="no moment"):
        SceneRecording().to_gltf()
    recording = SceneRecording()
    for _ in range(2):
        other = model()
        data = mujoco.MjData(other)
        if len(recording):
            with pytest.raises(ValueError, match="another model"):
                recording.add(other, data)
        else:
            recording.add(other, data)


@pytest.mark.parametrize("kind", envs.ALL_KINDS)
def test_any_table_can_be_recorded(kind: str):
    env, recording = envs.TabletopEnv(kind, image_size=16), SceneRecording()
    env.reset(seed=3)
    env.record(recording)
    env.step(np.ones(4))
    env.record(recording)
    document, _ = read(recording.to_gltf())
    assert {"table", "floor", "hand", "item0"} & {one.get("name") for one in document["nodes"]} >= {"hand", "item0"}
    assert len(document["animations"][0]["channels"]) > 2
    assert len(recording.to_gltf()) < 2_000_000
    env.close()
