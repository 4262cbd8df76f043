import dataclasses

import pytest
import torch

from daml.policies.vision.feature_map import N_CLASSES, N_EFFECTOR, N_LOCATORS, FeatureMap, grid, split_feature_map
from daml.policies.vision.feature_points import nearness
from daml.policies.robot.hand_eye import CAMERA_SIZE
from daml.policies.head import SHIFT_SIZE, HeadOutput, PolicyConfig, VisuomotorHead, n_nearness
from daml.policies.robot.motor import AIMS_SIZE
from daml.policies.robot.robot_state import POSITION_SIZE, SENSED_SIZE

CONFIG = PolicyConfig(channels=(8, 8, 8, 8), n_points=3, bias_size=5, hidden_size=16, readout_size=8)


@pytest.fixture
def head() -> VisuomotorHead:
    torch.manual_seed(0)
    return VisuomotorHead(8, CONFIG)


DESTINATION = slice(2, 5)
"""Components of aims that tell where the item goes."""


def draw_maps(n: int) -> torch.Tensor:
    return torch.randn(n, 8 + N_LOCATORS, 4, 4)


FIRST_POSITION = slice(CONFIG.state_size - POSITION_SIZE, CONFIG.state_size)
GRIPPER = slice(CONFIG.state_size, CONFIG.state_size + 2)
SHIFT = slice(CONFIG.state_size + 2, CONFIG.state_size + 2 + SHIFT_SIZE)
SEEN_THROUGH = slice(-CAMERA_SIZE - 1, -1)
CAMERA = torch.tensor([[0.0, 1.0, 0.0, 0.0], [1.0, 0.0, -0.4, -0.5], [0.3, 0.0, -0.4, 0.6]])


def draw_sensed(n: int) -> torch.Tensor:
    sensed = torch.randn(n, CONFIG.state_size + SENSED_SIZE)
    sensed[:, SEEN_THROUGH] = CAMERA.flatten()
    sensed[:, -1] = 1.0  # the gripper may hide the item
    return sensed


def test_every_output_has_a_row_per_frame(head: VisuomotorHead):
    output = head(draw_maps(6), draw_maps(2), draw_sensed(6))

    assert output.aims.shape == (6, AIMS_SIZE)
    assert output.points_now.shape == output.points_first.shape == (6, 6)
    assert output.nearness.shape == (6, n_nearness(CONFIG))
    assert output.hidden.shape == (6, 16)
    assert output.effector.shape == (6, 2)
    assert output.effector_features.shape == (6, 8)


def test_clips_are_independent(head: VisuomotorHead):
    now, first, state = draw_maps(6), draw_maps(2), draw_sensed(6)

    together = head(now, first, state)
    second_alone = head(now[3:], first[1:], state[3:])

    for whole, part in zip(together, second_alone, strict=True):
        torch.testing.assert_close(whole[3:], part)


def test_the_destination_depends_on_the_first_frame_the_first_position_and_the_cameras_shift_alone(
    head: VisuomotorHead,
):
    first, fixed = draw_maps(1), draw_sensed(1)

    def destination() -> torch.Tensor:
        sensed = draw_sensed(2)
        sensed[:, FIRST_POSITION], sensed[:, SHIFT] = fixed[:, FIRST_POSITION], fixed[:, SHIFT]
        return head(draw_maps(2), first, sensed).aims[:, DESTINATION]

    once, again = destination(), destination()

    torch.testing.assert_close(once, again)
    torch.testing.assert_close(once[0], once[1])


@pytest.mark.parametrize("part", [FIRST_POSITION, SHIFT])
def test_the_first_frame_the_first_position_and_the_cameras_shift_all_move_the_destination(
    head: VisuomotorHead, part: slice
):
    now, first, sensed = draw_maps(1), draw_maps(1), draw_sensed(1)
    destination = head(now, first, sensed).aims[:, DESTINATION]

    assert not torch.isclose(head(now, draw_maps(1), sensed).aims[:, DESTINATION], destination).any()
    sensed[:, part] += 1
    assert not torch.isclose(head(now, first, sensed).aims[:, DESTINATION], destination).any()


def test_landmarks_are_those_of_the_map_whatever_the_heads_parameters(head: VisuomotorHead):
    now, first, state = draw_maps(4), draw_maps(2), draw_sensed(4)
    other = VisuomotorHead(8, CONFIG)
    landmarks = split_feature_map(now).landmarks()

    for output in (head(now, first, state), other(now, first, state)):
        assert torch.equal(output.effector, landmarks.effector)
        assert torch.equal(output.effector_features, landmarks.effector_features)
    assert not torch.allclose(head(now, first, state).aims, other(now, first, state).aims)


