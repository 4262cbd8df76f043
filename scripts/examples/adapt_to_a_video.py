"""Adapt a policy to one human video, and watch it act: the whole method in five steps.

    python scripts/examples/adapt_to_a_video.py --output runs/adapted.mp4

A simulated person is filmed here. With a film of your own, leave out step 1. About fifteen seconds on one core.
"""
# ruff: noqa: INP001 - a script, not a module of a package

import argparse
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
from rich.console import Console

import daml
from daml import demos, envs


def main(words: Sequence[str] | None = None) -> dict[str, str]:
    """Film, adapt, act before and after; return how both episodes ended."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=Path("runs/adapted.mp4"), help="clip to write")
    parser.add_argument("--kind", choices=envs.KINDS, default="place", help="kind of task")
    parser.add_argument("--index", type=int, default=0, help="number of the test task")
    options = parser.parse_args(words)
    say = Console().print
    options.output.parent.mkdir(parents=True, exist_ok=True)

    # 1. Film a person doing a task. A task says which objects lie on the table and which of them is the target; those
    #    of the split "test" were never seen in training. The seed draws layout, camera, light, hand and movement.
    task = envs.Task(options.kind, "test", options.index)
    frames, frame_rate_hz = envs.film_human(envs.Shot(task, seed=1, image_size=192))
    film = options.output.with_name("human.mp4")
    demos.write_video(film, frames, frame_rate_hz=frame_rate_hz)

    # 2. Read the video, as any other: a phone's, a webcam's, or a folder of images.
    demo = demos.read_video(film)
    say(f"{film}: {len(demo)} frames at {demo.frame_rate_hz:g} Hz")

    # 3. Load the prior that is part of the package, and adapt it: one gradient step on the learned temporal loss.
    prior = daml.Prior.from_pretrained("tabletop")
    policies = {"before adapting": daml.unadapted(prior), "after adapting": daml.adapt(prior, demo)}

    # 4. Let both act in the same episode. Its seed draws another layout and another camera than those of the film. The
    #    environment keeps the verdict to itself until the end; the policies see images and the robot's state alone.
    verdicts: dict[str, str] = {}
    pictures: list[np.ndarray] = []
    with closing(envs.TabletopEnv(task.kind)) as env:
        for name, policy in policies.items():
            episode = daml.rollout(policy, env, task=task, seed=2, watch=lambda env: pictures.append(env.picture()))
            verdicts[name] = episode.verdict
            say(f"{name}: {episode.verdict}")

    # 5. Write what a person beside the table would have seen, one episode after the other.
    demos.write_video(options.output, np.stack(pictures), frame_rate_hz=env.metadata["render_fps"])
    say(f"watch {options.output}")
    return verdicts


if __name__ == "__main__":
    main()
