"""`broadcaster webhook`, and a station that is killed while a receiver is away."""

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from broadcaster.adapters.clock import monotonic, sleep
from tests.adapters.link.servers import free_port, wait_for
from tests.cli.test_commands import Station
from tests.services.receiver import Receiver


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


@pytest.fixture
def station(tmp_path: Path) -> Station:
    made = Station(tmp_path)
    assert made("init", ".", "--engine", "espeak").returncode == 0
    return made


def registered(station: Station, url: str) -> None:
    text = f'[[webhook]]\ncode = "cong"\nurl = "{url}"\n'
    (station.folder / "schedules" / "webhook.toml").write_text(text, encoding="utf-8")


def test_list_secret_and_test(station: Station, receiver: Receiver) -> None:
    assert "Chưa có nơi nhận" in station("webhook", "list").stdout
    registered(station, receiver.url)
    assert "chưa có khóa ký" in station("webhook", "list").stdout
    done = station("webhook", "test", "cong")
    assert (done.returncode, receiver.got) == (2, [])
    assert "broadcaster webhook secret cong" in done.stderr
    made = station.json("webhook", "secret", "cong")["secret"]
    assert station.json("webhook", "secret", "cong")["secret"] == made, "the one that is there"
    path = station.folder / "mang" / "khoa" / "webhook" / "cong.key"
    assert sys.platform == "win32" or stat.S_IMODE(path.stat().st_mode) == 0o600
    done = station("webhook", "test", "cong", user="van_hoa")
    assert done.returncode == 0, done.stderr
    assert receiver.got[0].told["data"] == {"by": "van_hoa"}
    assert "nhận tốt" in station("webhook", "list").stdout
    receiver.status = 500
    done = station("webhook", "test", "cong")
    assert (done.returncode, "HTTP 500" in done.stdout) == (1, True)
    assert station("webhook", "list").returncode == 3
    [listed] = station.json("webhook", "list")
    assert (listed["why"], listed["waiting"], "secret" in listed) == ("HTTP 500", 1, False)
    done = station("webhook", "test", "khong_co")
    assert done.returncode == 2
    assert "Đang có: cong" in done.stderr


def begun(station: Station, log: Path) -> subprocess.Popen[bytes]:
    port = free_port()
    with log.open("wb") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "broadcaster", "run", "--port", str(port)],
            cwd=station.folder,
            stdout=said,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
    wait_for(port)
    return process


def until(what: Path) -> None:
    end = monotonic() + 40
    while not any(what.parent.glob(what.name)):
        assert monotonic() < end, what
        sleep(0.1)


def test_a_station_that_is_killed_tells_after_its_restart(station: Station, receiver: Receiver, tmp_path: Path) -> None:
    receiver.close()
    registered(station, receiver.url)
    station.json("webhook", "secret", "cong")
    first = begun(station, tmp_path / "1.txt")
    try:
        until(station.folder / "tin_bao" / "da_xem.json")
        sent = station("emergency", "Thử loa.", "--zone", "thon_dong", "--drill", user="van_hoa")
        assert sent.returncode == 0, sent.stderr
        until(station.folder / "tin_bao" / "cho" / "cong" / "*.json")
    finally:
        first.send_signal(signal.SIGKILL)
        first.wait(timeout=20)
    back = Receiver(receiver.port)
    second = begun(station, tmp_path / "2.txt")
    try:
        end = monotonic() + 40
        while not back.got and monotonic() < end:
            sleep(0.1)
        [got] = back.got
        assert got.told["type"] == "emergency.sent"
        assert (got.told["data"]["drill"], got.told["data"]["by"]) == (True, "van_hoa")
    finally:
        second.send_signal(signal.SIGTERM)
        assert second.wait(timeout=40) == 0
        back.close()
    assert "Traceback" not in (tmp_path / "2.txt").read_text("utf-8")
    assert not list((station.folder / "tin_bao" / "cho" / "cong").glob("[0-9a-f]*.json"))
