import dataclasses
import shutil
import struct
import subprocess
import sys
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from daml.demos import Frames, read_video, write_video
from daml.demos.video import video_file
from daml.demos.video.limits import Limits
from daml.demos.video.video_file import DEFAULT_LIMITS

LEVELS = 18  # grey levels between one frame and the next: far above what compression loses


def limits(**changed: int) -> Limits:
    return dataclasses.replace(DEFAULT_LIMITS, **changed)


def numbered_frames(n_frames: int, height: int = 32, width: int = 48) -> Frames:
    """Frames whose grey level tells their index."""
    levels = 10 + LEVELS * np.arange(n_frames)
    return np.broadcast_to(levels[:, None, None, None], (n_frames, height, width, 3)).astype(np.uint8)


def indices(frames: Frames) -> list[int]:
    return np.rint((frames.mean(axis=(1, 2, 3)) - 10) / LEVELS).astype(int).tolist()


ENCODER_OPTIONS = {
    "libx264": {"crf": "10", "preset": "ultrafast"},
    "libx265": {"crf": "10", "preset": "ultrafast", "x265-params": "log-level=none"},
    "libvpx": {"crf": "10", "b": "2M"},
    "libvpx-vp9": {"crf": "20", "deadline": "realtime", "cpu-used": "8"},
    "libsvtav1": {"crf": "20", "preset": "12"},
}


def encode(
    path: Path,
    frames: Frames,
    *,
    ticks: Sequence[int] | None = None,
    pixel_format: str = "yuv420p",
    codec: str = "libx264",
    options: dict[str, str] | None = None,
    rate: int = 10,
) -> Path:
    """Write a file with the raw library; `ticks` are times in tenths of a second."""
    with av.open(path, "w", options=options or {}) as container:
        stream = container.add_stream(codec, rate=rate, options=ENCODER_OPTIONS.get(codec, {}))
        stream.height, stream.width = frames.shape[1:3]
        stream.pix_fmt = pixel_format
        for index, frame in enumerate(frames):
            picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), format="rgb24")
            picture.pts = index if ticks is None else ticks[index]
            picture.time_base = Fraction(1, rate)
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    return path


@pytest.mark.parametrize("suffix", [".mp4", ".webm", ".gif", ".MP4"])
@pytest.mark.parametrize("rate", [10.0, 25.0, 1.5])
def test_a_written_video_reads_back_with_its_frame_count_order_and_rate(tmp_path: Path, suffix: str, rate: float):
    path = tmp_path / f"clip{suffix}"
    write_video(path, numbered_frames(12), frame_rate_hz=rate)
    demo = read_video(path)
    assert indices(demo.frames) == list(range(12))
    assert demo.frames.shape == (12, 32, 48, 3)
    assert demo.frame_rate_hz == pytest.approx(rate, rel=1e-2)


@pytest.mark.parametrize("suffix", [".mp4", ".webm", ".gif"])
def test_frames_that_do_not_move_are_all_kept(tmp_path: Path, suffix: str):
    frames = np.concatenate([numbered_frames(4), np.repeat(numbered_frames(5)[4:], 6, axis=0)])
    write_video(tmp_path / f"clip{suffix}", frames, frame_rate_hz=10.0)
    assert indices(read_video(tmp_path / f"clip{suffix}").frames) == [0, 1, 2, 3, 4, 4, 4, 4, 4, 4]


@pytest.mark.parametrize(("suffix", "tolerance"), [(".mp4", 4), (".webm", 8), (".gif", 12)])
def test_a_written_video_reads_back_with_its_colours(tmp_path: Path, suffix: str, tolerance: int):
    frames = np.empty((5, 64, 96, 3), np.uint8)
    for band, color in enumerate([(220, 40, 30), (30, 180, 60), (40, 60, 200)]):
        frames[:, :, 32 * band : 32 * band + 32] = color
    write_video(tmp_path / f"clip{suffix}", frames, frame_rate_hz=10.0)
    read = read_video(tmp_path / f"clip{suffix}").frames.astype(int)
    for band in range(3):
        inside = slice(32 * band + 6, 32 * band + 26)  # the codec blurs colour across edges
        assert np.abs(read[:, :, inside] - frames[:, :, inside]).max() <= tolerance


