"""Real servers for the tests: the station's door under uvicorn, and Mosquitto from Debian."""

import shutil
import socket
import subprocess
import threading
import time
from pathlib import Path

import pytest

from broadcaster.adapters.link.server import DoorServer, link_app
from broadcaster.ports import Desk


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int) -> None:
    for _ in range(500):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)  # noqa: TID251 - a real server of another thread
    pytest.fail(f"nothing listens on {port}")


class Door:
    """The station's door, which can be shut and opened again at the same address."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self._server: DoorServer | None = None
        self.open()

    def open(self) -> None:
        self._server = DoorServer(link_app(self._desk), host="127.0.0.1", port=self.port, timeout_graceful_shutdown=5)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        wait_for(self.port)

    def shut(self) -> None:
        if self._server is not None:
            self._server.should_exit = True
            self._thread.join(10)
            self._server = None


class Mosquitto:
    """A broker of its own that keeps what it has when it is stopped."""

    def __init__(self, folder: Path) -> None:
        found = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin")
        if found is None:
            pytest.skip("no mosquitto: .ci/debian-packages")
        self._program, self._folder = found, folder
        self.port = free_port()
        self.address = f"mqtt://127.0.0.1:{self.port}"
        self._config = folder / "mosquitto.conf"
        folder.mkdir(exist_ok=True)
        # Started by root it would become another user, who may not read the test's folder.
        self._config.write_text(
            f"listener {self.port} 127.0.0.1\nallow_anonymous true\npersistence true\nuser root\n"
            f"persistence_location {folder}/\nlog_type error\n"
        )
        self._process: subprocess.Popen[bytes] | None = None
        self.open()

    def open(self) -> None:
        self._process = subprocess.Popen([self._program, "-c", str(self._config)], stderr=subprocess.DEVNULL)
        wait_for(self.port)

    def shut(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)
            self._process = None
