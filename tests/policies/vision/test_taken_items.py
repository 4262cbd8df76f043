import pytest
import torch

from daml.policies.tensor_trees import concatenate
from daml.policies.vision.feature_map import N_LOCATORS, grid
from daml.policies.vision.seen_image import SeenImage
from daml.policies.vision.taken_items import weigh_taken

SIZE = 4
LEFT, RIGHT = 5, 10
"""Locations of two items, row by row."""


def picture(*items: int) -> SeenImage:
    """See an image with items at some locations, which all look different."""
    features = torch.unflatten(torch.eye(SIZE * SIZE), 1, (SIZE, SIZE))
    maps = torch.zeros(1, SIZE * SIZE + N_LOCATORS, SIZE, SIZE)
    maps[0, : SIZE * SIZE] = features
    maps[0, SIZE * SIZE] = -20.0
    maps[0, SIZE * SIZE].view(-1)[list(items)] = 20.0
    return SeenImage.of_maps(maps)


def weigh(*frames: SeenImage, hand: list[int]) -> torch.Tensor:
    """Weigh what is taken in a film of some frames, with the hand at some locations: `(T, L)`."""
    places = grid(SIZE, SIZE, like=frames[0].features)[hand][None]
    return weigh_taken(frames[0], concatenate(frames), places)[0]


def test_an_item_is_taken_once_the_hand_has_been_there_and_it_is_gone():
    both, right = picture(LEFT, RIGHT), picture(RIGHT)

    taken = weigh(both, both, right, right, hand=[0, LEFT, 1, 0])

    assert taken.shape == (4, SIZE * SIZE)
    torch.testing.assert_close(taken[:, LEFT], torch.tensor([0.0, 0.0, 1.0, 1.0]), atol=1e-3, rtol=0)
    assert taken[:, RIGHT].max() < 0.01


def test_an_item_that_is_only_hidden_for_a_while_is_not_taken():
    both, right = picture(LEFT, RIGHT), picture(RIGHT)

    taken = weigh(both, right, right, both, hand=[LEFT, LEFT, LEFT, 0])

    assert taken.max() < 0.01


@pytest.mark.parametrize("hand", [[0, 0], [RIGHT, RIGHT]])
def test_what_is_gone_where_no_hand_has_been_is_not_taken(hand: list[int]):
    taken = weigh(picture(LEFT, RIGHT), picture(RIGHT), hand=hand)

    assert taken.max() < 0.01


def test_another_item_in_its_place_does_not_stand_for_it():
    both = picture(LEFT, RIGHT)
    swapped = both._replace(features=both.features.flip(-1))

    taken = weigh(both, swapped, hand=[LEFT, LEFT])

    torch.testing.assert_close(taken[1, LEFT], torch.tensor(1.0), atol=1e-3, rtol=0)


def test_clips_do_not_mix():
    first, second = (picture(LEFT, RIGHT), picture(RIGHT)), (picture(LEFT, RIGHT), picture(LEFT))
    places = grid(SIZE, SIZE, like=first[0].features)[torch.tensor([[LEFT, 0], [RIGHT, 0]])]

    together = weigh_taken(concatenate([first[0], second[0]]), concatenate([*first, *second]), places)

    for number, film in enumerate((first, second)):
        alone = weigh_taken(film[0], concatenate(film), places[number : number + 1])
        torch.testing.assert_close(together[number], alone[0])
    assert together.shape == (2, 2, SIZE * SIZE)
