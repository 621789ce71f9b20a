"""What stands before every request: where it comes from, who sends it, and how large it is.

A page on the web can make a browser send requests to this machine. So the host that was asked for
must be this one (else a name that points here would do), what changes something must come from a
page of ours, and without the cookie of an opened address there is nothing to see.
"""

from collections.abc import Callable
from http.cookies import CookieError, SimpleCookie
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hep_vision.web.access import Access, Role

LARGEST_BODY_BYTES: Final = 1_000_000
"""Forms are small; recordings are named by their path, and never sent."""
ENTRY: Final = "/enter"
_OPEN: Final = (ENTRY, "/static/")
"""Paths that need no session: they show nothing of anybody."""
_SAFE: Final = ("GET", "HEAD")
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS: Final = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
_CACHE: Final = "Cache-Control"

Refuse = Callable[[int, str], Response]


class Guard:
    """Lets through what comes from a page of ours, as ASGI middleware.

    Args:
        app: What is behind it.
        access: Tokens and sessions.
        hosts: What a browser may have asked for: ``127.0.0.1:8765``.
        cookie: Name of the session's cookie.
        refuse: Makes the answer to what is not let through, of a status and a line.
    """

    def __init__(
        self,
        app: ASGIApp,
        access: Access,
        hosts: frozenset[str],
        cookie: str,
        refuse: Refuse = lambda status, line: PlainTextResponse(f"{line}\n", status),
    ) -> None:
        self._app = app
        self._access = access
        self._hosts = hosts
        self._cookie = cookie
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close"})  # nothing of ours speaks it
            return
        headers = Headers(scope=scope)
        refused = self._refusal(scope, headers)
        answer = _with_headers(send)
        if refused is not None:
            await self._refuse(*refused)(scope, receive, answer)
            return
        await self._app(scope, _bounded(receive), answer)

    def _refusal(self, scope: Scope, headers: Headers) -> tuple[int, str] | None:
        """Return status and line of what is refused; None lets it through."""
        if headers.get("host", "") not in self._hosts:
            return 400, "This address is not the one that hep-vision opened."
        if scope["method"] not in _SAFE and not self._is_from_us(headers):
            return 403, "This did not come from a page of hep-vision, so nothing was changed."
        if int(headers.get("content-length") or 0) > LARGEST_BODY_BYTES:
            return 413, "That is too much at once: at most 1 MB can be sent."
        path: str = scope["path"]
        if path.startswith(_OPEN):
            return None
        role = self._access.role(self._session(headers))
        if role is None:
            return 401, (
                "This page is closed. Open it from hep-vision again: hep-vision open. An address "
                "can be opened once, and not for long."
            )
        scope.setdefault("state", {})["role"] = role
        if path.startswith("/review") and role is not Role.THERAPIST:
            return 403, "This page is for the therapist: hep-vision open --therapist."
        return None

    def _is_from_us(self, headers: Headers) -> bool:
        origin = headers.get("origin")
        if origin is None:
            return headers.get("sec-fetch-site") == "same-origin"
        parts = urlsplit(origin)
        return parts.scheme == "http" and parts.netloc in self._hosts

    def _session(self, headers: Headers) -> str | None:
        try:
            found = SimpleCookie(headers.get("cookie", "")).get(self._cookie)
        except CookieError:
            return None
        return None if found is None else found.value


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
            headers.setdefault(_CACHE, "no-store")
        await send(message)

    return sending


def _bounded(receive: Receive) -> Receive:
    """Stop reading what grows too large without having said how large it is."""
    total = 0

    async def receiving() -> Message:
        nonlocal total
        message = await receive()
        total += len(message.get("body", b""))
        if total > LARGEST_BODY_BYTES:
            return {"type": "http.disconnect"}
        return message

    return receiving
