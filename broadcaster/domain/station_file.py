"""The station's TOML file: read with every error at once, each with its line."""

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from broadcaster.domain.fields import Fields, nearest, row, shown
from broadcaster.domain.finish import finish_from
from broadcaster.domain.goals import goals_from
from broadcaster.domain.letterhead import letterhead_from
from broadcaster.domain.station import (
    ALL_WEEKDAYS,
    EAST,
    LOUDEST_CAP_DB,
    NORTH,
    PATIENT,
    PRESETS,
    SOUTH,
    SYNTHETIC_NOTICE,
    WEST,
    WHOLE_COMMUNE,
    Cluster,
    Person,
    QuietHours,
    Relay,
    Role,
    Session,
    SpokenParts,
    Spot,
    Station,
    Target,
    Thon,
    Zone,
)
from broadcaster.domain.station_days import change, mute, special_day
from broadcaster.errors import ConfigError, Finding, Place, Severity
from broadcaster.units import MINUTE, Milliseconds

_TABLE = re.compile(r"^\s*\[(\[?)\s*([\w.]+)\s*\]")


def _locator(text: str, table: str, index: int) -> Callable[[str], int]:
    """Where a key of the index-th table of that name stands; the table's own line when the key is not in it."""
    lines = text.splitlines()
    starts = [n for n, line in enumerate(lines) if (m := _TABLE.match(line)) and m[2] == table]

    def line_of(name: str) -> int:
        if index >= len(starts):
            return 0
        start = starts[index]
        for number in range(start + 1, len(lines)):
            if _TABLE.match(lines[number]):
                break
            if re.match(rf"\s*{re.escape(name)}\s*=", lines[number]):
                return number + 1
        return start + 1

    return line_of


