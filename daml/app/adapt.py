"""`daml adapt`: from one human video to a policy."""

import dataclasses
import math
from pathlib import Path

from daml.app.videos.excerpt import Excerpt
from daml.app.videos.imitation import imitate, show_understanding
from daml.app.videos.sidecars import read_video_task
from daml.demos import Fit
from daml.evaluation.film_judgement import AdaptOn
from daml.learners.methods import read_learner
from daml.storage.saved_folder import check_writable
from daml.terminal.console import say


def adapt(
    *,
    video: Path,
    output: Path,
    prior: str = "tabletop",
    adapt_on: AdaptOn = "retold",
    step: int = 1,
    start: float = 0.0,
    end: float = math.inf,
    fit: Fit = "crop",
) -> None:
    """Adapt a prior to one video of a human and write the policy.

    A film of a real person is read first, as `daml inspect` does, and its scene is built, as `daml twin` does. What was
    read is drawn into OUTPUT.png, with what the policy takes for item and destination; the scene is written to
    OUTPUT.scene.toml. A video that cannot be read, or is simulated, is adapted to as it is.

    Args:
        video: Video file (mp4, mov, webm, mkv, avi, gif, animated png and more) or folder of images.
        output: Folder of the adapted policy, for `daml evaluate-policy`.
        prior: Name of a shipped prior, or a folder written by `daml train`.
        adapt_on: retold: a simulated person does in the film's scene what the real one did, and the prior adapts to
            that; raw: the prior adapts to the film itself, of which it sees the workspace and the hand that acts.
        step: Number of the step that is imitated, where the film shows several.
        start: Second of the video at which the demonstration begins.
        end: Second of the video at which the demonstration ends.
        fit: How pictures of a video that is not read are brought to the prior's aspect ratio: crop keeps the centre,
            pad keeps everything.
    """
    check_writable(output)
    loaded = read_learner(prior)
    excerpt = Excerpt(start, end, fit)
    imitation = imitate(loaded, video, excerpt=excerpt, adapt_on=adapt_on, step=step)
    policy, understanding = imitation.policy, imitation.understanding
    task = read_video_task(video)
    provenance = {**policy.config.provenance, "prior": prior, "video": str(video), "task": task}
    provenance |= excerpt.provenance()
    if understanding is not None:
        provenance["understood"] = understanding.to_json()
    policy.config = dataclasses.replace(policy.config, provenance=provenance)
    policy.save_pretrained(output)
    shown = "a video of unknown origin" if task is None else f"a video of task {task}"
    milliseconds = imitation.adapt_ms
    say(f"{output}: adapted to {video} ({len(imitation.film)} frames, {shown}) in {milliseconds:.0f} ms")
    if understanding is not None:
        show_understanding(understanding, picture=output.with_name(f"{output.name}.png"))
        scene = output.with_name(f"{output.name}.scene.toml")
        understanding.twin.write(scene)
        say(f"the scene that it shows: {scene}")
