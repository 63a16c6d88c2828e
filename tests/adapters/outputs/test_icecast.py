"""A real Icecast server: what a listener hears, its titles, and what happens when the server goes away."""

from collections.abc import Callable, Iterator
from importlib.util import find_spec
from itertools import count
from pathlib import Path

import numpy as np
import pytest
import soundfile

from broadcaster.adapters.audio.codec import SoundfileCodec
from broadcaster.adapters.clock import SystemClock, VirtualClock, monotonic, sleep
from broadcaster.adapters.outputs.icecast import Address, IcecastOutput, IcecastStream
from broadcaster.errors import ConfigError, OutputError
from broadcaster.ports import Cue, Output, OutputEvent, OutputEventKind
from tests.adapters.outputs.icecast_server import PASSWORD, IcecastServer, Listener, icecast_server
from tests.suites.output import OutputSuite, ms

pytestmark = pytest.mark.skipif(find_spec("av") is None, reason="needs PyAV, in a process of its own")
RATE = 24_000
NUMBERS = count(1)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IcecastServer]:
    with icecast_server(tmp_path_factory.mktemp("icecast")) as server:
        yield server


@pytest.fixture
def mount() -> str:
    return f"/thôn {next(NUMBERS)}.mp3"


def tone(path: Path, hertz: float, seconds: float) -> Path:
    soundfile.write(path, 0.5 * np.sin(2 * np.pi * hertz * np.arange(round(RATE * seconds)) / RATE), RATE)
    return path


class TestIcecast(OutputSuite):
    @pytest.fixture
    def output(self, clock: VirtualClock, server: IcecastServer, mount: str) -> Iterator[Output]:  # type: ignore[override]
        stream = IcecastStream(Address.of(server.address(mount)), PASSWORD, 8000, pumped=False)
        output = IcecastOutput(clock, SoundfileCodec(), stream)
        output.open()
        yield output
        output.close()
        stream.close()

    @pytest.fixture
    def sound(self, tmp_path: Path) -> Path:
        return tone(tmp_path / "muoi_giay.wav", 440, 10)


@pytest.fixture
def stream(server: IcecastServer, mount: str) -> Iterator[IcecastStream]:
    stream = IcecastStream(Address.of(server.address(mount)), PASSWORD, RATE)
    stream.open()
    yield stream
    stream.close()


def polled(output: Output, enough: Callable[[list[OutputEvent]], bool], patience: float = 20) -> list[OutputEvent]:
    events: list[OutputEvent] = []
    until = monotonic() + patience
    while not enough(events) and monotonic() < until:
        events += output.poll()
        sleep(0.05)
    assert enough(events), events
    return events


def over(events: list[OutputEvent]) -> list[OutputEvent]:
    return [event for event in events if event.kind in {OutputEventKind.ENDED, OutputEventKind.FAILED}]


