import torch

from daml.policies.goal import GOAL_SIZE, Goal
from daml.policies.head import SHIFT_SIZE, PolicyConfig
from daml.policies.robot.robot_state import RobotState, SensedRobot
from daml.policies.tensor_trees import concatenate, index_tensors
from daml.policies.vision.feature_map import N_CLASSES, N_EFFECTOR, N_LOCATORS, grid
from daml.policies.vision.seen_image import SeenImage
from daml.policies.visuomotor import VisuomotorPolicy

CONFIG = PolicyConfig(channels=(8, 8, 8, 8), n_points=3, bias_size=5, hidden_size=16, readout_size=8)


def draw_images(n: int) -> SeenImage:
    return SeenImage.of_maps(torch.randn(n, 8 + N_LOCATORS, 4, 4))


CAMERA = torch.tensor([[0.0, 1.0, 0.0, 0.0], [1.0, 0.0, -0.4, -0.5], [0.3, 0.0, -0.4, 0.6]])


def draw_states(n: int) -> torch.Tensor:
    return torch.randn(n, CONFIG.state_size)


def test_every_parameter_of_the_policy_gets_a_gradient():
    torch.manual_seed(0)
    policy = VisuomotorPolicy(CONFIG)
    torch.nn.init.normal_(policy.trunk.locators.weight)  # at zero, where they start, all locations are of one class
    torch.nn.init.normal_(policy.trunk.surroundings[-1].weight)
    torch.nn.init.normal_(policy.trunk.context[-1].weight)
    n_frames = 24  # in a single one all places may lie beyond the table, so that none is chosen
    output = policy(torch.rand(n_frames, 3, 32, 32), torch.rand(12, 3, 32, 32), draw_states(n_frames))
    output.square().sum().backward()

    untouched = [name for name, value in policy.named_parameters() if value.grad is None or not value.grad.any()]
    assert untouched == [f"tracker.{name}" for name, _ in policy.tracker.named_parameters()]  # it follows episodes


def test_an_image_is_seen_as_the_trunk_maps_it():
    policy = VisuomotorPolicy(CONFIG)
    torch.nn.init.normal_(policy.trunk.locators.weight)
    images = torch.rand(2, 3, 16, 16)

    torch.testing.assert_close(policy.see(images), SeenImage.of_maps(policy.trunk(images)), atol=0, rtol=0)


def shapes(robot: SensedRobot) -> list[tuple[int, ...]]:
    return [tuple(value.shape) for value in robot]


def test_a_robot_is_sensed_in_every_frame():
    policy = VisuomotorPolicy(CONFIG)

    sensed = policy.sense(draw_states(4), draw_images(4), draw_images(2))

    assert shapes(sensed) == [(4, CONFIG.state_size), (4, 2), (4, SHIFT_SIZE), (4, 3, 4), (4, 1)]
    assert shapes(policy.sense_nobody(4)) == shapes(sensed)


def test_states_are_normalised_before_the_head_sees_them():
    policy = VisuomotorPolicy(CONFIG)
    policy.normalizer.mean += 3.0
    policy.normalizer.scale *= 5.0
    states = draw_states(4)

    sensed = policy.sense(states, draw_images(4), draw_images(2))

    torch.testing.assert_close(sensed.state, (states - 3) / 5)


def test_whether_the_gripper_may_hide_the_item_is_sensed():
    states = RobotState.unpack(torch.zeros(2, CONFIG.state_size))
    states = states._replace(command=torch.tensor([[1.0], [-1.0]])).pack()

    sensed = VisuomotorPolicy(CONFIG).sense(states, draw_images(2), draw_images(1))

    assert sensed.may_hide_item.tolist() == [[1.0], [0.0]]


def test_of_nobody_only_the_camera_is_sensed():
    policy = VisuomotorPolicy(CONFIG)
    policy.hand_eye.matrix.copy_(CAMERA)

    sensed = policy.sense_nobody(3)

    assert torch.equal(sensed.camera, CAMERA.expand(3, -1, -1))
    assert {name for name, value in sensed._asdict().items() if value.any()} == {"camera"}


def test_what_is_sensed_frame_by_frame_is_what_is_sensed_of_the_whole_clip():
    policy = VisuomotorPolicy(CONFIG)
    policy.hand_eye.matrix.normal_()
    images, states = draw_images(4), draw_states(4)
    states = RobotState.unpack(states)._replace(start=states[:1, :3].expand(4, -1)).pack()

    evidence, rows = None, []
    for frame in range(4):
        now = slice(frame, frame + 1)
        sensed, evidence = policy.sense_next(states[now], index_tensors(images, now), evidence)
        rows.append(sensed)

    # The first frame is looked at on its own, and not again among those that follow.
    later, first = index_tensors(images, slice(1, None)), index_tensors(images, slice(1))
    torch.testing.assert_close(concatenate(rows[1:]), policy.sense(states[1:], later, first))


