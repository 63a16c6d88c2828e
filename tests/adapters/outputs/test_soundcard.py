"""A real sound server with four channels, recorded: each zone in its own channels only, whole, on the sample."""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
import soundfile

from broadcaster.adapters.clock import SystemClock, monotonic, sleep
from broadcaster.adapters.outputs.soundcard import Soundcard, SoundcardOutput
from broadcaster.domain.live import LIVE_RATE
from broadcaster.errors import OutputError
from broadcaster.ports import Cue, OutputEvent, OutputEventKind
from broadcaster.units import Milliseconds
from tests.adapters.outputs.sound_server import CHANNELS, RATE, SoundServer, sound_server

TONES = (500, 700, 900, 1100)
"""Hz, one a zone."""
MASTER_RATE = 24_000


def tone(path: Path, hertz: float, seconds: float) -> Path:
    """A tone whose level rises, so that one can tell the beginning from the middle."""
    count = np.arange(round(seconds * MASTER_RATE))
    samples = (0.1 + 0.3 * count / len(count)) * np.sin(2 * np.pi * hertz * count / MASTER_RATE)
    soundfile.write(path, samples.astype(np.float32), MASTER_RATE)
    return path


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SoundServer]:
    with pytest.MonkeyPatch.context() as patch, sound_server(tmp_path_factory.mktemp("sound")) as running:
        for name, value in running.environment.items():
            patch.setenv(name, value)
        yield running


@pytest.fixture
def card(server: SoundServer) -> Iterator[Soundcard]:
    assert server.process.poll() is None
    card = Soundcard("", {f"zone_{n}": [n] for n in range(CHANNELS)}, rate=RATE, channels=CHANNELS)
    card.open()
    yield card
    card.close()


def ms(seconds: float) -> Milliseconds:
    return Milliseconds(round(seconds * 1000))


def listen(outputs: Sequence[SoundcardOutput], over: Callable[[list[OutputEvent]], bool]) -> list[OutputEvent]:
    """What is told, until that is so."""
    events: list[OutputEvent] = []
    until = monotonic() + 20
    while not over(events):
        assert monotonic() < until, events
        for output in outputs:
            events += output.poll()
        sleep(0.01)
    return events


def ended(events: Sequence[OutputEvent]) -> list[OutputEvent]:
    return [event for event in events if event.kind in {OutputEventKind.ENDED, OutputEventKind.FAILED}]


TRIES = 3
"""A machine that other tests keep from this one for 50 ms tears the sound; once in a few times it has to be whole."""


