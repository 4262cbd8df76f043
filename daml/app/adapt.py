"""`daml adapt`: from one human video to a policy."""

import dataclasses
import time
from pathlib import Path

from daml.adaptation import adapt as adapt_prior
from daml.app.console import console
from daml.prior import Prior
from daml.result_files import read_video_task
from daml.shipped import find_prior
from demos import read_video


def adapt(*, video: Path, output: Path, prior: str = "place") -> None:
    """Adapt a prior to one video of a human and write the policy.

    Args:
        video: Video file (mp4, webm, mov, avi, gif) or folder of images.
        output: Folder of the adapted policy, for `daml evaluate --policy`.
        prior: Name of a shipped prior, or a folder written by `daml train`.
    """
    demo = read_video(video)
    loaded = Prior.from_pretrained(find_prior(prior))
    began = time.perf_counter()
    try:
        policy = adapt_prior(loaded, demo)
    except ValueError as error:
        raise ValueError(f"{video}: {error}") from error
    milliseconds = 1000 * (time.perf_counter() - began)
    provenance = {**policy.config.provenance, "video": str(video), "task": read_video_task(video)}
    policy.config = dataclasses.replace(policy.config, provenance=provenance)
    policy.save_pretrained(output)
    console.print(f"{output}: adapted to {video} ({len(demo.frames)} frames) in {milliseconds:.0f} ms")
