"""The robot does all steps of a film one after another: filmed before and after adapting, and counted."""

from contextlib import closing
from pathlib import Path
from shutil import make_archive
from typing import Any

from daml import envs
from daml.chains.chain import ChainedStep, run_chain
from daml.chains.chain_evaluation import ChainEvaluation
from daml.chains.film_chain import judge_steps, understand_steps
from daml.demos import Reading
from daml.deployment.adaptation import unadapted
from daml.deployment.adapted_policy import AdaptedPolicy
from daml.evaluation.evaluation_config import episode_seeds
from daml.learners.methods import read_learner
from daml.page.robot import PRIOR, SEED, Show, Try, film_tries
from daml.progress import Observer, Progress, under_name
from daml.reporting.demonstration import describe
from daml.storage.result_files import write_json
from daml.twins import Twin


def judge_all(
    reading: Reading, twin: Twin, folder: Path, *, observe: Observer, show: Show, rollouts: int
) -> dict[str, Any]:
    """Adapt to each step, film the robot before and after, and count how often it does all of them.

    Args:
        reading: What was read of a film, as a person has corrected it.
        twin: The scene of its first step, as a person has changed it.
        folder: Gets `robot.mp4`, `before.glb`, `after.glb`, `policy.zip` with a policy for each step, and
            `result.json`.
        observe: Told of the stages.
        show: Is shown the clip, and then each count.
        rollouts: Layouts to try.

    Returns:
        The last count.

    Raises:
        ValueError: A step is no carrying, or its item or destination is none of the scene's things.
    """
    prior = read_learner(PRIOR)
    observe(Progress("adapting to what was shown", 0, 1))
    stage = under_name("adapting to what was shown", [observe])
    understood = understand_steps(prior, reading, twin=twin, seed=SEED, observers=stage)
    policies, n_steps = [each.policy for each in understood], len(understood)
    slots = [envs.target_slot(each.twin.scene) for each in understood]
    _, layout_seed = episode_seeds(twin.scene, seed=SEED, n=2)
    with closing(envs.TabletopEnv(twin.scene.kind, image_size=prior.config.image_size[0])) as env:

        def tried_by(actors: list[AdaptedPolicy]) -> Try:
            return lambda watch: _told_steps(
                run_chain(actors, env, task=twin.scene, slots=slots, seed=layout_seed, watch=watch).steps
            )

        tries = film_tries(tried_by([unadapted(prior)] * n_steps), tried_by(policies), folder, observe=observe)
    shown = {"clip": True, "tries": tries, "doubts": list(dict.fromkeys(d for each in understood for d in each.doubts))}
    show({**shown, "done": 0, "total": rollouts})

    def tell(progress: Progress) -> None:
        observe(progress._replace(stage="counting how often it does all steps"))
        show({**shown, "done": progress.done, "total": progress.total, **progress.figures})

    evaluation = judge_steps(understood, rollouts=rollouts, seed=SEED, provenance={"prior": PRIOR}, observers=[tell])
    for number, policy in enumerate(policies, start=1):
        policy.save_pretrained(folder / "policy" / f"step-{number}")
    make_archive(str(folder / "policy"), "zip", folder / "policy")
    write_json(folder / "result.json", evaluation.to_json())
    return {**shown, **told_of_all(evaluation)}


def _told_steps(steps: tuple[ChainedStep, ...]) -> str:
    return ", ".join(f"step {number} {describe(step.verdict)}" for number, step in enumerate(steps, start=1))


def told_of_all(evaluation: ChainEvaluation) -> dict[str, Any]:
    """Return what the page says of an evaluation: what went wrong, by the step in which it did."""
    low, high = evaluation.interval
    failures: dict[str, int] = {}
    for run in evaluation.chains:
        steps = run.steps
        wrong = next((number for number, step in enumerate(steps, start=1) if not step.success), len(steps))
        if not steps[wrong - 1].success:
            words = f"failed in step {wrong}: {describe(steps[wrong - 1].verdict)}"
            failures[words] = failures.get(words, 0) + 1
    return {
        "done": evaluation.n_chains,
        "total": evaluation.n_chains,
        "success_rate": evaluation.success_rate,
        "success_rate_low": low,
        "success_rate_high": high,
        "failures": failures,
        "is_complete": True,
    }
