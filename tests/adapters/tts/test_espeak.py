import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from broadcaster.adapters import worker_process
from broadcaster.adapters.tts import espeak as module
from broadcaster.adapters.tts.espeak import EspeakEngine
from broadcaster.domain.take import Sound, SpeechRequest
from broadcaster.errors import RetryableSpeechError, SpeechError
from tests.suites.speech_engine import SENTENCE, SpeechEngineSuite


@pytest.fixture
def espeak() -> Iterator[EspeakEngine]:
    engine = EspeakEngine()
    yield engine
    engine.close()


class TestEspeakEngine(SpeechEngineSuite):
    @pytest.fixture
    def engine(self, espeak: EspeakEngine) -> EspeakEngine:
        return espeak


def test_fresh_processes_give_the_same_bytes(espeak: EspeakEngine) -> None:
    other = EspeakEngine()
    try:
        espeak.speak(SpeechRequest("Câu khác trước đó."))
        assert espeak.speak(SpeechRequest(SENTENCE)) == other.speak(SpeechRequest(SENTENCE))
    finally:
        other.close()


def test_the_regions_sound_different(espeak: EspeakEngine) -> None:
    sounds = {espeak.speak(SpeechRequest(SENTENCE, voice=voice.name)).samples for voice in espeak.voices()}
    assert len(sounds) == 3


def test_threads_queue(espeak: EspeakEngine) -> None:
    texts = [f"Câu thứ {word}." for word in ("một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám")]
    alone = [espeak.speak(SpeechRequest(text)) for text in texts]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda text: espeak.speak(SpeechRequest(text)), texts))
    assert together == alone


def test_a_process_that_died_is_started_again(espeak: EspeakEngine) -> None:
    before = espeak.speak(SpeechRequest(SENTENCE))
    process = espeak._worker.process
    assert process is not None
    process.kill()
    process.wait()
    assert espeak.speak(SpeechRequest(SENTENCE)) == before


def test_it_speaks_again_after_close(espeak: EspeakEngine) -> None:
    before = espeak.speak(SpeechRequest(SENTENCE))
    espeak.close()
    assert espeak._worker.process is None
    assert espeak.speak(SpeechRequest(SENTENCE)) == before


@pytest.mark.parametrize(
    "program",
    [
        "import sys; sys.exit(3)",
        "import sys; sys.stdin.readline(); print('not json')",
        "import sys; sys.stdin.readline(); print('[1]')",
        'import sys; sys.stdin.readline(); print(\'{"rate": 22050, "bytes": 100, "again": true}\')',
    ],
    ids=["ends", "no-json", "no-object", "cut-short"],
)
def test_a_process_that_fails_twice_is_broken(program: str) -> None:
    engine = EspeakEngine([sys.executable, "-c", program])
    with pytest.raises(SpeechError) as caught:
        engine.speak(SpeechRequest(SENTENCE))
    engine.close()
    assert caught.value.code == "speech.broken"
    assert not isinstance(caught.value, RetryableSpeechError)


def test_a_process_that_hangs_is_killed() -> None:
    engine = EspeakEngine([sys.executable, "-c", "import time; time.sleep(600)"], timeout=0.3)
    with pytest.raises(SpeechError) as caught:
        engine.speak(SpeechRequest(SENTENCE))
    assert caught.value.code == "speech.broken"
    assert engine._worker.process is None


def test_a_program_that_is_not_there_is_broken(tmp_path: Path) -> None:
    engine = EspeakEngine([str(tmp_path / "no-such-program")])
    with pytest.raises(SpeechError) as caught:
        engine.speak(SpeechRequest(SENTENCE))
    assert caught.value.code == "speech.broken"


def test_a_spent_process_is_replaced_unseen() -> None:
    program = (
        'import sys; sys.stdin.readline(); print(\'{"rate": 22050, "bytes": 4, "again": false}\\nabcd\', end=\'\')'
    )
    engine = EspeakEngine([sys.executable, "-c", program])
    assert [engine.speak(SpeechRequest(SENTENCE)) for _ in range(3)] == [Sound(22050, b"abcd")] * 3
    engine.close()


def test_missing_data_is_broken_and_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    class Spec:
        origin = str(tmp_path / "__init__.py")

    module._data_identity.cache_clear()
    monkeypatch.setattr(module.util, "find_spec", lambda _name: Spec())
    try:
        with pytest.raises(SpeechError) as caught:
            EspeakEngine().voices()
    finally:
        monkeypatch.undo()
        module._data_identity.cache_clear()
    assert caught.value.code == "speech.broken"
    assert "espeak-ng-data" in caught.value.facts["detail"]


def test_the_library_is_not_loaded_into_this_process(espeak: EspeakEngine) -> None:
    """espeak-ng is GPL-3: it stays behind the pipe."""
    espeak.speak(SpeechRequest("Xin chào"))
    assert "espeakng_loader" not in sys.modules
    maps = Path("/proc/self/maps")
    if maps.exists():
        assert "espeak" not in maps.read_text(encoding="utf-8")


def test_it_works_from_any_folder_and_leaves_nothing_in_it(
    espeak: EspeakEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit(9)", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    assert espeak.speak(SpeechRequest(SENTENCE)).frames
    assert [path.name for path in tmp_path.iterdir()] == ["json.py"]


def test_the_process_ends_with_its_input() -> None:
    asked = [
        {"text": "Đọc thử", "voice": "vi", "words_per_minute": 175},
        {"text": "x", "voice": "tlh", "words_per_minute": 175},
    ]
    lines = [json.dumps(request, ensure_ascii=False) for request in asked]
    process = subprocess.run(
        [sys.executable, "-P", worker_process.__file__, module.__file__.replace("espeak.py", "espeak_process.py")],
        input="\n".join([*lines, "nonsense", ""]).encode(),
        capture_output=True,
        check=True,
        timeout=30,
    )
    header, _, rest = process.stdout.partition(b"\n")
    first = json.loads(header)
    assert (first["rate"], first["again"]) == (22050, True)
    second, third = rest[first["bytes"] :].splitlines()
    assert json.loads(second)["error"] == "voice"
    assert json.loads(third)["error"] == "broken"


def test_no_process_outlives_its_engine(espeak: EspeakEngine) -> None:
    espeak.speak(SpeechRequest("Xin chào"))
    process = espeak._worker.process
    assert process is not None
    espeak.close()
    assert process.returncode == 0
    assert threading.active_count() < 10
    assert os.getpid() != process.pid