def sounding(channel: np.ndarray) -> np.ndarray:
    """First and last frame of each stretch of sound, longer pauses than 50 ms between them."""
    loud = np.flatnonzero(np.abs(channel) > 0.01)
    cuts = np.flatnonzero(np.diff(loud) > RATE // 20)
    return np.stack([loud[np.r_[0, cuts + 1]], loud[np.r_[cuts, len(loud) - 1]]], axis=1)


def pitch(piece: np.ndarray) -> float:
    spectrum = np.abs(np.fft.rfft(piece * np.hanning(len(piece))))
    return float(np.argmax(spectrum)) * RATE / len(piece)


def test_each_zone_sounds_in_its_own_channel_only_whole_and_in_order(
    server: SoundServer, card: Soundcard, tmp_path: Path
) -> None:
    clock = SystemClock()
    zones = [SoundcardOutput(clock, card, f"zone_{n}") for n in range(CHANNELS)]
    files = [tone(tmp_path / f"{hertz}.wav", hertz, 0.8) for hertz in TONES]
    for _ in range(TRIES):
        recording = server.record()
        base = clock.now() + timedelta(seconds=1)
        for n, (zone, file) in enumerate(zip(zones, files, strict=True)):
            zone.play(Cue(f"i{n}", file, ms(0), ms(0.8), base + timedelta(seconds=0.15 * n)))
        events = listen(zones, lambda events: len(ended(events)) == CHANNELS)
        # Once more, another order, the first zone twice in a row.
        zones[0].play(Cue("j0", files[1], ms(0), ms(0.8), clock.now() + timedelta(seconds=0.3)))
        events += listen(zones, lambda events: len(ended(events)) == 1)
        sleep(0.3)
        heard = recording.stop()
        assert all(event.kind is OutputEventKind.ENDED and event.played_ms == 800 for event in ended(events))
        assert all(event.level == pytest.approx(-14.7, abs=0.5) for event in ended(events))
        spans = [sounding(heard[:, n]) for n in range(CHANNELS)]
        if [len(span) for span in spans] == [2, 1, 1, 1]:
            break
    assert [len(span) for span in spans] == [2, 1, 1, 1]
    for n, hertz in enumerate(TONES):
        first, last = spans[n][0]
        assert (last - first) / RATE == pytest.approx(0.8, abs=0.002)
        assert pitch(heard[first:last, n]) == pytest.approx(hertz, abs=3)
        assert (first - spans[0][0][0]) / RATE == pytest.approx(0.15 * n, abs=0.002)
    again, end = spans[0][1]
    assert pitch(heard[again:end, 0]) == pytest.approx(TONES[1], abs=3)
    for event in events:
        if event.kind is OutputEventKind.STARTED and event.item.startswith("i"):
            wanted = base + timedelta(seconds=0.15 * int(event.item[1:]))
            assert abs((event.at - wanted).total_seconds()) < 0.05


def test_a_cue_in_begins_in_the_middle_and_a_stop_is_told(server: SoundServer, card: Soundcard, tmp_path: Path) -> None:
    zone = SoundcardOutput(SystemClock(), card, "zone_2")
    file = tone(tmp_path / "long.wav", 900, 4)
    recording = server.record()
    zone.play(Cue("a", file, ms(2), ms(2)))
    listen([zone], lambda events: any(e.kind is OutputEventKind.PROGRESSED and e.played_ms > 300 for e in events))
    zone.stop()
    end = ended(listen([zone], lambda events: bool(ended(events))))[0]
    sleep(0.2)
    heard = recording.stop()
    assert end.kind is OutputEventKind.ENDED
    assert 300 < end.played_ms < 2000
    ((first, last),) = sounding(heard[:, 2])
    assert (last - first) / RATE == pytest.approx(end.played_ms / 1000, abs=0.02)
    assert np.abs(heard[first + 2000 : first + 6000, 2]).max() == pytest.approx(0.25, abs=0.02)
    assert np.abs(heard[first : first + 10, 2]).max() < 0.05, "it fades in"
    assert zone.due() is None


def test_a_volume_cap_is_heard(server: SoundServer, card: Soundcard, tmp_path: Path) -> None:
    zone = SoundcardOutput(SystemClock(), card, "zone_2")
    file = tone(tmp_path / "a.wav", 900, 1)
    recording = server.record()
    for gain in (0.0, -12.0412):
        zone.play(Cue("a", file, ms(0), ms(0.5), gain_db=gain))
        listen([zone], lambda events: bool(ended(events)))
        sleep(0.2)
    heard = recording.stop()
    # Both in turn, however a busy machine may break them up.
    spans = sounding(heard[:, 2])
    first, last = (float(np.abs(heard[begin:end, 2]).max()) for begin, end in (spans[0], spans[-1]))
    assert last / first == pytest.approx(0.25, abs=0.01)


def test_a_new_cue_takes_over_and_both_ends_are_told(card: Soundcard, tmp_path: Path) -> None:
    zone = SoundcardOutput(SystemClock(), card, "zone_1")
    file = tone(tmp_path / "a.wav", 700, 3)
    zone.play(Cue("a", file, ms(0), ms(3)))
    listen([zone], lambda events: any(e.kind is OutputEventKind.STARTED for e in events))
    zone.play(Cue("b", file, ms(0), ms(0.3)))
    events = listen([zone], lambda events: len(ended(events)) == 2)
    assert [event.item for event in ended(events)] == ["a", "b"]
    assert ended(events)[1].played_ms == 300


def test_a_file_that_is_no_sound_fails_alone(card: Soundcard, tmp_path: Path) -> None:
    (tmp_path / "bad.flac").write_bytes(b"no sound")
    zone = SoundcardOutput(SystemClock(), card, "zone_0")
    for path in (tmp_path / "bad.flac", tmp_path / "none.flac"):
        zone.play(Cue("a", path, ms(0), ms(1)))
        (event,) = ended(listen([zone], lambda events: bool(ended(events))))
        assert event.kind is OutputEventKind.FAILED
    zone.play(Cue("b", tone(tmp_path / "b.wav", 500, 0.2), ms(0), ms(0.2)))
    (event,) = ended(listen([zone], lambda events: bool(ended(events))))
    assert (event.kind, event.played_ms) == (OutputEventKind.ENDED, 200)


def test_a_file_shorter_than_its_cue_ends_where_it_ends(card: Soundcard, tmp_path: Path) -> None:
    zone = SoundcardOutput(SystemClock(), card, "zone_0")
    zone.play(Cue("a", tone(tmp_path / "a.wav", 500, 0.5), ms(0), ms(2)))
    (event,) = ended(listen([zone], lambda events: bool(ended(events))))
    assert event.played_ms == pytest.approx(500, abs=2)


def test_a_device_that_goes_away_ends_the_cue_with_what_had_sounded_and_comes_back(
    card: Soundcard, tmp_path: Path
) -> None:
    zone = SoundcardOutput(SystemClock(), card, "zone_3")
    file = tone(tmp_path / "a.wav", 500, 5)
    zone.play(Cue("a", file, ms(0), ms(5)))
    listen([zone], lambda events: any(e.kind is OutputEventKind.PROGRESSED and e.played_ms > 300 for e in events))
    first = card.process_id
    card.kill()
    (event,) = ended(listen([zone], lambda events: bool(ended(events))))
    assert (event.kind, event.detail) == (OutputEventKind.ENDED, "device_lost")
    assert 300 < event.played_ms < 2500
    sleep(2.1)
    zone.play(Cue("b", file, ms(0), ms(0.3)))
    (event,) = ended(listen([zone], lambda events: bool(ended(events))))
    assert (event.kind, event.played_ms) == (OutputEventKind.ENDED, 300)
    assert card.process_id != first


@pytest.mark.parametrize(
    ("device", "zones"), [("không có thiết bị này", {"a": [0]}), ("", {"a": [40]})], ids=["no such name", "too few"]
)
@pytest.mark.usefixtures("server")
def test_a_device_that_cannot_be_had_is_one_message(device: str, zones: dict[str, list[int]]) -> None:
    card = Soundcard(device, zones, rate=RATE, channels=0 if device else CHANNELS)
    with pytest.raises(OutputError) as caught:
        SoundcardOutput(SystemClock(), card, "a").open()
    assert caught.value.code == "output.open"
    assert caught.value.facts["detail"]


def test_a_file_that_grows_sounds_as_far_as_it_has_come_and_goes_on(
    server: SoundServer, card: Soundcard, tmp_path: Path
) -> None:
    """A live broadcast: what comes late is heard late, and nothing of it is lost."""
    count = np.arange(4 * LIVE_RATE)
    whole = np.rint(0.3 * 32767 * np.sin(2 * np.pi * TONES[1] * count / LIVE_RATE)).astype("<i2").tobytes()
    path = tmp_path / "spool.pcm"
    path.write_bytes(whole[: LIVE_RATE * 2])
    output = SoundcardOutput(SystemClock(), card, "zone_1")
    recording = server.record()
    output.play(Cue("live", path, ms(0.5), ms(30), growing=True))
    events = listen(
        [output], lambda told: any(e.kind is OutputEventKind.PROGRESSED and e.played_ms > 400 for e in told)
    )
    sleep(1.5)
    with path.open("ab") as file:
        file.write(whole[LIVE_RATE * 2 :])
    events += listen(
        [output], lambda told: any(e.kind is OutputEventKind.PROGRESSED and e.played_ms > 3400 for e in told)
    )
    output.stop()
    events += listen([output], lambda told: bool(ended(told)))
    samples = recording.stop()
    output.close()
    loud = np.abs(samples[:, 1]) > 0.01
    assert 3.3 <= loud.sum() / RATE <= 3.6, "three and a half seconds, less what crosses zero"
    assert not np.abs(samples[:, [0, 2, 3]]).max() > 0.01
    assert ended(events)[0].played_ms in range(3400, 3501)
