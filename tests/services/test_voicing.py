"""Voicing with the tone engine and real sound: made once, made again when it must be, marked as synthetic."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
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
from broadcaster.domain.bulletin import Kind
from broadcaster.domain.chime import SIGNATURE, tune
from broadcaster.domain.finish import UNTOUCHED, Finish, VoiceChain
from broadcaster.domain.master import CHIME_PAUSE, MASTER_RATE, SYNTHETIC_MARK, Bed, Loudness, Master, Recipe
from broadcaster.domain.outline import Part
from broadcaster.domain.reading import Lexicon
from broadcaster.domain.rundown import ItemKind
from broadcaster.domain.station import SpokenParts
from broadcaster.domain.take import Sound, SpeechRequest, Take, Voice
from broadcaster.domain.taxonomy import shipped_taxonomy
from broadcaster.errors import RetryableSpeechError, SpeechError
from broadcaster.ports import SpeechEngine
from broadcaster.services.speaking import voices_for
from broadcaster.services.voicing import Voicing
from broadcaster.services.writing import Writing
from broadcaster.units import digest, plain
from tests.domain.values import START, a_bulletin, a_station

BODY = "Kính mời bà con họp thôn. Thời gian từ bảy giờ tối."
PARTS = SpokenParts("Đây là Đài xã.", "Xin kính chào.", "Giọng đọc tổng hợp.")


class CountingEngine(ToneEngine):
    """The tone engine, which writes down what it was asked to say."""

    def __init__(self) -> None:
        self.said: list[SpeechRequest] = []

    def speak(self, request: SpeechRequest) -> Sound:
        self.said.append(request)
        return super().speak(request)


class MoodyEngine(CountingEngine):
    """Fails at its n-th sentence, as an online engine does that is throttled in the middle of a text."""

    name = "moody"

    def __init__(self, good: int) -> None:
        super().__init__()
        self._good = good

    def speak(self, request: SpeechRequest) -> Sound:
        if len(self.said) >= self._good:
            raise RetryableSpeechError("speech.throttled", engine=self.name)
        return super().speak(request)


@dataclass
class Studio:
    root: Path
    store: MemoryStore
    engine: CountingEngine

    def voicing(self, *engines: SpeechEngine, bed: Bed | None = None, finish: Finish = UNTOUCHED) -> Voicing:
        station = a_station(parts=PARTS, finish=finish)
        writing = Writing(self.store, VirtualClock(START), station, shipped_taxonomy(), Lexicon.shipped())
        used = {engine.name: engine for engine in engines or (self.engine,)}
        library = FolderLibrary(self.root, SoundfileCodec())
        return Voicing(
            self.store,
            library,
            used,
            Bs1770Meter(),
            PydubAssembler(),
            writing,
            station,
            shipped_taxonomy(),
            Loudness(),
            PooledSpeakers(lambda _: ToneEngine, 1, lambda: 1000),
            BlockEffects(),
            lambda: bed,
        )

    def file(self, master: Master) -> Path:
        path = FolderLibrary(self.root, SoundfileCodec()).path(master.file)
        assert path is not None
        return path


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tmp_path, MemoryStore(), CountingEngine())


def test_a_master_is_at_its_loudness_and_says_what_it_is(studio: Studio) -> None:
    bulletin = a_bulletin(body=BODY)
    master = studio.voicing().master(bulletin)
    assert master.loudness == pytest.approx(-16.0, abs=0.5)
    assert master.true_peak <= -1.5 + 0.05
    assert (master.bulletin, master.text_hash, master.engine) == ("tin_1", bulletin.text_hash, "tone")
    sound = SoundfileCodec().read(studio.file(master), MASTER_RATE)
    assert sound.duration_ms == master.duration_ms
    assert SYNTHETIC_MARK in master.tags["comment"]
    assert bulletin.text_hash in master.tags["comment"]
    assert 0 < master.content_ms < master.duration_ms - CHIME_PAUSE
    assert studio.store.master(master.hash) == master
    # Title, two sentences, the notice of synthetic speech.
    assert len(studio.engine.said) == 4


def test_speech_begins_where_the_outline_has_its_marks(studio: Studio) -> None:
    master = studio.voicing().master(a_bulletin(body=BODY, read_twice=True))
    outline = FolderLibrary(studio.root, SoundfileCodec()).outline(master.file)
    assert outline is not None
    assert outline.length == master.duration_ms
    sentences = [Part.SENTENCE, Part.SENTENCE, Part.AGAIN, Part.AGAIN]
    assert [mark.part for mark in outline.marks] == [Part.TITLE, *sentences, Part.NOTICE]
    sound = SoundfileCodec().read(studio.file(master), MASTER_RATE)

    def loudest(first: int, last: int) -> int:
        part = memoryview(sound.samples[2 * first * MASTER_RATE // 1000 : 2 * last * MASTER_RATE // 1000]).cast("h")
        return max(map(abs, part))

    for mark in outline.marks:
        assert loudest(mark.at - 100, mark.at - 5) < 60, mark
        assert loudest(mark.at, mark.at + 120) > 1000, mark
    assert max(outline.peaks) > 30


def test_the_mark_of_synthetic_speech_is_in_the_file_itself(studio: Studio) -> None:
    mutagen = pytest.importorskip("mutagen")
    master = studio.voicing().master(a_bulletin(body=BODY))
    tags = mutagen.File(studio.file(master))
    assert any(SYNTHETIC_MARK in str(value) for value in tags.values())


def test_the_same_again_is_the_master_that_is_there(studio: Studio) -> None:
    first = studio.voicing().master(a_bulletin(body=BODY))
    said = len(studio.engine.said)
    assert studio.voicing().master(a_bulletin(body=BODY)) == first
    assert len(studio.engine.said) == said


def test_two_stations_make_the_same_bytes(studio: Studio, tmp_path: Path) -> None:
    first = studio.voicing().master(a_bulletin(body=BODY))
    other = Studio(tmp_path / "khac", MemoryStore(), CountingEngine())
    second = other.voicing().master(a_bulletin(body=BODY))
    assert second == first
    assert other.file(second).read_bytes() == studio.file(first).read_bytes()


def test_an_edited_sentence_is_one_sentence_spoken(studio: Studio) -> None:
    first = studio.voicing().master(a_bulletin(body=BODY))
    studio.engine.said.clear()
    second = studio.voicing().master(a_bulletin(body=BODY.replace("bảy", "tám")))
    assert len(studio.engine.said) == 1
    assert second.hash != first.hash


def test_a_bulletins_own_words_are_spoken_in_its_title_and_its_text(studio: Studio) -> None:
    voicing = studio.voicing()
    voicing.master(a_bulletin(title="Họp TĐQ", body="Mời TĐQ dự họp.", lexicon={"TĐQ": "tổ đội"}))
    assert ["tổ đội" in said.spoken for said in studio.engine.said] == [True, True, False]
    estimate = voicing.writing.estimate(a_bulletin(title="Họp TĐQ", body="Mời TĐQ dự họp.", read_twice=True))
    assert estimate > voicing.writing.estimate(a_bulletin(title="Họp TĐQ", body="Mời TĐQ dự họp."))


def test_a_notice_is_longer_for_its_second_reading(studio: Studio) -> None:
    once = studio.voicing().master(a_bulletin(body=BODY))
    twice = studio.voicing().master(a_bulletin(body=BODY, read_twice=True))
    assert twice.duration_ms - once.duration_ms == pytest.approx(once.content_ms, abs=2500)
    assert twice.content_ms == pytest.approx(once.content_ms, abs=1000)


def test_question_and_answer_are_told_apart(studio: Studio) -> None:
    text = "Hỏi: Phí bao nhiêu?\n\nĐáp: Không mất phí."
    studio.voicing().master(a_bulletin(body=text, kind=Kind.HOI_DAP, voices={"hoi": "nam", "dap": "nu"}))
    voices = {request.voice for request in studio.engine.said}
    assert voices == {"tone-nu", "tone-nam"}


def test_a_master_lost_from_the_disk_is_made_again(studio: Studio) -> None:
    first = studio.voicing().master(a_bulletin(body=BODY))
    content = studio.file(first).read_bytes()
    studio.file(first).unlink()
    studio.engine.said.clear()
    again = studio.voicing().master(a_bulletin(body=BODY))
    assert again == first
    assert studio.file(again).read_bytes() == content
    assert not studio.engine.said, "its takes were still there"


@pytest.mark.parametrize("keep", [0.0, 0.5, 0.99])
def test_a_take_cut_short_on_the_disk_is_not_used(studio: Studio, keep: float) -> None:
    first = studio.voicing().master(a_bulletin(body=BODY))
    content = studio.file(first).read_bytes()
    studio.file(first).unlink()
    for take in (studio.root / "ban_thu").rglob("*.wav"):
        data = take.read_bytes()
        take.write_bytes(data[: int(len(data) * keep)])
    again = studio.voicing().master(a_bulletin(body=BODY))
    assert again == first
    assert studio.file(again).read_bytes() == content


@pytest.mark.parametrize("keep", [0.0, 0.5, 0.99])
def test_a_master_cut_short_on_the_disk_is_made_again(studio: Studio, keep: float) -> None:
    first = studio.voicing().master(a_bulletin(body=BODY))
    path = studio.file(first)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * keep)])
    again = studio.voicing().master(a_bulletin(body=BODY))
    assert studio.file(again).read_bytes() == content


def test_the_next_engine_speaks_all_of_a_text_when_one_fails_in_the_middle(studio: Studio) -> None:
    moody = MoodyEngine(2)
    master = studio.voicing(moody, studio.engine).master(a_bulletin(body=BODY))
    assert master.engine == "tone"
    assert len(studio.engine.said) == 4
    assert len(moody.said) == 2


def test_who_gave_up_is_noted_with_the_reason(studio: Studio) -> None:
    voicing = studio.voicing(MoodyEngine(2), studio.engine)
    voicing.master(a_bulletin(body=BODY))
    [noted] = voicing.fallbacks
    assert (noted.text, noted.engine, noted.instead) == ("tin_1", "moody", "tone")
    assert noted.error.code == "speech.throttled"


def test_an_engine_that_is_back_does_not_replace_what_another_spoke(studio: Studio) -> None:
    bulletin = a_bulletin(body=BODY)
    first = studio.voicing(MoodyEngine(2), studio.engine).master(bulletin)
    well = MoodyEngine(99)
    assert studio.voicing(well, studio.engine).master(bulletin) == first
    assert not well.said
    assert studio.voicing(well).master(bulletin).engine == "moody", "unless that engine is asked for"


def test_an_engine_in_the_middle_leaves_no_half_done_bulletin(studio: Studio) -> None:
    with pytest.raises(SpeechError):
        studio.voicing(MoodyEngine(2)).master(a_bulletin(body=BODY))
    assert not list(studio.root.rglob("*.flac"))
    assert studio.store.master_of(a_bulletin(body=BODY).text_hash) is None


class OneVoiceEngine(CountingEngine):
    """As gtts is: one voice."""

    def voices(self) -> Sequence[Voice]:
        return super().voices()[:1]


class NoVoiceEngine(CountingEngine):
    """As piper is without a voice file."""

    name = "empty"

    def voices(self) -> Sequence[Voice]:
        return []


QUESTION = "Hỏi: Phí bao nhiêu?\n\nĐáp: Không mất phí."


def test_an_engine_without_a_voice_is_passed_over(studio: Studio) -> None:
    voicing = studio.voicing(NoVoiceEngine(), studio.engine)
    assert voicing.master(a_bulletin(body=BODY)).engine == "tone"
    assert voicing.fallbacks[0].error.code == "speech.no_voice"


@pytest.mark.parametrize("asked", [{}, {"hoi": "nam"}, {"hoi": "nam", "dap": "nam"}, {"dap": "nu"}])
def test_question_and_answer_never_share_a_voice_where_there_are_two(studio: Studio, asked: dict[str, str]) -> None:
    studio.voicing().master(a_bulletin(body=QUESTION, kind=Kind.HOI_DAP, voices=asked))
    by_text = {request.spoken.partition(",")[0]: request.voice for request in studio.engine.said}
    assert by_text["Hỏi"] != by_text["Đáp"]
    if "dap" in asked:
        assert by_text["Đáp"] == f"tone-{asked['dap']}"


def test_one_voice_speaks_question_and_answer_and_says_which_is_which(studio: Studio) -> None:
    engine = OneVoiceEngine()
    bulletin = a_bulletin(body=QUESTION, kind=Kind.HOI_DAP, voices={"hoi": "nam", "dap": "nu"})
    studio.voicing(engine).master(bulletin)
    assert {request.voice for request in engine.said} == {"tone-nu"}
    assert {"Hỏi", "Đáp"} <= {request.spoken.partition(",")[0] for request in engine.said}


def test_another_voice_of_the_sex_that_was_asked_for_is_taken_first() -> None:
    class Four(ToneEngine):
        def voices(self) -> Sequence[Voice]:
            return [Voice("tone", name, sex=name[:2]) for name in ("nu_a", "na_b", "na_c", "nu_d")]

    chosen = voices_for(Four(), a_bulletin(kind=Kind.HOI_DAP, voices={"hoi": "na", "dap": "na"}))
    assert chosen == {"main": "nu_a", "hoi": "na_c", "dap": "na_b"}


def test_the_version_of_a_voice_is_part_of_its_takes_and_of_no_others(studio: Studio) -> None:
    class Files(CountingEngine):
        first, second = "aa", "bb"

        def voices(self) -> Sequence[Voice]:
            nu, nam = super().voices()
            return [replace(nu, version=self.first), replace(nam, version=self.second)]

    engine = Files()
    once = studio.voicing(engine).master(a_bulletin(body=BODY))
    said = len(engine.said)
    engine.second = "cc"
    assert studio.voicing(engine).master(a_bulletin(body=BODY)) == once
    assert len(engine.said) == said
    engine.first = "dd"
    assert studio.voicing(engine).master(a_bulletin(body=BODY)) != once
    assert len(engine.said) == 2 * said


def test_when_no_engine_can_the_last_one_says_why(studio: Studio) -> None:
    with pytest.raises(SpeechError) as caught:
        studio.voicing(MoodyEngine(1)).master(a_bulletin(body=BODY))
    assert caught.value.code == "speech.throttled"
    assert list(studio.root.rglob("*.flac")) == []
    with pytest.raises(SpeechError) as caught:
        replace(studio.voicing(), engines={}).master(a_bulletin(body=BODY))
    assert caught.value.code == "speech.no_engine"


def test_a_try_after_a_failure_goes_on_where_it_stopped(studio: Studio) -> None:
    with pytest.raises(SpeechError):
        studio.voicing(MoodyEngine(3)).master(a_bulletin(body=BODY))
    patient = MoodyEngine(9)
    studio.voicing(patient).master(a_bulletin(body=BODY))
    assert len(patient.said) == 1


def test_every_take_is_in_the_books(studio: Studio) -> None:
    studio.voicing().master(a_bulletin(body=BODY))
    takes: dict[str, Take] = dict(studio.store._takes)
    assert len(takes) == 4
    assert {path.stem for path in (studio.root / "ban_thu").rglob("*.wav")} == set(takes)


def test_the_station_s_own_sounds(studio: Studio) -> None:
    own = studio.voicing().station_sounds()
    assert [sound.kind for sound in own] == [ItemKind.SIGNATURE, ItemKind.OPENING, ItemKind.CLOSING]
    said = len(studio.engine.said)
    assert studio.voicing().station_sounds() == own
    assert len(studio.engine.said) == said
    assert all(studio.store.master(sound.master) is not None for sound in own)


def test_a_station_without_words_has_its_signature(studio: Studio) -> None:
    mute = replace(studio.voicing(), station=a_station())
    assert [sound.kind for sound in mute.station_sounds()] == [ItemKind.SIGNATURE]


def test_progress_is_told_sentence_by_sentence(studio: Studio) -> None:
    told: list[tuple[int, int, str]] = []
    studio.voicing().master(a_bulletin(body=BODY), lambda done, total, label: told.append((done, total, label)))
    # Title, two sentences, the notice; then the master.
    assert told == [(n, 5, "tin_1") for n in (1, 2, 3, 4, 4, 5)]


def test_sentences_of_all_bulletins_are_spoken_before_the_first_master(studio: Studio) -> None:
    told: list[tuple[int, int, str]] = []
    bulletins = [a_bulletin("tin_1", body=BODY), a_bulletin("tin_2", body="Xin cảm ơn bà con.")]
    masters = list(studio.voicing().masters(bulletins, lambda *step: told.append(step)))
    assert [master.bulletin for master in masters] == ["tin_1", "tin_2"]
    # The notice is said once for both.
    assert len(studio.engine.said) == 6
    assert told[-1] == (8, 8, "tin_2")
    alone = Studio(studio.root / "khac", MemoryStore(), CountingEngine())
    assert [alone.voicing().master(bulletin) for bulletin in bulletins] == masters


def test_who_is_stopped_goes_on_where_it_was(studio: Studio) -> None:
    def stop(done: int, total: int, label: str) -> None:
        del total, label
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        studio.voicing().master(a_bulletin(body=BODY), stop)
    studio.engine.said.clear()
    studio.voicing().master(a_bulletin(body=BODY))
    assert len(studio.engine.said) == 1


def test_one_bulletin_that_an_engine_cannot_speak_falls_back_alone(studio: Studio) -> None:
    moody = MoodyEngine(5)
    bulletins = [a_bulletin("tin_1", body=BODY), a_bulletin("tin_2", body="Xin cảm ơn bà con.")]
    masters = list(studio.voicing(moody, studio.engine).masters(bulletins))
    assert [master.engine for master in masters] == ["moody", "tone"]


class LostEngine(CountingEngine):
    """Its voices are gone by the time they are asked for."""

    name = "lost"

    def voices(self) -> Sequence[Voice]:
        raise SpeechError("speech.broken", engine=self.name, detail="voices")


def test_an_engine_that_has_lost_its_voices_is_passed_over(studio: Studio) -> None:
    assert studio.voicing(LostEngine(), studio.engine).master(a_bulletin(body=BODY)).engine == "tone"


@pytest.mark.parametrize("body", ["…", "- - -", "***"])
def test_a_text_of_signs_only_is_refused(studio: Studio, body: str) -> None:
    voicing = studio.voicing()
    assert not voicing.has_words(a_bulletin(body=body))
    with pytest.raises(SpeechError) as caught:
        voicing.master(a_bulletin(body=body))
    assert (caught.value.code, caught.value.facts["bulletin"]) == ("speech.no_words", "tin_1")


def test_a_text_of_one_word(studio: Studio) -> None:
    master = studio.voicing().master(a_bulletin(body="Họp"))
    assert master.loudness == pytest.approx(-16.0, abs=0.1)
    assert 0 < master.content_ms < 2000


def test_a_chain_and_a_bed_are_part_of_the_recipe(studio: Studio) -> None:
    music = tune(SIGNATURE, MASTER_RATE)
    bed = Bed(music, digest("bed"))
    ways = [
        studio.voicing(),
        studio.voicing(finish=Finish(VoiceChain.HORN)),
        studio.voicing(finish=Finish(VoiceChain.INDOOR)),
        studio.voicing(bed=bed),
        studio.voicing(bed=bed, finish=Finish(bed_below=24.0)),
    ]
    masters = [way.master(a_bulletin(body=BODY)) for way in ways]
    assert len({master.recipe_hash for master in masters}) == len({master.hash for master in masters}) == len(ways)
    assert len({master.duration_ms for master in masters}) == 1
    assert len(studio.engine.said) == 4, "takes are the same whatever is done to them"
    for master in masters:
        assert master.loudness == pytest.approx(-16.0, abs=0.1)
        assert master.true_peak <= -1.5


def test_the_recipe_of_a_plain_master_is_what_it_was_before_there_were_chains() -> None:
    recipe = Recipe("a", digest("t"), digest("r"), "tone", "1", 1.0, (), (), (), read_twice=False)
    before = {key: value for key, value in plain(recipe).items() if key not in {"dressing", "voice_versions"}}
    assert recipe.hash == digest("recipe", before)


def test_a_file_tells_machines_what_it_is(studio: Studio) -> None:
    master = studio.voicing().master(a_bulletin(body=BODY))
    comment = master.tags["comment"]
    for part in ("engine=tone", "voice=tone-nu", f"text={master.text_hash}", f"reading={master.reading_hash}"):
        assert part in comment
    assert comment.endswith(f"master={master.hash}")
