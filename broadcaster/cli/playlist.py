"""`broadcaster playlist`: rundowns for other players and for people's calendars."""

from datetime import date, timedelta
from pathlib import Path

import click

from broadcaster.cli import DONE, NEEDS_A_PERSON
from broadcaster.cli.console import Console, common
from broadcaster.cli.dates import PERIOD, monday_of
from broadcaster.errors import PlanError
from broadcaster.ports import FeedKind


@click.group()
def playlist() -> None:
    """Xuất danh sách phát của một tuần / Export a week's playlists."""


@playlist.command()
@click.argument("kind", type=click.Choice([kind.value for kind in FeedKind]))
@click.option("--week", type=PERIOD, help="Một ngày trong tuần / any day of the week.")
@click.option("--zone", default="", metavar="CODE", help="Chỉ một vùng / one air zone only.")
@click.option("-o", "--output", type=click.Path(path_type=Path, file_okay=False), help="Thư mục / folder.")
@common
def export(console: Console, kind: str, week: date | None, zone: str, output: Path | None) -> int:
    """Xuất kịch bản phát: m3u8, xspf, json, csv, ics."""
    app = console.app()
    monday = monday_of(app, week)
    rundowns = app.auditing.rundowns(monday, monday + timedelta(days=6))
    zones = sorted({rundown.zone for rundown in rundowns})
    chosen = [rundown for rundown in rundowns if zone in {"", rundown.zone}]
    if not rundowns:
        raise PlanError("plan.none", week=monday)
    if not chosen:
        raise PlanError("plan.zone", given=zone, allowed=zones)
    folder = output or app.workspace.schedules / f"tuan_{monday.isoformat()}"
    written = app.documents.feed(FeedKind(kind), chosen, app.feed_names(), folder)
    console.print("playlist.written", count=len(written), folder=folder)
    console.result([str(path) for path in written])
    withheld = app.withheld(chosen)
    if withheld:
        console.print("playlist.withheld", codes=withheld)
    return NEEDS_A_PERSON if withheld else DONE
