"""Laws of finding the table."""

import numpy as np

from daml.twins.regions import find_regions
from daml.twins.table import find_table


def masks(scenery: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return where the red square is, and a spot on the plate."""
    item, put = np.zeros((2, *scenery.shape[:2]), np.bool_)
    item[132:156, 84:108] = True
    put[160:176, 200:216] = True
    return item, put


def test_the_table_is_found_without_the_things_on_it_and_the_wall(scenery: np.ndarray):
    item, put = masks(scenery)
    table = find_table(find_regions(scenery), item, put=put)
    assert not table[144, 96]
    assert not table[168, 208]  # the plate
    assert not table[:40].any()
    assert table[220, 20]
    assert table[220, 300]  # brighter there


def test_a_mat_under_the_item_is_the_table(scenery: np.ndarray):
    picture = scenery.copy()
    picture[110:200, 40:270] = np.where(
        np.linalg.norm(picture[110:200, 40:270].astype(float) - (205, 190, 170), axis=-1, keepdims=True) < 50,
        np.uint8(30),
        picture[110:200, 40:270],
    )
    item, put = masks(scenery)
    table = find_table(find_regions(picture), item, put=put)
    assert table[115, 60]
    assert not table[220, 20]


def test_of_a_picture_that_is_all_item_no_table_is_found(bare_table: np.ndarray):
    whole = np.ones(bare_table.shape[:2], np.bool_)
    assert not find_table(find_regions(bare_table), whole, put=~whole).any()
