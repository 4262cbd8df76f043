import pytest
import torch

from policies.feature_map import Landmarks
from policies.hand_eye import SENSED_SIZE, SHIFT_LIMIT, SHIFT_SCALE, HandEye


def draw_positions(n: int) -> torch.Tensor:
    return torch.rand(n, 3) * torch.tensor([0.4, 0.5, 0.3]) + torch.tensor([0.3, -0.25, 0.0])


def look(positions: torch.Tensor) -> torch.Tensor:
    """See positions through a camera one metre above x = 0.5, tilted."""
    depth = 1.0 - positions[:, 2] + 0.3 * positions[:, 0]
    return torch.stack([positions[:, 1] / depth, (positions[:, 0] - 0.5) / depth], dim=1) * 2


def landmarks(effector: torch.Tensor, *, spread: float = 0.0) -> Landmarks:
    nothing = torch.zeros(*effector.shape[:-1], 1)
    return Landmarks(effector, torch.full(effector.shape[:-1], spread), nothing, nothing)


def test_a_camera_is_found_from_what_was_seen():
    torch.manual_seed(0)
    hand_eye, positions = HandEye(), draw_positions(200)

    assert hand_eye.fit(positions, look(positions))

    new = draw_positions(50)
    torch.testing.assert_close(hand_eye(new), look(new), atol=1e-3, rtol=0)


def test_wrong_sightings_do_not_count():
    torch.manual_seed(0)
    hand_eye, positions = HandEye(), draw_positions(200)
    places = look(positions) + 0.005 * torch.randn(200, 2)
    places[:40] = torch.rand(40, 2)

    assert hand_eye.fit(positions, places)

    new = draw_positions(50)
    assert (hand_eye(new) - look(new)).norm(dim=1).median() < 0.005


def test_sightings_of_no_camera_change_nothing():
    torch.manual_seed(0)
    hand_eye = HandEye()

    assert not hand_eye.fit(draw_positions(100), torch.rand(100, 2) * 2 - 1)
    assert torch.equal(hand_eye(draw_positions(5)), torch.zeros(5, 2))


def test_sightings_in_one_place_change_nothing():
    hand_eye = HandEye()

    assert not hand_eye.fit(draw_positions(100), torch.full((100, 2), 0.3))
    assert torch.equal(hand_eye(draw_positions(5)), torch.zeros(5, 2))


def test_the_shift_is_learned_from_many_sightings():
    hand_eye = HandEye()
    projected = torch.zeros(1, 2)
    sights = 50 * hand_eye.sight(projected, landmarks(torch.tensor([[0.03, -0.06]])))

    sensed = hand_eye.sense(projected, sights)

    assert sensed.shape == (1, SENSED_SIZE)
    torch.testing.assert_close(sensed[0, 2:] * SHIFT_SCALE, torch.tensor([0.03, -0.06]), rtol=0.05, atol=0)
    torch.testing.assert_close(sensed[0, :2], sensed[0, 2:] * SHIFT_SCALE)


@pytest.mark.parametrize(("seen", "spread"), [(0.03, 1.0), (0.0, 0.0)])
def test_what_is_hardly_seen_or_not_shifted_is_no_shift(seen: float, spread: float):
    hand_eye = HandEye()

    sensed = hand_eye.sense(
        torch.zeros(1, 2), hand_eye.sight(torch.zeros(1, 2), landmarks(torch.full((1, 2), seen), spread=spread))
    )

    assert sensed.abs().max() < 0.01


def test_a_gripper_that_is_seen_far_away_counts_as_the_largest_shift():
    hand_eye = HandEye()
    far, limit = torch.tensor([[0.9, 0.0]]), torch.tensor([[SHIFT_LIMIT, 0.0]])

    torch.testing.assert_close(
        hand_eye.sight(torch.zeros(1, 2), landmarks(far)), hand_eye.sight(torch.zeros(1, 2), landmarks(limit))
    )
