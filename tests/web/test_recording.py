"""A person's voice in place of a machine's: by the browser's microphone or as a file; what is wrong is kept nowhere."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import soundfile
from fastapi.testclient import TestClient
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from broadcaster.domain.approval import Status
from broadcaster.domain.master import Master
from broadcaster.domain.trail import What
from broadcaster.web.guarding import MOST_RECORDING
from tests.services.test_recording import speak
from tests.web.conftest import Office, subject_in
from tests.web.test_browser import CHROMIUM, FLAGS, address, looked_at, opened, until, violations

__all__ = ["address"]

PITCH = 1000.0
BODY = "Kính thưa bà con, mai họp thôn lúc 7 giờ 30."
needs_m4a = pytest.mark.skipif(find_spec("av") is None or not shutil.which("ffmpeg"), reason="needs the extra import")
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's chromium")


def written(office: Office) -> str:
    answer = office.browser("tu_phap").post("/ban-tin", data=office.fields(body=BODY), follow_redirects=False)
    return answer.headers["location"].split("/")[-1].partition("?")[0]


def version_of(browser: TestClient, code: str) -> str:
    text = browser.get(f"/ban-tin/{code}/thu").text
    return text.partition('name="phien_ban" value="')[2].partition('"')[0]


def send(browser: TestClient, code: str, path: Path, **changed: str) -> tuple[int, str]:
    fields = {"phien_ban": version_of(browser, code), "nguoi_doc": "Cô Thanh", "dung_loi": "co"} | changed
    answer = browser.post(f"/ban-tin/{code}/thu", data=fields, files={"tep": (path.name, path.read_bytes())})
    return answer.status_code, answer.text


def made_of(office: Office, code: str) -> Master | None:
    piece = office.app.store.bulletin(code)
    assert piece is not None
    return office.app.approving.master_of(piece)


def kept(office: Office) -> list[Path]:
    return sorted(path for path in office.app.workspace.audio.rglob("*") if path.is_file())


@pytest.mark.parametrize("ending", ["wav", "mp3", "ogg", pytest.param("m4a", marks=needs_m4a)])
def test_a_file_becomes_the_sound_with_its_transcript(office: Office, tmp_path: Path, ending: str) -> None:
    code, author = written(office), office.browser("tu_phap")
    path = speak(tmp_path / f"Ghi âm.{ending}", 3) if ending != "m4a" else m4a(tmp_path / "Ghi âm.m4a")
    status, text = send(author, code, path)
    assert (status, "Đã nhận bản thu" in text) == (200, True), text
    made = made_of(office, code)
    assert made is not None
    assert (made.engine, made.voices, made.synthetic) == ("recording", ("Cô Thanh",), False)
    assert made.loudness == pytest.approx(-16.0, abs=0.3)
    reading = office.app.store.reading(made.text_hash)
    assert reading is not None
    assert (reading.reading_hash, reading.spoken) == (
        made.reading_hash,
        "Kính thưa bà con, mai họp thôn lúc bảy giờ ba mươi.",
    )
    assert [(note.what, note.about) for note in office.app.diary.notes()] == [(What.RECORDED, code)]
    assert "dùng bản thu giọng người đọc" in office.browser("pho_chu_tich").get("/cai-dat/nhat-ky").text


def m4a(path: Path) -> Path:
    source = speak(path.with_suffix(".wav"), 3)
    subprocess.run(["ffmpeg", "-loglevel", "error", "-i", source, "-c:a", "aac", path], check=True)
    return path


def test_new_sound_voids_what_was_approved(office: Office, tmp_path: Path) -> None:
    author, leader = office.browser("tu_phap"), office.browser("pho_chu_tich")
    code = office.handed_in(author, body=BODY)
    leader.post(f"/duyet/{code}/dong-y", data={"noi_dung": subject_in(leader.get(f"/duyet/{code}").text)})
    piece = office.app.store.bulletin(code)
    assert piece is not None
    assert office.app.approving.status(piece) is Status.APPROVED
    assert "phải trình duyệt lại" in author.get(f"/ban-tin/{code}/thu").text
    assert send(office.browser("van_hoa"), code, speak(tmp_path / "thu.wav", 3))[0] == 200
    assert office.app.approving.status(piece) is Status.VOID
    assert author.post(f"/ban-tin/{code}/trinh").status_code == 200
    assert office.app.approving.status(piece) is Status.SUBMITTED


def test_a_recording_is_taken_back_and_a_machine_speaks(office: Office, tmp_path: Path) -> None:
    code, author = written(office), office.browser("tu_phap")
    send(author, code, speak(tmp_path / "thu.wav", 3))
    assert "Bản thu đang dùng" in author.get(f"/ban-tin/{code}/thu").text
    assert "Đã bỏ bản thu" in author.post(f"/ban-tin/{code}/thu/bo").text
    made = made_of(office, code)
    assert made is not None
    assert made.synthetic
    assert author.post(f"/ban-tin/{code}/thu/bo").status_code == 422
    assert [note.what for note in office.app.diary.notes()] == [What.RECORDED, What.UNRECORDED]


def test_a_recording_of_another_pace_is_asked_about_before_it_is_approved(office: Office, tmp_path: Path) -> None:
    code, author = written(office), office.browser("tu_phap")
    send(author, code, speak(tmp_path / "thu.wav", 40))
    for path in (f"/ban-tin/{code}", f"/duyet/{code}"):
        assert "có đúng là bản tin này không?" in author.get(path).text


WRONG = {
    "text.wav": (b"day la mot la thu, khong phai am thanh. " * 40, "text.wav"),
    "rong.wav": (b"", "rong.wav"),
    "la_thu.txt": (b"la thu", "không phải tệp âm thanh"),
    "danh_sach.mp3": (b"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/a.ts\n", "danh_sach.mp3"),
    "noi.wav": (b"ffconcat version 1.0\nfile /etc/hostname\n", "noi.wav"),
    "../../schedules/station.wav": (b"RIFF\x24\0\0\0WAVEfmt ", "station.wav"),
    "im.wav": (0.0, "im lặng"),
    "ngan.wav": (0.3, "giây tiếng"),
    "do.wav": (None, "chép dở"),
}


@pytest.mark.parametrize("name", WRONG)
@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_what_is_no_recording_is_refused_in_words_and_nothing_is_kept(
    office: Office, tmp_path: Path, name: str, accept: str
) -> None:
    code, author = written(office), office.browser("tu_phap")
    data, said = WRONG[name]
    if isinstance(data, float):
        data = speak(tmp_path / "a.wav", data).read_bytes()
    elif data is None:
        data = speak(tmp_path / "a.wav", 3).read_bytes()[:60_000]
    fields = {"phien_ban": version_of(author, code), "nguoi_doc": "Cô Thanh", "dung_loi": "co"}
    before, station = kept(office), office.app.workspace.station_file.read_bytes()
    answer = author.post(f"/ban-tin/{code}/thu", data=fields, files={"tep": (name, data)}, headers={"accept": accept})
    assert answer.status_code == 422
    told = answer.json()["loi"] if accept == "application/json" else answer.text
    assert said in told
    assert "/tmp" not in told  # noqa: S108 - a person knows the file by its name
    assert kept(office) == before
    assert office.app.workspace.station_file.read_bytes() == station
    assert made_of(office, code) is None
    assert office.app.diary.notes() == ()


def test_what_is_missing_in_the_form_is_said_at_once(office: Office, tmp_path: Path) -> None:
    code, author = written(office), office.browser("tu_phap")
    status, text = send(author, code, speak(tmp_path / "thu.wav", 3), nguoi_doc=" ", dung_loi="")
    assert status == 422
    assert "Ghi tên người đọc." in text
    assert "đánh dấu là đã đọc đúng lời" in text
    answer = author.post(f"/ban-tin/{code}/thu", data={"nguoi_doc": "Cô Thanh", "dung_loi": "co"})
    assert (answer.status_code, "Chưa có bản thu" in answer.text) == (422, True)
    assert made_of(office, code) is None


def test_words_that_were_changed_meanwhile_are_not_what_was_read(office: Office, tmp_path: Path) -> None:
    code, author = written(office), office.browser("tu_phap")
    version = version_of(author, code)
    piece = office.app.store.bulletin(code)
    assert piece is not None
    fields = office.fields(body=BODY.replace("7", "8"), version=piece.text_hash)
    assert author.post(f"/ban-tin/{code}/sua", data=fields).status_code == 200
    status, text = send(author, code, speak(tmp_path / "thu.wav", 3), phien_ban=version)
    assert (status, "vừa được sửa" in text) == (409, True)
    assert made_of(office, code) is None


def test_only_who_makes_bulletins_records_and_only_as_much_as_is_taken(office: Office, tmp_path: Path) -> None:
    code = written(office)
    path = speak(tmp_path / "thu.wav", 3)
    for who, status in (("", 401), ("pho_chu_tich", 403), ("van_phong", 403), ("quan_tri", 403)):
        answer = office.browser(who).post(
            f"/ban-tin/{code}/thu", data={"nguoi_doc": "x"}, files={"tep": (path.name, path.read_bytes())}
        )
        assert answer.status_code == status, who
    author = office.browser("tu_phap")
    assert author.post("/ban-tin/khong_co/thu", files={"tep": (path.name, path.read_bytes())}).status_code == 404
    for size, where in ((MOST_RECORDING + 1, f"/ban-tin/{code}/thu"), (5 * 2**20, f"/ban-tin/{code}/thu/bo")):
        declared = author.post(where, content=b"x", headers={"content-length": str(size)})
        assert (declared.status_code, "không giữ lại gì" in declared.text) == (413, True)

    def pieces() -> Iterator[bytes]:
        yield b'--b\r\nContent-Disposition: form-data; name="tep"; filename="a.wav"\r\n\r\n'
        for _ in range(MOST_RECORDING // 2**20 + 1):
            yield bytes(2**20)

    form = {"content-type": "multipart/form-data; boundary=b"}
    assert author.post(f"/ban-tin/{code}/thu", content=pieces(), headers=form).status_code == 413
    assert made_of(office, code) is None


def test_the_microphone_is_for_this_page_alone(office: Office) -> None:
    code, author = written(office), office.browser("tu_phap")
    assert "microphone=(self)" in author.get(f"/ban-tin/{code}/thu").headers["permissions-policy"]
    for path in ("/", "/ban-tin", f"/ban-tin/{code}", f"/duyet/{code}", "/khan-cap", "/tinh/recorder.js"):
        assert "microphone=()" in author.get(path).headers["permissions-policy"], path


@pytest.fixture(scope="module")
def tone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tieng") / "tone.wav"
    time = np.arange(48_000 * 4) / 48_000
    soundfile.write(path, 0.3 * np.sin(2 * np.pi * PITCH * time), 48_000)
    return path


@pytest.fixture(scope="module")
def driver() -> Iterator[Playwright]:
    with sync_playwright() as made:
        yield made


@pytest.fixture(scope="module")
def microphone(driver: Playwright, tone: Path) -> Iterator[Browser]:
    fake = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    browser = driver.chromium.launch(
        executable_path=CHROMIUM, args=[*FLAGS, *fake, f"--use-file-for-fake-audio-capture={tone}"]
    )
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def plain(driver: Playwright) -> Iterator[Browser]:
    """Without a microphone, and with an address of a machine in the office."""
    browser = driver.chromium.launch(
        executable_path=CHROMIUM, args=[*FLAGS, "--host-resolver-rules=MAP dai.xa 127.0.0.1"]
    )
    yield browser
    browser.close()


def press(page: Page, name: str) -> None:
    """Go to a key by Tab and press it."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent") == name:
            page.keyboard.press("Enter")
            return
    raise AssertionError(name)


