import json
import pickle
from pathlib import Path

import numpy as np
import pytest

from daml.demos import Reading, write_video
from daml.page import work
from daml.progress import Progress


def nobody(_: object) -> None: ...


@pytest.fixture
def visit(tmp_path: Path) -> Path:
    folder = tmp_path / "visit"
    folder.mkdir()
    return folder


def test_a_film_is_taken_in(visit: Path):
    frames = np.random.default_rng(0).integers(0, 255, (12, 48, 64, 3), dtype=np.uint8)
    write_video(visit / "film.mp4", frames, frame_rate_hz=10)
    told = work.take_in(visit, {}, nobody, nobody)
    assert told["duration"] == pytest.approx(1.1)
    assert json.dumps(told)


@pytest.mark.parametrize("kind", sorted(work.EXAMPLES))
def test_an_example_is_made_once_and_then_taken_again(visit: Path, kind: str, monkeypatch: pytest.MonkeyPatch):
    n_filmed = 0

    def film(shot: object) -> tuple[np.ndarray, float]:
        nonlocal n_filmed
        n_filmed += 1
        assert shot.task.kind == kind
        return np.random.default_rng(0).integers(0, 255, (12, 48, 48, 3), dtype=np.uint8), 12.0

    monkeypatch.setattr(work.envs, "film_human", film)
    (visit / "film.webm").write_bytes(b"an earlier film")
    for _ in range(2):
        work.film_example(visit, {"kind": kind}, nobody, nobody)
    assert n_filmed == 1
    assert not (visit / "film.webm").exists()
    assert (visit / "film.mp4").exists()


def test_there_are_examples_of_known_kinds_alone(visit: Path):
    with pytest.raises(ValueError, match="kind: expected one of"):
        work.film_example(visit, {"kind": "../../x"}, nobody, nobody)


def test_what_was_read_is_told_and_kept_for_corrections(visit: Path, reading: Reading, monkeypatch: pytest.MonkeyPatch):
    (visit / "film.mp4").write_bytes(b"x")
    told: list[Progress] = []

    def read_film(path: Path, *, start_s: float, end_s: float, observers: list) -> Reading:
        assert (path, start_s, end_s) == (visit / "film.mp4", 0.5, 2.0)
        observers[0](type("Sighting", (), {"share": 0.42}))
        return reading

    monkeypatch.setattr(work, "read_film", read_film)
    content = work.read(visit, {"start": 0.5, "end": 2.0}, told.append, nobody)
    assert told[0][1:3] == (42, 100)
    (step,) = content["steps"]
    assert step["item"] == [0.3, 0.5]
    assert step["words"].endswith("(80% sure)")
    assert len(step["outline"]) == 4
    assert json.dumps(content)
    assert (visit / "frame.png").exists()
    assert (visit / "reading.png").exists()

    corrections = [{"number": 0, "kind": "push", "item": [0.5, 0.5]}]
    (step,) = work.correct(visit, {"steps": corrections}, nobody, nobody)["steps"]
    assert (step["kind"], step["item"], step["number"]) == ("push", [0.5, 0.5], 0)
    assert pickle.loads((visit / "reading.pickle").read_bytes()).steps[0].kind == "pick-place"
