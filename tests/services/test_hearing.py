"""Hearing masters with a recogniser that knows its text, over real takes and files of the tone engine."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from broadcaster.adapters.audio.assembly import PydubAssembler
from broadcaster.adapters.audio.codec import SoundfileCodec
from broadcaster.adapters.audio.effects import BlockEffects
from broadcaster.adapters.audio.loudness import Bs1770Meter
from broadcaster.adapters.clock import VirtualClock
from broadcaster.adapters.library import FolderLibrary
from broadcaster.adapters.store.memory import MemoryStore
from broadcaster.adapters.tts.pool import PooledSpeakers
from broadcaster.adapters.tts.tone import ToneEngine
from broadcaster.domain.bulletin import Bulletin
from broadcaster.domain.hearing import Limits
from broadcaster.domain.master import MASTER_RATE, Loudness, Master
from broadcaster.domain.reading import Lexicon
from broadcaster.domain.station import SpokenParts
from broadcaster.domain.take import Sound, SpeechRequest
from broadcaster.domain.taxonomy import shipped_taxonomy
from broadcaster.errors import BroadcasterError, BulletinError, HearingError, MasterError, RetryableSpeechError
from broadcaster.ports import SpeechEngine
from broadcaster.services.approving import Approving
from broadcaster.services.comparing import Comparing
from broadcaster.services.hearing import Ear, Hearing
from broadcaster.services.voicing import Voicing
from broadcaster.services.writing import Writing
from tests.domain.values import START, a_bulletin, a_station
from tests.services.hearing_doubles import ScriptedRecogniser, ShorteningHorn

BODY = "Kính mời bà con họp thôn. Thời gian từ bảy giờ tối ngày thứ sáu tuần này tại nhà văn hóa."
SAID = [
    "tiêu đề tin một",
    "kính mời bà con họp thôn",
    "thời gian từ bảy giờ tối ngày thứ sáu tuần này tại nhà văn hóa",
    "giọng tổng hợp",
]


class SilentLine(ToneEngine):
    """An online engine without its network."""

    name = "xa"

    def speak(self, request: SpeechRequest) -> Sound:
        raise RetryableSpeechError("speech.offline", engine=self.name, spoken=request.spoken)


class Room:
    """A station with the tone engine, and a recogniser that is told what to hear."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.store = MemoryStore()
        self.codec = SoundfileCodec()
        self.library = FolderLibrary(root, self.codec)
        self.station = a_station(parts=SpokenParts("Đây là Đài xã.", "Xin kính chào.", "Giọng tổng hợp."))

    def voicing(self, engine: SpeechEngine | None = None) -> Voicing:
        clock, topics = VirtualClock(START), shipped_taxonomy()
        writing = Writing(self.store, clock, self.station, topics, Lexicon.shipped())
        used = engine or ToneEngine()
        return Voicing(
            self.store,
            self.library,
            {used.name: used},
            Bs1770Meter(),
            PydubAssembler(),
            writing,
            self.station,
            topics,
            Loudness(),
            PooledSpeakers(lambda _: ToneEngine, 1, lambda: 1000),
            BlockEffects(),
            lambda: None,
        )

    def ear(self, script: Mapping[int, str]) -> Ear:
        return Ear(ScriptedRecogniser(script), ShorteningHorn(), self.codec, Bs1770Meter())

    def hearing(self, script: Mapping[int, str], engine: SpeechEngine | None = None) -> Hearing:
        approving = Approving(self.store, VirtualClock(START), self.station)
        return Hearing(self.ear(script), self.library, self.voicing(engine), approving)

    def lengths(self, bulletin: Bulletin) -> list[int]:
        """The takes of a bulletin, in tenths of a second."""
        recipe = self.voicing().recipe(bulletin, ToneEngine())
        takes = [self.library.take(recipe.take_key(line)) for line in recipe.lines]
        return [round(take.duration_ms / 100) for take in takes if take]


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return Room(tmp_path)


def mastered(room: Room, **changes: bool) -> tuple[Bulletin, Master]:
    bulletin = a_bulletin(body=BODY, **changes)
    return bulletin, room.voicing().master(bulletin)


def test_every_sentence_is_heard_near_and_far(room: Room) -> None:
    bulletin, master = mastered(room)
    lengths = room.lengths(bulletin)
    assert len(set(lengths)) == len(lengths) == 4
    near = dict(zip(lengths, SAID, strict=True))
    far = {length - 10: text for length, text in near.items() if length > 10 and length - 10 not in near}
    seen: list[int] = []
    found = room.hearing({**far, **near}).bulletin(
        bulletin, Limits(1, 1), lambda done, _total, _label: seen.append(done)
    )
    assert (found.bulletin, found.master, found.engine, found.whole) == ("tin_1", master.hash, "tone", False)
    assert [line.clean.errors for line in found.lines] == [0, 0, 0, 0]
    assert [line.number for line in found.lines] == seen == [1, 2, 3, 4]
    assert found.clean == 0.0
    assert not found.findings


