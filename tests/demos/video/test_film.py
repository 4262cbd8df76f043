from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.stream import Disposition
from PIL import Image

from daml.demos import read_video
from daml.demos.video.film import opened_film
from daml.demos.video.video_file import DEFAULT_LIMITS


def write_streams(
    path: Path, sizes: Sequence[tuple[int, int]], marks: Sequence[Disposition], *, aspect: Fraction | None = None
) -> Path:
    """Write films of several sizes (width, height) into one file; the shade of each is its place."""
    with av.open(path, "w") as container:
        streams = []
        for (width, height), mark in zip(sizes, marks, strict=True):
            stream = container.add_stream("libx264", rate=10, options={"bf": "0"})
            stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
            if aspect is not None:
                stream.codec_context.sample_aspect_ratio = aspect
            stream.disposition = mark
            streams.append(stream)
        for number in range(6):
            for place, stream in enumerate(streams):
                shade = np.full((stream.height, stream.width, 3), 50 + 40 * place, np.uint8)
                picture = av.VideoFrame.from_ndarray(shade, format="rgb24")
                picture.pts, picture.time_base = number, Fraction(1, 10)
                container.mux(stream.encode(picture))
        for stream in streams:
            container.mux(stream.encode(None))
    return path


@pytest.mark.parametrize("suffix", [".mkv", ".mp4"])
def test_of_several_films_the_one_marked_as_default_is_shown(tmp_path: Path, suffix: str):
    marks = [Disposition(0), Disposition.default]
    path = write_streams(tmp_path / f"clip{suffix}", [(64, 48), (32, 48)], marks)
    assert read_video(path).frames.shape == (6, 48, 32, 3)


def test_a_cover_is_no_film(tmp_path: Path):
    write_streams(tmp_path / "film.mp4", [(64, 48)], [Disposition.default])
    Image.new("RGB", (200, 200), "red").save(tmp_path / "cover.png")
    with (
        av.open(tmp_path / "film.mp4") as film,
        av.open(tmp_path / "cover.png") as cover,
        av.open(tmp_path / "clip.mp4", "w") as container,
    ):
        front = container.add_stream_from_template(cover.streams.video[0])
        front.disposition = Disposition.attached_pic
        stream = container.add_stream_from_template(film.streams.video[0])
        for source, target in ((cover, front), (film, stream)):
            for packet in source.demux(video=0):
                if packet.size:
                    packet.stream = target
                    container.mux(packet)
    demo = read_video(tmp_path / "clip.mp4")
    assert demo.frames.shape == (6, 48, 64, 3)
    assert demo.frames[..., 1].min() > 30


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".avi"])
@pytest.mark.parametrize(
    ("aspect", "shape"), [(Fraction(2), (48, 128)), (Fraction(1, 2), (96, 64)), (Fraction(64, 45), (48, 91))]
)
def test_pixels_that_are_not_square_are_stretched_as_a_player_does(
    tmp_path: Path, suffix: str, aspect: Fraction, shape: tuple[int, int]
):
    path = write_streams(tmp_path / f"clip{suffix}", [(64, 48)], [Disposition.default], aspect=aspect)
    assert read_video(path).frames.shape[1:3] == shape


def test_pixels_of_no_sensible_shape_are_taken_for_square(tmp_path: Path):
    path = write_streams(tmp_path / "clip.mkv", [(64, 48)], [Disposition.default], aspect=Fraction(1, 200))
    assert read_video(path).frames.shape[1:3] == (48, 64)


@pytest.mark.parametrize("suffix", [".avi", ".mkv", ".gif"])
def test_a_title_in_any_encoding_does_no_harm(tmp_path: Path, suffix: str):
    path = tmp_path / f"clip{suffix}"
    title = b"K\xfcchet\xf6!!"
    if suffix == ".gif":
        pictures = [Image.new("RGB", (32, 32), (0, 60 * n, 0)) for n in range(4)]
        pictures[0].save(path, save_all=True, append_images=pictures[1:], duration=100, comment=title)
    else:
        with av.open(path, "w") as container:
            container.metadata["title"] = "PLACEHOLD"
            stream = container.add_stream("mpeg4", rate=10)
            stream.height, stream.width, stream.pix_fmt = 32, 32, "yuv420p"
            for shade in (0, 60, 120, 180):
                picture = av.VideoFrame.from_ndarray(np.full((32, 32, 3), shade, np.uint8), format="rgb24")
                container.mux(stream.encode(picture))
            container.mux(stream.encode(None))
        path.write_bytes(path.read_bytes().replace(b"PLACEHOLD", title))
    assert len(read_video(path)) == 4


def test_stamps_tell_when_each_frame_is_shown(tmp_path: Path):
    path = write_streams(tmp_path / "clip.mp4", [(64, 48)], [Disposition.default])
    with opened_film(path, limits=DEFAULT_LIMITS) as film:
        assert film.stamps() == pytest.approx([0.0, 0.1, 0.2, 0.3, 0.4, 0.5])
    with opened_film(path, limits=DEFAULT_LIMITS) as film:
        assert [frame.time for frame in film.frames()] == pytest.approx([0.0, 0.1, 0.2, 0.3, 0.4, 0.5])
        assert film.n_frames == 6
