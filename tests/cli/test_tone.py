"""A test tone as a person sends it: the console's process, its door for nodes, a node that is a process, its sound."""

import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import requests
import soundfile

from broadcaster.adapters.clock import monotonic, sleep
from broadcaster.bootstrap import App
from broadcaster.config import Settings, Workspace
from broadcaster.domain.access import Account
from broadcaster.domain.tone import LEVEL_DB, PITCH
from tests.adapters.link.servers import free_port, wait_for
from tests.cli.test_commands import Station
from tests.web.conftest import PASSWORD, SECRET

NODE, OWN = "dong_1", "dong_2"
SOFTER = 6.0


@pytest.fixture(scope="module")
def station(tmp_path_factory: pytest.TempPathFactory) -> Station:
    made = Station(tmp_path_factory.mktemp("dai"))
    assert made("init", ".", "--engine", "espeak").returncode == 0
    path = made.folder / "schedules" / "station.toml"
    # At whatever hour the test runs.
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('start = "21:00"\nend = "05:00"', 'start = "00:00"\nend = "00:00"'), encoding="utf-8")
    app = App(Settings(Workspace.at(made.folder)))
    app.store.save_account(Account("van_hoa", SECRET, admin=False, active=True, at=app.clock.now()))
    app.curbing.cap("van_hoa", OWN, -SOFTER, "Gần trường học")
    app.close()
    return made


@pytest.fixture(scope="module")
def address(station: Station) -> Iterator[str]:
    """The station: console, door, and the office's own player into files."""
    port = free_port()
    words = ["run", "--port", str(port), "--node", OWN, "--output", "file"]
    log = station.folder / "run.txt"
    with log.open("wb") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "broadcaster", *words], cwd=station.folder, stdout=said, stderr=subprocess.STDOUT
        )
    wait_for(port)
    yield f"http://127.0.0.1:{port}"
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=40) == 0
    assert "Traceback" not in log.read_text("utf-8")


@pytest.fixture
def node(station: Station, address: str) -> Iterator[Path]:
    """A node that listens and plays; its folder."""
    code = station.json("network", "code", NODE, user="van_hoa")["code"]
    folder = station.folder / "nut"
    joined = station("network", "join", f"{address}/link", "--node", NODE, "--folder", "nut", "--code", code)
    assert joined.returncode == 0, joined.stderr
    assert station("network", "push").returncode == 0
    process = subprocess.Popen(
        [sys.executable, "-m", "broadcaster", "node", "run", "--folder", "nut", "--output", "file"],
        cwd=station.folder,
        stdout=subprocess.DEVNULL,
    )
    waited((folder / "manifest").exists)
    yield folder
    process.send_signal(signal.SIGTERM)
    process.wait(timeout=30)


def waited(true: Callable[[], object]) -> None:
    until = monotonic() + 90
    while not true():
        assert monotonic() < until
        sleep(0.2)


def the_tone_in(path: Path, seconds: float, level: float) -> None:
    samples, rate = soundfile.read(path)
    loud = np.flatnonzero(np.abs(samples) > 0.01)
    assert (loud[-1] - loud[0]) / rate == pytest.approx(seconds, abs=0.2)
    middle = samples[loud[0] + rate : loud[-1] - rate]
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle)))) ** 2
    peak = int(spectrum.argmax())
    assert peak * rate / len(middle) == pytest.approx(PITCH, abs=1)
    assert spectrum[peak - 5 : peak + 6].sum() > 0.999 * spectrum.sum()
    assert 10 * np.log10(np.mean(middle**2)) == pytest.approx(level, abs=0.1)


def test_from_the_console_to_the_loudspeakers_and_the_level_comes_back(
    station: Station, address: str, node: Path
) -> None:
    browser = requests.Session()
    browser.headers["Origin"] = address
    browser.post(f"{address}/dang-nhap", data={"ma": "van_hoa", "mat_khau": PASSWORD}, timeout=20)
    sent = browser.post(f"{address}/thu-loa", data={"vung": ["thon_dong"], "giay": "5"}, timeout=20)
    assert (sent.status_code, "Đã gửi lệnh thử loa" in sent.text) == (200, True)
    own = station.folder / "audio_out" / "thu_lai"
    waited(lambda: list((node / "heard").glob("thu_loa.*.wav")) and list(own.glob("*thu_loa*.wav")))
    (heard,) = (node / "heard").glob("thu_loa.*.wav")
    the_tone_in(heard, 5, LEVEL_DB)
    (softer,) = own.glob("*thu_loa*.wav")
    the_tone_in(softer, 5, LEVEL_DB - SOFTER)

    def page() -> str:
        return browser.get(f"{address}/thu-loa", timeout=20).text

    waited(lambda: page().count("Đã kêu đủ") == 2)
    assert sorted(re.findall(r"−(\d+),[01] dB</td>", page())) == ["16", "22"]
    assert "Đã thử loa" in browser.get(f"{address}/mang-loa/{NODE}", timeout=20).text
    # Once: neither a turn of the link nor a restart sounds it again.
    sent_again = station("network", "tone", "--node", NODE, "--seconds", "5", user="van_hoa")
    assert (sent_again.returncode, "1 cụm loa" in sent_again.stdout) == (0, True), sent_again.stderr
    waited(lambda: len(list((node / "heard").glob("thu_loa.*.wav"))) == 2)
    waited(lambda: station("network", "tone", "--list").stdout.count("đo được -16.") == 2)
    assert not (node / "ledger.jsonl").exists(), "a tone is no airtime"


@pytest.mark.parametrize(
    ("words", "user", "said"),
    [
        ((), "van_hoa", "Chọn ít nhất một vùng"),
        (("--zone", "khong"), "van_hoa", "Không có vùng"),
        (("--node", "khong"), "van_hoa", "Không có cụm loa"),
        (("--node", NODE, "--seconds", "60"), "van_hoa", "60"),
        (("--node", NODE), "tu_phap", "không có vai"),
        (("--node", NODE), "", "--as"),
    ],
)
def test_one_message_for_whatever_is_wrong(station: Station, words: tuple[str, ...], user: str, said: str) -> None:
    done = station("network", "tone", *words, user=user)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
