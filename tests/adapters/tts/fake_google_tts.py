"""A server on this machine that speaks Google Translate's text-to-speech call as gTTS 2.5.4 uses it.

It checks a request as Google would and fails in the ways in which Google does.
"""

import base64
import io
import json
import re
import socket
import struct
import threading
from enum import StrEnum
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs

RATE = 24_000
LANGUAGES = {"vi", "en"}


class Mode(StrEnum):
    """How the server answers."""

    OK = "ok"
    THROTTLED = "throttled"
    SORRY = "sorry"
    FAULT = "fault"
    FORBIDDEN = "forbidden"
    HANG = "hang"
    RESET = "reset"
    GARBAGE = "garbage"
    REFUSED = "refused"
    ERROR_ROW = "error_row"
    OTHER_INNER = "other_inner"
    NOT_MP3 = "not_mp3"
    EMPTY = "empty"
    CUT = "cut"


THROTTLED_PAGE = (
    b"<html><head><meta http-equiv=content-type content='text/html; charset=utf-8'/>"
    b"<title>Sorry...</title></head><body>"
    b"<h1>We're sorry...</h1><p>... but your computer or network may be sending automated queries.</p></body></html>"
)
SORRY = (
    "https://www.google.com/sorry/index?continue=https://translate.google.com/_/TranslateWebserverUi/data/batchexecute"
)
REFUSED = b')]}\'\n\n99\n[["wrb.fr","jQ1olc",null,null,null,[13],"generic"],["di",27],["af.httprm",27,"31725",8]]\n'
ERROR_ROW = b')]}\'\n\n105\n[["er",null,null,null,null,400,null,null,null,3],["di",12],["af.httprm",12,"-52310",9]]\n'
OTHER_INNER = b')]}\'\n\n[["wrb.fr","jQ1olc","UNEXPECTED",null,null,null,"generic"]\n,["di",27]\n]'
"""What Google is known to answer when it is asked too often, for what it does not speak, or in another way."""


class FakeGoogle:
    """`with FakeGoogle() as server:` listens on 127.0.0.1 at `server.url`."""

    def __init__(self) -> None:
        self.mode = Mode.OK
        self.failures_left: int | None = None
        """After so many answers in a failing mode the server is well again; None: never."""
        self.retry_after = ""
        self.spoken: list[str] = []
        self.hits = 0
        self.refusals: list[str] = []
        self._released = threading.Event()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._released.set()
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()

    def current_mode(self) -> Mode:
        self.hits += 1
        if self.mode is not Mode.OK and self.failures_left is not None:
            if not self.failures_left:
                return Mode.OK
            self.failures_left -= 1
        return self.mode

    def hang(self) -> None:
        self._released.wait(30)


def _handler(server: FakeGoogle) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            mode = server.current_mode()
            if mode is Mode.HANG:
                server.hang()
                self.close_connection = True
                return
            if mode is Mode.RESET:
                # Closed with unread data in the way and no time to linger: the other side sees a reset.
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.connection.close()
                self.close_connection = True
                return
            if mode is Mode.CUT:
                self.send_response(200)
                self.send_header("Content-Length", "100000")
                self.end_headers()
                self.wfile.write(b")]}'")
                self.close_connection = True
                return
            status = {Mode.THROTTLED: 429, Mode.FAULT: 503, Mode.FORBIDDEN: 403, Mode.SORRY: 302}.get(mode)
            if status:
                self._answer(status, THROTTLED_PAGE)
                return
            self._answer(200, self._speech(body, mode))

        def _speech(self, body: str, mode: Mode) -> bytes:
            shape = {
                Mode.GARBAGE: b"<html>a new page design</html>",
                Mode.REFUSED: REFUSED,
                Mode.ERROR_ROW: ERROR_ROW,
                Mode.OTHER_INNER: OTHER_INNER,
            }.get(mode)
            if shape is not None:
                return shape
            text = understood(self.path, dict(self.headers), body, server.refusals)
            if text is None:
                return envelope(None)
            server.spoken.append(text)
            data = {Mode.NOT_MP3: b"no MP3 at all", Mode.EMPTY: b""}.get(mode)
            return envelope(mp3(text) if data is None else data)

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            if server.retry_after:
                self.send_header("Retry-After", server.retry_after)
            if status == 302:
                self.send_header("Location", SORRY)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
            """Nothing is printed in a test run."""

    return Handler


def understood(path: str, headers: dict[str, str], body: str, refusals: list[str]) -> str | None:
    """The text of a request that is as Google wants it; else None, and the reason in `refusals`."""
    if path != "/_/TranslateWebserverUi/data/batchexecute":
        refusals.append(f"path {path}")
        return None
    if "form-urlencoded" not in headers.get("Content-Type", ""):
        refusals.append("content type")
        return None
    try:
        ((call,),) = json.loads(parse_qs(body)["f.req"][0])
        name, inner, none, generic = call
        text, language, _slow, null = json.loads(inner)
    except (KeyError, ValueError, TypeError) as error:
        refusals.append(f"shape: {error!r}")
        return None
    if (name, none, generic, null) != ("jQ1olc", None, "generic", "null"):
        refusals.append("call")
    elif not isinstance(text, str) or not 0 < len(text) <= 100:
        refusals.append(f"length {len(text)}")
    elif language not in LANGUAGES:
        refusals.append(f"language {language}")
    else:
        return text
    return None


def envelope(audio: bytes | None, *, on_one_line: bool = True) -> bytes:
    """Google's answer: a guard against inclusion, a length, and JSON within JSON; or rows on lines of their own."""
    inner = None if audio is None else json.dumps([base64.b64encode(audio).decode()]).replace("=", "\\u003d")
    rows = [["wrb.fr", "jQ1olc", inner, None, None, None, "generic"], ["di", 42], ["af.httprm", 42, "-1", 5]]
    if not on_one_line:
        lines = "\n,".join(json.dumps(row, separators=(",", ":")) for row in rows)
        return f")]}}'\n\n[{lines}\n]".encode()
    line = json.dumps(rows, separators=(",", ":"))
    return f')]}}\'\n\n{len(line)}\n{line}\n25\n[["e",4,null,null,{len(line)}]]\n'.encode()


@lru_cache(maxsize=256)
def mp3(text: str) -> bytes:
    """A real MP3: a beep for every syllable, 0.2 s each."""
    import numpy as np
    import soundfile

    syllables = re.findall(r"\w+", text)
    time = np.arange(RATE // 5) / RATE
    beeps = [
        np.sin(2 * np.pi * (200 + 17 * (sum(map(ord, word)) % 20)) * time) * np.hanning(len(time)) for word in syllables
    ]
    file = io.BytesIO()
    soundfile.write(file, 0.5 * np.concatenate(beeps), RATE, format="MP3")
    return file.getvalue()
