"""A person's film told in one clip: the film with what was read, its scene, the robot before adapting and after."""

from contextlib import closing
from pathlib import Path

import numpy as np

from daml import envs
from daml.demos import Frames, HumanDemo, write_video
from daml.demos.reading.drawing import draw_steps
from daml.deployment.adaptation import unadapted
from daml.evaluation.evaluation_config import episode_seeds
from daml.evaluation.film_judgement import Understanding
from daml.learners.learner import Learner
from daml.reporting.clips import (
    BACKGROUND,
    CLIP_FRAME_RATE_HZ,
    at_clip_rate,
    film_episode,
    film_for_people,
    side_by_side,
)
from daml.reporting.demonstration import LONGEST_VIDEO_S, Verdicts, describe


def write_film_story(
    path: Path, prior: Learner, understanding: Understanding, *, film: HumanDemo, seed: int
) -> Verdicts:
    """Write a clip of what was made of a film.

    Above: the film with what was read, the scene that it shows, and, where the prior adapted to that, a simulated
    person who does the same there. Below: the robot in that scene, before adapting and after, in one new layout.

    Args:
        path: Video file to write.
        prior: What was adapted.
        understanding: What was made of the film.
        film: The film.
        seed: Seed as in an evaluation, whose first rollout this is.

    Returns:
        The verdicts of the rollouts before and after.

    Raises:
        ValueError: The video cannot be written under that name.
        OSError: The video cannot be written.
    """
    twin = understanding.twin
    _, layout_seed = episode_seeds(twin.scene, seed=seed, n=2)
    if film.duration > LONGEST_VIDEO_S:
        film = HumanDemo(film.resampled(round(LONGEST_VIDEO_S * CLIP_FRAME_RATE_HZ)).frames, CLIP_FRAME_RATE_HZ)
    shown = at_clip_rate(film.frames, film.frame_rate_hz)
    read = np.stack([draw_steps(frame, understanding.reading) for frame in shown])
    above = [("the film, and what was read", read), ("the scene that it shows", twin.render()[None])]
    if understanding.retold_seed is not None:
        retold, frame_rate_hz = film_for_people(twin.scene, seed=understanding.retold_seed)
        above.append(("what the prior adapts to", at_clip_rate(retold, frame_rate_hz)))
    below: list[tuple[str, Frames]] = []
    verdicts: list[str] = []
    with closing(envs.TabletopEnv(twin.scene.kind, image_size=prior.config.image_size[0])) as env:
        for name, policy in (("before adapting", unadapted(prior)), ("after adapting", understanding.policy)):
            frames, verdict = film_episode(policy, env, task=twin.scene, seed=layout_seed)
            below.append((f"{name}: {describe(verdict)}", frames))
            verdicts.append(verdict)
    write_video(path, _stacked(side_by_side(above), side_by_side(below)), frame_rate_hz=CLIP_FRAME_RATE_HZ)
    return Verdicts(*verdicts)


def _stacked(above: Frames, below: Frames) -> Frames:
    """Set two clips above each other, in the middle; the shorter one keeps its last frame."""
    n_frames, width = max(len(above), len(below)), max(above.shape[2], below.shape[2])
    rows: list[Frames] = []
    for clip in (above, below):
        margin = width - clip.shape[2]
        row = np.empty((n_frames, clip.shape[1], width, 3), np.uint8)
        row[:] = BACKGROUND
        row[: len(clip), :, margin // 2 : margin // 2 + clip.shape[2]] = clip
        row[len(clip) :] = row[len(clip) - 1]
        rows.append(row)
    return np.concatenate(rows, axis=1)
