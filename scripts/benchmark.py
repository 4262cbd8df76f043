"""Compare this version's speed with that of an older one, named by its commit or tag, in one run.

python scripts/benchmark.py --against 34c8f45 --repeats 5

The older version is unpacked beside this one. Both take turns, each measurement in a process of its own, so that what
else the machine does meanwhile falls on both. Times are processor time of one thread, in which waiting for a busy
machine does not count; the medians are printed, and the older one's as a multiple of this one's.
"""
# ruff: noqa: INP001, T201 - a script, not a module of a package

import argparse
import io
import json
import os
import statistics
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]

MEASURED = {
    "read the prior, torch imported [s]": """
import torch
from daml.learners.methods import read_learner
began = time.process_time()
read_learner("tabletop")
result = time.process_time() - began
""",
    "daml adapt, from the shell [s]": """
from daml import cli
cli.main(["adapt", "--video", VIDEO, "--output", FOLDER + "/policy"])
result = time.process_time()
""",
    "adapt to a video in memory [ms]": """
from daml.deployment.adaptation import adapt
from daml.demos import read_video
prior, video = read_learner("tabletop"), read_video(VIDEO)
adapt(prior, video)
result = 1000 * median(lambda: adapt(prior, video), 7)
""",
    "control step of the network [ms]": """
from daml.deployment.adaptation import unadapted
env = envs.TabletopEnv("pick-place", image_size=96)
observation, _ = env.reset(seed=5)
policy = unadapted(read_learner("tabletop"))
for _ in range(10):
    policy.select_action(observation)
result = 1000 * median(lambda: policy.select_action(observation), 100)
""",
    "control step of the environment [ms]": """
env = envs.TabletopEnv("pick-place", image_size=96)
env.reset(seed=5)
result = 1000 * median(lambda: env.step(np.zeros(4, np.float32)), 60)
""",
    "reset of the environment [ms]": """
env = envs.TabletopEnv("pick-place", image_size=96)
env.reset(seed=5)
result = 1000 * median(lambda: env.reset(seed=5), 9)
""",
}
"""Code that leaves a time in `result`; what it needs is in `BEFORE`."""

BEFORE = """
import statistics, sys, time
VIDEO, FOLDER = sys.argv[1:]
def median(action, n):
    times = []
    for _ in range(n):
        began = time.process_time()
        action()
        times.append(time.process_time() - began)
    return statistics.median(times)
"""

WITH_ENVS = """
import numpy as np, torch
torch.set_num_threads(1)
from daml import envs
from daml.learners.methods import read_learner
"""


def unpack(version: str, folder: Path) -> None:
    """Unpack a version of the repository."""
    archive = subprocess.run(["git", "archive", version], cwd=ROOT, capture_output=True, check=True).stdout  # noqa: S603, S607 - our own repository
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        files.extractall(folder, filter="tar")


def measure(code: str, source: Path, *, video: Path, folder: Path) -> float:
    """Run code of one version in a process of its own; return what it measured."""
    program = BEFORE + (WITH_ENVS if "env" in code or "adapt(" in code else "") + code + "\nprint('\\n', result)"
    environment = os.environ | {"PYTHONPATH": str(source), "OMP_NUM_THREADS": "1"}
    words = [sys.executable, "-c", program, str(video), str(folder)]
    told = subprocess.run(words, capture_output=True, text=True, check=True, env=environment, cwd=folder)  # noqa: S603 - our own program
    return float(told.stdout.split()[-1])


def main() -> None:
    """Measure in turns, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--against", required=True, help="commit or tag of the older version")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--output", type=Path, help="JSON file for all measurements")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        unpack(options.against, folder / "older")
        video = folder / "human.mp4"
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        record = ["record", "--simulate", "--task", "place", "--index", "3", "--output", str(video)]
        subprocess.run([sys.executable, "-m", "daml", *record], check=True, env=environment, cwd=folder)  # noqa: S603 - our own program
        found: dict[str, dict[str, list[float]]] = {}
        for name, code in MEASURED.items():
            times: dict[str, list[float]] = {"older": [], "this": []}
            for _ in range(options.repeats):
                for which, source in (("older", folder / "older"), ("this", ROOT)):
                    times[which].append(measure(code, source, video=video, folder=folder))
            older, this = (statistics.median(values) for values in times.values())
            found[name] = times
            print(f"{name:40} {older:8.2f} {this:8.2f}   {older / this:.2f} x", flush=True)
            if options.output is not None:
                options.output.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
