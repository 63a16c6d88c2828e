"""A person's recording as a bulletin's sound: what it is bound to, what voids it, and that no machine replaces it."""

from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
import soundfile

from broadcaster.adapters.audio.assembly import PydubAssembler
from broadcaster.adapters.audio.codec import SoundfileCodec
from broadcaster.adapters.audio.effects import BlockEffects
from broadcaster.adapters.audio.importing import FileImporter
from broadcaster.adapters.audio.loudness import Bs1770Meter
from broadcaster.adapters.clock import VirtualClock
from broadcaster.adapters.library import FolderLibrary
from broadcaster.adapters.store.sql import open_store
from broadcaster.adapters.tts.pool import PooledSpeakers
from broadcaster.adapters.tts.tone import ToneEngine
from broadcaster.domain.approval import Action, Status
from broadcaster.domain.bulletin import Bulletin
from broadcaster.domain.chime import CHIME, tune
from broadcaster.domain.finish import UNTOUCHED, Finish, VoiceChain
from broadcaster.domain.master import CHIME_PAUSE, HUMAN_MARK, MASTER_RATE, TAIL, Loudness, Master
from broadcaster.domain.reading import Lexicon, LexiconEntry
from broadcaster.domain.station import SpokenParts
from broadcaster.domain.take import recording_key
from broadcaster.domain.taxonomy import shipped_taxonomy
from broadcaster.errors import BulletinError, MasterError
from broadcaster.ports import Store
from broadcaster.services.approving import Approving
from broadcaster.services.recording import EDGE, LONGEST, Recordings
from broadcaster.services.voicing import Voicing
from broadcaster.services.writing import Writing
from tests.domain.values import START, a_bulletin, a_station

BODY = "Kính mời bà con họp thôn. Thời gian từ bảy giờ tối, tại nhà văn hóa."
PARTS = SpokenParts("Đây là Đài xã.", "Xin kính chào.", "Giọng đọc tổng hợp.")


def speak(path: Path, seconds: float = 5.0, around: float = 1.0, pitch: float = 180.0) -> Path:
    """A person before a microphone: syllables, and a second of the room before and after."""
    rate = 44_100
    time = np.arange(int(seconds * rate)) / rate
    voice = sum(np.sin(2 * np.pi * pitch * k * time) / k for k in range(1, 12))
    room = 0.0005 * np.random.default_rng(4).standard_normal(int((seconds + 2 * around) * rate))
    start = int(around * rate)
    room[start : start + len(time)] += 0.05 * voice * np.clip(np.sin(2 * np.pi * 3 * time + 0.5), 0.05, 1)
    soundfile.write(path, room, rate)
    return path


@dataclass
class Studio:
    """A station on the disk; each call is as good as a restart."""

    root: Path
    store: Store
    clock: VirtualClock
    lexicon: Lexicon
    finish: Finish = UNTOUCHED

    @property
    def library(self) -> FolderLibrary:
        return FolderLibrary(self.root / "audio_out", SoundfileCodec())

    @property
    def writing(self) -> Writing:
        return Writing(self.store, self.clock, a_station(parts=PARTS), shipped_taxonomy(), self.lexicon)

    @property
    def approving(self) -> Approving:
        return Approving(self.store, self.clock, a_station())

    @property
    def recordings(self) -> Recordings:
        assembler, station = PydubAssembler(), a_station(parts=PARTS, finish=self.finish)
        voicing = Voicing(
            self.store,
            self.library,
            {"tone": ToneEngine()},
            Bs1770Meter(),
            assembler,
            self.writing,
            station,
            shipped_taxonomy(),
            Loudness(),
            PooledSpeakers(lambda _: ToneEngine, 1, lambda: 1000),
            BlockEffects(),
            lambda: None,
        )
        return Recordings(self.store, self.library, FileImporter(), assembler, self.writing, voicing)

    def file(self, master: Master) -> Path:
        path = self.library.path(master.file)
        assert path is not None
        return path

    def import_(self, bulletin: Bulletin) -> Bulletin:
        self.clock.step(timedelta(seconds=1))
        self.writing.keep(bulletin)
        return bulletin

    def approve(self, bulletin: Bulletin) -> Status:
        for action, actor in ((Action.SUBMIT, "hoa"), (Action.APPROVE, "minh")):
            self.clock.step(timedelta(seconds=1))
            self.approving.act(bulletin, action, actor)
        return self.approving.status(bulletin)


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tmp_path, open_store(tmp_path / "b.db"), VirtualClock(START), Lexicon.shipped())


