"""A chain: policies that act one after another in one scene, each until it has come to rest."""

from collections.abc import Sequence
from dataclasses import dataclass

from daml import envs
from daml.chains.rest import RestWatch, home_action
from daml.deployment.adapted_policy import AdaptedPolicy
from daml.evaluation.episode import Watch

MOST_STEPS = 110
"""Control steps in which a policy that succeeds has come to rest: twice what it takes on average."""

HOME_STEPS = 20
"""Control steps in which a gripper that has failed goes back to where it began."""

TRIES = 2
"""Times that a policy may try its step: one that has not come to rest in time looks anew, and tries again."""


@dataclass(frozen=True)
class ChainedStep:
    """How one step of a chain went."""

    slot: int
    """Slot of the choice that was asked for."""
    verdict: str
    """At its end: one of `judging.VERDICTS`."""
    success: bool
    """It was done at its end."""
    came_to_rest: bool
    """The policy itself took it for done."""
    tries: int
    """Times that the policy tried."""
    control_steps: int
    """Control steps that it took, of all tries."""


@dataclass(frozen=True)
class ChainRun:
    """A chain that was run."""

    task: str
    """What lay on the table."""
    seed: int
    """Episode seed."""
    steps: tuple[ChainedStep, ...]
    """The steps that were begun, in order."""

    @property
    def key(self) -> tuple[str, int]:
        """Task and episode seed."""
        return self.task, self.seed

    def is_done(self, n_steps: int) -> bool:
        """Tell whether all of so many steps were done."""
        return len(self.steps) == n_steps and all(step.success for step in self.steps)


def run_chain(
    policies: Sequence[AdaptedPolicy],
    env: envs.TabletopEnv,
    *,
    task: envs.Assignment,
    slots: Sequence[int],
    seed: int,
    shift: envs.Shift = envs.UNSHIFTED,
    watch: Watch | None = None,
) -> ChainRun:
    """Let policies act one after another. The chain ends with a step whose policy never comes to rest.

    Args:
        policies: One for each step.
        env: Where they act.
        task: What lies on the table.
        slots: What is asked for in each step; the policies are not told.
        seed: Episode seed.
        shift: How the world differs from that of training.
        watch: Called with the environment after reset and after each control step.

    Returns:
        How it went.
    """
    observation, _ = env.reset(seed=seed, options={"task": task, "target": slots[0], "shift": shift})
    if watch is not None:
        watch(env)
    steps: list[ChainedStep] = []
    start = observation["state"][:3]
    for policy, slot in zip(policies, slots, strict=True):
        rests, n_taken, tries = False, 0, 0
        observation, info = env.go_on(slot)
        while not rests and tries < TRIES:
            tries += 1
            for _ in range(HOME_STEPS if tries > 1 else 0):
                observation, _, _, _, info = env.step(home_action(start, observation["state"]))
                if watch is not None:
                    watch(env)
            policy.reset()
            resting = RestWatch(start)
            for _ in range(MOST_STEPS):
                action = policy.select_action(observation)
                observation, _, _, _, info = env.step(action)
                n_taken += 1
                if watch is not None:
                    watch(env)
                rests = resting.rests(action, observation["state"])
                if rests:
                    break
        steps.append(ChainedStep(slot, info["state"]["verdict"], bool(info["is_success"]), rests, tries, n_taken))
        if not rests:
            break
    return ChainRun(str(task), seed, tuple(steps))
