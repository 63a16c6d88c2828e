"""`broadcaster report`: documents for people from measured airtime."""

import csv
import io
from datetime import date
from pathlib import Path

import click

from broadcaster.bootstrap import App
from broadcaster.cli.console import Console, common
from broadcaster.cli.dates import PERIOD
from broadcaster.domain.audit import AuditResult
from broadcaster.domain.reports import REPORTS
from broadcaster.errors import ConfigError
from broadcaster.ports import Page
from broadcaster.showing import Names, day_text, page_table


def write_report(console: Console, app: App, result: AuditResult, path: Path) -> None:
    """Write every report of the registry as one page."""
    names = Names.of(app.station, app.taxonomy)
    language = console.language
    page = Page(
        title=console.say("report.title"),
        organisation=app.station.name,
        subtitle=console.say(
            "report.period", first=day_text(result.first, language), last=day_text(result.last, language)
        ),
        language=language,
        tables=tuple(page_table(report(result, app.station.target), language, names) for report in REPORTS.values()),
        notes=(
            console.say("report.rule"),
            console.say("report.relay", minutes=result.relay_ms // 60_000),
            console.say("report.baseline", source=app.station.target.baseline_source or "–"),
            console.say("report.command", first=result.first, last=result.last),
        ),
    )
    app.documents.page(page, path)


@click.group()
def report() -> None:
    """Báo cáo từ thời lượng phát thực tế / Reports from measured airtime."""


@report.command("list")
@common
def list_(console: Console) -> None:
    """Các báo cáo hiện có / The reports on offer."""
    console.rows("reports", ["name", "what"], [(name, console.say(f"report.{name}")) for name in REPORTS])
    console.result(list(REPORTS))


@report.command()
@click.argument("name", type=click.Choice(["all", *REPORTS]), default="all")
@click.option("--from", "first", type=PERIOD, help="Từ ngày / first day.")
@click.option("--to", "last", type=PERIOD, help="Đến ngày / last day.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Tệp ra / output file: .html, .csv.")
@common
def make(console: Console, name: str, first: date | None, last: date | None, output: Path | None) -> None:
    """Lập báo cáo của một kỳ; không chỉ ngày thì lấy tuần này / Make a report; this week unless told otherwise."""
    from broadcaster.cli.dates import period

    app = console.app()
    start, end = period(app, first, last)
    result = app.auditing.audit(start, end)
    chosen = list(REPORTS) if name == "all" else [name]
    path = output or app.workspace.schedules / f"bao_cao_{start.isoformat()}_{end.isoformat()}.html"
    if path.suffix not in {".html", ".csv"}:
        raise ConfigError("report.ending", file=str(path))
    if path.suffix == ".csv":
        buffer = io.StringIO()
        writer = csv.writer(buffer, lineterminator="\n")
        for report_name in chosen:
            table = REPORTS[report_name](result, app.station.target)
            writer.writerow([table.code])
            writer.writerow([column.code for column in table.columns])
            writer.writerows(table.rows)
            writer.writerow([])
        app.documents.text("\ufeff" + buffer.getvalue(), path)
    else:
        write_report(console, app, result, path)
    console.print("report.written", path=path)
    console.result({"file": str(path)})
