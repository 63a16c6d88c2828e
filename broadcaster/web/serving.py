"""Serving the console with uvicorn."""

import gc
import secrets
import signal
import socket
from collections.abc import Callable

import uvicorn
from fastapi import FastAPI

from broadcaster.bootstrap import App
from broadcaster.errors import ConfigError
from broadcaster.ports import Kept
from broadcaster.web.app import create_app


class _Server(uvicorn.Server):
    """A server that lets those who wait go before it stops."""

    def __init__(self, web: FastAPI) -> None:
        super().__init__(uvicorn.Config(web, log_level="warning", server_header=False, proxy_headers=False))
        self._web = web
        self.again = False

    def restart(self) -> None:
        """Stop, to be started again."""
        self.again = self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Ring, then stop: neither a page that listens nor a node that asks is a request to be waited for."""
        self._web.state.closing.set()
        self._web.state.door.ring_out()
        await super().shutdown(sockets)


def serve(
    app: App, place: tuple[str, int], tell: Callable[..., None], player: Kept | None = None, node: str = ""
) -> bool:
    """Serve until a signal asks to stop; the first start prints a code for the first account.

    True when it stopped in order to be started again on what a person has restored.

    Args:
        app: the workspace.
        place: host and port.
        tell: says a sentence of the wording table.
        player: the office's own player, kept as long as the console is served.
        node: the cluster that it plays.

    Raises:
        ConfigError: `serve.port` when the address cannot be had; what the station file has.
    """
    host, port = place
    gc.disable()  # as while importing: the store brings its own thousands of classes
    try:
        code = "" if app.store.accounts() else secrets.token_hex(4)
        web = create_app(app, code)
    finally:
        gc.enable()
    gc.freeze()  # what is there now stays for good: no later look for garbage goes through it
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise ConfigError("serve.port", host=host, port=port, detail=error.strerror or str(error)) from error
    address = f"http://{'127.0.0.1' if host in {'0.0.0.0', '::'} else host}:{port}"  # noqa: S104 - what to open here
    tell("serve.at", address=address)
    if code:
        tell("serve.setup", address=address, letters=code)
    # uvicorn sends itself the signal once more when it is done; what comes after it here has to be done, too.
    for name in ("SIGINT", "SIGTERM"):
        signal.signal(getattr(signal, name), lambda *_: None)
    web.state.player, web.state.player_node = player, node
    if player is not None:
        player.start()
        tell("run.player", node=app.station.cluster_by_code[node].name)
    server = _Server(web)
    web.state.restart = server.restart
    try:
        server.run(sockets=[listener])
    finally:
        if player is not None:
            player.stop()
    return server.again
