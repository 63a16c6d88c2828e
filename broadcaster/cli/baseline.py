"""`broadcaster airtime baseline`: the airtime against which an increase is measured."""

from datetime import date

import click

from broadcaster.cli.console import Console, common
from broadcaster.cli.dates import PERIOD, period
from broadcaster.domain.baseline import Baseline, in_force
from broadcaster.showing import day_text, decimal

_REASON = click.option("--reason", default="", help="Lý do thay kỳ gốc đã khóa / why a locked baseline is changed.")


@click.group()
def baseline() -> None:
    """Kỳ gốc: tính hoặc nhập, người thứ hai ký thì khóa / The baseline: made by one person, locked by a second."""


def _tell(console: Console, version: Baseline) -> None:
    minutes = decimal(version.minutes_per_day, console.language, 2)
    if version.locked:
        console.print("baseline.locked", version=version.version, minutes=minutes, person=version.signed_by)
    else:
        console.print("baseline.proposed", version=version.version, minutes=minutes)
    console.result(version)


@baseline.command()
@common
def show(console: Console) -> None:
    """Mọi bản kỳ gốc và bản đang dùng / Every version, and the one that counts."""
    app = console.app()
    versions = app.store.baselines()
    current = in_force(versions)
    rows = [
        (
            v.version,
            decimal(v.minutes_per_day, console.language, 2),
            " – ".join(day_text(day, console.language) for day in (v.first, v.last) if day) or v.source,
            v.reason,
            v.by,
            v.signed_by or "–",
        )
        for v in versions
    ]
    console.rows("baselines", ["version", "minutes", "source", "reason", "person", "signed_by"], rows)
    if current is None:
        target = app.station.target
        minutes = decimal(target.baseline_minutes_per_day, console.language, 2)
        console.print("baseline.unset", minutes=minutes, source=target.baseline_source or "–")
    console.result({"versions": list(versions), "in_force": current})


@baseline.command()
@click.option("--from", "first", type=PERIOD, required=True, help="Từ ngày / first day.")
@click.option("--to", "last", type=PERIOD, required=True, help="Đến ngày / last day.")
@_REASON
@common
def compute(console: Console, first: date, last: date, reason: str) -> None:
    """Tính kỳ gốc từ nhật ký của một kỳ / Compute it from the ledger of a period."""
    app = console.app()
    start, end = period(app, first, last)
    _tell(console, app.auditing.compute_baseline(console.user(), start, end, reason))


@baseline.command()
@click.argument("minutes", type=float)
@click.option("--source", default="", help="Nguồn của con số / where the figure comes from.")
@_REASON
@common
def enter(console: Console, minutes: float, source: str, reason: str) -> None:
    """Nhập số phút nhóm đích mỗi ngày phát / Enter minutes of the target group a broadcast day."""
    _tell(console, console.app().auditing.enter_baseline(console.user(), minutes, source, reason))


@baseline.command()
@common
def sign(console: Console) -> None:
    """Người thứ hai ký; từ đó kỳ gốc bị khóa / A second person signs, which locks it."""
    _tell(console, console.app().auditing.sign_baseline(console.user()))
