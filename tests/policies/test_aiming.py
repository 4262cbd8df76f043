import pytest
import torch

from daml.policies.aiming import TABLE_HEIGHTS, Aiming, PointEvidence, within_reach
from daml.policies.vision.feature_map import N_CLASSES, FeatureMap
from daml.policies.robot.motor import AIMS_SIZE

N_EACH, N_CHANNELS, HIDDEN, KNOWN = 2, 5, 7, 6
CAMERA = torch.tensor([[0.0, 1.0, 0.0, 0.0], [1.0, 0.0, -0.4, -0.5], [0.3, 0.0, -0.4, 0.6]])
"""From in front of a table, and above it."""


@pytest.fixture
def aiming() -> Aiming:
    torch.manual_seed(0)
    return Aiming(N_CHANNELS, n_points=N_EACH * N_CLASSES, hidden_size=HIDDEN, known_size=KNOWN, readout_size=8)


def see(positions: torch.Tensor) -> torch.Tensor:
    """Project positions on the table, `(T, P, 2)`, of points whose classes take turns, into the image, `(T, P, 2)`."""
    heights = torch.tensor(TABLE_HEIGHTS).repeat(N_EACH).expand(positions.shape[:-1])
    homogeneous = torch.cat([positions, heights[..., None], torch.ones_like(heights)[..., None]], dim=-1)
    rows = homogeneous @ CAMERA.T
    return rows[..., :2] / rows[..., 2:]


def draw_sight(
    *, now: torch.Tensor, first: torch.Tensor, again: torch.Tensor | None = None, is_hidden: bool = False
) -> PointEvidence:
    n = len(now)
    return PointEvidence(
        now=see(now),
        first=see(first),
        again=see(now if again is None else again)[:, ::N_CLASSES],
        appearance=torch.randn(n, N_EACH * N_CLASSES, N_CHANNELS),
        camera=CAMERA.flatten().expand(n, -1),
        is_hidden=torch.full((n, 1), float(is_hidden)),
    )


def everywhere(place: torch.Tensor) -> torch.Tensor:
    return place.expand(3, N_EACH * N_CLASSES, 2)


def without_corrections(aiming: Aiming) -> None:
    for part in (aiming.item_correction, aiming.item_looks, aiming.destination[-1], aiming.destination_looks):
        torch.nn.init.zeros_(part.weight)
        torch.nn.init.zeros_(part.bias)


def test_there_are_aims_for_every_frame(aiming: Aiming):
    places = torch.rand(3, N_EACH * N_CLASSES, 2)

    aims = aiming(
        torch.randn(3, HIDDEN), torch.randn(3, KNOWN), draw_sight(now=places, first=places), torch.randn(3, 9)
    )

    assert aims.shape == (3, AIMS_SIZE)


def test_where_all_points_agree_the_item_and_its_destination_are_there(aiming: Aiming):
    without_corrections(aiming)
    place = torch.tensor([0.5, 0.1])
    evidence = draw_sight(now=everywhere(place), first=everywhere(place))

    aims = aiming(torch.randn(3, HIDDEN), torch.randn(3, KNOWN), evidence, torch.randn(3, 9))

    torch.testing.assert_close(aims[:, :4], place.repeat(2).expand(3, -1), atol=1e-4, rtol=0)


def test_the_destination_is_where_it_was_at_first(aiming: Aiming):
    without_corrections(aiming)
    now, first = torch.tensor([0.6, -0.1]), torch.tensor([0.4, 0.2])
    evidence = draw_sight(now=everywhere(now), first=everywhere(first))

    aims = aiming(torch.randn(3, HIDDEN), torch.randn(3, KNOWN), evidence, torch.randn(3, 9))

    torch.testing.assert_close(aims[:, 2:4], first.expand(3, -1), atol=1e-4, rtol=0)
    between = (aims[:, :2] - first) / (now - first)
    assert ((between > 0) & (between < 1)).all()


@pytest.mark.parametrize("hides", [True, False])
def test_only_a_gripper_that_may_hide_the_item_tells_where_it_is(aiming: Aiming, *, hides: bool):
    hidden, known, robot = torch.randn(3, HIDDEN), torch.randn(3, KNOWN), torch.randn(3, 9)
    places = torch.rand(3, N_EACH * N_CLASSES, 2)
    evidence = draw_sight(now=places, first=places, is_hidden=hides)
    elsewhere = robot.clone()
    elsewhere[:, :2] += 1

    moved = ~torch.isclose(aiming(hidden, known, evidence, elsewhere), aiming(hidden, known, evidence, robot)).all(0)

    assert moved.tolist() == [hides, hides, *[False] * (AIMS_SIZE - 2)]


def test_what_is_seen_beyond_the_horizon_is_somewhere_finite(aiming: Aiming):
    places = torch.rand(3, N_EACH * N_CLASSES, 2)
    evidence = draw_sight(now=places, first=places)._replace(now=torch.full((3, N_EACH * N_CLASSES, 2), 2.0))

    aims = aiming(torch.randn(3, HIDDEN), torch.randn(3, KNOWN), evidence, torch.randn(3, 9))

    assert aims.isfinite().all()


def test_a_place_that_most_agree_on_outweighs_one_that_stands_alone(aiming: Aiming):
    without_corrections(aiming)
    torch.nn.init.zeros_(aiming.item_weights.weight)
    torch.nn.init.zeros_(aiming.item_weights.bias)  # all places count alike, but for agreement
    here, there = torch.tensor([0.5, 0.1]), torch.tensor([2.5, 1.1])
    evidence = draw_sight(now=everywhere(here), first=everywhere(here), again=everywhere(there))

    aims = aiming(torch.randn(3, HIDDEN), torch.randn(3, KNOWN), evidence, torch.randn(3, 9))

    share = (aims[:, 0] - here[0]) / (there[0] - here[0])
    # 2 n places here and n there: without agreement a third, with it the square of it against that of two thirds.
    torch.testing.assert_close(share, torch.full((3,), 1 / 5), atol=1e-3, rtol=0)


def test_no_item_is_behind_where_grippers_go():
    positions = torch.tensor([[0.5, 0.1], [-3.0, 0.1]])
    rows = torch.cat([positions, torch.tensor([[TABLE_HEIGHTS[0], 1.0]]).expand(2, 2)], dim=1) @ CAMERA.T
    maps = FeatureMap(
        features=torch.zeros(1, 2, 4),
        class_logits=torch.ones(1, 2, N_CLASSES),
        middles=(rows[:, :2] / rows[:, 2:])[None, :, None].expand(-1, -1, N_CLASSES, -1),
        effector_logits=torch.zeros(1, 2),
        effector_places=torch.zeros(1, 2, 2),
    )

    shown = within_reach(maps, CAMERA.flatten()[None]).class_logits[0]

    assert shown[0].tolist() == [1.0] * N_CLASSES
    assert shown[1, 0] < -20
    assert shown[1, 1:].tolist() == [1.0] * (N_CLASSES - 1)
