"""The station's door for nodes: a small ASGI application, to be mounted in a web process or run by itself.

Five paths: `POST /join`, `GET /poll` (waits up to a minute), `GET /files/SHA256` (with ranges), `GET /live/ID/NUMBER`
(waits for the segment), `POST /deliver`. A node proves who it is with a signed request in the header
`Authorization: Broadcaster …`.
"""

import asyncio
import base64
import binascii
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from broadcaster.domain.envelope import Refusal, Refused
from broadcaster.errors import LinkError
from broadcaster.ports import Desk

LONGEST_WAIT = 60.0
BODY_LIMIT = 3_000_000
JOIN_LIMIT = 4_000
LOOK = 0.03
"""Seconds between two looks at whether another process has posted something."""
LIVE_WAIT = 5.0
"""Seconds that a node is kept waiting for the next segment of a live broadcast."""
BACKLOG = 8192
"""Connections that may wait to be taken: a whole province that comes back at once."""
SCHEME = "Broadcaster "


class _Bell:
    """Wakes everyone who waits when the desk's version changes; one look for all of them."""

    def __init__(self, version: Callable[[], int]) -> None:
        self._version = version
        self._rung = asyncio.Event()

    async def watch(self) -> None:
        last = self._version()
        while True:
            await asyncio.sleep(LOOK)
            now = self._version()
            if now != last:
                last = now
                self.ring()

    def ring(self) -> None:
        """Wake everyone who waits now."""
        self._rung.set()
        self._rung = asyncio.Event()

    def next(self) -> asyncio.Event:
        """What will be set at the next ring."""
        return self._rung

    async def wait(self, rung: asyncio.Event, seconds: float) -> bool:
        """Whether it rang in that time."""
        try:
            await asyncio.wait_for(rung.wait(), seconds)
        except TimeoutError:
            return False
        return True


class _Door:
    """The paths of one desk."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._shut = False
        self._bell = _Bell(desk.version)
        self._watch: asyncio.Task[None] | None = None
        self._live_bell = _Bell(desk.live_version)
        self._live_watch: asyncio.Task[None] | None = None

    def _ring(self) -> None:
        """Start the watch when first asked: mounted in another application, no lifespan of ours is run."""
        if self._watch is None or self._watch.done():
            self._watch = asyncio.create_task(self._bell.watch())

    def ring_out(self) -> None:
        """Answer everyone who waits, now and from now on: the door is about to be shut."""
        self._shut = True
        self._bell.ring()
        self._live_bell.ring()

    @asynccontextmanager
    async def lifespan(self, _: Starlette) -> AsyncIterator[None]:
        yield
        for watch in (self._watch, self._live_watch):
            if watch is not None:
                watch.cancel()

    def _caller(self, request: Request) -> str | Refused:
        given = request.headers.get("authorization", "")
        if not given.startswith(SCHEME):
            return Refused(Refusal.UNSIGNED)
        try:
            return self._desk.node_of(base64.b64decode(given[len(SCHEME) :], validate=True))
        except (ValueError, binascii.Error):
            return Refused(Refusal.ALTERED)

    async def poll(self, request: Request) -> Response:
        node = self._caller(request)
        if isinstance(node, Refused):
            return _refused(node)
        try:
            manifest, urgent = (int(request.query_params.get(name, "0")) for name in ("manifest", "urgent"))
            wait = min(float(request.query_params.get("wait", "0")), LONGEST_WAIT)
        except ValueError:
            return _refused(Refused(Refusal.MALFORMED))
        self._ring()
        until = asyncio.get_running_loop().time() + wait
        while True:
            # The bell first: what is posted between the look and the wait must ring it.
            rung = self._bell.next()
            letters = self._desk.letters(node, manifest, urgent)
            left = until - asyncio.get_running_loop().time()
            if letters or self._shut or not left > 0 or not await self._bell.wait(rung, left):
                break
            if not self._desk.knows(node):
                break  # thrown out while it waited
        return JSONResponse({"letters": [base64.b64encode(letter).decode() for letter in letters]})

    async def files(self, request: Request) -> Response:
        node = self._caller(request)
        if isinstance(node, Refused):
            return _refused(node)
        path = self._desk.file(request.path_params["sha256"])
        if path is None:
            return JSONResponse({"refused": "gone"}, 404)
        return FileResponse(path, media_type="application/octet-stream")

    async def live(self, request: Request) -> Response:
        node = self._caller(request)
        if isinstance(node, Refused):
            return _refused(node)
        if self._live_watch is None or self._live_watch.done():
            self._live_watch = asyncio.create_task(self._live_bell.watch())
        until = asyncio.get_running_loop().time() + LIVE_WAIT
        given = request.path_params
        while True:
            rung = self._live_bell.next()
            try:
                segment = self._desk.segment(node, given["live"], given["number"])
            except (LinkError, ValueError):
                return JSONResponse({"refused": "gone"}, 404)
            if segment is not None:
                return Response(segment, media_type="application/octet-stream")
            left = until - asyncio.get_running_loop().time()
            if self._shut or not left > 0 or not self._desk.knows(node):
                return Response(status_code=204)
            await self._live_bell.wait(rung, left)

    async def deliver(self, request: Request) -> Response:
        body = await _body(request, BODY_LIMIT)
        if body is None:
            return _refused(Refused(Refusal.OVERSIZED), 413)
        try:
            return Response(await asyncio.to_thread(self._desk.take, body), media_type="application/octet-stream")
        except LinkError as error:
            return JSONResponse({"refused": error.code}, 503)

    async def join(self, request: Request) -> Response:
        body = await _body(request, JOIN_LIMIT)
        if body is None:
            return _refused(Refused(Refusal.OVERSIZED), 413)
        address = request.client.host if request.client else ""
        return Response(await asyncio.to_thread(self._desk.join, body, address), media_type="application/json")


def link_app(desk: Desk) -> Starlette:
    """The application, to be run by itself or mounted below any path of another one."""
    door = _Door(desk)
    routes = [
        Route("/join", door.join, methods=["POST"]),
        Route("/poll", door.poll),
        Route("/files/{sha256}", door.files),
        Route("/live/{live}/{number:int}", door.live),
        Route("/deliver", door.deliver, methods=["POST"]),
    ]
    application = Starlette(routes=routes, lifespan=door.lifespan)
    application.state.ring_out = door.ring_out
    return application


class DoorServer(uvicorn.Server):
    """A server that lets those who wait go before it stops: a long-poll is no request that has to be cut off.

    Another server that mounts the application calls `application.state.ring_out()` when it stops.
    """

    def __init__(self, application: Starlette, **settings: Any) -> None:
        super().__init__(uvicorn.Config(application, log_level="error", access_log=False, backlog=BACKLOG, **settings))
        self._application = application

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Ring, then stop."""
        self._application.state.ring_out()
        await super().shutdown(sockets)


def _refused(refused: Refused, status: int = 403) -> Response:
    return JSONResponse({"refused": refused.why.value}, status)


async def _body(request: Request, limit: int) -> bytes | None:
    """A body of at most so many bytes; None for a longer one, which is not read to its end."""
    body = bytearray()
    try:
        async for block in request.stream():
            body += block
            if len(body) > limit:
                return None
    except ClientDisconnect:
        return None
    return bytes(body)


def run(application: Starlette, host: str, port: int) -> None:
    """Serve until SIGINT or SIGTERM.

    Raises:
        LinkError: `link.port` if nothing can listen there.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as error:
            raise LinkError("link.port", host=host, port=port, detail=error.strerror or str(error)) from error
        DoorServer(application, timeout_graceful_shutdown=5).run(sockets=[listener])
