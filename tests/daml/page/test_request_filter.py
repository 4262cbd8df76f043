import json
from typing import Any

import anyio
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse

from daml.page.request_filter import MOST_BODY_BYTES, RequestFilter

HOME = {"host": "127.0.0.1:7860"}


async def answer(scope: Any, receive: Any, send: Any) -> None:
    body = await Request(scope, receive).body()
    await PlainTextResponse(b"let through " + body)(scope, receive, send)


def ask(
    path: str = "/", *, method: str = "GET", body: bytes = b"", query: str = "", **settings: Any
) -> tuple[int, str, dict[str, str]]:
    headers = settings.pop("headers", HOME)
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }
    messages = [
        {"type": "http.request", "body": body[i : i + 60_000], "more_body": True} for i in range(0, len(body), 60_000)
    ]
    messages.append({"type": "http.request", "body": b"", "more_body": False})
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return messages.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    anyio.run(RequestFilter(answer, **settings), scope, receive, send)
    text = b"".join(message.get("body", b"") for message in sent[1:]).decode()
    return sent[0]["status"], text, {name.decode(): value.decode() for name, value in sent[0]["headers"]}


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/config",
        "/theme.css",
        "/three.js",
        "/assets/index-D.js",
        "/static/img/a.svg",
        "/gradio_api/queue/data",
        "/visits/aB_-/shown.mp4",
    ],
)
def test_what_the_page_needs_is_let_through(path: str):
    assert ask(path)[0] == 200


@pytest.mark.parametrize(
    "path",
    [
        "/gradio_api/file=/etc/passwd",
        "/gradio_api/file/etc/passwd",
        "/file=/etc/passwd",
        "/gradio_api/upload",
        "/gradio_api/upload_progress",
        "/gradio_api/proxy=http://127.0.0.1/",
        "/gradio_api/stream/x/y/z/playlist.m3u8",
        "/gradio_api/component_server",
        "/gradio_api/deep_link",
        "/gradio_api/call/read",
        "/gradio_api/run/read",
        "/gradio_api/vibe-edit",
        "/gradio_api/process_recording",
        "/gradio_api/runs",
        "/gradio_api/run-history/connect",
        "/gradio_api/mcp",
        "/custom_component/a/b/c/d",
        "/monitoring",
        "/monitoring/summary",
        "/login",
        "/svelte/../../etc/passwd",
        "/assets/../../../../etc/passwd",
        "/static/%2e%2e/etc/passwd",
        "/static/..",
        "/visits/../film",
        "/visits/a/../../film.mp4",
        "/visits/a/b/c",
        "//",
        "/docs",
        "/openapi.json",
    ],
)
def test_all_else_is_closed(path: str):
    for method in ("GET", "HEAD", "POST"):
        assert ask(path, method=method)[0] == 404


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "TRACE", "PATCH"])
def test_other_methods_are_closed(method: str):
    assert ask("/", method=method)[0] == 404


@pytest.mark.parametrize("host", ["evil.example", "evil.example:7860", "127.0.0.1.evil.example", "", "169.254.169.254"])
def test_a_foreign_name_is_not_answered(host: str):
    assert ask(headers={"host": host})[0] == 403
    assert ask(headers={"host": host}, hosts=None)[0] == 200


@pytest.mark.parametrize("host", ["localhost:7860", "127.0.0.1", "[::1]:7860"])
def test_this_machines_names_are_answered(host: str):
    assert ask(headers={"host": host})[0] == 200


def test_another_pages_requests_are_not_answered():
    assert ask("/gradio_api/queue/join", method="POST", headers=HOME | {"origin": "http://evil.example"})[0] == 403
    assert ask("/visits/a/film", method="POST", headers=HOME | {"origin": "null"})[0] == 403
    assert ask("/", headers=HOME | {"origin": "http://127.0.0.1:7860"})[0] == 200


def test_with_a_token_nothing_is_told_to_who_does_not_know_it():
    for path, query in (("/", ""), ("/", "token=wrong"), ("/visits/a/shown.mp4", "token=word"), ("/config", "")):
        status, text, _ = ask(path, query=query, token="word")
        assert status == 401
        assert "word" not in text
    assert ask(headers=HOME | {"cookie": "daml_token=wrong"}, token="word")[0] == 401


def test_who_shows_the_token_once_is_known_from_then_on():
    status, _, headers = ask("/", query="token=word", token="word")
    assert status == 303
    assert headers["location"] == "./"
    assert "httponly" in headers["set-cookie"].lower()
    assert "samesite=strict" in headers["set-cookie"].lower()
    cookie = headers["set-cookie"].partition(";")[0]
    assert ask("/config", headers=HOME | {"cookie": cookie}, token="word")[0] == 200


def test_a_request_reaches_the_page_as_it_was_sent():
    body = json.dumps({"data": [1, {"start": 0.5}]}).encode()
    assert ask("/gradio_api/queue/join", method="POST", body=body)[1] == "let through " + body.decode()


def test_a_request_that_is_too_large_is_not_let_through():
    body = b'"' + b"x" * MOST_BODY_BYTES + b'"'
    assert ask("/gradio_api/queue/join", method="POST", body=body)[0] == 413


@pytest.mark.parametrize(
    "body",
    [
        b'{"data": [{"path": "http://127.0.0.1:1/", "meta": {"_type": "gradio.FileData"}}]}',
        b'{"data": [{"path": "/etc/passwd", "meta": {"_type": "gradio\\u002eFileData"}}]}',
        b"no json at all",
        b"[" * 200_000,
    ],
)
def test_a_request_that_names_a_file_is_not_let_through(body: bytes):
    assert ask("/gradio_api/queue/join", method="POST", body=body)[0] == 400


def test_a_browser_is_told_to_load_nothing_from_elsewhere():
    for path in ("/", "/nowhere"):
        headers = ask(path)[2]
        assert "default-src 'self'" in headers["content-security-policy"]
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-content-type-options"] == "nosniff"
