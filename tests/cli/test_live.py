"""A live broadcast as a person runs it: a real microphone line, a real door, a node that is a process of its own."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import soundfile

from broadcaster.adapters.clock import monotonic, sleep
from broadcaster.adapters.inputs.source import LiveSource
from broadcaster.domain.live import LIVE_RATE
from broadcaster.domain.receipt import as_run_from
from broadcaster.errors import ConfigError
from tests.adapters.link.servers import free_port, wait_for
from tests.adapters.outputs.icecast_server import icecast_server
from tests.adapters.outputs.sound_server import SoundServer, sound_server
from tests.cli.test_commands import Station

HERTZ = 700


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SoundServer]:
    """A line on which a tone is heard; its monitor is the usual input."""
    folder = tmp_path_factory.mktemp("hall")
    with sound_server(folder) as server:
        tone = folder / "tone.wav"
        count = np.arange(120 * 48_000)
        soundfile.write(tone, 0.3 * np.sin(2 * np.pi * HERTZ * count / 48_000), 48_000)
        player = subprocess.Popen(["paplay", "--device=hall", str(tone)], env=server.environment)
        try:
            yield server
        finally:
            player.kill()
            player.wait()


@pytest.fixture
def listening(hall: SoundServer) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in hall.environment.items():
            if name != "HOME":
                patch.setenv(name, value)
        patch.setenv("HOME", hall.environment["HOME"])
        patch.setenv("PULSE_SOURCE", "hall.monitor")
        yield


@pytest.fixture(scope="module")
def station(tmp_path_factory: pytest.TempPathFactory) -> Station:
    folder = tmp_path_factory.mktemp("dai")
    made = Station(folder)
    assert made("init", ".", "--engine", "espeak").returncode == 0
    path = folder / "schedules" / "station.toml"
    text = path.read_text(encoding="utf-8").replace('["espeak"]', '["tone"]')
    # At whatever hour the test runs.
    text = text.replace('start = "21:00"\nend = "05:00"', 'start = "00:00"\nend = "00:00"')
    path.write_text(text, encoding="utf-8")
    return made


def strongest(samples: np.ndarray, rate: int) -> float:
    """The strongest frequency, in Hz."""
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.argmax(spectrum) * rate / len(samples))


def heard_of(source: LiveSource, seconds: float) -> np.ndarray:
    data, until = b"", monotonic() + 20
    while len(data) < 2 * LIVE_RATE * seconds and monotonic() < until:
        data += source.read(0.5)
    return np.frombuffer(data, "<i2").astype(float)


@pytest.mark.usefixtures("listening")
def test_a_microphone_is_heard() -> None:
    source = LiveSource.of()
    try:
        samples = heard_of(source, 2)
    finally:
        source.close()
    assert len(samples) >= 2 * LIVE_RATE, source.detail
    assert strongest(samples[-LIVE_RATE:], LIVE_RATE) == pytest.approx(HERTZ, abs=5)


@pytest.mark.usefixtures("listening")
def test_a_microphone_that_is_not_there_says_so() -> None:
    source = LiveSource.of(device="không có micro này")
    try:
        assert len(heard_of(source, 0.1)) == 0
        assert "LookupError" in source.detail
    finally:
        source.close()


@pytest.mark.skipif(find_spec("av") is None, reason="needs PyAV, in a process of its own")
def test_a_stream_is_relayed_and_one_that_went_away_is_had_again(tmp_path: Path) -> None:
    with icecast_server(tmp_path) as server:
        url = f"http://127.0.0.1:{server.port}/nguon.ogg"
        caster = _cast(server.port)
        source = LiveSource.of(url=url)
        try:
            first = heard_of(source, 2)
            assert strongest(first[-LIVE_RATE:], LIVE_RATE) == pytest.approx(HERTZ, abs=5)
            caster.kill()
            caster.wait()
            sleep(3)
            while source.read(0.2):
                pass
            caster = _cast(server.port)
            assert len(heard_of(source, 1)) >= LIVE_RATE, source.detail
        finally:
            source.close()
            caster.kill()
            caster.wait()


def _cast(port: int) -> "subprocess.Popen[bytes]":
    """Someone else's stream, from a program of its own."""
    from urllib.parse import quote

    from tests.adapters.outputs.icecast_server import PASSWORD

    target = f"icecast://source:{quote(PASSWORD, safe='')}@127.0.0.1:{port}/nguon.ogg"
    tone = f"sine=frequency={HERTZ}:sample_rate=44100"
    words = ["ffmpeg", "-v", "error", "-re", "-f", "lavfi", "-i", tone, "-c:a", "libvorbis", "-f", "ogg"]
    process = subprocess.Popen([*words, "-content_type", "audio/ogg", target], stderr=subprocess.DEVNULL)
    import requests

    until = monotonic() + 15
    while monotonic() < until:
        answer = requests.get(f"http://127.0.0.1:{port}/status-json.xsl", timeout=5)
        if "nguon.ogg" in answer.text:
            return process
        sleep(0.2)
    return process


