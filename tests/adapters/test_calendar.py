"""A week's calendars under a strict reader of RFC 5545, written here from its grammar; nothing of the library."""

import re
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadcaster.adapters.documents import feeds
from broadcaster.domain.rundown import ItemKind
from tests.domain.values import a_rundown, an_item
from tests.planning.office import Office, demo_station, quick

NAME = re.compile(r"[A-Za-z0-9-]+")
PARAMETER = re.compile(r';([A-Za-z0-9-]+)=("[^"\x00-\x1f\x7f]*"|[^";:,\x00-\x1f\x7f]*)(?:,("[^"]*"|[^";:,]*))*')
INSTANT = re.compile(r"\d{8}T\d{6}Z")
TEXT = {"SUMMARY", "LOCATION", "DESCRIPTION", "X-WR-CALNAME", "UID", "PRODID"}

Event = dict[str, str]


def lines_of(text: str) -> list[str]:
    """Content lines, unfolded (RFC 5545, 3.1): CRLF everywhere, 75 octets at most, no control characters."""
    assert text.endswith("\r\n")
    raw = text.removesuffix("\r\n").split("\r\n")
    out: list[str] = []
    for line in raw:
        assert "\n" not in line
        assert "\r" not in line
        assert len(line.encode("utf-8")) <= 75
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", line)
        if line[:1] in {" ", "\t"}:
            out[-1] += line[1:]
        else:
            assert line
            out.append(line)
    return out


def property_of(line: str) -> tuple[str, dict[str, str], str]:
    """A content line's name, parameters and value."""
    found = NAME.match(line)
    assert found, line
    at, parameters = found.end(), dict[str, str]()
    while line[at : at + 1] == ";":
        parameter = PARAMETER.match(line, at)
        assert parameter, line
        parameters[parameter[1].upper()] = parameter[2]
        at = parameter.end()
    assert line[at : at + 1] == ":", line
    return found[0].upper(), parameters, line[at + 1 :]


def plain(name: str, value: str) -> str:
    """A TEXT value without its escapes (3.3.11): a comma or semicolon is escaped, a backslash escapes a known sign."""
    assert re.fullmatch(r"(?:[^\\;,]|\\[\\;,nN])*", value), (name, value)
    return re.sub(r"\\(.)", lambda m: "\n" if m[1] in "nN" else m[1], value)


def strict(text: str) -> tuple[Event, list[Event]]:
    """The calendar's own properties and its events; anything that the standard does not allow fails."""
    stack: list[str] = []
    own: Event = {}
    events: list[Event] = []
    for line in lines_of(text):
        name, parameters, value = property_of(line)
        if name == "BEGIN":
            assert (stack, value) in ([([], "VCALENDAR"), (["VCALENDAR"], "VEVENT")])
            stack.append(value)
            if value == "VEVENT":
                events.append({})
            continue
        if name == "END":
            assert stack.pop() == value
            continue
        assert stack, "a property outside of the calendar"
        into = events[-1] if stack[-1] == "VEVENT" else own
        assert name not in into, f"{name} twice"
        assert stack[-1] == "VEVENT" or not events, "the calendar's own properties come first"
        if name in {"DTSTAMP", "DTSTART", "DTEND"}:
            assert INSTANT.fullmatch(value)
            assert parameters.get("VALUE", "DATE-TIME") == "DATE-TIME"
            assert "TZID" not in parameters
            datetime.strptime(value, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        into[name] = plain(name, value) if name in TEXT else value
    assert not stack
    assert own["VERSION"] == "2.0"
    assert own["PRODID"]
    for event in events:
        assert {"UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY"} <= set(event)
        assert event["DTSTART"] <= event["DTEND"]
    assert len({event["UID"] for event in events}) == len(events)
    return own, events


def test_a_week_of_the_demo_station_is_strict() -> None:
    monday = date(2026, 11, 23)
    office = Office(demo_station(), datetime.fromisoformat("2026-11-20T15:00:00+07:00"))
    office.approve_demo(monday)
    office.make(monday, solver=quick)
    titles = {b.code: b.title for b in office.store.bulletins()}
    rundowns = office.rundowns(monday)
    for zone in {rundown.zone for rundown in rundowns}:
        mine = [rundown for rundown in rundowns if rundown.zone == zone]
        own, events = strict(feeds.ics(mine, titles, f"{office.station.name} - {zone}"))
        assert own["X-WR-CALNAME"] == f"{office.station.name} - {zone}"
        items = [item for rundown in mine for item in rundown.items if item.kind is ItemKind.BULLETIN]
        assert [event["SUMMARY"] for event in events] == [titles[item.bulletin] for item in items]
        assert [event["DTSTART"] for event in events] == [item.start.strftime("%Y%m%dT%H%M%SZ") for item in items]


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=200), st.text(max_size=40).filter(str.isprintable))
def test_any_title_is_strict(title: str, name: str) -> None:
    _, events = strict(feeds.ics([a_rundown([an_item("a", 0, 60)])], {"a": title}, name))
    assert len(events) == 1


@pytest.mark.parametrize("broken", [
    "BEGIN:VCALENDAR\nEND:VCALENDAR\n",
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:a\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:a,b\r\nEND:VCALENDAR\r\n",
    f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:{'x' * 80}\r\nEND:VCALENDAR\r\n",
])  # fmt: skip
def test_the_strict_reader_is_strict(broken: str) -> None:
    with pytest.raises(AssertionError):
        strict(broken)
