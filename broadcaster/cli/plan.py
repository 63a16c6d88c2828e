"""`broadcaster plan`: the week's airtime."""

import json
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import click

from broadcaster.bootstrap import WORK_LIMIT
from broadcaster.cli import DONE, NEEDS_A_PERSON
from broadcaster.cli.console import Console, common
from broadcaster.cli.dates import PERIOD, monday_of, today
from broadcaster.cli.read import read_source
from broadcaster.cli.watching import Watch
from broadcaster.domain.planning.forecast import Forecast
from broadcaster.domain.planning.plan import Plan, airings_of, changes
from broadcaster.domain.rundown import Rundown
from broadcaster.domain.station import Role, week_days
from broadcaster.domain.taxonomy import Taxonomy
from broadcaster.errors import ConfigError, PlanError
from broadcaster.ports import FeedKind
from broadcaster.services.writing import require
from broadcaster.showing import day_text, decimal, duration, share

SIGNED = ("docx", "pdf")
"""Formats of the week that a leader signs."""


@click.group()
def plan() -> None:
    """Lịch phát sóng tuần / The weekly plan."""


def _make(console: Console, day: date | None, order: str, reason: str, work_limit: float) -> int:
    app = console.app()
    require(app.station, console.user(), Role.OPERATOR)
    monday = monday_of(app, day)
    codes = [app.writing.bulletin(code.strip()).code for code in order.split(",") if code.strip()]
    before = app.store.plans(monday)
    sounds = app.voicing.station_sounds()
    with Watch(console) as watch:
        made, findings = app.planning.make(
            monday, sounds, app.solver(work_limit, watch), reason=reason, precedence=codes
        )
    console.skipped(app)
    if before and before[-1].number != made.number:
        gone, come = changes(before[-1], made)
        console.print("plan.changed", gone=len(gone), come=len(come))
    console.print(
        "plan.made",
        number=made.number,
        first=day_text(monday, console.language),
        slots=len(made.slots),
        gap=share(made.gap, console.language),
    )
    console.findings(findings)
    _shortfalls(console, made)
    console.result(made)
    return NEEDS_A_PERSON if findings or made.shortfalls else DONE


def _shortfalls(console: Console, made: Plan) -> None:
    for item in made.shortfalls:
        console.print("plan.shortfall", bulletin=item.bulletin, why=console.say(item.code, **item.facts))


ORDER = click.option(
    "--first", "order", default="", metavar="CODE,CODE", help="Thứ tự các bản tin ưu tiên, do người quyết định."
)
EXPLAIN_LIMIT = 0.3
"""Work for one question of `plan explain`; a short bulletin asks one to eight."""

LIMIT = click.option("--work-limit", default=WORK_LIMIT, type=click.FloatRange(0.1, 3600), show_default=True)


@plan.command()
@click.argument("day", type=PERIOD, required=False)
@ORDER
@LIMIT
@common
def week(console: Console, day: date | None, order: str, work_limit: float) -> int:
    """Xếp lịch một tuần từ các bản tin đã duyệt (DAY: một ngày trong tuần) / Plan a week."""
    return _make(console, day, order, "", work_limit)


@plan.command()
@click.argument("day", type=PERIOD, required=False)
@click.option("--reason", required=True, help="Lý do điều chỉnh / reason.")
@ORDER
@LIMIT
@common
def amend(console: Console, day: date | None, reason: str, order: str, work_limit: float) -> int:
    """Điều chỉnh lịch đã có: buổi đã phát giữ nguyên, bản điều chỉnh được đánh số / A numbered amendment."""
    return _make(console, day, order, reason, work_limit)


@plan.command()
@click.argument("day", type=PERIOD, required=False)
@common
def show(console: Console, day: date | None) -> None:
    """Lịch tuần thành bảng: buổi × ngày / Sessions × days."""
    app = console.app()
    made = app.planning.latest(monday_of(app, day))
    console.result(made)
    days = week_days(made.week)
    rows: list[list[str]] = []
    on_air = {session.code for day in days for session in app.station.sessions_on(day)}
    on_air |= {slot.session for slot in made.slots}
    for session in sorted((s for s in app.station.sessions if s.code in on_air), key=lambda s: s.start):
        cells = {
            d: sorted((s for s in made.slots if s.day == d and s.session == session.code), key=lambda s: s.bulletin)
            for d in days
        }
        height = max(1, *(len(cell) for cell in cells.values()))
        for line in range(height):
            label = session.name if line == 0 else ""
            texts = [
                f"{c[line].bulletin.split('_')[0]} {duration(c[line].duration_ms)}" if line < len(c := cells[d]) else ""
                for d in days
            ]
            rows.append([label, *texts])
        totals = [duration(sum(s.duration_ms for s in cells[d])) for d in days]
        rows.append(["  Σ", *totals])
    heads = [f"day_{d.weekday()}" for d in days]
    console.print(
        "plan.head", number=made.number, first=day_text(made.week, console.language), reason=made.reason or "–"
    )
    console.rows("week", ["session", *heads], rows)
    for d in days:
        for special in app.station.special_on(d):
            console.print("plan.special", day=day_text(d, console.language), name=special.name)
    titles = app.titles()
    console.rows(
        "week_bulletins",
        ["bulletin", "title", "airings", "zones"],
        [
            (code, titles.get(code, ""), len(airings_of(made.slots, code)), _zones(app.station.air_zones(), made, code))
            for code in sorted({slot.bulletin for slot in made.slots})
        ],
    )


