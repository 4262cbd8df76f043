import json
import pickle
from dataclasses import replace
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
    for name in ("frame.png", "reading.png", "scene.png", "scene.zip", "scene/scene.toml"):
        assert (visit / name).exists()

    corrections = [{"number": 0, "kind": "push", "item": [0.5, 0.5]}]
    content = work.correct(visit, {"steps": corrections, "chosen": 0}, nobody, nobody)
    (step,) = content["steps"]
    assert content["scene"]["kind"] == "push"
    assert (step["kind"], step["item"], step["number"]) == ("push", [0.5, 0.5], 0)
    assert pickle.loads((visit / "reading.pickle").read_bytes()).steps[0].kind == "pick-place"


@pytest.mark.parametrize("kind", sorted(work.TABLES))
def test_a_hand_is_led_over_a_table(visit: Path, kind: str, monkeypatch: pytest.MonkeyPatch):
    def draw(_: object, *, image_size: int, **__: int) -> np.ndarray:
        return np.zeros((image_size, image_size, 3), np.uint8)

    def film(task: object, way: list, **_: int) -> tuple[np.ndarray, float]:
        assert (task.kind, way) == (kind, [[0, 0.1, 0.2], [1, 0.3, 0.4]])
        return np.random.default_rng(0).integers(0, 255, (12, 48, 48, 3), dtype=np.uint8), 12.0

    monkeypatch.setattr(work, "picture_table", draw)
    monkeypatch.setattr(work, "film_dragged", film)
    work.show_table(visit, {"kind": kind}, nobody, nobody)
    assert (visit / "table.png").exists()
    work.film_led(visit, {"kind": kind, "way": [[0, 0.1, 0.2], [1, 0.3, 0.4]]}, nobody, nobody)
    assert (visit / "shown.mp4").exists()


def test_there_are_tables_of_known_kinds_alone(visit: Path):
    with pytest.raises(ValueError, match="kind: expected one of"):
        work.show_table(visit, {"kind": "throw"}, nobody, nobody)


def test_a_scene_is_changed_and_judged_in(visit: Path, reading: Reading, monkeypatch: pytest.MonkeyPatch):
    (visit / "reading.pickle").write_bytes(pickle.dumps(reading))
    rows = work.correct(visit, {"steps": [{"number": 0}], "chosen": 0}, nobody, nobody)["scene"]["rows"]
    rows[0] |= {"colour": "#123456"}
    changed = work.edit(visit, {"rows": rows}, nobody, nobody)
    assert changed["rows"][0]["colour"] == "#123456"
    monkeypatch.setattr(work, "judge_understood", lambda *given, **_: {"given": given})
    read, twin, folder = work.judge(visit, {"rollouts": 2}, nobody, nobody)["given"]
    assert folder == visit
    assert read.to_json() == reading.to_json()
    assert twin.scene.objects.items[0].colour == pytest.approx((0x12 / 255, 0x34 / 255, 0x56 / 255))


def test_the_step_that_is_chosen_is_the_one_done(visit: Path, reading: Reading, monkeypatch: pytest.MonkeyPatch):
    pushed = replace(reading.steps[0], kind="push")
    two = replace(reading, steps=(*reading.steps, pushed), moments=reading.moments * 2)
    (visit / "reading.pickle").write_bytes(pickle.dumps(two))
    monkeypatch.setattr(work, "judge_understood", lambda *_, step, **__: {"step": step})
    both = [{"number": 0}, {"number": 1}]
    for steps, chosen, kind in ((both, 0, "pick-place"), (both, 1, "push"), (both[1:], 0, "push")):
        content = work.correct(visit, {"steps": steps, "chosen": chosen}, nobody, nobody)
        assert (content["chosen"], content["scene"]["kind"]) == (chosen, kind)
        assert work.judge(visit, {"rollouts": 2}, nobody, nobody) == {"step": chosen}
    with pytest.raises(ValueError, match="chosen: expected"):
        work.correct(visit, {"steps": both, "chosen": 2}, nobody, nobody)


def test_all_steps_can_be_chosen_where_each_carries_something(
    visit: Path, reading: Reading, monkeypatch: pytest.MonkeyPatch
):
    pushed = replace(reading.steps[0], kind="push")
    two = replace(reading, steps=(*reading.steps, pushed), moments=reading.moments * 2)
    (visit / "reading.pickle").write_bytes(pickle.dumps(two))
    monkeypatch.setattr(work, "judge_all", lambda *_, rollouts, **__: {"all": rollouts})
    both = [{"number": 0}, {"number": 1}]
    with pytest.raises(ValueError, match="step 2: expected one that carries something"):
        work.correct(visit, {"steps": both, "chosen": "all"}, nobody, nobody)
    both[1] |= {"kind": "pick-place"}
    content = work.correct(visit, {"steps": both, "chosen": "all"}, nobody, nobody)
    assert (content["chosen"], content["scene"]["kind"]) == ("all", "pick-place")
    assert work.judge(visit, {"rollouts": 2}, nobody, nobody) == {"all": 2}


@pytest.mark.parametrize(("job", "arguments"), [("judge", {}), ("edit", {"rows": []}), ("correct", {"steps": []})])
def test_what_needs_a_reading_says_so(visit: Path, job: str, arguments: dict[str, object]):
    with pytest.raises(ValueError, match="have the film read first"):
        getattr(work, job)(visit, arguments, nobody, nobody)
