"""Turn a clip, such as the one `daml demo` writes, into a small moving picture for the README.

python scripts/shrink_to_gif.py demo.mp4 scripts/assets/demo.gif
"""
# ruff: noqa: INP001 - a script, not a module of a package

import argparse
import dataclasses

import cv2
import numpy as np

from daml.demos import read_video, write_video
from daml.demos.video.video_file import DEFAULT_LIMITS

WIDTH = 720
"""Width of the moving picture, in pixels."""


def main() -> None:
    """Read, shrink and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("video", help="clip to shrink")
    parser.add_argument("gif", help="file to write")
    options = parser.parse_args()
    clip = read_video(options.video, limits=dataclasses.replace(DEFAULT_LIMITS, max_side=WIDTH))
    height = round(clip.frames.shape[1] * WIDTH / clip.frames.shape[2])
    frames = [cv2.resize(frame, (WIDTH, height), interpolation=cv2.INTER_AREA) for frame in clip.frames[::2]]
    write_video(options.gif, np.stack(frames).astype(np.uint8), frame_rate_hz=clip.frame_rate_hz / 2)


if __name__ == "__main__":
    main()
