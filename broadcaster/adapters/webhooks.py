"""Messages for other programs: an outbox of small files, a secret for each receiver, and HTTP."""

import json
import os
import secrets
import stat
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from broadcaster.adapters.files import read_text, sync_folder, write_text
from broadcaster.domain.webhook import (
    Answer,
    Marks,
    Message,
    Standing,
    Webhook,
    Why,
    headers_of,
    key_of,
    marks_from,
    marks_text,
    message_from,
    message_text,
    secret_text,
    secrets_from,
    standing_from,
)
from broadcaster.errors import ConfigError, StoreError
from broadcaster.ports import Clock
from broadcaster.units import canonical

CONNECT_S, READ_S = 3.0, 5.0
"""Seconds until a receiver has to be reached, and until it has to answer."""
_SECRET_BYTES = 32


class FolderOutbox:
    """One folder: a file a message, so that a message is there whole or not at all, and a file for each receiver."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def marks(self) -> Marks:
        """How far what happened has been laid out."""
        try:
            return marks_from(read_text(self._root / "da_xem.json"))
        except (OSError, ValueError):
            return Marks()

    def keep_marks(self, marks: Marks) -> None:
        """Put the marks in the place of those that were."""
        _write(self._root / "da_xem.json", marks_text(marks))

    def put(self, message: Message) -> None:
        """Keep a message."""
        _write(self._path(message), message_text(message))

    def _path(self, message: Message) -> Path:
        return self._root / "cho" / message.hook / f"{key_of(message)[:32]}.json"

    def waiting(self, hook: str) -> Sequence[Message]:
        """What one receiver has not taken yet, the oldest first; a file that cannot be read is none."""
        found = []
        for path in (self._root / "cho" / hook).glob("[0-9a-f]*.json"):
            with suppress(OSError, ValueError):
                found.append(message_from(read_text(path)))
        return sorted(found, key=lambda one: (one.put_at, one.id))

    def drop(self, message: Message) -> None:
        """Forget a message."""
        self._path(message).unlink(missing_ok=True)

    def standing(self, hook: str) -> Standing:
        """How it goes with a receiver."""
        try:
            return standing_from(json.loads(read_text(self._root / f"{hook}.tinh_trang.json")))
        except (OSError, ValueError):
            return Standing()

    def keep_standing(self, hook: str, standing: Standing) -> None:
        """Put it in the place of what was."""
        _write(self._root / f"{hook}.tinh_trang.json", canonical(standing))


def _write(path: Path, text: str) -> None:
    try:
        write_text(path, text + "\n")
    except OSError as error:
        raise StoreError("file.disk", file=str(path), detail=error.strerror or "") from error


@dataclass(frozen=True, slots=True)
class SecretFolder:
    """The receivers' secrets, a file each, that their owner alone may read."""

    root: Path

    def path(self, hook: str) -> Path:
        """The file of one receiver."""
        return self.root / f"{hook}.key"

    def of(self, hook: str) -> tuple[bytes, ...]:
        """A receiver's secrets.

        Raises:
            ConfigError: `webhook.secret` if there is none that can be read.
                `key.open` if others than its owner may read it.
        """
        path = self.path(hook)
        try:
            mode = path.stat().st_mode
            found = secrets_from(read_text(path))
        except (OSError, ValueError) as error:
            raise ConfigError("webhook.secret", hook=hook) from error
        if sys.platform != "win32" and stat.S_IMODE(mode) & 0o077:
            raise ConfigError("key.open", file=str(path))
        return found

    def make(self, hook: str) -> str:
        """A new secret for a receiver that has none; what the receiver is given.

        Raises:
            ConfigError: `key.exists`, `file.disk`.
        """
        path, text = self.path(hook), secret_text(secrets.token_bytes(_SECRET_BYTES))
        try:
            self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w", encoding="ascii") as file:
                file.write(text + "\n")
                file.flush()
                os.fsync(file.fileno())
            sync_folder(self.root)
        except FileExistsError as error:
            raise ConfigError("key.exists", file=str(path)) from error
        except OSError as error:
            raise ConfigError("file.disk", file=str(path), detail=error.strerror or str(error)) from error
        return text


class HttpPostman:
    """The port `Postman` over HTTP. Every message goes alone: a connection that is kept would be a wait elsewhere.

    Args:
        keys: the receivers' secrets.
        clock: the only source of time.
        patience: seconds to reach a receiver, and seconds for its answer.
    """

    def __init__(self, keys: SecretFolder, clock: Clock, patience: tuple[float, float] = (CONNECT_S, READ_S)) -> None:
        self._keys, self._clock, self._patience = keys, clock, patience

    def post(self, hook: Webhook, message_id: str, body: bytes) -> Answer:
        """Send a signed message. What is answered is not read: its status says all."""
        import requests

        headers = headers_of(message_id, body, self._keys.of(hook.code), self._clock.now())
        opened, over = _noting(), threading.Event()
        # Each byte may come within its time, and the answer never: in the end the line is cut.

        def cut() -> None:
            over.set()
            opened.cut()

        watchdog = threading.Timer(sum(self._patience), cut)
        watchdog.daemon = True
        watchdog.start()
        try:
            with requests.Session() as session:
                session.mount("http://", opened)
                session.mount("https://", opened)
                with session.post(
                    hook.url,
                    data=body,
                    headers={**headers, "user-agent": "broadcaster"},
                    auth=_login(hook.url),
                    timeout=self._patience,
                    allow_redirects=False,
                    stream=True,
                ) as answer:
                    if over.is_set():
                        return Answer(why=Why.TIMEOUT)
                    return Answer(answer.status_code, "" if answer.status_code < 300 else f"HTTP {answer.status_code}")
        except requests.exceptions.SSLError:
            return Answer(why=Why.CERTIFICATE)
        except requests.Timeout:
            return Answer(why=Why.TIMEOUT)
        except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError):
            return Answer(why=Why.TIMEOUT if over.is_set() else Why.CONNECTION)
        except (requests.RequestException, OSError, ValueError) as error:
            # `requests` takes its own errors for those of the system, too: what is left of these is the address.
            return Answer(why=Why.ADDRESS if isinstance(error, ValueError) else Why.CONNECTION)
        finally:
            watchdog.cancel()


def _noting() -> Any:
    """A way to send that knows its connections, so that another thread can cut them off."""
    import socket

    from requests.adapters import HTTPAdapter
    from urllib3.connection import HTTPConnection, HTTPSConnection
    from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

    lines: list[Any] = []

    class Plain(HTTPConnection):
        def connect(self) -> None:
            super().connect()
            lines.append(self.sock)

    class Secure(HTTPSConnection):
        def connect(self) -> None:
            super().connect()
            lines.append(self.sock)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    class Noting(HTTPAdapter):
        def init_poolmanager(self, *args: Any, **more: Any) -> None:
            super().init_poolmanager(*args, **more)
            self.poolmanager.pool_classes_by_scheme = {"http": PlainPool, "https": SecurePool}

        def cut(self) -> None:
            for line in lines:
                with suppress(OSError):
                    line.shutdown(socket.SHUT_RDWR)

    return Noting()


def _login(url: str) -> Any:
    """The login of an address. Without one nothing: `requests` would look for one in the person's own files."""
    parts = urlsplit(url)
    return (parts.username, parts.password or "") if parts.username else lambda request: request
