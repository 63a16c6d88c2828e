"""Airtime on the command line: rows in and out, corrections, the baseline, the exchange; one message for each slip."""

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from broadcaster.domain.asrun import GENESIS, AsRun, Cause, Outcome, seal
from broadcaster.units import Milliseconds, canonical
from tests.cli.test_commands import Station
from tests.domain.histories import FIRST, measured, planned

DAY = timedelta(days=1)
SPAN = ("--from", FIRST.isoformat(), "--to", (FIRST + 6 * DAY).isoformat())
FIELDS = (
    "NguonID TenNguon DichID TenDich CumLoaID TenThietBi MaNhaCungCap TenNhaCungCap BanTinID LoaiBanTin MucDoUuTien "
    "TieuDe LoaiLinhVuc NoiDungTomTat ThoiGianSanXuat ThoiLuong TacGia ThoiDiemBatDau TiepAm NguonTiepAm NoiDung "
    "ThongTinChiTietBanTin NguonTin AmLuong CongSuat"
)
"""As `htttn_codes.yaml` of the domain lists them."""


@pytest.fixture
def station(tmp_path: Path) -> Station:
    made = Station(tmp_path)
    assert made("init", ".", "--engine", "espeak").returncode == 0
    return made


def chain(node: str = "dong_1", days: int = 3) -> list[AsRun]:
    rows = []
    for offset in range(days):
        rundown = planned(FIRST + offset * DAY, "thon_dong", "ac")
        rows += [measured(rundown, node, item, Outcome.AIRED, Cause.NONE, 60) for item in rundown.items]
    return list(seal(rows, 0, GENESIS))


def file_of(station: Station, rows: list[AsRun], name: str = "so.jsonl") -> str:
    (station.folder / name).write_text("".join(canonical(row) + "\n" for row in rows), encoding="utf-8")
    return name


def test_rows_go_from_one_station_to_another_and_in_once(station: Station, tmp_path: Path) -> None:
    sent = file_of(station, [*chain("dong_1"), *chain("dong_2")])
    first = station.json("airtime", "receive", sent)
    assert {node: (n["new"], n["resent"]) for node, n in first.items()} == {"dong_1": (6, 0), "dong_2": (6, 0)}
    totals = station.json("airtime", "totals", *SPAN)
    for _ in range(2):
        again = station.json("airtime", "receive", sent)
        assert {(n["new"], n["resent"], n["refused"], n["expected"]) for n in again.values()} == {(0, 6, 0, 7)}
    assert station.json("airtime", "totals", *SPAN) == totals
    assert totals["total"]["cluster_ms"] == 12 * 60_000
    assert set(totals["by_cluster"]) == {"dong_1", "dong_2"}
    assert set(totals["by_quarter"]) == {"2026-Q4"}
    assert station("airtime", "rows", *SPAN, "-o", "ra.jsonl").returncode == 0
    assert sorted((tmp_path / "ra.jsonl").read_text().splitlines()) == sorted(
        (tmp_path / sent).read_text().splitlines()
    )
    done = station("airtime", "rows", *SPAN, "--node", "dong_1")
    assert done.stdout.count("dong_1") == 6
    assert station("airtime", "verify").returncode == 0


def test_a_row_that_differs_is_refused_and_named(station: Station) -> None:
    station("airtime", "receive", file_of(station, chain()[:4]))
    other = [replace(row, played_ms=Milliseconds(1)) for row in chain()]
    forged = list(seal(other, 0, GENESIS))
    done = station("airtime", "receive", file_of(station, forged))
    assert done.returncode == 3
    assert "dòng 1 đã có nội dung khác" in done.stderr
    assert "6 dòng bị từ chối" in done.stdout
    assert station.json("airtime", "totals", *SPAN)["total"]["cluster_ms"] == 4 * 60_000


@pytest.mark.parametrize("spoiled", ["{", "5", '{"node": "x"}', "", "cut"])
def test_a_file_that_is_no_ledger_leaves_nothing(station: Station, spoiled: str) -> None:
    lines = [canonical(row) for row in chain()]
    text = "\n".join(lines)[:-30] if spoiled == "cut" else "\n".join([*lines, spoiled or "\x00"])
    (station.folder / "so.jsonl").write_text(text, encoding="utf-8")
    done = station("airtime", "receive", "so.jsonl")
    assert done.returncode == 2
    assert "so.jsonl, dòng" in done.stderr
    assert station.json("airtime", "rows", *SPAN) == []


def test_files_that_cannot_be_read(station: Station) -> None:
    (station.folder / "so.jsonl").write_bytes("Đài".encode("utf-16"))
    for name in ("so.jsonl", "khong_co.jsonl", "."):
        done = station("airtime", "receive", name)
        assert (done.returncode, "Traceback" in done.stderr) == (2, False)


