"""Validation: how a prior is judged on validation tasks while it is trained.

The prior that is kept as the best has the highest score of all validations. By default a score counts 60 episodes: at
0.9 its 95 % interval is from 0.80 to 0.95. The best is hence one of several that are about as good, and its score is
better than it deserves. Its success rate is what `daml evaluate` finds on test tasks, which have no part in the choice.
"""

from collections.abc import Sequence
from functools import partial

from daml import envs
from daml.collection.filming import PLAIN, Filming
from daml.evaluation.candidates import one_shot
from daml.evaluation.evaluation import evaluate
from daml.evaluation.evaluation_config import EvaluationConfig
from daml.evaluation.statistics import wilson_interval
from daml.learners.config import PriorConfig
from daml.learners.learner import Learner
from daml.policies.head import PolicyConfig
from daml.training.meta_training import Validate


def choose_validation(
    kinds: Sequence[str], config: PriorConfig, *, n_tasks: int, filming: Filming = PLAIN
) -> Validate | None:
    """Choose how priors are judged.

    Args:
        kinds: Kinds of task that they learn.
        config: Their settings.
        n_tasks: Validation tasks of each kind, one rollout each.
        filming: How they are filmed.

    Returns:
        What judges a prior: the success rate of each kind, how the others failed, and as score the success rate of all
        kinds together, with the bounds of its 95 % interval. None where they cannot act in simulation, since a kind,
        the robot or the images' shape is not that of it.
    """
    height, width = config.image_size
    simulated = PolicyConfig()
    sizes = (config.policy.state_size, config.policy.action_size) == (simulated.state_size, simulated.action_size)
    can_act = sizes and height == width and set(kinds) <= set(envs.ALL_KINDS)
    return partial(_validate, kinds=kinds, n_tasks=n_tasks, filming=filming) if can_act else None


def _validate(prior: Learner, *, kinds: Sequence[str], n_tasks: int, filming: Filming) -> dict[str, float]:
    figures: dict[str, float] = {}
    successes: list[bool] = []
    for kind in kinds:
        config = EvaluationConfig(kind, "validation", n_tasks=n_tasks, filming=filming)
        method = one_shot(prior, shift=config.world())
        evaluation = evaluate(method, config, image_size=prior.config.image_size[0])
        successes += [episode.success for episode in evaluation.episodes]
        figures[f"success_rate_{kind}"] = evaluation.success_rate
        figures[f"wrong_target_rate_{kind}"] = evaluation.wrong_target_rate
        figures[f"not_completed_rate_{kind}"] = evaluation.not_completed_rate
        figures |= {f"success_rate_{name}": share for name, share in evaluation.success_of_manners.items()}
    success_rate = sum(successes) / len(successes)  # not a mean of means: as many successes are as high a score
    low, high = wilson_interval(sum(successes), len(successes))
    bounds = {"success_rate_low": low, "success_rate_high": high}
    return {"score": success_rate, "success_rate": success_rate, **bounds, **figures}
