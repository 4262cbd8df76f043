"""Laws of what a worker does."""

import pytest

from daml.engines.jobs import Refused, attempt, do, keep_job
from daml.evaluation.evaluation_config import EvaluationConfig


def test_the_job_that_was_kept_is_done():
    keep_job(lambda item: 2 * item)
    assert do(4) == 8


def test_an_error_of_the_users_is_a_result_and_a_fault_is_raised():
    refused = attempt(lambda n: EvaluationConfig(n_tasks=n), 0)
    assert isinstance(refused, Refused)
    assert "at least 1" in str(refused.error)
    with pytest.raises(ZeroDivisionError):
        attempt(lambda n: 1 / n, 0)
