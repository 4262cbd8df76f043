"""Simulate a Ray cluster of up to 64 nodes from what was measured on this machine, and say where it bends.

python scripts/measure_scaling.py --output runs/scaling.json
python scripts/simulate_cluster.py runs/scaling.json --output runs/cluster.png

Jobs are as long as measured ones, drawn at random. A worker starts, fetches the work once, and does one job after
another. The head hands out one job at a time; what jobs return or write goes through one shared link. Nodes fail at
random; their jobs are done again elsewhere, and they come back later. Efficiency is the time that all cores would need
if they did nothing but jobs, over the time that it takes. Where it falls below 0.85 each cost is left out in turn: the
one without which it is best is what bends it. The link and the failures are assumptions, and options.
"""
# ruff: noqa: INP001, T201 - a script, not a module of a package

import argparse
import dataclasses
import heapq
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

NODES = (1, 2, 4, 8, 16, 32, 64)
ENOUGH = 0.85
"""Efficiency below which a cluster bends."""

WORKLOADS = {"collect": (2_040, 100_000), "judge": (900, 30_000)}
"""Numbers of jobs of each kind of work: those of one prior's dataset or table, and many more."""


@dataclass(frozen=True)
class Costs:
    """What a cluster spends beside the jobs themselves."""

    start_s: float
    """Until a worker does its first job."""
    dispatch_s: float
    """Of the head, for each job."""
    fetch_bytes: float
    """Sent to each node once."""
    result_bytes: float
    """Returned or written by each job."""
    link_bytes_per_s: float
    """Of the link that all share."""
    failures_per_s: float
    """Of one node."""
    repair_s: float
    """Until a node that failed is back."""


class Cluster:
    """Nodes that do jobs, event by event.

    Args:
        n_nodes: Nodes.
        cores: Cores of each, which do a job each.
        costs: What is spent beside the jobs.
        seed: Seed of lengths and failures.
    """

    def __init__(self, n_nodes: int, *, cores: int, costs: Costs, seed: int) -> None:
        self._cores, self._costs = cores, costs
        self._rng = random.Random(seed)  # noqa: S311 - no secret
        self._events: list[tuple[float, int, str, int, int, float]] = []
        self._lives = [0] * n_nodes  # of each node: what belongs to an earlier one is void
        self._running: list[list[float]] = [[] for _ in range(n_nodes)]
        self._idle: list[tuple[int, int]] = []
        self._head_free = self._link_free = 0.0

    def run(self, n_jobs: int, lengths: Sequence[float]) -> float:
        """Do jobs.

        Args:
            n_jobs: How many.
            lengths: Lengths to draw from, in seconds.

        Returns:
            Efficiency, from 0 to 1.
        """
        waiting = [self._rng.choice(lengths) for _ in range(n_jobs)]
        ideal_s, n_done, now = sum(waiting) / (len(self._lives) * self._cores), 0, 0.0
        for node in range(len(self._lives)):
            self._note(0.0, "joins", node)
        while n_done < n_jobs:
            now, _, what, node, life, length = heapq.heappop(self._events)
            if life != self._lives[node]:
                continue
            if what == "joins":
                self._join(node, now)
            elif what == "fails":
                self._lives[node] += 1
                waiting += self._running[node]
                self._running[node] = []
                self._note(now + self._costs.repair_s, "joins", node)
                for idle, of_life in self._idle:
                    self._note(now, "is free", idle, life=of_life)
                self._idle = []
            elif what == "is free":
                if waiting:
                    self._begin(node, now, waiting.pop())
                else:
                    self._idle.append((node, life))
            elif what == "has computed":
                self._note(self._send(now, self._costs.result_bytes), "has sent", node, length=length)
            else:
                self._running[node].remove(length)
                n_done += 1
                self._note(now, "is free", node)
        return ideal_s / now

    def _join(self, node: int, now: float) -> None:
        """Let all cores of a node begin, and draw when it fails."""
        fetched = self._send(now, self._costs.fetch_bytes)
        for _ in range(self._cores):
            self._note(fetched + self._costs.start_s, "is free", node)
        if self._costs.failures_per_s:
            self._note(now + self._rng.expovariate(self._costs.failures_per_s), "fails", node)

    def _begin(self, node: int, now: float, length: float) -> None:
        self._head_free = max(self._head_free, now) + self._costs.dispatch_s
        self._running[node].append(length)
        self._note(self._head_free + length, "has computed", node, length=length)

    def _send(self, now: float, n_bytes: float) -> float:
        """Send over the shared link; return when all is there."""
        self._link_free = max(self._link_free, now) + n_bytes / self._costs.link_bytes_per_s
        return self._link_free

    def _note(self, when: float, what: str, node: int, *, life: int | None = None, length: float = 0.0) -> None:
        life = self._lives[node] if life is None else life
        heapq.heappush(self._events, (when, self._rng.getrandbits(30), what, node, life, length))