def test_a_correction_is_shown_beside_what_was_measured(station: Station) -> None:
    station("airtime", "receive", file_of(station, chain()))
    words = ("airtime", "correct", "dong_1", "2", "--outcome", "partial", "--seconds", "20", "--cause", "power_cut")
    done = station(*words, "--reason", "Trưởng thôn báo", user="van_phong")
    assert done.returncode == 0, done.stderr
    assert station.json("airtime", "totals", *SPAN)["total"]["cluster_ms"] == 5 * 60_000 + 20_000
    assert [row["played_ms"] for row in station.json("airtime", "rows", *SPAN)] == [60_000] * 6
    page = station.folder / "x.csv"
    assert station("report", "make", "corrections", *SPAN, "-o", "x.csv").returncode == 0
    line = page.read_text(encoding="utf-8-sig").splitlines()[2]
    assert line == "2026-11-23,dong_1,2,c,aired,60000,partial,20000,Trưởng thôn báo,van_phong"
    assert station("airtime", "verify").returncode == 0
    assert station("airtime", "rebuild").returncode == 0
    assert station.json("airtime", "totals", *SPAN)["total"]["cluster_ms"] == 5 * 60_000 + 20_000


@pytest.mark.parametrize(
    ("words", "user", "said"),
    [
        (("dong_1", "2", "--outcome", "aired", "--seconds", "60"), "van_phong", "phải có lý do"),
        (("dong_1", "2", "--outcome", "aired", "--seconds", "0", "--reason", "x"), "van_phong", "0 giây không hợp"),
        (("dong_1", "2", "--outcome", "missed", "--seconds", "5", "--reason", "x"), "van_phong", "không hợp"),
        (("dong_1", "99", "--outcome", "missed", "--seconds", "0", "--reason", "x"), "van_phong", "không có dòng 99"),
        (("khong", "1", "--outcome", "missed", "--seconds", "0", "--reason", "x"), "van_phong", "không có dòng 1"),
        (("dong_1", "2", "--outcome", "missed", "--seconds", "0", "--reason", "x"), "tu_phap", "không có vai"),
        (("dong_1", "2", "--outcome", "missed", "--seconds", "0", "--reason", "x"), "", "--as"),
        (("dong_1", "2", "--outcome", "missed", "--seconds", "nan", "--reason", "x"), "van_phong", "không hợp"),
    ],
)
def test_a_correction_that_cannot_be(station: Station, words: tuple[str, ...], user: str, said: str) -> None:
    station("airtime", "receive", file_of(station, chain()))
    done = station("airtime", "correct", *words, user=user)
    assert done.returncode in {1, 2}
    assert said in done.stderr
    assert station.json("airtime", "totals", *SPAN)["total"]["cluster_ms"] == 6 * 60_000


def test_verify_finds_a_wrong_sum_and_a_changed_row_and_rebuild_mends_the_sum(station: Station) -> None:
    station("airtime", "receive", file_of(station, chain()))
    assert station("airtime", "totals", *SPAN).returncode == 0
    with closing(sqlite3.connect(station.folder / "broadcaster.db")) as raw:
        raw.execute("UPDATE airtime_month SET aired_ms = aired_ms + 1")
        raw.commit()
    done = station("airtime", "verify")
    assert done.returncode == 1
    assert "airtime_month tháng 11/2026" in done.stderr
    assert station("airtime", "rebuild").returncode == 0
    assert station("airtime", "verify").returncode == 0
    with closing(sqlite3.connect(station.folder / "broadcaster.db")) as raw:
        raw.execute("DROP TRIGGER as_run_no_update")
        raw.execute("UPDATE as_run SET played_ms = 1 WHERE seq = 3")
        raw.commit()
    done = station("airtime", "verify")
    assert done.returncode == 1
    assert "dòng 3 đã bị sửa" in done.stderr
    found = json.loads(station("airtime", "verify", "--json").stdout)
    assert [finding["code"] for finding in found["chains"]["dong_1"]] == ["ledger.changed"]
    assert {finding["code"] for finding in found["sums"]} == {"ledger.rollup"}


