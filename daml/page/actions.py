"""What happens on the page: each action runs a job in its visitor's folder, and says what to show."""

from collections.abc import AsyncGenerator, Mapping
from typing import Any, NamedTuple

import gradio as gr

from daml.page.jobs import JobQueue, News
from daml.page.visits import Visit, Visits

Update = dict[Any, Any]
"""Parts of the page, and what they show from now on."""

_READING_FILES = {"picture": "frame.png", "drawn": "reading.png"}
_SCENE_FILES = {"picture": "scene.png", "frame": "frame.png", "file": "scene.zip"}
_ROBOT_FILES = {"clip_file": "robot.mp4", "policy": "policy.zip", "result": "result.json", "scene": "scene.zip"}
_LOOK_FILES = {"after": "after.glb", "before": "before.glb"}
"""What the page shows or gives, by the names that its parts have for it."""

_OVER = "This page was not used for an hour, and its films were deleted: reload it."
_FAULT = "Something went wrong that should not; whoever runs this page finds more in its program's window."


class Parts(NamedTuple):
    """Parts of the page that change."""

    film: gr.HTML
    """Shows the film."""
    reading: gr.HTML
    """Shows what was understood."""
    scene: gr.HTML
    """Shows the scene that was built of it."""
    robot: gr.HTML
    """Shows the robot."""
    look: gr.HTML
    """Shows the robot's tries as scenes to turn."""
    status: gr.HTML
    """Says how the work stands: what is seen as `text`, and what screen readers alone tell as `said`."""


