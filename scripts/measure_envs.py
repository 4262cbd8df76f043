"""Count how often the expert, doing nothing and random actions succeed, and how fast the environment runs.

The tests hold these figures in small; this is the full count, in a few minutes:

    python scripts/measure_envs.py
"""
# ruff: noqa: INP001 - a script, not a module of a package

import argparse
import os
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from multiprocessing import get_context
from typing import Any

import gymnasium
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from daml import envs
from daml.registration import ENV_IDS

Act = Callable[[dict[str, Any]], NDArray[np.float32]]


@cache
def environment(kind: str, image_size: int) -> gymnasium.Env[Any, NDArray[np.float32]]:
    """Return this process's environment."""
    return gymnasium.make(ENV_IDS[kind], image_size=image_size)


def disturbed_expert(task: envs.Task, *, noise: float) -> Act:
    """Return the expert as it is collected from: disturbed until the task is done."""
    expert = envs.find_expert(task.kind)
    disturbance = envs.NoiseInjection(noise, np.random.default_rng((2, task.index)))
    return lambda info: expert(info) if info["is_success"] else disturbance.disturb(expert(info))


def do_nothing(_: envs.Task) -> Act:
    """Return zero velocity and a closed gripper."""
    return lambda _: np.zeros(4, dtype=np.float32)


def random_actions(task: envs.Task) -> Act:
    """Return uniform actions."""
    rng = np.random.default_rng((3, task.index))
    return lambda _: rng.uniform(-1.0, 1.0, 4).astype(np.float32)


def run_episode(task: envs.Task, *, actor: Callable[[envs.Task], Act], image_size: int) -> tuple[bool, str, int]:
    """Run one episode whose seed is the task's index; return success at the end, the verdict and the steps."""
    env = environment(task.kind, image_size)
    act = actor(task)
    _, info = env.reset(seed=task.index, options={"task": task})
    n_steps, truncated = 0, False
    while not truncated:
        _, _, _, truncated, info = env.step(act(info))
        n_steps += 1
    return bool(info["is_success"]), str(info["state"]["verdict"]), n_steps


def steps_per_second(kind: str, n_episodes: int, image_size: int, n_processes: int) -> float:
    """Time whole episodes, resets, physics and rendering included, in several processes at once."""
    actor = partial(disturbed_expert, noise=0.0)
    run = partial(run_episode, actor=actor, image_size=image_size)
    with ProcessPoolExecutor(n_processes, mp_context=get_context("spawn")) as executor:
        # Each process imports and makes its environment before the clock starts.
        warm_up = [envs.Task(kind, "train", index) for index in range(4 * n_processes)]
        list(executor.map(run, warm_up))
        tasks = [envs.Task(kind, "validation", index) for index in range(n_episodes)]
        start = time.perf_counter()
        n_steps = sum(steps for _, _, steps in executor.map(run, tasks))
        return n_steps / (time.perf_counter() - start)


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kind", choices=envs.ALL_KINDS, default=envs.KINDS[0])
    parser.add_argument("--split", choices=envs.SPLITS, default="validation")
    parser.add_argument("--expert-episodes", type=int, default=500)
    parser.add_argument("--control-episodes", type=int, default=200, help="of doing nothing, and of random actions")
    parser.add_argument("--noise", type=float, default=0.2, help="standard deviation of the expert's disturbance")
    parser.add_argument("--image-size", type=int, default=64, help="in pixels")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()

    table = Table("what", "result", "failures", title=f"{ENV_IDS[options.kind]}, split {options.split}")
    actors: tuple[tuple[str, Callable[[envs.Task], Act], int], ...] = (
        (f"expert, noise {options.noise}", partial(disturbed_expert, noise=options.noise), options.expert_episodes),
        ("doing nothing", do_nothing, options.control_episodes),
        ("random actions", random_actions, options.control_episodes),
    )
    with ProcessPoolExecutor(options.processes, mp_context=get_context("spawn")) as executor:
        for name, actor, n_episodes in actors:
            tasks = [envs.Task(options.kind, options.split, index) for index in range(n_episodes)]
            run = partial(run_episode, actor=actor, image_size=options.image_size)
            results = list(executor.map(run, tasks, chunksize=4))
            n_done = sum(done for done, _, _ in results)
            failed = [str(task.index) for task, (done, _, _) in zip(tasks, results, strict=True) if not done]
            listed = ", ".join(failed) if len(failed) <= n_episodes // 10 else f"{len(failed)} tasks"
            table.add_row(name, f"{n_done} of {n_episodes}", listed)
    for n_processes in sorted({1, options.processes}):
        rate = steps_per_second(options.kind, options.control_episodes, options.image_size, n_processes)
        table.add_row(f"steps per second, processes: {n_processes}", f"{rate:.0f}", "")
    Console().print(table)


if __name__ == "__main__":
    main()
