"""What stands before every page: same-origin writes only, small bodies, headers that allow nothing from outside."""

import secrets
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BYTES = 4 * 1024 * 1024
"""The longest body that is read. A bulletin is a few kilobytes, a Word file with a picture some hundred."""
NODES = "/link/"
"""Below this path nodes ask, not people."""
_READING = {"GET", "HEAD", "OPTIONS"}


class _TooLongError(HTTPException):
    """A body without an honest length."""

    def __init__(self) -> None:
        super().__init__(413)


class Guard:
    """Around the whole console; pure ASGI, so that files and events are streamed through."""

    def __init__(self, inner: ASGIApp) -> None:
        self._inner = inner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Look at a request, then let it in."""
        # Nodes are no browsers: they sign what they send, and say no origin.
        if scope["type"] != "http" or scope["path"].startswith(NODES):
            await self._inner(scope, receive, send)
            return
        headers = Headers(scope=scope)
        nonce = secrets.token_urlsafe(16)
        scope.setdefault("state", {})["nonce"] = nonce
        dressed = _dressed(scope, send, nonce)
        if scope["method"] not in _READING and not _same_origin(headers):
            await PlainTextResponse(
                "Yêu cầu đến từ trang khác nên bị từ chối. Mở lại trang điều hành rồi thử lại.", 403
            )(scope, receive, dressed)
            return
        if _declared(headers) > MOST_BYTES:
            await _too_long()(scope, receive, dressed)
            return
        seen = 0
        begun = False

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > MOST_BYTES:
                raise _TooLongError
            return message

        async def noted(message: Message) -> None:
            nonlocal begun
            begun = True
            await dressed(message)

        try:
            await self._inner(scope, counted, noted)
        except _TooLongError:
            if not begun:
                await _too_long()(scope, receive, dressed)


def _too_long() -> PlainTextResponse:
    return PlainTextResponse(f"Tệp lớn hơn {MOST_BYTES // 2**20} MB nên không nhận; không giữ lại gì.", 413)


def _declared(headers: Headers) -> int:
    length = headers.get("content-length", "0")
    return int(length) if length.isascii() and length.isdigit() and len(length) < 16 else 0


def _same_origin(headers: Headers) -> bool:
    """On a LAN address browsers send no Sec-Fetch-Site; every browser sends Origin with a write."""
    origin = urlsplit(headers.get("origin", ""))
    return origin.scheme in {"http", "https"} and origin.netloc == headers.get("host", "-")


def _dressed(scope: Scope, send: Send, nonce: str) -> Send:
    policy = (
        f"default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self'; img-src 'self' data:;"
        " font-src 'self'; media-src 'self' blob:; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; "
        "base-uri 'none'"
    )
    static = scope["path"].startswith("/tinh/")

    async def dressed(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers["Content-Security-Policy"] = policy
            headers["X-Content-Type-Options"] = "nosniff"
            headers["X-Frame-Options"] = "DENY"
            headers["Referrer-Policy"] = "same-origin"
            headers["Cross-Origin-Opener-Policy"] = "same-origin"
            headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
            # After logging out, "back" must not show what only those inside may see.
            headers.setdefault("Cache-Control", "public, max-age=86400" if static else "no-store")
        await send(message)

    return dressed
