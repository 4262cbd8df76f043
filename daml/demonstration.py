"""One task told in pictures: the human video, the policy before adapting to it and after."""

from pathlib import Path
from typing import NamedTuple

import envs
from daml.adaptation import unadapted
from daml.clips import CLIP_FRAME_RATE_HZ, at_clip_rate, film_episode, film_human_for_people, side_by_side
from daml.evaluation import CONTROLS, episode_seeds
from daml.prior import Prior
from demos import write_video


class Verdicts(NamedTuple):
    """How the two rollouts of a comparison ended."""

    before: str
    after: str


def write_comparison(path: Path, prior: Prior, task: envs.Task, *, control: str, seed: int) -> Verdicts:
    """Write a clip of a task: the human, the prior unadapted, the adapted policy, in one new layout.

    Args:
        path: Video file to write.
        prior: What is adapted.
        task: Task.
        control: Key of `evaluation.CONTROLS`: what the policy is shown.
        seed: Seed as in an evaluation, whose first rollout of the task this is.

    Returns:
        The verdicts of the rollouts before and after.
    """
    video_seed, layout_seed = episode_seeds(task, seed=seed, n=2)
    candidate = CONTROLS[control](prior)(task, video_seed)
    human, frame_rate_hz = film_human_for_people(task, seed=video_seed, target=candidate.shown_slot)
    env = envs.TabletopEnv(task.kind, image_size=prior.config.image_size[0], render_mode="rgb_array")
    before, verdict_before = film_episode(unadapted(prior), env, task=task, seed=layout_seed)
    after, verdict_after = film_episode(candidate.policy, env, task=task, seed=layout_seed)
    env.close()
    panels = [
        ("human video", at_clip_rate(human, frame_rate_hz)),
        (f"before: {describe(verdict_before)}", before),
        (f"after: {describe(verdict_after)}", after),
    ]
    write_video(path, side_by_side(panels), frame_rate_hz=CLIP_FRAME_RATE_HZ)
    return Verdicts(verdict_before, verdict_after)


def describe(verdict: str) -> str:
    """Return a verdict as a person would say it."""
    return {"success": "done", "wrong_target": "wrong target", "not_completed": "not completed"}[verdict]
