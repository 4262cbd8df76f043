import asyncio
import os
import time
from pathlib import Path

import pytest

from daml.page.jobs import JobQueue, News

JOBS = """
import os, time
from daml.progress import Progress

def count(folder, arguments, observe, show):
    for number in range(arguments["n"]):
        observe(Progress("counting", number + 1, arguments["n"], {"rate": 0.5}))
    show({"half": True})
    (folder / "out.txt").write_text("done")
    return {"n": arguments["n"]}

def sleep(folder, arguments, observe, show):
    (folder / "pid").write_text(str(os.getpid()))
    observe(Progress("sleeping", 0, 1))
    time.sleep(30)

def refuse(folder, arguments, observe, show):
    from daml.demos import read_video
    read_video(folder / "film.mp4")

def fail(folder, arguments, observe, show):
    {}["secret path"]

def die(folder, arguments, observe, show):
    os.kill(os.getpid(), 9)
"""


@pytest.fixture(autouse=True)
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "jobs_of_this_test.py").write_text(JOBS)
    monkeypatch.syspath_prepend(tmp_path)
    return "jobs_of_this_test"


@pytest.fixture
def jobs(module: str) -> JobQueue:
    return JobQueue(module)


async def news_of(jobs: JobQueue, name: str, folder: Path, owner: str = "me", **arguments: object) -> list[News]:
    return [news async for news in jobs.run(name, folder, arguments, owner=owner)]


def test_a_job_tells_its_progress_what_it_shows_and_what_came_out(jobs: JobQueue, tmp_path: Path):
    told = asyncio.run(news_of(jobs, "count", tmp_path, n=2))
    assert [news.kind for news in told] == ["working", "working", "working", "partial", "done"]
    assert told[2].progress is not None
    assert (told[2].progress.done, told[2].progress.figures) == (2, {"rate": 0.5})
    assert told[3].content == {"half": True}
    assert told[4].content == {"n": 2}
    assert (tmp_path / "out.txt").exists()


def test_what_a_visitor_can_mend_is_said_without_paths(jobs: JobQueue, tmp_path: Path):
    (end,) = asyncio.run(news_of(jobs, "refuse", tmp_path))[1:]
    assert end.kind == "refused"
    assert end.text.startswith("no such file")
    assert str(tmp_path) not in end.text


@pytest.mark.parametrize("name", ["fail", "die", "missing"])
def test_of_a_fault_nothing_is_told_but_that_there_was_one(jobs: JobQueue, tmp_path: Path, name: str):
    (end,) = asyncio.run(news_of(jobs, name, tmp_path))[1:]
    assert end == News("failed")


def test_a_stopped_job_is_gone_at_once(jobs: JobQueue, tmp_path: Path):
    async def stop_it() -> tuple[list[News], float]:
        told: list[News] = []
        began = time.monotonic()
        async for news in jobs.run("sleep", tmp_path, {}, owner="me"):
            told.append(news)
            if news.text == "sleeping":
                began = time.monotonic()
                jobs.stop("somebody else")
                jobs.stop("me")
        return told, time.monotonic() - began

    told, seconds = asyncio.run(stop_it())
    assert told[-1].kind == "stopped"
    assert seconds < 5
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def test_a_job_whose_visitor_left_is_ended(jobs: JobQueue, tmp_path: Path):
    async def leave() -> None:
        running = jobs.run("sleep", tmp_path, {}, owner="me")
        async for news in running:
            if news.text == "sleeping":
                break
        await running.aclose()

    asyncio.run(leave())
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def test_a_job_that_takes_too_long_is_ended(tmp_path: Path):
    hasty = JobQueue("jobs_of_this_test", longest_s=0.5)
    end = asyncio.run(news_of(hasty, "sleep", tmp_path))[-1]
    assert end.kind == "refused"
    assert "longer than" in end.text


def test_no_more_compute_at_once_than_allowed_and_places_are_told(tmp_path: Path):
    single = JobQueue("jobs_of_this_test", at_once=1)

    async def queue_up() -> list[list[News]]:
        folders = [tmp_path / str(number) for number in range(3)]
        for folder in folders:
            folder.mkdir()
        runs = [news_of(single, "count", folder, owner=folder.name, n=1) for folder in folders]
        return await asyncio.gather(*runs)

    first, second, third = asyncio.run(queue_up())
    assert [news.place for news in first if news.kind == "waiting"] == []
    assert [news.place for news in second if news.kind == "waiting"] == [1]
    assert [news.place for news in third if news.kind == "waiting"] == [2, 1]
    assert all(told[-1].kind == "done" for told in (first, second, third))


def test_who_waits_can_stop_too_and_has_one_job_at_a_time(tmp_path: Path):
    single = JobQueue("jobs_of_this_test", at_once=1)

    async def stop_waiting() -> tuple[str, str, str]:
        running = asyncio.create_task(news_of(single, "sleep", tmp_path, owner="first"))
        await asyncio.sleep(0.2)
        waiting = asyncio.create_task(news_of(single, "count", tmp_path, owner="second", n=1))
        await asyncio.sleep(0.2)
        again = await news_of(single, "count", tmp_path, owner="second", n=1)
        single.stop("second")
        stopped = await waiting
        single.stop("first")
        return again[-1].kind, stopped[-1].kind, (await running)[-1].kind

    assert asyncio.run(stop_waiting()) == ("refused", "stopped", "stopped")


def test_loading_ahead_keeps_nobody_waiting(jobs: JobQueue, tmp_path: Path):
    jobs.warm_up()
    assert asyncio.run(news_of(jobs, "count", tmp_path, n=1))[-1].kind == "done"
