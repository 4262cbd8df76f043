"""What requests get through to the page: from where, with which secret, to which addresses, and how large."""

import hmac
import json
import re
from collections.abc import Mapping
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})

MOST_BODY_BYTES = 1_000_000
"""Size of a request that is no film: a minute of a hand's way is the largest."""

_COOKIE = "daml_token"
_OPEN = re.compile(
    r"/(config|three\.js|theme\.css|favicon\.ico|manifest\.json|robots\.txt|pwa_icon(/\d+)?)?"
    r"|/(assets|static)(/[\w@+-][\w.@+-]*)+"
    r"|/gradio_api/(theme\.css|startup-events|info|reset|cancel|queue/join|queue/data|heartbeat/\w+)/?"
    r"|/visits/[\w-]+/[a-z0-9.-]+"
)
"""Addresses that the page needs. All others of Gradio's are closed: files, uploads, proxies, monitoring."""

_FILE_MARK = "gradio.FileData"
"""Has Gradio fetch or copy the file that a request names. This page gives it none."""

_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; media-src 'self' blob:; font-src 'self' data:; connect-src 'self' blob:; "
    "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'"
)
"""A browser loads nothing from elsewhere."""

_HEADERS: Mapping[str, str] = {
    "content-security-policy": _POLICY,
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "permissions-policy": "camera=(self), microphone=(), geolocation=()",
}


class RequestFilter:
    """Lets through what the page needs, and nothing else.

    Args:
        app: What answers.
        hosts: Names under which the page may be asked for; any when None. A foreign name would be that of another
            site which leads a visitor's browser here.
        token: What a visitor has to know; nothing when None.
    """

    def __init__(
        self, app: ASGIApp, *, hosts: frozenset[str] | None = LOOPBACK_NAMES, token: str | None = None
    ) -> None:
        self._app = app
        self._hosts = hosts
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(scope)
        if refusal is not None:
            await refusal(scope, receive, _with_headers(send))
            return
        if scope["method"] != "POST" or scope["path"].startswith("/visits/"):
            await self._app(scope, receive, _with_headers(send))
            return
        body = await _whole_body(receive)
        if body is None:
            await _refuse(413, "this request is too large")(scope, receive, _with_headers(send))
        elif _names_a_file(body):
            await _refuse(400, "films are sent by the page's own way alone")(scope, receive, _with_headers(send))
        else:
            await self._app(scope, _replayed(body, receive), _with_headers(send))

    def _refusal(self, scope: Scope) -> ASGIApp | None:
        """Return what answers a request that is not let through; None for others."""
        headers = Headers(scope=scope)
        origin = headers.get("origin")
        if self._hosts is not None and urlsplit(f"//{headers.get('host', '')}").hostname not in self._hosts:
            return _refuse(403, "this page is open under its own address alone")
        if origin is not None and urlsplit(origin).netloc != headers.get("host"):
            return _refuse(403, "this page takes no requests from other pages")
        if self._token is not None and not self._is_known(headers):
            return self._welcome(scope)
        if scope["method"] not in ("GET", "HEAD", "POST") or _OPEN.fullmatch(scope["path"]) is None:
            return _refuse(404, "there is nothing here")
        return None

    def _welcome(self, scope: Scope) -> ASGIApp:
        """Return what answers somebody who has not shown the token yet: the page, where they show it now."""
        token = self._token or ""
        given = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]
        if scope["path"] != "/" or not hmac.compare_digest(given.encode(), token.encode()):
            return _refuse(401, "open the address that `daml app` printed: it ends in ?token=...")
        response = RedirectResponse("./", status_code=303)
        response.set_cookie(_COOKIE, token, httponly=True, samesite="strict")
        return response

    def _is_known(self, headers: Headers) -> bool:
        """Tell whether a visitor has shown the token before."""
        cookies: SimpleCookie = SimpleCookie()
        cookies.load(headers.get("cookie", ""))
        given = cookies[_COOKIE].value if _COOKIE in cookies else ""
        return self._token is not None and hmac.compare_digest(given.encode(), self._token.encode())


def _names_a_file(body: bytes) -> bool:
    """Tell whether a request names a file for Gradio to fetch or copy, however it is written, or is no JSON at all."""
    try:
        return _FILE_MARK in json.dumps(json.loads(body or b"null"))
    except (ValueError, RecursionError):
        return True


def _refuse(status: int, text: str) -> PlainTextResponse:
    return PlainTextResponse(f"{text}\n", status_code=status)


def _with_headers(send: Send) -> Send:
    """Add what a browser should obey to each answer."""

    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers[name] = value
        await send(message)

    return send_with_headers


async def _whole_body(receive: Receive) -> bytes | None:
    """Return the body of a request; None where it is too large."""
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > MOST_BODY_BYTES:
            return None
        if message["type"] != "http.request" or not message.get("more_body", False):
            return bytes(body)


def _replayed(body: bytes, receive: Receive) -> Receive:
    """Give a body that was read already, and then what comes after it."""
    messages: list[dict[str, Any]] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive_again() -> Message:
        return messages.pop() if messages else await receive()

    return receive_again
