"""Describe a table of your own in a file, film a person there, and measure how often an adapted policy succeeds.

    python scripts/examples/your_own_scene.py --output runs/scene

The folder then holds the scene file, the film, and the adapted policy. About fifteen seconds on one core.
"""
# ruff: noqa: INP001 - a script, not a module of a package

import argparse
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

import daml
from daml import demos, envs
from daml.evaluation.candidates import fixed
from daml.evaluation.evaluation import Evaluation
from daml.evaluation.evaluation_config import SceneConfig

SCENE = """\
kind = "pick-place"

[[items]]                  # the item that the person fetches
family = "cylinder"
colour = "red"
target = true

[[items]]                  # another one, so that there is a choice
family = "box"
colour = "blue"

[[containers]]             # where the item goes
family = "bowl"
colour = "yellow"
floor = "white"
target = true

[[containers]]
family = "tray"
colour = "#206020"
"""


def main(words: Sequence[str] | None = None) -> Evaluation:
    """Film in a described scene, adapt, and judge there; return what was measured."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=Path("runs/scene"), help="folder to write")
    parser.add_argument("--scene", type=Path, help="a scene file of your own, in place of the one above")
    parser.add_argument("--rollouts", type=int, default=5, help="episodes to count, each in another layout")
    options = parser.parse_args(words)
    say = Console().print
    options.output.mkdir(parents=True, exist_ok=True)

    # 1. Write the scene file and read it back. Sizes that it does not name are the middle of what the family allows.
    #    A mistake is an error that names the key: try `family = "bowel"`.
    path = options.scene or options.output / "scene.toml"
    if options.scene is None:
        path.write_text(SCENE, encoding="utf-8")
    scene = envs.read_scene(path)

    # 2. Film somebody who does the task there. This is where your own video would come in.
    frames, frame_rate_hz = envs.film_human(envs.Shot(scene, seed=1, image_size=96))
    demos.write_video(options.output / "human.mp4", frames, frame_rate_hz=frame_rate_hz)

    # 3. Adapt, and keep the policy: the folder can be copied to another machine and read there.
    prior = daml.Prior.from_pretrained("tabletop")
    policy = daml.adapt(prior, demos.HumanDemo(frames, frame_rate_hz))
    policy.save_pretrained(options.output / "policy")
    policy = daml.AdaptedPolicy.from_pretrained(options.output / "policy")

    # 4. Measure success in the same scene, in layouts that the video does not show.
    evaluation = daml.evaluate(fixed(policy), SceneConfig(scene, rollouts=options.rollouts, seed=7), image_size=96)

    # 5. A rate of a few episodes means little without its interval.
    low, high = evaluation.interval
    say(f"success in {evaluation.success_rate:.0%} of {evaluation.n_rollouts} (95 % interval: {low:.0%} to {high:.0%})")
    say(f"wrong choice {evaluation.wrong_target_rate:.0%}, not completed {evaluation.not_completed_rate:.0%}")
    return evaluation


if __name__ == "__main__":
    main()
