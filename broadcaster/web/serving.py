"""Serving the console with uvicorn."""

import gc
import secrets
import signal
import socket
from collections.abc import Callable

import uvicorn
from fastapi import FastAPI
from fastapi.concurrency import run_in_threadpool

from broadcaster.bootstrap import App
from broadcaster.errors import ConfigError
from broadcaster.ports import Kept
from broadcaster.web.app import create_app

TICKS_A_LOOK = 10
"""uvicorn ticks ten times a second."""


class _Server(uvicorn.Server):
    """A server that lets those who wait go before it stops.

    Args:
        web: what it serves.
        idle: whether it may stop, when it is asked to begin anew.
    """

    def __init__(self, web: FastAPI, idle: Callable[[], bool]) -> None:
        super().__init__(uvicorn.Config(web, log_level="warning", server_header=False, proxy_headers=False))
        self._web, self._idle = web, idle
        self.again = False

    async def on_tick(self, counter: int) -> bool:
        """Whether to stop: also when it is to begin anew and nothing would be cut off by it."""
        if self._web.state.anew.is_set() and counter % TICKS_A_LOOK == 0 and await run_in_threadpool(self._idle):
            self.again = True
            return True
        return await super().on_tick(counter)

    def restart(self) -> None:
        """Stop now, to begin anew."""
        self.again = self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Ring, then stop: neither a page that listens nor a node that asks is a request to be waited for."""
        self._web.state.closing.set()
        self._web.state.door.ring_out()
        await super().shutdown(sockets)


def address_held(host: str, port: int) -> socket.socket:
    """The address as ours: who comes while the console begins anew waits for a moment and is not turned away.

    Raises:
        ConfigError: `serve.port` when the address cannot be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise ConfigError("serve.port", host=host, port=port, detail=error.strerror or str(error)) from error
    return listener


def serve(
    app: App, listener: socket.socket, tell: Callable[..., None], player: Kept | None = None, node: str = ""
) -> bool:
    """Serve until a signal asks to stop, or until the station is to begin anew with a changed file.

    The first start prints a code for the first account.

    Args:
        app: the workspace.
        listener: from `address_held`; it stays open.
        tell: says a sentence of the wording table.
        player: the office's own player, kept as long as the console is served.
        node: the cluster that it plays.

    Returns:
        Whether to begin anew: with another `app`, since this one knows the file as it was.

    Raises:
        ConfigError: what the station file has.
    """
    host, port = listener.getsockname()[:2]
    gc.unfreeze()  # of an earlier round
    gc.disable()  # as while importing: the store brings its own thousands of classes
    try:
        code = "" if app.store.accounts() else secrets.token_hex(4)
        web = create_app(app, code)
    finally:
        gc.enable()
    gc.freeze()  # what is there now stays for good: no later look for garbage goes through it
    address = f"http://{'127.0.0.1' if host in {'0.0.0.0', '::'} else host}:{port}"  # noqa: S104 - what to open here
    tell("serve.at", address=address)
    if code:
        tell("serve.setup", address=address, letters=code)
    listener.listen()  # from here on, between two rounds, too
    # uvicorn sends itself the signal once more when it is done; what comes after it here has to be done, too.
    for name in ("SIGINT", "SIGTERM"):
        signal.signal(getattr(signal, name), lambda *_: None)
    web.state.player, web.state.player_node = player, node
    if player is not None:
        player.start()
        tell("run.player", node=app.station.cluster_by_code[node].name)
    server = _Server(web, lambda: app.idle(playing=player is not None))
    web.state.restart = server.restart
    try:
        server.run(sockets=[listener.dup()])
    finally:
        if player is not None:
            player.stop()
    return server.again
