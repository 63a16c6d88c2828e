"""A backup that is looked at and put in the place of what is there: who may, what is refused, what is kept."""

import json
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from broadcaster.bootstrap import App
from broadcaster.domain.trail import What
from broadcaster.units import digest_bytes
from tests.suites.store_values import an_as_run
from tests.web.conftest import PASSWORD, Office
from tests.web.test_network import joined
from tests.web.test_quieting import fields as mute_fields

NAME = "Đài Truyền thanh xã Minh Tiến"


def backup(office: Office) -> bytes:
    return office.browser("quan_tri").post("/cai-dat/sao-luu").content


def looked(browser: TestClient, data: bytes, name: str = "sao_luu.zip") -> Response:
    return browser.post("/cai-dat/sao-luu/xem", files={"tep": (name, data)})


def token_in(text: str) -> str:
    found = re.search(r'name="ma" value="([^"]+)"', text)
    assert found, text
    return found[1]


def confirmed(browser: TestClient, page: str, name: str = NAME) -> Response:
    return browser.post("/cai-dat/sao-luu/khoi-phuc", data={"ma": token_in(page), "ten": name, "tep": "sao_luu.zip"})


def files(office: Office) -> dict[str, str]:
    """Every file of the workspace with its content; not what is being prepared, nor SQLite's own."""
    root = office.app.workspace.root
    return {
        path.relative_to(root).as_posix(): digest_bytes(path.read_bytes())
        for path in root.rglob("*")
        if path.is_file() and ".khoi_phuc" not in path.parts and not re.search(r"-(wal|shm)$|\.lock$", path.name)
    }


