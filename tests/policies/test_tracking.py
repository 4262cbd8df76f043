"""Laws of the tracker of items."""

import torch

from daml.policies.robot.motor import AIMS_SIZE
from daml.policies.robot.robot_state import COMMAND, HAS_HELD
from daml.policies.tracking import ItemTracker

N_ITEMS, N_FRAMES, STATE_SIZE = 3, 5, 9


def draw(seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    """Draw what frames tell and robot states, with nothing between the fingers."""
    generator = torch.Generator().manual_seed(seed)
    aims = torch.rand(N_ITEMS, N_FRAMES, AIMS_SIZE, generator=generator)
    states = torch.rand(N_ITEMS, N_FRAMES, STATE_SIZE, generator=generator)
    states[..., HAS_HELD] = 0.0
    return aims, states


def shaken(seed: int = 0) -> ItemTracker:
    """Return a tracker that has learned something, whatever it is."""
    tracker = ItemTracker(width=8)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for value in tracker.parameters():
            value.copy_(torch.randn(value.shape, generator=generator))
    return tracker


def test_untrained_it_believes_every_frame():
    aims, states = draw()

    torch.testing.assert_close(ItemTracker(width=8).follow(aims, states), aims[..., :2])


def test_about_to_learn_it_has_forgotten_what_it_knew_and_believes_most_of_what_it_is_told():
    aims, states = draw()
    tracker = shaken()
    tracker.reset_for_training()

    trust = (tracker.follow(aims, states) - aims[:, :1, :2])[:, 1] / (aims[:, 1, :2] - aims[:, 0, :2])

    torch.testing.assert_close(trust, torch.full_like(trust, 0.7311), atol=1e-3, rtol=0)


def test_what_is_held_is_between_the_fingers():
    aims, states = draw()
    states[1, 2:, COMMAND], states[1, 2:, HAS_HELD] = 1.0, 1.0

    places = shaken().follow(aims, states)

    assert torch.equal(places[1, 2:], states[1, 2:, :2])
    assert not torch.equal(places[0, 2:], states[0, 2:, :2])


def test_what_was_told_before_counts_and_what_is_told_later_does_not():
    aims, states = draw()
    changed = aims.clone()
    changed[:, 2, :2] += 0.05
    tracker = shaken()

    moved = (tracker.follow(aims, states) != tracker.follow(changed, states)).any(-1)

    assert moved.tolist() == [[False, False, True, True, True]] * N_ITEMS


def test_items_are_followed_apart_from_each_other():
    aims, states = draw()
    tracker = shaken()

    together = tracker.follow(aims, states)

    apart = [tracker.follow(aims[i : i + 1], states[i : i + 1]) for i in range(N_ITEMS)]
    torch.testing.assert_close(together, torch.cat(apart))


def test_an_item_at_the_very_place_of_the_gripper_has_a_place():
    aims, states = draw()
    aims[..., :2] = states[..., :2]

    assert torch.isfinite(shaken().follow(aims, states)).all()