@needs_chromium
def test_a_tone_before_the_microphone_is_the_tone_on_the_air(office: Office, address: str, microphone: Browser) -> None:
    code = written(office)
    outside: list[str] = []
    page = opened(microphone, address, outside, "tu_phap", viewport={"width": 360, "height": 900})
    page.goto(f"{address}/ban-tin/{code}")
    press(page, "Thu giọng người đọc")
    page.get_by_text("Sẵn sàng").wait_for()
    press(page, "Bắt đầu thu")
    until(page, "document.querySelector('[data-thu=gio]').textContent === '0:01'")
    page.keyboard.press("Enter")  # the focus has gone to "Dừng" by itself
    page.get_by_text("chưa vừa ý thì thu lại").wait_for()
    press(page, "Thu lại từ đầu")
    until(page, "document.querySelector('[data-thu=gio]').textContent === '0:03'")
    assert page.locator("[data-thu=muc]").evaluate("meter => meter.value") == pytest.approx(-10.5, abs=1)
    page.keyboard.press("Enter")
    page.get_by_text("chưa vừa ý thì thu lại").wait_for()
    until(page, "document.querySelector('[data-thu=hinh] > div').shadowRoot.querySelectorAll('canvas').length >= 2")
    until(page, "document.querySelector('[data-thu=tieng]').duration >= 3")
    found = looked_at(page, "thu_giong")
    page.get_by_role("checkbox").focus()
    page.keyboard.press("Space")
    press(page, "Dùng bản thu này")
    page.get_by_text("Đã nhận bản thu và làm bản phát").wait_for()
    assert found == []
    assert outside == []
    page.context.close()
    made = made_of(office, code)
    assert made is not None
    assert not made.synthetic
    path = office.app.library.path(made.file)
    assert path is not None
    samples, rate = soundfile.read(path)
    spoken = samples[-int(2.5 * rate) : -int(0.8 * rate)]
    spectrum = np.abs(np.fft.rfft(spoken * np.hanning(len(spoken))))
    assert np.fft.rfftfreq(len(spoken), 1 / rate)[spectrum.argmax()] == pytest.approx(PITCH, abs=2)
    near = spectrum[int(980 * len(spoken) / rate) : int(1020 * len(spoken) / rate)]
    assert (near**2).sum() > 0.95 * (spectrum**2).sum()


