"""The station as one command: console, door for nodes, and a player of its own process that comes back."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import requests

from broadcaster.adapters.clock import SystemClock, monotonic, sleep
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
    assert made("init", ".", "--engine", "espeak").returncode == 0
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


@pytest.fixture
def silent(tmp_path: Path) -> Station:
    """A station that has no session today: nothing that may not be cut off."""
    (tmp_path / "dai").mkdir()
    made = Station(tmp_path / "dai")
    assert made("init", ".", "--engine", "espeak").returncode == 0
    path = made.folder / "schedules" / "station.toml"
    later = (SystemClock().now().astimezone(ZoneInfo("Asia/Ho_Chi_Minh")) + timedelta(days=2)).weekday() + 2
    path.write_text(re.sub(r"(?m)^(minutes = 45)$", rf"\1\nweekdays = [{later}]", path.read_text("utf-8")), "utf-8")
    return made


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_a_changed_file_is_taken_without_turning_anybody_away(silent: Station, tmp_path: Path) -> None:
    running = Running(silent, tmp_path / "said.txt")
    try:
        first = running.player()
        address = f"http://127.0.0.1:{running.port}"
        code = re.search(r"mã cài đặt ([0-9a-f]{8})", running.log.read_text("utf-8"))
        assert code, running.log.read_text("utf-8")
        browser = requests.Session()
        browser.headers["origin"] = address
        made = {"cai_dat": code[1], "ma": "quan_tri", "mat_khau": "một câu dễ nhớ"}
        browser.post(f"{address}/cai-dat-lan-dau", data=made, timeout=20)
        browser.post(f"{address}/dang-nhap", data=made, timeout=20)
        page = browser.get(f"{address}/cai-dat/dai", timeout=20).text
        version = re.search(r'name="phien_ban" value="([0-9a-f]{64})"', page)
        assert version, page
        path = silent.folder / "schedules" / "station.toml"
        text = path.read_text("utf-8").replace('name = "', 'name = "Đài thử ', 1)
        saved = browser.post(f"{address}/cai-dat/dai/tep", data={"noi_dung": text, "phien_ban": version[1]}, timeout=40)
        assert "Đã lưu tệp của đài." in saved.text
        until = monotonic() + 60
        # No connection is refused meanwhile: `get` would raise.
        while "Đài thử" not in browser.get(f"{address}/cai-dat/dai", timeout=40).text.partition("<main")[0]:
            assert monotonic() < until, running.log.read_text("utf-8")
            sleep(0.05)
        assert "chưa có hiệu lực" not in browser.get(f"{address}/cai-dat/dai", timeout=20).text
        assert running.process.poll() is None
        assert running.player(first) != first, "the player, too, knows the new file"
    finally:
        running.process.send_signal(signal.SIGTERM)
        assert running.process.wait(timeout=40) == 0
    assert "Traceback" not in running.log.read_text("utf-8")
    assert running.players() == []
