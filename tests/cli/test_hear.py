"""`broadcaster hear` and `broadcaster voice` as a person types them, with the real recogniser and espeak."""

import json
import os
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from broadcaster.adapters.audio.codec import SoundfileCodec
from broadcaster.adapters.hearing import viet_asr
from broadcaster.adapters.tts.espeak import EspeakEngine
from broadcaster.cli import run as command_line
from broadcaster.domain.take import Sound, SpeechRequest

pytestmark = pytest.mark.skipif(find_spec("vietasr") is None, reason="needs the extra hearing")

SENTENCES = ("Một hai ba bốn năm sáu bảy tám chín mười.", "Kính mời bà con đến nhà văn hóa thôn.")
Words = tuple[str, ...]


@dataclass(frozen=True)
class Done:
    returncode: int
    stdout: str
    stderr: str


class Command:
    """The command in this process: what it costs is the recogniser, not Python."""

    def __init__(self, printed: pytest.CaptureFixture[str]) -> None:
        self._printed = printed

    def __call__(self, *words: str) -> Done:
        self._printed.readouterr()
        code = command_line(words)
        out, err = self._printed.readouterr()
        return Done(code, out, err)

    def json(self, *words: str, code: int = 0) -> Any:
        done = self(*words, "--json")
        assert (done.returncode, done.stderr) == (code, "")
        return json.loads(done.stdout)