def test_what_is_above_its_limit_is_a_finding_once(room: Room) -> None:
    bulletin, _ = mastered(room)
    lengths = room.lengths(bulletin)
    script = dict(zip(lengths, [SAID[0], "kính mười bà con hộp thôn", SAID[2], ""], strict=True))
    found = room.hearing(script).bulletin(bulletin, Limits(0.3, 0.9))
    listed = [(finding.code, finding.place.file, finding.place.line) for finding in found.findings]
    assert ("hearing.unclear", "tin_1", 2) in listed
    assert ("hearing.unclear", "tin_1", 4) in listed
    assert len({line for _, _, line in listed}) == len(listed)
    unclear = next(finding for finding in found.findings if finding.place.line == 2)
    assert unclear.facts["misheard"] == ["mời → mười", "họp → hộp"]
    assert ("hearing.unclear_village", "tin_1", 1) in listed


def test_a_second_reading_is_not_heard_twice(room: Room) -> None:
    bulletin, _ = mastered(room, read_twice=True)
    found = room.hearing({}).bulletin(bulletin, Limits())
    assert len(found.lines) == 4


def test_without_a_take_the_file_is_heard_in_one(room: Room) -> None:
    bulletin, master = mastered(room, read_twice=True)
    next((room.root / "ban_thu").rglob("*.wav")).unlink()
    script = {round(master.duration_ms / 100): " ".join([SAID[0], *SAID[1:3], *SAID[1:3], SAID[3]])}
    found = room.hearing(script).bulletin(bulletin, Limits(0.35, 2))
    assert found.whole
    assert [line.clean.errors for line in found.lines] == [0]


def test_a_recording_is_heard_in_one_against_its_text_alone(room: Room) -> None:
    bulletin, master = mastered(room)
    room.store.save_master(replace(master, synthetic=False))
    found = room.hearing({round(master.duration_ms / 100): " ".join(SAID[1:3])}).bulletin(bulletin, Limits(0.35, 2))
    assert found.whole
    assert found.clean == 0.0


def test_another_version_of_the_engine_is_heard_in_one(room: Room) -> None:
    class NewerTone(ToneEngine):
        def version(self) -> str:
            return "mới"

    bulletin, _ = mastered(room)
    assert room.hearing({}, NewerTone()).bulletin(bulletin, Limits()).whole
    assert room.hearing({}, SilentLine()).bulletin(bulletin, Limits()).whole


def test_a_bulletin_without_a_master_is_refused(room: Room) -> None:
    with pytest.raises(BulletinError) as caught:
        room.hearing({}).bulletin(a_bulletin(body=BODY), Limits())
    assert caught.value.code == "approval.no_master"


def test_a_file_that_is_gone_is_named(room: Room) -> None:
    bulletin, master = mastered(room)
    for path in room.root.rglob("*.*"):
        path.unlink()
    with pytest.raises(MasterError) as caught:
        room.hearing({}).bulletin(bulletin, Limits())
    assert (caught.value.code, caught.value.facts["path"]) == ("audio.missing", master.file)


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("khong_co.wav", None, "audio.missing"),
        ("rong.wav", b"", "audio.empty"),
        ("chu.mp3", b"day la chu" * 100, "audio.unreadable"),
    ],
)
def test_what_is_no_sound_is_named(room: Room, name: str, content: bytes | None, code: str) -> None:
    if content is not None:
        (room.root / name).write_bytes(content)
    with pytest.raises(BroadcasterError) as caught:
        room.ear({}).open(room.root / name)
    assert caught.value.code == code


@pytest.mark.parametrize("height", [0, 20])
def test_a_silent_file_is_named(room: Room, height: int) -> None:
    path = room.root / "im.flac"
    room.codec.write(Sound(MASTER_RATE, height.to_bytes(2, "little") * MASTER_RATE), path, {})
    with pytest.raises(HearingError) as caught:
        room.ear({}).open(path)
    assert caught.value.code == "hearing.silent"


class SteppingClock(VirtualClock):
    """A second passes whenever somebody looks."""

    def now(self) -> datetime:
        self.step(timedelta(seconds=1))
        return super().now()


def test_voices_are_compared(room: Room) -> None:
    comparing = Comparing(room.ear({}), PydubAssembler(), SteppingClock(START))
    found = list(comparing.voices(ToneEngine(), ["Kính mời bà con.", "Xin cảm ơn."], village=True))
    assert [one.voice.name for one in found] == [voice.name for voice in ToneEngine().voices()]
    for one in found:
        assert one.clean is not None
        assert one.village is not None
        assert (one.clean.rate, one.village.rate, one.failure) == (1.0, 1.0, None)
        pauses = 3 * 0.3  # before the first sentence and after each
        assert one.x_realtime == pytest.approx((one.duration_ms or 0) / 1000 - pauses, abs=0.1)


def test_the_village_is_heard_only_when_asked_for(room: Room) -> None:
    comparing = Comparing(room.ear({}), PydubAssembler(), VirtualClock(START))
    assert next(comparing.voices(ToneEngine(), ["Xin chào."], village=False)).village is None


def test_an_engine_that_cannot_speak_is_told_from_one_that_is_not_understood(room: Room) -> None:
    comparing = Comparing(room.ear({}), PydubAssembler(), VirtualClock(START))
    (found,) = comparing.voices(SilentLine(), ["Xin chào."], village=False)
    assert found.failure is not None
    assert (found.failure.code, found.voice.engine, found.clean) == ("speech.offline", "xa", None)
