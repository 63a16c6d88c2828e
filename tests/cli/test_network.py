"""Nodes and emergencies as a person types them: a door that is a process, a node in a folder of its own."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta

import pytest

from broadcaster.bootstrap import App
from broadcaster.bootstrap_link import Node
from broadcaster.config import Settings, Workspace
from tests.adapters.link.servers import free_port, wait_for
from tests.cli.test_commands import Station


@pytest.fixture(scope="module")
def station(tmp_path_factory: pytest.TempPathFactory) -> Station:
    folder = tmp_path_factory.mktemp("dai")
    made = Station(folder)
    assert made("init", ".", "--engine", "espeak").returncode == 0
    path = folder / "schedules" / "station.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('["espeak"]', '["tone"]'), encoding="utf-8")
    return made


@pytest.fixture
def door(station: Station) -> Iterator[str]:
    port = free_port()
    words = [sys.executable, "-m", "broadcaster", "network", "serve", "--port", str(port), "--every", "1"]
    process = subprocess.Popen(words, cwd=station.folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    wait_for(port)
    yield f"http://127.0.0.1:{port}"
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=30)
    assert b"Traceback" not in errors


def test_a_node_joins_hears_an_order_and_is_thrown_out(station: Station, door: str) -> None:
    code = station.json("network", "code", "dong_1", user="van_hoa")["code"]
    join = ("network", "join", door, "--node", "dong_1", "--folder", "nut", "--code")
    assert "không đúng" in station(*join, "00000-00000").stderr
    assert "tham gia đài minh_tien" in station(*join, code).stdout
    assert "đã tham gia một đài" in station(*join, code).stderr
    follow = ("network", "follow", "--folder", "nut", "--once")
    assert station(*follow).returncode == 0

    assert "Chưa có lệnh" in station("emergency", "--retract", user="van_hoa").stderr
    sent = station("emergency", "Nước lũ đang lên.", "--zone", "thon_dong", "--drill", user="van_hoa")
    assert (sent.returncode, "DIỄN TẬP" in sent.stdout) == (0, True), sent.stderr
    assert station(*follow).returncode == 0
    [order] = (station.folder / "nut" / "emergency").glob("*.order")
    body = json.loads(order.read_bytes().partition(b"\n")[2])
    assert body["drill"]
    assert body["text"].startswith("Đây là diễn tập.")
    sound = station.folder / "nut" / "audio" / f"{body['audio']}.flac"
    assert sound.stat().st_size == body["audio_length"]

    listed = station("emergency", "--list")
    assert (listed.returncode, "diễn tập" in listed.stdout) == (3, True)
    assert "«x»" in station("emergency", "--retract", "x", user="van_hoa").stderr
    assert "phải là người khác" not in station("emergency", "--countersign", user="pho_chu_tich").stderr
    assert station("emergency", "--retract", user="van_hoa").returncode == 0
    assert station(*follow).returncode == 0
    assert list((station.folder / "nut" / "emergency").glob("*.retracted"))
    [told] = station.json("emergency", "--list")["orders"]
    assert (told["retracted_by"], told["countersigned_by"]) == ("van_hoa", "pho_chu_tich")
    assert "đã được kiểm" in station("network", "events", "dong_1").stderr

    assert station("network", "revoke", "dong_1", user="van_hoa").returncode == 0
    done = station(*follow)
    assert (done.returncode, "revoked" in done.stderr) == (1, True)
    assert "đã thu hồi" in station("network", "list").stdout


def test_a_mute_from_the_console_reaches_a_node_through_the_open_door(station: Station, door: str) -> None:
    code = station.json("network", "code", "ha_1", user="van_hoa")["code"]
    join = ("network", "join", door, "--node", "ha_1", "--folder", "nut_ha", "--code")
    assert station(*join, code).returncode == 0
    follow = ("network", "follow", "--folder", "nut_ha", "--once")
    node = Node(station.folder / "nut_ha")
    app = App(Settings(Workspace.at(station.folder)))  # what the console's process is
    day = app.station.local(app.clock.now()).date() + timedelta(days=1)
    app.curbing.mute("van_hoa", ["ha_1"], day, None, "Đám tang")
    app.curbing.cap("van_hoa", "ha_1", -6, "Gần trường học")
    for _ in range(60):
        assert station(*follow).returncode == 0
        if node.held.limits().mutes:
            break
    limits = node.held.limits()
    assert [mute.first for mute in limits.mutes] == [day]
    assert limits.volume_cap_db == -6
    app.close()


@pytest.mark.parametrize(
    ("words", "user", "said"),
    [
        (("emergency",), "van_hoa", "cần một trong"),
        (("emergency", "Lũ"), "van_hoa", "Thêm --zone"),
        (("emergency", "Lũ", "--zone", "khong"), "van_hoa", "Không có vùng"),
        (("emergency", "Lũ", "--zone", "toan_xa"), "tu_phap", "không có vai"),
        (("emergency", "--audio", "khong.wav", "--zone", "toan_xa"), "van_hoa", "khong.wav"),
        (("emergency", "--cap", "khong.xml"), "van_hoa", "khong.xml"),
        (("network", "code", "khong"), "van_hoa", "Không có cụm loa"),
        (("network", "follow", "--once", "--folder", "x"), "", "chưa tham gia"),
        (
            ("network", "join", "http://127.0.0.1:1", "--node", "a", "--code", "x", "--folder", "y"),
            "",
            "Không nối được",
        ),
    ],
)
def test_one_message_for_whatever_is_wrong(station: Station, words: tuple[str, ...], user: str, said: str) -> None:
    done = station(*words, user=user)
    assert done.returncode in {1, 2}
    assert said in done.stderr
    assert "Traceback" not in done.stderr
