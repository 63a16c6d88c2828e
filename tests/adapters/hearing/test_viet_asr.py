import contextlib
import subprocess
import sys
from collections.abc import Iterator
from importlib import util
from pathlib import Path

import numpy as np
import pytest

from broadcaster.adapters.audio.codec import SoundfileCodec
from broadcaster.adapters.hearing import viet_asr as module
from broadcaster.adapters.hearing.viet_asr import VietAsrRecogniser
from broadcaster.adapters.tts.espeak import EspeakEngine
from broadcaster.domain.take import Sound, SpeechRequest
from broadcaster.errors import HearingError
from tests.services.hearing_doubles import ScriptedRecogniser
from tests.suites.recogniser import RecogniserSuite

installed = pytest.mark.skipif(util.find_spec("vietasr") is None, reason="needs the extra hearing")


def broken(recogniser: VietAsrRecogniser) -> HearingError:
    with contextlib.closing(recogniser), pytest.raises(HearingError) as caught:
        recogniser.transcribe(Sound(16_000, bytes(3200)))
    return caught.value


class TestScriptedRecogniser(RecogniserSuite):
    @pytest.fixture
    def recogniser(self) -> ScriptedRecogniser:
        return ScriptedRecogniser({10: "bà con", 5: "con"})

    @pytest.fixture
    def speech(self) -> Sound:
        return Sound(24_000, b"\1\0" * 24_000)


@pytest.fixture(scope="module")
def loaded() -> Iterator[VietAsrRecogniser]:
    """One process for all tests: loading the network takes half a second."""
    recogniser = VietAsrRecogniser()
    yield recogniser
    recogniser.close()


@pytest.fixture(scope="module")
def spoken() -> Sound:
    engine = EspeakEngine()
    sound = engine.speak(SpeechRequest("Một hai ba bốn năm sáu bảy tám chín mười, mười một, mười hai, mười ba."))
    engine.close()
    return sound


@installed
class TestVietAsrRecogniser(RecogniserSuite):
    @pytest.fixture
    def recogniser(self, loaded: VietAsrRecogniser) -> VietAsrRecogniser:
        return loaded

    @pytest.fixture
    def speech(self, spoken: Sound) -> Sound:
        return spoken


@installed
def test_a_process_that_was_killed_is_started_again(loaded: VietAsrRecogniser, spoken: Sound) -> None:
    before = loaded.transcribe(spoken)
    process = loaded._worker.process
    assert process is not None
    process.kill()
    process.wait()
    assert loaded.transcribe(spoken) == before


@installed
def test_its_chatter_reaches_nobody(spoken: Sound, tmp_path: Path) -> None:
    path = tmp_path / "noi.wav"
    SoundfileCodec().write(spoken, path, {})
    code = (
        "import sys\nfrom pathlib import Path\n"
        "from broadcaster.adapters.audio.codec import SoundfileCodec\n"
        "from broadcaster.adapters.hearing.viet_asr import VietAsrRecogniser\n"
        f"ear = VietAsrRecogniser()\near.transcribe(SoundfileCodec().open(Path({str(path)!r}), 24000))\near.close()\n"
        "sys.exit(' '.join({'vietasr'} & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@installed
def test_an_hour_is_heard_in_pieces(spoken: Sound) -> None:
    """Longer than what the network takes at once; silence costs it as much as speech does."""
    samples = spoken.samples + bytes(2 * spoken.rate * 2)
    pieces = list(module._pieces(Sound(spoken.rate, samples * 12)))
    assert len(pieces) > 2
    assert all(len(piece) <= module.LONGEST_SECONDS * module.RATE for piece in pieces)
    whole = 12 * len(samples) / 2 / spoken.rate
    assert sum(map(len, pieces)) / module.RATE == pytest.approx(whole, abs=0.01)
    for piece in pieces[1:]:
        assert np.abs(piece[:100].astype(int)).max() < 500


@installed
def test_the_extra_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.util, "find_spec", lambda _name: None)
    assert broken(VietAsrRecogniser()).code == "hearing.missing"


@installed
@pytest.mark.parametrize(
    "program",
    [
        "import sys; sys.exit(3)",
        "import sys; sys.stdin.readline(); print('not json')",
        "import sys; sys.stdin.readline(); print('[1]')",
        "import sys; sys.stdin.readline(); print('{\"again\": true}')",
        'import sys; sys.stdin.readline(); print(\'{"error": "broken", "why": "half a file", "again": false}\')',
    ],
    ids=["ends", "no-json", "no-object", "no-text", "says-so"],
)
def test_a_process_that_fails_twice_is_broken(program: str) -> None:
    assert broken(VietAsrRecogniser([sys.executable, "-c", program])).code == "hearing.broken"


@installed
def test_a_process_that_hangs_is_killed_and_asked_once_more(tmp_path: Path) -> None:
    log = tmp_path / "starts"
    program = f"import time; open({str(log)!r}, 'a').write('x'); time.sleep(600)"
    recogniser = VietAsrRecogniser([sys.executable, "-c", program], timeout=0.5)
    assert broken(recogniser).code == "hearing.broken"
    assert log.read_text() == "xx"
    assert recogniser._worker.process is None


@installed
def test_a_package_that_is_half_there_is_broken(tmp_path: Path) -> None:
    """The library's file is named by an environment variable of its own; here it leads nowhere."""
    other_end = Path(module.__file__).parents[1] / "worker_process.py"
    script = Path(module.__file__).with_name("viet_asr_process.py")
    code = (
        f"import os, runpy, sys; os.environ['VIETASR_LIBRARY_PATH'] = {str(tmp_path / 'gone.so')!r};"
        f"sys.argv = ['x', {str(script)!r}]; runpy.run_path({str(other_end)!r}, run_name='__main__')"
    )
    error = broken(VietAsrRecogniser([sys.executable, "-c", code]))
    assert error.code == "hearing.broken"
    assert "gone.so" in error.facts["detail"]


def test_importing_it_imports_no_heavy_library() -> None:
    code = (
        "import sys, broadcaster.adapters.hearing.viet_asr;"
        "sys.exit(', '.join({'numpy', 'soxr', 'vietasr', 'cffi'} & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