@pytest.mark.parametrize("suffix", [".mov", ".mkv", ".m4v"])
def test_other_containers_are_read(tmp_path: Path, suffix: str):
    demo = read_video(encode(tmp_path / f"clip{suffix}", numbered_frames(12)))
    assert indices(demo.frames) == list(range(12))
    assert demo.frame_rate_hz == pytest.approx(10.0, rel=1e-2)


CODECS = {
    "hevc": ("libx265", ".mp4", "yuv420p"),
    "hevc in 10 bits": ("libx265", ".mov", "yuv420p10le"),
    "h264 in 10 bits": ("libx264", ".mkv", "yuv420p10le"),
    "h264 at full colour resolution": ("libx264", ".mp4", "yuv444p"),
    "vp8": ("libvpx", ".webm", "yuv420p"),
    "vp9": ("libvpx-vp9", ".mkv", "yuv420p"),
    "vp9 with alpha": ("libvpx-vp9", ".webm", "yuva420p"),
    "av1": ("libsvtav1", ".mp4", "yuv420p10le"),
    "mjpeg": ("mjpeg", ".avi", "yuvj420p"),
    "mjpeg of a camera": ("mjpeg", ".mov", "yuvj422p"),
    "prores": ("prores_ks", ".mov", "yuv422p10le"),
    "mpeg-4 of an old phone": ("mpeg4", ".3gp", "yuv420p"),
    "mpeg-2 of a camcorder": ("mpeg2video", ".mpg", "yuv420p"),
    "h264 of a camcorder": ("libx264", ".mts", "yuv420p"),
    "windows media": ("wmv2", ".wmv", "yuv420p"),
    "lossless screen recording": ("ffv1", ".mkv", "bgr0"),
    "animated png": ("apng", ".apng", "rgba"),
    "animated png by its usual name": ("apng", ".png", "rgb24"),
}


@pytest.mark.parametrize("kind", CODECS)
def test_what_cameras_phones_and_screens_write_is_read(tmp_path: Path, kind: str, capfd: pytest.CaptureFixture[str]):
    codec, suffix, pixel_format = CODECS[kind]
    if codec not in av.codecs_available:
        pytest.skip(f"this build of PyAV has no encoder {codec}")
    path = tmp_path / f"clip{suffix}"
    written = tmp_path / "clip.apng" if suffix == ".png" else path
    rate = 25 if codec == "mpeg2video" else 10
    encode(written, numbered_frames(12, 64, 96), codec=codec, pixel_format=pixel_format, rate=rate)
    written.rename(path)
    capfd.readouterr()
    demo = read_video(path)
    assert indices(demo.frames) == list(range(12))
    assert demo.frames.shape == (12, 64, 96, 3)
    assert demo.frame_rate_hz == pytest.approx(rate, rel=1e-2)
    assert capfd.readouterr() == ("", "")


def test_a_video_with_sound_is_read_as_without(tmp_path: Path):
    path = tmp_path / "clip.mp4"
    with av.open(path, "w") as container:
        picture, sound = container.add_stream("libx264", rate=10, options={"crf": "10"}), container.add_stream("aac")
        picture.height, picture.width, picture.pix_fmt = 32, 48, "yuv420p"
        for index, frame in enumerate(numbered_frames(12)):
            shown = av.VideoFrame.from_ndarray(frame, format="rgb24")
            shown.pts, shown.time_base = index, Fraction(1, 10)
            container.mux(picture.encode(shown))
            heard = av.AudioFrame.from_ndarray(np.zeros((1, 4800), np.float32), format="fltp", layout="mono")
            heard.sample_rate = 48000
            container.mux(sound.encode(heard))
        for stream in (picture, sound):
            container.mux(stream.encode(None))
    demo = read_video(path)
    assert indices(demo.frames) == list(range(12))
    assert demo.frame_rate_hz == pytest.approx(10.0)


def test_animations_of_other_programs_are_read(tmp_path: Path):
    pictures = [Image.fromarray(frame) for frame in numbered_frames(6, 31, 45)]  # odd sizes, uneven times
    for name in ("clip.gif", "clip.png"):
        pictures[0].save(
            tmp_path / name, save_all=True, append_images=pictures[1:], duration=[100, 100, 300, 100, 100, 100], loop=0
        )
        assert indices(read_video(tmp_path / name).frames) == [0, 1, 2, 2, 2, 3, 4, 5]