@needs_chromium
def test_what_was_recorded_stays_when_the_station_refuses_it(office: Office, address: str, microphone: Browser) -> None:
    code = written(office)
    page = opened(microphone, address, [], "tu_phap")
    page.goto(f"{address}/ban-tin/{code}/thu")
    page.get_by_role("button", name="Bắt đầu thu").click()
    until(page, "document.querySelector('[data-thu=gio]').textContent === '0:02'")
    page.get_by_role("button", name="Dừng").click()
    page.get_by_role("checkbox").check()
    page.route(f"**/ban-tin/{code}/thu", lambda route: route.abort())
    page.get_by_role("button", name="Dùng bản thu này").click()
    page.get_by_text("Bản thu vẫn còn ở trang này").wait_for()
    page.unroute(f"**/ban-tin/{code}/thu")
    piece = office.app.store.bulletin(code)
    assert piece is not None
    fields = office.fields(body=BODY.replace("7", "8"), version=piece.text_hash)
    office.browser("tu_phap").post(f"/ban-tin/{code}/sua", data=fields)
    page.get_by_role("button", name="Dùng bản thu này").click()
    page.get_by_text("Bản tin vừa được sửa").wait_for()
    assert page.locator("[data-thu=tieng]").evaluate("sound => sound.src").startswith("blob:")
    page.context.close()


