import io
import struct
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image, ImageOps

from daml.demos import read_video
from daml.demos.video.orientation import Orientation, of_image

ONE = 1 << 16
# A film's matrix [a b 0], [c d 0] sends a point (x, y) to (a x + c y, b x + d y).
MATRICES = {
    (1, 0, 0, 1): lambda picture: picture,
    (-1, 0, 0, 1): np.fliplr,
    (1, 0, 0, -1): np.flipud,
    (-1, 0, 0, -1): lambda picture: np.rot90(picture, 2),
    (0, 1, 1, 0): lambda picture: picture.transpose(1, 0, 2),
    (0, 1, -1, 0): lambda picture: np.rot90(picture, -1),
    (0, -1, 1, 0): np.rot90,
    (0, -1, -1, 0): lambda picture: np.rot90(picture, 2).transpose(1, 0, 2),
}


def quarters() -> np.ndarray:
    """A picture whose four corners differ, `(32, 64, 3)`."""
    picture = np.zeros((32, 64, 3), np.uint8)
    picture[:16, :32], picture[:16, 32:], picture[16:, :32] = (200, 20, 20), (20, 200, 20), (20, 20, 200)
    return picture


@pytest.mark.parametrize("matrix", MATRICES)
@pytest.mark.parametrize("suffix", [".mp4", ".mov"])
def test_a_film_is_turned_and_mirrored_by_its_matrix(tmp_path: Path, matrix: tuple[int, ...], suffix: str):
    path = tmp_path / f"clip{suffix}"
    with av.open(path, "w") as container:
        stream = container.add_stream("libx264", rate=10, options={"crf": "5"})
        stream.height, stream.width, stream.pix_fmt = 32, 64, "yuv444p"
        for picture in [quarters()] * 3 + [None]:
            frame = None if picture is None else av.VideoFrame.from_ndarray(picture, format="rgb24")
            container.mux(stream.encode(frame))
    a, b, c, d = (value * ONE for value in matrix)
    plain = struct.pack(">9i", ONE, 0, 0, 0, ONE, 0, 0, 0, 1 << 30)
    film, track, rest = path.read_bytes().split(plain)  # once for the film, then for the track
    path.write_bytes(film + plain + track + struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 1 << 30) + rest)
    expected = MATRICES[matrix](quarters())
    seen = read_video(path).frames[0]
    assert seen.shape == expected.shape
    assert np.median(np.abs(seen.astype(int) - expected)) < 8


@pytest.mark.parametrize("suffix", [".jpg", ".webp", ".png", ".tif"])
@pytest.mark.parametrize("number", range(1, 9))
def test_a_photograph_is_turned_and_mirrored_by_its_exif(tmp_path: Path, number: int, suffix: str):
    exif = Image.Exif()
    exif[0x0112] = number
    for name in ("a", "b"):
        Image.fromarray(quarters()).save(tmp_path / f"{name}{suffix}", exif=exif, quality=95)
    expected = np.asarray(ImageOps.exif_transpose(Image.open(tmp_path / f"a{suffix}")).convert("RGB"))
    seen = read_video(tmp_path).frames[0]
    assert seen.shape == expected.shape
    assert np.median(np.abs(seen.astype(int) - expected)) < 8


def test_turning_and_mirroring_lose_nothing():
    picture = np.arange(24, dtype=np.uint8).reshape(2, 4, 3)
    ways = [Orientation(t, x, y) for t in (False, True) for x in (False, True) for y in (False, True)]
    seen = {way.apply(picture).tobytes() + bytes(way.apply(picture).shape) for way in ways}
    assert len(seen) == 8
    assert all(sorted(way.apply(picture).ravel()) == sorted(picture.ravel()) for way in ways)


@pytest.mark.parametrize("number", [0, 9, 65535])
def test_an_orientation_that_there_is_not_changes_nothing(number: int):
    exif, content = Image.Exif(), io.BytesIO()
    exif[0x0112] = number
    Image.fromarray(quarters()).save(content, "jpeg", exif=exif)
    assert of_image(content.getvalue()) == Orientation()


def test_what_is_no_image_lies_as_it_is_stored():
    assert of_image(b"no image at all") == of_image(b"") == Orientation()