@pytest.fixture
def bulletin(studio: Studio) -> Bulletin:
    return studio.import_(a_bulletin(body=BODY))


@pytest.fixture
def voice(tmp_path: Path) -> Path:
    return speak(tmp_path / "thu.wav")


def test_a_recording_is_a_master_like_the_rest_and_nothing_in_it_is_synthetic(
    studio: Studio, bulletin: Bulletin, voice: Path
) -> None:
    recorded = studio.recordings.take_in(bulletin, voice, "Nguyễn Thị Hoa")
    master = recorded.master
    assert recorded.findings == ()
    assert master.loudness == pytest.approx(-16.0, abs=0.2)
    assert master.true_peak <= -1.5 + 0.05
    assert (master.engine, master.voices, master.synthetic) == ("recording", ("Nguyễn Thị Hoa",), False)
    assert HUMAN_MARK in master.tags["comment"]
    assert "synthetic-speech=1" not in studio.file(master).read_bytes().decode("latin-1")
    assert master.content_ms == pytest.approx(5000 + 2 * EDGE, abs=80), "the silence around it is gone"
    around = tune(CHIME, MASTER_RATE).duration_ms + CHIME_PAUSE + TAIL
    assert master.duration_ms == pytest.approx(around + master.content_ms, abs=5), "chime, recording, and no notice"
    assert studio.store.master(master.hash) == master


def test_it_is_approved_as_what_was_heard_and_voided_by_an_edit(
    studio: Studio, bulletin: Bulletin, voice: Path
) -> None:
    master = studio.recordings.take_in(bulletin, voice, "Hoa").master
    assert studio.approve(bulletin) is Status.APPROVED
    assert studio.approving.may_air(bulletin.code, master.hash)
    edited = studio.import_(replace(bulletin, body=BODY.replace("bảy", "tám")))
    assert studio.approving.status(edited) is Status.VOID
    assert not studio.approving.may_air(bulletin.code, master.hash)


def test_it_voids_the_approval_of_the_speech_that_it_replaces(studio: Studio, bulletin: Bulletin, voice: Path) -> None:
    spoken = studio.recordings.master(bulletin)
    assert spoken.synthetic
    assert studio.approve(bulletin) is Status.APPROVED
    studio.recordings.take_in(bulletin, voice, "Hoa")
    assert studio.approving.status(bulletin) is Status.VOID


def test_no_machine_replaces_it_unasked(studio: Studio, bulletin: Bulletin, voice: Path) -> None:
    master = studio.recordings.take_in(bulletin, voice, "Hoa").master
    assert studio.recordings.master(bulletin) == master
    with pytest.raises(BulletinError) as caught:
        studio.recordings.voicing.master(bulletin)
    assert caught.value.code == "recording.kept"


def test_after_an_edit_a_person_decides(studio: Studio, bulletin: Bulletin, voice: Path) -> None:
    first = studio.recordings.take_in(bulletin, voice, "Hoa").master
    edited = studio.import_(replace(bulletin, body=BODY.replace("bảy", "tám")))
    with pytest.raises(BulletinError) as caught:
        studio.recordings.master(edited)
    assert caught.value.code == "recording.stale"
    assert studio.approving.master_of(edited) is None
    again = studio.recordings.take_in(edited, voice, "Hoa").master
    assert again.text_hash == edited.text_hash
    assert studio.recordings.master(edited) == again
    back = studio.import_(bulletin)
    assert studio.recordings.master(back) == first


def test_another_reading_is_another_transcript(studio: Studio, bulletin: Bulletin, voice: Path) -> None:
    studio.recordings.take_in(bulletin, voice, "Hoa")
    studio.lexicon = Lexicon.shipped().with_entries("commune", [LexiconEntry("họp thôn", "họp xóm")])
    with pytest.raises(BulletinError) as caught:
        studio.recordings.master(bulletin)
    assert caught.value.code == "recording.stale"


