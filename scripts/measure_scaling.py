"""Measure how two workers compare with one, on local processes and on Ray nodes, and what `simulate_cluster.py` needs.

python scripts/measure_scaling.py --output runs/scaling.json                  # a quarter of an hour, on an idle machine
python scripts/measure_scaling.py --engines local --repeats 1 --jobs 12       # a quick look

Collecting and judging are done by one worker and by two, in turn. Efficiency is the rate of two workers over twice that
of one, from when each worker has ended its first job: what a worker takes to start is told by itself. Ray's nodes are
processes of this machine with one core each, beside a head that does no jobs. Then thousands of jobs that do nothing go
through Ray, while the memory of this process and of Ray's own is noted: it should not grow with the jobs.
"""
# ruff: noqa: INP001, T201 - a script, not a module of a package

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from itertools import pairwise
from pathlib import Path
from typing import Any

from kill_workers import open_cluster

from daml.storage.versions import versions

WORK = """
import json, pickle, sys, tempfile, time
from pathlib import Path
import daml
from daml.engines.ray_engine import RayEngine
from daml.evaluation.episode_jobs import EpisodeRunner

def main():
    work, n_jobs, who = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    workers = int(who) if who.isdigit() else RayEngine(who)
    began, ends = time.perf_counter(), []

    def note(progress):
        ends.extend([time.perf_counter() - began] * (progress.done > len(ends)))

    if work == "collect":
        with tempfile.TemporaryDirectory() as folder:
            config = daml.CollectionConfig(kinds=("push",), train_tasks=n_jobs, robots=2)
            daml.collect(config, Path(folder) / "set", workers=workers, observers=[note])
            sizes = [path.stat().st_size for path in Path(folder).rglob("*") if path.is_file()]
        sent, returned, written = len(pickle.dumps(config)), 8, sum(sizes) / n_jobs
    else:
        prior = daml.Prior.from_pretrained("tabletop")
        config = daml.EvaluationConfig(kind="push", n_tasks=n_jobs, split="validation", rollouts=1)
        size = prior.config.image_size[0]
        judged = daml.evaluate(daml.one_shot(prior), config, image_size=size, workers=workers, observers=[note])
        sent = len(pickle.dumps(EpisodeRunner(daml.one_shot(prior), size)))
        returned, written = len(pickle.dumps(judged.episodes[0])), 0
    print(json.dumps({"ends_s": ends, "sent_bytes": sent, "returned_bytes": returned, "written_bytes": written}))

if __name__ == "__main__":
    main()
"""
"""Does jobs, and tells when each ended after the beginning and what was sent about."""

SMALL = """
import json, subprocess, sys, time
from pathlib import Path
from daml.engines.ray_engine import RayEngine

def nothing(number):
    return number

def memory():
    # Proportional, so that what processes share counts once.
    total = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes()
            name = "this" if int(folder.name) == own else "gcs" if b"gcs_server" in words else ""
            name = name or ("raylet" if b"raylet/raylet" in words else "")
            if name:
                lines = (folder / "smaps_rollup").read_text().splitlines()
                size = next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
                total[name] = total.get(name, 0) + size / 1000
        except (OSError, StopIteration):
            continue
    return total

if __name__ == "__main__":
    import os
    own, n_jobs, noted, began = os.getpid(), int(sys.argv[1]), [], time.perf_counter()
    for done, _ in enumerate(RayEngine(sys.argv[2]).run(nothing, range(n_jobs)), start=1):
        if done % (n_jobs // 10) == 0:
            noted.append({"jobs": done, "seconds": time.perf_counter() - began} | memory())
    print(json.dumps(noted))
"""
"""Does jobs that do nothing, and tells of memory in MB on the way."""


