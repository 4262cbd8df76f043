"""Controls: what the method is held against, each by changing one thing about the video that is adapted to."""

from collections.abc import Mapping
from functools import partial
from typing import Protocol

from daml import envs
from daml.collection.films import Film, film_human, film_reversed, film_robot, film_shuffled
from daml.deployment.adaptation import unadapted
from daml.evaluation.candidates import Candidate, Method, adapt_to_films, fixed, one_shot
from daml.learners.learner import Learner


class Control(Protocol):
    """The method, or what is done in its place."""

    def __call__(self, prior: Learner, *, shots: int = 1, shift: envs.Shift = envs.UNSHIFTED) -> Method:
        """Return how a policy is made of a prior, given a number of videos and the world that they are filmed in."""
        ...


def wrong_demo(prior: Learner, *, shots: int = 1, shift: envs.Shift = envs.UNSHIFTED) -> Method:
    """Adapt to videos of the same objects in which another choice among them is made."""
    return partial(_adapt_to_another_slot, prior, shots=shots, shift=shift)


def no_demo(
    prior: Learner,
    *,
    shots: int = 1,  # noqa: ARG001 - called as the others are
    shift: envs.Shift = envs.UNSHIFTED,  # noqa: ARG001 - likewise
) -> Method:
    """Do not adapt: what the prior does without a video."""
    return fixed(unadapted(prior))


def shuffled_demo(prior: Learner, *, shots: int = 1, shift: envs.Shift = envs.UNSHIFTED) -> Method:
    """Adapt to the same videos with their frames in random order: does it matter when something was seen?"""
    return one_shot(prior, shots=shots, shift=shift, film=film_shuffled)


def reversed_demo(prior: Learner, *, shots: int = 1, shift: envs.Shift = envs.UNSHIFTED) -> Method:
    """Adapt to the same videos backwards: does it matter which way the hand went?"""
    return one_shot(prior, shots=shots, shift=shift, film=film_reversed)


def robot_demo(prior: Learner, *, shots: int = 1, shift: envs.Shift = envs.UNSHIFTED) -> Method:
    """Adapt to videos of the robot doing the task itself, with no human in them: what the change of body costs."""
    return one_shot(prior, shots=shots, shift=shift, film=film_robot)


def expert() -> Method:
    """Let the scripted expert act, who knows the true state and the task: the ceiling, in any world."""
    return _expert_of


def _adapt_to_another_slot(
    prior: Learner, task: envs.Assignment, seed: int, *, shots: int, shift: envs.Shift
) -> Candidate:
    others = [slot for slot in range(envs.n_targets(task)) if slot != envs.target_slot(task)]
    return adapt_to_films(prior, task, seed, slot=others[seed % len(others)], shots=shots, shift=shift)


def _expert_of(task: envs.Assignment, _seed: int) -> Candidate:
    return Candidate(envs.find_expert(task.kind), None, None)


CONTROLS: Mapping[str, Control] = {
    "none": one_shot,
    "wrong-demo": wrong_demo,
    "no-demo": no_demo,
    "shuffled-demo": shuffled_demo,
    "reversed-demo": reversed_demo,
    "robot-demo": robot_demo,
}
"""The method and its controls, by their names at the command line; that of `expert`, who has no prior, is one more."""

FILMS: Mapping[str, Film] = {
    "none": film_human,
    "wrong-demo": film_human,
    "shuffled-demo": film_shuffled,
    "reversed-demo": film_reversed,
    "robot-demo": film_robot,
}
"""What a policy is shown, by the same names: under `no-demo` nothing is."""
