"""Laws of `scripts/simulate_cluster.py`."""

import dataclasses
import importlib.util
import sys
from pathlib import Path

import pytest

PATH = Path(__file__).parents[1] / "scripts" / "simulate_cluster.py"
SPEC = importlib.util.spec_from_file_location("simulate_cluster", PATH)
assert SPEC is not None
assert SPEC.loader is not None
simulate_cluster = importlib.util.module_from_spec(SPEC)
sys.modules["simulate_cluster"] = simulate_cluster
SPEC.loader.exec_module(simulate_cluster)

FREE = simulate_cluster.Costs(0.0, 0.0, 0.0, 0.0, 1e9, 0.0, 0.0)


def efficiency(costs: object = FREE, *, nodes: int = 4, n_jobs: int = 400, length: float = 2.0) -> float:
    return simulate_cluster.Cluster(nodes, cores=2, costs=costs, seed=0).run(n_jobs, [length])


def test_jobs_that_fill_all_cores_evenly_lose_nothing_where_nothing_costs():
    assert efficiency() == pytest.approx(1.0)


def test_the_last_round_leaves_cores_idle():
    assert efficiency(n_jobs=9) == pytest.approx(9 / 16)


@pytest.mark.parametrize(
    ("cost", "takes_s"),
    [
        ({"start_s": 10.0}, 110),
        ({"dispatch_s": 1.0}, 402),  # one after another, and the last one's length
        ({"result_bytes": 1e9}, 402),
        ({"fetch_bytes": 1e9}, None),
        ({"failures_per_s": 0.01, "repair_s": 5.0}, None),
    ],
)
def test_each_cost_costs_what_it_says(cost: dict[str, float], takes_s: float | None):
    found = efficiency(dataclasses.replace(FREE, **cost))
    assert found < 0.999
    if takes_s is not None:
        assert found == pytest.approx(100 / takes_s, rel=0.02)


def test_a_seed_decides_all():
    costs = dataclasses.replace(FREE, failures_per_s=0.01, repair_s=5.0)
    assert efficiency(costs) == efficiency(costs)
