"""Clips for people: what the human did, and what a policy did before and after, side by side."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from daml import envs
from daml.collection.films import Film, film_human
from daml.demos import Frames
from daml.evaluation.episode import Actor, rollout

HEIGHT = 480
"""Height of every panel, in pixels."""

HUMAN_VIEW = 480
"""Height and width at which the human is filmed for people, in pixels."""

CAPTION_HEIGHT = 44
"""Height of the strip that a caption stands in, in pixels."""

CLIP_FRAME_RATE_HZ = 10.0
"""Frames per second of a clip: the robot's control rate, so that robots move in real time."""

_ROUNDING = 1e-6
"""Share of a frame by which a product of rates may miss a whole number."""

_FONT = cv2.FONT_HERSHEY_DUPLEX
_INK = (245, 245, 245)
BACKGROUND = (28, 30, 34)
"""Behind captions, and where there is no picture."""


def film_episode(
    policy: Actor,
    env: envs.TabletopEnv,
    *,
    task: envs.Assignment,
    seed: int,
    shift: envs.Shift = envs.UNSHIFTED,
) -> tuple[Frames, str]:
    """Run a policy and film it for people.

    Args:
        policy: What acts.
        env: Environment to act in.
        task: What it should do.
        seed: Episode seed.
        shift: How the world differs from that of training.

    Returns:
        Frames, `(T, 480, 640, 3)`, and the verdict.
    """
    frames: list[NDArray[np.uint8]] = []

    def watch(env: envs.TabletopEnv) -> None:
        frames.append(env.picture())

    episode = rollout(policy, env, task=task, seed=seed, shift=shift, watch=watch)
    return np.stack(frames), episode.verdict


def film_for_people(
    task: envs.Assignment,
    *,
    seed: int,
    target: int | None = None,
    film: Film = film_human,
    shift: envs.Shift = envs.UNSHIFTED,
) -> tuple[Frames, float]:
    """Film what the policy is shown, as a person would want to see it.

    Args:
        task: What is done.
        seed: Seed of the film: the same one gives the same film at the policy's resolution.
        target: Slot of another target that is chosen.
        film: What is filmed, and how.
        shift: How the world, the human and the film differ from those of training.

    Returns:
        Frames, `(T, HUMAN_VIEW, HUMAN_VIEW, 3)`, and their rate in Hz.
    """
    demo = film(envs.Shot(task, seed, HUMAN_VIEW, target, quality=envs.PERSON_QUALITY, shift=shift))
    return demo.frames, demo.frame_rate_hz


def side_by_side(panels: Sequence[tuple[str, Frames]]) -> Frames:
    """Set clips beside each other under captions; one that is over keeps its last frame.

    Args:
        panels: Caption and frames `(T, H, W, 3)` of each clip, at one frame rate.

    Returns:
        Frames, `(T, CAPTION_HEIGHT + HEIGHT, W, 3)`.

    Raises:
        ValueError: There are no clips.
    """
    if not panels:
        raise ValueError("panels: expected at least one clip, got none")
    n_frames = max(len(frames) for _, frames in panels)
    columns = [_captioned(caption, frames, n_frames) for caption, frames in panels]
    return np.concatenate(columns, axis=2)


def at_clip_rate(frames: Frames, frame_rate_hz: float) -> Frames:
    """Choose frames so that a film of another rate plays in real time at `CLIP_FRAME_RATE_HZ`.

    Args:
        frames: The film, `(T, H, W, 3)`.
        frame_rate_hz: Its rate.

    Returns:
        The frames to show, from the first on; some twice or left out.
    """
    speed = frame_rate_hz / CLIP_FRAME_RATE_HZ
    n_shown = max(1, round(len(frames) / speed))
    return frames[np.minimum(np.floor(np.arange(n_shown) * speed + _ROUNDING).astype(int), len(frames) - 1)]


def _captioned(caption: str, frames: Frames, n_frames: int) -> Frames:
    width = round(frames.shape[2] * HEIGHT / frames.shape[1])
    strip = np.full((CAPTION_HEIGHT, width, 3), BACKGROUND, np.uint8)
    cv2.putText(strip, caption, (14, CAPTION_HEIGHT - 15), _FONT, 0.62, _INK, 1, cv2.LINE_AA)
    resized = [
        np.asarray(cv2.resize(frame, (width, HEIGHT), interpolation=cv2.INTER_AREA), np.uint8) for frame in frames
    ]
    shown = [np.concatenate([strip, frame]) for frame in resized]
    return np.stack(shown + [shown[-1]] * (n_frames - len(shown)))
