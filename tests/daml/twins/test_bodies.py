"""Laws of a twin's bodies."""

import pytest

from daml.twins.bodies import Body
from daml.twins.modelling import spare_container, spare_item, spare_zone


@pytest.mark.parametrize(
    ("body", "height"),
    [
        (Body("item", None, spare_item([], is_pushed=False), is_acted_on=False), 0.036),
        (Body("flat", None, spare_container([]), is_acted_on=False), 0.017),
        (Body("flat", None, spare_zone([]), is_acted_on=False), 0.0),
    ],
)
def test_a_body_is_as_large_as_its_model(body: Body, height: float):
    assert body.size[2] == pytest.approx(height)
    assert body.reach >= max(body.size[:2]) / 2
    assert len(body.colours) == 2
    assert body.family


def test_what_is_of_one_colour_stays_so_in_another_one():
    body = Body("flat", None, spare_container([]), is_acted_on=False).recoloured((0.1, 0.2, 0.3))
    assert body.colours == ((0.1, 0.2, 0.3), (0.1, 0.2, 0.3))
