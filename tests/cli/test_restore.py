"""Backup and restore as a person types it, on a station that runs, and with the power going at any moment."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
import requests

from broadcaster.adapters.clock import monotonic, sleep
from broadcaster.bootstrap import App
from broadcaster.config import Settings, Workspace
from broadcaster.domain.access import Account
from tests.adapters.link.servers import free_port, wait_for
from tests.cli.test_commands import Station
from tests.suites.store_values import NOW, a_bulletin, an_as_run
from tests.web.conftest import PASSWORD, SECRET

NAME = "Đài Truyền thanh xã Minh Tiến"


def opened(station: Station | Path) -> App:
    return App(Settings(Workspace.at(station if isinstance(station, Path) else station.folder)))


@pytest.fixture
def station(tmp_path: Path) -> Station:
    made = Station(tmp_path / "dai")
    made.folder.mkdir()
    assert made("init", ".", "--engine", "espeak").returncode == 0
    app = opened(made)
    app.store.save_bulletin(a_bulletin("truoc", topic="mot_cua"), NOW)
    app.store.save_account(Account("quan_tri", SECRET, admin=True, active=True, at=NOW))
    app.store.append_as_run([an_as_run(n, "dong_1") for n in range(2)])
    app.close()
    return made


def go_on(station: Station) -> None:
    """What happens after a backup."""
    app = opened(station)
    app.store.save_bulletin(a_bulletin("sau", topic="mot_cua"), NOW)
    app.store.append_as_run([an_as_run(2, "dong_1")])
    app.curbing.cap("van_hoa", "dong_1", -6, "Gần trường")
    app.close()


def state(folder: Path) -> tuple[list[str], int, int]:
    """Bulletins, rows of the ledger, lines of the notebook of mutes."""
    app = opened(folder)
    try:
        assert all(findings == () for findings in app.auditing.verify().values())
        return [one.code for one in app.store.bulletins()], len(app.store.chain("dong_1")), app.curbing.curbs().count
    finally:
        app.close()


def test_a_station_is_backed_up_and_restored_by_command(station: Station, tmp_path: Path) -> None:
    assert station("station", "backup").returncode == 2, "nobody was named"
    done = station("station", "backup", "-o", "cat/bs.zip", user="van_hoa")
    assert done.returncode == 0, done.stderr
    assert station("station", "backup", "-o", "cat/bs.zip", user="van_hoa").returncode == 2
    go_on(station)
    looked = station.json("station", "restore", "cat/bs.zip", "--look", user="van_hoa")
    assert (looked["name"], looked["bulletins"], looked["rows"], looked["broken"], looked["ahead"]) == (
        NAME,
        1,
        2,
        0,
        1,
    )
    assert state(station.folder) == (["sau", "truoc"], 3, 1)
    wrong = station("station", "restore", "cat/bs.zip", user="van_hoa", given="Đài khác\n")
    assert (wrong.returncode, NAME in wrong.stderr) == (2, True)
    assert state(station.folder) == (["sau", "truoc"], 3, 1)
    done = station("station", "restore", "cat/bs.zip", user="van_hoa", given=f"{NAME}\n")
    assert done.returncode == 0, done.stderr
    assert state(station.folder) == (["truoc"], 3, 0)
    assert len(list((station.folder / "sao_luu").glob("truoc_khoi_phuc_*.zip"))) == 1
    assert "khôi phục từ bản sao lưu" not in done.stderr

    # On another machine: an empty folder.
    other = Station(tmp_path / "may_moi")
    other.folder.mkdir()
    shutil.copy(station.folder / "cat" / "bs.zip", other.folder)
    done = other("station", "restore", "bs.zip", "--confirm", NAME, user="van_hoa")
    assert done.returncode == 0, done.stderr
    assert state(other.folder) == (["truoc"], 2, 0)


def test_a_backup_of_the_demo_leaves_the_stations_own_files_alone(station: Station, tmp_path: Path) -> None:
    settings = Settings(Workspace.at(station.folder, demo=True), demo=True)
    app = App(settings)
    app.store.save_bulletin(a_bulletin("thu"), NOW)
    app.restoring.backup(tmp_path / "bs.zip")
    app.store.save_bulletin(a_bulletin("sau"), NOW)
    own = [station.folder / "schedules" / "station.toml", station.folder / "scripts_vi" / "moi.txt"]
    own[0].write_text(own[0].read_text("utf-8") + "# sửa về sau\n", encoding="utf-8")
    own[1].write_text("mới", encoding="utf-8")
    before = [path.read_bytes() for path in own]
    app.restoring.prepare(tmp_path / "bs.zip", "van_hoa")
    app.restoring.carry_out()
    assert [path.read_bytes() for path in own] == before
    back = App(settings)
    assert [one.code for one in back.store.bulletins()] == ["thu"]
    back.close()
    assert state(station.folder) == (["truoc"], 2, 0)


def test_a_damaged_file_and_a_missing_one_are_one_message(station: Station) -> None:
    (station.folder / "hong.zip").write_bytes(b"PK khong phai")
    for name in ("hong.zip", "khong_co.zip"):
        done = station("station", "restore", name, "--confirm", NAME, user="van_hoa")
        assert done.returncode == 2
        assert name in done.stderr
        assert len(done.stderr.strip().splitlines()) == 1
    assert state(station.folder) == (["truoc"], 2, 0)


def test_a_broken_ledger_is_taken_only_by_who_says_so(station: Station) -> None:
    with closing(sqlite3.connect(station.folder / "broadcaster.db")) as database:
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f"DROP TRIGGER {name}")
        database.execute("UPDATE as_run SET played_ms = 1 WHERE seq = 2")
        database.commit()
    assert station("station", "backup", "-o", "bs.zip", user="van_hoa").returncode == 0
    assert station("station", "restore", "bs.zip", "--look", user="van_hoa").returncode == 3
    refused = station("station", "restore", "bs.zip", "--confirm", NAME, user="van_hoa")
    assert (refused.returncode, "chuỗi băm đứt" in refused.stderr) == (2, True)
    words = ["station", "restore", "bs.zip", "--confirm", NAME, "--broken-chain"]
    assert station(*words, user="van_hoa").returncode == 0


# A process that ends at the n-th file that it renames or takes away, as it does when the power goes.
FALLING = """
import os, sys
from pathlib import Path
from broadcaster.bootstrap import App
from broadcaster.config import Settings, Workspace
left, folder = int(sys.argv[1]), Path(sys.argv[2])
def heard(event, facts):
    global left
    if event in ("os.rename", "os.remove") and str(folder) in str(facts[0]):
        left -= 1
        if left < 0:
            os._exit(9)
