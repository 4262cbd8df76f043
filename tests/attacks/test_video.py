"""Hostile films and folders of images: refused in one line, soon, in little memory, and nothing else is opened."""

import dataclasses
import io
import os
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from daml.demos import measure, read_video, write_video
from daml.demos.video.video_file import DEFAULT_LIMITS, VIDEO_SUFFIXES

Refused = Callable[..., str]


def noise(n_frames: int = 8) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (n_frames, 32, 48, 3), dtype=np.uint8)


def write_repeating_gif(path: Path, width: int, height: int, n_frames: int) -> None:
    """Write a GIF whose frames change one pixel each: 23 bytes for millions of pixels."""
    screen = b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + bytes([0, 0, 0, 255, 255, 255])
    control = b"\x21\xf9\x04" + struct.pack("<BHB", 4, 10, 0) + b"\0"
    frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02\x4c\x01\0"
    path.write_bytes(screen + (control + frame) * n_frames + b";")


def png_chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def plain_png(width: int, height: int) -> bytes:
    """A black PNG of any size: a thousand times smaller than its pixels."""
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    rows = zlib.compressobj(9)
    row = bytes(1 + 3 * width)
    body = b"".join([rows.compress(row) for _ in range(height)] + [rows.flush()])
    return b"\x89PNG\r\n\x1a\n" + header + png_chunk(b"IDAT", body) + png_chunk(b"IEND", b"")


def test_many_huge_frames_in_a_small_file(tmp_path: Path, refused: Refused):
    path = tmp_path / "clip.gif"
    write_repeating_gif(path, 4096, 2304, 39_000)
    assert path.stat().st_size < 1_000_000
    assert "pixels in all frames together" in refused(lambda: read_video(path), naming=path)
    hasty = dataclasses.replace(DEFAULT_LIMITS, max_seconds=1.0)
    assert "not decoded within 2 s" in refused(
        lambda: read_video(path, start_s=3000.0, end_s=3500.0, limits=hasty), naming=path
    )


def test_more_frames_than_any_film_has(tmp_path: Path, refused: Refused):
    write_repeating_gif(tmp_path / "clip.gif", 16, 16, 50_000)
    assert "more than 40000 frames" in refused(lambda: read_video(tmp_path / "clip.gif"), naming=tmp_path / "clip.gif")


@pytest.mark.parametrize(("width", "height"), [(65535, 65535), (65535, 2), (2, 65535), (0, 0)])
def test_a_size_that_is_only_stated(tmp_path: Path, refused: Refused, width: int, height: int):
    path = tmp_path / "clip.gif"
    write_repeating_gif(path, width, height, 3)
    if width * height > 10**6 or not width * height:
        refused(lambda: read_video(path), naming=path)
    else:
        assert max(read_video(path).frames.shape) <= 640  # narrow, but small


@pytest.mark.parametrize("inner", [(20_000, 20_000), (65_000, 400)])
def test_pictures_larger_than_any_camera_makes(tmp_path: Path, refused: Refused, inner: tuple[int, int]):
    content = plain_png(inner[0], min(inner[1], 500))  # stated larger than it is
    content = content.replace(struct.pack(">II", inner[0], min(inner[1], 500)), struct.pack(">II", *inner), 1)
    for name in ("1.png", "2.png"):
        (tmp_path / name).write_bytes(content)
    refused(lambda: read_video(tmp_path), naming=tmp_path / "1.png")


def test_a_folder_of_many_large_pictures(tmp_path: Path, refused: Refused):
    (tmp_path / "0.png").write_bytes(plain_png(4096, 2304))
    for number in range(1, 200):
        os.link(tmp_path / "0.png", tmp_path / f"{number}.png")
    few = dataclasses.replace(DEFAULT_LIMITS, max_decoded=20 * 4096 * 2304)
    assert "pixels in all frames together" in refused(lambda: read_video(tmp_path, limits=few), naming=tmp_path)
    n_bytes = 200 * (tmp_path / "0.png").stat().st_size
    hasty = dataclasses.replace(DEFAULT_LIMITS, max_seconds=0.5 - n_bytes / 1e6)
    assert "decoded within" in refused(lambda: read_video(tmp_path, limits=hasty), naming=tmp_path)


