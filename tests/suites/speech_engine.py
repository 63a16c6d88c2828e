"""What every speech engine does, whatever it is made of.

A test module subclasses the suite and gives the fixture `engine`. An engine that speaks another language than
Vietnamese gives the class what it is asked to say as well; nothing else may be changed.
"""

import re
import struct

import pytest

from broadcaster.domain.take import Sound, SpeechRequest
from broadcaster.errors import RetryableSpeechError, SpeechError
from broadcaster.ports import SpeechEngine

SENTENCE = "Kính mời bà con trong thôn đến nhà văn hóa vào sáng thứ bảy."
PUNCTUATED = "Kính thưa bà con! Ủy ban nhân dân xã thông báo: lịch tiêm phòng; thời gian, địa điểm… như sau?"
LONG = (
    "Ủy ban nhân dân xã Minh Tiến đề nghị các hộ gia đình dọn dẹp vệ sinh đường làng ngõ xóm, khơi thông cống rãnh, "
    "phát quang bụi rậm, thu gom rác thải sinh hoạt đúng nơi quy định và không vứt xác động vật xuống kênh mương "
    "thủy lợi trong suốt đợt cao điểm phòng chống dịch sốt xuất huyết từ nay cho đến hết tháng mười hai năm nay."
)


def samples_of(sound: Sound) -> tuple[int, ...]:
    return struct.unpack(f"<{sound.frames}h", sound.samples)


def loudest(sound: Sound) -> int:
    return max(map(abs, samples_of(sound)))


class SpeechEngineSuite:
    """Behaviour of the port `SpeechEngine`."""

    greeting = "Xin chào bà con"
    sentence = SENTENCE
    long = LONG
    """More than three times as long as the sentence."""
    punctuated = PUNCTUATED
    different = ("một", "hai ba bốn")

    @pytest.fixture
    def engine(self) -> SpeechEngine:
        raise NotImplementedError

    def test_it_is_a_speech_engine(self, engine: SpeechEngine) -> None:
        assert isinstance(engine, SpeechEngine)
        assert engine.name
        assert engine.version() == engine.version() != ""

    def test_voices_are_its_own_and_distinct(self, engine: SpeechEngine) -> None:
        voices = engine.voices()
        assert voices
        assert {voice.engine for voice in voices} == {engine.name}
        assert len({voice.name for voice in voices}) == len(voices)
        assert all(voice.region in {"bac", "trung", "nam", ""} for voice in voices)
        assert all(voice.sex in {"nu", "nam", ""} for voice in voices)

    def test_every_voice_speaks(self, engine: SpeechEngine) -> None:
        for voice in engine.voices():
            sound = engine.speak(SpeechRequest(self.greeting, voice=voice.name))
            assert loudest(sound) > 1000

    def test_no_name_means_the_first_voice(self, engine: SpeechEngine) -> None:
        unnamed = engine.speak(SpeechRequest(self.sentence))
        named = engine.speak(SpeechRequest(self.sentence, voice=engine.voices()[0].name))
        assert named.duration_ms == pytest.approx(unnamed.duration_ms, rel=0.02)
        if engine.deterministic:
            assert named == unnamed

    def test_a_sentence_has_the_length_of_speech(self, engine: SpeechEngine) -> None:
        sound = engine.speak(SpeechRequest(self.sentence))
        syllables = len(re.findall(r"\w+", self.sentence))
        assert 16_000 <= sound.rate <= 48_000
        assert 2.0 < syllables * 1000 / sound.duration_ms < 8.0
        assert 1000 < loudest(sound) <= 32768

    def test_longer_text_gives_longer_sound(self, engine: SpeechEngine) -> None:
        short, long = (engine.speak(SpeechRequest(text)).duration_ms for text in (self.sentence, self.long))
        assert long > 3 * short

    def test_a_long_sentence_is_spoken_to_its_end(self, engine: SpeechEngine) -> None:
        sound = engine.speak(SpeechRequest(self.long))
        tail = Sound(sound.rate, sound.samples[-2 * sound.rate :])
        assert loudest(tail) > 1000

    @pytest.mark.parametrize("speed", [0.7, 1.3])
    def test_speed_scales_time(self, engine: SpeechEngine, speed: float) -> None:
        usual = engine.speak(SpeechRequest(self.sentence)).duration_ms
        other = engine.speak(SpeechRequest(self.sentence, speed=speed)).duration_ms
        assert other == pytest.approx(usual / speed, rel=0.15)

    @pytest.mark.parametrize("speed", [0.0, 0.69, 1.31, 5.0, -1.0, float("nan")])
    def test_speeds_out_of_bounds_are_refused(self, engine: SpeechEngine, speed: float) -> None:
        with pytest.raises(SpeechError) as caught:
            engine.speak(SpeechRequest(self.sentence, speed=speed))
        assert caught.value.code == "speech.speed"
        assert not caught.value.retryable

    @pytest.mark.parametrize("text", ["", "   ", "\n", "...", " , – ! "])
    def test_nothing_to_say_is_refused(self, engine: SpeechEngine, text: str) -> None:
        with pytest.raises(SpeechError) as caught:
            engine.speak(SpeechRequest(text))
        assert caught.value.code == "speech.empty"

    def test_an_unknown_voice_is_refused_with_those_on_offer(self, engine: SpeechEngine) -> None:
        with pytest.raises(SpeechError) as caught:
            engine.speak(SpeechRequest(self.sentence, voice="cô Tấm"))
        assert caught.value.code == "speech.voice_unknown"
        assert caught.value.facts["allowed"] == [voice.name for voice in engine.voices()]
        assert not isinstance(caught.value, RetryableSpeechError)

    def test_the_same_request_gives_the_same_bytes_where_that_is_claimed(self, engine: SpeechEngine) -> None:
        if not engine.deterministic:
            pytest.skip(f"{engine.name} does not claim it")
        first = engine.speak(SpeechRequest(self.sentence))
        engine.speak(SpeechRequest(self.greeting, speed=1.2))
        assert engine.speak(SpeechRequest(self.sentence)) == first

    def test_punctuated_vietnamese(self, engine: SpeechEngine) -> None:
        assert loudest(engine.speak(SpeechRequest(self.punctuated))) > 1000

    def test_different_words_sound_different(self, engine: SpeechEngine) -> None:
        one, other = (engine.speak(SpeechRequest(text)) for text in self.different)
        assert one.samples != other.samples

    def test_an_error_leaves_the_engine_usable(self, engine: SpeechEngine) -> None:
        with pytest.raises(SpeechError):
            engine.speak(SpeechRequest(""))
        assert engine.speak(SpeechRequest(self.sentence)).frames

    def test_closing_twice_is_safe(self, engine: SpeechEngine) -> None:
        engine.speak(SpeechRequest(self.greeting))
        engine.close()
        engine.close()