sys.addaudithook(heard)
App(Settings(Workspace.at(folder))).close()
"""


def test_a_power_cut_at_any_moment_leaves_one_whole_state(station: Station, tmp_path: Path) -> None:
    assert station("station", "backup", "-o", str(tmp_path / "bs.zip"), user="van_hoa").returncode == 0
    go_on(station)
    app = opened(station)
    app.restoring.prepare(tmp_path / "bs.zip", "van_hoa")
    app.close()
    cuts = 0
    while cuts < 200:
        folder = tmp_path / f"cat_{cuts}"
        shutil.copytree(station.folder, folder)
        fell = subprocess.run([sys.executable, "-c", FALLING, str(cuts), str(folder)], check=False)
        assert state(folder) == (["truoc"], 3, 0), cuts
        assert not (folder / ".khoi_phuc" / "lenh.json").exists()
        assert list((folder / "sao_luu").glob("*.zip")), "the state before is kept"
        shutil.rmtree(folder)
        if fell.returncode == 0:
            break
        assert fell.returncode == 9
        cuts += 1
    assert cuts > 8, "it was killed in between"


def test_a_restoration_that_was_not_begun_can_be_taken_back_whole(station: Station, tmp_path: Path) -> None:
    assert station("station", "backup", "-o", str(tmp_path / "bs.zip"), user="van_hoa").returncode == 0
    go_on(station)
    app = opened(station)
    app.restoring.prepare(tmp_path / "bs.zip", "van_hoa")
    assert app.restoring.take_back()
    assert not app.restoring.take_back()
    app.close()
    assert state(station.folder) == (["sau", "truoc"], 3, 1)


def begun(station: Station, log: Path, port: int) -> subprocess.Popen[bytes]:
    with log.open("wb") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "broadcaster", "run", "--port", str(port), "--node", "dong_1", "--output", "null"],
            cwd=station.folder,
            stdout=said,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
    wait_for(port)
    return process


def test_a_station_that_runs_starts_again_on_what_was_restored(station: Station, tmp_path: Path) -> None:
    port, log = free_port(), tmp_path / "log.txt"
    address = f"http://127.0.0.1:{port}"
    process = begun(station, log, port)
    try:
        browser = requests.Session()
        browser.headers["origin"] = address
        login = {"ma": "quan_tri", "mat_khau": PASSWORD}
        assert browser.post(f"{address}/dang-nhap", data=login, timeout=20).status_code == 200
        data = browser.post(f"{address}/cai-dat/sao-luu", timeout=20).content
        go_on(station)
        refused = station("station", "restore", str(tmp_path), "--confirm", NAME, user="van_hoa")
        assert refused.returncode == 2
        (tmp_path / "bs.zip").write_bytes(data)
        refused = station("station", "restore", str(tmp_path / "bs.zip"), "--confirm", NAME, user="van_hoa")
        assert (refused.returncode, "Tắt broadcaster run" in refused.stderr) == (2, True), refused.stderr
        assert not (station.folder / ".khoi_phuc" / "lenh.json").exists()

        page = browser.post(f"{address}/cai-dat/sao-luu/xem", files={"tep": ("bs.zip", data)}, timeout=30).text
        name = page.split('name="ma" value="')[1].split('"')[0]
        done = browser.post(
            f"{address}/cai-dat/sao-luu/khoi-phuc", data={"ma": name, "ten": NAME, "tep": "bs.zip"}, timeout=60
        )
        assert "Đài đang khởi động lại" in done.text, done.text
        until = monotonic() + 90
        while (station.folder / ".khoi_phuc" / "lenh.json").exists() and monotonic() < until:
            sleep(0.1)
        wait_for(port)
        assert browser.get(f"{address}/cai-dat", timeout=30).url.endswith("/dang-nhap?tiep=/cai-dat")
        assert browser.post(f"{address}/dang-nhap", data=login, timeout=20).status_code == 200
        assert "đã khôi phục từ «bs.zip»" in browser.get(f"{address}/cai-dat/sao-luu", timeout=20).text
        listed = browser.get(f"{address}/ban-tin", timeout=20).text
        assert ("/ban-tin/truoc" in listed, "/ban-tin/sau" in listed) == (True, False)
        assert process.poll() is None
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0
    said = log.read_text("utf-8")
    assert "Traceback" not in said
    assert said.count("Trang điều hành:") == 2
    assert state(station.folder) == (["truoc"], 3, 0)
