"""Laws of the tracker of items."""

import torch

from daml.policies.goal import GOAL_SIZE, Goal
from daml.policies.robot.robot_state import RobotState
from daml.policies.tensor_trees import index_tensors
from daml.policies.tracking import ItemTracker

N_ITEMS, N_FRAMES, STATE_SIZE = 3, 5, 9


def draw(seed: int = 0) -> tuple[Goal, torch.Tensor]:
    """Draw observed goals and robot states, with nothing between the fingers."""
    generator = torch.Generator().manual_seed(seed)
    observed = Goal.unpack(torch.rand(N_ITEMS, N_FRAMES, GOAL_SIZE, generator=generator))
    state = RobotState.unpack(torch.rand(N_ITEMS, N_FRAMES, STATE_SIZE, generator=generator))
    return observed, state._replace(has_held=torch.zeros_like(state.has_held)).pack()


def shaken(seed: int = 0) -> ItemTracker:
    """Return a tracker that has learned something, whatever it is."""
    tracker = ItemTracker(width=8)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for value in tracker.parameters():
            value.copy_(torch.randn(value.shape, generator=generator))
    return tracker


def test_untrained_it_trusts_every_frame():
    observed, states = draw()

    torch.testing.assert_close(ItemTracker(width=8).follow(observed, states), observed.item)


def test_about_to_learn_it_has_forgotten_what_it_knew_and_trusts_most_of_what_it_observes():
    observed, states = draw()
    tracker = shaken()
    tracker.reset_for_training()

    first, second = observed.item[:, 0], observed.item[:, 1]
    trust = (tracker.follow(observed, states)[:, 1] - first) / (second - first)

    torch.testing.assert_close(trust, torch.full_like(trust, 0.7311), atol=1e-3, rtol=0)


def test_what_is_held_is_between_the_fingers():
    observed, states = draw()
    state = RobotState.unpack(states.clone())
    state.command[1, 2:], state.has_held[1, 2:] = 1.0, 1.0

    places = shaken().follow(observed, state.pack())

    assert torch.equal(places[1, 2:], state.place[1, 2:])
    assert not torch.equal(places[0, 2:], state.place[0, 2:])


def test_what_was_observed_before_counts_and_what_is_observed_later_does_not():
    observed, states = draw()
    item = observed.item.clone()
    item[:, 2] += 0.05
    tracker = shaken()

    moved = (tracker.follow(observed, states) != tracker.follow(observed._replace(item=item), states)).any(-1)

    assert moved.tolist() == [[False, False, True, True, True]] * N_ITEMS


def test_items_are_followed_apart_from_each_other():
    observed, states = draw()
    tracker = shaken()

    together = tracker.follow(observed, states)

    alone = [slice(i, i + 1) for i in range(N_ITEMS)]
    apart = [tracker.follow(index_tensors(observed, one), states[one]) for one in alone]
    torch.testing.assert_close(together, torch.cat(apart))


def test_an_item_at_the_very_place_of_the_gripper_has_a_place():
    observed, states = draw()
    observed = observed._replace(item=RobotState.unpack(states).place)

    assert torch.isfinite(shaken().follow(observed, states)).all()
