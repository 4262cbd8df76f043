"""Kill long commands again and again, and see that what they leave in the end is the same as if nobody had.

python scripts/kill_test.py --kills 50 --commands collect import adapt train demo

Each command runs once undisturbed, on tiny sizes. Then it is run again and again into another folder and killed
(SIGKILL) after a random time, until it has been killed as often as asked for; a run that comes to its end before that
is thrown away, and the next one begins anew. Last it runs to its end. What counts as a failure: another set of files,
or other bytes in one, but for the times that results hold; an error in any run; a process that outlives its command.
Exits with 1 after a failure.
"""
# ruff: noqa: INP001, T201 - a script, not a module of a package

import argparse
import hashlib
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

TIMES = re.compile(r"git|elapsed_s|.*_ms(_median)?|eval_s|eval_ep_s")
"""Fields that differ from run to run, or when somebody commits meanwhile."""
SCRATCH = re.compile(r"(.*/)?\.lock")
"""Files that hold nothing."""
WHOLE = "is there already"
"""What a command says that replaces nothing, and was killed when all was written."""
TINY = (
    *("--prior.image-size", "16", "16", "--prior.human-frames", "6", "--batch.human-frames", "6"),
    *("--prior.policy.channels", "8", "8", "8", "8", "--prior.policy.hidden-size", "16"),
    *("--prior.temporal-loss.n-outputs", "4", "--prior.temporal-loss.kernel-size", "3"),
    *("--prior.temporal-loss.gate-size", "6", "--batch.n-tasks", "2", "--log-every", "1", "--save-every", "1"),
    *("--validate-every", "2", "--validation-tasks", "1", "--device", "cpu", "--steps", "4"),
    *("--pretraining.steps", "2", "--pretraining.tasks", "4", "--motor.steps", "2", "--tracks.rounds", "0"),
    *("--correction.rounds", "0"),
)
JUDGED = ("--control", "expert", "--task", "place", "--n-tasks", "12", "--rollouts", "2")
CHAINED = ("--task", "pick-place", "--steps", "2", "--n-tasks", "6")
COLLECTED = ("--kinds", "place", "--train-tasks", "3", "--robots", "1", "--image-size", "16")

Words = list[str]


def commands(good: Path) -> dict[str, Callable[[Path], Words]]:
    """Return the words of each command, given the folder that it writes to."""
    return {
        "collect": lambda out: ["collect", "--output", f"{out}/set", *COLLECTED, "--workers", "2"],
        "import": lambda out: ["dataset", "import", f"{good}/recordings", f"{out}/set", "--image-size", "16", "16"],
        "adapt": lambda out: ["adapt", "--video", f"{good}/clip.mp4", "--output", f"{out}/policy"],
        "evaluate": lambda out: ["evaluate", "--output", f"{out}/result.json", *JUDGED, "--workers", "2"],
        "chains": lambda out: ["evaluate", "--output", f"{out}/result.json", *CHAINED, "--workers", "2"],
        "record": lambda out: ["record", "--simulate", "--output", f"{out}/clip.mp4"],
        "demo": lambda out: ["demo", "--output", f"{out}/demo.mp4", "--rollouts", "1", "--task", "place"],
        "export-lerobot": lambda out: ["dataset", "export-lerobot", f"{good}/set", f"{out}/exported"],
        "import-lerobot": lambda out: [
            *("dataset", "import-lerobot", f"{good}/lerobot/robot", f"{good}/lerobot/human", f"{out}/set"),
            *("--image-size", "16", "16"),
        ],
        "train": lambda out: ["train", "--output", f"{out}/run", "--dataset", f"{good}/set", *TINY],
    }


def make_good(folder: Path, names: list[str]) -> None:
    """Write what the commands read."""
    import numpy as np  # noqa: PLC0415 - the commands load their own

    from daml.demos import write_video  # noqa: PLC0415

    frames = np.random.default_rng(0).integers(0, 256, (12, 32, 32, 3), dtype=np.uint8)
    write_video(folder / "clip.mp4", frames, frame_rate_hz=10.0)
    for index in range(6):
        task = folder / "recordings" / "train" / f"place-{index}"
        task.mkdir(parents=True)
        shutil.copy(folder / "clip.mp4", task / "human.mp4")
        steps = np.random.default_rng(index).uniform(-1, 1, (12, 4)).astype(np.float32)
        np.savez(task / "robot.npz", frames=frames, states=steps, actions=steps)
    if {"train", "export-lerobot", "import-lerobot"} & set(names):
        run(["collect", "--output", f"{folder}/set", *COLLECTED])
    if "import-lerobot" in names:
        run(["dataset", "export-lerobot", f"{folder}/set", f"{folder}/lerobot"])


