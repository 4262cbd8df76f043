"""Laws of retelling."""

import pytest

from daml import envs
from daml.demos import HumanDemo
from daml.deployment.adaptation import adapt
from daml.deployment.adapted_policy import AdaptedPolicy
from daml.envs import Scene
from daml.evaluation import retelling
from daml.evaluation.first_looks import FirstLooks
from daml.evaluation.retelling import adapt_to_retellings
from daml.learners.prior import Prior
from daml.progress import Progress

pytestmark = pytest.mark.usefixtures("quick_retelling")

TASK = envs.Task("pick-place", "test", 0)


@pytest.mark.parametrize("best", [0, 1])
def test_the_policy_that_knows_the_target_best_stays(best: int, prior: Prior, monkeypatch: pytest.MonkeyPatch):
    scene = envs.describe(TASK)
    target = scene.objects.choice(scene.objects.target)

    def look(policies: list[AdaptedPolicy], _scene: Scene, *, seed: int) -> list[FirstLooks]:
        del seed
        right = [int(number == target.item) for number in range(len(scene.objects.items))]
        wrong = [int(number != target.item) for number in range(len(scene.objects.items))]
        destinations = tuple(int(number == target.container) for number in range(len(scene.objects.containers)))
        return [FirstLooks(tuple(right if number == best else wrong), destinations) for number in range(len(policies))]

    monkeypatch.setattr(retelling, "look_first", look)
    told: list[Progress] = []
    retold = adapt_to_retellings(prior, scene, seed=3, observers=[told.append])

    assert [progress.done for progress in told] == [1, 2]
    frames, rate_hz = envs.film_human(envs.Shot(scene, retold.seed, 16, scene.objects.target))
    alone = adapt(prior, HumanDemo(frames, rate_hz)).parameters()
    assert all((value == alone[name]).all() for name, value in retold.policy.parameters().items())
    assert retold.looks.share(target.item, target.container) == 1.0


def test_the_same_seed_gives_the_same_policy_and_another_one_another(prior: Prior):
    scene = envs.describe(TASK)
    one, again, other = (adapt_to_retellings(prior, scene, seed=seed) for seed in (0, 0, 1))
    assert (one.seed, one.looks) == (again.seed, again.looks)
    assert one.seed != other.seed
