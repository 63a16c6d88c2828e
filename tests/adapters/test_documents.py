"""Feeds and pages, read back by other people's parsers."""

import csv
import io
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from broadcaster.adapters.documents import feeds
from broadcaster.adapters.documents.files import FileDocuments
from broadcaster.domain.rundown import ItemKind, Rundown
from broadcaster.errors import StoreError
from broadcaster.ports import FeedKind, FeedNames, Page, PageTable
from tests.domain.values import a_rundown, an_item

HANOI = timezone(timedelta(hours=7))
RUNDOWN = a_rundown(
    [an_item("m", 0, 12, ItemKind.SIGNATURE), an_item("tin_1", 14, 60.5), an_item("r", 120, 600, ItemKind.RELAY)]
)
TITLES = {"tin_1": "Giờ làm việc; bộ phận, một cửa"}
FILES: dict[str, Path] = {RUNDOWN.items[1].master: Path("/am thanh/tin số 1 #?.flac")}

titles = st.text(st.characters(codec="utf-8"), max_size=30)
"""Any title, with line breaks and control signs too: a row from before titles were checked may be in the store."""


def local(instant: datetime) -> datetime:
    return instant.astimezone(HANOI)


def is_plain(title: str) -> bool:
    return bool(title) and title.isprintable() and title == " ".join(title.split())


def no_file(_: str) -> None:
    return None


def ics(of: list[Rundown], names: Mapping[str, str]) -> list[Any]:
    return list(Calendar.from_ical(feeds.ics(of, names, "Đài xã")).walk("VEVENT"))


# iCalendar


def test_a_calendar_is_read_back_by_another_program() -> None:
    text = feeds.ics([RUNDOWN], TITLES, "Đài xã – Đông")
    calendar = Calendar.from_ical(text)
    assert (calendar["version"], calendar["x-wr-calname"]) == ("2.0", "Đài xã – Đông")
    (event,) = calendar.walk("VEVENT")
    item = RUNDOWN.items[1]
    assert event["summary"] == TITLES["tin_1"]
    assert event.decoded("dtstart") == item.start
    assert abs(event.decoded("dtend") - item.end) < timedelta(seconds=1)
    assert event.decoded("dtstamp") == item.start
    assert event["uid"] == f"{item.id}@broadcaster"
    assert event["location"] == "thon_dong"
    assert "\r\n" in text
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))


@settings(deadline=None)
@given(titles)
def test_any_title_is_one_event(title: str) -> None:
    (event,) = ics([RUNDOWN], {"tin_1": title})
    assert event.decoded("dtstart") == RUNDOWN.items[1].start
    if is_plain(title):
        assert str(event["summary"]) == title


def test_every_event_has_a_name_of_its_own() -> None:
    other = replace(RUNDOWN, zone="thon_doai", items=tuple(replace(i, id=f"{i.id}.khac") for i in RUNDOWN.items))
    assert len({event["uid"] for event in ics([RUNDOWN, other], TITLES)}) == 2


# XSPF

NAMESPACE = "{http://xspf.org/ns/0/}"
TRACK = {"location", "identifier", "title", "creator", "annotation", "info", "image", "album", "trackNum", "duration"}


def xspf_rules(text: str, count: int) -> list[ET.Element]:
    """The rules of XSPF 1: root, namespace, version, one trackList, known elements, URIs, whole milliseconds."""
    root = ET.fromstring(text)  # noqa: S314 - our own file
    assert (root.tag, root.get("version")) == (f"{NAMESPACE}playlist", "1")
    (tracks,) = root.findall(f"{NAMESPACE}trackList")
    found = list(tracks)
    assert len(found) == count
    for track in found:
        assert track.tag == f"{NAMESPACE}track"
        names = [child.tag.removeprefix(NAMESPACE) for child in track]
        assert set(names) <= TRACK
        assert all(names.count(single) <= 1 for single in ("title", "duration"))
        for name in ("location", "identifier"):
            for uri in track.findall(f"{NAMESPACE}{name}"):
                assert re.fullmatch(r"[a-z][a-z0-9+.-]*:[!-~]+", uri.text or "")
        assert re.fullmatch(r"\d+", track.findtext(f"{NAMESPACE}duration") or "")
    return found


def test_a_playlist_keeps_the_rules_of_xspf() -> None:
    _, track, relay = xspf_rules(feeds.xspf(RUNDOWN, TITLES, FILES.get), 3)
    location = track.findtext(f"{NAMESPACE}location") or ""
    assert unquote(urlparse(location).path) == "/am thanh/tin số 1 #?.flac"
    assert track.findtext(f"{NAMESPACE}title") == TITLES["tin_1"]
    assert track.findtext(f"{NAMESPACE}duration") == "60500"
    assert relay.find(f"{NAMESPACE}location") is None
    assert relay.findtext(f"{NAMESPACE}title") == "VOV1"


@settings(deadline=None)
@given(titles)
def test_any_title_is_well_formed(title: str) -> None:
    track = xspf_rules(feeds.xspf(RUNDOWN, {"tin_1": title}, no_file), 3)[1]
    if is_plain(title):
        assert track.findtext(f"{NAMESPACE}title") == title


# M3U8


