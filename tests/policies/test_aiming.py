import pytest
import torch

from daml.policies.aiming import Aiming, PointEvidence, mask_beyond_reach
from daml.policies.goal import GOAL_SIZE
from daml.policies.head import PolicyConfig
from daml.policies.robot.robot_state import SensedRobot
from daml.policies.vision.feature_map import N_CLASSES, Landmarks
from daml.policies.vision.seen_image import SeenImage

N_EACH, N_CHANNELS, HIDDEN, KNOWN = 2, 5, 7, 6
HEIGHTS = PolicyConfig().table_heights
CAMERA = torch.tensor([[0.0, 1.0, 0.0, 0.0], [1.0, 0.0, -0.4, -0.5], [0.3, 0.0, -0.4, 0.6]])
"""From in front of a table, and above it."""


@pytest.fixture
def aiming() -> Aiming:
    torch.manual_seed(0)
    return Aiming(
        N_CHANNELS, n_points=N_EACH * N_CLASSES, hidden_size=HIDDEN, known_size=KNOWN, readout_size=8, heights=HEIGHTS
    )


def see(positions: torch.Tensor) -> torch.Tensor:
    """Project positions on the table, `(T, P, 2)`, of points whose classes take turns, into the image, `(T, P, 2)`."""
    heights = torch.tensor(HEIGHTS).repeat(N_EACH).expand(positions.shape[:-1])
    homogeneous = torch.cat([positions, heights[..., None], torch.ones_like(heights)[..., None]], dim=-1)
    rows = homogeneous @ CAMERA.T
    return rows[..., :2] / rows[..., 2:]


def draw_evidence(*, now: torch.Tensor, first: torch.Tensor, again: torch.Tensor | None = None) -> PointEvidence:
    return PointEvidence(
        now=see(now),
        first=see(first),
        again=see(now if again is None else again)[:, ::N_CLASSES],
        appearance=torch.randn(len(now), N_EACH * N_CLASSES, N_CHANNELS),
    )


def draw_robot(n: int = 3, *, may_hide_item: bool = False) -> SensedRobot:
    return SensedRobot(
        state=torch.randn(n, 9),
        gripper=torch.randn(n, 2),
        camera_shift=torch.randn(n, 2),
        camera=CAMERA.expand(n, -1, -1),
        may_hide_item=torch.full((n, 1), float(may_hide_item)),
    )


def everywhere(place: torch.Tensor) -> torch.Tensor:
    return place.expand(3, N_EACH * N_CLASSES, 2)


def without_corrections(aiming: Aiming) -> None:
    for part in (aiming.item_correction, aiming.item_looks, aiming.destination[-1], aiming.destination_looks):
        torch.nn.init.zeros_(part.weight)
        torch.nn.init.zeros_(part.bias)


def test_there_is_a_goal_for_every_frame(aiming: Aiming):
    places = torch.rand(3, N_EACH * N_CLASSES, 2)

    goal = aiming(torch.randn(3, HIDDEN), torch.randn(3, KNOWN), draw_evidence(now=places, first=places), draw_robot())

    assert goal.pack().shape == (3, GOAL_SIZE)
    assert [value.shape for value in goal] == [(3, 2), (3, 2), (3, 1), (3, 1), (3, 1)]


def test_where_all_points_agree_the_item_and_its_destination_are_there(aiming: Aiming):
    without_corrections(aiming)
    place = torch.tensor([0.5, 0.1])
    evidence = draw_evidence(now=everywhere(place), first=everywhere(place))

    goal = aiming(torch.randn(3, HIDDEN), torch.randn(3, KNOWN), evidence, draw_robot())

    torch.testing.assert_close(goal.item, place.expand(3, -1), atol=1e-4, rtol=0)
    torch.testing.assert_close(goal.destination, place.expand(3, -1), atol=1e-4, rtol=0)


