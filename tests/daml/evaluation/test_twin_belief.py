"""Laws of what a policy believes of a film's twin."""

import numpy as np
import pytest

from daml.demos import Reading, Step
from daml.demos.reading.reading import ActingHand, Kind
from daml.deployment.adaptation import unadapted
from daml.deployment.adapted_policy import AdaptedPolicy
from daml.envs.scene.cameras import POLICY_CAMERA
from daml.evaluation.twin_belief import believe_of_twin
from daml.learners.prior import Prior
from daml.twins import Twin, build_twin


def built(kind: Kind) -> Twin:
    """A red square is brought onto a blue one; another thing is added where there would be no choice."""
    picture = np.full((120, 160, 3), 180, np.uint8)
    picture[50:70, 30:50] = (200, 20, 20)
    picture[70:100, 90:130] = (20, 20, 200)
    outline = np.array([[30, 50], [50, 50], [50, 70], [30, 70]]) / (160, 120)
    put = np.array([[100, 80], [120, 80], [120, 95], [100, 95]]) / (160, 120)
    step = Step(kind, (0.25, 0.5), (0.68, 0.71), 0.2, 0.9, "right", outline, put, 0.9)
    hand = ActingHand(np.zeros(1), np.zeros((1, 2)))
    return build_twin(Reading((step,), picture, (0.0, 0.0, 1.0, 1.0), hand, ((picture, picture),), 0.0))


def test_what_a_policy_sees_in_the_twin_is_told_where_the_film_shows_it(prior: Prior, monkeypatch: pytest.MonkeyPatch):
    twin = built("pick-place")
    policy = unadapted(prior)
    things = {thing.name: thing for thing in twin.things}
    for item in ("item0", "item1"):
        places = [POLICY_CAMERA.project(things[name].position[None])[0] + 0.02 for name in (item, "container0")]
        monkeypatch.setattr(AdaptedPolicy, "locate_goal", lambda _self, _picture, places=places: tuple(places))
        belief = believe_of_twin(policy, twin)
        assert belief.destination == things["container0"].place
        assert belief.item is not None
        if things[item].place is None:  # added: where it would be, apart from all that the film shows
            assert min(np.linalg.norm(np.subtract(belief.item, t.place)) for t in twin.things if t.place) > 0.05
        else:
            assert belief.item == things[item].place


def test_what_is_held_from_the_start_is_nowhere(prior: Prior):
    belief = believe_of_twin(unadapted(prior), built("place"))
    assert belief.item is None
    assert belief.destination
