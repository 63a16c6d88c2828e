"""`broadcaster network mute`, `unmute`, `cap` and `mutes`: clusters silent for a time, or softer than usual."""

from datetime import date, time

import click

from broadcaster.bootstrap import App
from broadcaster.cli.console import Console, common
from broadcaster.cli.dates import PERIOD, today
from broadcaster.domain.curb import MuteOrder
from broadcaster.domain.days import LAST_MINUTE, MIDNIGHT
from broadcaster.errors import ConfigError

REASON = click.option("--reason", required=True, help="Lý do, được giữ lại / why, kept.")


def _clusters(app: App, names: tuple[str, ...]) -> list[str]:
    """Clusters by their codes, or all those of a thôn or another zone.

    Raises:
        ConfigError: `run.node` for a name that is neither.
    """
    station = app.filed_station
    found: list[str] = []
    for name in names:
        if name in station.cluster_by_code:
            found.append(name)
        elif name in station.zone_by_code:
            found += sorted(station.clusters_of([name]))
        else:
            raise ConfigError("run.node", given=name, allowed=[*sorted(station.cluster_by_code), *station.zone_by_code])
    return list(dict.fromkeys(found))


def _hours(text: str) -> tuple[time, time]:
    """Two times of day, as in 08:00-11:30.

    Raises:
        ConfigError: `curb.hours`.
    """
    if not text:
        return MIDNIGHT, LAST_MINUTE
    try:
        start, end = (time.fromisoformat(part.strip()) for part in text.split("-"))
    except ValueError as error:
        raise ConfigError("curb.hours") from error
    if start.tzinfo is not None or end.tzinfo is not None:
        raise ConfigError("curb.hours")
    return start, end


@click.command()
@click.argument("clusters", nargs=-1, required=True, metavar="CLUSTER…")
@click.option("--from", "first", type=PERIOD, help="Từ ngày; mặc định hôm nay / from this day, today by default.")
@click.option("--to", "last", type=PERIOD, help="Đến hết ngày; mặc định một ngày / to this day, one day by default.")
@click.option("--hours", default="", metavar="08:00-11:30", help="Chỉ trong giờ này mỗi ngày / only in these hours.")
@REASON
@common
def mute(
    console: Console, clusters: tuple[str, ...], first: date | None, last: date | None, hours: str, reason: str
) -> None:
    """Tắt cụm loa (hoặc cả thôn) một thời gian: đám tang, điểm thi / Keep clusters or zones silent for a time."""
    app = console.app()
    start, end = _hours(hours)
    app.curbing.mute(console.user(), _clusters(app, clusters), first or today(app), last, reason, start=start, end=end)
    order = app.curbing.curbs().mutes[-1]
    console.print("curb.muted", number=order.number, clusters=sorted(order.mute.clusters), **_span(order))
    console.result(order)


@click.command()
@click.argument("number", type=click.IntRange(1))
@REASON
@common
def unmute(console: Console, number: int, reason: str) -> None:
    """Cho loa phát lại trước hạn; số lần tắt xem ở lệnh mutes / End a mute before its time, by its number."""
    app = console.app()
    order = app.curbing.lift(console.user(), number, reason)
    console.print("curb.lifted", number=number, clusters=sorted(order.mute.clusters))
    console.result({"number": number, "clusters": sorted(order.mute.clusters)})


@click.command()
@click.argument("cluster")
@click.argument("decibels", type=float)
@REASON
@common
def cap(console: Console, cluster: str, decibels: float, reason: str) -> None:
    """Cho một cụm loa nhỏ hơn bản phát bấy nhiêu dB; 0 là như thường / So many decibels softer, 0 for as usual."""
    app = console.app()
    app.curbing.cap(console.user(), cluster, -abs(decibels) or 0.0, reason)
    console.print("curb.capped", cluster=cluster, decibels=f"{abs(decibels):g}")
    console.result({"cluster": cluster, "volume_cap_db": -abs(decibels) or 0.0})


@click.command()
@click.option("--all", "every", is_flag=True, help="Cả những lần đã hết hạn / those that are over, too.")
@common
def mutes(console: Console, *, every: bool) -> None:
    """Các lần tắt loa đang có hoặc sắp tới, và độ to đã đặt / Mutes in force or to come, and caps."""
    app = console.app()
    curbs, now = app.curbing.curbs(), app.station.local(app.clock.now())
    shown = [order for order in curbs.mutes if every or not order.over(now)]
    rows = []
    for order in shown:
        span = _span(order)
        rows.append((order.number, ", ".join(sorted(order.mute.clusters)), *span.values(), order.mute.reason, order.by))
    console.rows("mutes", ["mute_number", "node", "first", "last", "hours", "reason", "by"], rows)
    capped = [one for one in app.station.clusters if one.volume_cap_db]
    console.rows("caps", ["node", "name", "decibels"], [(c.code, c.name, f"{c.volume_cap_db:g}") for c in capped])
    caps = {one.code: one.volume_cap_db for one in capped}
    console.result({"mutes": shown, "caps": caps})


def _span(order: MuteOrder) -> dict[str, str]:
    """When a mute holds, in words."""
    mute_ = order.mute
    whole = (mute_.start, mute_.end) == (MIDNIGHT, LAST_MINUTE)
    hours = "–" if whole else f"{mute_.start:%H:%M}–{mute_.end:%H:%M}"
    return {"first": f"{mute_.first:%d/%m/%Y}", "last": f"{mute_.last:%d/%m/%Y}", "hours": hours}
