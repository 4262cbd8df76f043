import mujoco
import numpy as np
import pytest

from daml.envs.dragged_film import BODIES, film_dragged, picture_table
from daml.envs.human_film import FRAME_RATE_HZ, Performance
from daml.envs.tasks.task import Task

SEED, SIZE = 3, 48


def places(task: Task) -> dict[str, np.ndarray]:
    """Where the picture of a table shows its things, as shares."""
    performance = Performance.draw(task, seed=SEED, bodies=BODIES)
    mujoco.mj_forward(performance.model, performance.data)
    names = [performance.model.body(number).name for number in range(performance.model.nbody)]
    return {
        name: (performance.camera.project(performance.data.body(name).xpos[None])[0].astype(float) + 1) / 2
        for name in names
        if name.startswith(("item", "container", "zone"))
    }


def way(start: np.ndarray, end: np.ndarray, *, seconds: float = 1.0) -> list[list[float]]:
    return [[seconds * share, *(start + share * (end - start))] for share in np.linspace(0, 1, 9)]


def end_of(task: Task, led: list[list[float]], monkeypatch: pytest.MonkeyPatch) -> dict[str, np.ndarray]:
    """Where the items are when the film ends, as shares."""
    played: list[Performance] = []
    play = Performance.play

    def note(performance: Performance):
        played.append(performance)
        return play(performance)

    monkeypatch.setattr(Performance, "play", note)
    film_dragged(task, led, seed=SEED, image_size=SIZE)
    (performance,) = played
    names = [f"item{number}" for number in range(3)]
    known = [performance.model.body(number).name for number in range(performance.model.nbody)]
    return {
        name: (performance.camera.project(performance.data.body(name).xpos[None])[0] + 1) / 2
        for name in names
        if name in known
    }


def test_a_table_is_drawn_as_its_film_begins():
    task = Task("pick-place", "test", 1)
    picture = picture_table(task, seed=SEED, image_size=SIZE)
    at = places(task)
    frames, _ = film_dragged(task, way(at["item0"], at["container0"]), seed=SEED, image_size=SIZE)
    assert picture.shape == (SIZE, SIZE, 3)
    assert np.abs(picture.astype(int) - frames[0]).mean() < 8


@pytest.mark.parametrize(("item", "container"), [(0, 0), (1, 1)])
def test_the_thing_pressed_on_is_carried_to_where_it_is_let_go(
    item: int, container: int, monkeypatch: pytest.MonkeyPatch
):
    task = Task("pick-place", "test", 1)
    at = places(task)
    goal = at[f"container{container}"]
    ends = end_of(task, way(at[f"item{item}"], goal), monkeypatch)
    assert np.linalg.norm(ends[f"item{item}"] - goal) < 0.08
    assert np.linalg.norm(ends[f"item{1 - item}"] - at[f"item{1 - item}"]) < 0.02


def test_a_thing_is_pushed_along_the_way_and_not_beyond(monkeypatch: pytest.MonkeyPatch):
    task = Task("push", "test", 1)
    at = places(task)
    half = (at["item0"] + at["zone"]) / 2
    ends = end_of(task, way(at["item0"], half), monkeypatch)
    assert np.linalg.norm(ends["item0"] - half) < 0.06


def test_a_hasty_way_takes_an_arms_time():
    task = Task("push", "test", 1)
    at = places(task)
    hasty, rate = film_dragged(task, way(at["item0"], at["zone"], seconds=0.05), seed=SEED, image_size=SIZE)
    slow, _ = film_dragged(task, way(at["item0"], at["zone"], seconds=4.0), seed=SEED, image_size=SIZE)
    assert rate == FRAME_RATE_HZ
    assert len(hasty) > 2.5 * FRAME_RATE_HZ
    assert len(slow) > len(hasty)


@pytest.mark.parametrize(
    "led", [[], [[0, 0.5, 0.5]], [[0, 0.5], [1, 0.5]], [[0, 0.5, float("nan")], [1, 0.5, 0.5]], [[0, 0, 0]] * 3000]
)
def test_what_is_no_way_is_refused(led: list[list[float]]):
    with pytest.raises(ValueError, match="way: expected"):
        film_dragged(Task("push", "test", 1), led, seed=SEED, image_size=SIZE)


def test_a_way_that_leads_off_the_table_stays_on_it():
    frames, _ = film_dragged(Task("push", "test", 1), [[0, 0.5, 0.5], [1, 9.0, -9.0]], seed=SEED, image_size=SIZE)
    assert len(frames) > 20