@pytest.mark.parametrize("url", ["ftp://x", "nguon.mp3", "file:///etc/passwd"])
def test_what_is_no_stream_is_refused(url: str) -> None:
    with pytest.raises(ConfigError, match=r"live\.url"):
        LiveSource.of(url=url)


@pytest.mark.usefixtures("listening")
def test_from_the_microphone_to_the_loudspeaker_of_a_thon(station: Station) -> None:
    port = free_port()
    base = [sys.executable, "-m", "broadcaster"]
    door = subprocess.Popen([*base, "network", "serve", "--port", str(port), "--every", "1"], cwd=station.folder)
    node: subprocess.Popen[bytes] | None = None
    try:
        wait_for(port)
        code = station.json("network", "code", "dong_1", user="van_hoa")["code"]
        joined = station(
            "network", "join", f"http://127.0.0.1:{port}", "--node", "dong_1", "--folder", "nut", "--code", code
        )
        assert joined.returncode == 0, joined.stderr
        assert station("network", "push").returncode == 0
        assert "Không có buổi trực tiếp" in station("live", "--end", user="van_hoa").stderr
        node = subprocess.Popen(
            [*base, "node", "run", "--folder", "nut", "--output", "file"],
            cwd=station.folder,
            stdout=subprocess.DEVNULL,
        )
        sleep(5)  # the node's link has fetched its limits
        live = subprocess.Popen(
            [
                *base,
                "--as",
                "van_hoa",
                "live",
                "--zone",
                "toan_xa",
                "--title",
                "Chủ tịch xã nói chuyện",
                "--minutes",
                "5",
            ],
            cwd=station.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        ledger = station.folder / "nut" / "taking.json"
        until = monotonic() + 40
        while not ledger.exists() and monotonic() < until:
            assert live.poll() is None, live.stderr.read() if live.stderr else ""
            sleep(0.2)
        sleep(8)
        live.send_signal(signal.SIGINT)
        said, errors = live.communicate(timeout=30)
        assert live.returncode == 0, errors
        assert "ĐANG PHÁT TRỰC TIẾP" in said
        rows = station.folder / "nut" / "ledger.jsonl"
        until = monotonic() + 20
        # The row comes first; the file has its name only once the output has been closed.
        while not (rows.exists() and list(rows.parent.glob("heard/truc_tiep.*.wav"))) and monotonic() < until:
            sleep(0.2)
        import json

        (row,) = [as_run_from(json.loads(line)) for line in rows.read_text("utf-8").splitlines()]
        assert (row.kind.value, row.outcome.value, row.session) == ("truc_tiep", "aired", "")
        assert row.played_ms > 5000
        assert row.level is not None
        (heard,) = (station.folder / "nut" / "heard").glob("truc_tiep.*.wav")
        samples, rate = soundfile.read(heard)
        loud = samples[np.abs(samples) > 0.02]
        assert len(loud) > 3 * rate
        middle = samples[len(samples) // 2 : len(samples) // 2 + rate]
        assert strongest(middle, rate) == pytest.approx(HERTZ, abs=5)
        (kept,) = station.folder.rglob("truc_tiep/*.flac")
        whole, rate = soundfile.read(kept)
        assert len(whole) / rate > row.played_ms / 1000
        listed = station("live", "--list")
        assert "Chủ tịch xã nói chuyện" in listed.stdout
        assert "đã xong" in listed.stdout
    finally:
        for process in (node, door):
            if process is not None:
                process.send_signal(signal.SIGTERM)
                process.wait(timeout=30)
