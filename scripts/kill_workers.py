"""Kill workers at random moments while tasks are collected, and see that nothing is lost and nothing comes twice.

python scripts/kill_workers.py --engine local --kills 30
python scripts/kill_workers.py --engine ray --kills 30     # kills whole nodes too, of a cluster of this machine

Tiny tasks are collected once undisturbed by one process. Then they are collected again and again, into new folders, by
two workers of which one is killed (SIGKILL) every few seconds, until as many kills as asked for have hit. With Ray
every other kill takes a whole node, and another one joins. What counts as a failure: other files or bytes, a task that
is reported twice or not at all, an error of the command.
"""
# ruff: noqa: INP001, T201 - a script, not a module of a package

import argparse
import hashlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

COLLECT = """
import sys
from daml.collection.demonstrations import CollectionConfig, collect
from daml.engines.ray_engine import RayEngine
def note(progress):
    print(progress.done, progress.total, flush=True)
if __name__ == "__main__":
    folder, n_tasks, workers = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    config = CollectionConfig(kinds=("place", "push"), train_tasks=n_tasks // 2, robots=1, image_size=16)
    collect(config, folder, workers=int(workers) if workers.isdigit() else RayEngine(workers), observers=[note])
"""


def start(folder: Path, n_tasks: int, workers: str) -> subprocess.Popen[str]:
    """Start to collect, in a process of its own."""
    program = folder.parent / "collect.py"
    program.write_text(COLLECT, encoding="utf-8")
    return subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, str(program), str(folder), str(n_tasks), workers],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )


def content(folder: Path) -> dict[str, str]:
    """Return a digest of every file below a folder."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != ".lock"
    }


def workers_of(process: int, engine: str) -> list[int]:
    """Return the processes that do jobs."""
    found: list[int] = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            words = (folder / "cmdline").read_text(encoding="utf-8", errors="replace")
            parent = int((folder / "stat").read_text(encoding="utf-8").rpartition(") ")[2].split()[1])
            is_local = parent == process and "resource_tracker" not in words
            if (words.startswith("ray::_do")) if engine == "ray" else is_local:
                found.append(int(folder.name))
    return found


def undisturbed(folder: Path, n_tasks: int) -> dict[str, str]:
    """Collect with one process; return what is there."""
    process = start(folder, n_tasks, "1")
    _, complaints = process.communicate()
    if process.returncode:
        raise RuntimeError(complaints)
    return content(folder)


def disturbed(
    folder: Path, n_tasks: int, workers: str, *, kill: Callable[[int], bool], pause: Callable[[], float], most: int
) -> tuple[int, list[str]]:
    """Collect while workers are killed; return the number of kills and what went wrong."""
    process = start(folder, n_tasks, workers)
    kills = 0
    while process.poll() is None:
        with suppress(subprocess.TimeoutExpired):
            process.wait(pause())
            break
        if kills < most:
            kills += kill(process.pid)
    told, complaints = process.communicate()
    lines = [line for line in told.splitlines() if line and line[0].isdigit()]
    expected = [f"{done} {n_tasks}" for done in range(n_tasks + 1)]
    wrong = [] if lines == expected else [f"reported: {lines}"]
    if process.returncode:
        wrong.append(f"status {process.returncode}: {complaints[-1500:]}")
    return kills, wrong


def open_cluster(*, n_nodes: int = 2) -> Any:  # noqa: ANN401 - Ray is not always there
    """Start a cluster: a head that does no jobs, and nodes with one core each."""
    from ray.cluster_utils import Cluster  # noqa: PLC0415 # pyright: ignore[reportMissingImports]

    # A node is slow to start on a busy machine.
    os.environ.update(RAY_USAGE_STATS_ENABLED="0", RAY_raylet_start_wait_time_s="300")
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False})
    for _ in range(n_nodes):
        add_node(cluster)
    return cluster


def add_node(cluster: Any) -> None:  # noqa: ANN401 - likewise
    """Add a node with one core; on a busy machine its start may time out, and is tried again."""
    for _ in range(5):
        with suppress(Exception):
            cluster.add_node(num_cpus=1)
            return


def main() -> None:
    """Kill as often as asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", choices=("local", "ray"), default="local")
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--tasks", type=int, default=24, help="tasks of each run")
    parser.add_argument(
        "--pause", type=float, nargs=2, default=(0.1, 0.5), help="time between kills, as a share of an undisturbed run"
    )
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    rng = random.Random(options.seed)  # noqa: S311 - no secret
    cluster = open_cluster() if options.engine == "ray" else None
    n_kills = {"worker": 0, "node": 0}

    def kill(process: int) -> bool:
        nodes = [node for node in cluster.list_all_nodes() if not node.head] if cluster is not None else []
        if nodes and rng.random() < 0.5:
            cluster.remove_node(rng.choice(nodes), allow_graceful=False)
            add_node(cluster)
            n_kills["node"] += 1
            return True
        found = workers_of(process, options.engine)
        if not found:
            return False
        with suppress(ProcessLookupError):
            os.kill(rng.choice(found), signal.SIGKILL)
        n_kills["worker"] += 1
        return True

    wrong: list[str] = []
    with tempfile.TemporaryDirectory() as temporary:
        began = time.monotonic()
        expected = undisturbed(Path(temporary) / "whole", options.tasks)
        duration = time.monotonic() - began
        print(f"undisturbed: {duration:.0f} s", flush=True)
        runs = kills = 0
        while kills < options.kills and not wrong:
            runs += 1
            folder = Path(temporary) / f"disturbed-{runs}"
            began = time.monotonic()
            workers = "2" if cluster is None else cluster.address
            n, wrong = disturbed(
                folder,
                options.tasks,
                workers,
                kill=kill,
                pause=lambda: duration * rng.uniform(*options.pause),
                most=options.kills - kills,
            )
            kills += n
            if content(folder) != expected:
                wrong.append("other bytes")
            print(f"run {runs}: {n} kills in {time.monotonic() - began:.0f} s, {len(wrong)} wrong", flush=True)
    if cluster is not None:
        cluster.shutdown()
    print(
        f"{options.engine}: {n_kills['worker']} workers and {n_kills['node']} nodes killed in {runs} runs of", end=" "
    )
    print(f"{options.tasks} tasks, {len(expected)} files, {len(wrong)} wrong")
    for problem in wrong:
        print(problem)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
