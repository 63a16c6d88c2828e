"""The station as one command: console, door for nodes, and a player of its own process that comes back."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from broadcaster.adapters.clock import monotonic, sleep
from tests.adapters.link.servers import free_port, wait_for
from tests.cli.test_commands import Station

NODE = "dong_1"


class Running:
    """The command, and what it said."""

    def __init__(self, station: Station, log: Path) -> None:
        self.station, self.log, self.port = station, log, free_port()
        words = ["run", "--port", str(self.port), "--node", NODE, "--output", "null"]
        with log.open("wb") as said:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "broadcaster", *words],
                cwd=station.folder,
                stdout=said,
                stderr=subprocess.STDOUT,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
            )
        wait_for(self.port)

    def players(self) -> list[int]:
        """The player processes of this station that run."""
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdecimal():
                try:
                    words = (entry / "cmdline").read_bytes().split(b"\0")
                except OSError:
                    continue
                if b"play" in words and str(self.station.folder).encode() in words:
                    found.append(int(entry.name))
        return found

    def player(self, other_than: int = 0) -> int:
        until = monotonic() + 30
        while monotonic() < until:
            found = [pid for pid in self.players() if pid != other_than]
            if found:
                return found[0]
            sleep(0.1)
        raise AssertionError(self.log.read_text("utf-8"))


@pytest.fixture(scope="module")
def station(tmp_path_factory: pytest.TempPathFactory) -> Station:
    made = Station(tmp_path_factory.mktemp("dai"))
    assert made("init", ".").returncode == 0
    return made


@pytest.fixture
def running(station: Station, tmp_path: Path) -> Iterator[Running]:
    made = Running(station, tmp_path / "said.txt")
    yield made
    made.process.send_signal(signal.SIGTERM)
    assert made.process.wait(timeout=40) == 0
    assert "Traceback" not in made.log.read_text("utf-8")
    assert made.players() == [], "the player ends with the station"


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_console_door_and_player_stand_together(station: Station, running: Running) -> None:
    address = f"http://127.0.0.1:{running.port}"
    assert "mã cài đặt" in running.log.read_text("utf-8")
    assert requests.get(f"{address}/dang-nhap", timeout=20).status_code == 200
    assert not (station.folder / "mang" / "khoa" / "dai.key").exists(), "no node, no key"

    code = station.json("network", "code", "dong_2", user="van_hoa")["code"]
    joined = station("network", "join", f"{address}/link", "--node", "dong_2", "--folder", "nut", "--code", code)
    assert joined.returncode == 0, joined.stderr
    follow = subprocess.Popen(
        [sys.executable, "-m", "broadcaster", "network", "follow", "--folder", "nut"],
        cwd=station.folder,
        stdout=subprocess.DEVNULL,
    )
    try:
        sent = station("emergency", "Thử loa.", "--zone", "thon_dong", "--drill", user="van_hoa")
        assert sent.returncode == 0, sent.stderr
        until = monotonic() + 20
        while not list((station.folder / "nut" / "emergency").glob("*.order")) and monotonic() < until:
            sleep(0.1)
        assert list((station.folder / "nut" / "emergency").glob("*.order"))

        first = running.player()
        os.kill(first, signal.SIGKILL)
        second = running.player(other_than=first)
        assert second != first
        sleep(1)
        assert "dừng (mã -9)" in running.log.read_text("utf-8")
        assert requests.get(f"{address}/dang-nhap", timeout=20).status_code == 200
    finally:
        follow.terminate()
        follow.wait(timeout=20)


def test_a_cluster_that_nobody_knows_is_one_message(station: Station) -> None:
    done = station("run", "--node", "x")
    assert done.returncode == 2
    assert "Không có cụm loa" in done.stderr
    assert "Traceback" not in done.stderr
