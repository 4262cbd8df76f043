"""Laws of the learning rate over a run."""

import pytest

from daml.schedule import is_due, one_cycle


def test_the_learning_rate_rises_to_its_peak_and_falls():
    rates = [one_cycle(step, steps=100, peak=1.0, warmup_share=0.1) for step in range(100)]

    assert rates[0] == pytest.approx(0.1)
    assert max(rates) == rates[10] == pytest.approx(1.0)
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert rates[-1] < 0.02


def test_a_run_of_one_step_has_a_rate():
    assert one_cycle(0, steps=1, peak=1.0, warmup_share=0.03) > 0


def test_what_is_done_every_so_many_steps_is_also_done_after_the_last():
    assert [step for step in range(1, 12) if is_due(4, step, steps=11)] == [4, 8, 11]
