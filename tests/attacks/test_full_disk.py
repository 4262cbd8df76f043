"""A disk that is full, for every command that writes: one line that names a file, status 1, and nothing half-written.

The limit on the size of a file stands for the disk: it is reached at any byte that is wanted, and so is the last one.
"""

import dataclasses
import json
import resource
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import torch

from daml import cli, envs
from daml.app.videos import excerpt
from daml.demos import (
    DatasetInfo,
    DemoDataset,
    HumanDemo,
    Reading,
    RobotDemo,
    Step,
    TaskDemos,
    create_dataset,
    export_lerobot,
    write_task,
    write_video,
)
from daml.demos.reading.reading import ActingHand
from daml.deployment.adaptation import unadapted
from daml.engines import engine
from daml.learners.prior import Prior, PriorConfig
from daml.policies.head import PolicyConfig
from daml.reporting import clips

GROWING = {".episodes.jsonl", "metrics.jsonl", ".lock"}
"""Ends of names of files that grow line by line, so that a command goes on where it was, or hold nothing."""
TINY = (
    *("--prior.image-size", "16", "16", "--prior.human-frames", "6", "--batch.human-frames", "6"),
    *("--prior.policy.channels", "8", "8", "8", "8", "--prior.policy.hidden-size", "16"),
    *("--prior.temporal-loss.n-outputs", "4", "--prior.temporal-loss.kernel-size", "3"),
    *("--prior.temporal-loss.gate-size", "6", "--batch.n-tasks", "1", "--log-every", "1", "--save-every", "1"),
    *("--validation-tasks", "1", "--device", "cpu", "--steps", "2", "--validate-every", "2", "--workers", "1"),
    *("--pretraining.steps", "1", "--pretraining.tasks", "2", "--motor.steps", "1", "--tracks.rounds", "0"),
    *("--correction.rounds", "0"),
)


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the commands read."""
    folder = tmp_path_factory.mktemp("good")
    rng = np.random.default_rng(0)
    frames = rng.integers(0, 256, (12, 16, 16, 3), dtype=np.uint8)
    rows = rng.uniform(-1, 1, (12, 4)).astype(np.float32)
    write_video(folder / "clip.mp4", frames, frame_rate_hz=10.0)
    create_dataset(folder / "set", DatasetInfo(image_size=(16, 16), human_frame_rate_hz=10.0, robot_frame_rate_hz=10.0))
    robot, human = RobotDemo(frames=frames, states=rows, actions=rows, frame_rate_hz=10.0), HumanDemo(frames, 10.0)
    for split in ("train", "validation"):
        task = TaskDemos(kind="place", split=split, index=0, humans=(human,), robots=(robot,))
        write_task(folder / "set", task)
    task = folder / "recordings" / "train" / "place-0"
    task.mkdir(parents=True)
    (task / "human.mp4").write_bytes((folder / "clip.mp4").read_bytes())
    np.savez(task / "robot.npz", frames=frames, states=rows, actions=rows)
    policy = PolicyConfig(channels=(2, 2, 2, 2), n_points=3, bias_size=2, hidden_size=4, readout_size=4)
    with torch.random.fork_rng():
        prior = Prior(PriorConfig(policy=policy, image_size=(16, 16), human_frames=6))
        prior.save_pretrained(folder / "prior")
        unadapted(prior).save_pretrained(folder / "policy")
    envs.write_scene(folder / "place.toml", envs.describe(envs.Task("place", "test", 0)))
    episodes = [{"task": f"place/test/{i}", "seed": i, "verdict": "success"} for i in range(3)]
    settings = {"kind": "place", "control": "none", "shift": "none", "prior": "tabletop", "split": "test", "seed": 0}
    settings |= {"n_tasks": 3, "first_task": 0, "rollouts": 1, "shots": 1, "method": "daml"}
    (folder / "results").mkdir()
    content = {"settings": settings, "episodes": episodes, "chance_rate": 0.25, "shown_target_rate": 0.5}
    (folder / "results" / "a.json").write_text(json.dumps(content | {"versions": {"daml": "0.1.0"}}))
    return folder


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """One process, short episodes, small pictures; every film is read in one way."""
    monkeypatch.setattr(engine, "n_usable_cores", lambda: 1)
    monkeypatch.setattr(clips, "HUMAN_VIEW", 32)
    picture = np.full((60, 80, 3), 180, np.uint8)
    picture[25:35, 15:25], picture[35:50, 45:65] = (200, 20, 20), (20, 20, 200)
    outlines = [
        np.array([[left, top], [right, top], [right, bottom], [left, bottom]]) / (80, 60)
        for left, top, right, bottom in ((15, 25, 25, 35), (50, 40, 60, 48))
    ]
    step = Step(
        kind="pick-place",
        item=(0.25, 0.5),
        destination=(0.68, 0.71),
        start_s=0.2,
        end_s=0.9,
        hand="right",
        outline=outlines[0],
        put_outline=outlines[1],
        confidence=0.9,
    )
    hand = ActingHand(np.zeros(1), np.zeros((1, 2)))
    reading = Reading((step,), picture, (0.0, 0.0, 1.0, 1.0), hand, ((picture, picture),), 0.0)
    monkeypatch.setattr(excerpt, "read_film", lambda *_, **__: reading)


@pytest.fixture
def short_episodes(monkeypatch: pytest.MonkeyPatch) -> None:
    for kind, rules in envs.TASK_KINDS.items():
        monkeypatch.setitem(envs.TASK_KINDS, kind, dataclasses.replace(rules, horizon=2))


TIMES_BYTES = 64
"""Bytes by which a result may be longer or shorter when it is written again: the digits of the times in it."""
ROLLOUT_SHARE = 0.01
"""Share by which a film of rollouts may be longer or shorter when it is made again: a network of random weights acts on
sums that torch rounds in one way or another."""


@contextmanager
def files_of_at_most(n_bytes: int) -> Generator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def files(folder: Path) -> dict[str, int]:
    """Return the size of each file that does not grow line by line."""
    found = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}
    return {name: path.stat().st_size for name, path in found.items() if not any(map(name.endswith, GROWING))}


def may_lack(path: str, size: int) -> int:
    """Return how many bytes less of a file are surely too few: the last one, where it is the same each time."""
    if path.endswith(".json"):
        return TIMES_BYTES
    return int(ROLLOUT_SHARE * size) if path == "d.mp4" else 1


COMMANDS: dict[str, tuple[str, ...]] = {
    "record": ("record", "--simulate", "--output", "OUT/v.mp4"),
    "collect": (
        *("collect", "--output", "OUT/set", "--kinds", "place", "--train-tasks", "1", "--robots", "1"),
        *("--image-size", "16", "--workers", "1"),
    ),
    "train": ("train", "--output", "OUT/run", "--dataset", "GOOD/set", *TINY),
    "adapt": (
        *("adapt", "--video", "GOOD/clip.mp4", "--prior", "GOOD/prior", "--output", "OUT/policy"),
        *("--adapt-on", "raw"),
    ),
    "twin": ("twin", "GOOD/clip.mp4", "--output", "OUT/s.toml"),
    "evaluate": (
        *("evaluate", "--output", "OUT/r.json", "--control", "expert", "--task", "place", "--n-tasks", "1"),
        *("--videos", "1", "--workers", "1"),
    ),
    "evaluate --video": (
        *("evaluate", "--output", "OUT/r.json", "--video", "GOOD/clip.mp4", "--prior", "GOOD/prior"),
        *("--rollouts", "1", "--adapt-on", "raw", "--workers", "1"),
    ),
    "evaluate-policy": (
        *("evaluate-policy", "GOOD/policy", "--scene", "GOOD/place.toml", "--output", "OUT/r.json"),
        *("--workers", "1"),
    ),
    "demo": (*("demo", "--output", "OUT/d.mp4", "--prior", "GOOD/prior", "--rollouts", "1", "--task", "place"),),
    "demo --video": (
        *("demo", "--output", "OUT/d.mp4", "--prior", "GOOD/prior", "--video", "GOOD/clip.mp4", "--rollouts", "1"),
        *("--adapt-on", "raw", "--workers", "1"),
    ),
    "report": ("report", "OUT"),
    "dataset import": ("dataset", "import", "GOOD/recordings", "OUT/set", "--image-size", "16", "16"),
    "dataset export-lerobot": ("dataset", "export-lerobot", "GOOD/set", "OUT/exported"),
    "dataset import-lerobot": (
        *("dataset", "import-lerobot", "GOOD/lerobot/robot", "GOOD/lerobot/human", "OUT/set"),
        *("--image-size", "16", "16"),
    ),
    "inspect": ("inspect", "GOOD/clip.mp4", "--output", "OUT/i.png", "--json", "OUT/i.json"),
}
LONG_EPISODES = {"collect"}
"""The expert has to reach its goal."""
SLOW = {"record", "collect", "train", "adapt", "demo", "demo --video"}
"""Commands that are tried with one limit: that of their largest file."""


@pytest.mark.parametrize("name", COMMANDS)
def test_a_full_disk(
    name: str,
    good: Path,
    tmp_path: Path,
    request: pytest.FixtureRequest,
    capsys: pytest.CaptureFixture[str],
):
    if "lerobot" in name:
        pytest.importorskip("pyarrow", reason="the extra lerobot is not installed")
        if not (good / "lerobot").exists():
            export_lerobot(DemoDataset(good / "set"), good / "lerobot")
    if name == "report":
        pytest.importorskip("matplotlib", reason="the extra report is not installed")
    if name not in LONG_EPISODES:
        request.getfixturevalue("short_episodes")

    def run(folder: Path) -> int:
        folder.mkdir()
        if name == "report":
            (folder / "a.json").write_bytes((good / "results" / "a.json").read_bytes())
        words = [word.replace("OUT", str(folder)).replace("GOOD", str(good)) for word in COMMANDS[name]]
        with files_of_at_most(limit):
            try:
                cli.main(words)
            except SystemExit as ended:
                return int(ended.code or 0)
        return 0

    limit, _ = resource.getrlimit(resource.RLIMIT_FSIZE)
    assert run(tmp_path / "whole") == 0
    capsys.readouterr()
    whole = files(tmp_path / "whole")
    limits = sorted({size - may_lack(path, size) for path, size in whole.items() if size and path != "a.json"})
    chosen = {0, limits[0], limits[len(limits) // 2], limits[-1]}
    for limit in [limits[-1]] if name in SLOW else sorted(chosen):
        folder = tmp_path / str(limit)
        status, error = run(folder), capsys.readouterr().err
        assert (status, len(error.splitlines())) == (1, 1), error
        assert str(folder) in error
        assert "check the free space" in error
        found = {path: size for path, size in files(folder).items() if "cached-clips" not in path}  # not kept
        cut = {path: size for path, size in found.items() if path not in whole or size < 0.9 * whole[path]}
        assert cut == {}
        left = [path.name for path in folder.rglob("*") if ".part" in path.name]
        assert left == []
