"""`daml adapt`: from one human video to a policy."""

import dataclasses
import time
from pathlib import Path

from daml.adaptation import adapt as adapt_prior
from daml.app.console import say
from daml.prior import Prior
from daml.result_files import read_video_task
from daml.saved_folder import check_writable
from daml.shipped import find_prior
from demos import read_video


def adapt(*, video: Path, output: Path, prior: str = "tabletop") -> None:
    """Adapt a prior to one video of a human and write the policy.

    Args:
        video: Video file (mp4, webm, mov, avi, gif) or folder of images.
        output: Folder of the adapted policy, for `daml evaluate --policy`.
        prior: Name of a shipped prior, or a folder written by `daml train`.
    """
    check_writable(output)
    loaded = Prior.from_pretrained(find_prior(prior))
    demo = read_video(video)
    began = time.perf_counter()
    try:
        policy = adapt_prior(loaded, demo)
    except ValueError as error:
        raise ValueError(f"{video}: {error}") from error
    milliseconds = 1000 * (time.perf_counter() - began)
    task = read_video_task(video)
    provenance = {**policy.config.provenance, "prior": prior, "video": str(video), "task": task}
    policy.config = dataclasses.replace(policy.config, provenance=provenance)
    policy.save_pretrained(output)
    shown = "a video of unknown origin" if task is None else f"a video of task {task}"
    say(f"{output}: adapted to {video} ({len(demo)} frames, {shown}) in {milliseconds:.0f} ms")
