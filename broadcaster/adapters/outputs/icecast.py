"""An Icecast server as output: one MP3 stream that is always there, silence between the items included.

Encoding and sending is a child's work (`icecast_process.py`); here the samples that are due are handed to it ten times
a second, by the clock that nobody sets. A server that goes away is a device that is lost, and is looked for again.
"""

import json
import random
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib import util
from pathlib import Path
from queue import Empty, Full, SimpleQueue
from queue import Queue as BoundedQueue
from urllib.parse import quote, urlsplit

from broadcaster.adapters.clock import monotonic
from broadcaster.adapters.outputs.written import WrittenOutput
from broadcaster.domain.asrun import Cause
from broadcaster.domain.backoff import delay
from broadcaster.domain.master import MASTER_RATE
from broadcaster.errors import ConfigError, OutputError
from broadcaster.ports import Clock, Codec, Cue, OutputEvent, OutputEventKind
from broadcaster.units import Milliseconds

PASSWORD = "BROADCASTER_ICECAST_PASSWORD"  # noqa: S105 - a name
"""The environment's name for the source's password."""
BITS = 64_000
"""Bits a second: MP3 of one voice at 24 kHz has nothing more to gain."""
READY_S = 10.0
"""Within which a server takes the stream or cannot be had."""
TICK_S = 0.1
"""Between two portions of sound."""
BEHIND_S = 30.0
"""Sound that may wait for the network; with more the connection is held to be lost."""
ASLEEP_S = 2.0
"""A longer time without a portion is a machine that slept: nothing is sent for it."""
CLOSING_S = 3.0
TITLE_S = 5.0
_NO_WINDOW = getattr(subprocess, "CREATE_NO_WINDOW", 0)


@dataclass(frozen=True, slots=True)
class Address:
    """Where a stream goes: `icecast://host:port/mount.mp3`."""

    host: str
    port: int
    mount: str

    @classmethod
    def of(cls, text: str) -> "Address":
        """The address in a text.

        Raises:
            ConfigError: `run.icecast` for anything else, a password in the address among it.
        """
        try:
            parts = urlsplit(text)
            port = parts.port or 8000
        except ValueError as error:
            raise ConfigError("run.icecast", given=text) from error
        plain = parts.scheme == "icecast" and parts.hostname and len(parts.path) > 1
        if not plain or parts.username or parts.password or parts.query or parts.fragment:
            raise ConfigError("run.icecast", given=text)
        return cls(str(parts.hostname), port, parts.path)

    @property
    def server(self) -> str:
        """Host and port as an address has them."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def __str__(self) -> str:
        return f"icecast://{self.server}{self.mount}"


def a_stream(address: str, environment: Mapping[str, str]) -> "IcecastStream":
    """The stream to an address, with the password that the environment holds.

    Raises:
        ConfigError: `run.icecast` for no address, `run.icecast_password` without a password, `run.icecast_package`
            without PyAV.
    """
    where = Address.of(address)
    password = environment.get(PASSWORD, "")
    if not password:
        raise ConfigError("run.icecast_password", name=PASSWORD)
    if util.find_spec("av") is None:
        raise ConfigError("run.icecast_package")
    return IcecastStream(where, password, MASTER_RATE)


class IcecastStream:
    """The stream and its child process.

    Args:
        address: where it goes.
        password: the source's.
        rate: samples a second.
        pumped: whether a thread hands on what is due; without it `IcecastOutput.poll` does, as a virtual clock wants.
    """

    def __init__(self, address: Address, password: str, rate: int, *, pumped: bool = True) -> None:
        self.address, self.rate, self.lock = address, rate, threading.RLock()
        self._password, self._pumped = password, pumped
        self._process: subprocess.Popen[bytes] | None = None
        self._waiting: BoundedQueue[bytes] = BoundedQueue()
        self._behind = 0
        self._lost = True
        self._closed = threading.Event()
        self._pump: threading.Thread | None = None
        self.source: Callable[[], None] | None = None

    @property
    def alive(self) -> bool:
        """Whether the server takes the stream."""
        return not self._lost and self._process is not None and self._process.poll() is None

    @property
    def process_id(self) -> int | None:
        """The child's, for who measures or kills it."""
        return self._process.pid if self._process else None

    def open(self) -> None:
        """Connect for the first time. Later the pump looks for a server that went away, and the air goes on meanwhile.

        Raises:
            OutputError: `output.open` if the server does not take it.
        """
        if self._pump is not None:
            return
        if not self.alive:
            self._connect()
        if self._pumped:
            self._pump = threading.Thread(target=self._run, daemon=True)
            self._pump.start()

    def _connect(self) -> None:
        self._end(0)
        script = str(Path(__file__).with_name("icecast_process.py"))
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and script
            [sys.executable, "-P", script],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            creationflags=_NO_WINDOW,
        )
        user = f"source:{quote(self._password, safe='')}"
        url = f"icecast://{user}@{self.address.server}{quote(self.address.mount)}"
        # Not on the command line, where every user of the machine reads it.
        setting = json.dumps({"url": url, "rate": self.rate, "bits": BITS}).encode() + b"\n"
        waiting: BoundedQueue[bytes] = BoundedQueue(round(BEHIND_S / TICK_S))
        waiting.put(setting)
        told: SimpleQueue[dict[str, str]] = SimpleQueue()
        threading.Thread(target=_listen, args=(process, told), daemon=True).start()
        threading.Thread(target=_hand_on, args=(process, waiting), daemon=True).start()
        try:
            answer = told.get(timeout=READY_S)
        except Empty:
            answer = {"told": "lost", "detail": "no answer"}
        if answer["told"] != "ready":
            _stop(process, 0)
            raise OutputError("output.open", path=str(self.address), detail=answer["detail"])
        with self.lock:
            self._process, self._waiting, self._lost = process, waiting, False

    def send(self, samples: bytes) -> None:
        """Samples that are due; without a connection they are dropped."""
        if not samples or not self.alive:
            return
        try:
            self._waiting.put_nowait(samples)
        except Full:
            self._lost = True

    def _run(self) -> None:
        """Hand on what is due, silence where nothing plays, and look for a server that went away."""
        last, failures, again = monotonic(), 0, 0.0
        while not self._closed.wait(TICK_S):
            now = monotonic()
            with self.lock:
                if self.source is not None:
                    self.source()
                elif now - last < ASLEEP_S:
                    self.send(bytes(2 * round((now - last) * self.rate)))
            last = now
            if not self.alive and now >= again:
                try:
                    self._connect()
                    failures = 0
                except OutputError:
                    failures += 1
                    again = monotonic() + delay(failures, random.random())  # noqa: S311 - not a secret
                last = monotonic()

    def title(self, text: str) -> None:
        """Tell listeners what they hear; a server that does not want to know is left alone."""
        threading.Thread(target=self._tell_title, args=(text,), daemon=True).start()

    def _tell_title(self, text: str) -> None:
        import requests

        with suppress(requests.RequestException):
            requests.get(
                f"http://{self.address.server}/admin/metadata",
                params={"mode": "updinfo", "mount": self.address.mount, "song": text, "charset": "UTF-8"},
                auth=("source", self._password.encode().decode("latin-1")),  # which requests takes for the bytes
                timeout=TITLE_S,
            )

    def _end(self, patience: float) -> None:
        with self.lock:
            process, self._process, self._lost = self._process, None, True
            with suppress(Full):
                self._waiting.put_nowait(b"")
        if process is not None:
            _stop(process, patience)

    def close(self) -> None:
        """End the stream."""
        self._closed.set()
        if self._pump is not None:
            self._pump.join(READY_S + 1)
        self._end(CLOSING_S)


