"""`broadcaster master` as a person types it: copies with tags, chains and beds, and what stops it in the middle."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import mutagen
import numpy as np
import pytest
import soundfile

from broadcaster.adapters.audio.codec import SoundfileCodec
from broadcaster.domain.master import SYNTHETIC_MARK
from tests.cli.test_commands import Station, station, write

__all__ = ["station"]

CLAUSES = ("kính mời bà con đến nhà văn hóa", "lịch tiêm phòng gia súc", "hồ sơ nộp tại bộ phận một cửa")


def long_text(sentences: int) -> str:
    return "\n\n".join(f"Câu {n}, {CLAUSES[n % 3]}, {CLAUSES[(n + 1) % 3]}." for n in range(1, sentences + 1))


def imported(station: Station, name: str, body: str = "Mai họp thôn.", **fields: str) -> None:
    write(station, name, body, **fields)
    assert station("bulletin", "import", f"{name}.txt", user="tu_phap").returncode == 0


def configured(station: Station, old: str, new: str) -> None:
    path = station.folder / "schedules" / "station.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize("ending", ["flac", "mp3", "ogg", "opus"])
def test_a_copy_carries_all_that_is_known_of_it(station: Station, ending: str) -> None:
    imported(station, "tin", title="Họp thôn Đoài")
    (master,) = station.json("master")
    (copy,) = station.json("master", "--bulletin", "tin", "--export", ending, "-o", "ra")
    path = station.folder / copy["file"]
    assert path.name == f"tin.{master['hash'][:12]}.{ending}"
    assert copy["master"] == master["hash"]
    assert copy["lufs"] == pytest.approx(-16.0, abs=0.1)
    assert copy["true_peak"] <= -1.5
    said = " ".join(str(value) for value in mutagen.File(path).values())
    for part in ("Họp thôn Đoài", "Văn phòng - Thống kê xã", "Cơ chế một cửa", SYNTHETIC_MARK, "engine=tone"):
        assert part in said
    for key in ("text_hash", "reading_hash", "hash"):
        assert master[key] in said
    if ending == "flac":
        codec = SoundfileCodec()
        assert codec.read(path, 24_000) == codec.read(
            station.folder / "audio_out" / "ban_phat" / master["file"], 24_000
        )


@pytest.mark.parametrize(
    "words",
    [("--export", "mp3"), ("-o", "ra"), ("a.wav",), ("a.wav", "-o", "b.wav", "--export", "mp3"), ("--export", "aac")],
)
def test_what_does_not_go_together_is_refused(station: Station, words: tuple[str, ...]) -> None:
    done = station("master", *words)
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) <= 2


def test_a_chain_is_chosen_in_the_station_file(station: Station) -> None:
    imported(station, "tin")
    (plain,) = station.json("master")
    configured(station, 'chain = "off"', 'chain = "loa_nem"')
    wrong = station("master")
    assert wrong.returncode == 2
    assert "loa_nen" in wrong.stderr
    configured(station, "loa_nem", "loa_nen")
    (horn,) = station.json("master")
    assert horn["hash"] != plain["hash"]
    assert horn["text_hash"] == plain["text_hash"]
    configured(station, 'loa_nen"', 'off"')
    (again,) = station.json("master")
    assert again == plain


def test_a_bed_lies_under_bulletins(station: Station) -> None:
    imported(station, "tin")
    configured(station, '# bed = "nhac_nen.flac"', 'bed = "nhac_nen.flac"')
    missing = station("master")
    assert missing.returncode == 2
    assert "nhac_nen.flac" in missing.stderr
    count = np.arange(44_100 * 2)
    soundfile.write(station.folder / "nhac_nen.flac", 0.2 * np.sin(count * 0.03), 44_100)
    (bedded,) = station.json("master")
    assert bedded["loudness"] == pytest.approx(-16.0, abs=0.1)
    (station.folder / "nhac_nen.flac").unlink()
    configured(station, 'bed = "nhac_nen.flac"', "")
    (plain,) = station.json("master")
    assert plain["hash"] != bedded["hash"]
    assert plain["duration_ms"] == bedded["duration_ms"]


def test_the_notice_is_switched_off_with_a_warning_only(station: Station) -> None:
    imported(station, "tin")
    (announced,) = station.json("master")
    configured(station, "# announce_synthetic = false", "announce_synthetic = false")
    for command in (("station", "check"), ("master",)):
        done = station(*command)
        assert done.returncode == 0
        assert "142/2026" in done.stderr
    (silent,) = station.json("master")
    assert silent["duration_ms"] < announced["duration_ms"]


def test_a_bulletin_of_signs_is_named_and_the_others_are_made(station: Station) -> None:
    imported(station, "dau", "***\n\n…")
    imported(station, "tin", "Họp.")
    done = station("master")
    assert done.returncode == 0
    assert "dau" in done.stderr
    assert "tin" in done.stdout
    named = station("master", "--bulletin", "dau")
    assert named.returncode == 2
    assert "dau" in named.stderr


def sounds(station: Station) -> list[Path]:
    return sorted((station.folder / "audio_out" / "ban_thu").rglob("*.wav"))


def strays(station: Station) -> list[Path]:
    return [path for path in (station.folder / "audio_out").rglob(".*") if path.name != ".gitignore"]


@pytest.mark.skipif(sys.platform == "win32", reason="no process groups there")
def test_ctrl_c_keeps_what_is_spoken_and_says_how_to_go_on(station: Station) -> None:
    """Espeak, so that there are workers; they must not take the signal for themselves."""
    configured(station, '["tone"]', '["espeak"]')
    imported(station, "dai", long_text(120))
    # A shell that starts the tests in the background makes them, and what they start, deaf to Ctrl-C.
    hearing = (
        "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL);"
        "os.execv(sys.executable, [sys.executable, '-m', 'broadcaster', 'master'])"
    )
    running = subprocess.Popen(
        [sys.executable, "-c", hearing],
        cwd=station.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    while len(sounds(station)) < 5 and running.poll() is None:
        os.sched_yield()
    os.killpg(running.pid, signal.SIGINT)
    _, said = running.communicate()  # returns when no worker holds the pipe any more
    assert running.returncode == 130, said
    assert "Traceback" not in said
    assert "chạy lại" in said
    kept = sounds(station)
    assert 5 <= len(kept) < 122
    assert strays(station) == []
    before = {path: path.stat().st_mtime_ns for path in kept}
    assert station("master").returncode == 0
    assert {path: path.stat().st_mtime_ns for path in kept} == before


@pytest.mark.skipif(sys.platform == "win32", reason="no file size limit to stand for a full disk")
def test_a_full_disk_is_one_message_and_nothing_half_written(station: Station) -> None:
    imported(station, "dai", long_text(40))
    script = (
        "import resource, signal, sys\nfrom broadcaster.cli import run\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, 2_000_000))\nsys.exit(run(['master']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=station.folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    assert "ổ đĩa" in done.stderr.strip().splitlines()[-1]
    assert strays(station) == []
    assert not list((station.folder / "audio_out").rglob("*.flac"))
    kept = len(sounds(station))
    assert station("master").returncode == 0
    assert len(sounds(station)) == kept, "nothing had to be spoken again"