def test_the_way_back_to_a_machine_and_again_to_the_person(studio: Studio, bulletin: Bulletin, voice: Path) -> None:
    recorded = studio.recordings.take_in(bulletin, voice, "Hoa").master
    spoken = studio.recordings.remove(bulletin)
    assert (spoken.engine, spoken.synthetic) == ("tone", True)
    assert studio.recordings.master(bulletin) == spoken
    with pytest.raises(BulletinError) as caught:
        studio.recordings.remove(bulletin)
    assert caught.value.code == "recording.none"
    assert studio.recordings.take_in(bulletin, voice, "Hoa").master == recorded


def test_a_recording_stays_until_a_machine_has_spoken(studio: Studio, bulletin: Bulletin, voice: Path) -> None:
    recorded = studio.recordings.take_in(bulletin, voice, "Hoa").master
    mute = replace(studio.recordings, voicing=replace(studio.recordings.voicing, engines={}))
    with pytest.raises(Exception, match=r"speech\.no_engine"):
        mute.remove(bulletin)
    assert studio.recordings.master(bulletin) == recorded


def test_a_lost_master_is_made_again_from_what_was_kept(studio: Studio, bulletin: Bulletin, voice: Path) -> None:
    master = studio.recordings.take_in(bulletin, voice, "Hoa").master
    content = studio.file(master).read_bytes()
    voice.unlink()
    studio.file(master).unlink()
    assert studio.recordings.master(bulletin) == master
    assert studio.file(master).read_bytes() == content


@pytest.mark.parametrize("keep", [None, 0.5])
def test_without_master_and_recording_it_says_so(
    studio: Studio, bulletin: Bulletin, voice: Path, keep: float | None
) -> None:
    master = studio.recordings.take_in(bulletin, voice, "Hoa").master
    studio.file(master).unlink()
    [kept] = (studio.root / "audio_out" / "ban_thu").rglob("*.wav")
    take = studio.store.take(recording_key(bulletin.text_hash, master.reading_hash))
    assert take is not None
    assert kept.stem == take.sound_hash
    kept.unlink() if keep is None else kept.write_bytes(kept.read_bytes()[: int(kept.stat().st_size * keep)])
    with pytest.raises(MasterError) as caught:
        studio.recordings.master(bulletin)
    assert caught.value.code == "recording.lost"


def test_the_same_file_again_changes_nothing_and_another_one_voids(
    studio: Studio, bulletin: Bulletin, voice: Path, tmp_path: Path
) -> None:
    first = studio.recordings.take_in(bulletin, voice, "Hoa").master
    studio.approve(bulletin)
    assert studio.recordings.take_in(bulletin, voice, "Hoa").master == first
    assert studio.approving.status(bulletin) is Status.APPROVED
    second = studio.recordings.take_in(bulletin, speak(tmp_path / "lại.wav", pitch=150), "Hoa").master
    assert second.hash != first.hash
    assert studio.approving.status(bulletin) is Status.VOID
    assert studio.file(first).is_file(), "what was approved once can still be heard"


def test_a_notice_is_heard_twice(studio: Studio, voice: Path) -> None:
    once = studio.recordings.take_in(studio.import_(a_bulletin("a", body=BODY)), voice, "Hoa").master
    twice = studio.recordings.take_in(studio.import_(a_bulletin("b", body=BODY, read_twice=True)), voice, "Hoa").master
    assert twice.content_ms == once.content_ms
    assert twice.duration_ms == pytest.approx(once.duration_ms + once.content_ms + 2000, abs=1100)


@pytest.mark.parametrize(("seconds", "code"), [(0.0, "audio.silent"), (0.2, "audio.short")])
def test_what_is_no_bulletin_is_refused_and_leaves_nothing(
    studio: Studio, bulletin: Bulletin, tmp_path: Path, seconds: float, code: str
) -> None:
    with pytest.raises(MasterError) as caught:
        studio.recordings.take_in(bulletin, speak(tmp_path / "a.wav", seconds), "Hoa")
    assert caught.value.code == code
    assert not (studio.root / "audio_out").exists()
    assert studio.approving.master_of(bulletin) is None