def _listen(process: "subprocess.Popen[bytes]", told: "SimpleQueue[dict[str, str]]") -> None:
    """What the child says; that it ended, if it says nothing."""
    if process.stdout is None:
        return
    with process.stdout:
        for line in process.stdout:
            told.put(json.loads(line))
    told.put({"told": "lost", "detail": "the process ended"})


def _hand_on(process: "subprocess.Popen[bytes]", waiting: "BoundedQueue[bytes]") -> None:
    """Samples to the child, at whatever pace the network takes them; nothing ends it."""
    if process.stdin is None:
        return
    with suppress(OSError), process.stdin:
        while piece := waiting.get():
            process.stdin.write(piece)
            process.stdin.flush()


def _stop(process: "subprocess.Popen[bytes]", patience: float) -> None:
    if patience <= 0:
        process.kill()
    try:
        process.wait(timeout=max(patience, CLOSING_S))
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


class IcecastOutput(WrittenOutput):
    """What one player sends into a stream."""

    name = "icecast"

    def __init__(
        self, clock: Clock, codec: Codec, stream: IcecastStream, title: Callable[[str], str] = lambda _item: ""
    ) -> None:
        super().__init__(clock, codec, stream.rate)
        self._stream, self._title = stream, title

    def open(self) -> None:
        """Take the stream; it goes on in silence when this output closes.

        Raises:
            OutputError: `output.open` if the server does not take it.
        """
        self._stream.open()
        with self._stream.lock:
            super().open()
            self._stream.source = self._due

    def _write(self, samples: bytes) -> None:
        self._stream.send(samples)

    def _due(self) -> None:
        """Hand on what has become due."""
        here = self._micros()
        if self._position(here) - self._written > ASLEEP_S * self._rate and self._cue is None:
            self._written = self._position(here)
        self._run_up()
        self._sounded(here) if self._cue is not None else self._silence_until(here)

    def play(self, cue: Cue) -> None:
        """Begin a cue now; without a connection it fails as on a lost device."""
        with self._stream.lock:
            if not self._stream.alive:
                self.stop()
                now = self._clock.now()
                lost = OutputEvent(OutputEventKind.FAILED, cue.item, now, Milliseconds(0), Cause.DEVICE_LOST)
                self._events.append(lost)
                return
            super().play(cue)
            title = self._title(cue.item) if self._cue is not None else ""
            if title:
                self._stream.title(title)

    def stop(self) -> None:
        """Cut off the running cue."""
        with self._stream.lock:
            super().stop()

    def poll(self) -> list[OutputEvent]:
        """What has happened; the end of a cue whose stream was lost says so."""
        with self._stream.lock:
            lost = self._cue is not None and not self._stream.alive
            if lost:
                self._end(self._micros(), Cause.DEVICE_LOST)
            else:
                self._due()
            return list(super().poll())

    def close(self) -> None:
        """End what runs and leave the stream to itself."""
        with self._stream.lock:
            super().close()
            self._stream.source = None
