"""Jobs in processes of their own: few at a time, first come first served, each stopped at any moment.

A job's process works in its visit's folder and sends JSON alone: nothing that a hostile film may do to its decoder
reaches the process that serves the page.
"""

import asyncio
import json
import multiprocessing
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import import_module
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Literal

from daml.errors import is_users
from daml.progress import Observer, Progress

AT_ONCE = 2
"""Jobs that compute at the same time: more would slow each other down on two cores."""
LONGEST_S = 300.0
"""Time after which a job is ended, in seconds: ten times what one takes."""
_POLL_S = 0.05
"""Time between two looks at what a job has sent, in seconds."""

Work = Callable[[Path, Mapping[str, Any], Observer, Callable[[Mapping[str, Any]], None]], Mapping[str, Any]]
"""What a job does: in a folder, with arguments, telling its progress and whatever may be shown before its end."""


@dataclass(frozen=True)
class News:
    """What is told of a job."""

    kind: Literal["waiting", "working", "partial", "done", "refused", "failed", "stopped"]
    """How it stands: the last four are its end."""
    text: str = ""
    """Why it was refused; or the name of the stage."""
    place: int = 0
    """How many jobs are before it."""
    progress: Progress | None = None
    content: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """What came out."""


class JobQueue:
    """Runs jobs.

    Args:
        module: Module that holds the jobs' functions; it is loaded once, before the first job.
        at_once: Jobs that compute at the same time.
        longest_s: Time after which a job is ended, in seconds.
    """

    def __init__(self, module: str, *, at_once: int = AT_ONCE, longest_s: float = LONGEST_S) -> None:
        self._module = module
        self._at_once = at_once
        self._longest_s = longest_s
        self._tickets: list[str] = []
        self._stopped: set[str] = set()
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload([module])

    def warm_up(self) -> None:
        """Start loading what jobs need, without waiting for it."""
        process = self._context.Process(target=_do_nothing, daemon=True)
        threading.Thread(target=_start, args=(process,), daemon=True).start()

    def stop(self, owner: str) -> None:
        """Stop the job of an owner, whether it waits or runs."""
        if owner in self._tickets:
            self._stopped.add(owner)

    async def run(self, name: str, folder: Path, arguments: Mapping[str, Any], *, owner: str) -> AsyncGenerator[News]:
        """Run a job and yield how it stands, until its end.

        Args:
            name: Name of its function in the module.
            folder: Where it works.
            arguments: What it is given; anything that JSON can hold.
            owner: Who may stop it; one job at a time for each.
        """
        if owner in self._tickets:
            yield News("refused", "something of yours is still running: stop it, or wait for its end")
            return
        self._tickets.append(owner)
        try:
            place = -1
            while (before := self._tickets.index(owner) - self._at_once + 1) > 0:
                if owner in self._stopped:
                    yield News("stopped")
                    return
                if before != place:
                    place = before
                    yield News("waiting", place=before)
                await asyncio.sleep(_POLL_S)
            yield News("working", "starting")
            async for news in self._watch(name, folder, arguments, owner):
                yield news
        finally:
            self._tickets.remove(owner)
            self._stopped.discard(owner)

    async def _watch(self, name: str, folder: Path, arguments: Mapping[str, Any], owner: str) -> AsyncGenerator[News]:
        """Run a job in a process and pass on what it tells."""
        receiver, sender = self._context.Pipe(duplex=False)
        process = self._context.Process(
            target=_work, args=(sender, self._module, name, str(folder), json.dumps(arguments)), daemon=True
        )
        await asyncio.get_running_loop().run_in_executor(None, _start, process)
        sender.close()
        end = time.monotonic() + self._longest_s
        try:
            while True:
                if owner in self._stopped:
                    yield News("stopped")
                    return
                if time.monotonic() > end:
                    yield News("refused", f"this took longer than {self._longest_s:.0f} s and was ended; film less")
                    return
                if not receiver.poll():
                    await asyncio.sleep(_POLL_S)
                    continue
                news = _received(receiver)
                yield news
                if news.kind not in ("working", "partial"):
                    return
        finally:
            _end(process)
            receiver.close()


def _start(process: Any) -> None:  # noqa: ANN401 - each start method has a class of its own
    """Start a process; the words of this program are none of its business."""
    process.start()


def _end(process: Any) -> None:  # noqa: ANN401 - likewise
    """End a process at once, with all that it has started."""
    if process.pid is not None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.join(timeout=5)


def _received(receiver: Connection) -> News:
    """Return what a job's process has sent; a failure where it was ended from outside."""
    try:
        message = json.loads(receiver.recv_bytes())
    except (EOFError, OSError, ValueError):
        return News("failed")
    progress = message.pop("progress", None)
    return News(**message, progress=None if progress is None else Progress(*progress))


def _do_nothing() -> None:
    """Stand for a job: the server that jobs are forked from starts with the first."""


def _work(sender: Connection, module: str, name: str, folder: str, arguments: str) -> None:
    """Do a job, in its own process."""
    with suppress(OSError):
        os.setsid()
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def send(kind: str, **content: Any) -> None:  # noqa: ANN401 - anything that JSON holds
        sender.send_bytes(json.dumps({"kind": kind, **content}).encode())

    def observe(progress: Progress) -> None:
        send("working", text=progress.stage, progress=[*progress[:3], dict(progress.figures)])

    try:
        work: Work = getattr(import_module(module), name)
        result = work(Path(folder), json.loads(arguments), observe, lambda content: send("partial", content=content))
        send("done", content=result)
    except BaseException as error:  # noqa: BLE001 - whatever it is, the page hears of an end
        if is_users(error):
            send("refused", text=_without_paths(str(error), folder))
        else:
            traceback.print_exception(error, file=sys.stderr)
            send("failed")


def _without_paths(text: str, folder: str) -> str:
    """Return an error's words without the path of the visitor's folder, which says nothing to them."""
    words = " ".join(text.split())
    if words.startswith(folder):
        words = words.partition(": ")[2]
    return words.replace(f"{folder}/", "")
