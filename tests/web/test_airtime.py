"""Thời lượng: figures, the airings behind them, their sound, and every report in every format."""

import html
import json
import re
from datetime import timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest
from fastapi.testclient import TestClient

from broadcaster.domain.reports import REPORTS
from broadcaster.domain.reports.chart import CHARTS
from broadcaster.domain.reports.papers import PAPERS
from tests.suites.store_values import an_as_run
from tests.web.conftest import Office

WEEK = {"tu": "2026-11-23", "den": "2026-11-29"}


def aired(office: Office) -> str:
    """A bulletin that two clusters have heard, one of them a part of it; its master's hash."""
    code = office.handed_in(office.browser("tu_phap"))
    piece = office.app.store.bulletin(code)
    assert piece is not None
    master = office.app.approving.master_of(piece)
    assert master is not None
    nodes = [cluster.code for cluster in office.app.station.clusters][:2]
    for node, seconds in zip(nodes, (60, 45), strict=True):
        start = an_as_run(0).planned_start
        row = an_as_run(
            "2026-11-24.sang.toan_xa.ban_tin.1",
            node,
            bulletin=code,
            topic=piece.topic,
            master=master.hash,
            played_ms=seconds * 1000,
            ended_at=start + timedelta(seconds=seconds),
        )
        office.app.store.append_as_run([row])
    return master.hash


def links(page: str) -> list[str]:
    return [html.unescape(found) for found in re.findall(r'href="(/thoi-luong/lan-phat[^"]*)"', page)]


def test_each_figure_leads_to_its_airings_and_each_airing_to_its_sound(office: Office) -> None:
    master = aired(office)
    auditor = office.browser("van_phong")
    page = auditor.get("/thoi-luong", params={**WEEK, "bao_cao": "topic"}).text
    behind = auditor.get(links(page)[0]).text
    assert "1 lần phát, thời lượng 1:00, cộng mọi cụm loa 1:45" in behind
    assert "Họp thôn Đông" in behind
    sound = auditor.get(f"/thoi-luong/nghe/{master}")
    assert f'src="/thoi-luong/nghe/{master}"' in behind
    assert sound.content.startswith(b"fLaC")


def test_every_link_of_every_report_opens(office: Office) -> None:
    aired(office)
    auditor = office.browser("van_phong")
    opened = set()
    for name in REPORTS:
        for link in links(auditor.get("/thoi-luong", params={**WEEK, "bao_cao": name}).text):
            if link not in opened:
                opened.add(link)
                assert auditor.get(link).status_code == 200, link
    assert len(opened) >= 8


def test_a_sound_that_is_not_there_is_said_to_be_gone(office: Office) -> None:
    master = aired(office)
    for file in office.app.workspace.audio.rglob("*.flac"):
        file.unlink()
    auditor = office.browser("van_phong")
    assert "Không còn tệp âm thanh" in auditor.get("/thoi-luong/lan-phat", params=WEEK).text
    assert auditor.get(f"/thoi-luong/nghe/{master}").status_code == 404
    assert auditor.get("/thoi-luong/nghe/..%2f..%2fstation.toml").status_code == 404


def test_a_long_period_opens_by_months(office: Office) -> None:
    aired(office)
    auditor = office.browser("van_phong")
    year = {"tu": "2026-01-01", "den": "2026-12-31"}
    page = auditor.get("/thoi-luong/lan-phat", params=year).text
    assert "Tháng 11/2026" in page
    assert "Họp thôn Đông" not in page
    assert "Họp thôn Đông" in auditor.get("/thoi-luong/lan-phat", params={**year, "span": "2026-11"}).text


def parts(browser: TestClient, address: str, **params: str) -> bytes:
    answer = browser.get(address, params={**WEEK, **params})
    assert answer.status_code == 200, (address, params, answer.text[:300])
    assert "attachment" in answer.headers["content-disposition"]
    return answer.content


@pytest.mark.parametrize("ending", ["docx", "xlsx", "pdf", "csv", "json"])
def test_every_report_comes_in_every_format(office: Office, ending: str) -> None:
    aired(office)
    auditor = office.browser("van_phong")
    # Setting a PDF takes its time: of those, one with a chart, a long and a short one.
    for name in ("increase", "topic", "tree") if ending == "pdf" else REPORTS:
        data = parts(auditor, f"/thoi-luong/{name}.{ending}")
        if ending in {"docx", "xlsx"}:
            assert ZipFile(BytesIO(data)).testzip() is None, name
        elif ending == "json":
            assert json.loads(data)["reports"].keys() == {name}
        else:
            assert data.startswith({"pdf": b"%PDF", "csv": b"\xef\xbb\xbf"}[ending]), name


def test_every_document_comes_with_its_number(office: Office) -> None:
    aired(office)
    auditor = office.browser("van_phong")
    for name in PAPERS:
        data = parts(auditor, "/thoi-luong/van-ban", loai=name, dang="docx", so="17", ngay="2026-11-30")
        text = ZipFile(BytesIO(data)).read("word/document.xml").decode()
        assert "17/" in re.sub(r"<[^>]*>", "", text), name
    assert parts(auditor, "/thoi-luong/mau.docx").startswith(b"PK")


def test_charts_are_pictures_with_words(office: Office) -> None:
    aired(office)
    auditor = office.browser("van_phong")
    for name in CHARTS:
        drawn = auditor.get(f"/thoi-luong/bieu-do/{name}.svg", params=WEEK)
        assert drawn.headers["content-type"] == "image/svg+xml"
        assert "<title" in drawn.text
    assert 'alt="' in auditor.get("/thoi-luong", params={**WEEK, "bao_cao": "topic"}).text


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/thoi-luong/topic.exe", 404),
        ("/thoi-luong/khong.csv", 404),
        ("/thoi-luong/bieu-do/khong.svg", 404),
        ("/thoi-luong/van-ban?loai=khong&dang=pdf", 404),
        ("/thoi-luong?tu=hom-qua", 422),
        ("/thoi-luong?tu=2026-12-01&den=2026-11-01", 422),
        ("/thoi-luong/lan-phat?trang=7", 404),
        ("/thoi-luong/lan-phat?span=2026-99&tu=2026-01-01&den=2026-12-31", 200),
        ("/thoi-luong/lan-phat?day=hom-qua", 422),
        ("/thoi-luong/lan-phat?given=x&day=2026-11-24", 200),
    ],
)
def test_odd_questions_get_an_answer(office: Office, path: str, status: int) -> None:
    assert office.browser("van_phong").get(path).status_code == status
