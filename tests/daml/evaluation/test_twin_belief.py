"""Laws of what a policy believes of a film's twin."""

import numpy as np

from daml.demos import Reading, Step
from daml.demos.reading.reading import ActingHand, Kind
from daml.evaluation.first_looks import FirstLooks
from daml.evaluation.twin_belief import believed_in_film
from daml.twins import Twin, build_twin


def built(kind: Kind) -> Twin:
    """A red square is brought onto a blue one; another thing is added where there would be no choice."""
    picture = np.full((120, 160, 3), 180, np.uint8)
    picture[50:70, 30:50] = (200, 20, 20)
    picture[70:100, 90:130] = (20, 20, 200)
    outline = np.array([[30, 50], [50, 50], [50, 70], [30, 70]]) / (160, 120)
    put = np.array([[100, 80], [120, 80], [120, 95], [100, 95]]) / (160, 120)
    step = Step(kind, (0.25, 0.5), (0.68, 0.71), 0.2, 0.9, "right", outline, put, 0.9)
    hand = ActingHand(np.zeros(1), np.zeros((1, 2)))
    return build_twin(Reading((step,), picture, (0.0, 0.0, 1.0, 1.0), hand, ((picture, picture),), 0.0))


def test_what_is_taken_most_often_is_told_where_the_film_shows_it():
    twin = built("pick-place")
    things = {thing.name: thing for thing in twin.things}
    n_items, n_containers = len(twin.scene.objects.items), len(twin.scene.objects.containers)
    for item in range(n_items):
        counts = tuple(5 if number == item else 3 for number in range(n_items))
        belief = believed_in_film(FirstLooks(counts, (8,) + (0,) * (n_containers - 1)), twin)
        assert belief.destination == things["container0"].place
        assert belief.item is not None
        seen = things[f"item{item}"].place
        if seen is None:  # added: where it would be, apart from all that the film shows
            shown = [thing.place for thing in twin.things if thing.place is not None]
            assert min(np.linalg.norm(np.subtract(belief.item, place)) for place in shown) > 0.05
        else:
            assert belief.item == seen


def test_a_zone_is_a_destination():
    twin = built("push")
    belief = believed_in_film(FirstLooks((2, 0), (2,)), twin)
    assert belief.destination == next(thing.place for thing in twin.things if thing.name == "zone")


def test_what_is_held_from_the_start_is_nowhere():
    assert believed_in_film(FirstLooks((0,), (2, 0)), built("place")).item is None
