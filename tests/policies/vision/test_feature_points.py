import math

import torch
from hypothesis import given
from hypothesis import strategies as st

from daml.policies.tensor_trees import concatenate
from daml.policies.vision.feature_map import N_CLASSES, Landmarks, grid
from daml.policies.vision.feature_points import NEAR_RADII, FeaturePoints, locate, nearness
from daml.policies.vision.seen_image import SeenImage


def images_of(
    features: torch.Tensor, *, votes: torch.Tensor | None = None, class_logits: torch.Tensor | None = None
) -> SeenImage:
    """Lay features `(N, C, h, w)` out by location, with votes `(N, L, 2)`, of all classes alike, and log odds
    `(N, L, N_CLASSES)`, or none. Landmarks are not numbers: no point reads them."""
    by_location = features.flatten(2).transpose(1, 2)
    n_images, n_locations, n_channels = by_location.shape
    here = grid(*features.shape[2:], like=features).expand(n_images, -1, -1)
    middles = here if votes is None else here + votes
    return SeenImage(
        features=by_location,
        class_logits=torch.zeros(n_images, n_locations, N_CLASSES) if class_logits is None else class_logits,
        middles=middles[:, :, None].expand(-1, -1, N_CLASSES, -1),
        landmarks=Landmarks(
            effector=torch.full((n_images, 2), torch.nan),
            spread=torch.full((n_images,), torch.nan),
            effector_features=torch.full((n_images, n_channels), torch.nan),
            presence=torch.full((n_images, N_CLASSES), torch.nan),
        ),
    )


def looking_for(*directions: list[float], temperature: float = 1e-4) -> FeaturePoints:
    """Return points whose patterns are given, and sharp enough for a maximum."""
    module = FeaturePoints(len(directions[0]), len(directions))
    with torch.no_grad():
        module.weight.copy_(torch.tensor(directions))
        module.log_temperature.fill_(math.log(temperature))
    return module


@given(row=st.integers(0, 6), column=st.integers(0, 8))
def test_a_pattern_seen_at_one_location_is_there(row: int, column: int):
    features = torch.zeros(1, 1, 7, 9)
    features[0, 0, row, column] = 1

    x, y = looking_for([1.0])(images_of(features))[0]

    torch.testing.assert_close(torch.stack([x, y]), torch.tensor([(column + 0.5) * 2 / 9 - 1, (row + 0.5) * 2 / 7 - 1]))


def test_a_pattern_seen_everywhere_alike_is_in_the_middle():
    points = FeaturePoints(4, 3)(images_of(torch.ones(2, 4, 5, 6)))

    torch.testing.assert_close(points, torch.zeros(2, 6), atol=1e-6, rtol=0)


def test_points_follow_a_shift():
    features = torch.zeros(1, 1, 16, 16)
    features[0, 0, 4:7, 5:9] = 1 + torch.rand(3, 4, generator=torch.Generator().manual_seed(0))
    module = looking_for([1.0], temperature=0.02)

    moved = module(images_of(features.roll((3, 2), (2, 3)))) - module(images_of(features))

    torch.testing.assert_close(moved, torch.tensor([[2 * 2 / 16, 3 * 2 / 16]]))


def test_without_votes_points_are_the_soft_argmax_of_the_projected_map():
    features = torch.randn(2, 8, 5, 6)
    module = FeaturePoints(8, 3)
    with torch.no_grad():
        module.log_temperature.fill_(-0.5)

    weights = (torch.einsum("nchw,pc->nphw", features, module.weight) * math.exp(0.5)).flatten(2).softmax(-1)
    expected = torch.einsum("npl,lx->npx", weights, grid(5, 6, like=features))

    torch.testing.assert_close(module(images_of(features)), expected.flatten(1))


def test_votes_of_zero_change_nothing():
    features = torch.randn(2, 8, 5, 6)
    module = FeaturePoints(8, 3)

    torch.testing.assert_close(module(images_of(features, votes=torch.zeros(2, 30, 2))), module(images_of(features)))


def test_a_pattern_on_an_objects_edge_points_at_its_middle_when_the_votes_say_so():
    middle = torch.tensor([0.123, -0.077])  # at no location's own place
    edge = torch.zeros(1, 1, 8, 8)
    edge[0, 0, 1, 2:5] = 1
    votes = torch.where(edge.flatten()[None, :, None] > 0, middle - grid(8, 8, like=edge), torch.tensor(0.5))

    torch.testing.assert_close(looking_for([1.0])(images_of(edge, votes=votes)), middle[None])


def seen_at(*locations: int, n_locations: int = 16) -> torch.Tensor:
    """Return log odds of one thing of each class at a location of its own, `(1, n_locations, N_CLASSES)`."""
    logits = torch.full((1, n_locations, N_CLASSES), -20.0)
    for number, location in enumerate(locations):
        logits[0, location, number] = 20.0
    return logits


