"""`broadcaster demo`: the main job from end to end, on the sample bulletins, on a virtual clock."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from broadcaster.bootstrap import App, sample_folder
from broadcaster.cli.console import Console, common
from broadcaster.cli.dates import PERIOD, monday_of
from broadcaster.cli.read import read_source
from broadcaster.cli.report import write_report
from broadcaster.domain.approval import Action, Status
from broadcaster.domain.bulletin import Bulletin
from broadcaster.domain.planning.plan import Plan
from broadcaster.domain.reports import REPORTS
from broadcaster.domain.rundown import ItemKind, Rundown
from broadcaster.errors import BulletinError, ConfigError, SpeechError
from broadcaster.ports import Clock, Documents, FeedKind, Output
from broadcaster.services.rehearsing import Outage
from broadcaster.showing import Names, day_text, share
from broadcaster.units import Sha256

NEURAL = "kokoro_vi"
OPENING = 3
"""So many bulletins, the first that are heard, are named with their voice."""
FEEDS = (FeedKind.CSV, FeedKind.JSON, FeedKind.ICS)


@dataclass(frozen=True, slots=True)
class Script:
    """The rehearsal's own settings, from `scripts_vi/demo.toml`."""

    author: str
    approver: str
    precedence: tuple[str, ...]
    windows: Mapping[str, Sequence[int]]
    outages: Sequence[Mapping[str, Any]]
    listen_at: str
    listen_session: str
    neural: tuple[str, ...] = ()


