"""The robot: adapted to what a film shows, filmed in the film's scene before and after, and counted."""

from collections.abc import Callable, Mapping
from contextlib import closing
from itertools import count
from pathlib import Path
from shutil import make_archive
from typing import Any

import numpy as np

from daml import envs
from daml.demos import Frames, Reading, write_video
from daml.deployment.adaptation import unadapted
from daml.evaluation.episode import Actor, rollout
from daml.evaluation.evaluation import Evaluation
from daml.evaluation.evaluation_config import episode_seeds
from daml.evaluation.film_judgement import judge_film, understand
from daml.learners.methods import read_learner
from daml.progress import Observer, Progress, under_name
from daml.reporting.clips import CLIP_FRAME_RATE_HZ, side_by_side
from daml.reporting.demonstration import describe
from daml.storage.result_files import write_json
from daml.twins import Twin

ROLLOUTS = 10
"""Layouts that the robot tries."""
EVERY = 2
"""Control steps for each picture of the clip: drawing one takes seven times as long as acting."""
PRIOR = "tabletop"
SEED = 0
_FAILURES = {
    "wrong_object_rate": "took another thing",
    "wrong_container_rate": "brought it elsewhere",
    "not_completed_rate": "did not complete it",
}

Show = Callable[[Mapping[str, Any]], None]
"""Shows something before the end."""

Try = Callable[[Callable[[envs.TabletopEnv], None]], str]
"""Lets the robot act, shows each moment to what it is given, and says how it went."""


def judge_understood(
    reading: Reading,
    twin: Twin,
    folder: Path,
    *,
    observe: Observer,
    show: Show,
    step: int = 0,
    rollouts: int = ROLLOUTS,
) -> dict[str, Any]:
    """Adapt, film the robot before and after, and count how often it succeeds under new layouts.

    Args:
        reading: What was read of a film, as a person has corrected it.
        twin: The scene of the step, as a person has changed it.
        folder: Gets `robot.mp4`, `before.glb`, `after.glb`, `policy.zip` and `result.json`.
        observe: Told of the stages.
        show: Is shown the clip, and then each count.
        step: Number of the step that is done.
        rollouts: Layouts to try.

    Returns:
        The last count.
    """
    prior = read_learner(PRIOR)
    observe(Progress("adapting to what was shown", 0, 1))
    image_size = prior.config.image_size[0]
    stage = under_name("adapting to what was shown", [observe])
    understood = understand(prior, reading, step=step, twin=twin, seed=SEED, observers=stage)
    policy = understood.policy
    _, layout_seed = episode_seeds(twin.scene, seed=SEED, n=2)
    with closing(envs.TabletopEnv(twin.scene.kind, image_size=image_size)) as env:

        def tried_by(actor: Actor) -> Try:
            return lambda watch: describe(rollout(actor, env, task=twin.scene, seed=layout_seed, watch=watch).verdict)

        tries = film_tries(tried_by(unadapted(prior)), tried_by(policy), folder, observe=observe)
    shown = {"clip": True, "tries": tries, "doubts": understood.doubts}
    show({**shown, "done": 0, "total": rollouts})

    def tell(progress: Progress) -> None:
        observe(progress._replace(stage="counting how often it succeeds"))
        show({**shown, "done": progress.done, "total": progress.total, **progress.figures})

    evaluation = judge_film(understood, rollouts=rollouts, seed=SEED, provenance={"prior": PRIOR}, observers=[tell])
    policy.save_pretrained(folder / "policy")
    make_archive(str(folder / "policy"), "zip", folder / "policy")
    write_json(folder / "result.json", evaluation.to_json())
    return {**shown, **told(evaluation)}


def film_tries(before: Try, after: Try, folder: Path, *, observe: Observer) -> dict[str, str]:
    """Film what the robot does before and after adapting: `robot.mp4`, and `before.glb` and `after.glb` to turn.

    Args:
        before: Acts as before adapting, shows each moment to what it is given, and says how it went.
        after: Likewise, as after.
        folder: Gets the files.
        observe: Told of the two.

    Returns:
        How they went, by `before` and `after`.
    """
    panels: list[tuple[str, Frames]] = []
    tries: dict[str, str] = {}
    for name, act in (("before", before), ("after", after)):
        observe(Progress("filming the robot", len(panels), 2))
        frames, recording, tries[name] = _film(act)
        (folder / f"{name}.glb").write_bytes(recording.to_gltf())
        panels.append((f"{name} adapting: {tries[name]}", frames))
    write_video(folder / "robot.mp4", side_by_side(panels), frame_rate_hz=CLIP_FRAME_RATE_HZ / EVERY)
    return tries


def _film(act: Try) -> tuple[Frames, envs.SceneRecording, str]:
    """Film a try; return the frames, the same as a scene, and how it went."""
    frames: list[Frames] = []
    recording = envs.SceneRecording()
    numbers = count()

    def watch(env: envs.TabletopEnv) -> None:
        env.record(recording)
        if next(numbers) % EVERY == 0:
            frames.append(env.picture())

    words = act(watch)
    return np.stack(frames), recording, words


def told(evaluation: Evaluation) -> dict[str, Any]:
    """Return what the page says of an evaluation."""
    content = evaluation.to_json()
    n = evaluation.n_rollouts
    low, high = evaluation.interval
    return {
        "done": n,
        "total": n,
        "success_rate": evaluation.success_rate,
        "success_rate_low": low,
        "success_rate_high": high,
        "failures": {words: round(content[name] * n) for name, words in _FAILURES.items() if content[name] > 0},
        "chance_rate": evaluation.chance_rate,
        "is_complete": True,
    }
