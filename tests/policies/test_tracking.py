import torch

from policies.tracking import LEAP, PATIENCE, ItemTracker

HERE, THERE = torch.tensor([[0.5, 0.1]]), torch.tensor([[0.5, 0.1 + 2 * LEAP]])


def follow(*places: torch.Tensor) -> list[torch.Tensor]:
    tracker = ItemTracker()
    return [tracker.follow(place) for place in places]


def test_what_moves_a_little_is_followed_however_far_it_gets():
    places = [HERE + torch.tensor([[0.9 * LEAP * i, 0.0]]) for i in range(20)]

    assert all(torch.equal(told, place) for told, place in zip(follow(*places), places, strict=True))


def test_what_leaps_and_comes_back_is_where_it_was():
    told = follow(HERE, *[THERE] * PATIENCE, HERE, *[THERE] * PATIENCE, HERE)

    assert all(torch.equal(place, HERE) for place in told)


def test_what_stays_where_it_leapt_to_is_there():
    told = follow(HERE, *[THERE] * (PATIENCE + 2))

    assert [torch.equal(place, THERE) for place in told] == [False] * (PATIENCE + 1) + [True] * 2
