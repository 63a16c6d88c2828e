import subprocess
import sys

import pytest

from broadcaster.adapters.tts.tone import SYLLABLES_PER_SECOND, ToneEngine
from broadcaster.domain.take import SpeechRequest
from broadcaster.units import digest_bytes
from tests.suites.speech_engine import SENTENCE, SpeechEngineSuite


class TestToneEngine(SpeechEngineSuite):
    @pytest.fixture
    def engine(self) -> ToneEngine:
        return ToneEngine()


def test_its_bytes_are_pinned() -> None:
    """Another machine, another Python: the same sound. If this changes on purpose, raise `version()`."""
    assert ToneEngine().version() == "1"
    sound = ToneEngine().speak(SpeechRequest(SENTENCE))
    assert digest_bytes(sound.samples) == "1c444cf8a4553fa422371976b76e8a91b2d58ee5bce290fa2a84581f2a523366"


def test_duration_follows_the_syllables() -> None:
    sound = ToneEngine().speak(SpeechRequest(" ".join(["mười"] * 44)))
    assert sound.duration_ms == pytest.approx(44 / SYLLABLES_PER_SECOND * 1000, abs=10)


def test_composed_and_decomposed_letters_sound_the_same() -> None:
    import unicodedata

    decomposed = unicodedata.normalize("NFD", SENTENCE)
    assert ToneEngine().speak(SpeechRequest(decomposed)) == ToneEngine().speak(SpeechRequest(SENTENCE))


@pytest.mark.parametrize("module", ["tone", "espeak", "gtts", "piper"])
def test_importing_an_engine_imports_no_heavy_library(module: str) -> None:
    code = (
        f"import sys, broadcaster.adapters.tts.{module};"
        "sys.exit(', '.join({'numpy', 'soundfile', 'pydub', 'requests', 'gtts', 'soxr'} & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