class _Reader:
    """Walks over the tables of one file and gathers findings."""

    def __init__(self, text: str, file: str, data: dict[str, Any]) -> None:
        self.text, self.file, self.data = text, file, data
        self.findings: list[Finding] = []
        self.top = Fields(data, file, line_of=self._table_line, findings=self.findings)

    def _table_line(self, name: str) -> int:
        lines = self.text.splitlines()
        named = (n for n, line in enumerate(lines, 1) if (m := _TABLE.match(line)) and m[2].split(".")[0] == name)
        keyed = (n for n, line in enumerate(lines, 1) if re.match(rf"\s*{re.escape(name)}\s*=", line))
        return next(named, 0) or next(keyed, 0)

    def one(self, table: str) -> Fields:
        """The fields of `[table]`; none when it is not there."""
        self.top.seen.add(table)
        value = self.data.get(table, {})
        found = row(value)
        if found is None:
            self.top.problem("field.table", table, given=shown(value), allowed=[f"[{table}]"])
        return self._fields(found or {}, table, 0, f"{table}.")

    def many(self, table: str, *, required: bool = False) -> list[Fields]:
        """The fields of every `[[table]]`."""
        self.top.seen.add(table)
        value = self.data.get(table, [])
        if required and value == []:
            self.top.problem("field.required", table)
        rows = value if isinstance(value, list) else [value]
        found = [row(item) for item in rows]
        if any(item is None for item in found):
            self.top.problem("field.table", table, given=shown(value), allowed=[f"[[{table}]]"])
        return [self._fields(item, table, n, f"{table}[{n + 1}].") for n, item in enumerate(found) if item is not None]

    def _fields(self, data: Mapping[str, Any], table: str, index: int, prefix: str) -> Fields:
        return Fields(data, self.file, prefix, _locator(self.text, table, index), self.findings)

    def known(self, fields: Fields, name: str, value: str, allowed: set[str]) -> None:
        """Note a reference to something that the file does not have."""
        if value and value not in allowed:
            fields.problem(
                "field.choice", name, given=value, allowed=sorted(allowed), suggestion=nearest(value, allowed)
            )

    def unique(self, rows: Iterable[tuple[Fields, str]], taken: Iterable[str] = ()) -> None:
        """Note every code that is used twice."""
        seen = set(taken)
        for fields, code in rows:
            if code in seen:
                fields.problem("field.duplicate", "code", given=code)
            seen.add(code)

    def thons(self) -> tuple[Thon, ...]:
        """Every `[[thon]]`."""
        found = []
        for fields in self.many("thon", required=True):
            thon = Thon(
                fields.code("code"),
                fields.text("name", required=True),
                fields.whole("households", 0, 0, 100_000),
                fields.day("valid_from") or date.min,
                fields.day("valid_to") or date.max,
                fields.code("merged_into", required=False),
            )
            fields.unknown()
            found.append((fields, thon))
        self.unique(((fields, thon.code) for fields, thon in found), {WHOLE_COMMUNE})
        into = {thon.code: thon.merged_into for _, thon in found}
        for fields, thon in found:
            self.known(fields, "merged_into", thon.merged_into, set(into) - {thon.code})
            if thon.merged_into and thon.valid_to == date.max:
                fields.problem("field.required", "valid_to")
            if thon.code in ancestry(thon.merged_into, into):
                fields.problem("station.merged_circle", "merged_into", given=thon.code)
        return tuple(thon for _, thon in found)

    def clusters(self, thons: set[str]) -> tuple[Cluster, ...]:
        """Every `[[cluster]]`."""
        found = []
        for fields in self.many("cluster", required=True):
            thon = fields.code("thon")
            self.known(fields, "thon", thon, thons)
            cluster = Cluster(
                fields.code("code"),
                fields.text("name", required=True),
                thon,
                fields.text("special"),
                fields.day("valid_from") or date.min,
                fields.day("valid_to") or date.max,
                fields.number("volume_cap_db", 0.0, LOUDEST_CAP_DB, 0.0),
                _spot(fields),
            )
            fields.unknown()
            found.append((fields, cluster))
        self.unique((fields, cluster.code) for fields, cluster in found)
        return tuple(cluster for _, cluster in found)

    def zones(self, thons: Iterable[Thon], clusters: Iterable[Cluster]) -> tuple[Zone, ...]:
        """The whole commune, every thôn that has a cluster, and every `[[zone]]`."""
        codes = {cluster.code for cluster in clusters}
        zones = [Zone(WHOLE_COMMUNE, "Toàn xã", frozenset(codes))]
        into = {thon.code: thon.merged_into for thon in thons}
        members_of = {t.code: frozenset(c.code for c in clusters if t.code in ancestry(c.thon, into)) for t in thons}
        zones += [Zone(t.code, t.name, members_of[t.code]) for t in thons]
        found = []
        for fields in self.many("zone"):
            members = fields.texts("clusters", ",")
            for member in members:
                self.known(fields, "clusters", member, codes)
            if not members:
                fields.problem("field.required", "clusters")
            zone = Zone(fields.code("code"), fields.text("name", required=True), frozenset(members) & codes)
            fields.unknown()
            found.append((fields, zone))
        self.unique(((fields, zone.code) for fields, zone in found), {zone.code for zone in zones})
        return (*zones, *(zone for _, zone in found))

    def sessions(self, zones: set[str]) -> tuple[Session, ...]:
        """Every `[[session]]`."""
        found = []
        for fields in self.many("session", required=True):
            session = Session(
                fields.code("code"),
                fields.text("name", required=True),
                fields.clock("start") or QuietHours().night_until,
                _minutes(fields, "minutes", 30, least=1),
                _weekdays(fields),
                frozenset(fields.choices("zones", zones) or (WHOLE_COMMUNE,)),
                _relays(fields),
                fields.number("appeal", 1.0, 0.1, 1.0),
                fields.flag("holidays", default=True),
                fields.flag("special_only"),
            )
            fields.unknown()
            found.append((fields, session))
        self.unique((fields, session.code) for fields, session in found)
        return tuple(session for _, session in found)

    def people(self) -> tuple[Person, ...]:
        """Every `[[person]]`."""
        found = []
        for fields in self.many("person"):
            roles = frozenset(Role(role) for role in fields.choices("roles", [role.value for role in Role]))
            found.append((fields, Person(fields.code("code"), fields.text("name", required=True), roles)))
            fields.unknown()
        self.unique((fields, person.code) for fields, person in found)
        return tuple(person for _, person in found)

    def quiet(self) -> QuietHours:
        """`[quiet]`."""
        fields, usual = self.one("quiet"), QuietHours()
        quiet = QuietHours(
            fields.clock("start", required=False) or usual.start,
            fields.clock("end", required=False) or usual.end,
            fields.clock("night_until", required=False) or usual.night_until,
        )
        fields.unknown()
        return quiet

    def longest_wait(self) -> Milliseconds:
        """`[late]`."""
        fields = self.one("late")
        minutes = fields.number("wait_minutes", PATIENT / MINUTE, 0, PATIENT / MINUTE)
        fields.unknown()
        return Milliseconds(round(minutes * MINUTE))

    def target(self) -> Target:
        """`[target]`."""
        fields = self.one("target")
        target = Target(
            fields.number("growth", 0.0, 0, 100),
            fields.number("target_share", 0.0, 0, 1),
            fields.number("focus_share", 0.0, 0, 1),
            fields.number("baseline_minutes_per_day", 0.0, 0, 24 * 60),
            fields.text("baseline_source"),
        )
        fields.unknown()
        return target

    def parts(self) -> SpokenParts:
        """`[spoken]`."""
        fields = self.one("spoken")
        notice = fields.text("synthetic_notice", SYNTHETIC_NOTICE)
        announced = fields.flag("announce_synthetic", default=True)
        parts = SpokenParts(fields.text("opening"), fields.text("closing"), notice if announced else "")
        fields.unknown()
        return parts


