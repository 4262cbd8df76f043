"""From what was read of a person's film to a verdict: build its scene, adapt, act there under new layouts, count."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from daml import envs
from daml.collection.films import record_films
from daml.demos import HumanDemo, Reading
from daml.deployment.adaptation import adapt
from daml.deployment.adapted_policy import AdaptedPolicy
from daml.deployment.belief import Belief, believe, doubts
from daml.deployment.guided_demo import guide
from daml.engines.engine import Workers
from daml.evaluation.candidates import fixed
from daml.evaluation.evaluation import Evaluation, evaluate
from daml.evaluation.evaluation_config import SceneConfig, episode_seeds
from daml.evaluation.twin_belief import believe_of_twin
from daml.learners.learner import Learner
from daml.progress import Observer, Progress, report
from daml.twins import Twin, build_twin

AdaptOn = Literal["retold", "raw"]
"""What a prior adapts to: a film of a simulated person who does in the film's twin what the real one did, or the film
itself."""

RETOLD_FILMS = 1
"""Retold films that are adapted to."""


@dataclass(frozen=True, eq=False)
class Understanding:
    """What is made of a film: what was read of it, its scene, and a policy with what that believes."""

    reading: Reading
    """What was read."""
    step: int
    """Number of the step that is imitated, from 0."""
    twin: Twin
    """The scene that the film shows."""
    adapted_on: AdaptOn
    """What the policy adapted to."""
    policy: AdaptedPolicy
    """The policy."""
    adapt_ms: float
    """Time of the adaptation, in milliseconds."""
    belief: Belief
    """Where the policy takes item and destination to be in the film's first picture. One that adapted to a retold film
    looks at the twin; what it takes there for item and destination is found in the film."""

    @property
    def doubts(self) -> list[str]:
        """What the policy takes for another thing than was read: "item", "destination", both or none."""
        return doubts(self.belief, self.reading, step=self.step)

    def to_json(self) -> dict[str, Any]:
        """Return what JSON holds of it: places are shares of the film's first picture."""
        things = [
            {
                "role": thing.role,
                "family": thing.family,
                "place": None if thing.place is None else [round(share, 4) for share in thing.place],
                "acted_on": thing.is_acted_on,
            }
            for thing in self.twin.things
        ]
        return {
            **self.reading.to_json(),
            "step": self.step + 1,
            "adapted_on": self.adapted_on,
            "belief": self.belief.to_json(),
            "doubts": self.doubts,
            "twin": things,
        }


def understand(
    prior: Learner,
    reading: Reading,
    *,
    film: HumanDemo | None = None,
    start_s: float = 0.0,
    adapt_on: AdaptOn = "retold",
    step: int = 0,
    seed: int = 0,
    observers: Sequence[Observer] = (),
) -> Understanding:
    """Build the scene that a film shows, and adapt a prior to what is done there.

    Args:
        prior: What is adapted.
        reading: What was read of the film.
        film: The film itself; needed to adapt to it ("raw").
        start_s: When its first frame is, in the reading's time [s].
        adapt_on: What the prior adapts to.
        step: Number of the step that is imitated.
        seed: Seed of the retold films.
        observers: Told of the stages; one that raises stops the work, and nothing is left behind.

    Returns:
        What is made of the film.

    Raises:
        ValueError: There is no such step, or the film is missing where it is needed, or cannot be adapted to.
    """
    if not 0 <= step < len(reading.steps):
        raise ValueError(f"step {step + 1} is asked for, but the film shows {len(reading.steps)}; see daml inspect")
    report(observers, Progress("building the scene", 0, 1))
    twin = build_twin(reading, step=step)
    report(observers, Progress("building the scene", 1, 1))
    report(observers, Progress("adapting", 0, 1))
    demos = _retell(twin, seed=seed, image_size=prior.config.image_size[0]) if adapt_on == "retold" else None
    if demos is None:
        if film is None:
            raise ValueError("film: expected the film that was read, since the prior is to adapt to it; got none")
        demos = [guide(film, reading, size=prior.config.image_size, step=step, start_s=start_s)]
    began = time.perf_counter()
    policy = adapt(prior, demos)
    adapt_ms = 1000 * (time.perf_counter() - began)
    if adapt_on == "retold":
        belief = believe_of_twin(policy, twin)
    else:
        kind = reading.steps[step].kind
        belief = believe(policy, reading.clean_first_frame, crop=reading.crop, kind=kind)
    report(observers, Progress("adapting", 1, 1))
    return Understanding(reading, step, twin, adapt_on, policy, adapt_ms, belief)


def judge_film(
    understanding: Understanding,
    *,
    scene: envs.Scene | None = None,
    rollouts: int = 10,
    seed: int = 0,
    provenance: Mapping[str, Any] | None = None,
    workers: Workers = 1,
    observers: Sequence[Observer] = (),
) -> Evaluation:
    """Judge a policy that adapted to a film, under new layouts of the film's scene.

    Args:
        understanding: What was made of the film.
        scene: Another scene to judge in than the film's twin.
        rollouts: Rollouts, each in another layout.
        seed: Seed of layouts and looks.
        provenance: What is judged, for the settings in the result.
        workers: Who runs the rollouts; see `evaluate`.
        observers: Told of each rollout; one that raises stops the work, and nothing is left behind.

    Returns:
        Rates, interval and episodes; its settings hold `understanding` under "understood".
    """
    config = SceneConfig(understanding.twin.scene if scene is None else scene, rollouts, seed)
    return evaluate(
        fixed(understanding.policy, shown_slot=envs.target_slot(config.scene), adapt_ms=understanding.adapt_ms),
        config,
        image_size=understanding.policy.config.image_size[0],
        provenance={**(provenance or {}), "understood": understanding.to_json()},
        workers=workers,
        observers=observers,
    )


def _retell(twin: Twin, *, seed: int, image_size: int) -> list[HumanDemo]:
    """Film a simulated person who does in a twin what the film shows."""
    seeds = episode_seeds(twin.scene, seed=seed, n=1)
    seeds += episode_seeds(twin.scene, seed=seed + 1, n=RETOLD_FILMS)[1:]
    shot = envs.Shot(twin.scene, seeds[0], image_size, envs.target_slot(twin.scene))
    return record_films(envs.film_human, shot, seeds=seeds)
