"""A program that takes messages: a real HTTP server that can fail, be slow, redirect, and go away and come back."""

import json
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Got:
    """A request that came."""

    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def told(self) -> Any:
        return json.loads(self.body)


class Receiver:
    """`status` is what it answers; a `slow` one says nothing, one that `drips` never comes to an end."""

    def __init__(self, port: int = 0) -> None:
        self.status, self.slow, self.drips = 204, False, False
        self.got: list[Got] = []
        self._over = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                outer.got.append(Got({name.lower(): value for name, value in self.headers.items()}, body))
                if outer.slow:
                    outer._over.wait()
                if outer.drips:
                    self.wfile.write(b"HTTP/1.1 200 OK\r\nx: ")
                    while not outer._over.wait(0.05):
                        self.wfile.write(b"x")
                self.send_response(outer.status)
                if 300 <= outer.status < 400:
                    self.send_header("location", f"http://127.0.0.1:{outer.port}/elsewhere")
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}/in"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