@pytest.fixture
def run(folder: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    for name in [name for name in os.environ if name.startswith("BROADCASTER")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(folder)
    return Command(capfd)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two sentences in four formats, and what is no speech."""
    made = tmp_path_factory.mktemp("nghe")
    engine, codec = EspeakEngine(), SoundfileCodec()
    for number, sentence in enumerate(SENTENCES):
        sound = engine.speak(SpeechRequest(sentence))
        for ending in ("wav", "flac", "mp3", "ogg") if not number else ("wav",):
            codec.write(sound, made / f"{number}.{ending}", {})
    engine.close()
    codec.write(Sound(24_000, bytes(48_000)), made / "im.wav", {})
    (made / "rong.wav").write_bytes(b"")
    (made / "chu.wav").write_text("Đây không phải âm thanh.", encoding="utf-8")
    (made / "loi.txt").write_text("\n".join(SENTENCES) + "\n", encoding="utf-8")
    (made / "trong.txt").write_text(" …\n", encoding="utf-8")
    return made


def test_files_of_every_format_are_transcribed(run: Command) -> None:
    found = run.json("hear", "0.wav", "0.flac", "0.mp3", "0.ogg")
    assert [one["file"] for one in found["files"]] == ["0.wav", "0.flac", "0.mp3", "0.ogg"]
    assert all(one["heard"] for one in found["files"])
    assert found["files"][0]["heard"] == found["files"][1]["heard"]
    assert found["recogniser"]["name"] == "viet-asr"
    assert found["error_rate"] is None


def test_a_reading_gives_error_rates_line_by_line(run: Command) -> None:
    found = run.json("hear", "0.wav", "1.wav", "--reading", "loi.txt")
    assert [one["spoken"] for one in found["files"]] == list(SENTENCES)
    assert [one["syllables"] for one in found["files"]] == [10, 9]
    errors = sum(one["errors"] for one in found["files"])
    assert found["error_rate"] == round(errors / 19, 4)
    for one in found["files"]:
        assert sum(pair["count"] for pair in one["misheard"]) == one["errors"]
    shown = run("hear", "0.wav", "1.wav", "--reading", "loi.txt")
    assert "Máy nghe thành" in shown.stdout
    assert "vietasr" not in shown.stdout + shown.stderr


def test_a_written_text_is_read_out_before_it_is_compared(run: Command) -> None:
    found = run.json("hear", "0.wav", "--against", "Ngày 20/11, UBND xã.", "--village")
    assert "hai mươi" in found["files"][0]["spoken"]
    assert found["village"] is True


def test_json_is_the_same_each_time(run: Command) -> None:
    words = ("hear", "1.wav", "--village", "--reading", "loi.txt")
    assert run.json(*words) == run.json(*words)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("khong_co.wav",), "Không thấy tệp âm thanh khong_co.wav"),
        (("rong.wav",), "không có tiếng"),
        (("chu.wav",), "Không đọc được tệp âm thanh chu.wav"),
        (("0.wav", "im.wav"), "im.wav chỉ có im lặng"),
        (("0.wav", "--against", "…"), "không có chữ nào"),
        (("0.wav", "--reading", "trong.txt"), "không có chữ nào"),
        (("0.wav", "1.wav", "0.mp3", "--reading", "loi.txt"), "có 2 dòng cho 3 tệp"),
        (("0.wav", "--reading", "khong_co.txt"), "Không thấy tệp khong_co.txt"),
        ((), "nêu tệp âm thanh"),
        (("0.wav", "--bulletin", "x"), "nêu tệp âm thanh"),
        (("0.wav", "--against", "a", "--reading", "loi.txt"), "nêu tệp âm thanh"),
        (("--bulletin", "x", "--village"), "nêu tệp âm thanh"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_wrong_input_gets_one_clear_message(run: Command, words: Words, said: str) -> None:
    done = run("hear", *words)
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not done.stdout


def test_a_recogniser_that_is_not_there_says_how_to_install_it(run: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(viet_asr.util, "find_spec", lambda _name: None)
    done = run("hear", "0.wav")
    assert (done.returncode, done.stdout) == (1, "")
    assert "pip install 'broadcaster[hearing]'" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_bulletin_is_heard_sentence_by_sentence(
    run: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("init", ".", "--engine", "espeak").returncode == 0
    (tmp_path / "hop.txt").write_text(
        "---\ntitle: Họp thôn\nkind: tin\ntopic: mot_cua\nauthor_unit: Văn phòng\n"
        "valid_from: 2026-11-23\nvalid_to: 2026-11-29\n---\nMời bà con họp lúc 7 giờ.\n",
        encoding="utf-8",
    )
    assert run("hear", "--bulletin", "hop").returncode == 2
    assert run("--as", "tu_phap", "bulletin", "import", "hop.txt").returncode == 0
    unvoiced = run("hear", "--bulletin", "hop")
    assert (unvoiced.returncode, len(unvoiced.stderr.splitlines())) == (2, 1)
    assert "chưa có bản phát" in unvoiced.stderr
    assert run("master").returncode == 0
    # espeak-ng is hardly intelligible: that a person is asked to listen is the point.
    found = run.json("hear", "--bulletin", "hop", code=3)
    assert [line["clean"]["spoken"].lower().rstrip(".") for line in found["lines"]][:2] == [
        "họp thôn",
        "mời bà con họp lúc bảy giờ",
    ]
    assert found["findings"]
    assert not found["whole"]
    shown = run("hear", "--bulletin", "hop", "--threshold", "100", "--village-threshold", "100")
    assert shown.returncode == 0
    assert "Không câu nào" in shown.stdout


def test_voices_are_listed(run: Command) -> None:
    found = run.json("voice", "list")
    names = {(one["engine"], one["name"]) for one in found["voices"]}
    assert {("espeak", "vi"), ("gtts", "vi"), ("tone", "tone-nu")} <= names
    assert "vi-vn-x-south" in run("voice", "list").stdout


def test_voices_are_compared(run: Command) -> None:
    found = run.json("voice", "compare", "Mời 3 bà con.", "--engines", "espeak", "--village")
    assert found["spoken"] == "Mời ba bà con."
    assert [one["voice"]["engine"] for one in found["voices"]] == ["espeak"] * 3
    assert all(one["clean"]["error_rate"] >= 0 and one["village"]["syllables"] == 4 for one in found["voices"])
    assert all(one["x_realtime"] > 0 for one in found["voices"])


@pytest.mark.parametrize(
    ("words", "said"),
    [(("…",), "không có chữ nào"), (("--engines", "khong_co"), "Không có giọng đọc «khong_co»")],
)
def test_a_comparison_that_cannot_be_is_refused(run: Command, words: Words, said: str) -> None:
    done = run("voice", "compare", *words)
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert said in done.stderr
