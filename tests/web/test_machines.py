"""What other programs read: calendars of a thôn, figures for Prometheus, the description of the JSON API."""

import re
from datetime import UTC, date, datetime, timedelta

from icalendar import Calendar

from broadcaster.domain.approval import Status
from broadcaster.domain.node_state import NodeState
from broadcaster.domain.rundown import ItemKind, heard_in
from tests.adapters.test_calendar import strict
from tests.domain.values import a_rundown, an_item
from tests.web.conftest import Office
from tests.web.test_keyboard import heard
from tests.web.test_week import approved, latest, monday

SAMPLE = re.compile(r'([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{([a-zA-Z_]\w*)="((?:[^"\\\n]|\\[\\"n])*)"\})? (\S+)')
"""A line of Prometheus's text format as far as this product writes it: one label at most, no time stamp."""


def figures(text: str) -> dict[tuple[str, str], float]:
    """The figures of a page of metrics; anything that the format does not allow fails."""
    assert text.endswith("\n")
    found: dict[tuple[str, str], float] = {}
    told: dict[str, set[str]] = {}
    for line in text.splitlines():
        if line.startswith("# "):
            _, what, name, rest = line.split(" ", 3)
            assert what in {"HELP", "TYPE"}
            assert what not in told.setdefault(name, set()), f"{what} of {name} twice"
            assert what == "HELP" or rest == "gauge"
            told[name].add(what)
            continue
        match = SAMPLE.fullmatch(line)
        assert match, line
        assert told[match[1]] == {"HELP", "TYPE"}
        assert (match[1], match[3] or "") not in found
        found[match[1], match[3] or ""] = float(match[4])
    return found


def test_a_thon_of_two_parts_has_all_that_each_of_them_hears(office: Office) -> None:
    all_ = approved(office, repeats="3")
    group = approved(office, title="Họp khu nhà trọ; tối, thứ Bảy", zone="khu_nha_tro", repeats="2")
    operator = office.browser("van_hoa")
    operator.post(f"/lich/{monday(office)}/xep")
    station = office.app.station
    cluster = next(one for one in station.clusters if one.code in station.zone_by_code["khu_nha_tro"].clusters)
    answer = operator.get(f"/lich-thon/{cluster.thon}.ics")
    assert answer.headers["content-type"].startswith("text/calendar")
    own, events = strict(answer.text)
    assert own["X-WR-CALNAME"].endswith(station.thon_by_code[cluster.thon].name)
    slots = [slot for slot in latest(office).slots if slot.bulletin in {all_, group}]
    assert len(events) == len(slots) == 5  # what both parts hear stands once
    names = {zone.code: zone.name for zone in station.air_zones()}
    places = {event["SUMMARY"]: event["LOCATION"] for event in events}
    assert places["Họp thôn Đông"] == station.thon_by_code[cluster.thon].name
    assert places["Họp khu nhà trọ; tối, thứ Bảy"] in names.values()
    parsed = Calendar.from_ical(answer.content).walk("VEVENT")
    days = {(slot.day, slot.session) for slot in slots}
    assert {event["dtstart"].dt.astimezone(UTC).date() for event in parsed} <= {
        day + timedelta(days=n) for day, _ in days for n in (-1, 0)
    }


def test_every_thon_has_a_calendar_even_before_there_is_a_plan(office: Office) -> None:
    telephone = office.browser()  # which cannot log in
    for thon in office.app.station.thons:
        own, events = strict(telephone.get(f"/lich-thon/{thon.code}.ics").text)
        assert (own["VERSION"], events) == ("2.0", [])


def test_what_parts_hear_at_another_time_stays_apart() -> None:
    first = a_rundown([an_item("a", 0, 60), an_item("b", 70, 60)])
    second = a_rundown([an_item("a", 0, 60), an_item("b", 80, 60)], zone="thon_tay")
    merged = heard_in([first, second], "ca_thon")
    told = [(one.zone, [item.bulletin for item in one.items if item.kind is ItemKind.BULLETIN]) for one in merged]
    assert told == [("ca_thon", ["a"]), (first.zone, ["b"]), ("thon_tay", ["b"])]
    assert heard_in([], "ca_thon") == []


def test_figures_for_prometheus_tell_of_every_state_and_of_no_person(office: Office) -> None:
    outside = office.browser()
    empty = figures(outside.get("/metrics").text)
    for status in Status:
        assert empty["broadcaster_bulletins", status.value] == 0
    for state in NodeState:
        assert ("broadcaster_nodes", state.value) in empty
    assert empty["broadcaster_plan_airings", ""] == 0
    code = approved(office)
    heard(office, code)
    answer = outside.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    found = figures(answer.text)
    assert found["broadcaster_bulletins", "da_duyet"] == 1
    assert found["broadcaster_nodes", "none"] == len(office.app.station.clusters)
    assert found["broadcaster_waiting", "/lich"] == 1  # this week has no plan
    assert ("broadcaster_build_info", "0.1.0") in found
    for word in ("Họp", "Nguyễn", "tu_phap", code):
        assert word not in answer.text


def test_the_description_names_what_the_api_answers_and_only_reading(office: Office) -> None:
    described = office.browser().get("/api/openapi.json").json()
    assert described["openapi"].startswith("3.")
    assert {method for path in described["paths"].values() for method in path} == {"get"}
    assert set(described["paths"]) == {
        "/api/v1/bulletins",
        "/api/v1/bulletins/{code}",
        "/api/v1/plans/{day}",
        "/api/v1/reports/{name}",
    }
    for path in described["paths"].values():
        assert {"200", "401"} <= set(path["get"]["responses"])


def test_the_description_is_kept_on_a_day_with_a_plan(office: Office) -> None:
    approved(office)
    office.browser("van_hoa").post(f"/lich/{monday(office)}/xep")
    reader = office.browser("van_phong")
    plan = reader.get(f"/api/v1/plans/{monday(office)}").json()
    assert datetime.fromisoformat(plan["week"]).date() == date.fromisoformat(monday(office))
    assert len(plan["slots"]) == len(latest(office).slots)
