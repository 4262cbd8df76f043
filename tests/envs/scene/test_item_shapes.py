"""Laws of the solids that items are made of."""

import mujoco
import numpy as np
import pytest

from daml.envs.objects.items import HALF_EXTENTS, Item
from daml.envs.scene.item_shapes import item_shapes


def an_item(family: str) -> Item:
    length, width, height = (low for low, _ in HALF_EXTENTS[family])
    return Item(family, (length, width, height), (0.8, 0.1, 0.1), (0.9, 0.9, 0.9), "plain")


@pytest.mark.parametrize("family", HALF_EXTENTS)
def test_every_family_has_a_solid_that_can_be_touched(family: str):
    assert any(shape.colour is None for shape in item_shapes(an_item(family)))


@pytest.mark.parametrize("family", ["bag", "fruit"])
def test_a_rounded_solid_fills_its_half_extents_and_has_a_flat_foot(family: str):
    item = an_item(family)
    (corners,) = (shape.corners for shape in item_shapes(item) if shape.corners is not None)
    length, width, height = item.half_extents
    wanted = (0.9 * length if family == "bag" else length, width, height)
    np.testing.assert_allclose(corners.max(axis=0), wanted, rtol=0.03)
    np.testing.assert_allclose(corners.min(axis=0), np.negative(wanted), rtol=0.03)
    assert corners[:, 1].max() == pytest.approx(width)
    foot = corners[corners[:, 2] < -0.999 * height]
    assert 0.3 * width < np.ptp(foot[:, 1]) / 2 < width


def test_an_item_stands_on_what_can_be_touched():
    for family in ("mug", "toy", "book"):
        item = an_item(family)
        solids = [shape for shape in item_shapes(item) if shape.colour is None]
        lowest = min(
            shape.offset[2] - shape.size[{mujoco.mjtGeom.mjGEOM_BOX: 2, mujoco.mjtGeom.mjGEOM_CYLINDER: 1}[shape.kind]]
            for shape in solids
            if shape.kind != mujoco.mjtGeom.mjGEOM_SPHERE
        )
        assert lowest == pytest.approx(-item.half_extents[2])
