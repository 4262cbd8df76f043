"""How a stored picture is turned and mirrored to stand upright: by a film's display matrix, or by EXIF."""

import io
import struct
from dataclasses import dataclass

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image

_TAG = 0x0112
"""EXIF's number of the orientation."""


@dataclass(frozen=True)
class Orientation:
    """Which of the eight ways a picture lies: exchange rows and columns first, then mirror."""

    transposed: bool = False
    """Whether rows and columns are exchanged."""
    flipped_x: bool = False
    """Whether left and right are exchanged, afterwards."""
    flipped_y: bool = False
    """Whether top and bottom are exchanged, afterwards."""

    def apply(self, picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """View a picture, `(H, W, 3)`, upright."""
        if self.transposed:
            picture = picture.transpose(1, 0, 2)
        return picture[:: -1 if self.flipped_y else 1, :: -1 if self.flipped_x else 1]


_EXIF = {
    1: Orientation(),
    2: Orientation(flipped_x=True),
    3: Orientation(flipped_x=True, flipped_y=True),
    4: Orientation(flipped_y=True),
    5: Orientation(transposed=True),
    6: Orientation(transposed=True, flipped_x=True),
    7: Orientation(transposed=True, flipped_x=True, flipped_y=True),
    8: Orientation(transposed=True, flipped_y=True),
}

_QUARTER_TURNS = (_EXIF[1], _EXIF[8], _EXIF[3], _EXIF[6])
"""Counter-clockwise."""


def of_frame(frame: av.VideoFrame) -> Orientation:
    """Tell how a frame of a film lies.

    Args:
        frame: A decoded frame, with the film's display matrix if it has one.

    Returns:
        Its orientation, to the nearest quarter turn.
    """
    try:
        content = frame.side_data.get("DISPLAYMATRIX")
    except ValueError:  # PyAV knows not all kinds of side data, and fails where there is one of another kind
        return _QUARTER_TURNS[round(frame.rotation / 90) % 4]
    if content is None:
        return Orientation()
    # Rows [a b u], [c d v], [x y w]: a point (x, y) goes to (a x + c y, b x + d y).
    a, b, _, c, d, *_ = struct.unpack("=9i", bytes(content)[:36])
    if abs(a) + abs(d) >= abs(b) + abs(c):
        return Orientation(flipped_x=a < 0, flipped_y=d < 0)
    return Orientation(transposed=True, flipped_x=c < 0, flipped_y=b < 0)


def of_image(content: bytes) -> Orientation:
    """Tell how a photograph lies.

    Args:
        content: Content of the file, of any format that carries EXIF.

    Returns:
        Its orientation; as stored, where it tells none.
    """
    try:
        with Image.open(io.BytesIO(content)) as image:
            number = image.getexif().get(_TAG)
    # What Pillow raises for damaged files, which the decoder of the picture names better.
    except (OSError, ValueError, SyntaxError, KeyError, TypeError, struct.error, EOFError, OverflowError, IndexError):
        return Orientation()
    except Image.DecompressionBombError:  # larger than any picture that is read
        return Orientation()
    return _EXIF.get(number, Orientation()) if isinstance(number, int) else Orientation()
