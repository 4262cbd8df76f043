"""One episode: a policy in an environment, and the verdict at its end."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from daml import envs
from daml.envs.tasks.judging import NO_BEHAVIOUR, NO_SLOT


@runtime_checkable
class Policy(Protocol):
    """What can act: an adapted policy, a baseline."""

    def reset(self) -> None:
        """Prepare for the first observation of an episode."""
        ...

    def select_action(self, observation: Mapping[str, NDArray[Any]]) -> NDArray[np.float32]:
        """Choose what to do now: action `(A,)` in [-1, 1]."""
        ...


Actor: TypeAlias = Policy | envs.Expert
"""What may act in an episode: a policy, or the expert in its place."""

Watch = Callable[[envs.TabletopEnv], None]
"""Called after reset and after each step, to film the episode."""


@dataclass(frozen=True)
class Episode:
    """One run in the environment."""

    task: str
    """The task as kind/split/index; kind/scene where it was a described scene."""
    seed: int
    """Episode seed: layout, looks and camera."""
    verdict: str
    """At the end: one of `judging.VERDICTS`."""
    success: bool
    """The task was done at the end."""
    success_once: bool
    """The task was done at some moment."""
    target_slot: int
    """Slot that the task asks for."""
    reached_slot: int
    """Slot that the scene is nearest to at the end."""
    completed_slot: int | None
    """Slot that has been carried out at the end, asked for or not."""
    behaviour: str | None
    """Kind of task that the policy has done something of, right or wrong; None where nothing was moved."""
    step_ms: float
    """Median time of the policy for one control step, in milliseconds."""
    steps_done: int
    """Control steps after which the task was done: the sum of the rewards."""


def rollout(
    policy: Actor,
    env: envs.TabletopEnv,
    *,
    task: envs.Assignment,
    seed: int,
    shift: envs.Shift = envs.UNSHIFTED,
    watch: Watch | None = None,
) -> Episode:
    """Run a policy for one episode.

    Args:
        policy: What acts; a policy is reset first.
        env: Where it acts.
        task: What it should do; the policy is not told.
        seed: Episode seed.
        shift: How the world differs from that of training.
        watch: Called with the environment after reset and after each step.

    Returns:
        What happened.
    """
    observation, info = env.reset(seed=seed, options={"task": task, "shift": shift})
    if isinstance(policy, Policy):
        policy.reset()
    once, truncated, steps_done = bool(info["is_success"]), False, 0
    times: list[float] = []
    if watch is not None:
        watch(env)
    while not truncated:
        began = time.perf_counter()
        action = policy.select_action(observation) if isinstance(policy, Policy) else policy(info)
        times.append(time.perf_counter() - began)
        observation, _, _, truncated, info = env.step(action)
        once = once or bool(info["is_success"])
        steps_done += bool(info["is_success"])
        if watch is not None:
            watch(env)
    state = info["state"]
    return Episode(
        task=str(task),
        seed=seed,
        verdict=state["verdict"],
        success=bool(info["is_success"]),
        success_once=once,
        target_slot=state["target_slot"],
        reached_slot=state["reached_slot"],
        completed_slot=None if state["completed_slot"] == NO_SLOT else state["completed_slot"],
        behaviour=None if state["behaviour"] == NO_BEHAVIOUR else state["behaviour"],
        step_ms=1000 * float(np.median(times)),
        steps_done=steps_done,
    )
