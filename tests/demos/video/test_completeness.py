from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from daml.demos import read_video
from daml.demos.video.completeness import is_cut_off

KINDS = {
    "clip.mp4": ("libx264", "yuv420p", {}),
    "faststart.mp4": ("libx264", "yuv420p", {"movflags": "+faststart"}),
    "fragments.mp4": ("libx264", "yuv420p", {"movflags": "+frag_keyframe+empty_moov"}),
    "clip.mov": ("mjpeg", "yuvj420p", {}),
    "clip.3gp": ("mpeg4", "yuv420p", {}),
    "clip.mkv": ("libx264", "yuv420p", {}),
    "clip.webm": ("libvpx", "yuv420p", {}),
    "clip.avi": ("mpeg4", "yuv420p", {}),
    "clip.gif": ("gif", "rgb8", {}),
    "clip.apng": ("apng", "rgb24", {}),
    "clip.wmv": ("wmv2", "yuv420p", {}),
    "clip.ogv": ("libvpx", "yuv420p", {}),
    "clip.ts": ("libx264", "yuv420p", {}),
    "clip.m2ts": ("libx264", "yuv420p", {"mpegts_m2ts_mode": "1"}),
}


@pytest.fixture(params=KINDS)
def film(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Twenty frames of noise, so that there is much to cut off."""
    codec, pixels, options = KINDS[request.param]
    path = tmp_path / request.param
    with av.open(path, "w", options=options) as container:
        stream = container.add_stream(codec, rate=10)
        stream.height, stream.width, stream.pix_fmt = 48, 64, pixels
        for number in range(20):
            noise = np.random.default_rng(number).integers(0, 256, (48, 64, 3), dtype=np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(noise, format="rgb24")))
        container.mux(stream.encode(None))
    return path


def test_a_whole_film_is_whole_and_a_part_of_one_says_so(film: Path):
    content = film.read_bytes()
    assert not is_cut_off(film)
    assert len(read_video(film)) == 20
    for size in (len(content) - 1, len(content) * 9 // 10 + 1, len(content) // 2 + 1):
        after_a_packet = size % 188 == 0 or size % 192 == 0  # as far as a transport stream tells, whole
        film.write_bytes(content[: size - after_a_packet])
        assert is_cut_off(film)
        with pytest.raises(ValueError, match=rf"{film.name}: cut off after \d+ frames; the file is incomplete"):
            read_video(film)


def test_the_beginning_of_a_film_that_is_cut_off_can_still_be_used(tmp_path: Path):
    with av.open(tmp_path / "clip.mkv", "w") as container:
        stream = container.add_stream("libx264", rate=10, options={"bf": "0", "g": "1"})
        stream.height, stream.width, stream.pix_fmt = 48, 64, "yuv420p"
        for number in range(20):
            noise = np.random.default_rng(number).integers(0, 256, (48, 64, 3), dtype=np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(noise, format="rgb24")))
        container.mux(stream.encode(None))
    content = (tmp_path / "clip.mkv").read_bytes()
    (tmp_path / "clip.mkv").write_bytes(content[: len(content) * 3 // 4])
    assert len(read_video(tmp_path / "clip.mkv", end_s=0.9)) == 10


@pytest.mark.parametrize("suffix", [".gif", ".png"])
@pytest.mark.parametrize("junk", [b"\0\0\0\0", b"left by another program" * 99])
def test_what_comes_after_the_end_does_no_harm(tmp_path: Path, suffix: str, junk: bytes):
    pictures = [Image.fromarray(np.full((8, 8, 3), 50 * n, np.uint8)) for n in range(4)]
    path = tmp_path / f"clip{suffix}"
    pictures[0].save(path, save_all=True, append_images=pictures[1:], duration=100)
    with path.open("ab") as file:
        file.write(junk)
    assert not is_cut_off(path)
    assert len(read_video(path)) == 4


@pytest.mark.parametrize(("name", "place"), [("clip.avi", 4), ("clip.mkv", None)])
def test_a_size_that_was_never_known_says_nothing(tmp_path: Path, name: str, place: int | None):
    with av.open(tmp_path / name, "w") as container:
        stream = container.add_stream("mpeg4", rate=10)
        stream.height, stream.width, stream.pix_fmt = 48, 64, "yuv420p"
        for number in range(5):
            picture = np.full((48, 64, 3), 40 * number, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))
    content = bytearray((tmp_path / name).read_bytes())
    if place is None:
        place = content.index(b"\x18\x53\x80\x67") + 4
        content[place : place + 8] = b"\x01" + b"\xff" * 7
    else:
        content[place : place + 4] = b"\xff" * 4
    (tmp_path / name).write_bytes(content)
    assert not is_cut_off(tmp_path / name)
    assert len(read_video(tmp_path / name)) == 5


def test_what_is_no_film_is_not_cut_off(tmp_path: Path):
    for content in (b"", b"x", b"text, honestly", b"\x1aE\xdf\xa3", b"\x1aE\xdf\xa3\x00" * 9, bytes(500)):
        (tmp_path / "x").write_bytes(content)
        assert is_cut_off(tmp_path / "x") in (True, False)