def test_a_full_disk_leaves_the_bulletin_as_it_was(studio: Studio, bulletin: Bulletin, voice: Path) -> None:
    spoken = studio.recordings.master(bulletin)
    takes = studio.root / "audio_out" / "ban_thu"
    # Nothing can be made below a file: as good as a disk that is full, on every system.
    for path in sorted(takes.rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    takes.rmdir()
    takes.write_bytes(b"")
    with pytest.raises(MasterError) as caught:
        studio.recordings.take_in(bulletin, voice, "Hoa")
    assert caught.value.code == "audio.disk"
    assert studio.approving.master_of(bulletin) == spoken


def test_a_pace_that_nobody_has_is_looked_at_by_a_person(studio: Studio, bulletin: Bulletin, tmp_path: Path) -> None:
    recorded = studio.recordings.take_in(bulletin, speak(tmp_path / "a.wav", 20), "Hoa")
    [finding] = recorded.findings
    assert finding.code == "recording.pace"
    assert recorded.master.duration_ms > 20_000


def test_all_masters_at_once_and_the_recordings_among_them(studio: Studio, voice: Path) -> None:
    bulletins = [studio.import_(a_bulletin(code, body=f"{BODY} {code}.")) for code in ("mot", "hai", "ba", "bon")]
    kept = studio.recordings.take_in(bulletins[1], voice, "Hoa").master
    studio.recordings.take_in(bulletins[2], voice, "Hoa")
    bulletins[2] = studio.import_(replace(bulletins[2], body="Lời khác."))
    told: list[tuple[int, int, str]] = []
    first, second, third, fourth = studio.recordings.masters(bulletins, lambda *step: told.append(step))
    assert isinstance(third, BulletinError)
    assert (third.code, third.facts["bulletin"]) == ("recording.stale", "ba")
    assert second == kept
    assert [one.bulletin for one in (first, fourth) if isinstance(one, Master) and one.synthetic] == ["mot", "bon"]
    assert told[-1][0] == told[-1][1]
    assert {label for _, _, label in told} == {"mot", "bon"}, "nothing of the others had to be spoken"
    assert list(studio.recordings.masters([])) == []


def test_a_recording_goes_through_the_voice_chain_of_the_station(
    studio: Studio, bulletin: Bulletin, voice: Path
) -> None:
    plain = studio.recordings.take_in(bulletin, voice, "Hoa").master
    studio.approve(bulletin)
    studio.finish = Finish(VoiceChain.HORN)
    horn = studio.recordings.master(bulletin)
    assert horn.hash != plain.hash
    assert horn.duration_ms == plain.duration_ms
    assert not horn.synthetic
    assert studio.approving.status(bulletin) is Status.VOID
    assert studio.recordings.master(bulletin) == horn
    studio.finish = UNTOUCHED
    assert studio.recordings.master(bulletin) == plain
    assert studio.approving.status(bulletin) is Status.APPROVED


def test_a_master_whose_recording_is_gone_stays_as_it_is(studio: Studio, bulletin: Bulletin, voice: Path) -> None:
    plain = studio.recordings.take_in(bulletin, voice, "Hoa").master
    [kept] = (studio.root / "audio_out" / "ban_thu").rglob("*.wav")
    kept.unlink()
    studio.finish = Finish(VoiceChain.HORN)
    assert studio.recordings.master(bulletin) == plain


def test_a_day_of_silence_in_a_small_file_is_refused_before_it_fills_the_disk(
    studio: Studio, bulletin: Bulletin, tmp_path: Path
) -> None:
    path = tmp_path / "ngay.flac"
    minute = np.zeros(60 * 1000, np.int16)
    with soundfile.SoundFile(path, "w", 1000, 1) as file:
        for _ in range(LONGEST // 60_000 + 1):
            file.write(minute)
    assert path.stat().st_size < 100_000
    with pytest.raises(MasterError) as caught:
        studio.recordings.take_in(bulletin, path, "Hoa")
    assert caught.value.code == "audio.long"
    assert studio.store.master_of(bulletin.text_hash) is None