def _zones(parts: tuple[object, ...], made: Plan, code: str) -> str:
    covered = {zone for slot in made.slots if slot.bulletin == code for zone in slot.zones}
    return f"{len(covered)}/{len(parts)}"


@plan.command()
@click.argument("day", type=PERIOD, required=False)
@common
def explain(console: Console, day: date | None) -> None:
    """Vì sao bản tin được ít hơn mong muốn, phải đổi gì; dự kiến thời lượng / Why a bulletin got less; the forecast."""
    from broadcaster.explaining import amounts

    app = console.app()
    told = app.planning.explain(monday_of(app, day), app.voicing.station_sounds(), app.solver(EXPLAIN_LIMIT))
    made = told.plan
    console.print("plan.value", value=made.value, bound=made.bound, gap=share(made.gap, console.language))
    if told.changed:
        console.print("explain.changed", number=made.number, week=made.week)
    if not made.shortfalls and not told.explanations:
        console.print("plan.all_placed")
    short = {told.week.candidates[e.b].bulletin.code for e in told.explanations}
    for item in made.shortfalls:
        if item.bulletin not in short:
            console.print("plan.shortfall", bulletin=item.bulletin, why=console.say(item.code, **item.facts))
    listed = amounts(told, console.language)
    for lines in listed:
        for number, line in enumerate(lines):
            click.echo(("    " if number else "  ") + line) if not console.json else None
    if told.findings:
        console.print("explain.duty")
        console.findings(told.findings)
    if made.precedence:
        console.print("plan.precedence", order=" → ".join(made.precedence))
    _forecast(console, told.forecast, app.taxonomy)
    console.result(
        {
            "value": made.value,
            "bound": made.bound,
            "shortfalls": list(made.shortfalls),
            "explanations": [list(lines) for lines in listed],
            "findings": list(told.findings),
            "forecast": told.forecast,
        }
    )


def _forecast(console: Console, expected: Forecast, taxonomy: Taxonomy) -> None:
    total = max(1, expected.total_ms)
    rows = [
        (taxonomy.name_of(code), duration(ms), share(ms / total, console.language))
        for code, ms in expected.by_topic.items()
    ]
    console.rows("week_forecast", ["topic", "minutes", "share"], rows)
    console.print(
        "explain.target",
        share=share(expected.target_share, console.language),
        wanted=share(expected.target.target_share, console.language),
        focus=share(expected.focus_share, console.language),
        focus_wanted=share(expected.target.focus_share, console.language),
        minutes=decimal(expected.minutes_per_day, console.language, 1),
    )
    if expected.growth is not None:
        console.print(
            "explain.growth",
            rate=share(expected.growth, console.language),
            wanted=share(expected.target.growth, console.language),
            length=duration(expected.missing_ms),
        )


@plan.command()
@click.argument("day", type=PERIOD, required=False)
@common
def check(console: Console, day: date | None) -> int:
    """Soi lịch đang dùng theo quy định và nhật ký. Mã thoát 3 khi có điều cần xem / Check the plan in force."""
    app = console.app()
    made, findings = app.planning.check(monday_of(app, day), app.voicing.station_sounds())
    console.findings(findings)
    first = day_text(made.week, console.language)
    console.print("plan.checked", first=first, number=made.number, count=len(findings))
    console.result({"week": made.week, "number": made.number, "findings": list(findings)})
    return NEEDS_A_PERSON if findings else DONE


