"""Papers in the reader's words: what a report says, under the station's letterhead.

Console and web come here; how a paper looks on a page is the documents adapter's.
"""

import csv
import io
import json
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, timedelta
from typing import Any

from broadcaster.domain.asrun import AsRun
from broadcaster.domain.audit import AuditResult
from broadcaster.domain.planning.plan import Plan
from broadcaster.domain.reports import REPORTS
from broadcaster.domain.reports.chart import CHARTS, Chart
from broadcaster.domain.reports.logbook import logbook
from broadcaster.domain.reports.papers import LOG, PaperKind
from broadcaster.domain.reports.table import Table
from broadcaster.domain.rundown import Rundown
from broadcaster.domain.station import Station, week_days
from broadcaster.ports import PageChart, PageTable, Paper, Section
from broadcaster.showing import Names, day_text, decimal, duration, page_table, show
from broadcaster.units import MINUTE
from broadcaster.wording import say

LISTED = ("in_order", "title", "length", "airings", "zones")
SCHEDULE = "LPS"
"""Abbreviation of the weekly schedule in its symbol."""


@dataclass(frozen=True, slots=True)
class Particulars:
    """What the one who signs decides for each document: its number (empty: by hand) and its date."""

    number: str
    day: date


def paper_of(
    kind: PaperKind,
    result: AuditResult,
    station: Station,
    names: Names,
    particulars: Particulars,
    rows: Sequence[AsRun] = (),
    language: str = "vi",
) -> Paper:
    """A document of the registry for a period.

    Args:
        kind: which.
        result: the audit of the period.
        station: whose it is.
        names: names for codes.
        particulars: number and date.
        rows: the ledger's rows as they count; needed by the logbook alone.
        language: of its texts.
    """
    first, last = result.first, result.last
    span = period_words(first, last, language)
    charts = dict(kind.charts)
    sections: list[Section] = []
    if kind.told:
        sections.append(Section(lines=told(result, language)))
    for name in kind.reports:
        if name == LOG:
            table = logbook(rows, station.local)
            command = f"broadcaster report paper {kind.code} --from {first} --to {last}"
        else:
            table = REPORTS[name](result, station.target)
            command = f"broadcaster report make {name} --from {first} --to {last}"
        chart = page_chart(CHARTS[charts[name]](result), language, names) if name in charts else None
        shown = page_table(table, language, names)
        lines = (say("paper.nothing", language),) if not shown.body else ()
        if kind.most and len(shown.body) > kind.most + shown.total:
            lines = (say("paper.cut", language, shown=kind.most, count=len(shown.body) - shown.total, command=command),)
            shown = _cut(shown, kind.most)
        sections.append(Section(shown.title, lines, chart, shown if shown.body else None, command))
    sections.append(Section(lines=notes(result, station, language)))
    subject = f"{say(f'paper.{kind.code}', language)} {span}"
    return _paper(station, kind.symbol, particulars, subject, sections, landscape=kind.landscape, language=language)


def _cut(table: PageTable, most: int) -> PageTable:
    """The first rows of a table, and its sum."""
    body = (*table.body[:most], *(table.body[-1:] if table.total else ()))
    source = table.source
    if source is not None:
        source = replace(source, rows=(*source.rows[:most], *(source.rows[-1:] if source.total else ())))
    return replace(table, body=body, source=source)


