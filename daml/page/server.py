"""The page's program: Gradio's pages behind a filter, and the two addresses that films and clips go through."""

import asyncio
import contextlib
import logging
import socket
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import gradio as gr
import uvicorn
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response

from daml.page.film_reception import receive_film
from daml.page.jobs import JobQueue
from daml.page.layout import CSS, THEME, lay_out
from daml.page.request_filter import LOOPBACK_NAMES, RequestFilter
from daml.page.visits import Visits

_THREE = Path(__file__).parent / "vendored" / "three.js"
"""Draws scenes; `scripts/bundle_three.sh` makes it."""
_SWEEP_S = 60.0
"""Time between two looks for visits that are over, in seconds."""
_MOST_WAITING = 200
"""Events that wait at a time: fifty visitors have some three each."""


def create_app(
    *, visits: Visits, jobs: JobQueue, is_local: bool = True, token: str | None = None, rollouts: int = 10
) -> Any:  # noqa: ANN401 - an ASGI app
    """Make the program that answers a browser.

    Args:
        visits: Where visitors' files are.
        jobs: Who computes.
        is_local: Whether it is asked under this machine's own names alone.
        token: What a visitor has to know; nothing when None.
        rollouts: Layouts that the robot tries.
    """

    @contextlib.asynccontextmanager
    async def sweeping(_: FastAPI) -> AsyncGenerator[None]:
        async def sweep() -> None:
            while True:
                await asyncio.sleep(_SWEEP_S)
                visits.sweep()

        task = asyncio.create_task(sweep())
        yield
        task.cancel()

    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, lifespan=sweeping)

    async def take_film(request: Request) -> Response:
        visit = visits.find(request.path_params["secret"])
        if visit is None:
            return PlainTextResponse("this page was not used for an hour; reload it\n", status_code=404)
        # Browsers would report another status than 200 as an error of the page.
        return JSONResponse({"wrong": await receive_film(request, visit.folder)})

    async def give_file(request: Request) -> Response:
        visit = visits.find(request.path_params["secret"])
        path = None if visit is None else visit.served_file(request.path_params["name"])
        if path is None:
            return PlainTextResponse("there is nothing here\n", status_code=404)
        return FileResponse(path, headers={"cache-control": "private, max-age=3600"})

    async def give_three(_: Request) -> Response:
        return FileResponse(_THREE, media_type="text/javascript", headers={"cache-control": "private, max-age=3600"})

    app.add_route("/three.js", give_three, methods=["GET", "HEAD"])
    app.add_route("/visits/{secret}/film", take_film, methods=["POST"])
    app.add_route("/visits/{secret}/{name}", give_file, methods=["GET", "HEAD"])
    blocks = lay_out(visits, jobs, rollouts=rollouts)
    blocks.queue(default_concurrency_limit=None, max_size=_MOST_WAITING, api_open=False)
    gr.mount_gradio_app(  # pyright: ignore[reportUnknownMemberType] - Gradio leaves a function without types
        app,
        blocks,
        path="/",
        theme=THEME,
        css=CSS,
        show_error=False,
        ssr_mode=False,
        enable_monitoring=False,
        footer_links=[],
        run_history=False,
        mcp_server=False,
        pwa=False,
    )
    return RequestFilter(app, hosts=LOOPBACK_NAMES if is_local else None, token=token)


def serve(app: Any, listener: socket.socket) -> None:  # noqa: ANN401 - an ASGI app
    """Answer who connects to a listening socket, until the program is stopped."""
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    config = uvicorn.Config(app, log_level="warning", access_log=False, timeout_graceful_shutdown=1)
    with contextlib.suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[listener])