def test_the_destination_is_where_it_was_at_first(aiming: Aiming):
    without_corrections(aiming)
    now, first = torch.tensor([0.6, -0.1]), torch.tensor([0.4, 0.2])
    evidence = draw_evidence(now=everywhere(now), first=everywhere(first))

    goal = aiming(torch.randn(3, HIDDEN), torch.randn(3, KNOWN), evidence, draw_robot())

    torch.testing.assert_close(goal.destination, first.expand(3, -1), atol=1e-4, rtol=0)
    between = (goal.item - first) / (now - first)
    assert ((between > 0) & (between < 1)).all()


@pytest.mark.parametrize("hides", [True, False])
def test_only_a_gripper_that_may_hide_the_item_tells_where_it_is(aiming: Aiming, *, hides: bool):
    hidden, known, robot = torch.randn(3, HIDDEN), torch.randn(3, KNOWN), draw_robot(may_hide_item=hides)
    places = torch.rand(3, N_EACH * N_CLASSES, 2)
    evidence = draw_evidence(now=places, first=places)
    state = robot.state.clone()
    state[:, :2] += 1

    goal, other = aiming(hidden, known, evidence, robot), aiming(hidden, known, evidence, robot._replace(state=state))

    moved = ~torch.isclose(other.pack(), goal.pack()).all(0)
    assert moved.tolist() == [hides, hides, *[False] * (GOAL_SIZE - 2)]  # the item comes first


def test_what_is_seen_beyond_the_horizon_is_somewhere_finite(aiming: Aiming):
    places = torch.rand(3, N_EACH * N_CLASSES, 2)
    evidence = draw_evidence(now=places, first=places)._replace(now=torch.full((3, N_EACH * N_CLASSES, 2), 2.0))

    goal = aiming(torch.randn(3, HIDDEN), torch.randn(3, KNOWN), evidence, draw_robot())

    assert goal.pack().isfinite().all()


def test_a_place_that_most_agree_on_outweighs_one_that_stands_alone(aiming: Aiming):
    without_corrections(aiming)
    torch.nn.init.zeros_(aiming.item_weights.weight)
    torch.nn.init.zeros_(aiming.item_weights.bias)  # all places count alike, but for agreement
    here, there = torch.tensor([0.5, 0.1]), torch.tensor([2.5, 1.1])
    evidence = draw_evidence(now=everywhere(here), first=everywhere(here), again=everywhere(there))

    goal = aiming(torch.randn(3, HIDDEN), torch.randn(3, KNOWN), evidence, draw_robot())

    share = (goal.item[:, 0] - here[0]) / (there[0] - here[0])
    # 2 n places here and n there: without agreement a third, with it the square of it against that of two thirds.
    torch.testing.assert_close(share, torch.full((3,), 1 / 5), atol=1e-3, rtol=0)


def test_no_item_is_behind_where_grippers_go():
    positions = torch.tensor([[0.5, 0.1], [-3.0, 0.1]])
    rows = torch.cat([positions, torch.tensor([[HEIGHTS[0], 1.0]]).expand(2, 2)], dim=1) @ CAMERA.T
    images = SeenImage(
        features=torch.zeros(1, 2, 4),
        class_logits=torch.ones(1, 2, N_CLASSES),
        middles=(rows[:, :2] / rows[:, 2:])[None, :, None].expand(-1, -1, N_CLASSES, -1),
        landmarks=Landmarks(torch.zeros(1, 2), torch.zeros(1), torch.zeros(1, 4), torch.zeros(1, N_CLASSES)),
    )

    masked = mask_beyond_reach(images, CAMERA[None], item_height=HEIGHTS[0])

    shown = masked.class_logits[0]
    assert shown[0].tolist() == [1.0] * N_CLASSES
    assert shown[1, 0] < -20
    assert shown[1, 1:].tolist() == [1.0] * (N_CLASSES - 1)
    for name in ("features", "middles", "landmarks"):
        assert getattr(masked, name) is getattr(images, name)