def period_words(first: date, last: date, language: str) -> str:
    """A period as people call it: a year, a quarter, a month, or from a day to a day."""
    after = last + timedelta(days=1)
    months = (after.year - first.year) * 12 + after.month - first.month
    if first.day == 1 and after.day == 1:
        if months == 12 and first.month == 1:
            return say("paper.year", language, year=first.year)
        if months == 3 and first.month % 3 == 1:
            return say("paper.quarter", language, quarter=("I", "II", "III", "IV")[first.month // 3], year=first.year)
        if months == 1:
            return say("paper.month", language, month=first.month, year=first.year)
    return say("paper.period", language, first=day_text(first, language), last=day_text(last, language))


def tables_paper(
    chosen: Sequence[str], result: AuditResult, station: Station, names: Names, day: date, language: str
) -> Paper:
    """Any reports of the registry as one document without a form of its own: an annex."""
    kind = PaperKind("annex", tuple(chosen), symbol="PL", landscape=True)
    return paper_of(kind, result, station, names, Particulars("", day), language=language)


def csv_of(tables: Iterable[Table]) -> str:
    """Tables as CSV one below the other, plain values under codes; with a byte-order mark, for Excel."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    for table in tables:
        writer.writerow([table.code])
        writer.writerow([column.code for column in table.columns])
        writer.writerows(table.rows)
        writer.writerow([])
    return "\ufeff" + buffer.getvalue()


def json_of(tables: Mapping[str, Table], first: date, last: date) -> str:
    """Tables as JSON by their names, plain values: milliseconds, fractions of one, đồng."""
    reports = {
        name: {
            "columns": [{"code": column.code, "cell": column.cell.value} for column in table.columns],
            "rows": table.rows,
            "total": table.total,
        }
        for name, table in tables.items()
    }
    told_of = {"first": first.isoformat(), "last": last.isoformat(), "reports": reports}
    return json.dumps(told_of, ensure_ascii=False, indent=2) + "\n"


def told(result: AuditResult, language: str) -> tuple[str, ...]:
    """The period's figures in sentences."""
    if not result.total.airings:
        return (say("paper.told_nothing", language),)

    def minutes(milliseconds: float) -> str:
        return decimal(milliseconds / MINUTE, language)

    total, growth = result.total, result.growth
    lines = [
        say(
            "paper.told_total",
            language,
            days=result.broadcast_days,
            pieces=total.pieces,
            new=total.new_pieces,
            airings=total.airings,
            repeats=decimal(total.mean_repeats, language),
            minutes=minutes(total.aired_ms),
            unique=minutes(total.unique_ms),
            cluster=minutes(total.cluster_ms),
        ),
        say(
            "paper.told_share",
            language,
            minutes=minutes(result.target_group.aired_ms),
            share=decimal(result.target_share * 100, language),
            focus=minutes(result.focus_group.aired_ms),
            focus_share=decimal(result.focus_share * 100, language),
        ),
    ]
    rate = growth.rate
    if rate is None:
        lines.append(say("paper.told_no_baseline", language))
    else:
        lines.append(
            say(
                "paper.told_growth" if rate >= 0 else "paper.told_fall",
                language,
                now=decimal(growth.minutes_per_day, language, 2),
                before=decimal(growth.baseline_minutes_per_day, language, 2),
                rate=decimal(abs(rate) * 100, language),
                wanted=decimal(growth.target * 100, language),
            )
        )
    needed = result.forecast.needed_a_week
    if needed is not None and needed > 0:
        lines.append(say("paper.told_needed", language, minutes=decimal(needed, language)))
    lost = sum(max(d.planned_ms - d.played_ms, 0) for d in result.differences) + result.unrecorded_ms
    if lost:
        lines.append(say("paper.told_lost", language, minutes=minutes(lost), count=len(result.differences)))
    return tuple(lines)


def notes(result: AuditResult, station: Station, language: str) -> tuple[str, ...]:
    """How the figures are counted, and where the baseline comes from."""
    baseline = result.baseline
    source = (
        say("paper.baseline_locked", language, version=baseline.version, person=baseline.signed_by)
        if baseline
        else station.target.baseline_source or "–"
    )
    return (
        say("report.rule", language),
        say("report.relay", language, minutes=result.relay_ms // MINUTE),
        say("report.baseline", language, source=source),
    )


def page_chart(chart: Chart, language: str, names: Names) -> PageChart:
    """A chart in the reader's words."""
    shown = tuple(_named(chart, name, language, names) for name in chart.names)
    most = max(range(len(chart.values)), key=lambda n: chart.values[n], default=None)
    described = (
        say("chart.empty", language)
        if most is None
        else say("chart.most", language, name=shown[most], value=decimal(chart.values[most], language))
    )
    unit = say("chart.unit_per_day" if chart.code == "growth" else "chart.unit", language)
    return PageChart(say(f"chart.{chart.code}", language), unit, shown, chart.values, chart.over_time, described)


def _named(chart: Chart, name: str, language: str, names: Names) -> str:
    text = show(name, chart.cell, language, names)
    return text[:5] if chart.over_time and len(text) == len("31/12/2026") else text


def starts_of(rundowns: Sequence[Rundown]) -> Callable[[date, str], Sequence[tuple[datetime, str]]]:
    """When which bulletin begins first in a session of a day, in the order of the air."""
    began: dict[tuple[date, str], dict[str, datetime]] = {}
    for rundown in rundowns:
        for item in rundown.items:
            if item.bulletin:
                there = began.setdefault((rundown.day, rundown.session), {})
                there[item.bulletin] = min(item.start, there.get(item.bulletin, item.start))

    def starts(day: date, session: str) -> list[tuple[datetime, str]]:
        return sorted((at, code) for code, at in began.get((day, session), {}).items())

    return starts


def schedule_paper(
    made: Plan,
    station: Station,
    particulars: Particulars,
    titles: Mapping[str, str],
    starts: Callable[[date, str], Sequence[tuple[datetime, str]]],
    language: str = "vi",
) -> Paper:
    """The week's plan for signature: a table of sessions and days, and the list of its bulletins.

    Args:
        made: the plan.
        station: whose it is.
        particulars: number and date.
        titles: of bulletins, by code.
        starts: when which bulletin begins in a session of a day, in the order of the air; a bulletin once.
        language: of its texts.
    """
    days = week_days(made.week)
    codes = sorted({slot.bulletin for slot in made.slots})
    number = {code: n for n, code in enumerate(codes, 1)}
    on_air = {session.code for day in days for session in station.sessions_on(day)} | {s.session for s in made.slots}
    sessions = sorted((s for s in station.sessions if s.code in on_air), key=lambda s: s.start)

    def cell(day: date, session: str) -> str:
        lines = [
            f"{station.local(at):%H:%M} – {number[code]:02d}" for at, code in starts(day, session) if code in number
        ]
        return "\n".join(lines) or "–"

    heads = (
        say("column.session", language),
        *(f"{say(f'column.day_{d.weekday()}', language)}\n{d:%d/%m}" for d in days),
    )
    grid = PageTable(
        title=say("schedule.grid", language),
        head=heads,
        body=tuple((f"{s.name}\n{s.start:%H:%M}", *(cell(day, s.code) for day in days)) for s in sessions),
        right=(False,) * len(heads),
    )
    zones = {zone.code: zone.name for zone in station.air_zones()}
    whole = len(station.air_zones())

    def where(code: str) -> str:
        covered = sorted({zone for slot in made.slots if slot.bulletin == code for zone in slot.zones})
        return (
            say("schedule.everywhere", language)
            if len(covered) == whole
            else ", ".join(zones.get(z, z) for z in covered)
        )

    listed = PageTable(
        title=say("schedule.bulletins", language),
        head=tuple(say(f"column.{name}", language) for name in LISTED),
        body=tuple(
            (
                f"{number[code]:02d}",
                titles.get(code, code),
                duration(max(slot.duration_ms for slot in made.slots if slot.bulletin == code)),
                str(len({(s.day, s.session) for s in made.slots if s.bulletin == code})),
                where(code),
            )
            for code in codes
        ),
        right=(True, False, True, True, False),
    )
    span = {"first": day_text(made.week, language), "last": day_text(made.week + timedelta(days=6), language)}
    lines = [
        say(
            "schedule.head",
            language,
            number=made.number,
            **span,
        )
    ]
    if made.reason:
        lines.append(say("schedule.reason", language, reason=made.reason))
    lines += [
        say("plan.special", language, day=day_text(day, language), name=special.name)
        for day in days
        for special in station.special_on(day)
    ]
    command = f"broadcaster plan export pdf {made.week}"
    sections = [
        Section(lines=tuple(lines)),
        Section(grid.title, (), None, grid),
        Section(listed.title, (), None, listed, command),
        Section(lines=(say("schedule.notice", language),)),
    ]
    subject = say("schedule.subject", language, **span)
    if made.number:
        subject += " " + say("schedule.amended", language, number=made.number)
    return _paper(station, SCHEDULE, particulars, subject, sections, landscape=True, language=language)


def _paper(
    station: Station,
    symbol: str,
    particulars: Particulars,
    subject: str,
    sections: Sequence[Section],
    *,
    landscape: bool,
    language: str,
) -> Paper:
    head = station.letterhead.filled(station.name, station.commune)
    day = particulars.day
    # Days below ten and the first two months are written with a zero (NĐ 30/2020, Annex I).
    month = f"{day.month:02d}" if day.month < 3 else str(day.month)
    paper = Paper(
        parent=head.parent.upper(),
        issuer=head.issuer.upper(),
        number=say("paper.number", language, number=particulars.number or " " * 6, symbol=f"{symbol}-{head.symbol}"),
        place_date=say(
            "paper.place_date", language, place=head.place, day=f"{day.day:02d}", month=month, year=day.year
        ),
        kind=say(f"paper.kind_{symbol}", language),
        subject=subject,
        sections=tuple(sections),
        recipients=head.recipients,
        signer_titles=tuple(line.upper() for line in head.signer_titles),
        signer=head.signer,
        day=day,
        landscape=landscape,
        language=language,
    )
    return composed(paper)


def composed(paper: Paper) -> Paper:
    """The paper with every text in NFC: decomposed marks would be drawn apart from their letters by some programs."""
    made: Paper = _composed(paper)
    return made


def _composed(value: Any) -> Any:
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, tuple):
        return tuple(_composed(item) for item in value)
    if isinstance(value, (Paper, Section, PageTable, PageChart, Table)):
        return replace(value, **{field.name: _composed(getattr(value, field.name)) for field in fields(value)})
    return value