def test_points_first_are_the_points_of_each_clips_first_frame(head: VisuomotorHead):
    first = draw_maps(2)

    points = head(draw_maps(6), first, draw_sensed(6)).points_first

    torch.testing.assert_close(points, head.feature_points(split_feature_map(first)).repeat_interleave(3, dim=0))


def test_nearness_compares_where_the_effector_is_now_with_what_was_looked_at_first(head: VisuomotorHead):
    now, first = draw_maps(6), draw_maps(2)
    maps = split_feature_map(first)

    near = head(now, first, draw_sensed(6)).nearness

    effector = split_feature_map(now).landmarks().effector
    for clip in range(2):
        frames = slice(3 * clip, 3 * clip + 3)
        attention, middles = head.feature_points.attend(maps).weights[clip], maps.middles[clip]
        torch.testing.assert_close(near[frames], nearness(attention[None], middles[None], effector[None, frames])[0])


def test_who_only_watches_is_not_steered(head: VisuomotorHead):
    now, first, state = draw_maps(4), draw_maps(2), draw_sensed(4)

    acting, watching = head(now, first, state), head(now, first, state, acts=False)

    steered = {"hidden", "aims"}
    for name, value in acting._asdict().items():
        assert torch.allclose(value, getattr(watching, name)) == (name not in steered)


def test_where_nothing_is_hidden_and_all_points_lie_at_the_gripper_there_is_nothing_to_steer(head: VisuomotorHead):
    maps, state = draw_maps(1).repeat(4, 1, 1, 1), draw_sensed(4)
    here = grid(4, 4, like=maps).T.unflatten(1, (4, 4))
    maps[:, 8 + N_CLASSES : -N_EFFECTOR] = (0.3 - here).repeat(N_CLASSES, 1, 1)  # all votes are for one place
    state[:, GRIPPER] = 0.3

    acting, watching = head(maps, maps[:1], state), head(maps, maps[:1], state, acts=False)

    for one, other in zip(acting, watching, strict=True):
        torch.testing.assert_close(one, other, atol=1e-4, rtol=1e-4)


def test_what_is_hidden_now_changes_where_the_item_is_though_the_points_stay(head: VisuomotorHead):
    maps, state = draw_maps(1), draw_sensed(1)
    maps[:, 8 : 8 + N_CLASSES] -= 20
    faint = maps.clone()
    faint[:, 8 : 8 + N_CLASSES] -= 10  # less of everything is seen, everywhere alike

    seen, hidden = head(maps, maps, state), head(faint, maps, state)

    torch.testing.assert_close(hidden.points_now, seen.points_now, atol=1e-3, rtol=0)
    assert not torch.allclose(hidden.aims[:, :2], seen.aims[:, :2], atol=1e-3)


def test_without_memory_of_the_first_frame_the_current_one_stands_in_for_it():
    torch.manual_seed(0)
    head, forgetful = VisuomotorHead(8, CONFIG), VisuomotorHead(8, dataclasses.replace(CONFIG, first_frame=False))
    forgetful.load_state_dict(head.state_dict())
    now, first, state = draw_maps(4), draw_maps(2), draw_sensed(4)

    for value, wanted in zip(forgetful(now, first, state), head(now, now, state), strict=True):
        torch.testing.assert_close(value, wanted)


def test_what_is_recalled_moves_the_item_and_that_of_the_first_frame_the_destination():
    class Recalling(VisuomotorHead):
        def recall(self, now: FeatureMap, first: FeatureMap) -> torch.Tensor:
            at_first = torch.equal(now.features, first.features)
            return super().recall(now, first) + (self.at_first if at_first else self.now)

    torch.manual_seed(0)
    head = Recalling(8, CONFIG)
    maps, first, state = draw_maps(4), draw_maps(2), draw_sensed(4)
    outputs: list[HeadOutput] = []
    for head.at_first, head.now in ((0.0, 0.0), (0.0, 1.0), (1.0, 0.0)):
        outputs.append(head(maps, first, state))

    plain, now, at_first = outputs
    assert not torch.isclose(now.hidden, plain.hidden).all()
    assert torch.equal(now.aims[:, DESTINATION], plain.aims[:, DESTINATION])
    assert torch.equal(at_first.hidden, plain.hidden)
    assert not torch.isclose(at_first.aims[:, DESTINATION], plain.aims[:, DESTINATION]).any()


@pytest.mark.parametrize("n_points", [-3, 0, 2, 25])
def test_points_that_the_classes_cannot_share_are_refused(n_points: int):
    with pytest.raises(ValueError, match=f"n_points: expected a positive multiple of 3, got {n_points}"):
        VisuomotorHead(8, PolicyConfig(n_points=n_points))
