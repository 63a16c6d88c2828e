"""`broadcaster report`: documents for people from measured airtime."""

from datetime import date
from pathlib import Path

import click

from broadcaster.bootstrap import App
from broadcaster.cli.console import Console, common
from broadcaster.cli.dates import PERIOD, today
from broadcaster.domain.audit import AuditResult
from broadcaster.domain.reports import REPORTS
from broadcaster.domain.reports.chart import CHARTS
from broadcaster.domain.reports.papers import LOG, PAPERS
from broadcaster.errors import ConfigError
from broadcaster.ports import Page
from broadcaster.showing import Names, day_text, page_table

PAPER_ENDINGS = ("docx", "pdf", "xlsx")
ENDINGS = ("html", "csv", "json", *PAPER_ENDINGS, "svg")


def write_report(console: Console, app: App, result: AuditResult, path: Path, chosen: tuple[str, ...] = ()) -> None:
    """Write reports of the registry as one page; every one unless some are chosen."""
    names = Names.of(app.station, app.taxonomy)
    language = console.language
    reports = [REPORTS[name] for name in chosen or REPORTS]
    page = Page(
        title=console.say("report.title"),
        organisation=app.station.name,
        subtitle=console.say(
            "report.period", first=day_text(result.first, language), last=day_text(result.last, language)
        ),
        language=language,
        tables=tuple(page_table(report(result, app.station.target), language, names) for report in reports),
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
    console.rows("papers", ["name", "what"], [(name, console.say(f"paper.{name}")) for name in PAPERS])
    console.result({"reports": list(REPORTS), "papers": list(PAPERS), "charts": list(CHARTS)})


@report.command()
@click.argument("name", type=click.Choice(["all", *REPORTS]), default="all")
@click.option("--from", "first", type=PERIOD, help="Từ ngày / first day.")
@click.option("--to", "last", type=PERIOD, help="Đến ngày / last day.")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help=f"Tệp ra / output file: {', '.join(ENDINGS[:-1])}."
)
@common
def make(console: Console, name: str, first: date | None, last: date | None, output: Path | None) -> None:
    """Lập báo cáo của một kỳ; không chỉ ngày thì lấy tuần này / Make a report; this week unless told otherwise."""
    from broadcaster.cli.dates import period

    app = console.app()
    start, end = period(app, first, last)
    path = output or app.workspace.schedules / f"bao_cao_{start.isoformat()}_{end.isoformat()}.html"
    ending = path.suffix.removeprefix(".")
    if ending not in ENDINGS[:-1]:
        raise ConfigError("report.ending", file=str(path), allowed=[f".{e}" for e in ENDINGS[:-1]])
    chosen = tuple(REPORTS) if name == "all" else (name,)
    result = app.auditing.audit(start, end)
    if ending == "html":
        write_report(console, app, result, path, chosen)
    elif ending in PAPER_ENDINGS:
        from broadcaster.composing import tables_paper

        names = Names.of(app.station, app.taxonomy, app.titles())
        paper = tables_paper(chosen, result, app.station, names, today(app), console.language)
        app.documents.paper(paper, path, app.workspace.own_form)
    else:
        from broadcaster.composing import csv_of, json_of

        tables = {name: REPORTS[name](result, app.station.target) for name in chosen}
        text = csv_of(tables.values()) if ending == "csv" else json_of(tables, start, end)
        app.documents.text(text, path)
    console.print("report.written", path=path)
    console.result({"file": str(path)})


@report.command()
@click.argument("name", type=click.Choice([*PAPERS]))
@click.option("--period", "span", metavar="KỲ", help="Kỳ / period: 2026-11, 2026-Q4, 2026, 2026-W48.")
@click.option("--from", "first", type=PERIOD, help="Từ ngày / first day.")
@click.option("--to", "last", type=PERIOD, help="Đến ngày / last day.")
@click.option("--number", default="", help="Số văn bản; để trống thì ghi tay / number; empty to write it by hand.")
@click.option("--date", "day", type=PERIOD, help="Ngày văn bản; mặc định hôm nay / date of the document; today.")
@click.option(
    "--format", "formats", default=",".join(PAPER_ENDINGS), show_default=True, metavar="docx,pdf,xlsx", help="Loại tệp."
)
@click.option("-o", "--output", type=click.Path(path_type=Path, file_okay=False), help="Thư mục / folder.")
@common
def paper(
    console: Console,
    name: str,
    span: str | None,
    first: date | None,
    last: date | None,
    number: str,
    day: date | None,
    formats: str,
    output: Path | None,
) -> None:
    """Văn bản theo thể thức NĐ 30/2020: nhật ký, báo cáo, bảng kê (Word, PDF, Excel) / Administrative documents."""
    from broadcaster.cli.dates import named_period, period
    from broadcaster.composing import Particulars, paper_of

    wanted = tuple(dict.fromkeys(part.strip().lower() for part in formats.split(",") if part.strip()))
    for ending in wanted or ("",):
        if ending not in PAPER_ENDINGS:
            raise ConfigError("paper.format", given=ending, allowed=list(PAPER_ENDINGS))
    if span and (first or last):
        raise ConfigError("paper.two_periods")
    app = console.app()
    start, end = named_period(span) if span else period(app, first, last)
    kind = PAPERS[name]
    names = Names.of(app.station, app.taxonomy, app.titles())
    made = paper_of(
        kind,
        app.auditing.audit(start, end),
        app.station,
        names,
        Particulars(" ".join(number.split()), day or today(app)),
        app.auditing.rows(start, end) if LOG in kind.reports else (),
        console.language,
    )
    folder = output or app.workspace.schedules
    written = [folder / f"{name}_{start.isoformat()}_{end.isoformat()}.{ending}" for ending in wanted]
    for path in written:
        app.documents.paper(made, path, app.workspace.own_form)
        console.print("report.written", path=path)
    console.result([str(path) for path in written])


@report.command()
@click.argument("name", type=click.Choice([*CHARTS]))
@click.option("--from", "first", type=PERIOD, help="Từ ngày / first day.")
@click.option("--to", "last", type=PERIOD, help="Đến ngày / last day.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Tệp SVG / SVG file.")
@common
def chart(console: Console, name: str, first: date | None, last: date | None, output: Path | None) -> None:
    """Vẽ biểu đồ ra tệp SVG / Draw a chart as SVG."""
    from broadcaster.cli.dates import period
    from broadcaster.composing import page_chart

    app = console.app()
    start, end = period(app, first, last)
    path = output or app.workspace.schedules / f"bieu_do_{name}_{start.isoformat()}_{end.isoformat()}.svg"
    if path.suffix != ".svg":
        raise ConfigError("report.ending", file=str(path), allowed=[".svg"])
    drawn = CHARTS[name](app.auditing.audit(start, end))
    app.documents.chart(page_chart(drawn, console.language, Names.of(app.station, app.taxonomy)), path)
    console.print("report.written", path=path)
    console.result({"file": str(path)})


@report.command()
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Tệp .docx / where to put it.")
@common
def form(console: Console, output: Path | None) -> None:
    """Lấy mẫu Word về để cơ quan sửa; văn bản theo mẫu đó / The Word template, for the office to change."""
    app = console.app()
    path = output or app.workspace.form_file
    if path.suffix != ".docx":
        raise ConfigError("report.ending", file=str(path), allowed=[".docx"])
    if path.exists():
        raise ConfigError("report.form_there", file=str(path))
    app.documents.form(path)
    console.print("report.form", path=path, used=app.workspace.form_file)
    console.result({"file": str(path)})
