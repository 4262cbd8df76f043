import numpy as np
import pytest

from daml.demos import Reading
from daml.page.corrections import chosen_step, corrected


def test_what_is_left_as_it_was_stays_as_it_was(reading: Reading):
    same = [{"number": 0, "kind": "pick-place", "item": [0.3, 0.5], "destination": [0.7, 0.6]}]
    (step,) = corrected(reading, same).steps
    assert step.confidence == reading.steps[0].confidence
    np.testing.assert_array_equal(step.outline, reading.steps[0].outline)


def test_a_corrected_place_is_sure_and_the_outline_goes_with_it(reading: Reading):
    (step,) = corrected(reading, [{"number": 0, "item": [0.4, 0.5]}]).steps
    assert step.item == (0.4, 0.5)
    assert step.destination == reading.steps[0].destination
    assert step.confidence == 1
    np.testing.assert_allclose(step.outline - reading.steps[0].outline, [[0.1, 0]] * 4, atol=1e-9)


def test_the_manner_can_be_chosen(reading: Reading):
    assert corrected(reading, [{"number": 0, "kind": "push"}]).steps[0].kind == "push"


def test_steps_left_out_are_gone_with_their_moments(reading: Reading):
    two = corrected(reading, [{"number": 0}, {"number": 0, "kind": "push"}])
    assert len(two.steps) == len(two.moments) == 2
    assert len(corrected(two, [{"number": 1}]).steps) == 1
    assert corrected(two, [{"number": 1}]).steps[0].kind == "push"


@pytest.mark.parametrize(
    ("correction", "word"),
    [
        ({"number": 1}, "number"),
        ({"number": "0"}, "number"),
        ({}, "number"),
        ({"number": 0, "kind": "throw"}, "kind"),
        ({"number": 0, "item": [0.1]}, "item"),
        ({"number": 0, "item": [0.1, float("nan")]}, "item"),
        ({"number": 0, "destination": [0.1, 1.5]}, "destination"),
        ({"number": 0, "destination": "x" * 100_000}, "destination"),
    ],
)
def test_what_is_no_correction_is_refused(reading: Reading, correction: dict[str, object], word: str):
    with pytest.raises(ValueError, match=f"^{word}: expected") as error:
        corrected(reading, [correction])
    assert len(str(error.value)) < 200


def test_of_several_steps_all_can_be_chosen(reading: Reading):
    two = corrected(reading, [{"number": 0}, {"number": 0}])
    assert chosen_step(two, "all") is None
    assert chosen_step(two, 1) == 1


@pytest.mark.parametrize("value", [1, -1, "0", None, [0], "all"])
def test_a_step_that_is_not_there_cannot_be_chosen(reading: Reading, value: object):
    assert chosen_step(reading, 0) == 0
    with pytest.raises(ValueError, match=r"^chosen: expected"):
        chosen_step(reading, value)


def test_at_least_one_step_remains(reading: Reading):
    with pytest.raises(ValueError, match="at least one"):
        corrected(reading, [])