def changed(data: bytes, change: Callable[[dict[str, bytes]], None]) -> bytes:
    """A backup whose files somebody has changed."""
    with ZipFile(BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    change(parts)
    made = BytesIO()
    with ZipFile(made, "w", ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return made.getvalue()


def in_database(data: bytes, folder: Path, *statements: str) -> bytes:
    path = folder / "sua.db"

    def change(parts: dict[str, bytes]) -> None:
        path.write_bytes(parts["broadcaster.db"])
        with closing(sqlite3.connect(path)) as database:
            guards = database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
            for statement in [*(f"DROP TRIGGER {name}" for (name,) in guards), *statements]:
                database.execute(statement)
            database.commit()
        parts["broadcaster.db"] = path.read_bytes()

    return changed(data, change)


def test_a_station_goes_back_to_a_backup_and_forward_again(office: Office) -> None:
    app = office.app
    code = office.handed_in(office.browser("tu_phap"), title="Bản tin ngày trước")
    joined(office)
    app.store.append_as_run([an_as_run(n, "dong_1") for n in range(3)])
    before = backup(office)
    later = office.handed_in(office.browser("tu_phap"), title="Bản tin về sau")
    office.browser("van_hoa").post("/tat-loa", data=mute_fields(office))
    app.store.append_as_run([an_as_run(n, "dong_1") for n in range(3, 5)])
    app.store.append_as_run([an_as_run(n, "ha_1") for n in range(2)])
    (app.workspace.scripts / "moi.txt").write_text("mới", encoding="utf-8")
    office.app.network.key  # noqa: B018 - makes the station's key, which a backup must not touch
    key = (app.workspace.network / "khoa" / "dai.key").read_bytes()
    admin = office.browser("quan_tri")
    page = looked(admin, before)
    assert page.status_code == 200, page.text
    for said in (NAME, "3 dòng của 1 cụm loa", "nguyên vẹn", "4 dòng nhật ký phát", "sao_luu.zip"):
        assert said in page.text, said
    assert re.search(r"Bản tin</th><td>1</td>", page.text)
    wrong = confirmed(admin, page.text, "Đài khác")
    assert wrong.status_code == 422
    assert "Tên đài gõ chưa đúng" in wrong.text
    done = confirmed(admin, page.text, "  đài truyền thanh xã  Minh Tiến ")
    assert "Tắt chương trình rồi chạy lại broadcaster run" in done.text, "nobody here can start it again"
    assert app.store.bulletin(later) is not None, "nothing has changed yet"
    app.close()

    back = App(app.settings)
    assert [piece.code for piece in back.store.bulletins()] == [code]
    assert back.limits("dong_1").mutes == ()
    assert not (back.workspace.scripts / "moi.txt").exists()
    assert (back.workspace.network / "khoa" / "dai.key").read_bytes() == key
    assert [one.node for one in back.network.registry.members()] == ["dong_1"]
    assert [row.item for row in back.store.chain("dong_1")] == ["0", "1", "2", "3", "4"], "what was measured stays"
    assert len(back.store.chain("ha_1")) == 2
    assert all(findings == () for findings in back.auditing.verify().values())
    assert back.auditing.verify_sums() == ()
    and_forward_again(back, admin.cookies["phien"], {code, later})


def and_forward_again(back: App, phien: str, wanted: set[str]) -> None:
    note = back.diary.notes()[-1]
    assert (note.by, note.what, note.about) == ("quan_tri", What.RESTORED, "sao_luu.zip")
    other = Office(back)
    old = TestClient(other.web, cookies={"phien": phien})
    assert old.get("/cai-dat", follow_redirects=False).status_code == 303, "everybody logs in again"
    admin = other.browser("quan_tri")
    shown = admin.get("/cai-dat/sao-luu").text
    assert "đã khôi phục từ «sao_luu.zip»" in shown
    [kept] = back.restoring.kept()
    assert kept.name in shown

    page = admin.post("/cai-dat/sao-luu/xem", data={"giu": kept.name})
    assert re.search(r"Bản tin</th><td>2</td>", page.text), "the state before, to go back to"
    confirmed(admin, page.text)
    back.close()
    again = App(back.settings)
    assert {piece.code for piece in again.store.bulletins()} == wanted
    assert again.limits("dong_1").mutes
    assert (again.workspace.scripts / "moi.txt").read_text(encoding="utf-8") == "mới"
    again.close()


@pytest.mark.parametrize("who", ["", "tu_phap", "van_hoa", "pho_chu_tich", "van_phong"])
def test_only_an_administrator_restores(office: Office, who: str) -> None:
    data = backup(office)
    browser = office.browser(who)
    refused = 401 if not who else 403
    assert looked(browser, data).status_code == refused
    assert confirmed(browser, 'name="ma" value="x"').status_code == refused
    assert browser.post("/cai-dat/sao-luu/thoi").status_code == refused
    assert not (office.app.workspace.restoring / "tai_len").exists(), "what they sent was not kept"


def drop_database(parts: dict[str, bytes]) -> None:
    del parts["broadcaster.db"]


def no_database(parts: dict[str, bytes]) -> None:
    parts["broadcaster.db"] = b"SQLite format 3\x00" + bytes(4096)


def torn(parts: dict[str, bytes]) -> None:
    data = bytearray(parts["broadcaster.db"])
    for page in range(4, len(data) // 4096, 2):
        data[page * 4096 : page * 4096 + 200] = b"\xff" * 200
    parts["broadcaster.db"] = bytes(data)


def strange(name: str) -> Callable[[dict[str, bytes]], None]:
    return lambda parts: parts.update({name: b"x"})


def no_station(parts: dict[str, bytes]) -> None:
    parts["schedules/station.toml"] = b"[station"


def another(parts: dict[str, bytes]) -> None:
    text = parts["schedules/station.toml"].decode()
    parts["schedules/station.toml"] = text.replace('"minh_tien"', '"yen_khanh"').encode()


def bad_diary(parts: dict[str, bytes]) -> None:
    parts["schedules/so_viec.jsonl"] = b"khong phai\n"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (drop_database, "thiếu cơ sở dữ liệu"),
        (no_database, "bị hỏng"),
        (torn, "bị hỏng"),
        (strange("../ngoai.toml"), "tệp lạ"),
        (strange("/etc/passwd"), "tệp lạ"),
        (strange("mang/khoa/dai.key"), "tệp lạ"),
        (strange("schedules/../scripts_vi/a.txt"), "tệp lạ"),
        (strange("schedules\\a.toml"), "tệp lạ"),
        (strange("scripts_vi/.an.txt"), "tệp lạ"),
        (strange("schedules/a\x01.toml"), "tệp lạ"),
        (no_station, "station.toml"),
        (bad_diary, "Sổ việc"),
    ],
)
def test_a_damaged_or_strange_backup_is_refused_and_nothing_changes(
    office: Office, change: Callable[[dict[str, bytes]], None], said: str
) -> None:
    office.handed_in(office.browser("tu_phap"))
    data = changed(backup(office), change)
    admin = office.browser("quan_tri")
    before = files(office)
    answer = looked(admin, data)
    assert answer.status_code == 422
    assert said in answer.text
    assert files(office) == before
    assert office.app.restoring.desk.order() is None
    assert not (office.app.workspace.root.parent / "ngoai.toml").exists()


def test_a_file_that_is_cut_off_or_has_a_changed_byte_is_refused(office: Office) -> None:
    office.handed_in(office.browser("tu_phap"))
    data = backup(office)
    admin = office.browser("quan_tri")
    flipped = bytearray(data)
    flipped[len(data) // 2] ^= 0x55
    for bad in (data[: len(data) // 2], data[:-30], bytes(flipped), b"", b"PK\x05\x06" + bytes(18), b"khong phai"):
        answer = looked(admin, bad)
        assert answer.status_code == 422, bad[:20]
        assert "chưa đổi gì" in answer.text
    assert admin.post("/cai-dat/sao-luu/xem").status_code == 422
    assert admin.post("/cai-dat/sao-luu/xem", data={"giu": "../../broadcaster.db"}).status_code == 422
    assert confirmed(admin, 'name="ma" value="0.zip"').status_code == 422


def test_another_communes_backup_is_shown_and_not_taken(office: Office) -> None:
    data = changed(backup(office), another)
    admin = office.browser("quan_tri")
    page = looked(admin, data)
    assert "của đài khác" in page.text
    assert 'name="ten"' not in page.text
    [brought] = (office.app.workspace.restoring / "tai_len").glob("*.zip")
    refused = confirmed(admin, f'name="ma" value="{brought.name}"')
    assert refused.status_code == 422
    assert "yen_khanh" in refused.text
    assert office.app.restoring.desk.order() is None


def test_a_ledger_that_somebody_changed_is_told_and_not_taken(office: Office, tmp_path: Path) -> None:
    office.app.store.append_as_run([an_as_run(n, "dong_1") for n in range(3)])
    data = in_database(backup(office), tmp_path, "UPDATE as_run SET played_ms = played_ms + 1 WHERE seq = 2")
    admin = office.browser("quan_tri")
    page = looked(admin, data)
    assert "1 chuỗi đứt" in page.text
    [brought] = (office.app.workspace.restoring / "tai_len").glob("*.zip")
    assert "chuỗi băm đứt" in confirmed(admin, f'name="ma" value="{brought.name}"').text
    assert office.app.restoring.desk.order() is None


def test_a_ledger_that_went_another_way_keeps_its_own_rows(office: Office) -> None:
    app = office.app
    app.store.append_as_run([an_as_run(n, "dong_1") for n in range(2)])
    data = backup(office)
    app.close()
    app.workspace.database.unlink()  # somebody began anew, and the node's rows with it
    other = App(app.settings)
    other.store.append_as_run([an_as_run(f"khác {n}", "dong_1") for n in range(4)])
    archive = app.workspace.root / "bs.zip"
    archive.write_bytes(data)
    assert other.restoring.look(archive).ahead == 0
    other.restoring.prepare(archive, "van_hoa")
    other.close()
    back = App(app.settings)
    assert [row.item for row in back.store.chain("dong_1")] == ["0", "1"]
    assert back.auditing.verify() == {"dong_1": ()}
    back.close()


def test_a_database_of_a_later_release_is_refused(office: Office, tmp_path: Path) -> None:
    data = in_database(backup(office), tmp_path, "UPDATE alembic_version SET version_num = '9999'")
    answer = looked(office.browser("quan_tri"), data)
    assert (answer.status_code, "bản broadcaster mới hơn" in answer.text) == (422, True)
    assert office.app.restoring.desk.order() is None


def test_while_another_program_has_the_database_nothing_is_restored(office: Office) -> None:
    data = backup(office)
    code = office.handed_in(office.browser("tu_phap"))
    admin = office.browser("quan_tri")
    confirmed(admin, looked(admin, data).text)
    other = App(office.app.settings)  # which finds the station running, and waits for it
    assert other.store.bulletin(code) is not None
    shown = admin.get("/cai-dat/sao-luu").text
    assert "Đang chờ khôi phục từ «sao_luu.zip»" in shown
    assert looked(admin, data).status_code == 422, "one at a time"
    assert "Đã thôi khôi phục" in admin.post("/cai-dat/sao-luu/thoi").text
    assert "Đang chờ khôi phục" not in admin.get("/cai-dat/sao-luu").text
    other.close()
    office.app.close()
    again = App(office.app.settings)
    assert again.store.bulletin(code) is not None
    again.close()


def test_a_present_database_that_cannot_be_read_is_kept_as_it_is(office: Office) -> None:
    code = office.handed_in(office.browser("tu_phap"))
    data = backup(office)
    admin = office.browser("quan_tri")
    confirmed(admin, looked(admin, data).text)
    office.app.close()
    office.app.workspace.database.write_bytes(b"hong " * 4096)
    back = App(office.app.settings)
    assert back.store.bulletin(code) is not None
    [kept] = back.workspace.backups.glob("*.db")
    assert kept.read_bytes() == b"hong " * 4096
    back.close()


def test_a_backup_says_when_it_was_made_and_one_of_before_says_nothing(office: Office) -> None:
    data = backup(office)
    with ZipFile(BytesIO(data)) as archive:
        assert json.loads(archive.read("sao_luu.json"))["at"]
    admin = office.browser("quan_tri")
    assert "tệp không ghi" not in looked(admin, data).text
    old = changed(data, lambda parts: parts.pop("sao_luu.json") and None)
    assert "tệp không ghi" in looked(admin, old).text
    assert PASSWORD not in looked(admin, old).text


def test_a_large_file_is_taken_there_and_nowhere_else(office: Office) -> None:
    admin = office.browser("quan_tri")
    headers = {"content-type": "application/octet-stream", "content-length": str(8 * 2**20)}
    assert admin.post("/cai-dat/sao-luu/xem", content=bytes(8 * 2**20), headers=headers).status_code == 422
    for path in ("/cai-dat/sao-luu/khoi-phuc", "/cai-dat/sao-luu"):
        assert admin.post(path, content=bytes(8 * 2**20), headers=headers).status_code == 413
    stranger = office.browser()
    assert stranger.post("/cai-dat/sao-luu/xem", content=bytes(8 * 2**20), headers=headers).status_code == 401
