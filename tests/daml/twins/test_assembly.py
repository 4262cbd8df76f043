"""Laws of putting a twin together."""

import numpy as np
import pytest

from daml.envs.scene.cameras import POLICY_CAMERA
from daml.twins.assembly import assemble
from daml.twins.bodies import Body
from daml.twins.modelling import spare_container, spare_item

BODIES = [
    Body("item", None, spare_item([], is_pushed=False), is_acted_on=True),
    Body("flat", None, spare_container([]), is_acted_on=True),
    Body("item", None, spare_item([(0.5, 0.5, 0.5)], is_pushed=False), is_acted_on=False, yaw=0.3),
]
PLACES = np.array([[0.5, 0.0], [0.5, 0.15], [0.6, -0.1]])


def assembled(kind: str = "pick-place"):
    picture = np.zeros((24, 32, 3), np.uint8)
    table = np.ones((24, 32), np.bool_)
    return assemble(
        BODIES,
        PLACES,
        kind=kind,
        camera=POLICY_CAMERA,
        first_frame=picture,
        table=table,
        table_colour=(0.5, 0.5, 0.5),
    )


def test_every_body_is_in_the_scene_and_where_it_was_put():
    twin = assembled()
    assert [thing.name for thing in twin.things] == ["item0", "container0", "item1"]
    np.testing.assert_array_equal(twin.layout.item_positions, PLACES[[0, 2]])
    np.testing.assert_array_equal(twin.layout.container_positions, PLACES[[1]])
    np.testing.assert_array_equal(twin.layout.item_yaws, [0.0, 0.3])
    assert twin.camera.position == POLICY_CAMERA.position
    assert twin.camera.target == POLICY_CAMERA.target
    assert twin.scene.objects.choice(twin.scene.objects.target)[:2] == (0, 0)


def test_bodies_that_are_no_scene_of_the_kind_are_refused():
    with pytest.raises(ValueError, match="containers: expected 0 for push"):
        assembled("push")
