"""Laws of binary glTF files."""

import json
import struct

import cv2
import numpy as np

from daml.envs.rendering.binary_gltf import BinaryGltf


def parts(content: bytes) -> tuple[dict, bytes]:
    magic, version, size = struct.unpack_from("<4sII", content)
    assert (magic, version, size) == (b"glTF", 2, len(content))
    length, kind = struct.unpack_from("<I4s", content, 12)
    assert kind == b"JSON"
    assert length % 4 == 0
    document = json.loads(content[20 : 20 + length])
    binary_length, kind = struct.unpack_from("<I4s", content, 20 + length)
    assert kind == b"BIN\0"
    binary = content[28 + length :]
    assert len(binary) == binary_length
    assert binary_length % 4 == 0
    return document, binary


def view(document: dict, binary: bytes, number: int) -> bytes:
    span = document["bufferViews"][number]
    assert span["byteOffset"] % 4 == 0
    return binary[span["byteOffset"] : span["byteOffset"] + span["byteLength"]]


def test_numbers_and_pictures_read_back():
    gltf = BinaryGltf()
    corners = np.array([[0, 1, 2], [3, 4, 5]], np.float32)
    assert gltf.add_numbers(corners, role="vertices") == 0
    picture = np.random.default_rng(0).integers(0, 255, (3, 5, 3), dtype=np.uint8)
    assert gltf.add_picture(picture) == 0
    assert gltf.add_numbers(np.arange(3, dtype=np.uint32), role="indices") == 1
    node = gltf.add("nodes", {"name": "one"})
    document, binary = parts(gltf.to_bytes(roots=[node]))
    first, second = document["accessors"]
    assert (first["type"], first["componentType"], first["min"], first["max"]) == ("VEC3", 5126, [0, 1, 2], [3, 4, 5])
    assert np.frombuffer(view(document, binary, first["bufferView"]), np.float32).tolist() == [0, 1, 2, 3, 4, 5]
    assert (second["type"], second["componentType"], second["count"]) == ("SCALAR", 5125, 3)
    image = document["images"][document["textures"][0]["source"]]
    encoded = np.frombuffer(view(document, binary, image["bufferView"]), np.uint8)
    assert np.array_equal(cv2.imdecode(encoded, cv2.IMREAD_COLOR_RGB), picture)
    assert document["scenes"][document["scene"]]["nodes"] == [node]
