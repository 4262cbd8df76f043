"""Laws of judging what adapted to a person's film."""

import json
from dataclasses import replace

import numpy as np
import pytest

from daml.demos import HumanDemo, Reading
from daml.deployment.guided_demo import guide
from daml.evaluation.film_judgement import judge_film, understand
from daml.learners.prior import Prior
from daml.progress import Progress
from daml.twins import build_twin

pytestmark = pytest.mark.usefixtures("quick_retelling")


@pytest.fixture
def film(reading: Reading) -> HumanDemo:
    frames = np.repeat(reading.clean_first_frame[None], 12, axis=0)
    frames[:, :30] = np.random.default_rng(0).integers(0, 255, (12, 30, 160, 3))
    return HumanDemo(frames, 10.0)


def test_a_prior_adapts_to_the_film_or_to_a_retold_one(prior: Prior, reading: Reading, film: HumanDemo):
    retold = understand(prior, reading)
    raw = understand(prior, reading, guided=guide(film, reading, size=(16, 16)))
    assert (retold.adapted_on, raw.adapted_on) == ("retold", "raw")
    assert retold.twin.scene == raw.twin.scene
    parameters, others = retold.policy.parameters(), raw.policy.parameters()
    assert any((parameters[name] != others[name]).any() for name in parameters)


def test_a_scene_may_be_given_as_a_person_has_changed_it(prior: Prior, reading: Reading):
    twin = build_twin(reading)
    scene = replace(twin.scene, objects=replace(twin.scene.objects, target=1))
    understanding = understand(prior, reading, twin=replace(twin, scene=scene))
    assert understanding.twin.scene == scene
    assert [episode.target_slot for episode in judge_film(understanding, rollouts=1).episodes] == [1]


def test_what_is_understood_can_be_written(prior: Prior, reading: Reading):
    understood = json.loads(json.dumps(understand(prior, reading).to_json()))
    assert understood["steps"] == reading.to_json()["steps"]
    assert (understood["step"], understood["adapted_on"]) == (1, "retold")
    assert set(understood["belief"]) == {"item", "destination"}
    assert sum(thing["acted_on"] for thing in understood["twin"]) == 2


def test_a_belief_in_a_twin_is_that_in_one_of_its_things(prior: Prior, reading: Reading):
    understanding = understand(prior, reading)
    seen = [thing.place for thing in understanding.twin.things if thing.place is not None and thing.role == "item"]
    assert len(seen) == 2
    assert understanding.belief.item in seen


def test_a_step_that_is_not_shown_is_refused(prior: Prior, reading: Reading):
    for step in (-1, 1):
        with pytest.raises(ValueError, match=f"step {step + 1} is asked for, but the film shows 1"):
            understand(prior, reading, step=step)


def test_it_is_judged_in_the_twin_or_in_another_scene(prior: Prior, reading: Reading):
    understanding = understand(prior, reading)
    here = judge_film(understanding, rollouts=2)
    assert here.n_rollouts == 2
    assert here.settings["understood"] == understanding.to_json()
    assert [episode.target_slot for episode in here.episodes] == [0, 0]
    scene = understanding.twin.scene
    other = replace(scene, objects=replace(scene.objects, target=1))
    there = judge_film(understanding, scene=other, rollouts=2)
    assert [episode.target_slot for episode in there.episodes] == [1, 1]
    assert [episode.seed for episode in here.episodes] == [episode.seed for episode in there.episodes]


def test_an_observer_is_told_and_may_stop_it(prior: Prior, reading: Reading):
    stages: list[str] = []
    understanding = understand(prior, reading, observers=[lambda progress: stages.append(progress.stage)])
    assert list(dict.fromkeys(stages)) == ["building the scene", "adapting"]

    class StoppedError(Exception):
        pass

    def stop(progress: Progress) -> None:
        raise StoppedError(progress.stage)

    with pytest.raises(StoppedError, match="building"):
        understand(prior, reading, observers=[stop])
    with pytest.raises(StoppedError, match="pick-place"):
        judge_film(understanding, rollouts=3, observers=[stop])
