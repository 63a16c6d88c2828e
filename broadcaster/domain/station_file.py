"""The station's TOML file: read with every error at once, each with its line."""

import re
import tomllib
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from broadcaster.domain.fields import Fields
from broadcaster.domain.station import (
    ALL_WEEKDAYS,
    PRESETS,
    WHOLE_COMMUNE,
    Cluster,
    Person,
    QuietHours,
    Relay,
    Role,
    Session,
    SpokenParts,
    Station,
    Target,
    Thon,
    Zone,
)
from broadcaster.errors import ConfigError, Finding, Place, Severity
from broadcaster.units import MINUTE, SECOND, Milliseconds

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

    def __init__(self, text: str, file: str) -> None:
        self.text, self.file = text, file
        self.findings: list[Finding] = []
        self.data: dict[str, Any] = tomllib.loads(text)

    def one(self, table: str) -> Fields:
        value = self.data.get(table, {})
        return self._fields(value if isinstance(value, Mapping) else {}, table, 0, f"{table}.")

    def many(self, table: str) -> list[Fields]:
        value = self.data.get(table, [])
        rows = value if isinstance(value, list) else [value]
        return [self._fields(row, table, n, f"{table}[{n + 1}].") for n, row in enumerate(rows)]

    def _fields(self, data: Mapping[str, Any], table: str, index: int, prefix: str) -> Fields:
        return Fields(data, self.file, prefix, _locator(self.text, table, index), self.findings)

    def known(self, fields: Fields, name: str, value: str, allowed: set[str]) -> None:
        if value and value not in allowed:
            fields.problem("field.choice", name, given=value, allowed=sorted(allowed), suggestion="")

    def unique(self, rows: list[tuple[Fields, str]]) -> None:
        seen: set[str] = set()
        for fields, code in rows:
            if code in seen:
                fields.problem("field.duplicate", "code", given=code)
            seen.add(code)


def _weekdays(fields: Fields) -> tuple[int, ...]:
    """Weekdays as Vietnamese counts them: 2 is Monday, 8 is Sunday (chủ nhật)."""
    numbers = fields.wholes("weekdays", 2, 8)
    return tuple(sorted({number - 2 for number in numbers})) or ALL_WEEKDAYS


def _minutes(fields: Fields, name: str, default: float) -> Milliseconds:
    return Milliseconds(round(fields.number(name, default, 0, 24 * 60) * MINUTE))


def _relays(fields: Fields, file: str) -> tuple[Relay, ...]:
    fields.seen.add("relays")
    rows = fields.data.get("relays", [])
    relays = []
    for number, row in enumerate(rows if isinstance(rows, list) else []):
        inner = Fields(
            row, file, f"{fields.prefix}relays[{number + 1}].", lambda _: fields.line_of("relays"), fields.findings
        )
        source = inner.text("source", required=True)
        offset, duration = _minutes(inner, "offset_minutes", 0), _minutes(inner, "minutes", 15)
        inner.unknown()
        relays.append(Relay(source, offset, duration))
    return tuple(sorted(relays, key=lambda relay: relay.offset))


