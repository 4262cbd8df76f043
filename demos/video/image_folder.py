"""A folder of images, read as a film of one rate."""

import re
from pathlib import Path

from daml.demos.demo import MIN_FRAMES, HumanDemo, check_frame_rate
from daml.demos.disk import read_file
from daml.demos.video.decoding import decode_image
from daml.demos.video.limits import Limits, Meter, Stretch
from daml.demos.video.thinning import ThinnedClip

IMAGE_SUFFIXES = (".bmp", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp")

_LARGEST_IMAGE_FILE = 100_000_000
"""Above what the largest picture takes in any format, alpha and 16 bits included; an image is in memory as a whole."""
_SLACK_S = 1e-6
"""The times of images are quotients: without slack a rounding error would drop one."""


def read_image_folder(folder: Path, *, limits: Limits, stretch: Stretch, frame_rate_hz: float) -> HumanDemo:
    """Read the images of a folder in natural order: `2.png` before `10.png`.

    Args:
        folder: The folder; what are no images is passed over.
        limits: How much is read at most.
        stretch: What is wanted of it.
        frame_rate_hz: Images per second.

    Returns:
        The demonstration.

    Raises:
        OSError: An image may not be read.
        ValueError: There are fewer than 2 images, or too many; one is corrupt, too large, or of another size.
    """
    check_frame_rate(frame_rate_hz, name=f"{folder}: frame_rate_hz")
    paths = sorted(
        (
            p
            for p in folder.iterdir()
            if p.suffix.lower() in IMAGE_SUFFIXES and not p.name.startswith(".") and p.is_file()
        ),
        key=lambda p: [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", p.name)],
    )
    limits.check_n_frames(len(paths), path=folder)
    times = [number / frame_rate_hz for number in range(len(paths))]
    wanted = [n for n, time in enumerate(times) if stretch.start_s - _SLACK_S <= time <= stretch.end_s + _SLACK_S]
    if len(wanted) < MIN_FRAMES:
        raise ValueError(
            f"{folder}: {len(wanted)} image(s) ({', '.join(IMAGE_SUFFIXES)}), but at least {MIN_FRAMES} are needed"
        )
    meter = Meter(limits, path=folder, n_bytes=sum(path.stat().st_size for path in paths))
    kept = ThinnedClip(max_bytes=limits.max_bytes, max_rate_hz=stretch.max_rate_hz)
    for number in wanted:
        if kept.wants(times[number], number):
            content = read_file(paths[number], largest=_LARGEST_IMAGE_FILE)
            picture = decode_image(content, path=paths[number], limits=limits, meter=meter)
            if kept.times and picture.shape != kept.frames[0].shape:
                (height, width), (first_height, first_width) = picture.shape[:2], kept.frames[0].shape[:2]
                raise ValueError(
                    f"{paths[number]}: {width} x {height} px, but {paths[wanted[0]].name} has {first_width} x "
                    f"{first_height}; give images of one size"
                )
            kept.add(picture, time=times[number], number=number)
    if len(kept.times) < MIN_FRAMES:
        raise ValueError(f"{folder}: 1 image at {stretch.max_rate_hz} Hz, but at least {MIN_FRAMES} are needed")
    return HumanDemo(*kept.gathered())
