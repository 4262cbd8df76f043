"""Binary glTF 2.0, the exchange format of scenes: one file with a JSON document and its numbers and pictures.

References:
    Khronos Group, glTF 2.0 specification (ISO/IEC 12113:2022).
"""

import json
import struct
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

_MAGIC, _VERSION = b"glTF", 2
_JSON, _BINARY = b"JSON", b"BIN\0"
_ALIGNMENT = 4
_COMPONENTS = {np.dtype(np.float32): 5126, np.dtype(np.uint32): 5125}
_TYPES = {(): "SCALAR", (2,): "VEC2", (3,): "VEC3", (4,): "VEC4"}
_ARRAY_BUFFER, _ELEMENT_ARRAY_BUFFER = 34962, 34963


class BinaryGltf:
    """A document that is built up: parts are appended under their names in the format, and referred to by number."""

    def __init__(self) -> None:
        self._parts: dict[str, list[dict[str, Any]]] = {}
        self._binary = bytearray()

    def add(self, name: str, part: dict[str, Any]) -> int:
        """Append a part, such as one of `nodes`, and return its number."""
        self._parts.setdefault(name, []).append(part)
        return len(self._parts[name]) - 1

    def add_numbers(self, values: NDArray[np.float32] | NDArray[np.uint32], *, role: str = "") -> int:
        """Append an array, `(n,)` or `(n, 2 to 4)`, and return the number of its accessor.

        Args:
            values: Numbers of 32 bits.
            role: `vertices` or `indices` where a mesh is drawn from them.
        """
        view = self._add_bytes(values.tobytes())
        if role:
            self._parts["bufferViews"][view]["target"] = _ARRAY_BUFFER if role == "vertices" else _ELEMENT_ARRAY_BUFFER
        rows = values.reshape(len(values), -1)
        part = {
            "bufferView": view,
            "componentType": _COMPONENTS[values.dtype],
            "count": len(values),
            "type": _TYPES[values.shape[1:]],
            "min": rows.min(axis=0).tolist(),
            "max": rows.max(axis=0).tolist(),
        }
        return self.add("accessors", part)

    def add_picture(self, picture: NDArray[np.uint8]) -> int:
        """Append an RGB picture, `(H, W, 3)`, and return the number of its texture."""
        _, encoded = cv2.imencode(".png", np.ascontiguousarray(picture[..., ::-1]))
        source = self.add("images", {"bufferView": self._add_bytes(encoded.tobytes()), "mimeType": "image/png"})
        return self.add("textures", {"source": source})

    def _add_bytes(self, content: bytes) -> int:
        self._binary += bytes(-len(self._binary) % _ALIGNMENT)
        view = {"buffer": 0, "byteOffset": len(self._binary), "byteLength": len(content)}
        self._binary += content
        return self.add("bufferViews", view)

    def to_bytes(self, *, roots: list[int]) -> bytes:
        """Return the file.

        Args:
            roots: Numbers of the nodes that the scene consists of.
        """
        document = {
            "asset": {"version": "2.0", "generator": "daml"},
            "scene": 0,
            "scenes": [{"nodes": roots}],
            "buffers": [{"byteLength": len(self._binary)}],
            **self._parts,
        }
        text = json.dumps(document, separators=(",", ":")).encode()
        chunks = b"".join(
            struct.pack("<I4s", len(padded), kind) + padded
            for kind, padded in (
                (_JSON, text + b" " * (-len(text) % _ALIGNMENT)),
                (_BINARY, bytes(self._binary) + bytes(-len(self._binary) % _ALIGNMENT)),
            )
        )
        header_size = 12
        return struct.pack("<4sII", _MAGIC, _VERSION, header_size + len(chunks)) + chunks
