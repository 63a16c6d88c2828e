"""Muting and softening clusters as a person types it."""

from datetime import timedelta

import pytest

from broadcaster.adapters.clock import SystemClock
from tests.cli.test_commands import Station

NOW = SystemClock().now() + timedelta(hours=7)


@pytest.fixture(scope="module")
def station(tmp_path_factory: pytest.TempPathFactory) -> Station:
    made = Station(tmp_path_factory.mktemp("dai"))
    assert made("init", ".", "--engine", "espeak").returncode == 0
    return made


def test_clusters_are_muted_softened_and_heard_again_from_the_command_line(station: Station) -> None:
    words = ["network", "mute", "thon_dong", "ha_1", "--to", "2036-01-01", "--reason", "Đám tang cụ An"]
    assert station(*words, user="tu_phap").returncode == 2, "an author decides nothing of the kind"
    assert station(*words, user="van_hoa").returncode == 2, "a mute for ten years is none"
    tomorrow = (NOW.date() + timedelta(days=1)).isoformat()
    words[words.index("2036-01-01")] = tomorrow
    done = station(*words, "--hours", "08:00-11:30", user="van_hoa")
    assert done.returncode == 0, done.stderr
    assert "broadcaster network unmute 1" in done.stdout
    assert station("network", "cap", "dong_2", "6", "--reason", "Gần trường", user="van_hoa").returncode == 0
    shown = station.json("network", "mutes")
    assert shown["caps"] == {"dong_2": -6.0}
    [order] = shown["mutes"]
    assert order["mute"]["clusters"] == ["dong_1", "dong_2", "ha_1"]
    assert (order["mute"]["start"], order["mute"]["last"], order["by"]) == ("08:00:00", tomorrow, "van_hoa")
    assert "Đám tang cụ An" in station("network", "mutes").stdout
    assert station("network", "unmute", "1", "--reason", "Xong lễ", user="pho_chu_tich").returncode == 0
    assert station.json("network", "mutes")["mutes"] == []
    assert len(station.json("network", "mutes", "--all")["mutes"]) == 1
    assert station("network", "unmute", "1", "--reason", "Lần nữa", user="van_hoa").returncode == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["mute", "dong_9", "--reason", "x"], "dong_9"),
        (["mute", "dong_1", "--reason", " "], "lý do"),
        (["mute", "dong_1", "--reason", "x", "--hours", "sáng"], "giờ"),
        (["mute", "dong_1", "--reason", "x", "--hours", "11:00-08:00"], "giờ"),
        (["mute", "dong_1", "--reason", "x", "--to", "2020-01-01"], "ngày"),
        (["unmute", "7", "--reason", "x"], ""),
        (["cap", "dong_9", "6", "--reason", "x"], "dong_9"),
        (["cap", "dong_1", "600", "--reason", "x"], "dB"),
    ],
)
def test_a_wrong_mute_or_cap_is_one_message(station: Station, words: list[str], said: str) -> None:
    notebook = station.folder / "schedules" / "tat_loa.jsonl"
    before = notebook.read_text("utf-8")
    done = station("network", *words, user="van_hoa")
    assert done.returncode == 2
    assert said.lower() in done.stderr.lower()
    assert len(done.stderr.strip().splitlines()) == 1
    assert notebook.read_text("utf-8") == before