def test_a_baseline_is_made_by_one_signed_by_another_and_then_locked(station: Station) -> None:
    station("airtime", "receive", file_of(station, chain()))
    assert "6,50" in station("airtime", "baseline", "show").stdout
    span = ("--from", FIRST.isoformat(), "--to", (FIRST + 2 * DAY).isoformat())
    made = station.json("airtime", "baseline", "compute", *span, user="van_phong")
    assert (made["minutes_per_day"], made["how"]) == (1.0, "computed")  # one minute of mot_cua a day; c is moi_truong
    assert station.json("airtime", "totals", *SPAN)["growth"] == pytest.approx(1 / 6.5 - 1)
    assert "phải là người khác" in station("airtime", "baseline", "sign", user="van_phong").stderr
    assert "chờ người thứ hai" in station("airtime", "baseline", "enter", "5", "--source", "x", user="van_phong").stderr
    assert station("airtime", "baseline", "sign", user="pho_chu_tich").returncode == 0
    assert station.json("airtime", "totals", *SPAN)["growth"] == pytest.approx(0)
    assert "đã khóa" in station("airtime", "baseline", "enter", "5", "--source", "sổ tay 2023", user="van_phong").stderr
    words = ("airtime", "baseline", "enter", "0.5", "--source", "sổ tay 2023", "--reason", "thiếu nhật ký quý I")
    assert station(*words, user="van_phong").returncode == 0
    assert station.json("airtime", "totals", *SPAN)["growth"] == pytest.approx(0), "unsigned, it does not count"
    assert station("airtime", "baseline", "sign", user="pho_chu_tich").returncode == 0
    assert station.json("airtime", "totals", *SPAN)["growth"] == pytest.approx(1)
    shown = station.json("airtime", "baseline", "show")
    assert [v["version"] for v in shown["versions"]] == [1, 2]
    assert shown["in_force"]["version"] == 2
    assert "sổ tay 2023" in station("airtime", "baseline", "show").stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("compute", "--from", "2020-01-01", "--to", "2020-01-31"), "không có ngày phát nào"),
        (("enter", "5"), "nguồn"),
        (("enter", "0", "--source", "x"), "không phải số kỳ gốc"),
        (("enter", "nan", "--source", "x"), "không phải số kỳ gốc"),
        (("sign",), "Không có kỳ gốc nào chờ ký"),
    ],
)
def test_a_baseline_that_cannot_be(station: Station, words: tuple[str, ...], said: str) -> None:
    done = station("airtime", "baseline", *words, user="van_phong")
    assert done.returncode == 2
    assert said in done.stderr


def test_what_was_aired_in_the_fields_of_the_province(station: Station) -> None:
    station("airtime", "receive", file_of(station, chain()))
    done = station("airtime", "exchange", *SPAN)
    assert done.returncode == 2
    assert "htttn.toml" in done.stderr
    settings = station.folder / "schedules" / "htttn.toml"
    settings.write_text('source_id = "H24.1"\nsource_name = "Đài xã"\ntarget_id = "H24"\n', encoding="utf-8")
    assert "target_name" in station("airtime", "exchange", *SPAN).stderr
    settings.write_text(settings.read_text(encoding="utf-8") + 'target_name = "Sở"\n', encoding="utf-8")
    done = station("airtime", "exchange", *SPAN, "-o", "x.json")
    assert done.returncode == 0, done.stderr
    assert "KHÔNG chính thức" in done.stdout
    document = json.loads((station.folder / "x.json").read_text(encoding="utf-8"))
    assert document["khong_chinh_thuc"] is True
    records: list[dict[str, Any]] = document["log_phat_ban_tin"]
    assert len(records) == 6
    row = chain()[0]
    for record in records:
        assert list(record) == FIELDS.split()
        assert all(isinstance(record[name], str) for name in ("LoaiBanTin", "MucDoUuTien", "LoaiLinhVuc", "AmLuong"))
    first = records[0]
    assert (first["NguonID"], first["CumLoaID"], first["TenThietBi"]) == ("H24.1", "dong_1", "Nhà văn hóa thôn Đông")
    assert (first["LoaiBanTin"], first["LoaiLinhVuc"], first["TiepAm"], first["ThoiLuong"]) == ("3", "4", 0, "00:01:00")
    assert row.started_at is not None
    assert first["ThoiDiemBatDau"] == int(row.started_at.timestamp())


def test_thon_that_are_merged_keep_their_totals(station: Station) -> None:
    station("airtime", "receive", file_of(station, [*chain("dong_1"), *chain("doai_1")]))
    before = station.json("airtime", "totals", *SPAN)
    assert {k: v["cluster_ms"] for k, v in before["by_thon"].items()} == {"thon_doai": 360_000, "thon_dong": 360_000}
    toml = station.folder / "schedules" / "station.toml"
    text = toml.read_text(encoding="utf-8")
    merged = f'valid_to = {FIRST}\nmerged_into = "thon_moi"\n'
    for code in ("thon_dong", "thon_doai"):
        text = text.replace(f'[[thon]]\ncode = "{code}"\n', f'[[thon]]\ncode = "{code}"\n{merged}')
    text = text.replace("[[cluster]]", '[[thon]]\ncode = "thon_moi"\nname = "thôn Mới"\n\n[[cluster]]', 1)
    toml.write_text(text, encoding="utf-8")
    after = station.json("airtime", "totals", *SPAN)
    assert {k: v["cluster_ms"] for k, v in after["by_thon"].items()} == {
        "thon_doai": 120_000,
        "thon_dong": 120_000,
        "thon_moi": 480_000,
    }
    assert after["total"] == before["total"]
    assert station("report", "make", "tree", *SPAN, "-o", "x.csv").returncode == 0
    lines = (station.folder / "x.csv").read_text(encoding="utf-8-sig").splitlines()
    # An airing that both old thôn heard counts once for the new one: 6 airings of a minute.
    assert lines[2] == "thon_moi,thon_doai thon_dong,720000,720000,360000,True"
    assert station("airtime", "verify").returncode == 0
