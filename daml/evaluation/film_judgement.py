"""From what was read of a person's film to a verdict: build its scene, adapt, act there under new layouts, count."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from daml import envs
from daml.demos import HumanDemo, Reading
from daml.deployment.adaptation import adapt
from daml.deployment.adapted_policy import AdaptedPolicy
from daml.deployment.belief import Belief, believe, doubts
from daml.engines.engine import Workers
from daml.evaluation.candidates import fixed
from daml.evaluation.evaluation import Evaluation, evaluate
from daml.evaluation.evaluation_config import SceneConfig
from daml.evaluation.first_looks import FirstLooks, look_first
from daml.evaluation.retelling import adapt_to_retellings
from daml.evaluation.twin_belief import believed_in_film
from daml.learners.learner import Learner
from daml.progress import Observer, Progress, report
from daml.twins import Twin, build_twin

AdaptOn = Literal["retold", "raw"]
"""What a prior adapts to: a film of a simulated person who does in the film's twin what the real one did, or the film
itself."""


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
    looks: FirstLooks
    """What the policy takes for item and destination at first looks at the twin, under new layouts."""
    retold_seed: int | None
    """Seed of the retold film that it adapted to; None where it adapted to the film itself."""

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
            "first_looks": {"items": self.looks.items, "destinations": self.looks.destinations},
            "twin": things,
        }


def understand(
    prior: Learner,
    reading: Reading,
    *,
    step: int = 0,
    twin: Twin | None = None,
    guided: HumanDemo | None = None,
    seed: int = 0,
    observers: Sequence[Observer] = (),
) -> Understanding:
    """Build the scene that a film shows, and adapt a prior to what is done there.

    Args:
        prior: What is adapted.
        reading: What was read of the film.
        step: Number of the step that is imitated.
        twin: The scene, as a person has changed it; built of the reading when None.
        guided: The film itself, framed by the reading, for the prior to adapt to ("raw"); when None it adapts to
            retold films.
        seed: Seed of the retold films.
        observers: Told of the stages; one that raises stops the work, and nothing is left behind.

    Returns:
        What is made of the film.

    Raises:
        ValueError: There is no such step, or the film cannot be adapted to.
    """
    check_step(reading, step)
    if twin is None:
        report(observers, Progress("building the scene", 0, 1))
        twin = build_twin(reading, step=step)
        report(observers, Progress("building the scene", 1, 1))
    if guided is None:
        policy, adapt_ms, looks, retold_seed = adapt_to_retellings(prior, twin.scene, seed=seed, observers=observers)
        belief = believed_in_film(looks, twin)
        return Understanding(reading, step, twin, "retold", policy, adapt_ms, belief, looks, retold_seed)
    report(observers, Progress("adapting", 0, 1))
    began = time.perf_counter()
    policy = adapt(prior, guided)
    adapt_ms = 1000 * (time.perf_counter() - began)
    (looks,) = look_first([policy], twin.scene, seed=seed)
    belief = believe(policy, reading.clean_first_frame, crop=reading.crop, kind=reading.steps[step].kind)
    report(observers, Progress("adapting", 1, 1))
    return Understanding(reading, step, twin, "raw", policy, adapt_ms, belief, looks, None)


def check_step(reading: Reading, step: int) -> None:
    """Refuse the number of a step that a film does not show.

    Raises:
        ValueError: There is no such step.
    """
    if not 0 <= step < len(reading.steps):
        raise ValueError(f"step {step + 1} is asked for, but the film shows {len(reading.steps)}; see daml inspect")


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