def test_a_listener_hears_both_items_whole_with_silence_between_and_their_titles(
    server: IcecastServer, mount: str, stream: IcecastStream, tmp_path: Path
) -> None:
    listener = Listener(server, mount)
    output = IcecastOutput(SystemClock(), SoundfileCodec(), stream, lambda item: f"Bản tin {item}: một cửa liên thông")
    output.open()
    for item, hertz in (("ấ", 700), ("b", 1500)):
        output.play(Cue(item, tone(tmp_path / "t.wav", hertz, 1.5), ms(0), ms(1.5)))
        (event,) = over(polled(output, lambda events: bool(over(events))))
        assert (event.kind, event.played_ms) == (OutputEventKind.ENDED, 1500)
        assert event.level == pytest.approx(-9.03, abs=0.05), "a sine at half scale"
        sleep(0.6)
    output.close()
    until = monotonic() + 20
    while len(listener.titles) < 2 and monotonic() < until:
        sleep(0.1)
    heard = tmp_path / "heard.mp3"
    heard.write_bytes(listener.stop())
    assert listener.kind == "audio/mpeg"
    assert listener.titles[-2:] == ["Bản tin ấ: một cửa liên thông", "Bản tin b: một cửa liên thông"]
    samples, rate = soundfile.read(heard, dtype="float32")
    assert rate == RATE
    window = RATE // 20
    blocks = samples[: len(samples) // window * window].reshape(-1, window)
    pitches = np.abs(np.fft.rfft(blocks * np.hanning(window))).argmax(axis=1) * 20
    loud = np.abs(blocks).max(axis=1) > 0.3
    runs = [
        run for run in np.split(np.arange(len(loud)), np.flatnonzero(np.diff(loud.astype(int))) + 1) if loud[run[0]]
    ]
    assert [round(float(np.median(pitches[run])) / 100) * 100 for run in runs] == [700, 1500]
    assert [len(run) / 20 for run in runs] == [pytest.approx(1.5, abs=0.15)] * 2
    assert (runs[1][0] - runs[0][-1]) / 20 > 0.5, "silence between"


def test_a_server_that_goes_away_is_a_lost_device_and_is_found_again(
    server: IcecastServer, stream: IcecastStream, mount: str, tmp_path: Path
) -> None:
    output = IcecastOutput(SystemClock(), SoundfileCodec(), stream)
    output.open()
    file = tone(tmp_path / "t.wav", 700, 8)
    output.play(Cue("a", file, ms(0), ms(8)))
    polled(output, lambda events: any(event.played_ms > 400 for event in events))
    server.stop()
    (event,) = over(polled(output, lambda events: bool(over(events))))
    assert (event.kind, event.detail) == (OutputEventKind.ENDED, "device_lost")
    assert 400 < event.played_ms < 8000
    output.play(Cue("b", file, ms(0), ms(8)))
    (event,) = over(polled(output, lambda events: bool(over(events))))
    assert (event.kind, event.detail) == (OutputEventKind.FAILED, "device_lost")
    server.start()
    until = monotonic() + 30
    while not stream.alive and monotonic() < until:
        sleep(0.1)
    listener = Listener(server, mount)
    output.play(Cue("c", file, ms(0), ms(0.5)))
    (event,) = over(polled(output, lambda events: bool(over(events))))
    assert (event.kind, event.played_ms) == (OutputEventKind.ENDED, 500)
    assert listener.kind == "audio/mpeg"
    listener.stop()
    output.close()


def test_a_session_begins_while_the_server_is_away_and_is_heard_when_it_is_back(
    server: IcecastServer, stream: IcecastStream, tmp_path: Path
) -> None:
    server.stop()
    until = monotonic() + 20
    while stream.alive and monotonic() < until:
        sleep(0.1)
    output = IcecastOutput(SystemClock(), SoundfileCodec(), stream)
    output.open()
    file = tone(tmp_path / "t.wav", 700, 2)
    output.play(Cue("a", file, ms(0), ms(2)))
    (event,) = over(polled(output, lambda events: bool(over(events))))
    assert (event.kind, event.detail) == (OutputEventKind.FAILED, "device_lost")
    server.start()
    until = monotonic() + 30
    while not stream.alive and monotonic() < until:
        sleep(0.1)
    output.play(Cue("b", file, ms(0), ms(0.5)))
    (event,) = over(polled(output, lambda events: bool(over(events))))
    assert (event.kind, event.played_ms) == (OutputEventKind.ENDED, 500)
    output.close()


def test_a_child_that_is_killed_is_replaced(stream: IcecastStream) -> None:
    first = stream.process_id
    assert first is not None
    assert stream._process is not None
    stream._process.kill()
    until = monotonic() + 30
    while (stream.process_id == first or not stream.alive) and monotonic() < until:
        sleep(0.1)
    assert stream.alive
    assert stream.process_id != first


def test_a_wrong_password_is_one_message_without_it(server: IcecastServer, mount: str) -> None:
    stream = IcecastStream(Address.of(server.address(mount)), "sai mật khẩu", RATE)
    with pytest.raises(OutputError) as caught:
        stream.open()
    assert caught.value.code == "output.open"
    assert "401" in caught.value.facts["detail"]
    assert "sai" not in str(caught.value.facts)
    assert stream.process_id is None


def test_no_server_is_one_message(mount: str) -> None:
    stream = IcecastStream(Address.of(f"icecast://127.0.0.1:9{mount}"), PASSWORD, RATE)
    with pytest.raises(OutputError, match="output"):
        stream.open()


@pytest.mark.parametrize(
    "text",
    ["", "http://a/b.mp3", "icecast://a", "icecast://a/", "icecast://u:p@a/b.mp3", "icecast://a:x/b", "icecast:///b",
     "icecast://a/b?c", "icecast://a:99999/b"],
)  # fmt: skip
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Address.of(text)
    assert caught.value.code == "run.icecast"


def test_an_address_is_shown_as_it_was_given() -> None:
    assert str(Address.of("icecast://dai.xa:8010/xa.mp3")) == "icecast://dai.xa:8010/xa.mp3"
    assert str(Address.of("icecast://[::1]/xa.mp3")) == "icecast://[::1]:8000/xa.mp3"
