"""Laws of doing all steps of a film."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from daml import envs
from daml.chains import film_chain
from daml.chains.chain import ChainedStep, ChainRun
from daml.chains.film_chain import judge_steps, twins_of_all, understand_steps
from daml.demos import Reading
from daml.evaluation.kept_episodes import KeptEpisodes
from daml.learners.prior import Prior
from daml.progress import Progress
from daml.twins import build_twin

pytestmark = pytest.mark.usefixtures("quick_retelling")


@pytest.fixture
def two(reading: Reading) -> Reading:
    """Besides, the green square is carried onto a yellow one."""
    picture = reading.clean_first_frame.copy()
    picture[10:40, 100:140] = (220, 200, 20)
    outline = np.array([[60, 30], [76, 30], [76, 46], [60, 46]]) / (160, 120)
    put = np.array([[112, 17], [128, 17], [128, 33], [112, 33]]) / (160, 120)
    second = replace(reading.steps[0], item=(0.425, 0.317), destination=(0.75, 0.21), outline=outline, put_outline=put)
    return replace(
        reading, steps=(*reading.steps, second), clean_first_frame=picture, moments=((picture, picture),) * 2
    )


def test_the_scene_holds_what_all_steps_act_on_and_each_step_asks_for_its_own(two: Reading):
    first, second = twins_of_all(two, build_twin(two, further=[1]))
    choices = [twin.scene.objects.choice(envs.target_slot(twin.scene)) for twin in (first, second)]
    assert choices[0].item != choices[1].item
    assert choices[0].container != choices[1].container
    assert replace(second.scene.objects, target=0) == replace(first.scene.objects, target=0)
    for twin, step in ((first, two.steps[0]), (second, two.steps[1])):
        item, destination = (thing for thing in twin.things if thing.is_acted_on)
        assert item.place == pytest.approx(step.item, abs=0.02)
        assert destination.place == pytest.approx(step.destination, abs=0.03)


def test_a_step_that_carries_nothing_is_refused(two: Reading):
    pushed = replace(two, steps=(two.steps[0], replace(two.steps[1], kind="push")))
    with pytest.raises(ValueError, match=r"^step 2: expected one that carries something, got push"):
        twins_of_all(pushed, build_twin(two))


def test_a_step_whose_item_is_none_of_the_scenes_things_is_refused(two: Reading):
    elsewhere = replace(two, steps=(two.steps[0], replace(two.steps[1], item=(0.05, 0.95))))
    with pytest.raises(ValueError, match=r"^step 2: its item is none of the scene's things"):
        twins_of_all(elsewhere, build_twin(two, further=[1]))


def test_all_steps_are_done_in_turn_kept_and_counted(
    prior: Prior, two: Reading, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    understood = understand_steps(prior, two)
    ends = [("success", "success"), ("success", "wrong_object"), ("not_completed",)]
    began: list[int] = []

    def run(policies: list, _: object, *, task: object, slots: list[int], seed: int) -> ChainRun:
        assert [each.policy for each in understood] == policies
        if len(began) == stops_before:
            raise KeyboardInterrupt
        began.append(seed)
        steps = [
            ChainedStep(slot, verdict, verdict == "success", verdict == "success", 1, 50)
            for slot, verdict in zip(slots, ends[len(began) - 1], strict=False)
        ]
        return ChainRun(str(task), seed, tuple(steps))

    monkeypatch.setattr(film_chain, "run_chain", run)
    told: list[Progress] = []
    stops_before = 2
    with pytest.raises(KeyboardInterrupt), KeptEpisodes(tmp_path / "kept", ChainRun, settings="") as kept:
        judge_steps(understood, rollouts=3, kept=kept)
    stops_before = 3
    with KeptEpisodes(tmp_path / "kept", ChainRun, settings="") as kept:
        result = judge_steps(understood, rollouts=3, provenance={"video": "x"}, kept=kept, observers=[told.append])
    assert len(set(began)) == 3
    assert (result.n_chains, result.success_rate) == (3, 1 / 3)
    assert result.step_success_rates == (2 / 3, 1 / 3)
    assert [progress.figures["success_rate"] for progress in told] == [1, 0.5, 1 / 3]
    settings = json.loads(json.dumps(result.to_json()))["settings"]
    assert (settings["video"], settings["steps"]) == ("x", 2)
    assert [each["step"] for each in settings["understood"]] == [1, 2]