def test_each_point_looks_for_things_of_its_class_and_the_classes_take_turns():
    images = images_of(torch.zeros(1, 8, 4, 4), class_logits=seen_at(2, 7, 13))

    points = FeaturePoints(8, 5)(images).unflatten(1, (-1, 2))[0]

    torch.testing.assert_close(points, grid(4, 4, like=points)[[2, 7, 13, 2, 7]])


def test_of_two_things_of_a_class_the_pattern_decides():
    logits = seen_at(2, 7, 13)
    logits[0, 9, 0] = 20.0
    features = torch.zeros(1, 2, 4, 4)
    features[0, 0, 0, 2], features[0, 1, 2, 1] = 10.0, 10.0  # locations 2 and 9
    images = images_of(features, class_logits=logits)

    for direction, location in (([1.0, 0.0], 2), ([0.0, 1.0], 9)):
        point = looking_for(direction, temperature=0.1)(images)[0]
        torch.testing.assert_close(point, grid(4, 4, like=point)[location])


def test_a_pattern_in_the_background_is_not_looked_at():
    features = torch.zeros(1, 1, 4, 4)
    features[0, 0, 3, 3] = 10.0

    point = looking_for([1.0], temperature=1.0)(images_of(features, class_logits=seen_at(2, 7, 13)))[0]

    torch.testing.assert_close(point, grid(4, 4, like=point)[2])


def test_attention_is_what_the_points_are_averaged_with():
    images = images_of(torch.randn(2, 8, 5, 6), votes=torch.randn(2, 30, 2), class_logits=torch.randn(2, 30, N_CLASSES))
    module = FeaturePoints(8, 4)

    attention = module.attend(images).weights

    assert attention.shape == (2, 4, 30)
    assert attention.min() >= 0
    torch.testing.assert_close(attention.sum(-1), torch.ones(2, 4))
    torch.testing.assert_close(module(images), (attention @ images.middles[:, :, 0]).flatten(1))


def test_a_point_is_where_locations_say_that_things_of_its_class_are():
    attention, middles = torch.rand(2, 7, 5), torch.randn(2, 5, N_CLASSES, 2)

    places = locate(attention, middles)

    for point in range(7):
        expected = torch.einsum("nl,nlx->nx", attention[:, point], middles[:, :, point % N_CLASSES])
        torch.testing.assert_close(places[:, point], expected)


def test_the_strength_of_a_look_falls_when_the_pattern_is_hidden():
    features = torch.zeros(1, 1, 4, 4)
    features[0, 0, 1, 2] = 10.0
    module = looking_for([1.0], temperature=1.0)

    seen = module.attend(images_of(features, class_logits=seen_at(6, 7))).strength
    hidden = module.attend(images_of(torch.zeros(1, 1, 4, 4), class_logits=seen_at(7))).strength

    assert seen.shape == (1, 1)
    assert seen > hidden + 5


def test_nearness_is_a_bell_around_the_middle_that_is_attended_to():
    middles = torch.rand(1, 5, N_CLASSES, 2) * 2 - 1
    attention = torch.eye(5)[None, [3, 1]]  # each point attends to one location
    places = torch.cat([middles[:, 3, 0], torch.tensor([[0.2, -0.4]])])[None]

    near = nearness(attention, middles, places)[0].unflatten(1, (len(NEAR_RADII), 2))  # (places, radii, points)

    for i, radius in enumerate(NEAR_RADII):
        for j, location in enumerate((3, 1)):
            distances = (middles[0, location, j] - places[0]).norm(dim=-1)
            torch.testing.assert_close(near[:, i, j], torch.exp(-0.5 * (distances / radius) ** 2))
    torch.testing.assert_close(near[0, :, 0], torch.ones(len(NEAR_RADII)))


def test_nearness_is_the_share_of_the_attention_that_lies_near():
    middles = torch.tensor([[[0.0, 0.0], [5.0, 5.0], [-5.0, 5.0]]])[:, :, None].expand(-1, -1, N_CLASSES, -1)
    attention = torch.tensor([[[0.25, 0.45, 0.3]]])

    near = nearness(attention, middles, middles[:, :2, 0])

    torch.testing.assert_close(near, torch.tensor([[[0.25] * 2, [0.45] * 2]]))


