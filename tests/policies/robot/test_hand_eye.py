import pytest
import torch

from daml.policies.robot.hand_eye import SHIFT_LIMIT, SHIFT_SCALE, CameraEstimate, HandEye, project_back
from daml.policies.tensor_trees import map_tensors
from daml.policies.vision.feature_map import Landmarks


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
    hand_eye, positions = HandEye(position_scale=0.012, aim_scale=0.009), draw_positions(200)

    assert hand_eye.fit(positions, look(positions))

    new = draw_positions(50)
    torch.testing.assert_close(hand_eye(new), look(new), atol=1e-3, rtol=0)


def test_wrong_observations_do_not_count():
    torch.manual_seed(0)
    hand_eye, positions = HandEye(position_scale=0.012, aim_scale=0.009), draw_positions(200)
    places = look(positions) + 0.005 * torch.randn(200, 2)
    places[:40] = torch.rand(40, 2)

    assert hand_eye.fit(positions, places)

    new = draw_positions(50)
    assert (hand_eye(new) - look(new)).norm(dim=1).median() < 0.005


def test_observations_of_no_camera_change_nothing():
    torch.manual_seed(0)
    hand_eye = HandEye(position_scale=0.012, aim_scale=0.009)

    assert not hand_eye.fit(draw_positions(100), torch.rand(100, 2) * 2 - 1)
    assert torch.equal(hand_eye(draw_positions(5)), torch.zeros(5, 2))


def test_observations_in_one_place_change_nothing():
    hand_eye = HandEye(position_scale=0.012, aim_scale=0.009)

    assert not hand_eye.fit(draw_positions(100), torch.full((100, 2), 0.3))
    assert torch.equal(hand_eye(draw_positions(5)), torch.zeros(5, 2))


CAMERA = torch.tensor([[0.0, 2.0, 0.0, 0.0], [2.0, 0.0, 0.0, -1.0], [0.3, 0.0, -1.0, 1.0]])
"""What `look` sees through."""


@pytest.fixture
def hand_eye() -> HandEye:
    hand_eye = HandEye(position_scale=0.012, aim_scale=0.009)
    hand_eye.set_camera(-3 * CAMERA, looks_at=torch.tensor([0.5, 0.0, 0.1]))  # of another scale and sign
    return hand_eye


def set_up_again(hand_eye: HandEye) -> HandEye:
    """Move a camera, and what it is aimed at, a little."""
    moved = HandEye(position_scale=0.012, aim_scale=0.009)
    moves = torch.tensor([0.010, -0.012, 0.008, -0.006, 0.009, 0.0])
    moved.matrix = hand_eye.matrix + torch.einsum("k,kij->ij", moves, hand_eye.changes)
    return moved


def estimate(hand_eye: HandEye, positions: torch.Tensor, *, seen: torch.Tensor, spread: float = 0.0) -> CameraEstimate:
    """Estimate the camera of each frame from that frame alone."""
    return hand_eye.estimate_camera(positions, hand_eye.camera_evidence(positions, landmarks(seen, spread=spread)))


def test_a_camera_that_is_set_sees_what_it_should(hand_eye: HandEye):
    positions = draw_positions(20)

    torch.testing.assert_close(hand_eye(positions), look(positions), atol=1e-4, rtol=0)


def test_its_changes_are_those_of_a_camera_that_looks_on_at_what_it_is_aimed_at(hand_eye: HandEye):
    aim = torch.cat([hand_eye.middle, torch.ones(1)])
    depth = hand_eye.matrix[2] @ aim

    for change in hand_eye.changes[:3]:  # of where it stands: what it is aimed at stays in the same place
        row = change @ aim
        torch.testing.assert_close(row[:2] - hand_eye(hand_eye.middle) * row[2], torch.zeros(2), atol=1e-3, rtol=0)
    for change in hand_eye.changes[3:5]:  # of what it is aimed at: that moves
        row = change @ aim
        assert ((row[:2] - hand_eye(hand_eye.middle) * row[2]) / depth).norm() > 0.5


def test_how_a_camera_stands_is_learned_from_many_observations(hand_eye: HandEye):
    torch.manual_seed(0)
    moved, positions, new = set_up_again(hand_eye), draw_positions(60), draw_positions(20)
    seen = moved(positions) + 0.002 * torch.randn(60, 2)

    evidence = map_tensors(lambda values: values.sum(0), hand_eye.camera_evidence(positions, landmarks(seen)))
    estimated = hand_eye.estimate_camera(positions[0], evidence)

    assert [value.shape for value in estimated] == [(2,), (2,), (3, 4)]
    found = HandEye(position_scale=0.012, aim_scale=0.009)
    found.matrix = estimated.matrix
    before, after = hand_eye(new) - moved(new), found(new) - moved(new)
    assert after.norm(dim=1).max() < 0.25 * before.norm(dim=1).max()
    torch.testing.assert_close(estimated.gripper, found(positions[0]))
    torch.testing.assert_close(estimated.shift * SHIFT_SCALE, found(hand_eye.middle) - hand_eye(hand_eye.middle))


@pytest.mark.parametrize(("far", "spread"), [(0.03, 10.0), (0.0, 0.0)])
def test_what_is_hardly_seen_or_where_it_should_be_tells_of_no_move(hand_eye: HandEye, far: float, spread: float):
    positions = draw_positions(1)

    estimated = estimate(hand_eye, positions, seen=hand_eye(positions) + far, spread=spread)

    torch.testing.assert_close(estimated.matrix[0], hand_eye.matrix, atol=1e-4, rtol=0)


def test_a_gripper_that_is_seen_far_away_counts_as_the_largest_shift(hand_eye: HandEye):
    position = draw_positions(1)
    place = hand_eye(position)
    far, limit = (place + torch.tensor([[shift, 0.0]]) for shift in (0.9, SHIFT_LIMIT))

    torch.testing.assert_close(
        hand_eye.camera_evidence(position, landmarks(far)),
        hand_eye.camera_evidence(position, landmarks(limit)),
        rtol=1e-4,
        atol=1e-2,
    )


def test_without_a_camera_nothing_is_learned_of_it():
    hand_eye, positions = HandEye(position_scale=0.012, aim_scale=0.009), draw_positions(3)

    estimated = estimate(hand_eye, positions, seen=torch.rand(3, 2))

    assert torch.equal(estimated.matrix, hand_eye.matrix.expand(3, 3, 4))


def test_projecting_back_inverts_a_projection(hand_eye: HandEye):
    positions = draw_positions(20)

    found = project_back(hand_eye(positions)[:, None], hand_eye.matrix, positions[:, 2])

    torch.testing.assert_close(found[:, 0], positions[:, :2], atol=1e-4, rtol=0)


def test_no_camera_sees_nothing():
    assert torch.equal(project_back(torch.rand(5, 2), torch.zeros(3, 4), torch.zeros(())), torch.zeros(5, 2))
