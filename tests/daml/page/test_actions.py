import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

gr = pytest.importorskip("gradio")

from daml.page.actions import Actions, Parts, status_of  # noqa: E402
from daml.page.jobs import News  # noqa: E402
from daml.page.visits import Visit, Visits  # noqa: E402
from daml.progress import Progress  # noqa: E402


class Jobs:
    """Tells what it is given, and remembers what it was asked."""

    def __init__(self, *news: News) -> None:
        self.news = news
        self.asked: list[tuple[str, Path, dict[str, Any], str]] = []
        self.stopped: list[str] = []

    async def run(self, name: str, folder: Path, arguments: dict[str, Any], *, owner: str) -> AsyncGenerator[News]:
        self.asked.append((name, folder, arguments, owner))
        for one in self.news:
            yield one

    def stop(self, owner: str) -> None:
        self.stopped.append(owner)


@pytest.fixture
def visits():
    made = Visits()
    yield made
    made.close()


def actions_of(visits: Visits, jobs: Jobs) -> Actions:
    return Actions(visits, jobs, Parts(*Parts._fields), rollouts=3)


def updates(running: AsyncGenerator[dict[Any, Any]]) -> list[dict[Any, Any]]:
    async def collect() -> list[dict[Any, Any]]:
        return [update async for update in running]

    return asyncio.run(collect())


def event(**data: object) -> Any:
    return gr.EventData(None, data)


@pytest.fixture
def visit(visits: Visits) -> Visit:
    visit = visits.open()
    for name in ("shown.mp4", "strip.png", "frame.png"):
        (visit.folder / name).write_bytes(b"x")
    return visit


def test_who_arrives_has_a_visit_and_who_leaves_has_nothing_running(visits: Visits):
    jobs, request = Jobs(), SimpleNamespace(session_hash="tab")
    actions = actions_of(visits, jobs)
    secret, value = actions.arrive(request)
    assert visits.find(secret) is not None
    assert value == {"secret": secret}
    actions.leave(request)
    assert jobs.stopped == [secret]


def test_a_film_is_shown_when_it_was_examined(visits: Visits, visit: Visit):
    jobs = Jobs(News("working", "looking"), News("done", content={"duration": 2.0, "warnings": ["it is dark"]}))
    told = updates(actions_of(visits, jobs).take_in(visit.secret))
    assert told[0] == {"reading": {}, "scene": {}, "robot": {}, "look": {}}
    assert told[1]["status"] == {"text": "looking ...", "is_stoppable": True}
    assert told[2]["film"]["film"] == visit.address("shown.mp4")
    assert told[2]["film"]["told"] == "it is dark."
    assert told[2]["status"] == {"said": "The film is there, 2 seconds."}


def test_a_refused_film_is_said_and_not_shown(visits: Visits, visit: Visit):
    told = updates(actions_of(visits, Jobs(News("refused", "no film <b>"))).take_in(visit.secret))
    assert told[-1]["status"] == {"text": "no film <b>", "is_alert": True}
    assert "film" not in told[-1]


def test_reading_is_asked_for_the_stretch_chosen_and_shown_with_its_scene(visits: Visits, visit: Visit):
    jobs = Jobs(News("done", content={"steps": [{"words": "x"}], "chosen": 0, "scene": {"rows": [], "kind": "push"}}))
    told = updates(actions_of(visits, jobs).read(visit.secret, event(start=0.5, end=2)))
    assert jobs.asked == [("read", visit.folder, {"start": 0.5, "end": 2.0}, visit.secret)]
    frame = visit.address("frame.png")
    assert told[-1]["reading"] == {"steps": [{"words": "x"}], "chosen": 0, "picture": frame}
    assert told[-1]["scene"] == {"rows": [], "kind": "push", "frame": frame}
    assert told[-1]["status"] == {"said": "Understood: x."}


