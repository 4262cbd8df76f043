"""Laws of what a policy takes for item and destination in a picture."""

import numpy as np
import pytest

from daml import envs
from daml.demos import HumanDemo, Reading, Step
from daml.demos.reading.reading import ActingHand
from daml.deployment.adaptation import adapt, unadapted
from daml.deployment.belief import Belief, believe, doubts
from daml.envs.human_film import Performance
from daml.envs.tasks.kinds import draw_objects
from daml.learners.prior import Prior

OUTLINE = np.array([[0.2, 0.4], [0.3, 0.4], [0.3, 0.5]])
WHOLE = (0.0, 0.0, 1.0, 1.0)


@pytest.fixture
def reading() -> Reading:
    """From (0.25, 0.5) to (0.75, 0.5) of a picture twice as wide as high."""
    step = Step("push", (0.25, 0.5), (0.75, 0.5), 0.0, 1.0, "right", OUTLINE, OUTLINE, 0.9)
    picture = np.zeros((20, 40, 3), np.uint8)
    hand = ActingHand(np.zeros(1), np.zeros((1, 2)))
    return Reading((step,), picture, WHOLE, hand, ((picture, picture),), 0.0)


@pytest.mark.parametrize(
    ("item", "destination", "doubted"),
    [
        ((0.25, 0.5), (0.75, 0.5), []),
        ((0.29, 0.5), (0.75, 0.59), []),  # a tenth of the height is a twentieth of the width
        ((0.31, 0.5), (0.75, 0.59), ["item"]),
        ((0.25, 0.5), (0.75, 0.61), ["destination"]),
        (None, (0.25, 0.5), ["destination"]),
    ],
)
def test_what_is_believed_farther_off_than_a_tenth_of_the_shorter_side_is_doubted(
    item: tuple[float, float] | None, destination: tuple[float, float], doubted: list[str], reading: Reading
):
    assert doubts(Belief(item, destination), reading) == doubted


def test_a_part_of_a_picture_is_seen_as_that_part_alone(prior: Prior):
    policy = unadapted(prior)
    picture = np.random.default_rng(0).integers(0, 255, (32, 32, 3), np.uint8)
    alone = believe(policy, picture[:16, 16:], crop=WHOLE, kind="push")
    part = believe(policy, picture, crop=(0.5, 0.0, 1.0, 0.5), kind="push")
    assert alone.item is not None
    assert part.item == pytest.approx((0.5 + alone.item[0] / 2, alone.item[1] / 2))
    assert part.destination == pytest.approx((0.5 + alone.destination[0] / 2, alone.destination[1] / 2))


def test_what_is_held_from_the_start_is_not_in_the_picture(prior: Prior):
    belief = believe(unadapted(prior), np.zeros((16, 16, 3), np.uint8), crop=WHOLE, kind="place")
    assert belief.item is None
    assert set(belief.to_json()) == {"destination"}


def test_a_belief_leaves_the_episode_alone(prior: Prior):
    policy = unadapted(prior)
    believe(policy, np.zeros((16, 16, 3), np.uint8), crop=WHOLE, kind="push")
    with pytest.raises(RuntimeError, match="no frame was seen yet"):
        policy.observed_goal()


@pytest.mark.parametrize("kind", ["push", "pick-place"])
def test_the_shipped_prior_believes_what_a_simulated_film_shows(kind: str):
    task = envs.Task(kind, "test", 1)
    performance = Performance.draw(task, seed=1001)
    frames, rate_hz = envs.film_human(envs.Shot(task, 1001, 96))
    policy = adapt(Prior.from_pretrained("tabletop"), HumanDemo(frames, rate_hz))
    objects = draw_objects(task)
    choice = objects.choice(objects.target)
    next(performance.play())
    names = [f"item{choice.item}", "zone" if kind == "push" else f"container{choice.container}"]
    truth = performance.camera.project(np.stack([performance.data.body(name).xpos for name in names]))

    belief = believe(policy, frames[0], crop=WHOLE, kind=kind)

    assert belief.item is not None
    for place, true in zip((belief.item, belief.destination), truth, strict=True):
        assert np.linalg.norm(np.array(place) - (true + 1) / 2) < 0.1
