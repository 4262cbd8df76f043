"""Many visitors at once: each sends films to the page and gets back their own, in order, and nobody else's.

    python scripts/load_page.py --visitors 50 --films 3

It starts the page on the loopback itself, sends so many films and no more, and ends within --minutes. Each film has a
length of its own, so that a film that was lost or taken for another one is found.

    python scripts/load_page.py --verdict push

times one visitor instead: until the page is there, and from a film of that kind to the verdict of ten rollouts. The
machine's load stands beside the figures: they are those of the page where nothing else runs.
"""
# ruff: noqa: INP001, T201 - a script, which talks to its reader

import argparse
import asyncio
import json
import os
import re
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import numpy as np

from daml.demos import read_video, write_video

RATE_HZ = 10.0
SHORTEST = 12
"""Frames of the shortest film."""


class Visitor:
    """One opened page.

    Args:
        client: Sends requests.
        events: Number of each event of the page, by its name.
    """

    def __init__(self, client: httpx.AsyncClient, events: dict[str, int]) -> None:
        self._client = client
        self._events = events
        self._session = secrets.token_hex(8)
        self.most_waiting = 0
        """Largest place in the queue that was told."""

    async def happen(self, event: str, n_inputs: int, data: Mapping[str, Any] | None = None) -> list[Any]:
        """Let an event happen, with what a part of the page sends, and return what the page shows at its end."""
        body = {
            "data": [None] * n_inputs,
            "event_data": dict(data or {}),
            "fn_index": self._events[event],
            "session_hash": self._session,
            "trigger_id": None,
        }
        joined = await self._client.post("/gradio_api/queue/join", json=body)
        joined.raise_for_status()
        shown: list[Any] = []
        async with self._client.stream("GET", f"/gradio_api/queue/data?session_hash={self._session}") as answer:
            async for line in answer.aiter_lines():
                if not line.startswith("data:"):
                    continue
                message = json.loads(line[5:])
                places = re.findall(r"number (\d+) in the queue", line)
                self.most_waiting = max([self.most_waiting, *map(int, places)])
                if message["msg"] == "process_completed":
                    if not message["success"]:
                        raise RuntimeError(f"{event}: {message}")
                    return shown or message["output"]["data"]
                if message["msg"] == "process_generating" and not shown:
                    shown = []
        raise RuntimeError(f"{event}: the connection ended before the work did")

    async def arrive(self) -> str:
        """Open the page; return the visit's secret."""
        answer = await self.happen("load", 0)
        return str(answer[1]["secret"])

    async def send(self, secret: str, film: bytes) -> bytes:
        """Send a film and return the copy of it that the page plays."""
        sent = await self._client.post(f"/visits/{secret}/film?suffix=mp4", content=film)
        sent.raise_for_status()
        if sent.json()["wrong"]:
            raise RuntimeError(sent.json()["wrong"])
        await self.happen("filmed", 1)
        shown = await self._client.get(f"/visits/{secret}/shown.mp4")
        shown.raise_for_status()
        return shown.content


def make_film(n_frames: int, folder: Path) -> bytes:
    """Make a film of so many frames."""
    path = folder / f"{n_frames}.mp4"
    frames = np.random.default_rng(n_frames).integers(0, 255, (n_frames, 48, 64, 3), dtype=np.uint8)
    write_video(path, frames, frame_rate_hz=RATE_HZ)
    return path.read_bytes()


async def visit(
    number: int, client: httpx.AsyncClient, events: dict[str, int], folder: Path, n_films: int
) -> tuple[list[float], int]:
    """Be one visitor: return how long each film took, in seconds, and the largest place in the queue."""
    visitor = Visitor(client, events)
    secret = await visitor.arrive()
    times_s: list[float] = []
    for film in range(n_films):
        n_frames = SHORTEST + number * n_films + film
        began = time.monotonic()
        shown = folder / f"shown-{n_frames}.mp4"
        shown.write_bytes(await visitor.send(secret, make_film(n_frames, folder)))
        times_s.append(time.monotonic() - began)
        found = len(read_video(shown))
        if found != n_frames:
            raise RuntimeError(f"visitor {number}, film {film}: sent {n_frames} frames, got back {found}")
    return times_s, visitor.most_waiting


async def come_at_once(client: httpx.AsyncClient, events: dict[str, int], n_visitors: int, n_films: int) -> None:
    """Let all visitors come at once, and say what came of it."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        visits = [visit(number, client, events, Path(name), n_films) for number in range(n_visitors)]
        results = await asyncio.gather(*visits)
    times_s = [one for times, _ in results for one in times]
    print(f"{n_visitors} visitors, {len(times_s)} films, none lost, in {time.monotonic() - began:.0f} s")
    print(f"a film took {statistics.median(times_s):.1f} s at the median, {max(times_s):.1f} s at most")
    print(f"largest place told in the queue: {max(most for _, most in results)}")


async def time_verdict(client: httpx.AsyncClient, events: dict[str, int], kind: str) -> None:
    """Have an example filmed, read and done by the robot, and say how long each took."""
    visitor = Visitor(client, events)
    secret = await visitor.arrive()
    times_s: dict[str, float] = {}
    for event, data, file in (
        ("example", {"kind": kind}, "shown.mp4"),
        ("read", {"start": 0.0, "end": 60.0}, "frame.png"),
        ("judge", {}, "result.json"),
    ):
        began = time.monotonic()
        await visitor.happen(event, 1, data)
        times_s[event] = time.monotonic() - began
        (await client.get(f"/visits/{secret}/{file}")).raise_for_status()
    result = (await client.get(f"/visits/{secret}/result.json")).json()
    stages = ", ".join(f"{event} {seconds:.1f} s" for event, seconds in times_s.items())
    print(f"{stages}; success rate {result['success_rate']:.0%} of {result['n_rollouts']}")
    print(f"film to verdict: {times_s['read'] + times_s['judge']:.1f} s at a load of {os.getloadavg()[0]:.1f}")


async def run(given: argparse.Namespace) -> None:
    """Start the page and do what is asked."""
    began = time.monotonic()
    command = [sys.executable, "-m", "daml", "app", "--port", "0"]
    page = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    try:
        if page.stdout is None:
            raise RuntimeError("the page says nothing")
        found = re.search(r"http://[\w.:]+", (await page.stdout.readline()).decode())
        if found is None:
            raise RuntimeError("the page did not open")
        # The page closes a connection that is idle for five seconds; whoever uses it at that moment would lose it.
        limits = httpx.Limits(max_connections=None, keepalive_expiry=2)
        async with httpx.AsyncClient(base_url=found[0], timeout=60 * given.minutes, limits=limits) as client:
            (await client.get("/")).raise_for_status()
            print(f"first page: {time.monotonic() - began:.1f} s after the command")
            config = (await client.get("/config")).json()
            events = {event: one["id"] for one in config["dependencies"] for _, event in one["targets"]}
            async with asyncio.timeout(60 * given.minutes):
                if given.verdict is None:
                    await come_at_once(client, events, given.visitors, given.films)
                else:
                    await time_verdict(client, events, given.verdict)
    finally:
        page.terminate()
        await page.wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--visitors", type=int, default=50)
    parser.add_argument("--films", type=int, default=3)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--verdict", choices=("pick-place", "push"))
    asyncio.run(run(parser.parse_args()))
