"""All steps that a film shows, done one after another in the scene that it shows."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from typing import Any

import numpy as np

from daml import envs
from daml.chains.chain import ChainRun, run_chain
from daml.chains.chain_evaluation import ChainEvaluation, counted, report_chains
from daml.demos import Reading, Step
from daml.evaluation.evaluation_config import episode_seeds
from daml.evaluation.film_judgement import Understanding, understand
from daml.evaluation.kept_episodes import KeptEpisodes
from daml.learners.learner import Learner
from daml.progress import Observer
from daml.twins import Thing, Twin, build_twin

_NEAR = 0.04
"""How far beside a thing's outline a person may have taken or left something, in shares of the picture: a finger."""


def understand_steps(
    prior: Learner,
    reading: Reading,
    *,
    twin: Twin | None = None,
    seed: int = 0,
    observers: Sequence[Observer] = (),
) -> tuple[Understanding, ...]:
    """Build the scene that a film shows, once, and adapt a prior to each of its steps there.

    Args:
        prior: What is adapted, to retold films of each step.
        reading: What was read of the film: one step or more.
        twin: The scene of the first step, as a person has changed it; built of the reading when None.
        seed: Seed of the retold films.
        observers: Told of the stages.

    Returns:
        What is made of each step. The scenes differ in what is asked for alone.

    Raises:
        ValueError: A step is no carrying, or its item or destination is none of the scene's things.
    """
    twins = twins_of_all(reading, build_twin(reading, further=range(1, len(reading.steps))) if twin is None else twin)
    return tuple(
        understand(prior, reading, step=number, twin=twin, seed=seed, observers=observers)
        for number, twin in enumerate(twins)
    )


def twins_of_all(reading: Reading, first: Twin) -> tuple[Twin, ...]:
    """Return the scene of a film's first step, and the same with each of the others asked for.

    Raises:
        ValueError: A step is no carrying, or its item or destination is none of the scene's things.
    """
    for number, step in enumerate(reading.steps, start=1):
        if step.kind != "pick-place":
            raise ValueError(f"step {number}: expected one that carries something, got {step.kind}; do it by itself")
    return (first, *(ask_for(first, step, number) for number, step in enumerate(reading.steps[1:], start=2)))


def ask_for(twin: Twin, step: Step, number: int) -> Twin:
    """Ask for another step of the same film in its twin.

    Args:
        twin: The scene of one step.
        step: The other one.
        number: What it is called in errors, from 1.

    Raises:
        ValueError: Its item or destination is none of the scene's things.
    """
    items = [thing for thing in twin.things if thing.role == "item"]
    destinations = [thing for thing in twin.things if thing.role != "item"]
    item = _found(items, step.item, f"step {number}: its item")
    destination = _found(destinations, step.destination, f"step {number}: its destination")
    objects = twin.scene.objects
    slot = objects.slot(items.index(item), destinations.index(destination))
    return replace(
        twin,
        scene=replace(twin.scene, objects=replace(objects, target=slot)),
        things=tuple(replace(thing, is_acted_on=thing in (item, destination)) for thing in twin.things),
    )


def _found(things: Sequence[Thing], place: tuple[float, float], what: str) -> Thing:
    """Return the thing that lies at a place of the film's first picture."""
    seen = [thing for thing in things if thing.place is not None]
    ways = [float(np.linalg.norm(np.subtract(thing.place or place, place))) for thing in seen]
    nearest = int(np.argmin(ways)) if ways else -1
    if not ways or ways[nearest] > _NEAR + _radius(seen[nearest]):
        raise ValueError(f"{what} is none of the scene's things; do one step by itself")
    return seen[nearest]


def _radius(thing: Thing) -> float:
    """Return how far a thing's outline is from its middle, in shares of the picture."""
    if thing.place is None or not len(thing.outline):
        return 0.0
    return float(np.linalg.norm(thing.outline - np.array(thing.place), axis=1).max())


def judge_steps(
    understandings: Sequence[Understanding],
    *,
    rollouts: int = 10,
    seed: int = 0,
    provenance: Mapping[str, Any] | None = None,
    kept: KeptEpisodes[ChainRun] | None = None,
    observers: Sequence[Observer] = (),
) -> ChainEvaluation:
    """Let the policies of a film's steps act one after another, each until it has come to rest, under new layouts.

    Args:
        understandings: What is made of each step, as `understand_steps` returns it.
        rollouts: Layouts to try.
        seed: Seed of layouts and looks.
        provenance: What is judged, for the settings in the result.
        kept: Rollouts of this evaluation that ended before it was stopped; what ends now is kept there.
        observers: Told of each rollout, with the success rate so far and its interval, as `evaluate` tells them.

    Returns:
        Rates, and every rollout.
    """
    scene, n_steps = understandings[0].twin.scene, len(understandings)
    policies = [understanding.policy for understanding in understandings]
    slots = [envs.target_slot(understanding.twin.scene) for understanding in understandings]
    _, *layout_seeds = episode_seeds(scene, seed=seed, n=rollouts + 1)
    runs: list[ChainRun] = []
    with closing(envs.TabletopEnv(scene.kind, image_size=policies[0].config.image_size[0])) as env:
        for layout_seed in layout_seeds:
            run = None if kept is None else kept.find(scene, layout_seed)
            if run is None:
                run = run_chain(policies, env, task=scene, slots=slots, seed=layout_seed)
                if kept is not None:
                    kept.keep(run)
            runs.append(run)
            report_chains(observers, "all steps", runs, n_steps=n_steps, total=rollouts)
    understood = [understanding.to_json() for understanding in understandings]
    settings = {**(provenance or {}), "kind": scene.kind, "steps": n_steps, "rollouts": rollouts, "seed": seed}
    return counted(runs, settings={**settings, "understood": understood}, n_steps=n_steps)
