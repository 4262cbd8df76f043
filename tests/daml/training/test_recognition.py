import math

import pytest
import torch
from torch.nn.functional import one_hot

from daml.collection.pictures import Pictures
from daml.policies.vision.feature_map import grid
from daml.training.recognition import EMPTY_RADIUS, recognition_loss

N_TASKS, N_THINGS, SHAPE = 4, 3, (12, 12)
"""Tasks, things of each, and the size of a feature map."""

EMPTY = N_TASKS * N_THINGS
"""Number of the feature that no thing has."""


def draw_batch() -> Pictures:
    """Return two pictures of each task, one row each; its things lie far apart, at the middles of locations."""
    places = grid(*SHAPE, like=torch.empty(0))[torch.tensor([14, 21, 116])]
    n = 2 * N_TASKS
    return Pictures(
        images=torch.zeros(n, 48, 48, 3, dtype=torch.uint8),
        centres=places.expand(n, -1, -1).clone(),
        classes=torch.arange(N_THINGS).expand(n, -1),
        visible=torch.ones(n, N_THINGS, dtype=torch.uint8),
        effector=torch.zeros(n, 2),
    )


def mark_things(batch: Pictures, *, confused: bool = False) -> torch.Tensor:
    """Return maps whose features are one-hot around each thing: its own, or in second pictures that of the next."""
    here = grid(*SHAPE, like=batch.centres)
    distances = torch.cdist(here.expand(len(batch.centres), -1, -1), batch.centres)  # (2 N, L, M)
    numbers = distances.argmin(-1)
    if confused:
        numbers[1::2] = (numbers[1::2] + 1) % N_THINGS
    numbers += N_THINGS * torch.arange(N_TASKS).repeat_interleave(2)[:, None]
    numbers[distances.amin(-1) > EMPTY_RADIUS] = EMPTY
    return one_hot(numbers, EMPTY + 1).float().transpose(1, 2).unflatten(2, SHAPE)


def test_things_are_recognised_by_their_features_in_the_other_picture():
    batch = draw_batch()

    right, all_right = recognition_loss(mark_things(batch), batch, n_channels=EMPTY + 1)
    wrong, none_right = recognition_loss(mark_things(batch, confused=True), batch, n_channels=EMPTY + 1)

    assert (all_right, none_right) == (1.0, 0.0)
    assert right < 0.01
    assert wrong > 5


def test_things_of_other_tasks_are_told_apart_too():
    batch = draw_batch()
    maps = mark_things(batch)
    maps[2:4] = maps[:2]  # the second task's things look like the first one's

    loss, share = recognition_loss(maps, batch, n_channels=EMPTY + 1)

    assert share == 1.0, "among the things of its own task each is found"
    assert loss.item() == pytest.approx(math.log(2) * 2 / N_TASKS, abs=0.01), "but those of two tasks have doubles"


def test_a_thing_must_be_seen_in_both_pictures_to_be_recognised():
    batch = draw_batch()
    visible = batch.visible.clone()
    visible[::2, 0] = visible[1::2, 1] = 0

    _, share = recognition_loss(
        mark_things(batch, confused=True), batch._replace(visible=visible), n_channels=EMPTY + 1
    )

    assert share == 1.0, "only one thing of each task is left to choose from"


def test_where_nothing_is_seen_there_is_no_loss():
    batch = draw_batch()
    maps = mark_things(batch).requires_grad_()

    loss, share = recognition_loss(maps, batch._replace(visible=torch.zeros_like(batch.visible)), n_channels=EMPTY + 1)

    loss.backward()
    assert (loss.item(), math.isnan(share)) == (0.0, True)


@pytest.mark.parametrize("looks_like_a_thing", [True, False])
def test_an_empty_place_must_not_look_like_a_thing(looks_like_a_thing: bool):  # noqa: FBT001 - a table
    batch = draw_batch()
    maps = mark_things(batch)
    if looks_like_a_thing:
        maps[:, :, 6, 6] = maps[:, :, 1, 2]  # what the first thing of each task looks like
    middle = grid(*SHAPE, like=batch.centres)[6 * SHAPE[1] + 6].expand(len(maps), 1, 2)

    loss, share = recognition_loss(maps, batch, n_channels=EMPTY + 1, empty_places=middle)

    assert share == 1.0
    expected = math.log(2) / N_THINGS if looks_like_a_thing else 0.0
    assert loss.item() == pytest.approx(expected, abs=0.01)


def test_a_place_at_a_thing_is_not_empty():
    batch = draw_batch()

    at_things, _ = recognition_loss(
        mark_things(batch), batch, n_channels=EMPTY + 1, empty_places=batch.centres + EMPTY_RADIUS / 4
    )

    assert at_things < 0.01
