"""A real Icecast server on a free port, and someone who listens to it; none of the machine's own."""

import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from broadcaster.adapters.clock import monotonic, sleep

PASSWORD = "mật khẩu/của@đài:1%"  # noqa: S105 - nobody's
CONFIGURATION = """<icecast>
<limits><sources>40</sources><queue-size>524288</queue-size><burst-on-connect>0</burst-on-connect>
<source-timeout>10</source-timeout></limits>
<authentication><source-password>{password}</source-password><admin-user>admin</admin-user>
<admin-password>admin</admin-password></authentication>
<hostname>localhost</hostname>
<listen-socket><port>{port}</port><bind-address>127.0.0.1</bind-address></listen-socket>
<mount type="default"><charset>UTF-8</charset></mount>
<paths><logdir>{folder}</logdir><webroot>{share}/web</webroot><adminroot>{share}/admin</adminroot></paths>
<logging><accesslog>access.log</accesslog><errorlog>error.log</errorlog></logging>
<security><chroot>0</chroot>{owner}</security>
</icecast>"""
OWNER = "<changeowner><user>nobody</user><group>nogroup</group></changeowner>"


@dataclass
class IcecastServer:
    """The server's port and process, and where it is set up."""

    port: int
    process: "subprocess.Popen[bytes]"
    configuration: Path

    def address(self, mount: str) -> str:
        """A mount as `run --icecast` takes it."""
        return f"icecast://127.0.0.1:{self.port}{mount}"

    def stop(self) -> None:
        """Pull its plug."""
        self.process.kill()
        self.process.wait()

    def start(self) -> None:
        """Have it again."""
        self.process = _started(self.configuration, self.port)


def _started(configuration: Path, port: int) -> "subprocess.Popen[bytes]":
    process = subprocess.Popen(
        ["icecast2", "-c", str(configuration)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    until = monotonic() + 10
    while monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return process
        sleep(0.05)
    raise AssertionError("no server")


@contextmanager
def icecast_server(folder: Path) -> Iterator[IcecastServer]:
    """The server; the test is skipped where none is installed."""
    if shutil.which("icecast2") is None:
        pytest.skip("no Icecast server here: apt-get install icecast2")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    root = os.geteuid() == 0
    logs = folder / "log"
    logs.mkdir()
    if root:  # the server refuses to run as root
        for part in (folder, *folder.parents):
            if part.owner() == "root" and len(part.parts) > 2:
                part.chmod(part.stat().st_mode | 0o055)
        shutil.chown(logs, "nobody", "nogroup")
    configuration = folder / "icecast.xml"
    configuration.write_text(
        CONFIGURATION.format(
            password=PASSWORD, port=port, folder=logs, share="/usr/share/icecast2", owner=OWNER if root else ""
        ),
        encoding="utf-8",
    )
    server = IcecastServer(port, _started(configuration, port), configuration)
    try:
        yield server
    finally:
        server.stop()


class Listener:
    """A village receiver: what it has heard, and the title that came with it."""

    def __init__(self, server: IcecastServer, mount: str) -> None:
        self._answer = requests.get(
            f"http://127.0.0.1:{server.port}{mount}", stream=True, timeout=10, headers={"Icy-MetaData": "1"}
        )
        assert self._answer.status_code == 200, self._answer.status_code
        self.kind = self._answer.headers["content-type"]
        self._every = int(self._answer.headers["icy-metaint"])
        self.heard = bytearray()
        self.titles: list[str] = []
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        raw = self._answer.raw
        try:
            while piece := raw.read(self._every):
                self.heard += piece
                said = raw.read(16 * (raw.read(1) or b"\0")[0]).rstrip(b"\0").decode()
                if said:
                    self.titles.append(said.removeprefix("StreamTitle='").split("';")[0])
        except (OSError, requests.RequestException, AttributeError, ValueError):
            return  # the stream ended, or nobody listens any more

    def stop(self) -> bytes:
        """The MP3 that was heard."""
        self._answer.close()
        self._thread.join(5)
        return bytes(self.heard)