def without(costs: Costs) -> dict[str, Costs]:
    """Leave out each cost in turn."""
    names = {
        "the start of workers": {"start_s": 0.0, "fetch_bytes": 0.0},
        "the head": {"dispatch_s": 0.0},
        "the shared link": {"result_bytes": 0.0},
        "failures": {"failures_per_s": 0.0},
    }
    return {name: dataclasses.replace(costs, **change) for name, change in names.items()}


def costs_of(measured: dict[str, Any], kind: str, options: argparse.Namespace) -> Costs:
    """Read the costs of a kind of work."""
    of_work, small = measured["work"]["ray"][kind], measured["small_jobs"]
    return Costs(
        start_s=of_work["start_s"],
        dispatch_s=(small[-1]["seconds"] - small[0]["seconds"]) / (small[-1]["jobs"] - small[0]["jobs"]),
        fetch_bytes=of_work["sent_bytes"],
        result_bytes=of_work["returned_bytes"] + of_work["written_bytes"],
        link_bytes_per_s=options.link * 1e9 / 8,
        failures_per_s=1 / (3600 * options.hours_between_failures),
        repair_s=options.repair,
    )


def main() -> None:
    """Simulate, print a table, and draw."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("measured", type=Path, help="what measure_scaling.py wrote")
    parser.add_argument("--cores", type=int, default=16, help="cores of a node")
    parser.add_argument("--link", type=float, default=1.0, help="speed of the shared link, in Gbit/s")
    parser.add_argument("--hours-between-failures", type=float, default=24.0, help="of one node, on average")
    parser.add_argument("--repair", type=float, default=300.0, help="seconds until a node that failed is back")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--output", type=Path, help="PNG file for the plot (needs matplotlib)")
    options = parser.parse_args()
    measured = json.loads(options.measured.read_text(encoding="utf-8"))
    curves: dict[str, list[float]] = {}
    print("efficiency at nodes:".ljust(28), *(f"{n:>5}" for n in NODES))
    for kind, sizes in WORKLOADS.items():
        costs, lengths = costs_of(measured, kind, options), measured["work"]["ray"][kind]["job_s"]
        for n_jobs in sizes:

            def efficiency(nodes: int, costs: Costs, n_jobs: int = n_jobs, lengths: list[float] = lengths) -> float:
                cluster = Cluster(nodes, cores=options.cores, costs=costs, seed=options.seed)
                return cluster.run(n_jobs, lengths)

            name = f"{kind}, {n_jobs:,} jobs"
            curves[name] = [efficiency(nodes, costs) for nodes in NODES]
            bends = next((nodes for nodes, found in zip(NODES, curves[name], strict=True) if found < ENOUGH), None)
            print(name.ljust(28), *(f"{found:5.2f}" for found in curves[name]), end="  ")
            if bends is None:
                print(f"stays above {ENOUGH}")
                continue
            better = {left_out: efficiency(bends, fewer) for left_out, fewer in without(costs).items()}
            cause = max(better, key=better.__getitem__)
            print(f"bends at {bends} nodes; without {cause} {better[cause]:.2f} there", flush=True)
    if options.output is not None:
        draw(curves, options.output)


def draw(curves: dict[str, list[float]], path: Path) -> None:
    """Plot efficiency against nodes."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - an extra

    figure = Figure(figsize=(6, 3.5), layout="constrained")
    axes = figure.subplots()
    for name, values in curves.items():
        axes.plot(NODES, values, marker="o", label=name)
    axes.axhline(ENOUGH, color="grey", linewidth=1, linestyle=":")
    axes.set(xscale="log", xticks=NODES, ylim=(0, 1.05), xlabel="nodes", ylabel="efficiency (simulated)")
    axes.set_xticks(NODES, [str(n) for n in NODES])
    axes.minorticks_off()
    axes.legend()
    figure.savefig(path, dpi=120)


if __name__ == "__main__":
    main()
