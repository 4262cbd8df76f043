"""`daml adapt`: from one human video to a policy."""

import dataclasses
import math
import time
from pathlib import Path

from daml.app.videos.excerpt import Excerpt
from daml.app.videos.sidecars import read_video_task
from daml.demos import Fit, HumanDemo, Reading, draw_reading, write_picture
from daml.deployment.adaptation import adapt as adapt_prior
from daml.deployment.adapted_policy import AdaptedPolicy
from daml.deployment.belief import believe, doubts
from daml.deployment.guided_demo import guide
from daml.learners.learner import Learner
from daml.learners.methods import read_learner
from daml.storage.saved_folder import check_writable
from daml.terminal.console import say


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

    A film of a real person is read first, as `daml inspect` does. The prior then looks at what was read: the workspace,
    without hands in the first frame, and the hand that acts. The reading is drawn into OUTPUT.png, with what the policy
    takes for item and destination.

    Args:
        video: Video file (mp4, mov, webm, mkv, avi, gif, animated png and more) or folder of images.
        output: Folder of the adapted policy, for `daml evaluate-policy`.
        prior: Name of a shipped prior, or a folder written by `daml train`.
        start: Second of the video at which the demonstration begins.
        end: Second of the video at which the demonstration ends.
        fit: How pictures of a video that is not read are brought to the prior's aspect ratio: crop keeps the centre,
            pad keeps everything.
    """
    check_writable(output)
    loaded = read_learner(prior)
    excerpt = Excerpt(start, end, fit)
    film = excerpt.of(video)
    reading = excerpt.read_if_possible(video)
    policy, milliseconds = adapt_to_video(loaded, film, video=video, excerpt=excerpt, reading=reading)
    task = read_video_task(video)
    provenance = {**policy.config.provenance, "prior": prior, "video": str(video), "task": task}
    provenance |= excerpt.provenance()
    policy.config = dataclasses.replace(policy.config, provenance=provenance)
    policy.save_pretrained(output)
    shown = "a video of unknown origin" if task is None else f"a video of task {task}"
    say(f"{output}: adapted to {video} ({len(film)} frames, {shown}) in {milliseconds:.0f} ms")
    if reading is not None:
        show_belief(policy, reading, picture=output.with_name(f"{output.name}.png"))


def adapt_to_video(
    prior: Learner, film: HumanDemo, *, video: Path, excerpt: Excerpt, reading: Reading | None = None
) -> tuple[AdaptedPolicy, float]:
    """Adapt to what was decoded of a video; return the policy and the time that it took, in milliseconds.

    Args:
        prior: What is adapted.
        film: The excerpt, decoded.
        video: Where it comes from, for errors.
        excerpt: Which part of the video it is, and how its pictures are to be fitted.
        reading: What was read of it, if it was.

    Raises:
        ValueError: The prior cannot be adapted to it; the error names the video.
    """
    size = prior.config.image_size
    try:
        shown = (
            film.resized(*size, fit=excerpt.fit)
            if reading is None
            else guide(film, reading, size=size, start_s=excerpt.start)
        )
        began = time.perf_counter()
        policy = adapt_prior(prior, shown)
    except ValueError as error:
        raise ValueError(f"{video}: {error}") from error
    return policy, 1000 * (time.perf_counter() - began)


def show_belief(policy: AdaptedPolicy, reading: Reading, *, picture: Path) -> None:
    """Draw a reading with what a policy takes for item and destination, and warn where the two differ."""
    belief = believe(policy, reading.clean_first_frame, crop=reading.crop, kind=reading.steps[0].kind)
    write_picture(picture, draw_reading(reading, believed=belief.places()))
    say(f"what was read, and what the policy believes: {picture}")
    for name in doubts(belief, reading):
        (x, y), (read_x, read_y) = belief.places()[name], getattr(reading.steps[0], name)
        say(
            f"warning: the policy takes what is at ({x:.2f}, {y:.2f}) for the {name}, but the film shows the one at "
            f"({read_x:.2f}, {read_y:.2f})"
        )
