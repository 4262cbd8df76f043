"""Laws of finding the table."""

import numpy as np

from daml.twins.table import find_table


def test_the_table_is_found_without_the_things_on_it_and_the_wall(scenery: np.ndarray):
    handled = np.zeros(scenery.shape[:2], np.bool_)
    handled[132:156, 84:108] = True  # the red square
    table = find_table(scenery, handled)
    assert not table[144, 96]
    assert not table[168, 208]  # the plate
    assert not table[:40].any()
    assert table[220, 20]
    assert table[220, 300]  # brighter there


def test_of_a_picture_that_is_all_handled_no_table_is_found(bare_table: np.ndarray):
    assert not find_table(bare_table, np.ones(bare_table.shape[:2], np.bool_)).any()