class Actions:
    """The page's actions.

    Args:
        visits: Where visitors' files are.
        jobs: Who computes.
        parts: What shows it.
        rollouts: Layouts that the robot tries.
    """

    def __init__(self, visits: Visits, jobs: JobQueue, parts: Parts, *, rollouts: int) -> None:
        self._visits = visits
        self._jobs = jobs
        self._parts = parts
        self._rollouts = rollouts
        self._secrets: dict[str, str] = {}

    def _emptied(self, *, from_: gr.HTML) -> Update:
        """Return the parts from one on as they are before there is anything in them."""
        parts = self._parts[:-1]
        return {part: {} for part in parts[parts.index(from_) :]}

    def arrive(self, request: gr.Request) -> tuple[str, dict[str, str]]:
        """Begin a visit."""
        try:
            visit = self._visits.open()
        except OSError as error:
            return "", {"told": str(error)}
        self._secrets[str(request.session_hash)] = visit.secret
        return visit.secret, {"secret": visit.secret}

    def leave(self, request: gr.Request) -> None:
        """Stop what a visitor has running who has closed the page."""
        self._jobs.stop(self._secrets.pop(str(request.session_hash), ""))

    def stop(self, secret: str) -> None:
        """Stop what the visitor has running."""
        self._jobs.stop(secret)

    async def take_in(self, secret: str) -> AsyncGenerator[Update]:
        """Examine a film that was received."""
        async for update in self._show_film(secret, "take_in", {}):
            yield update

    async def film_example(self, secret: str, event: gr.EventData) -> AsyncGenerator[Update]:
        """Film a simulated person."""
        async for update in self._show_film(secret, "film_example", {"kind": str(_data(event).get("kind"))}):
            yield update

    async def show_table(self, secret: str, event: gr.EventData) -> AsyncGenerator[Update]:
        """Show a table over which a hand can be led."""
        kind = str(_data(event).get("kind"))
        async for visit, news in self._follow(secret, "show_table", {"kind": kind}):
            update: Update = {self._parts.status: status_of(news)}
            if news.kind == "done":
                update[self._parts.film] = {"table": visit.address("table.png"), "kind": kind}
            yield update

    async def film_led(self, secret: str, event: gr.EventData) -> AsyncGenerator[Update]:
        """Film a simulated person whose hand was led over the table."""
        arguments = {"kind": str(_data(event).get("kind")), "way": _data(event).get("way")}
        async for update in self._show_film(secret, "film_led", arguments):
            yield update

    async def _show_film(self, secret: str, job: str, arguments: Mapping[str, Any]) -> AsyncGenerator[Update]:
        yield self._emptied(from_=self._parts.reading)
        async for visit, news in self._follow(secret, job, arguments):
            update: Update = {self._parts.status: status_of(news)}
            if news.kind == "done":
                update[self._parts.film] = {
                    **news.content,
                    "film": visit.address("shown.mp4"),
                    "strip": visit.address("strip.png"),
                    "told": " ".join(f"{warning}." for warning in news.content["warnings"]),
                }
                update[self._parts.status] = {"said": f"The film is there, {news.content['duration']:.0f} seconds."}
            yield update

    async def read(self, secret: str, event: gr.EventData) -> AsyncGenerator[Update]:
        """Read the film."""
        yield self._emptied(from_=self._parts.reading)
        stretch = {name: float(_data(event).get(name, 0)) for name in ("start", "end")}
        async for update in self._show_reading(secret, "read", stretch):
            yield update

    async def correct(self, secret: str, event: gr.EventData) -> AsyncGenerator[Update]:
        """Correct what was read."""
        yield self._emptied(from_=self._parts.robot)
        said = {name: _data(event).get(name) for name in ("steps", "chosen")}
        async for update in self._show_reading(secret, "correct", said):
            yield update

    async def edit(self, secret: str, event: gr.EventData) -> AsyncGenerator[Update]:
        """Change the scene."""
        yield self._emptied(from_=self._parts.robot)
        async for visit, news in self._follow(secret, "edit", {"rows": _data(event).get("rows")}):
            update: Update = {self._parts.status: status_of(news)}
            if news.kind == "done":
                update[self._parts.scene] = _scene_of(visit, news.content)
                update[self._parts.status] = {"said": "The scene is changed."}
            yield update

    async def judge(self, secret: str) -> AsyncGenerator[Update]:
        """Let the robot try."""
        yield self._emptied(from_=self._parts.robot)
        async for visit, news in self._follow(secret, "judge", {"rollouts": self._rollouts}):
            update: Update = {self._parts.status: status_of(news)}
            if news.kind in ("partial", "done"):
                if news.kind == "partial":  # it would cover what the stage of the work is
                    del update[self._parts.status]
                update[self._parts.robot] = {**news.content, **_addresses(visit, _ROBOT_FILES)}
                update[self._parts.look] = _addresses(visit, _LOOK_FILES)
            yield update

    async def _show_reading(self, secret: str, job: str, arguments: Mapping[str, Any]) -> AsyncGenerator[Update]:
        async for visit, news in self._follow(secret, job, arguments):
            update: Update = {self._parts.status: status_of(news)}
            if news.kind == "done":
                said = {name: news.content[name] for name in ("steps", "chosen")}
                update[self._parts.reading] = {**said, **_addresses(visit, _READING_FILES)}
                update[self._parts.scene] = _scene_of(visit, news.content["scene"])
                words = "; ".join(step["words"] for step in said["steps"])
                update[self._parts.status] = {"said": f"Understood: {words}."}
            yield update

    async def _follow(self, secret: str, job: str, arguments: Mapping[str, Any]) -> AsyncGenerator[tuple[Visit, News]]:
        """Run a job of a visit and yield how it stands."""
        visit = self._visits.find(secret)
        if visit is None:
            gr.Warning(_OVER)
            return
        async for news in self._jobs.run(job, visit.folder, arguments, owner=secret):
            yield visit, news


def _scene_of(visit: Visit, content: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the page shows of a scene."""
    return {**content, **_addresses(visit, _SCENE_FILES)}


def _addresses(visit: Visit, files: Mapping[str, str]) -> dict[str, str]:
    """Return the addresses of those files that there are."""
    return {key: visit.address(name) for key, name in files.items() if visit.served_file(name) is not None}


def status_of(news: News) -> dict[str, Any]:
    """Say how a job stands."""
    if news.kind == "waiting":
        text = f"Others are before you: you are number {news.place} in the queue."
        return {"text": text, "is_stoppable": True, "place": news.place}
    if news.kind in ("working", "partial"):
        status: dict[str, Any] = {"text": f"{news.text} ...", "is_stoppable": True}
        return status if news.progress is None else status | {"done": news.progress.done, "total": news.progress.total}
    if news.kind in ("refused", "failed"):
        return {"text": news.text if news.kind == "refused" else _FAULT, "is_alert": True}
    return {"text": "Stopped."} if news.kind == "stopped" else {}


def _data(event: gr.EventData) -> Mapping[str, Any]:
    """Return what a part of the page has sent with an event."""
    data: Any = event._data  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - there is no other way to all of it
    return data if isinstance(data, Mapping) else {}  # pyright: ignore[reportUnknownVariableType]