@given(titles)
def test_a_title_adds_no_line_to_a_playlist(title: str) -> None:
    lines = feeds.m3u8(RUNDOWN, {"tin_1": title}, FILES.get).splitlines()
    assert lines[0] == "#EXTM3U"
    assert [line for line in lines if not line.startswith("#")] == ["/am thanh/tin số 1 #?.flac"]
    (info,) = [at for at, line in enumerate(lines) if line.startswith("#EXTINF:")]
    assert lines[info].startswith("#EXTINF:61,")
    assert not lines[info + 1].startswith("#")


# CSV


def rows_of(names: Mapping[str, str], rundown: Rundown = RUNDOWN) -> list[list[str]]:
    text = feeds.as_csv([rundown], names, local)
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def test_a_table_has_local_times_and_whole_seconds() -> None:
    head, *body = rows_of(TITLES)
    assert len(body) == 3
    assert body[1] == [
        "2026-11-24",
        "sang",
        "thon_dong",
        "06:00:14",
        "61",
        "ban_tin",
        "tin_1",
        TITLES["tin_1"],
        "mot_cua",
        RUNDOWN.items[1].master,
    ]
    assert len(head) == len(body[0])


@given(st.sampled_from(["=", "+", "-", "@", "\t=", "\r=", "\n=", " ="]), titles)
def test_no_cell_is_a_formula(sign: str, title: str) -> None:
    relay = a_rundown([an_item("tin_1", 0, 60), an_item("r", 120, 600, ItemKind.RELAY, relay=f"{sign}{title}")])
    for rundown in (RUNDOWN, relay):
        for row in rows_of({"tin_1": f"{sign}{title}"}, rundown):
            assert not any(cell.lstrip()[:1] in set("=+-@") for cell in row if cell.strip())


@given(titles)
def test_any_title_is_one_cell(title: str) -> None:
    assert {len(row) for row in rows_of({"tin_1": title})} == {10}


# JSON and all of them


def test_the_rundowns_as_data_carry_their_hashes() -> None:
    (data,) = json.loads(feeds.as_json([RUNDOWN]))
    assert data["hash"] == RUNDOWN.hash
    assert [item["id"] for item in data["items"]] == [item.id for item in RUNDOWN.items]
    assert data["items"][1]["start"] == "2026-11-23T23:00:14Z"


WRITERS: list[Callable[[list[Rundown]], str]] = [
    feeds.as_json,
    lambda of: feeds.ics(of, TITLES, "x"),
    lambda of: feeds.as_csv(of, TITLES, local),
    lambda of: "".join(feeds.xspf(r, TITLES, FILES.get) for r in of),
    lambda of: "".join(feeds.m3u8(r, TITLES, FILES.get) for r in of),
]


@pytest.mark.parametrize("write", WRITERS)
@pytest.mark.parametrize("of", [[], [a_rundown([])], [RUNDOWN], [RUNDOWN, RUNDOWN]])
def test_the_same_rundowns_give_the_same_bytes(write: Callable[[list[Rundown]], str], of: list[Rundown]) -> None:
    assert write(of) == write(list(of))


# Files

NAMES = FeedNames("Đài xã", TITLES, FILES.get, local)


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        (FeedKind.M3U8, ["2026-11-24.sang.thon_doai.m3u8", "2026-11-24.sang.thon_dong.m3u8"]),
        (FeedKind.XSPF, ["2026-11-24.sang.thon_doai.xspf", "2026-11-24.sang.thon_dong.xspf"]),
        (FeedKind.ICS, ["lich_thon_doai.ics", "lich_thon_dong.ics"]),
        (FeedKind.JSON, ["lich_tuan.json"]),
        (FeedKind.CSV, ["lich_tuan.csv"]),
    ],
)
def test_each_format_has_its_files(tmp_path: Path, kind: FeedKind, names: list[str]) -> None:
    written = FileDocuments().feed(kind, [RUNDOWN, replace(RUNDOWN, zone="thon_doai")], NAMES, tmp_path / "a")
    assert sorted(path.name for path in written) == names
    assert sorted(path.name for path in (tmp_path / "a").iterdir()) == names
    first = [path.read_bytes() for path in written]
    FileDocuments().feed(kind, [RUNDOWN, replace(RUNDOWN, zone="thon_doai")], NAMES, tmp_path / "a")
    assert [path.read_bytes() for path in written] == first


def test_a_folder_that_is_a_file_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("", encoding="utf-8")
    with pytest.raises(StoreError) as caught:
        FileDocuments().feed(FeedKind.CSV, [RUNDOWN], NAMES, tmp_path / "a")
    assert caught.value.code == "file.disk"
    with pytest.raises(StoreError):
        FileDocuments().page(Page("a", "b", "c", "vi", ()), tmp_path / "a" / "b.html")


EVIL = "<script>alert(1)</script>\"'&"


def test_a_page_shows_what_it_was_given_and_runs_nothing(tmp_path: Path) -> None:
    table = PageTable(EVIL, (EVIL, "Phút"), ((EVIL, "1"), ("Tổng", "1")), (False, True), total=True)
    page = Page(EVIL, EVIL, EVIL, "vi", (table, PageTable("Trống", ("a",), (), (False,))), (EVIL,))
    FileDocuments().page(page, tmp_path / "bao_cao.html")
    text = (tmp_path / "bao_cao.html").read_text(encoding="utf-8")
    assert "<script" not in text
    assert text.count("&lt;script&gt;") == 8
    assert '<html lang="vi">' in text
    # Opened with a double click on a machine without a network.
    assert not re.search(r"(?:src|href)=|url\(|@import", text)
    assert text.count("<tr") == 3
    assert 'class="total"' in text
