"""`broadcaster airtime`: what was measured."""

from datetime import date

import click

from broadcaster.cli import DONE, FAILED, NEEDS_A_PERSON
from broadcaster.cli.console import Console, common
from broadcaster.cli.dates import PERIOD, period
from broadcaster.domain.reports import REPORTS
from broadcaster.showing import Names, day_text


@click.group()
def airtime() -> None:
    """Thời lượng phát thực tế, đối soát, kiểm nhật ký / Measured airtime."""


@airtime.command()
@click.option("--from", "first", type=PERIOD, help="Từ ngày / first day.")
@click.option("--to", "last", type=PERIOD, help="Đến ngày / last day.")
@click.option("--by", type=click.Choice(["topic", "day", "thon", "bulletin"]), multiple=True, help="Cộng theo / by.")
@common
def totals(console: Console, first: date | None, last: date | None, by: tuple[str, ...]) -> None:
    """Tổng thời lượng theo chủ đề, ngày, thôn, so với chỉ tiêu / Totals, beside the target."""
    app = console.app()
    start, end = period(app, first, last)
    result = app.auditing.audit(start, end)
    names = Names.of(app.station, app.taxonomy)
    console.print("airtime.period", first=day_text(start, console.language), last=day_text(end, console.language))
    for name in (*(by or ("topic", "thon", "day")), "increase"):
        console.table(REPORTS[name](result, app.station.target), names)
    console.result(
        {
            "from": start,
            "to": end,
            "broadcast_days": result.broadcast_days,
            "total": result.total,
            "by_topic": result.by_topic,
            "by_day": result.by_day,
            "by_thon": result.by_thon,
            "target_share": result.target_share,
            "focus_share": result.focus_share,
            "growth": result.growth.rate,
        }
    )


@airtime.command()
@click.option("--from", "first", type=PERIOD, help="Từ ngày / first day.")
@click.option("--to", "last", type=PERIOD, help="Đến ngày / last day.")
@common
def reconcile(console: Console, first: date | None, last: date | None) -> int:
    """Đối soát lịch với thực phát. Mã thoát 3 khi có khác biệt / Plan against ledger; exit code 3 on differences."""
    app = console.app()
    start, end = period(app, first, last)
    result = app.auditing.audit(start, end)
    names = Names.of(app.station, app.taxonomy)
    for name in ("reconcile", "days"):
        console.table(REPORTS[name](result, app.station.target), names)
    console.result(
        {"differences": list(result.differences), "unrecorded": list(result.unrecorded), "runs": list(result.runs)}
    )
    return NEEDS_A_PERSON if result.differences or result.unrecorded else DONE


@airtime.command()
@common
def verify(console: Console) -> int:
    """Kiểm chuỗi băm của nhật ký từng bộ phát. Mã thoát 1 khi nhật ký bị sửa / Walk every node's hash chain."""
    app = console.app()
    chains = app.auditing.verify()
    for findings in chains.values():
        console.findings(findings)
    broken = sum(bool(findings) for findings in chains.values())
    console.print("demo.ledger", nodes=len(chains), broken=broken)
    console.result({node: list(findings) for node, findings in chains.items()})
    return FAILED if broken else DONE
