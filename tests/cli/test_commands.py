"""The commands as a person types them: a station's week by hand, and one clear message for whatever is wrong."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import tomllib
import wave
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from broadcaster.adapters.audio.codec import SoundfileCodec
from broadcaster.adapters.audio.loudness import Bs1770Meter
from broadcaster.adapters.clock import SystemClock

WEEK = "2026-11-23"
NOTHING: Mapping[str, str] = {}


def next_week() -> date:
    """The Monday after this week's Sunday, at the station."""
    today = SystemClock().now().astimezone(ZoneInfo("Asia/Ho_Chi_Minh")).date()
    return today + timedelta(days=7 - today.weekday())


NEXT = next_week().isoformat()
"""A week that lies wholly ahead whenever this is run: nothing of it has begun."""


class Station:
    """A workspace and the command on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(
        self, *words: str, user: str = "", given: str = "", environment: Mapping[str, str] = NOTHING
    ) -> subprocess.CompletedProcess[str]:
        environment = {k: v for k, v in os.environ.items() if not k.startswith("BROADCASTER")} | dict(environment)
        acting = ["--as", user] if user else []
        return subprocess.run(
            [sys.executable, "-m", "broadcaster", *acting, *words],
            cwd=self.folder,
            input=given,
            capture_output=True,
            text=True,
            check=False,
            env=environment,
        )

    def json(self, *words: str, user: str = "") -> Any:
        done = self(*words, "--json", user=user)
        assert done.returncode in {0, 3}, done.stderr
        return json.loads(done.stdout)


@pytest.fixture
def station(tmp_path: Path) -> Station:
    made = Station(tmp_path)
    assert made("init", ".", "--engine", "espeak").returncode == 0
    text = (tmp_path / "schedules" / "station.toml").read_text(encoding="utf-8")
    (tmp_path / "schedules" / "station.toml").write_text(text.replace('["espeak"]', '["tone"]'), encoding="utf-8")
    return made


def test_a_new_station_begins_with_the_neural_voice_where_it_is_installed(tmp_path: Path) -> None:
    made = Station(tmp_path).json("init", ".")
    text = (tmp_path / "schedules" / "station.toml").read_text(encoding="utf-8")
    assert made["engines"] == tomllib.loads(text)["station"]["engines"] == ["kokoro_vi", "espeak"]


def write(
    station: Station, name: str, body: str = "Kính thưa bà con, mai họp thôn lúc 7 giờ 30.", **changed: str
) -> str:
    fields = {
        "title": f"Bản tin {name}",
        "kind": "tin",
        "topic": "mot_cua",
        "author_unit": "Văn phòng - Thống kê xã",
        "valid_from": NEXT,
        "valid_to": (next_week() + timedelta(days=6)).isoformat(),
    } | changed
    front = "\n".join(f"{key}: {value}" for key, value in fields.items())
    (station.folder / f"{name}.txt").write_text(f"---\n{front}\n---\n{body}\n", encoding="utf-8")
    return f"{name}.txt"


def bring_to_approval(station: Station, *names: str) -> None:
    for name in names:
        assert station("bulletin", "import", f"{name}.txt", user="tu_phap").returncode == 0
    assert station("master").returncode == 0
    for name in names:
        assert station("bulletin", "submit", name, user="tu_phap").returncode == 0
        assert station("bulletin", "approve", name, user="pho_chu_tich").returncode == 0


def test_a_week_by_hand(station: Station) -> None:
    write(station, "hop_thon", documents="Thông báo số 42/TB-UBND")
    write(station, "lien_thong", topic="mot_cua_lien_thong", kind="bài")
    bring_to_approval(station, "hop_thon", "lien_thong")
    made = station("plan", "week", NEXT, user="van_hoa")
    assert made.returncode in {0, 3}, made.stderr
    assert "số 0" in made.stdout
    plan = station.json("plan", "show", NEXT)
    assert {slot["bulletin"] for slot in plan["slots"]} == {"hop_thon", "lien_thong"}
    assert "Thứ Hai" in station("plan", "show", NEXT).stdout
    for kind in ("m3u8", "xspf", "json", "csv", "ics"):
        files = station.json("playlist", "export", kind, "--week", NEXT)
        assert files
        assert all((station.folder / name).stat().st_size for name in files)
    report = station("report", "make", "--from", WEEK, "--to", "2026-11-29", "-o", "bc.html")
    assert report.returncode == 0
    assert "Báo cáo thời lượng" in (station.folder / "bc.html").read_text(encoding="utf-8")
    for kind in ("docx", "pdf"):
        (signed,) = station.json("plan", "export", kind, NEXT, "--number", "7", "--date", "2026-11-20")
        assert (station.folder / signed).stat().st_size > 10_000
    totals = station.json("airtime", "totals", "--from", WEEK, "--to", "2026-11-29")
    assert totals["total"]["aired_ms"] == 0  # planned is not aired


def test_papers_of_a_month_in_which_nothing_was_aired(station: Station) -> None:
    for name in ("results", "logbook"):
        written = station.json("report", "paper", name, "--period", "2028-02")
        assert [Path(path).name for path in written] == [
            f"{name}_2028-02-01_2028-02-29.{ending}" for ending in ("docx", "pdf", "xlsx")
        ]
    assert station("report", "form").returncode == 0
    again = station("report", "form")
    assert again.returncode == 2
    assert "không ghi đè" in again.stderr
    (station.folder / "schedules" / "mau_van_ban.docx").write_text("không phải Word")
    refused = station("report", "paper", "results", "--period", "2026-11", "--format", "docx")
    assert refused.returncode == 2
    assert "mau_van_ban.docx không dùng được" in refused.stderr
    assert station("report", "chart", "thon", "-o", "a.svg").returncode == 0
    assert (station.folder / "a.svg").read_text(encoding="utf-8").startswith("<svg")


def test_an_edit_voids_the_approval_and_the_plan_says_so(station: Station) -> None:
    write(station, "hop_thon")
    bring_to_approval(station, "hop_thon")
    write(station, "hop_thon", body="Kính thưa bà con, mai họp thôn lúc 8 giờ.")
    assert station("bulletin", "edit", "hop_thon", "--file", "hop_thon.txt", user="tu_phap").returncode == 0
    assert station("master").returncode == 0
    listed = station.json("bulletin", "list")
    assert listed == [{"code": "hop_thon", "title": "Bản tin hop_thon", "status": "mat_hieu_luc"}]
    done = station("plan", "week", NEXT, user="van_hoa")
    assert done.returncode == 2
    assert "phải duyệt lại" in done.stderr


def test_nobody_approves_their_own(station: Station) -> None:
    toml = station.folder / "schedules" / "station.toml"
    text = toml.read_text(encoding="utf-8")
    toml.write_text(text.replace('roles = ["tac_gia"]', 'roles = ["tac_gia", "lanh_dao_duyet"]', 1), encoding="utf-8")
    write(station, "hop_thon")
    assert station("bulletin", "import", "hop_thon.txt", user="tu_phap").returncode == 0
    assert station("master").returncode == 0
    assert station("bulletin", "submit", "hop_thon", user="tu_phap").returncode == 0
    done = station("bulletin", "approve", "hop_thon", user="tu_phap")
    assert done.returncode == 2
    assert "không được tự duyệt" in done.stderr
    assert station.json("bulletin", "list")[0]["status"] == "cho_duyet"


def test_a_leader_approves_what_was_heard_and_nothing_else(station: Station) -> None:
    write(station, "hop_thon")
    assert station("bulletin", "import", "hop_thon.txt", user="tu_phap").returncode == 0
    assert station("master").returncode == 0
    assert station("bulletin", "submit", "hop_thon", user="tu_phap").returncode == 0
    done = station("bulletin", "approve", "hop_thon", "--subject", "0123456789ab", user="pho_chu_tich")
    assert done.returncode == 2
    assert "Nghe lại" in done.stderr
    shown = station("bulletin", "show", "hop_thon").stdout
    heard = next(line.split(": ")[1] for line in shown.splitlines() if "Mã nội dung" in line)
    assert station("bulletin", "approve", "hop_thon", "--subject", heard, user="pho_chu_tich").returncode == 0


def test_priority_is_decided_by_a_person_and_remembered(station: Station) -> None:
    write(station, "phi", priority="uu_tien", kind="thông báo", topic="cong_khai_minh_bach", min_consecutive_days="3")
    write(station, "cu_tru", priority="uu_tien", kind="thông báo")
    bring_to_approval(station, "phi", "cu_tru")
    asked = station("plan", "week", NEXT, user="van_hoa")
    assert asked.returncode == 2
    assert "máy không tự quyết" in asked.stderr
    assert station("plan", "week", NEXT, "--first", "phi,cu_tru", user="van_hoa").returncode in {0, 3}
    assert station.json("plan", "show", NEXT)["precedence"] == ["phi", "cu_tru"]
    again = station("plan", "week", NEXT, user="van_hoa")
    assert again.returncode in {0, 3}, again.stderr
    assert station.json("plan", "show", NEXT)["number"] == 0


def test_an_amendment_is_numbered_and_has_a_reason(station: Station) -> None:
    write(station, "hop_thon")
    bring_to_approval(station, "hop_thon")
    assert station("plan", "week", NEXT, user="van_hoa").returncode in {0, 3}
    write(station, "them")
    bring_to_approval(station, "them")
    refused = station("plan", "week", NEXT, user="van_hoa")
    assert refused.returncode == 2
    assert "--reason" in refused.stderr
    assert station("plan", "amend", NEXT, "--reason", "Thêm bản tin", user="van_hoa").returncode in {0, 3}
    plan = station.json("plan", "show", NEXT)
    assert (plan["number"], plan["reason"]) == (1, "Thêm bản tin")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("bulletin", "submit", "x"), "Chưa biết ai thao tác"),
        (("bulletin", "show", "x"), "Không có bản tin «x»"),
        (("plan", "show", WEEK), "chưa có lịch"),
        (("plan", "week", "31/2/2026"), "dd/mm/yyyy"),
        (("station", "chek"), "Có phải là «check»"),
        (("read", "--lnes"), "--lines"),
        (("read", "khong_co.txt"), "Không thấy tệp khong_co.txt"),
        (("speak", "abc", "--engine", "khong", "-o", "x.wav"), "Không có giọng đọc «khong»"),
        (("speak", "abc", "--engine", "tone", "--speed", "9", "-o", "x.wav"), "từ 0.7 đến 1.3"),
        (("speak", "abc", "--engine", "tone", "-o", "x.doc"), ".wav"),
        (("master", "khong.wav", "-o", "y.wav"), "Không thấy tệp âm thanh"),
        (("plan", "solve", "khong.json", "-o", "y.json"), "Không thấy tệp"),
        (("play", "--node", "khong"), "Không có cụm loa"),
        (("report", "make", "-o", "r.doc"), ".html, .csv, .json, .docx, .pdf, .xlsx"),
        (("report", "paper", "results", "--period", "2026-13"), "2026-Q4"),
        (("report", "paper", "results", "--period", "2026-11", "--from", WEEK), "một cách"),
        (("report", "paper", "results", "--format", "odt"), "Không có loại tệp odt"),
        (("report", "chart", "topic", "-o", "a.png"), ".svg"),
        (("plan", "show", "9999-12-31"), "dd/mm/yyyy"),
        (("init", "schedules/station.toml/x"), "Không"),
        (("airtime", "totals", "--from", "2026-11-29", "--to", WEEK), "ngày cuối trước ngày đầu"),
        (("playlist", "export", "csv", "--week", WEEK), "chưa có lịch"),
        (("init", "."), "không ghi đè"),
        (("init", "moi", "--engine", "khong"), "Không có giọng đọc «khong»"),
        (("demo", "--engine", "khong"), "Không có giọng đọc «khong»"),
    ],
)
def test_what_is_wrong_is_said_once_and_nothing_is_written(station: Station, words: tuple[str, ...], said: str) -> None:
    # The database itself may be made by the first command that needs it.
    def files() -> set[Path]:
        return {p for p in station.folder.rglob("*") if p.is_file() and ".db" not in p.name}

    assert station("bulletin", "list").returncode == 0
    before = files()
    done = station(*words)
    assert done.returncode == 2, done.stdout + done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    new = {p for p in files() - before if p.parent.name != "scripts_vi"}  # the demo brings its sample first
    assert not new


def test_a_bad_file_among_good_ones_keeps_all_of_them_out(station: Station) -> None:
    good = write(station, "tot")
    bad = write(station, "xau", kind="tinn", valid_to="30/2/2026")
    done = station("bulletin", "import", good, bad, user="tu_phap")
    assert done.returncode == 2
    assert "xau.txt:3 (kind)" in done.stderr
    assert "xau.txt:7 (valid_to)" in done.stderr
    assert station.json("bulletin", "list") == []


def test_two_files_of_one_code_are_refused(station: Station) -> None:
    one = write(station, "tin")
    (station.folder / "khac").mkdir()
    (station.folder / "khac" / "tin.txt").write_text(
        (station.folder / one).read_text(encoding="utf-8"), encoding="utf-8"
    )
    done = station("bulletin", "import", one, "khac/tin.txt", user="tu_phap")
    assert done.returncode == 2
    assert "cùng cho mã" in done.stderr
    assert station.json("bulletin", "list") == []


def test_what_was_withdrawn_is_not_handed_out(station: Station) -> None:
    write(station, "hop_thon")
    bring_to_approval(station, "hop_thon")
    assert station("plan", "week", NEXT, user="van_hoa").returncode in {0, 3}
    whole = station("playlist", "export", "m3u8", "--week", NEXT, "-o", "truoc")
    assert whole.returncode == 0
    assert station("bulletin", "withdraw", "hop_thon", "--remark", "sai giờ", user="tu_phap").returncode == 0
    done = station("playlist", "export", "m3u8", "--week", NEXT, "-o", "sau")
    assert done.returncode == 3
    assert "hop_thon" in done.stdout

    def named(folder: str) -> int:
        texts = [path.read_text(encoding="utf-8") for path in (station.folder / folder).glob("*.m3u8")]
        return sum(line.endswith(".flac") and "hop_thon" in line for text in texts for line in text.splitlines())

    assert named("truoc") > 0
    assert named("sau") == 0
    # The amendment takes it off, though nothing is left to put in its place.
    amended = station("plan", "amend", NEXT, "--reason", "Rút bản tin", user="van_hoa")
    assert amended.returncode in {0, 3}, amended.stderr
    assert station.json("plan", "show", NEXT)["slots"] == []


def test_a_session_that_was_taken_off_is_not_played(station: Station) -> None:
    write(station, "hop_thon")
    bring_to_approval(station, "hop_thon")
    assert station("plan", "week", NEXT, user="van_hoa").returncode in {0, 3}
    toml = station.folder / "schedules" / "station.toml"
    text = toml.read_text(encoding="utf-8")
    toml.write_text(text.replace('code = "chieu"', 'code = "toi"').replace('"17:30"', '"18:30"'), encoding="utf-8")
    refused = station("plan", "week", NEXT, user="van_hoa")
    assert refused.returncode == 2  # another hour is another plan: it wants a reason and a number
    assert station("plan", "amend", NEXT, "--reason", "Đổi giờ", user="van_hoa").returncode in {0, 3}
    assert station("playlist", "export", "csv", "--week", NEXT, "-o", "ra").returncode == 0
    rows = (station.folder / "ra" / "lich_tuan.csv").read_text(encoding="utf-8-sig")
    assert ",toi," in rows
    assert ",chieu," not in rows


def test_sound_that_was_swapped_is_not_aired(station: Station) -> None:
    write(station, "hop_thon")
    bring_to_approval(station, "hop_thon")
    assert station("plan", "week", NEXT, user="van_hoa").returncode in {0, 3}
    masters = station.folder / "audio_out" / "ban_phat"
    mine, other = next(masters.glob("hop_thon*")), next(masters.glob("loi_xuong*"))
    mine.write_bytes(other.read_bytes())
    assert station("playlist", "export", "m3u8", "--week", NEXT, "-o", "ra").returncode == 0
    lists = "".join(path.read_text(encoding="utf-8") for path in (station.folder / "ra").glob("*.m3u8"))
    assert mine.name not in lists
    assert other.name in lists


def test_what_was_typed_is_kept_when_it_is_wrong(station: Station) -> None:
    write(station, "hop_thon")
    (station.folder / "hop_thon.txt").replace(station.folder / "scripts_vi" / "hop_thon.txt")
    assert station("bulletin", "import", "scripts_vi/hop_thon.txt", user="tu_phap").returncode == 0
    editor = f"{sys.executable} -c \"import sys; p=sys.argv[1]; t=open(p,encoding='utf-8').read(); "
    editor += "open(p,'w',encoding='utf-8').write(t.replace('mot_cua','mot_cu')+'gõ cả buổi')\""
    environment = {"EDITOR": editor, "VISUAL": editor}
    done = station("bulletin", "edit", "hop_thon", user="tu_phap", environment=environment)
    assert done.returncode == 2
    assert "mot_cua" in done.stderr
    assert "gõ cả buổi" in (station.folder / "scripts_vi" / "hop_thon.chua_xong").read_text(encoding="utf-8")


def test_a_node_is_played_by_one_process_only(station: Station) -> None:
    command = [sys.executable, "-m", "broadcaster", "play", "--node", "dong_1", "--output", "null"]
    first = subprocess.Popen(command, cwd=station.folder, stdout=subprocess.PIPE, text=True)
    try:
        assert first.stdout is not None
        assert first.stdout.readline().startswith("Phát cho")
        second = station("play", "--node", "dong_1", "--output", "null")
    finally:
        first.terminate()
        first.communicate(timeout=20)
    assert second.returncode == 1
    assert "chương trình khác" in second.stderr


def test_errors_can_be_had_as_json(station: Station) -> None:
    done = station("bulletin", "show", "x", "--json")
    assert done.returncode == 2
    assert json.loads(done.stderr)["error"] == "bulletin.unknown"


def test_english_on_request(station: Station) -> None:
    done = station("plan", "show", WEEK, "--lang", "en")
    assert "has no plan" in done.stderr
    assert "The weekly plan" in station("--lang", "en", "--help").stdout


def test_a_database_that_is_none_is_left_alone(station: Station) -> None:
    (station.folder / "broadcaster.db").write_bytes(b"day khong phai la co so du lieu" * 50)
    done = station("bulletin", "list")
    assert done.returncode == 1
    assert "không phải cơ sở dữ liệu" in done.stderr
    assert (station.folder / "broadcaster.db").read_bytes().startswith(b"day khong phai")


def test_lines_in_lines_out() -> None:
    written = "Quyết định 15/QĐ-UBND\n\nGọi 113 ngay!\n  \nhọp lúc 7h30\n"
    done = subprocess.run(
        [sys.executable, "-m", "broadcaster", "read", "--lines"],
        input=written,
        capture_output=True,
        text=True,
        check=True,
        encoding="utf-8",
    )
    lines = done.stdout.split("\n")
    assert len(lines) == len(written.split("\n"))
    assert not any(char.isdigit() for char in done.stdout)


def test_speak_lines_writes_one_file_a_line(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "broadcaster", "speak", "--lines", "--engine", "espeak", "-o", "out"],
        input="xin chào bà con\nmai họp thôn\n",
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["000.wav", "001.wav"]
    with wave.open(str(tmp_path / "out" / "000.wav")) as file:
        assert file.getnframes() > file.getframerate() // 2


def test_speak_sounds_as_loud_as_a_master_and_through_the_chain_that_is_asked_for(tmp_path: Path) -> None:
    base = [sys.executable, "-m", "broadcaster", "speak", "Mời bà con đến họp ở thôn.", "--engine", "espeak", "-o"]
    for chain in ("loa_nen", "off"):
        subprocess.run([*base, f"{chain}.wav", "--chain", chain], check=True, capture_output=True, cwd=tmp_path)
    subprocess.run([*base, "usual.wav"], check=True, capture_output=True, cwd=tmp_path)
    codec, meter = SoundfileCodec(), Bs1770Meter()
    sounds = {name: codec.read(tmp_path / f"{name}.wav", 24_000) for name in ("loa_nen", "off", "usual")}
    assert sounds["usual"] == sounds["loa_nen"] != sounds["off"]
    for sound in sounds.values():
        assert meter.measure(sound).loudness == pytest.approx(-16.0, abs=0.2)


def test_run_plays_on_time_and_stops_when_asked(station: Station) -> None:
    """The real player on the real clock: a session that begins within two minutes, stopped in the middle."""
    clock = SystemClock()
    # Time enough to write, voice, approve and plan before the session begins.
    start = clock.now().astimezone(ZoneInfo("Asia/Ho_Chi_Minh")) + timedelta(seconds=100)
    start = start.replace(second=0, microsecond=0)
    day, hour, minute = start.date().isoformat(), start.hour, start.minute
    if hour * 60 + minute > 24 * 60 - 40:
        pytest.skip("the station's day is nearly over: a session from now on would run past midnight")
    toml = station.folder / "schedules" / "station.toml"
    text = toml.read_text(encoding="utf-8")
    head, tail = text.split("[[session]]", 1)
    rest = "[[thon]]" + tail.split("[[thon]]", 1)[1]
    session = f'[[session]]\ncode = "nay"\nname = "Buổi này"\nstart = "{hour:02d}:{minute:02d}"\nminutes = 30\n\n'
    quiet = 'start = "21:00"\nend = "05:00"'
    toml.write_text(head.replace(quiet, 'start = "00:00"\nend = "00:00"') + session + rest, encoding="utf-8")
    write(station, "dai", body="Kính thưa bà con. " * 200, valid_from=day, valid_to=day, repeats="1")
    bring_to_approval(station, "dai")
    assert station("plan", "week", day, user="van_hoa").returncode in {0, 3}
    process = subprocess.Popen(
        [sys.executable, "-m", "broadcaster", "play", "--node", "dong_1", "--output", "file"],
        cwd=station.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        process.wait(timeout=(start - clock.now()).total_seconds() + 30)  # signature and opening take 22 s
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=20)
    assert process.returncode == 0, err
    assert "Vào buổi: Buổi này" in out
    connection = sqlite3.connect(station.folder / "broadcaster.db")
    rows = connection.execute(
        "SELECT b.text, r.outcome, r.cause, r.played_ms FROM as_run r JOIN airing a ON a.id = r.airing "
        "JOIN ledger_term b ON b.id = a.bulletin WHERE a.kind = 'ban_tin' ORDER BY r.seq"
    ).fetchall()
    connection.close()
    assert rows
    assert rows[0][:3] == ("dai", "partial", "stopped")
    assert 0 < rows[0][3] < 30_000
    recorded = list((station.folder / "audio_out" / "thu_lai").glob("*.wav"))
    assert len(recorded) == 1
    with wave.open(str(recorded[0])) as file:
        assert any(file.readframes(file.getnframes()))


def test_a_pdf_becomes_a_bulletin_file_to_be_finished(station: Station) -> None:
    import typst

    source = station.folder / "tin.typ"
    body = "Lịch cấp căn cước lưu động\n\nMai công an xã cấp thẻ căn cước tại nhà văn hóa thôn Đông."
    source.write_text('#set page(numbering: "1")\n#set text(lang: "vi")\n' + body, encoding="utf-8")
    typst.compile(str(source), output=str(station.folder / "tin.pdf"))
    refused = station("bulletin", "import", "tin.pdf", user="van_hoa")
    assert refused.returncode == 2
    assert "broadcaster bulletin draft" in refused.stderr
    shown = station("bulletin", "draft", "tin.pdf")
    assert shown.returncode == 0, shown.stderr
    assert station("bulletin", "draft", "tin.pdf", "-o", "tin.txt").returncode == 0
    text = (station.folder / "tin.txt").read_text(encoding="utf-8")
    assert shown.stdout == text
    assert 'title: "Lịch cấp căn cước lưu động"' in text
    assert text.endswith("---\nMai công an xã cấp thẻ căn cước tại nhà văn hóa thôn Đông.\n")
    assert station("bulletin", "draft", "tin.pdf", "-o", "tin.txt").returncode == 2, "nothing is overwritten"
    unfinished = station("bulletin", "import", "tin.txt", user="van_hoa")
    assert (unfinished.returncode, "author_unit" in unfinished.stderr) == (2, True)
    filled = text.replace("author_unit:", "author_unit: Công an xã").replace("topic:\n", "topic: mot_cua\n")
    (station.folder / "tin.txt").write_text(filled, encoding="utf-8")
    done = station("bulletin", "import", "tin.txt", user="van_hoa")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("name", "size", "said"), [("to.pdf", 100 * 2**20, "2 MB"), ("hong.pdf", 9, "PDF"), ("", 0, "")]
)
def test_a_file_that_gives_no_text_is_one_message(station: Station, name: str, size: int, said: str) -> None:
    path = station.folder / (name or "khong_co.docx")
    if name:
        with path.open("wb") as file:
            file.truncate(size)
    done = station("bulletin", "draft", path.name, "-o", "moi.txt")
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
    assert said in done.stderr
    assert not (station.folder / "moi.txt").exists()