def test_what_is_sensed_of_a_clip_does_not_depend_on_other_clips():
    policy = VisuomotorPolicy(CONFIG)
    policy.hand_eye.matrix.normal_()
    now, first, states = draw_images(6), draw_images(2), draw_states(6)
    later = slice(3, None)

    torch.testing.assert_close(
        index_tensors(policy.sense(states, now, first), later),
        policy.sense(states[later], index_tensors(now, later), index_tensors(first, slice(1, None))),
    )


def test_goals_come_back_from_unit_size():
    policy = VisuomotorPolicy(CONFIG)
    policy.normalizer.mean += 3.0
    policy.normalizer.scale *= 5.0
    goal = Goal.unpack(torch.randn(4, GOAL_SIZE))

    normalized = policy.normalize_goal(goal)

    torch.testing.assert_close(policy.unnormalize_goal(normalized), goal)
    for name in ("item", "destination", "release_height"):
        torch.testing.assert_close(getattr(normalized, name), (getattr(goal, name) - 3) / 5)


def test_where_all_points_point_at_one_place_the_camera_tells_where_that_is_on_the_table():
    torch.manual_seed(0)
    policy = VisuomotorPolicy(CONFIG)
    policy.hand_eye.matrix.copy_(CAMERA)
    policy.normalizer.mean[:2] = torch.tensor([0.4, 0.2])
    policy.normalizer.scale[:2] = torch.tensor([0.1, 0.3])
    for part in (
        policy.head.aiming.item_correction,
        policy.head.aiming.item_looks,
        policy.head.aiming.destination[-1],
        policy.head.aiming.destination_looks,
    ):
        torch.nn.init.zeros_(part.weight)
        torch.nn.init.zeros_(part.bias)
    torch.nn.init.constant_(policy.head.aiming.item_weights.weight, 0.0)
    policy.head.aiming.item_weights.bias.data[-1] = -100.0  # the gripper is elsewhere
    maps = torch.randn(1, 8 + N_LOCATORS, 4, 4)
    here = grid(4, 4, like=maps).T.unflatten(1, (4, 4))
    true = torch.tensor([0.5, 0.1])
    sensed = policy.sense_nobody(1)
    for height, name in ((0.018, "item"), (0.015, "destination")):  # between a container's and a zone's
        seen = policy.hand_eye(torch.tensor([[*true, height]]))[0]
        maps[:, 8 + N_CLASSES : -N_EFFECTOR] = (seen[:, None, None] - here).repeat(N_CLASSES, 1, 1)
        images = SeenImage.of_maps(maps)
        goal = policy.unnormalize_goal(policy.head(images, images, sensed).goal)
        torch.testing.assert_close(getattr(goal, name)[0], true, atol=0.004, rtol=0)


def test_an_item_that_is_held_is_in_the_gripper_wherever_it_is_seen():
    torch.manual_seed(0)
    policy = VisuomotorPolicy(CONFIG)
    state = RobotState.unpack(draw_states(1).repeat(4, 1))._replace(
        command=torch.tensor([[1.0], [1.0], [-1.0], [-1.0]]),  # two grippers are closed
        has_held=torch.tensor([[1.0], [0.0], [1.0], [0.0]]),  # of which one has held something
    )
    output = policy.head(draw_images(4), draw_images(1), policy.sense_nobody(4))
    elsewhere = output._replace(goal=output.goal._replace(item=output.goal.item + 0.1))

    moved = ~torch.isclose(policy.act(elsewhere, state.pack()), policy.act(output, state.pack())).all(1)

    assert state.holds_item().flatten().tolist() == [True, False, False, False]
    assert moved.tolist() == [False, True, True, True]


def test_without_gradients_many_images_are_seen_as_with_them():
    policy = VisuomotorPolicy(CONFIG)
    torch.nn.init.normal_(policy.trunk.locators.weight)
    images, hands = torch.rand(70, 3, 16, 16), torch.rand(70, 2)

    with torch.no_grad():
        together = policy.see(images, effector=hands)
    apart = policy.see(images, effector=hands)

    torch.testing.assert_close(together, apart, atol=1e-5, rtol=1e-5)
