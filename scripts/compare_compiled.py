"""Hold compiled policies (extra `fast`) against what they were before: time of a step, actions, and verdicts.

python scripts/compare_compiled.py --n-tasks 20     # of each kind

Both ways see the same steps of the same episodes: times are of alternating steps, processor time of one thread, in
which waiting for a busy machine does not count. Then each way does the same validation tasks by itself.
"""
# ruff: noqa: INP001, T201 - a script, not a module of a package

import argparse
import statistics
import time
from typing import Any

import numpy as np
import torch

from daml import EvaluationConfig, Prior, envs, evaluate, one_shot
from daml.deployment.adaptation import unadapted
from daml.deployment.adapted_policy import AdaptedPolicy
from daml.engines.serial import SerialEngine
from daml.evaluation.candidates import Candidate, Method

WAYS = ("as it is", "compiled")


class Compiled:
    """A method whose policies are compiled.

    Args:
        method: Makes the policy for a task.
    """

    def __init__(self, method: Method) -> None:
        self._method = method

    def __call__(self, *words: Any, **options: Any) -> Candidate:  # noqa: ANN401 - whatever the method takes
        """Make it."""
        made = self._method(*words, **options)
        if not isinstance(made.policy, AdaptedPolicy):
            raise TypeError(f"expected a policy that adapts, got {type(made.policy).__name__}")
        made.policy.compile()
        return made


def compare_steps(prior: Prior, *, n_steps: int) -> None:
    """Let both ways see the same frames; print what a step takes, and by how much they differ."""
    env = envs.TabletopEnv("pick-place", image_size=prior.config.image_size[0])
    ways = dict(zip(WAYS, (unadapted(prior), unadapted(prior).compile()), strict=True))
    times: dict[str, list[float]] = {way: [] for way in WAYS}
    differences: list[float] = []
    observation, _ = env.reset(seed=0)
    for number in range(n_steps):
        chosen: list[np.ndarray] = []
        for way, policy in ways.items():
            began = time.process_time()
            chosen.append(policy.select_action(observation))
            if number:  # in the first one the one is traced, and the other not compiled
                times[way].append(1000 * (time.process_time() - began))
        ways["compiled"].note(chosen[0])
        ways["compiled"]._memory = ways["as it is"]._memory  # noqa: SLF001 - both go on from the same
        differences.append(float(np.abs(chosen[0] - chosen[1]).max()))
        observation, _, _, is_over, _ = env.step(chosen[0])
        if is_over:
            break
    for way, taken in times.items():
        print(f"{way:10} {statistics.median(taken):.2f} ms a step, at least {min(taken):.2f}", flush=True)
    print(f"actions of {len(differences)} steps differ by {max(differences):.1e} at most", flush=True)


def compare_verdicts(prior: Prior, *, n_tasks: int) -> None:
    """Judge the same tasks both ways."""
    for kind in envs.KINDS:
        config = EvaluationConfig(kind, "validation", n_tasks=n_tasks, seed=3, first_task=700)
        found: dict[str, list[bool]] = {}
        for way in WAYS:
            method = one_shot(prior) if way == WAYS[0] else Compiled(one_shot(prior))
            judged = evaluate(method, config, image_size=prior.config.image_size[0], workers=SerialEngine())
            found[way] = [episode.success for episode in judged.episodes]
        told = ", ".join(f"{sum(each)} {way}" for way, each in found.items())
        same = sum(left == right for left, right in zip(*found.values(), strict=True))
        print(f"{kind:10} of {n_tasks}: {told}; {same} verdicts alike", flush=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--prior", default="tabletop", help="a prior's folder, or the name of a shipped one")
    parser.add_argument("--steps", type=int, default=200, help="steps that both ways take")
    parser.add_argument("--n-tasks", type=int, default=20, help="validation tasks of each kind; 0 for none")
    options = parser.parse_args()
    torch.set_num_threads(1)
    prior = Prior.from_pretrained(options.prior)
    compare_steps(prior, n_steps=options.steps)
    if options.n_tasks:
        compare_verdicts(prior, n_tasks=options.n_tasks)


if __name__ == "__main__":
    main()
