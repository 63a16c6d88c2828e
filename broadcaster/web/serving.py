"""Serving the console with uvicorn."""

import gc
import secrets
import socket
from collections.abc import Callable

import uvicorn

from broadcaster.bootstrap import App
from broadcaster.errors import ConfigError
from broadcaster.web.app import create_app


def serve(app: App, host: str, port: int, tell: Callable[..., None]) -> None:
    """Serve until a signal asks to stop; the first start prints a code for the first account.

    Raises:
        ConfigError: `serve.port` when the address cannot be had; what the station file has.
    """
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
        tell("serve.setup", address=address, code=code)
    settings = uvicorn.Config(web, log_level="warning", server_header=False, proxy_headers=False)
    uvicorn.Server(settings).run(sockets=[listener])