@pytest.mark.parametrize("number", range(3))
def test_a_photograph_that_unpacks_without_end(tmp_path: Path, refused: Refused, number: int):
    exif = b"Exif\0\0" + (b"II*\0\x08\0\0\0" + struct.pack("<H", 65535) + b"\x12\x01\x03\0" * 10)
    text = png_chunk(b"zTXt", b"title\0\0" + zlib.compress(bytes(100_000_000), 9))
    good = io.BytesIO()
    Image.fromarray(noise()[0]).save(good, "png")
    hostile = [
        good.getvalue()[:33] + text + good.getvalue()[33:],
        good.getvalue()[:33] + png_chunk(b"eXIf", exif[6:]) + good.getvalue()[33:],
        good.getvalue()[:33] + png_chunk(b"eXIf", exif[6:] * 50_000) + good.getvalue()[33:],
    ][number]
    (tmp_path / "1.png").write_bytes(hostile)
    (tmp_path / "2.png").write_bytes(b"broken")  # so that the folder is refused, by its second picture at the latest
    refused(lambda: read_video(tmp_path), naming=tmp_path)


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".gif", ".avi", ".png"])
def test_a_pipe_a_device_and_a_folder_in_place_of_a_film(tmp_path: Path, refused: Refused, suffix: str):
    path = tmp_path / f"clip{suffix}"
    os.mkfifo(path)
    assert "named pipe" in refused(lambda: read_video(path), naming=path)
    path.unlink()
    path.symlink_to("/dev/zero")
    assert "a device" in refused(lambda: read_video(path), naming=path)
    path.unlink()
    path.symlink_to(path)
    refused(lambda: read_video(path), naming=path)


@pytest.mark.parametrize("suffix", VIDEO_SUFFIXES)
@pytest.mark.parametrize(
    "content",
    [
        "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nsecret.mp4\n#EXT-X-ENDLIST\n",
        "ffconcat version 1.0\nfile secret.mp4\n",
        '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><BaseURL>secret.mp4</BaseURL></MPD>',
        "v=0\no=- 0 0 IN IP4 127.0.0.1\nc=IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\n",
        "[Script Info]\n",
    ],
    ids=["hls", "concat", "dash", "sdp", "subtitles"],
)
def test_a_list_of_other_files_opens_none_of_them(tmp_path: Path, refused: Refused, suffix: str, content: str):
    write_video(tmp_path / "secret.mp4", noise(), frame_rate_hz=10.0)
    path = tmp_path / f"clip{suffix}"
    path.write_text(content)
    refused(lambda: read_video(path), naming=path)


def test_a_film_that_names_another_file_for_its_pictures(tmp_path: Path, refused: Refused):
    write_video(tmp_path / "secret.mp4", noise(), frame_rate_hz=10.0)
    path = tmp_path / "clip.mov"
    content = (tmp_path / "secret.mp4").read_bytes()
    place = content.index(b"url ") - 4  # where the pictures are: "in this file" becomes "in secret.mp4"
    elsewhere = b"url \0\0\0\0secret.mp4\0"
    path.write_bytes(content[:place] + struct.pack(">I", 4 + len(elsewhere)) + elsewhere + content[place + 12 :])
    try:
        assert measure(read_video(path)).n_frames <= 8  # its own pictures, where the boxes still fit
    except ValueError:
        refused(lambda: read_video(path), naming=path)


@pytest.mark.parametrize("time", [2**62, -(2**62), 2**40])
def test_times_beyond_all_bounds(tmp_path: Path, refused: Refused, time: int):
    path = tmp_path / "clip.mkv"
    with av.open(path, "w") as container:
        stream = container.add_stream("ffv1", rate=10)
        stream.height, stream.width, stream.pix_fmt = 32, 48, "bgr0"
        packets = []
        for frame in noise(3):
            packets += stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24"))
        for packet, stamp in zip(packets, (0, 100, min(time, 2**40) if time > 0 else time), strict=False):
            packet.pts = packet.dts = stamp
            if stamp >= 0:
                container.mux(packet)
    try:
        assert len(read_video(path)) <= 3
    except ValueError:
        refused(lambda: read_video(path), naming=path)


def test_boxes_within_boxes_without_end(tmp_path: Path, refused: Refused):
    content = b""
    for _ in range(20_000):
        content = struct.pack(">I4s", (len(content) + 8) % 2**32, b"moov") + content
    path = tmp_path / "clip.mp4"
    path.write_bytes(struct.pack(">I4s4sI", 16, b"ftyp", b"isom", 0) + content)
    refused(lambda: read_video(path), naming=path)


def test_a_film_of_empty_boxes(tmp_path: Path, refused: Refused):
    path = tmp_path / "clip.mp4"
    path.write_bytes(struct.pack(">I4s4sI", 16, b"ftyp", b"isom", 0) + struct.pack(">I4s", 8, b"free") * 2_000_000)
    refused(lambda: read_video(path), naming=path)
