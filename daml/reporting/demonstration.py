"""One task told in pictures: the human video, the policy before adapting to it and after."""

from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from daml import envs
from daml.demos import Frames, HumanDemo, write_video
from daml.deployment.adaptation import unadapted
from daml.evaluation.controls import CONTROLS, FILMS
from daml.evaluation.episode import Actor
from daml.evaluation.evaluation_config import episode_seeds
from daml.learners.learner import Learner
from daml.reporting.clips import CLIP_FRAME_RATE_HZ, at_clip_rate, film_episode, film_for_people, side_by_side

LONGEST_VIDEO_S = 10.0
"""A longer human video is played faster beside the robot, whose episodes take at most 8 s, in seconds."""

_PHRASES = {
    "success": "done",
    "wrong_object": "wrong object",
    "wrong_kind": "wrong kind of task",
    "wrong_container": "wrong container",
    "not_completed": "not completed",
}

_CAPTIONS = {
    "none": "human video",
    "wrong-demo": "human video: another target",
    "shuffled-demo": "human video, shuffled",
    "reversed-demo": "human video, backwards",
    "robot-demo": "robot video",
}
"""What stands above that which a policy was shown."""


class Verdicts(NamedTuple):
    """How the two rollouts of a comparison ended."""

    before: str
    """Without the video."""
    after: str
    """After adapting to what was shown; as before when nothing was."""


def write_comparison(
    path: Path,
    prior: Learner,
    *,
    task: envs.Assignment,
    control: str,
    seed: int,
    shots: int = 1,
    shift: envs.Shift = envs.UNSHIFTED,
) -> Verdicts:
    """Write a clip of a task: what the policy was shown, the prior unadapted, the adapted policy, in one new layout.

    Args:
        path: Video file to write.
        prior: What is adapted.
        task: Task.
        control: Key of `controls.CONTROLS`: what the policy is shown; `no-demo` shows nothing.
        seed: Seed as in an evaluation, whose first rollout of the task this is.
        shots: Videos to adapt to; the first is shown.
        shift: World of videos and rollouts.

    Returns:
        The verdicts of the rollouts before and after.

    Raises:
        ValueError: The video cannot be written under that name.
        OSError: The video cannot be written.
    """
    video_seed, layout_seed = episode_seeds(task, seed=seed, n=2)
    candidate = CONTROLS[control](prior, shots=shots, shift=shift)(task, video_seed)
    panels: list[tuple[str, Frames]] = []
    if candidate.shown_slot is not None:
        shown, frame_rate_hz = film_for_people(
            task, seed=video_seed, target=candidate.shown_slot, film=FILMS[control], shift=shift
        )
        panels.append((_CAPTIONS[control], at_clip_rate(shown, frame_rate_hz)))
    with closing(envs.TabletopEnv(task.kind, image_size=prior.config.image_size[0])) as env:
        frames, before = film_episode(unadapted(prior), env, task=task, seed=layout_seed, shift=shift)
        panels.append((f"before adapting: {describe(before)}", frames))
        after = before
        if candidate.shown_slot is not None:
            frames, after = film_episode(candidate.policy, env, task=task, seed=layout_seed, shift=shift)
            panels.append((f"after adapting: {describe(after)}", frames))
    write_video(path, side_by_side(panels), frame_rate_hz=CLIP_FRAME_RATE_HZ)
    return Verdicts(before, after)


def write_performance(
    path: Path,
    policy: Actor,
    *,
    task: envs.Assignment,
    seed: int,
    image_size: int,
    video: HumanDemo | None = None,
    before: Actor | None = None,
    shift: envs.Shift = envs.UNSHIFTED,
) -> str:
    """Write a clip of one policy on a task, beside the video that it was adapted to.

    Args:
        path: Video file to write.
        policy: What acts.
        task: Task.
        seed: Seed as in an evaluation, whose first rollout of the task this is.
        image_size: Height and width of the policy's images, in pixels.
        video: What the policy was adapted to, when it is known.
        before: What it was before that, to be shown as well.
        shift: World of the rollouts.

    Returns:
        The verdict.

    Raises:
        ValueError: The video cannot be written under that name.
        OSError: The video cannot be written.
    """
    _, layout_seed = episode_seeds(task, seed=seed, n=2)
    with closing(envs.TabletopEnv(task.kind, image_size=image_size)) as env:
        films = [] if before is None else [film_episode(before, env, task=task, seed=layout_seed, shift=shift)]
        frames, verdict = film_episode(policy, env, task=task, seed=layout_seed, shift=shift)
    panels = [(f"before adapting: {describe(ended)}", film) for film, ended in films]
    panels += [(f"after adapting: {describe(verdict)}", frames)]
    if video is not None:
        if video.duration > LONGEST_VIDEO_S:
            n_frames = round(LONGEST_VIDEO_S * CLIP_FRAME_RATE_HZ)
            video = HumanDemo(video.resampled(n_frames).frames, CLIP_FRAME_RATE_HZ)
        panels.insert(0, ("human video", at_clip_rate(video.frames, video.frame_rate_hz)))
    write_video(path, side_by_side(panels), frame_rate_hz=CLIP_FRAME_RATE_HZ)
    return verdict


def describe(verdict: str) -> str:
    """Return a verdict as a person would say it."""
    return _PHRASES[verdict]