def run(program: str, *words: str) -> Any:  # noqa: ANN401 - what a program prints
    """Run a program in a process of its own; return the JSON that it prints last."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "work.py"  # a file, since workers of this machine import it
        path.write_text(program, encoding="utf-8")
        environment = os.environ | {"OMP_NUM_THREADS": "1"}
        told = subprocess.run([sys.executable, str(path), *words], capture_output=True, text=True, env=environment)  # noqa: PLW1510, S603 - our own program
    if told.returncode:
        raise RuntimeError(f"{' '.join(words)}: status {told.returncode}: {told.stderr[-2000:]}")
    return json.loads(told.stdout.splitlines()[-1])


def work(engine: str, kind: str, *, n_jobs: int, n_workers: int) -> dict[str, Any]:
    """Let workers do jobs; return when each ended."""
    if engine == "local":
        return run(WORK, kind, str(n_jobs), str(n_workers))
    cluster = open_cluster(n_nodes=n_workers)
    try:
        return run(WORK, kind, str(n_jobs), cluster.address)
    finally:
        cluster.shutdown()


def rate(ends_s: list[float], n_workers: int) -> float:
    """Return jobs a second, from when each worker has ended its first one."""
    return (len(ends_s) - n_workers) / (ends_s[-1] - ends_s[n_workers - 1])


def compare(engine: str, kind: str, *, n_jobs: int, repeats: int) -> dict[str, Any]:
    """Let one worker and two take turns."""
    found: dict[int, list[dict[str, Any]]] = {1: [], 2: []}
    for _ in range(repeats):
        for n_workers, results in found.items():
            results.append(work(engine, kind, n_jobs=n_jobs, n_workers=n_workers))
    rates = {n: statistics.median(rate(one["ends_s"], n) for one in results) for n, results in found.items()}
    alone = [one["ends_s"] for one in found[1]]
    lengths = [later - earlier for ends in alone for earlier, later in pairwise(ends)]
    summary = {
        "rate_of_one_hz": rates[1],
        "rate_of_two_hz": rates[2],
        "efficiency": rates[2] / (2 * rates[1]),
        "start_s": statistics.median(ends[0] for ends in alone) - statistics.median(lengths),
        "job_s": lengths,
        **{name: found[1][0][name] for name in ("sent_bytes", "returned_bytes", "written_bytes")},
    }
    print(
        f"{engine:5} {kind:7} one worker {rates[1]:.2f} jobs/s, two {rates[2]:.2f}: efficiency "
        f"{summary['efficiency']:.2f}; a worker starts in {summary['start_s']:.1f} s",
        flush=True,
    )
    return summary


def small_jobs(n_jobs: int) -> list[dict[str, float]]:
    """Send small jobs through Ray; return the memory at every tenth of them."""
    cluster = open_cluster(n_nodes=2)
    try:
        noted: list[dict[str, float]] = run(SMALL, str(n_jobs), cluster.address)
    finally:
        cluster.shutdown()
    for row in noted:
        parts = ", ".join(f"{name} {row[name]:.0f} MB" for name in ("this", "gcs", "raylet") if name in row)
        print(f"{row['jobs']:6.0f} small jobs, {row['seconds']:.0f} s: {parts}", flush=True)
    return noted


def main() -> None:
    """Measure, print, and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engines", nargs="+", choices=("local", "ray"), default=["local", "ray"])
    parser.add_argument("--jobs", type=int, default=60, help="jobs of each run")
    parser.add_argument("--repeats", type=int, default=3, help="runs with each number of workers")
    parser.add_argument("--small-jobs", type=int, default=10_000, help="jobs that do nothing; 0 for none")
    parser.add_argument("--output", type=Path, help="JSON file for what was measured")
    options = parser.parse_args()
    found: dict[str, Any] = {"versions": versions(), "work": {}}
    for engine in options.engines:
        found["work"][engine] = {
            kind: compare(engine, kind, n_jobs=options.jobs, repeats=options.repeats) for kind in ("collect", "judge")
        }
    if "ray" in options.engines and options.small_jobs:
        found["small_jobs"] = small_jobs(options.small_jobs)
    if options.output is not None:
        options.output.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
