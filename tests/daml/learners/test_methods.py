import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pytest
import torch

from daml.learners.config import MethodName, PriorConfig
from daml.learners.learner import Learner
from daml.learners.methods import LEARNERS, create_learner, read_learner, read_worker_learner
from daml.learners.prior import Prior

METHODS = get_args(MethodName)


def test_every_method_has_its_learner():
    assert set(LEARNERS) == set(METHODS)
    assert LEARNERS["daml"] is Prior


@pytest.mark.parametrize("method", METHODS)
def test_a_prior_of_any_method_is_read_as_what_it_is(
    method: MethodName, make_learner: Callable[[MethodName], Learner], tmp_path: Path
):
    learner = make_learner(method)
    learner.save_pretrained(tmp_path / "prior")

    read = read_learner(tmp_path / "prior")

    assert type(read) is type(learner)
    assert read.config.method == method


def test_a_prior_of_another_method_is_no_prior(make_learner: Callable[[MethodName], Learner], tmp_path: Path):
    make_learner("lstm").save_pretrained(tmp_path / "prior")

    with pytest.raises(ValueError, match="method: expected one of daml, got lstm"):
        Prior.from_pretrained(tmp_path / "prior")


def test_what_is_no_prior_is_refused_in_one_line(prior: Prior, tmp_path: Path):
    prior.save_pretrained(tmp_path / "prior")
    file = tmp_path / "prior" / "config.json"
    file.write_text(file.read_text(encoding="utf-8").replace('"daml"', '"telepathy"'), encoding="utf-8")

    with pytest.raises(ValueError, match=r"prior: config.json: .*method: expected one of daml, .*, got 'telepathy'"):
        read_learner(tmp_path / "prior")


def test_initial_weights_depend_on_the_seed_alone_and_leave_no_trace(prior: Prior):
    before = torch.get_rng_state()
    config: PriorConfig = prior.config
    first, second, third = (create_learner(config, seed=seed).state_dict() for seed in (0, 0, 1))

    assert torch.equal(torch.get_rng_state(), before)
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert not all(torch.equal(first[name], third[name]) for name in first)


def test_a_worker_reads_a_prior_once_and_computes_on_one_thread(prior: Prior, tmp_path: Path):
    prior.save_pretrained(tmp_path / "prior")
    n_threads = torch.get_num_threads()
    try:
        read = read_worker_learner(tmp_path / "prior")
        assert torch.get_num_threads() == 1
    finally:
        torch.set_num_threads(n_threads)
    assert read_worker_learner(tmp_path / "prior") is read


def test_a_prior_is_read_without_what_takes_seconds_to_import():
    program = (
        "import sys, daml.app.adapt\n"
        "from daml.learners.methods import read_learner\n"
        "read_learner('tabletop')\n"
        "assert not {'torch._dynamo', 'mink', 'scipy.stats'} & {*sys.modules}"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, "-c", program], check=True, env=environment)