@pytest.mark.parametrize("suffix", [".bmp", ".jpg", ".png", ".tif", ".webp"])
def test_folders_of_images_may_hold_any_usual_kind(tmp_path: Path, suffix: str):
    folder = save_images(tmp_path / "clip", numbered_frames(6), [f"{i}{suffix}" for i in range(6)])
    assert indices(read_video(folder).frames) == list(range(6))


def test_trimming_is_the_same_for_files_and_folders(tmp_path: Path):
    write_video(tmp_path / "clip.mp4", numbered_frames(12), frame_rate_hz=10.0)
    save_images(tmp_path / "clip", numbered_frames(12), [f"{i}.png" for i in range(12)])
    for name in ("clip.mp4", "clip"):
        demo = read_video(tmp_path / name, start_s=0.3, end_s=0.9)
        assert indices(demo.frames) == [3, 4, 5, 6, 7, 8, 9]
        assert demo.frame_rate_hz == pytest.approx(10.0)


@pytest.mark.parametrize(("rate", "wanted", "expected"), [(30, 10.0, [0, 3, 6, 9, 12]), (10, 30.0, list(range(13)))])
def test_a_high_rate_is_thinned_to_the_rate_wanted_and_a_low_one_kept(
    tmp_path: Path, rate: int, wanted: float, expected: list[int]
):
    write_video(tmp_path / "clip.mp4", numbered_frames(13), frame_rate_hz=rate)
    demo = read_video(tmp_path / "clip.mp4", max_rate_hz=wanted)
    assert indices(demo.frames) == expected
    assert demo.frame_rate_hz == pytest.approx(min(rate, wanted), rel=1e-2)


def test_a_film_too_long_for_the_memory_is_thinned_evenly(tmp_path: Path):
    write_video(tmp_path / "clip.mp4", numbered_frames(13), frame_rate_hz=10.0)
    demo = read_video(tmp_path / "clip.mp4", limits=limits(max_bytes=5 * 32 * 48 * 3))
    assert indices(demo.frames) == [0, 4, 8, 12]
    assert demo.frame_rate_hz == pytest.approx(2.5)


