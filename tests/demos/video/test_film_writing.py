"""Laws of films that are written."""

import resource
from pathlib import Path

import av
import numpy as np
import pytest

from daml.demos.video.film_writing import new_film


def write(path: Path) -> None:
    frames = np.random.default_rng(0).integers(0, 256, (6, 32, 32, 3), dtype=np.uint8)
    with new_film(path) as container:
        stream = container.add_stream("libx264", rate=10)
        stream.height, stream.width, stream.pix_fmt = 32, 32, "yuv420p"
        for frame in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        container.mux(stream.encode(None))


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".mov"])
def test_a_film_is_as_ffmpeg_itself_would_write_it(suffix: str, tmp_path: Path):
    write(tmp_path / f"a{suffix}")
    with av.open(tmp_path / f"a{suffix}") as container:
        assert suffix[1:].replace("mkv", "matroska") in container.format.name
        assert len(list(container.decode(video=0))) == 6


@pytest.mark.parametrize("missing", [1, 2, 40, 1000, None])
def test_a_film_that_the_disk_does_not_take_to_its_last_byte_is_an_error(
    missing: int | None, tmp_path: Path, capfd: pytest.CaptureFixture[str]
):
    write(tmp_path / "whole.mp4")
    whole = (tmp_path / "whole.mp4").stat().st_size
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0 if missing is None else whole - missing, hard))
    try:
        with pytest.raises(OSError, match="File too large"):
            write(tmp_path / "cut.mp4")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert capfd.readouterr().err == ""  # PyAV tells of errors that it drops