def test_a_pattern_turns_to_what_is_at_a_place_and_away_from_the_other_things_of_its_class():
    points = FeaturePoints(2, N_CLASSES)
    features = torch.zeros(1, 2, 4, 4)
    features[0, :, 0, 0], features[0, :, 3, 3] = torch.tensor([1.0, 0.0]), torch.tensor([0.0, 1.0])
    is_item = torch.full((1, 16, N_CLASSES), -20.0)
    is_item[0, [0, 15], 0] = 20.0  # two items and nothing else
    images = images_of(features, class_logits=is_item)

    responses = points.respond(images, torch.tensor([[[-0.75, -0.75], [0.75, 0.75]]]))
    (gradient,) = torch.autograd.grad(responses[0, 0, 0], points.weight)

    assert responses.shape == (1, 2, N_CLASSES)
    torch.testing.assert_close(gradient[0], torch.tensor([0.5, -0.5]), atol=0.05, rtol=0)
    torch.testing.assert_close(gradient[1:], torch.zeros(N_CLASSES - 1, 2), atol=1e-6, rtol=0)
    torch.testing.assert_close(responses[0, 1, 0], -responses[0, 0, 0], atol=0.05, rtol=0)


def test_where_nothing_is_shown_no_pattern_responds():
    points = FeaturePoints(2, N_CLASSES)
    nothing = images_of(torch.randn(1, 2, 4, 4), class_logits=torch.full((1, 16, N_CLASSES), -30.0))

    responses = points.respond(nothing, torch.zeros(1, 3, 2))

    torch.testing.assert_close(responses, torch.zeros(1, 3, N_CLASSES), atol=1e-6, rtol=0)


def test_a_lower_temperature_sharpens():
    features = torch.zeros(1, 1, 5, 5)
    features[0, 0, 0, 0] = 1
    corner = torch.tensor([[-0.8, -0.8]])

    distances = [
        (looking_for([1.0], temperature=t)(images_of(features)) - corner).norm() for t in (1.0, 0.3, 0.1, 0.01)
    ]

    assert distances == sorted(distances, reverse=True)
    assert distances[-1] < 1e-3


def test_sharpened_weights_sum_to_one_and_look_at_the_likeliest_more():
    look = FeaturePoints(6, 3).attend(images_of(torch.randn(2, 6, 3, 4)))

    sharp = look.sharpened()

    torch.testing.assert_close(sharp.sum(-1), torch.ones(2, 3))
    assert (sharp.amax(-1) > look.weights.amax(-1)).all()
    assert torch.equal(sharp.argmax(-1), look.weights.argmax(-1))


def test_what_was_looked_at_is_found_again_wherever_it_has_gone():
    features = torch.nn.functional.layer_norm(torch.randn(4, 8, 3, 3).transpose(1, 3), (8,)).transpose(1, 3)
    appearance = torch.randn(2, 1, 8)
    places = [(0, 0), (2, 1), (1, 1), (0, 2)]  # two frames of each of two clips
    for frame, (row, column) in enumerate(places):
        features[frame, :, row, column] = torch.nn.functional.layer_norm(appearance[frame // 2, 0], (8,))
    images = images_of(features)

    found = FeaturePoints(8, 3).find_again(torch.nn.functional.layer_norm(appearance, (8,)), images)

    x, y = (found.weights @ images.middles[:, :, 0])[:, 0].T
    expected = torch.tensor([[(column - 1) * 2 / 3, (row - 1) * 2 / 3] for row, column in places])
    torch.testing.assert_close(torch.stack([x, y], dim=1), expected, atol=0.05, rtol=0)


def test_what_is_gone_is_found_less():
    appearance = torch.nn.functional.layer_norm(torch.randn(1, 1, 8), (8,))
    there, gone = torch.zeros(1, 8, 3, 3), torch.zeros(1, 8, 3, 3)
    there[0, :, 1, 1] = appearance[0, 0]

    points = FeaturePoints(8, 3)

    assert (
        points.find_again(appearance, images_of(there)).strength
        > points.find_again(appearance, images_of(gone)).strength + 5
    )


def test_patterns_of_items_respond_to_the_item_that_was_taken():
    points = FeaturePoints(2, 2 * N_CLASSES)
    features = torch.zeros(1, 2, 4, 4)
    features[0, :, 0, 0], features[0, :, 3, 3] = torch.tensor([1.0, 0.0]), torch.tensor([0.0, 1.0])
    is_item = torch.full((1, 16, N_CLASSES), -20.0)
    is_item[0, [0, 15], 0] = 20.0  # two items and nothing else
    first = images_of(features, class_logits=is_item)
    is_item_later = is_item.clone()
    is_item_later[0, 0, 0] = -20.0
    later = images_of(features, class_logits=is_item_later)
    now = concatenate([first, later])

    responses = points.respond_to_taken(first, now, torch.tensor([[[-0.75, -0.75], [0.75, 0.75]]]))

    assert responses.shape == (1, 2, 2)
    torch.testing.assert_close(responses[0, 1], points.weight[::N_CLASSES, 0], atol=0.1, rtol=0.1)
