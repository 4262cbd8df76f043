import dataclasses

import pytest
import torch

from daml.policies.goal import GOAL_SIZE, Goal
from daml.policies.head import SHIFT_SIZE, HeadOutput, PolicyConfig, VisuomotorHead, n_nearness
from daml.policies.robot.robot_state import RobotState, SensedRobot
from daml.policies.tensor_trees import index_tensors, named_tensors
from daml.policies.vision.feature_map import N_CLASSES, N_EFFECTOR, N_LOCATORS, grid
from daml.policies.vision.feature_points import nearness
from daml.policies.vision.seen_image import SeenImage

CONFIG = PolicyConfig(channels=(8, 8, 8, 8), n_points=3, bias_size=5, hidden_size=16, readout_size=8)


@pytest.fixture
def head() -> VisuomotorHead:
    torch.manual_seed(0)
    return VisuomotorHead(8, CONFIG)


def draw_maps(n: int) -> torch.Tensor:
    return torch.randn(n, 8 + N_LOCATORS, 4, 4)


def draw_images(n: int) -> SeenImage:
    return SeenImage.of_maps(draw_maps(n))


CAMERA = torch.tensor([[0.0, 1.0, 0.0, 0.0], [1.0, 0.0, -0.4, -0.5], [0.3, 0.0, -0.4, 0.6]])


def draw_sensed(n: int) -> SensedRobot:
    return SensedRobot(
        state=torch.randn(n, CONFIG.state_size),
        gripper=torch.randn(n, 2),
        camera_shift=torch.randn(n, SHIFT_SIZE),
        camera=CAMERA.expand(n, -1, -1),
        may_hide_item=torch.ones(n, 1),
    )


def with_start(robot: SensedRobot, start: torch.Tensor) -> SensedRobot:
    """Let a robot have begun elsewhere."""
    return robot._replace(state=RobotState.unpack(robot.state)._replace(start=start).pack())


def where_to(goal: Goal) -> torch.Tensor:
    """Return where the item goes, `(T, 3)`."""
    return torch.cat([goal.destination, goal.release_height], dim=1)


def test_every_output_has_a_row_per_frame(head: VisuomotorHead):
    output = head(draw_images(6), draw_images(2), draw_sensed(6))

    assert output.goal.pack().shape == (6, GOAL_SIZE)
    assert output.points_now.shape == output.points_first.shape == (6, 6)
    assert output.nearness.shape == (6, n_nearness(CONFIG))
    assert output.responses.shape == (6, 4)
    assert output.hidden.shape == (6, 16)
    assert output.effector.shape == (6, 2)
    assert output.effector_features.shape == (6, 8)


def test_clips_are_independent(head: VisuomotorHead):
    now, first, robot = draw_images(6), draw_images(2), draw_sensed(6)
    later = slice(3, None)

    together = head(now, first, robot)
    second_alone = head(index_tensors(now, later), index_tensors(first, slice(1, None)), index_tensors(robot, later))

    torch.testing.assert_close(index_tensors(together, later), second_alone)


def test_the_destination_depends_on_the_first_frame_the_first_position_and_the_cameras_shift_alone(
    head: VisuomotorHead,
):
    first, fixed = draw_images(1), draw_sensed(1)

    def destination() -> torch.Tensor:
        robot = draw_sensed(2)._replace(camera_shift=fixed.camera_shift.expand(2, -1))
        robot = with_start(robot, RobotState.unpack(fixed.state).start.expand(2, -1))
        return where_to(head(draw_images(2), first, robot).goal)

    once, again = destination(), destination()

    torch.testing.assert_close(once, again)
    torch.testing.assert_close(once[0], once[1])


def test_the_first_frame_the_first_position_and_the_cameras_shift_all_move_the_destination(head: VisuomotorHead):
    now, first, robot = draw_images(1), draw_images(1), draw_sensed(1)
    destination = where_to(head(now, first, robot).goal)

    begun_elsewhere = with_start(robot, RobotState.unpack(robot.state).start + 1)
    shifted = robot._replace(camera_shift=robot.camera_shift + 1)
    for other_first, other_robot in ((draw_images(1), robot), (first, begun_elsewhere), (first, shifted)):
        assert not torch.isclose(where_to(head(now, other_first, other_robot).goal), destination).any()


def test_landmarks_are_those_of_the_image_whatever_the_heads_parameters(head: VisuomotorHead):
    now, first, robot = draw_images(4), draw_images(2), draw_sensed(4)
    other = VisuomotorHead(8, CONFIG)

    for output in (head(now, first, robot), other(now, first, robot)):
        assert torch.equal(output.effector, now.landmarks.effector)
        assert torch.equal(output.effector_features, now.landmarks.effector_features)
    assert not torch.allclose(head(now, first, robot).goal.pack(), other(now, first, robot).goal.pack())


def test_points_first_are_the_points_of_each_clips_first_frame(head: VisuomotorHead):
    first = draw_images(2)

    points = head(draw_images(6), first, draw_sensed(6)).points_first

    torch.testing.assert_close(points, head.feature_points(first).repeat_interleave(3, dim=0))