def test_the_robot_is_shown_while_it_is_counted(visits: Visits, visit: Visit):
    for name in ("robot.mp4", "after.glb"):
        (visit.folder / name).write_bytes(b"x")
    counting = News("working", "counting", progress=Progress("counting", 1, 10))
    jobs = Jobs(counting, News("partial", content={"done": 1}), News("done", content={"done": 10}))
    told = updates(actions_of(visits, jobs).judge(visit.secret))
    assert jobs.asked[0][2] == {"rollouts": 3}
    assert told[0] == {"robot": {}, "look": {}}
    assert told[2] == {
        "robot": {"done": 1, "clip_file": visit.address("robot.mp4")},
        "look": {"after": visit.address("after.glb")},
    }
    assert told[3]["robot"]["done"] == 10
    assert told[3]["status"] == {}


def test_a_changed_scene_is_shown_and_what_the_robot_did_in_the_earlier_one_is_not(visits: Visits, visit: Visit):
    jobs = Jobs(News("done", content={"rows": []}))
    told = updates(actions_of(visits, jobs).edit(visit.secret, event(rows=[{"name": "item0"}])))
    assert jobs.asked[0][2] == {"rows": [{"name": "item0"}]}
    assert told == [
        {"robot": {}, "look": {}},
        {"status": {"said": "The scene is changed."}, "scene": {"rows": [], "frame": visit.address("frame.png")}},
    ]


def test_corrections_and_examples_are_passed_on(visits: Visits, visit: Visit):
    jobs = Jobs(News("failed"))
    actions = actions_of(visits, jobs)
    updates(actions.correct(visit.secret, event(steps=[{"number": 0}], chosen=0)))
    updates(actions.film_example(visit.secret, event(kind="push")))
    assert [(name, arguments) for name, _, arguments, _ in jobs.asked] == [
        ("correct", {"steps": [{"number": 0}], "chosen": 0}),
        ("film_example", {"kind": "push"}),
    ]


def test_a_table_is_shown_and_the_hand_that_was_led_over_it_is_filmed(visits: Visits, visit: Visit):
    (visit.folder / "table.png").write_bytes(b"x")
    jobs = Jobs(News("done", content={"duration": 2.0, "warnings": []}))
    actions = actions_of(visits, jobs)
    told = updates(actions.show_table(visit.secret, event(kind="push")))
    assert told[-1]["film"] == {"table": visit.address("table.png"), "kind": "push"}
    told = updates(actions.film_led(visit.secret, event(kind="push", way=[[0, 0.5, 0.5]])))
    assert jobs.asked[1][2] == {"kind": "push", "way": [[0, 0.5, 0.5]]}
    assert told[-1]["film"]["film"] == visit.address("shown.mp4")


def test_a_visit_that_is_over_runs_nothing(visits: Visits):
    jobs = Jobs(News("done"))
    with pytest.warns(UserWarning, match="was not used for an hour"):
        updates(actions_of(visits, jobs).take_in("unknown"))
    assert jobs.asked == []


def test_stop_stops_the_visitors_own_job(visits: Visits, visit: Visit):
    jobs = Jobs()
    actions_of(visits, jobs).stop(visit.secret)
    assert jobs.stopped == [visit.secret]


@pytest.mark.parametrize(
    ("news", "status"),
    [
        (
            News("waiting", place=3),
            {"text": "Others are before you: you are number 3 in the queue.", "is_stoppable": True, "place": 3},
        ),
        (
            News("working", "reading", progress=Progress("reading", 4, 10)),
            {"text": "reading ...", "is_stoppable": True, "done": 4, "total": 10},
        ),
        (News("stopped"), {"text": "Stopped."}),
        (News("refused", "film it closer"), {"text": "film it closer", "is_alert": True}),
        (News("done"), {}),
    ],
)
def test_how_a_job_stands_is_said(news: News, status: dict[str, object]):
    assert status_of(news) == status


def test_a_fault_is_said_to_be_one():
    status = status_of(News("failed"))
    assert status["is_alert"]
    assert "Something went wrong" in status["text"]
