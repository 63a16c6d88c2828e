"""The door for nodes beside the pages: the link's own application, made when the first node knocks."""

from collections.abc import Callable
from threading import Lock
from typing import Any

from starlette.types import Receive, Scope, Send


class Door:
    """An application that is not there before it is needed: a station without nodes needs no keys."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make
        self._made: Any = None
        self._lock = Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a node."""
        with self._lock:
            if self._made is None:
                self._made = self._make()
        await self._made(scope, receive, send)

    def ring_out(self) -> None:
        """Answer every node that waits, now and from now on."""
        if self._made is not None:
            self._made.state.ring_out()