def test_nearness_compares_where_the_effector_is_now_with_what_was_looked_at_first(head: VisuomotorHead):
    now, first = draw_images(6), draw_images(2)

    near = head(now, first, draw_sensed(6)).nearness

    for clip in range(2):
        frames = slice(3 * clip, 3 * clip + 3)
        attention, middles = head.feature_points.attend(first).weights[clip], first.middles[clip]
        expected = nearness(attention[None], middles[None], now.landmarks.effector[None, frames])[0]
        torch.testing.assert_close(near[frames], expected)


def test_who_only_watches_is_not_steered(head: VisuomotorHead):
    now, first, robot = draw_images(4), draw_images(2), draw_sensed(4)

    acting = named_tensors(head(now, first, robot))
    watching = named_tensors(head(now, first, robot, acts=False))

    steered = {name for name, value in acting.items() if not torch.allclose(value, watching[name])}
    assert steered == {"responses", "hidden", "goal/item", "goal/item_radius"}


def test_patterns_respond_to_the_first_frame_where_the_effector_is_while_nobody_acts(head: VisuomotorHead):
    now, first, robot = draw_images(6), draw_images(2), draw_sensed(6)

    watched = head(now, first, robot, acts=False).responses

    places = now.landmarks.effector.view(2, 3, 2)
    at_hand, taken = (
        head.feature_points.respond(first, places),
        head.feature_points.respond_to_taken(first, now, places),
    )
    torch.testing.assert_close(watched, torch.cat([at_hand, taken], dim=-1).flatten(0, 1))
    assert not head(now, first, robot).responses.any()
    assert not head(now, first, robot, acts=False, responds=False).responses.any()


def test_where_nothing_is_hidden_and_all_points_lie_at_the_gripper_there_is_nothing_to_steer(head: VisuomotorHead):
    maps = draw_maps(1).repeat(4, 1, 1, 1)
    here = grid(4, 4, like=maps).T.unflatten(1, (4, 4))
    maps[:, 8 + N_CLASSES : -N_EFFECTOR] = (0.3 - here).repeat(N_CLASSES, 1, 1)  # all votes are for one place
    now, robot = SeenImage.of_maps(maps), draw_sensed(4)._replace(gripper=torch.full((4, 2), 0.3))
    first = index_tensors(now, slice(1))

    acting, watching = head(now, first, robot), head(now, first, robot, acts=False)

    torch.testing.assert_close(acting._replace(responses=watching.responses), watching, atol=1e-4, rtol=1e-4)


def test_what_is_hidden_now_changes_where_the_item_is_though_the_points_stay(head: VisuomotorHead):
    maps, robot = draw_maps(1), draw_sensed(1)
    maps[:, 8 : 8 + N_CLASSES] -= 20
    faint = maps.clone()
    faint[:, 8 : 8 + N_CLASSES] -= 10  # less of everything is seen, everywhere alike
    first = SeenImage.of_maps(maps)

    seen, hidden = head(first, first, robot), head(SeenImage.of_maps(faint), first, robot)

    torch.testing.assert_close(hidden.points_now, seen.points_now, atol=1e-3, rtol=0)
    assert not torch.allclose(hidden.goal.item, seen.goal.item, atol=1e-3)


def test_without_memory_of_the_first_frame_the_current_one_stands_in_for_it():
    torch.manual_seed(0)
    head, forgetful = VisuomotorHead(8, CONFIG), VisuomotorHead(8, dataclasses.replace(CONFIG, first_frame=False))
    forgetful.load_state_dict(head.state_dict())
    now, first, robot = draw_images(4), draw_images(2), draw_sensed(4)

    torch.testing.assert_close(forgetful(now, first, robot), head(now, now, robot))


def test_what_is_recalled_moves_the_item_and_that_of_the_first_frame_the_destination():
    class Recalling(VisuomotorHead):
        def recall(self, now: SeenImage, first: SeenImage) -> torch.Tensor:
            at_first = torch.equal(now.features, first.features)
            return super().recall(now, first) + (self.at_first if at_first else self.now)

    torch.manual_seed(0)
    head = Recalling(8, CONFIG)
    images, first, robot = draw_images(4), draw_images(2), draw_sensed(4)
    outputs: list[HeadOutput] = []
    for head.at_first, head.now in ((0.0, 0.0), (0.0, 1.0), (1.0, 0.0)):
        outputs.append(head(images, first, robot))

    plain, now, at_first = outputs
    assert not torch.isclose(now.hidden, plain.hidden).all()
    assert torch.equal(where_to(now.goal), where_to(plain.goal))
    assert torch.equal(at_first.hidden, plain.hidden)
    assert not torch.isclose(where_to(at_first.goal), where_to(plain.goal)).any()


@pytest.mark.parametrize("n_points", [-3, 0, 2, 25])
def test_points_that_the_classes_cannot_share_are_refused(n_points: int):
    with pytest.raises(ValueError, match=f"n_points: expected a positive multiple of 3, got {n_points}"):
        VisuomotorHead(8, PolicyConfig(n_points=n_points))