def ancestry(code: str, into: Mapping[str, str]) -> list[str]:
    """A thôn and all that it became, one after the other; a circle is gone round once."""
    found: list[str] = []
    while code and code not in found:
        found.append(code)
        code = into.get(code, "")
    return found


def _weekdays(fields: Fields) -> tuple[int, ...]:
    """Weekdays as Vietnamese counts them: 2 is Monday, 8 is Sunday (chủ nhật)."""
    numbers = fields.wholes("weekdays", 2, 8)
    return tuple(sorted({number - 2 for number in numbers})) or ALL_WEEKDAYS


def _spot(fields: Fields) -> Spot | None:
    """Where a cluster stands, given by both of its numbers or by none."""
    latitude = fields.number("vi_do", 0.0, SOUTH, NORTH)
    longitude = fields.number("kinh_do", 0.0, WEST, EAST)
    for name, other in (("vi_do", "kinh_do"), ("kinh_do", "vi_do")):
        if other in fields.data and name not in fields.data:
            fields.problem("field.required", name)
    return Spot(latitude, longitude) if latitude and longitude else None


def _minutes(fields: Fields, name: str, default: float, least: float = 0) -> Milliseconds:
    return Milliseconds(round(fields.number(name, default, least, 24 * 60) * MINUTE))


def _relays(fields: Fields) -> tuple[Relay, ...]:
    fields.seen.add("relays")
    given = fields.data.get("relays", [])
    rows = [row(item) for item in given] if isinstance(given, list) else [None]
    relays = []
    for number, found in enumerate(rows, 1):
        if found is None:
            fields.problem("field.table", "relays", given=shown(given), allowed=["source", "offset_minutes", "minutes"])
            continue
        prefix = f"{fields.prefix}relays[{number}]."
        inner = Fields(found, fields.file, prefix, lambda _: fields.line_of("relays"), fields.findings)
        source = inner.text("source", required=True)
        offset, duration = _minutes(inner, "offset_minutes", 0), _minutes(inner, "minutes", 15, least=1)
        inner.unknown()
        relays.append(Relay(source, offset, duration))
    return tuple(sorted(relays, key=lambda relay: (relay.offset, relay.source)))


def parse_station(text: str, file: str = "station.toml") -> Station:
    """The station from the text of its file.

    Raises:
        ConfigError: `station.invalid` with every finding; `station.syntax` is the one of a text that is not TOML.
    """
    try:
        data = tomllib.loads(text)
    except (
        ValueError,
        RecursionError,
    ) as error:  # tomllib's own error is a ValueError; so is a number too long for Python
        found = re.search(r"line (\d+)", str(error))
        place = Place(file, int(found[1]) if found else len(text.splitlines()))
        finding = Finding("station.syntax", Severity.ERROR, place, {"detail": shown(error, 100)})
        raise ConfigError("station.invalid", [finding], file=file) from error
    reader = _Reader(text, file, data)
    main = reader.one("station")
    timezone = main.text("timezone", "Asia/Ho_Chi_Minh")
    try:
        ZoneInfo(timezone)
    except (KeyError, ValueError, OSError):
        main.problem("station.timezone", "timezone", given=timezone)
        timezone = "Asia/Ho_Chi_Minh"
    thons = reader.thons()
    clusters = reader.clusters({thon.code for thon in thons})
    zones = reader.zones(thons, clusters)
    sessions = reader.sessions({zone.code for zone in zones})
    station = Station(
        code=main.code("code"),
        name=main.text("name", required=True),
        province=main.text("province", required=True),
        commune=main.text("commune", required=True),
        timezone=timezone,
        preset=PRESETS[main.choice("preset", PRESETS, "mac_dinh")],
        thons=thons,
        clusters=clusters,
        zones=zones,
        sessions=sessions,
        people=reader.people(),
        quiet=reader.quiet(),
        target=reader.target(),
        parts=reader.parts(),
        engines=main.texts("engines", ",") or ("espeak",),
        finish=finish_from(reader.one("audio")),
        special_days=tuple(special_day(rows, [s.code for s in sessions]) for rows in reader.many("special_day")),
        mutes=tuple(
            mute(rows, zones[0].clusters, {zone.code: zone.clusters for zone in zones}) for rows in reader.many("mute")
        ),
        longest_wait=reader.longest_wait(),
        changes=tuple(change(rows) for rows in reader.many("change")),
        goals=goals_from(reader.one("goals")),
        letterhead=letterhead_from(reader.one("letterhead")),
    )
    main.unknown()
    reader.top.unknown()
    if any(finding.severity is Severity.ERROR for finding in reader.findings):
        raise ConfigError("station.invalid", reader.findings, file=file)
    return station
