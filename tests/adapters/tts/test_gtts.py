import logging
from collections.abc import Iterator
from importlib import metadata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.adapters.tts import gtts as module
from broadcaster.adapters.tts.gtts import LONGEST_PART, GttsEngine, Patience, parts
from broadcaster.domain.take import SpeechRequest
from broadcaster.errors import RetryableSpeechError, SpeechError
from tests.adapters.tts.fake_google_tts import FakeGoogle, Mode, envelope, mp3
from tests.suites.speech_engine import LONG, SENTENCE, SpeechEngineSuite

QUICK = Patience(connect_seconds=2.0, read_seconds=5.0)


class Waits:
    """A clock that only moves when someone sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def google() -> Iterator[FakeGoogle]:
    with FakeGoogle() as server:
        yield server


@pytest.fixture
def waits() -> Waits:
    return Waits()


@pytest.fixture
def gtts(google: FakeGoogle, waits: Waits) -> Iterator[GttsEngine]:
    engine = GttsEngine(google.url, QUICK, waits.sleep, waits.monotonic)
    yield engine
    engine.close()


class TestGttsEngine(SpeechEngineSuite):
    @pytest.fixture
    def engine(self, gtts: GttsEngine) -> GttsEngine:
        return gtts


def fails(engine: GttsEngine, text: str = SENTENCE) -> RetryableSpeechError:
    with pytest.raises(RetryableSpeechError) as caught:
        engine.speak(SpeechRequest(text))
    assert caught.value.retryable
    return caught.value


def test_a_long_sentence_goes_in_parts_that_google_takes(gtts: GttsEngine, google: FakeGoogle) -> None:
    gtts.speak(SpeechRequest(LONG))
    assert google.refusals == []
    assert len(google.spoken) > 3
    assert " ".join(google.spoken) == LONG


def test_words_reach_google_as_they_were_written(gtts: GttsEngine, google: FakeGoogle) -> None:
    """gTTS would turn `Esq.` into `esquire` and drop the mark of `dr.`."""
    gtts.speak(SpeechRequest("Esq. dr. ông Đỗ Hữu Nghĩa"))
    assert google.spoken == ["Esq. dr. ông Đỗ Hữu Nghĩa"]


@pytest.mark.parametrize(
    ("mode", "code", "hits"),
    [
        (Mode.THROTTLED, "speech.throttled", 3),
        (Mode.SORRY, "speech.throttled", 3),
        (Mode.FAULT, "speech.offline", 3),
        (Mode.FORBIDDEN, "speech.protocol", 1),
        (Mode.GARBAGE, "speech.protocol", 1),
        (Mode.REFUSED, "speech.protocol", 1),
        (Mode.ERROR_ROW, "speech.protocol", 1),
        (Mode.OTHER_INNER, "speech.protocol", 1),
        (Mode.RESET, "speech.offline", 1),
        (Mode.NOT_MP3, "speech.protocol", 1),
        (Mode.EMPTY, "speech.protocol", 1),
        (Mode.CUT, "speech.offline", 1),
    ],
)
def test_each_failure_has_its_code(gtts: GttsEngine, google: FakeGoogle, mode: Mode, code: str, hits: int) -> None:
    google.mode = mode
    assert fails(gtts).code == code
    assert google.hits == hits


def test_a_server_that_hangs_is_given_up(google: FakeGoogle, waits: Waits) -> None:
    google.mode = Mode.HANG
    engine = GttsEngine(google.url, Patience(read_seconds=0.2), waits.sleep, waits.monotonic)
    assert fails(engine).code == "speech.offline"
    engine.close()


def test_no_network(waits: Waits) -> None:
    with FakeGoogle() as gone:
        url = gone.url
    engine = GttsEngine(url, QUICK, waits.sleep, waits.monotonic)
    assert fails(engine).code == "speech.offline"
    assert waits.slept == []
    engine.close()


def test_it_waits_longer_each_time_and_then_speaks(gtts: GttsEngine, google: FakeGoogle, waits: Waits) -> None:
    google.mode, google.failures_left = Mode.THROTTLED, 2
    assert gtts.speak(SpeechRequest(SENTENCE)).frames
    assert waits.slept == [1.0, 2.0]


@pytest.mark.parametrize(
    ("asked", "slept"), [("7", 7.0), ("9999", 30.0), ("0", 1.0), ("Fri, 01 Jan 2027 00:00:00 GMT", 1.0)]
)
def test_it_waits_as_long_as_it_is_asked_to(
    gtts: GttsEngine, google: FakeGoogle, waits: Waits, asked: str, slept: float
) -> None:
    google.mode, google.failures_left, google.retry_after = Mode.THROTTLED, 1, asked
    gtts.speak(SpeechRequest(SENTENCE))
    assert waits.slept == [slept]


def test_after_three_failed_sentences_it_rests_and_then_tries_one(
    gtts: GttsEngine, google: FakeGoogle, waits: Waits
) -> None:
    google.mode = Mode.GARBAGE
    for _ in range(3):
        fails(gtts)
    assert google.hits == 3
    assert fails(gtts).facts["rests_seconds"] == 120.0
    assert google.hits == 3
    waits.now += 121
    fails(gtts)
    assert google.hits == 4
    assert fails(gtts).code == "speech.protocol"
    assert google.hits == 4
    waits.now += 121
    google.mode = Mode.OK
    assert gtts.speak(SpeechRequest(SENTENCE)).frames
    google.mode = Mode.GARBAGE
    fails(gtts)
    fails(gtts)
    assert google.hits == 7


def test_a_bad_request_is_no_failure_of_google(gtts: GttsEngine, google: FakeGoogle) -> None:
    for _ in range(4):
        with pytest.raises(SpeechError) as caught:
            gtts.speak(SpeechRequest("a" * 101))
        assert caught.value.code == "speech.broken"
    assert gtts.speak(SpeechRequest(SENTENCE)).frames
    assert google.refusals == []


@pytest.mark.parametrize("on_one_line", [True, False])
def test_rows_on_one_line_or_on_several_hold_the_sound(on_one_line: bool) -> None:  # noqa: FBT001 - a parameter
    assert module._decoded(envelope(mp3("xin chào"), on_one_line=on_one_line)).frames


@pytest.mark.parametrize("answer", [b"", b"[", b'["wrb.fr","jQ1olc",', b'["wrb.fr","jQ1olc","[1]"]', b"\xff\xfe"])
def test_an_answer_of_another_shape_is_another_protocol(answer: bytes) -> None:
    with pytest.raises(RetryableSpeechError) as caught:
        module._decoded(answer)
    assert caught.value.code == "speech.protocol"


def test_without_the_package_it_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(_name: str) -> str:
        raise metadata.PackageNotFoundError

    monkeypatch.setattr(module.metadata, "version", gone)
    with pytest.raises(SpeechError) as caught:
        GttsEngine().voices()
    assert caught.value.code == "speech.broken"


def test_nothing_is_logged_that_was_spoken(gtts: GttsEngine, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        gtts.speak(SpeechRequest(SENTENCE))
    assert caplog.text == ""


class TestParts:
    def test_short_text_stays_whole(self) -> None:
        assert parts("Kính mời bà con, các cụ và các cháu.") == ["Kính mời bà con, các cụ và các cháu."]

    def test_a_long_clause_is_split_where_it_is_breathed(self) -> None:
        text = (
            "tổng số tiền hỗ trợ các hộ gia đình bị thiệt hại do cơn bão vừa rồi gây ra trên địa bàn "
            "để khắc phục ngay hậu quả"
        )
        assert all(part.split(" ")[0] in {"tổng", "do", "trên", "để"} for part in parts(text))

    def test_a_figure_stays_whole(self) -> None:
        figure = "một tỷ hai trăm ba mươi lăm triệu sáu trăm bảy mươi tám nghìn"
        for before in range(0, 100, 7):
            text = f"{'ô ' * before}{figure} đồng{' ô' * 40}"
            assert any(figure in part for part in parts(text)), parts(text)

    def test_clauses_come_first(self) -> None:
        text = (
            "một hai ba bốn năm sáu bảy tám chín mười một hai ba bốn năm, sáu bảy tám chín mười một hai ba bốn năm sáu"
        )
        assert parts(text) == [part + end for part, end in zip(text.split(", "), (",", ""), strict=True)]

    def test_a_long_clause_is_split_evenly(self) -> None:
        text = "bảy " * 26
        lengths = [len(part) for part in parts(text)]
        assert len(lengths) == 2
        assert max(lengths) - min(lengths) <= 4

    def test_a_mark_alone_is_not_sent(self) -> None:
        assert parts("xin chào " + "." * 5) == ["xin chào ....."]
        assert parts("…") == []

    @given(st.lists(st.text("aăâđêôơưbcdghiklmnpq,.;:!?", min_size=1, max_size=30), max_size=60))
    def test_every_word_is_sent_once_in_order(self, words: list[str]) -> None:
        text = " ".join(words)
        pieces = parts(text)
        assert all(0 < len(piece) <= LONGEST_PART for piece in pieces)
        sayable = [word for word in words if any(map(str.isalnum, word))]
        sent = [word for word in " ".join(pieces).split() if any(map(str.isalnum, word))]
        assert sent == sayable