# The peak of the process alone: what `resource` tells counts that of the parent before the start, too.
MEMORY_PROGRAM = """
import pathlib, sys
from daml.demos import read_video
demo = read_video(sys.argv[1])
peak = pathlib.Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]
print(len(demo), demo.frames.shape, int(peak) // 1024)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells the peak of the memory")
def test_a_long_film_of_a_large_camera_needs_less_than_half_a_gigabyte(tmp_path: Path):
    picture = np.zeros((2160, 3840, 3), np.uint8)
    picture[::7, ::5] = 200
    encode(tmp_path / "once.mp4", np.stack([picture] * 2), options={"movflags": "+faststart"})
    with av.open(tmp_path / "once.mp4") as source, av.open(tmp_path / "film.mp4", "w") as film:
        packets = [(bytes(packet), packet.is_keyframe) for packet in source.demux(video=0) if packet.size]
        stream = film.add_stream_from_template(source.streams.video[0])
        for number in range(240):  # more than the memory holds once decoded: the same two frames again and again
            content, is_key = packets[number % len(packets)]
            packet = av.Packet(content)
            packet.stream, packet.time_base, packet.pts, packet.dts = stream, Fraction(1, 10), number, number
            packet.is_keyframe = is_key
            film.mux(packet)
    command = [sys.executable, "-c", MEMORY_PROGRAM, str(tmp_path / "film.mp4")]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    assert int(run.stdout.split()[-1]) < 500, run.stdout


@pytest.mark.parametrize("codec", ["mpeg4", "libx264"])
def test_an_avi_without_usable_times_keeps_its_order(tmp_path: Path, codec: str):
    demo = read_video(encode(tmp_path / "clip.avi", numbered_frames(12), codec=codec))
    assert indices(demo.frames) == list(range(12))
    assert demo.frame_rate_hz == pytest.approx(10.0, rel=1e-2)


def test_mp4_is_what_browsers_play(tmp_path: Path):
    write_video(tmp_path / "clip.mp4", numbered_frames(4), frame_rate_hz=10.0)
    with av.open(tmp_path / "clip.mp4") as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.name, stream.pix_fmt) == ("h264", "yuv420p")


@pytest.mark.parametrize("suffix", [".mp4", ".webm"])
def test_odd_sizes_are_padded_by_repeating_the_edge(tmp_path: Path, suffix: str):
    write_video(tmp_path / f"clip{suffix}", numbered_frames(4, 33, 47), frame_rate_hz=10.0)
    read = read_video(tmp_path / f"clip{suffix}").frames
    assert read.shape == (4, 34, 48, 3)
    assert np.ptp(read.astype(int), axis=(1, 2, 3)).max() <= 4  # the new row and column hold the same grey


def test_a_gif_keeps_odd_sizes(tmp_path: Path):
    write_video(tmp_path / "clip.gif", numbered_frames(4, 33, 47), frame_rate_hz=10.0)
    assert read_video(tmp_path / "clip.gif").frames.shape == (4, 33, 47, 3)


def test_the_same_frames_give_the_same_file(tmp_path: Path):
    for name in ("a.mp4", "b.mp4"):
        write_video(tmp_path / name, numbered_frames(8), frame_rate_hz=10.0)
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()


# The matrix of a file maps a point (x, y) to (a x + c y, b x + d y), with rows [a b 0], [c d 0]. A red bar at the top
# (y = 0) lands where the matrix sends it: on the right for a phone held upright, whose sensor lies on its side.
ROTATIONS = {
    "portrait": ([0, 1, -1, 0], lambda frames: frames[:, :, -8:]),
    "upside down": ([-1, 0, 0, -1], lambda frames: frames[:, -8:]),
    "other portrait": ([0, -1, 1, 0], lambda frames: frames[:, :, :8]),
    "none": ([1, 0, 0, 1], lambda frames: frames[:, :8]),
}


@pytest.mark.parametrize("suffix", [".mp4", ".mov"])
@pytest.mark.parametrize("held", ROTATIONS)
def test_rotation_metadata_turns_the_frames_upright(tmp_path: Path, held: str, suffix: str):
    frames = np.full((4, 32, 64, 3), 30, np.uint8)
    frames[:, :12] = (220, 20, 20)
    (a, b, c, d), red_part = ROTATIONS[held]
    path = encode(tmp_path / f"clip{suffix}", frames)
    # The matrix stands in the file twice: once for the film, then for the track, where phones write it.
    plain, turned = (
        b"".join(struct.pack(">3i", x << 16, y << 16, 0) for x, y in rows) + struct.pack(">3i", 0, 0, 1 << 30)
        for rows in ([(1, 0), (0, 1)], [(a, b), (c, d)])
    )
    film, track, rest = path.read_bytes().split(plain)
    path.write_bytes(film + plain + track + turned + rest)
    read = read_video(path).frames
    assert read.shape == ((4, 64, 32, 3) if "portrait" in held else (4, 32, 64, 3))
    assert (red_part(read)[..., 0] > 150).all()
    assert (read[..., 0] > 150).mean() == pytest.approx(12 / 32, abs=0.05)


def test_a_grey_video_becomes_rgb(tmp_path: Path):
    read = read_video(encode(tmp_path / "clip.mp4", numbered_frames(6), pixel_format="gray")).frames
    assert np.ptp(read.astype(int), axis=3).max() <= 1
    assert (np.diff(read.mean(axis=(1, 2, 3))) > LEVELS / 2).all()  # the file does not say what its darkest grey is


def test_a_variable_frame_rate_is_put_on_an_even_grid(tmp_path: Path):
    # Seen at 0, 0.1, 0.2, 0.3 s, then nothing new until 1.0 s, as in the film of a screen.
    demo = read_video(encode(tmp_path / "clip.mp4", numbered_frames(5), ticks=[0, 1, 2, 3, 10]))
    assert demo.frame_rate_hz == pytest.approx(10.0)
    assert indices(demo.frames) == [0, 1, 2, 3, 3, 3, 3, 3, 3, 3, 4]  # the last frame seen by then


def test_a_late_start_and_rounded_times_lose_no_frame(tmp_path: Path):
    demo = read_video(encode(tmp_path / "clip.mkv", numbered_frames(12), ticks=range(7, 19)))
    assert indices(demo.frames) == list(range(12))


def test_long_sides_are_shrunk_while_decoding(tmp_path: Path):
    write_video(tmp_path / "clip.mp4", numbered_frames(4, 64, 128), frame_rate_hz=10.0)
    read = read_video(tmp_path / "clip.mp4", limits=limits(max_side=50)).frames
    assert read.shape == (4, 25, 50, 3)
    assert indices(read) == [0, 1, 2, 3]


def save_images(folder: Path, frames: Frames, names: list[str], mode: str = "RGB") -> Path:
    folder.mkdir()
    for name, frame in zip(names, frames, strict=True):
        Image.fromarray(frame).convert(mode).save(folder / name)
    return folder


@pytest.mark.parametrize("mode", ["RGB", "L", "RGBA", "P"])
def test_a_folder_of_images_is_read_in_natural_order(tmp_path: Path, mode: str):
    folder = save_images(tmp_path / "clip", numbered_frames(12), [f"view%03d {i}.png" for i in range(12)], mode)
    (folder / "notes.txt").write_text("not a picture")
    (folder / "._view0.png").write_bytes(b"left by another system")
    demo = read_video(folder, frame_rate_hz=7.0)
    assert indices(demo.frames) == list(range(12))
    assert demo.frames.shape == (12, 32, 48, 3)
    assert demo.frame_rate_hz == 7.0


def test_photographs_are_turned_upright(tmp_path: Path):
    folder = tmp_path / "clip"
    folder.mkdir()
    picture = np.full((32, 64, 3), 30, np.uint8)
    picture[:12] = (220, 20, 20)
    exif = Image.Exif()
    exif[0x0112] = 6  # orientation: the top of the stored picture is the right side of the scene
    for name in ("a.jpg", "b.JPEG"):
        Image.fromarray(picture).save(folder / name, exif=exif, quality=95)
    read = read_video(folder).frames
    assert read.shape == (2, 64, 32, 3)
    assert (read[:, :, -8:, 0] > 150).all()


def a_video(path: Path, n_frames: int = 12) -> Path:
    return encode(path, numbered_frames(n_frames))


def make_sound(path: Path) -> None:
    with av.open(path, "w") as container:
        stream = container.add_stream("aac", rate=44100)
        sound = av.AudioFrame.from_ndarray(np.zeros((1, 4096), np.float32), format="fltp", layout="mono")
        sound.sample_rate = 44100
        container.mux(stream.encode(sound))
        container.mux(stream.encode(None))


def make_cut_off(path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (20, 64, 64, 3), dtype=np.uint8)
    encode(path, noise, options={"movflags": "+faststart"})  # the index comes first and survives
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])


def make_unknown_codec(path: Path) -> None:
    a_video(path)
    path.write_bytes(path.read_bytes().replace(b"avc1", b"zzzz"))


def make_mixed_folder(path: Path) -> None:
    save_images(path, numbered_frames(2), ["1.png", "2.png"])
    Image.fromarray(numbered_frames(1, 8, 8)[0]).save(path / "3.png")


def make_broken_folder(path: Path) -> None:
    save_images(path, numbered_frames(2), ["1.png", "2.png"])
    (path / "2.png").write_bytes(b"no picture at all")


BAD_VIDEOS = {
    "empty": ("clip.mp4", lambda path: path.write_bytes(b""), "empty file; record or copy it again"),
    "garbage": ("clip.mp4", lambda path: path.write_bytes(b"garbage" * 999), "could not be decoded"),
    "garbage gif": ("clip.gif", lambda path: path.write_bytes(b"GIF89a" + bytes(50)), "could not be decoded|frame"),
    "text": ("clip.webm", lambda path: path.write_text("A video, honestly."), "could not be decoded"),
    "no index": (
        "clip.mp4",
        lambda path: path.write_bytes(a_video(path).read_bytes()[:-400]),
        "cut off after 0 frames",
    ),
    "cut off": ("clip.mp4", make_cut_off, "cut off after .* frames|could not be decoded"),
    "unknown codec": ("clip.mp4", make_unknown_codec, "no decoder for this kind of video"),
    "sound alone": ("clip.mp4", make_sound, "no video stream"),
    "one frame": ("clip.mp4", lambda path: a_video(path, 1), "1 frame.s., but at least 2"),
    "one frame gif": ("clip.gif", lambda path: write_video(path, numbered_frames(1), frame_rate_hz=5), "at least 2"),
    "unknown suffix": (
        "clip.txt",
        lambda path: path.write_text("A film"),
        "unknown kind of file; expected .3gp, .apng",
    ),
    "no suffix": ("clip", lambda path: path.write_text("A film"), "unknown kind of file"),
    "folder without images": ("clip", lambda path: path.mkdir(), "0 image.s. .* at least 2"),
    "folder of two sizes": ("clip", make_mixed_folder, "8 x 8 px, but 1.png has 48 x 32; give images of one size"),
    "folder with a broken image": ("clip", make_broken_folder, "could not be decoded"),
}


@pytest.mark.parametrize("case", BAD_VIDEOS)
def test_a_bad_video_is_refused_in_one_line_that_names_the_file(tmp_path: Path, case: str):
    name, make, match = BAD_VIDEOS[case]
    make(tmp_path / name)
    with pytest.raises(ValueError, match=match) as raised:
        read_video(tmp_path / name)
    assert str(raised.value).startswith(str(tmp_path / name))
    assert "\n" not in str(raised.value)


def test_a_missing_video_is_refused_by_name(tmp_path: Path):
    with pytest.raises(FileNotFoundError, match=r"none.mp4: no such file; expected a video"):
        read_video(tmp_path / "none.mp4")


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])  # the first states its length, the second does not
def test_a_video_that_is_too_long_is_refused(tmp_path: Path, suffix: str):
    path = a_video(tmp_path / f"clip{suffix}")
    assert len(read_video(path, limits=limits(max_frames=12))) == 12
    with pytest.raises(ValueError, match="more than 11 frames; trim it"):
        read_video(path, limits=limits(max_frames=11))


def test_a_folder_that_is_too_long_is_refused(tmp_path: Path):
    folder = save_images(tmp_path / "clip", numbered_frames(4), [f"{i}.png" for i in range(4)])
    with pytest.raises(ValueError, match="more than 3 frames; trim it"):
        read_video(folder, limits=limits(max_frames=3))


def test_a_picture_that_is_too_large_is_refused(tmp_path: Path):
    path = a_video(tmp_path / "clip.mp4")
    assert len(read_video(path, limits=limits(max_pixels=32 * 48))) == 12
    with pytest.raises(ValueError, match=r"48 x 32 px, but at most 1,535 pixels; export it smaller"):
        read_video(path, limits=limits(max_pixels=32 * 48 - 1))


def test_odd_names_are_read_as_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    a_video(tmp_path / "plain.mp4")
    for name in ("http:clip.mp4", "clip%03d.mp4", "-clip é.mp4"):
        shutil.copy("plain.mp4", name)
        assert len(read_video(name)) == 12


@pytest.mark.parametrize("name", ["clip.avi", "clip.txt", "clip"])
def test_an_unknown_suffix_is_not_written(tmp_path: Path, name: str):
    with pytest.raises(ValueError, match=r"expected one of .mp4, .webm, .gif"):
        write_video(tmp_path / name, numbered_frames(3), frame_rate_hz=10.0)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("rate", [0.0, -1.0, float("nan"), 1e9, 1e-9])
def test_an_impossible_frame_rate_is_not_written(tmp_path: Path, rate: float):
    with pytest.raises(ValueError, match=r"Hz|frames per second"):
        write_video(tmp_path / "new" / "clip.mp4", numbered_frames(3), frame_rate_hz=rate)
    assert not list(tmp_path.iterdir())


def test_a_gif_refuses_rates_that_browsers_slow_down(tmp_path: Path):
    with pytest.raises(ValueError, match=r"\.gif holds 0.01 to 50.0 Hz"):
        write_video(tmp_path / "clip.gif", numbered_frames(3), frame_rate_hz=60.0)


def test_frames_that_are_no_video_are_not_written(tmp_path: Path):
    with pytest.raises(ValueError, match=r"clip.mp4: frames: expected uint8"):
        write_video(tmp_path / "clip.mp4", numbered_frames(3) / 255, frame_rate_hz=10.0)
    assert not list(tmp_path.iterdir())


def test_writing_creates_the_folder_and_replaces_the_file_at_once(tmp_path: Path):
    path = tmp_path / "a" / "b" / "clip.mp4"
    for n_frames in (3, 5):
        write_video(path, numbered_frames(n_frames), frame_rate_hz=10.0)
        assert len(read_video(path)) == n_frames
        assert [p.name for p in path.parent.iterdir()] == ["clip.mp4"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, av.error.ExternalError(1, "no space")])
def test_a_failed_write_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
):
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"old")
    pictures = video_file._pictures

    def failing(*arguments: object) -> Iterator[av.VideoFrame]:
        yield next(pictures(*arguments))
        raise error

    monkeypatch.setattr(video_file, "_pictures", failing)
    with pytest.raises((KeyboardInterrupt, OSError)):
        write_video(path, numbered_frames(3), frame_rate_hz=10.0)
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["clip.mp4"]