def parse_station(text: str, file: str = "station.toml") -> Station:
    """The station from the text of its file.

    Raises:
        ConfigError: `station.syntax` for text that is not TOML, `station.invalid` with every finding otherwise.
    """
    try:
        reader = _Reader(text, file)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"line (\d+)", str(error))
        place = Place(file, int(found[1]) if found else 0)
        finding = Finding("station.syntax", Severity.ERROR, place, {"detail": str(error)})
        raise ConfigError("station.invalid", [finding], file=file) from error
    main = reader.one("station")
    code, name = main.code("code"), main.text("name", required=True)
    province, commune = main.text("province", required=True), main.text("commune", required=True)
    timezone = main.text("timezone", "Asia/Ho_Chi_Minh")
    try:
        ZoneInfo(timezone)
    except (KeyError, ValueError, OSError):
        main.problem("station.timezone", "timezone", given=timezone)
    preset = PRESETS[main.choice("preset", PRESETS, "mac_dinh")]
    engines = main.texts("engines") or ("espeak",)
    main.unknown()

    thons = []
    for fields in reader.many("thon"):
        item = Thon(
            fields.code("code"),
            fields.text("name", required=True),
            fields.whole("households", 0, 0, 100_000),
            fields.day("valid_from") or date.min,
            fields.day("valid_to") or date.max,
        )
        fields.unknown()
        thons.append((fields, item))
    thon_codes = {thon.code for _, thon in thons}

    clusters = []
    for fields in reader.many("cluster"):
        thon = fields.code("thon")
        reader.known(fields, "thon", thon, thon_codes)
        cluster = Cluster(
            fields.code("code"),
            fields.text("name", required=True),
            thon,
            fields.text("special"),
            fields.day("valid_from") or date.min,
            fields.day("valid_to") or date.max,
        )
        fields.unknown()
        clusters.append((fields, cluster))
    cluster_codes = {cluster.code for _, cluster in clusters}

    zones = [Zone(WHOLE_COMMUNE, "Toàn xã", frozenset(cluster_codes))]
    zones += [Zone(t.code, t.name, frozenset(c.code for _, c in clusters if c.thon == t.code)) for _, t in thons]
    zone_rows = [(fields, thon.code) for fields, thon in thons]
    for fields in reader.many("zone"):
        members = fields.texts("clusters", ",")
        for member in members:
            reader.known(fields, "clusters", member, cluster_codes)
        zone = Zone(fields.code("code"), fields.text("name", required=True), frozenset(members) & cluster_codes)
        fields.unknown()
        zones.append(zone)
        zone_rows.append((fields, zone.code))

    sessions = []
    for fields in reader.many("session"):
        start = fields.clock("start")
        names = fields.choices("zones", {zone.code for zone in zones}) or (WHOLE_COMMUNE,)
        session = Session(
            fields.code("code"),
            fields.text("name", required=True),
            start or QuietHours().night_until,
            _minutes(fields, "minutes", 30),
            _weekdays(fields),
            frozenset(names),
            _relays(fields, file),
            fields.number("appeal", 1.0, 0.1, 1.0),
        )
        fields.unknown()
        sessions.append((fields, session))

    people = []
    for fields in reader.many("person"):
        roles = frozenset(Role(role) for role in fields.choices("roles", [role.value for role in Role]))
        people.append((fields, Person(fields.code("code"), fields.text("name", required=True), roles)))
        fields.unknown()

    quiet_fields = reader.one("quiet")
    defaults = QuietHours()
    quiet = QuietHours(
        quiet_fields.clock("start", required=False) or defaults.start,
        quiet_fields.clock("end", required=False) or defaults.end,
        quiet_fields.clock("night_until", required=False) or defaults.night_until,
    )
    quiet_fields.unknown()
    target_fields = reader.one("target")
    target = Target(
        target_fields.number("growth", 0.0, 0, 100),
        target_fields.number("target_share", 0.0, 0, 1),
        target_fields.number("focus_share", 0.0, 0, 1),
        target_fields.number("baseline_minutes_per_day", 0.0, 0, 24 * 60),
        target_fields.text("baseline_source"),
    )
    target_fields.unknown()
    words = reader.one("spoken")
    parts = SpokenParts(words.text("opening"), words.text("closing"), words.text("synthetic_notice"))
    words.unknown()

    for rows in (
        [(f, t.code) for f, t in thons],
        [(f, c.code) for f, c in clusters],
        zone_rows,
        [(f, s.code) for f, s in sessions],
        [(f, p.code) for f, p in people],
    ):
        reader.unique(rows)
    tables = Fields(reader.data, file, findings=reader.findings)
    tables.seen |= {"station", "thon", "cluster", "zone", "session", "person", "quiet", "target", "spoken"}
    tables.unknown()
    for table, rows_of in (("thon", thons), ("cluster", clusters), ("session", sessions)):
        if not rows_of:
            tables.problem("field.required", table)
    if any(finding.severity is Severity.ERROR for finding in reader.findings):
        raise ConfigError("station.invalid", reader.findings, file=file)
    return Station(
        code,
        name,
        province,
        commune,
        timezone,
        preset,
        tuple(t for _, t in thons),
        tuple(c for _, c in clusters),
        tuple(zones),
        tuple(s for _, s in sessions),
        tuple(p for _, p in people),
        quiet,
        target,
        parts,
        engines,
    )


SIGNATURE = Milliseconds(12 * SECOND)
"""Length of the signature tune that opens a session."""