def read_script(path: Path) -> Script:
    """The rehearsal's settings.

    Raises:
        ConfigError: `config.demo` for a file that is missing, broken or lacks something.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        return Script(
            data["author"],
            data["approver"],
            tuple(data.get("precedence", ())),
            data.get("windows", {}),
            data.get("outage", ()),
            data.get("listen_at", ""),
            data.get("listen_session", ""),
            tuple(data.get("neural", ())),
        )
    except (OSError, ValueError, KeyError) as error:
        raise ConfigError("config.demo", file=str(path), detail=str(error)) from error


def prepare(root: Path, documents: Documents) -> None:
    """Put the sample station where there is none yet; files that are there stay as they are."""
    if (root / "schedules" / "station.toml").is_file() and (root / "scripts_vi" / "demo.toml").is_file():
        return
    sample = sample_folder()
    for folder in ("scripts_vi", "schedules"):
        for source in sorted((sample / folder).glob("*.t*")):
            target = root / folder / source.name
            if source.is_file() and not target.exists():
                documents.text(read_source(str(source))[0], target)


@click.command()
@click.option("--engine", default="", metavar="NAME", help="Giọng đọc / speech engine (espeak, gtts, tone).")
@click.option("--week", type=PERIOD, help="Một ngày của tuần cần chạy thử / any day of the week to run.")
@click.option("--fast", is_flag=True, help="Chỉ dùng giọng nhanh của đài / the station's own quick voice only.")
@common
def demo(console: Console, engine: str, week: date | None, *, fast: bool) -> None:
    """Chạy thử việc chính: bản tin → lời đọc → giọng đọc → duyệt → lịch tuần → phát → đối soát → báo cáo.

    Đồng hồ là ảo, không loa nào kêu. Chạy lại thì làm tiếp chỗ dở, không nhân đôi. Runs the main job on a virtual
    clock.
    """
    settings = console.settings(demo=True)
    prepare(settings.workspace.root, console.documents())
    app = console.app(engine, demo=True)
    script = read_script(settings.workspace.scripts / "demo.toml")
    voice = next(iter(app.engines))  # before anything is written: a wrong name must leave nothing half-done
    monday = monday_of(app, week)
    console.print(
        "demo.begin",
        station=app.station.name,
        first=day_text(monday, console.language),
        last=day_text(monday + timedelta(days=6), console.language),
    )

    bulletins = _import(console, app, script, monday)
    neural = set() if fast or engine else _voice_neural(console, bulletins, script)
    _voice(console, app, [one for one in bulletins if one.code not in neural], voice)
    _approve(console, app, script, bulletins)
    plan = _plan(console, app, script, monday)
    rundowns, listen = _play(console, app, script, plan)
    _first_on_air(console, app, rundowns)
    feeds = [
        p for kind in FEEDS for p in app.documents.feed(kind, rundowns, app.feed_names(), settings.workspace.schedules)
    ]
    _finish(console, app, monday, feeds, listen)


def _import(console: Console, app: App, script: Script, monday: date) -> list[Bulletin]:
    files = sorted(app.workspace.scripts.glob("*.txt"))
    kept = []
    warnings = 0
    with console.progress("demo.import") as bar:
        for number, path in enumerate(files, 1):
            bar(number, len(files), path.stem)
            text, _ = read_source(str(path))
            bulletin, findings = app.writing.parse(text, path.stem, script.author, str(path))
            first, last = script.windows.get(path.stem, (0, 6))
            moved = replace(bulletin, valid_from=monday + timedelta(days=first), valid_to=monday + timedelta(days=last))
            imported = app.writing.keep(moved, findings, text, str(path))
            warnings += len(imported.findings)
            kept.append(imported.bulletin)
    console.print("demo.imported", count=len(kept), warnings=warnings)
    return kept


def _voice_neural(console: Console, bulletins: Sequence[Bulletin], script: Script) -> set[str]:
    """Have the bulletins that the script names spoken by the offline neural voice; the codes of those that were.

    Where that voice is not installed a line says so, and the station's own voice speaks them with the others.
    """
    chosen = [one for one in bulletins if one.code in script.neural]
    app = console.app(NEURAL, demo=True)
    try:
        _voice(console, app, chosen, NEURAL)
    except SpeechError:
        console.skipped(app)
        console.print("demo.no_neural", engine=NEURAL)
        return set()
    return {one.code for one in chosen}


def _first_on_air(console: Console, app: App, rundowns: Sequence[Rundown]) -> None:
    """Say which bulletins the week begins with, and by which voice."""
    titles: dict[str, str] = {}
    for rundown in sorted(rundowns, key=lambda one: one.start):
        for item in rundown.items:
            if item.kind is ItemKind.BULLETIN and item.bulletin not in titles and len(titles) < OPENING:
                master = app.store.master(Sha256(item.master))
                voice = master.engine if master else "–"
                titles[item.bulletin] = f"{app.writing.bulletin(item.bulletin).title} ({voice})"
    console.print("demo.first", bulletins=list(titles.values()))


def _voice(console: Console, app: App, bulletins: Sequence[Bulletin], engine: str) -> None:
    with console.progress("demo.voice") as bar:
        for made in app.recordings.masters(bulletins, bar):
            if isinstance(made, BulletinError):
                raise made
    masters = [m for b in bulletins if (m := app.approving.master_of(b))]
    seconds = sum(master.duration_ms for master in masters) // 1000
    console.skipped(app)
    spoke = list(dict.fromkeys(master.engine for master in masters)) or engine
    console.print("demo.voiced", engine=spoke, count=len(masters), minutes=seconds // 60, seconds=seconds % 60)


def _approve(console: Console, app: App, script: Script, bulletins: Sequence[Bulletin]) -> None:
    """The author submits, another person approves: two named people, as in the office."""
    for bulletin in bulletins:
        status = app.approving.status(bulletin)
        if status in {Status.DRAFT, Status.VOID}:
            app.approving.act(bulletin, Action.SUBMIT, script.author)
            status = Status.SUBMITTED
        if status is Status.SUBMITTED:
            app.approving.act(bulletin, Action.APPROVE, script.approver)
    author, approver = app.station.person(script.author), app.station.person(script.approver)
    console.print("demo.approved", author=author.name if author else "", approver=approver.name if approver else "")


def _plan(console: Console, app: App, script: Script, monday: date) -> Plan:
    order = [app.writing.bulletin(code).title for code in script.precedence]
    console.print("demo.precedence", order=" → ".join(order))
    plan, findings = app.planning.make(
        monday,
        app.voicing.station_sounds(),
        app.solver(),
        reason=console.say("demo.amend") if app.store.plans(monday) else "",
        precedence=script.precedence,
        rehearsal=True,
    )
    console.print("demo.planned", number=plan.number, slots=len(plan.slots), gap=share(plan.gap, console.language))
    console.findings(findings)
    for shortfall in plan.shortfalls:
        console.print("plan.shortfall", bulletin=shortfall.bulletin, why=console.say(shortfall.code, **shortfall.facts))
    return plan


def _play(console: Console, app: App, script: Script, plan: Plan) -> tuple[Sequence[Rundown], Path | None]:
    last = plan.week + timedelta(days=6)
    rundowns = app.auditing.rundowns(plan.week, last)
    zone = ZoneInfo(app.station.timezone)
    outages = [
        Outage(
            cut["node"],
            datetime.combine(plan.week + timedelta(days=cut["day"]), time.fromisoformat(cut["start"]), zone),
            datetime.combine(plan.week + timedelta(days=cut["day"]), time.fromisoformat(cut["end"]), zone),
        )
        for cut in script.outages
    ]
    first = min((r for r in rundowns if r.session == script.listen_session), key=lambda r: r.start, default=None)
    listen = (
        app.workspace.audio / f"nghe_thu.{first.day.isoformat()}.{first.session}.{script.listen_at}.wav"
        if first
        else None
    )

    def output(clock: Clock, node: str, rundown: Rundown) -> Output:
        to_file = (
            first is not None
            and node == script.listen_at
            and (rundown.day, rundown.session) == (first.day, first.session)
        )
        return app.file_output(clock, listen) if to_file and listen else app.null_output(clock)

    with console.progress("demo.play") as bar:
        rehearsal = app.rehearsing(output, outages)
        rows = rehearsal.play_week(rundowns, app.auditing.nodes_of, bar)
    console.print("demo.played", sessions=len(rundowns), rows=rows)
    for cut in script.outages:
        node = app.station.cluster_by_code[cut["node"]].name
        console.print("demo.outage", node=node, start=cut["start"], end=cut["end"])
    return rundowns, listen


def _finish(console: Console, app: App, monday: date, feeds: Sequence[Path], listen: Path | None) -> None:
    last = monday + timedelta(days=6)
    result = app.auditing.audit(monday, last)
    chains = app.auditing.verify()
    names = Names.of(app.station, app.taxonomy)
    for name in ("topic", "thon", "day", "days", "reconcile", "increase"):
        console.table(REPORTS[name](result, app.station.target), names)
    report = app.workspace.schedules / f"bao_cao_tuan_{monday.isoformat()}.html"
    write_report(console, app, result, report)
    broken = sum(bool(findings) for findings in chains.values())
    click.echo() if not console.json else None
    console.print("demo.ledger", nodes=len(chains), broken=broken)
    files = [
        report,
        *([listen] if listen and listen.is_file() else []),
        *feeds,
        app.workspace.database,
        app.workspace.audio / "ban_phat",
    ]
    console.print("demo.files")
    for path in files:
        console.print("demo.file", path=path)
    console.print("demo.next")
    console.result(
        {
            "week": monday,
            "aired_ms": result.total.aired_ms,
            "cluster_ms": result.total.cluster_ms,
            "bulletins": result.total.pieces,
            "airings": result.total.airings,
            "by_topic": {code: figures.aired_ms for code, figures in result.by_topic.items()},
            "ledger_nodes": len(chains),
            "ledger_broken": broken,
            "files": [str(path) for path in files],
        }
    )
