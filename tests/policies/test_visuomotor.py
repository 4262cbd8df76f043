import torch

from daml.policies.vision.feature_map import N_CLASSES, N_EFFECTOR, N_LOCATORS, grid
from daml.policies.robot.hand_eye import CAMERA_SIZE
from daml.policies.head import PolicyConfig
from daml.policies.robot.motor import AIMS_SIZE
from daml.policies.robot.robot_state import COMMAND, HAS_HELD, POSITION_SIZE, is_felt
from daml.policies.visuomotor import VisuomotorPolicy

CONFIG = PolicyConfig(channels=(8, 8, 8, 8), n_points=3, bias_size=5, hidden_size=16, readout_size=8)


def draw_maps(n: int) -> torch.Tensor:
    return torch.randn(n, 8 + N_LOCATORS, 4, 4)


SEEN_THROUGH = slice(-CAMERA_SIZE - 1, -1)
CAMERA = torch.tensor([[0.0, 1.0, 0.0, 0.0], [1.0, 0.0, -0.4, -0.5], [0.3, 0.0, -0.4, 0.6]])


def draw_states(n: int) -> torch.Tensor:
    return torch.randn(n, CONFIG.state_size)


def test_every_parameter_of_the_policy_gets_a_gradient():
    torch.manual_seed(0)
    policy = VisuomotorPolicy(CONFIG)
    torch.nn.init.normal_(policy.trunk.locators.weight)  # at zero, where they start, all locations are of one class
    torch.nn.init.normal_(policy.trunk.surroundings[-1].weight)
    torch.nn.init.normal_(policy.trunk.context[-1].weight)
    output = policy(torch.rand(4, 3, 32, 32), torch.rand(2, 3, 32, 32), draw_states(4))
    output.square().sum().backward()

    untouched = [name for name, value in policy.named_parameters() if value.grad is None or not value.grad.any()]
    assert untouched == [f"tracker.{name}" for name, _ in policy.tracker.named_parameters()]  # it follows episodes


def test_states_are_normalised_before_the_head_sees_them():
    policy = VisuomotorPolicy(CONFIG)
    policy.normalizer.mean += 3.0
    policy.normalizer.scale *= 5.0
    states = draw_states(4)

    sensed = policy.sense(states, draw_maps(4), draw_maps(2))

    torch.testing.assert_close(sensed[:, : CONFIG.state_size], (states - 3) / 5)


def test_of_nobody_only_the_camera_is_sensed():
    policy = VisuomotorPolicy(CONFIG)
    policy.hand_eye.matrix.copy_(CAMERA)

    sensed = policy.sense_nobody(3)

    assert torch.equal(sensed[:, SEEN_THROUGH], CAMERA.flatten().expand(3, -1))
    sensed = sensed.clone()
    sensed[:, SEEN_THROUGH] = 0
    assert not sensed.any()


def test_what_is_sensed_frame_by_frame_is_what_is_sensed_of_the_whole_clip():
    policy = VisuomotorPolicy(CONFIG)
    policy.hand_eye.matrix.normal_()
    maps, states = draw_maps(4), draw_states(4)
    states[:, -POSITION_SIZE:] = states[0, :POSITION_SIZE]

    evidence, rows = None, []
    for state, map_ in zip(states[:, None], maps[:, None], strict=True):
        sensed, evidence = policy.sense_next(state, map_, evidence)
        rows.append(sensed)

    # The first frame is looked at on its own, and not again among those that follow.
    torch.testing.assert_close(torch.cat(rows[1:]), policy.sense(states[1:], maps[1:], maps[:1]))


def test_what_is_sensed_of_a_clip_does_not_depend_on_other_clips():
    policy = VisuomotorPolicy(CONFIG)
    policy.hand_eye.matrix.normal_()
    now, first, states = draw_maps(6), draw_maps(2), draw_states(6)

    torch.testing.assert_close(policy.sense(states, now, first)[3:], policy.sense(states[3:], now[3:], first[1:]))


def test_aims_come_back_from_unit_size():
    policy = VisuomotorPolicy(CONFIG)
    policy.normalizer.mean += 3.0
    policy.normalizer.scale *= 5.0
    aims = torch.randn(4, AIMS_SIZE)

    torch.testing.assert_close(policy.unnormalize_aims(policy.normalize_aims(aims)), aims)
    torch.testing.assert_close(policy.normalize_aims(aims)[:, :5], (aims[:, :5] - 3) / 5)


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
    maps, here = draw_maps(1), grid(4, 4, like=draw_maps(1)).T.unflatten(1, (4, 4))
    true = torch.tensor([0.5, 0.1])
    sensed = policy.sense_nobody(1)
    for height, told in ((0.018, slice(0, 2)), (0.015, slice(2, 4))):  # between a container's and a zone's
        seen = policy.hand_eye(torch.tensor([[*true, height]]))[0]
        maps[:, 8 + N_CLASSES : -N_EFFECTOR] = (seen[:, None, None] - here).repeat(N_CLASSES, 1, 1)
        aims = policy.unnormalize_aims(policy.head(maps, maps, sensed).aims)
        torch.testing.assert_close(aims[0, told], true, atol=0.004, rtol=0)


def test_an_item_that_is_felt_is_in_the_gripper_wherever_it_is_seen():
    torch.manual_seed(0)
    policy = VisuomotorPolicy(CONFIG)
    states = draw_states(1).repeat(4, 1)
    states[:, COMMAND] = torch.tensor([1.0, 1.0, -1.0, -1.0])  # two grippers are closed
    states[:, HAS_HELD] = torch.tensor([1.0, 0.0, 1.0, 0.0])  # of which one has held something
    output = policy.head(draw_maps(4), draw_maps(1), policy.sense_nobody(4))
    elsewhere = output._replace(aims=output.aims + torch.tensor([0.1, 0.1, 0.0, 0.0, 0.0, 0.0, 0.0]))

    moved = ~torch.isclose(policy.act(elsewhere, states), policy.act(output, states)).all(1)

    assert is_felt(states).tolist() == [True, False, False, False]
    assert moved.tolist() == [False, True, True, True]