@plan.command()
@click.argument("day", type=PERIOD, required=False)
@click.option("--from", "first", type=int, help="Số của bản trước / number before.")
@click.option("--to", "second", type=int, help="Số của bản sau / number after.")
@common
def diff(console: Console, day: date | None, first: int | None, second: int | None) -> None:
    """Bản điều chỉnh đổi những gì; mặc định: bản cuối so với bản ngay trước / What an amendment changed."""
    app = console.app()
    monday = monday_of(app, day)
    plans = {made.number: made for made in app.store.plans(monday)}
    last = app.planning.latest(monday).number if second is None else second
    one, other = max(0, last - 1) if first is None else first, last
    for number in (other, one):
        if number not in plans:
            raise PlanError("plan.no_number", week=monday, number=number, allowed=sorted(plans))
    gone, come = changes(plans[one], plans[other])
    rows = [
        (
            console.say(word),
            day_text(slot.day, console.language),
            slot.session,
            slot.bulletin,
            duration(slot.duration_ms),
        )
        for slot, word in sorted([*((slot, "plan.out") for slot in gone), *((slot, "plan.in") for slot in come)])
    ]
    console.print(
        "plan.compared",
        first=day_text(monday, console.language),
        before=one,
        after=other,
        reason=plans[other].reason or "–",
        gone=len(gone),
        come=len(come),
        kept=len(plans[other].slots) - len(come),
    )
    console.rows("diff", ["change", "day", "session", "bulletin", "length"], rows)
    console.result({"from": one, "to": other, "out": list(gone), "in": list(come)})


@plan.command()
@click.argument("kind", type=click.Choice([*(kind.value for kind in FeedKind), *SIGNED]))
@click.argument("day", type=PERIOD, required=False)
@click.option("--number", default="", help="Số văn bản (docx, pdf); để trống thì ghi tay / number of the document.")
@click.option("--date", "signed_on", type=PERIOD, help="Ngày văn bản (docx, pdf); mặc định hôm nay / its date.")
@click.option("-o", "--output", type=click.Path(path_type=Path, file_okay=False), help="Thư mục / folder.")
@common
def export(
    console: Console, kind: str, day: date | None, number: str, signed_on: date | None, output: Path | None
) -> int:
    """Xuất lịch tuần: docx, pdf để ký; csv, json, ics, m3u8, xspf / Export the week."""
    app = console.app()
    made = app.planning.latest(monday_of(app, day))
    monday = made.week
    rundowns = app.auditing.rundowns(monday, monday + timedelta(days=6))
    folder = output or app.workspace.schedules / f"tuan_{monday.isoformat()}"
    if kind in SIGNED:
        path = folder / f"lich_tuan_{monday.isoformat()}_{made.number}.{kind}"
        _for_signature(console, made, rundowns, path, number, signed_on)
        return DONE
    written = app.documents.feed(FeedKind(kind), rundowns, app.feed_names(), folder)
    console.print("playlist.written", count=len(written), folder=folder)
    console.result([str(path) for path in written])
    withheld = app.withheld(rundowns)
    if withheld:
        console.print("playlist.withheld", codes=withheld)
    return NEEDS_A_PERSON if withheld else DONE


def _for_signature(
    console: Console, made: Plan, rundowns: Sequence[Rundown], path: Path, number: str, signed_on: date | None
) -> None:
    """The week as a document for the leader to sign."""
    from broadcaster.composing import Particulars, schedule_paper, starts_of

    app = console.app()
    paper = schedule_paper(
        made,
        app.station,
        Particulars(" ".join(number.split()), signed_on or today(app)),
        app.titles(),
        starts_of(rundowns),
        console.language,
    )
    app.documents.paper(paper, path, app.workspace.own_form)
    console.print("report.written", path=path)
    console.result([str(path)])


@plan.command()
@click.argument("instance", metavar="INSTANCE.json")
@click.option(
    "--work-limit", default=10.0, type=click.FloatRange(0.1, 3600), show_default=True, help="Công tính / work."
)
@click.option("--seed", default=0, type=int)
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path, dir_okay=False), help="SOLUTION.json")
@common
def solve(console: Console, instance: str, work_limit: float, seed: int, output: Path) -> None:
    """Giải một bài xếp lịch dạng JSON / Solve an instance file alone."""
    from broadcaster.domain.planning.instance import instance_from_json, solution_to_json
    from broadcaster.domain.planning.model import solve as solve_instance

    text, name = read_source(instance)
    try:
        data = json.loads(text)
    except ValueError as error:
        raise ConfigError("file.not_json", file=name, detail=str(error)) from error
    with Watch(console) as watch:
        solution = solve_instance(instance_from_json(data), work_limit=work_limit, seed=seed, progress=watch)
    console.documents().text(json.dumps(solution_to_json(solution)) + "\n", output)
    console.print(
        "plan.solved",
        value=round(solution.value, 3),
        bound=round(solution.bound, 3),
        gap=share(solution.gap, console.language, 3),
        path=output,
    )
    console.result(
        {"value": solution.value, "bound": solution.bound, "gap": solution.gap, "airings": len(solution.airings)}
    )