@needs_chromium
def test_a_recording_ends_by_itself_before_it_is_more_than_is_taken(
    office: Office, address: str, microphone: Browser
) -> None:
    code = written(office)
    page = opened(microphone, address, [], "tu_phap")
    page.route(
        f"**/ban-tin/{code}/thu",
        lambda route: route.fulfill(
            response=(answer := route.fetch()), body=re.sub(r'data-lon="\d+"', 'data-lon="200000"', answer.text())
        ),
    )
    page.goto(f"{address}/ban-tin/{code}/thu")
    page.get_by_role("button", name="Bắt đầu thu").click()
    page.get_by_text("Đã dừng ở 0:02: dài nhất cho một lần thu.").wait_for()
    assert page.get_by_role("button", name="Thu lại từ đầu").is_enabled()
    page.context.close()


@needs_chromium
def test_an_address_without_a_lock_says_where_the_microphone_works(
    office: Office, address: str, plain: Browser, tmp_path: Path
) -> None:
    code = written(office)
    port = address.rpartition(":")[2]
    there = f"http://dai.xa:{port}"
    outside: list[str] = []
    page = opened(plain, there, outside, "tu_phap", viewport={"width": 360, "height": 900})
    page.goto(f"{there}/ban-tin/{code}/thu")
    page.get_by_text("Ở địa chỉ này trình duyệt không cho dùng micrô").wait_for()
    assert page.get_by_text(f"mở http://localhost:{port} trên chính máy đó").is_visible()
    assert not page.get_by_role("button", name="Bắt đầu thu").is_visible()
    assert violations(page) == []
    # The other way works there.
    page.locator("#tep").set_input_files(speak(tmp_path / "thu.wav", 3))
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Dùng bản thu này").click()
    page.get_by_text("Đã nhận bản thu").wait_for()
    page.context.close()
    assert [line for line in outside if "Cross-Origin-Opener-Policy" not in line] == []


@needs_chromium
def test_a_browser_without_a_microphone_says_so(office: Office, address: str, plain: Browser) -> None:
    code = written(office)
    page = opened(plain, address, [], "tu_phap")
    page.goto(f"{address}/ban-tin/{code}/thu")
    page.get_by_role("button", name="Bắt đầu thu").click()
    page.get_by_text("rồi bấm lại").wait_for()
    assert page.get_by_role("button", name="Bắt đầu thu").is_enabled()
    page.context.close()
