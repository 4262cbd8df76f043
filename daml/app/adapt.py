"""`daml adapt`: from one human video to a policy."""

import dataclasses
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from daml import envs
from daml.app.sidecars import read_video_task
from daml.demos import Fit, HumanDemo, read_video
from daml.demos.quality import LONGEST_S
from daml.deployment.adaptation import adapt as adapt_prior
from daml.deployment.adapted_policy import AdaptedPolicy
from daml.learners.learner import Learner
from daml.learners.methods import read_learner
from daml.storage.saved_folder import check_writable
from daml.terminal.console import say


@dataclass(frozen=True)
class Reading:
    """What of a video is adapted to."""

    start: float = 0.0
    """Second at which the demonstration begins."""
    end: float = math.inf
    """Second at which it ends."""
    fit: Fit = "crop"
    """How pictures are brought to another aspect ratio."""

    def of(self, video: Path) -> HumanDemo:
        """Read that part of a video, at its own size.

        Raises:
            ValueError: It is no video, or has no such part.
            OSError: It cannot be opened.
        """
        # Priors learn from films of this rate; more frames would hold smaller movements.
        seen = read_video(video, start_s=self.start, end_s=self.end, max_rate_hz=envs.HUMAN_FRAME_RATE_HZ)
        if seen.duration > LONGEST_S:
            say(f"{video}: {seen.duration:.0f} s are long for one demonstration; cut it out with --start and --end")
        return seen

    def provenance(self) -> dict[str, Any]:
        """Return what JSON holds of it."""
        return {"start_s": self.start, "end_s": None if math.isinf(self.end) else self.end, "fit": self.fit}

    @classmethod
    def from_provenance(cls, content: Mapping[str, Any]) -> "Reading":
        """Return what `provenance` has described; the whole video where it says nothing."""
        end = content.get("end_s")
        return cls(content.get("start_s") or 0.0, math.inf if end is None else end, content.get("fit") or "crop")


def adapt(
    *,
    video: Path,
    output: Path,
    prior: str = "tabletop",
    start: float = 0.0,
    end: float = math.inf,
    fit: Fit = "crop",
) -> None:
    """Adapt a prior to one video of a human and write the policy.

    Args:
        video: Video file (mp4, mov, webm, mkv, avi, gif, animated png and more) or folder of images.
        output: Folder of the adapted policy, for `daml evaluate-policy`.
        prior: Name of a shipped prior, or a folder written by `daml train`.
        start: Second of the video at which the demonstration begins; its first frame should show no hand.
        end: Second of the video at which the demonstration ends.
        fit: How pictures are brought to the prior's aspect ratio: crop keeps the centre, pad keeps everything.
    """
    check_writable(output)
    loaded = read_learner(prior)
    reading = Reading(start, end, fit)
    demo = reading.of(video)
    policy, milliseconds = adapt_to_video(loaded, demo, video=video, fit=fit)
    task = read_video_task(video)
    provenance = {**policy.config.provenance, "prior": prior, "video": str(video), "task": task}
    provenance |= reading.provenance()
    policy.config = dataclasses.replace(policy.config, provenance=provenance)
    policy.save_pretrained(output)
    shown = "a video of unknown origin" if task is None else f"a video of task {task}"
    say(f"{output}: adapted to {video} ({len(demo)} frames, {shown}) in {milliseconds:.0f} ms")


def adapt_to_video(prior: Learner, seen: HumanDemo, *, video: Path, fit: Fit) -> tuple[AdaptedPolicy, float]:
    """Adapt to what was read of a video; return the policy and the time that it took, in milliseconds.

    Raises:
        ValueError: The prior cannot be adapted to it; the error names the video.
    """
    demo = seen.resized(*prior.config.image_size, fit=fit)
    began = time.perf_counter()
    try:
        policy = adapt_prior(prior, demo)
    except ValueError as error:
        raise ValueError(f"{video}: {error}") from error
    return policy, 1000 * (time.perf_counter() - began)