def start(words: Words) -> subprocess.Popen[str]:
    """Start a command in a session of its own."""
    return subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-m", "daml", *words],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )


def check_status(words: Words, status: int, complaints: str) -> None:
    """Refuse a command that failed, but for one that had written all before.

    Raises:
        RuntimeError: It failed.
    """
    if status and WHOLE not in complaints:
        raise RuntimeError(f"{' '.join(words)}: status {status}: {complaints[-2000:]}")


def run(words: Words) -> float:
    """Run a command to its end; return how long it took.

    Raises:
        RuntimeError: It failed.
    """
    began = time.monotonic()
    process = start(words)
    _, complaints = process.communicate()
    check_status(words, process.returncode, complaints)
    return time.monotonic() - began


def content(folder: Path) -> dict[str, str]:
    """Return a digest of every file below a folder, without times and without the folder's own name."""
    digests: dict[str, str] = {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = path.relative_to(folder).as_posix()
        if SCRATCH.fullmatch(name):
            continue
        data = path.read_bytes().replace(str(folder).encode(), b"FOLDER")
        if path.suffix == ".json":
            data = json.dumps(timeless(json.loads(data))).encode()
        elif path.suffix == ".jsonl":
            data = json.dumps([timeless(json.loads(line)) for line in data.splitlines()]).encode()
        digests[name] = hashlib.sha256(data).hexdigest()
    return digests


def timeless(value: Any) -> Any:  # noqa: ANN401 - JSON
    """Leave out the fields that hold times."""
    if isinstance(value, dict):
        return {name: timeless(inner) for name, inner in value.items() if not TIMES.fullmatch(name)}
    return [timeless(inner) for inner in value] if isinstance(value, list) else value


def kill_after(words: Words, seconds: float) -> bool:
    """Run a command and kill it; return whether it was still running.

    Raises:
        RuntimeError: It failed before, or something outlived it.
    """
    process = start(words)
    try:
        _, complaints = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        # The main process alone: its workers have to notice.
        process.send_signal(signal.SIGKILL)
        process.communicate()
        for _ in range(100):
            if not others_of(process.pid):
                return True
            time.sleep(0.1)
        left = others_of(process.pid)
        os.killpg(process.pid, signal.SIGKILL)
        raise RuntimeError(f"{' '.join(words)}: outlived by {left}") from None
    check_status(words, process.returncode, complaints)
    return False


def others_of(session: int) -> list[int]:
    """Return the living processes of a session."""
    found: list[int] = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, _, of = stat.read_text(encoding="utf-8").rpartition(") ")[2].split()[:4]
        except OSError:  # has ended meanwhile
            continue
        if int(of) == session and state != "Z":
            found.append(int(stat.parent.name))
    return found


def try_command(name: str, make_words: Callable[[Path], Words], *, kills: int, seed: int, folder: Path) -> list[str]:
    """Kill a command many times; return what went wrong."""
    rng = random.Random(f"{seed}/{name}")  # noqa: S311 - no secret
    whole, killed = folder / f"{name}-whole", folder / f"{name}-killed"
    whole.mkdir(), killed.mkdir()
    duration = run(make_words(whole))
    expected, done, ends = content(whole), 0, 0
    try:
        while done < kills:
            # Late kills find more written; the imports alone take a good part of the time.
            if kill_after(make_words(killed), duration * rng.uniform(0.2, 1.1)):
                done += 1
            else:
                ends += 1
                if wrong := differences(name, content(killed), expected):
                    return [f"{problem}, after {done} kills" for problem in wrong]
                shutil.rmtree(killed)
                killed.mkdir()
        run(make_words(killed))
    except RuntimeError as error:
        return [f"{name}, after {done} kills: {error}"]
    wrong = differences(name, content(killed), expected)
    print(f"{name}: {done} kills, {ends} ends before, {len(expected)} files, {len(wrong)} wrong", flush=True)
    return wrong


def differences(name: str, found: dict[str, str], expected: dict[str, str]) -> list[str]:
    """Say what a command has left that is not as it should be."""
    wrong = [f"{name}: {path} differs" for path in sorted(expected) if found.get(path) != expected[path]]
    return wrong + [f"{name}: {path} is left over" for path in sorted(set(found) - set(expected))]


def main() -> None:
    """Try every command that was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=50, help="kills of each command")
    parser.add_argument("--seed", type=int, default=0, help="seed of the times of the kills")
    parser.add_argument("--commands", nargs="+", default=list(commands(Path())), choices=list(commands(Path())))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        good = Path(temporary) / "good"
        good.mkdir()
        make_good(good, options.commands)
        wrong = [
            problem
            for name in options.commands
            for problem in try_command(
                name, commands(good)[name], kills=options.kills, seed=options.seed, folder=Path(temporary)
            )
        ]
    for problem in wrong:
        print(problem)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
