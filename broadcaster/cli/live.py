"""`broadcaster live`: a voice or a stream on the loudspeakers now, until it is over."""

import signal
import threading
from datetime import timedelta

import click

from broadcaster.bootstrap import App
from broadcaster.cli import DONE, NEEDS_A_PERSON
from broadcaster.cli.console import Console, common
from broadcaster.domain.live import STALL
from broadcaster.errors import Finding, LinkError, Severity
from broadcaster.ports import LiveInput
from broadcaster.services.going_live import Studio

LAST = "cuoi"
"""Stands for the last broadcast."""
FIRST_S = 10.0
"""For a source to give its first sound."""
LOOK_S = 0.5


@click.command()
@click.option("--zone", "zones", multiple=True, metavar="CODE", help="Vùng phát, nhắc lại được / zone.")
@click.option("--minutes", default=30, show_default=True, type=click.IntRange(1, 240), help="Dài nhất / at most.")
@click.option("--title", default="Phát trực tiếp", show_default=True, help="Tên buổi phát, vào nhật ký / its name.")
@click.option("--mic", "device", default="", metavar="NAME", help="Một phần tên micro hoặc ngõ vào; mặc định của máy.")
@click.option("--from", "url", default="", metavar="URL", help="Tiếp một luồng http(s) thay cho micro / a stream.")
@click.option("--end", metavar="ID", is_flag=False, flag_value=LAST, help="Kết thúc buổi đang phát; không nêu là cuối.")
@click.option("--list", "listed", is_flag=True, help="Các buổi trực tiếp đã có / the broadcasts so far.")
@common
def live(
    console: Console,
    zones: tuple[str, ...],
    minutes: int,
    title: str,
    device: str,
    url: str,
    end: str | None,
    *,
    listed: bool,
) -> int:
    """Phát trực tiếp từ micro, ngõ vào hoặc một luồng tới các vùng; dừng bằng Ctrl-C / Go live."""
    app = console.app()
    going = app.network.live
    if listed:
        now = app.clock.now()
        rows = [
            (
                order.id,
                " ".join(order.zones),
                order.title,
                order.by,
                app.station.local(order.issued).strftime("%H:%M %d/%m"),
                console.say("live.state_on" if now < order.until else "live.state_over"),
            )
            for order in going.records()
        ]
        console.rows("lives", ["live", "zone", "title", "by", "start", "state"], rows)
        console.result(going.records())
        return DONE
    actor = console.user()
    if end is not None:
        over = going.end(actor, "" if end == LAST else end)
        console.print("live.ended", live=over.id)
        console.result(over)
        return DONE
    source = app.live_source(device=device, url=url)  # what is wrong with it is said before anybody is told
    stop = threading.Event()
    for name in ("SIGINT", "SIGTERM"):
        signal.signal(getattr(signal, name), lambda *_: stop.set())
    try:
        # Nobody is interrupted for a microphone that is not there.
        first = source.read(FIRST_S)
        if not first:
            raise LinkError("live.silent", detail=source.detail or "–")
        order = going.begin(actor, zones, timedelta(minutes=minutes), title)
        studio = app.studio(order)
        nodes = len(order.nodes) or len(app.station.clusters)
        console.print("live.begun", live=order.id, nodes=nodes, minutes=minutes)
        studio.feed(first)
        try:
            lost = _feed(console, app, studio, source, stop)
        finally:
            if going.is_on(order):
                going.end(actor, order.id)
            kept = app.keep_live(studio)
    finally:
        source.close()
    console.print("live.over", live=order.id, file=kept or "–")
    console.result({"live": order, "file": str(kept) if kept else None, "lost": lost})
    return NEEDS_A_PERSON if lost else DONE


def _feed(console: Console, app: App, studio: Studio, source: LiveInput, stop: threading.Event) -> int:
    """Hand on sound until the broadcast is over; how often the source was lost."""
    lost, heard, silent = 0, app.clock.elapsed(), False
    while not stop.is_set() and app.network.live.is_on(studio.order):
        samples = source.read(LOOK_S)
        studio.feed(samples)
        now = app.clock.elapsed()
        if samples:
            if silent:
                console.print("live.back")
            silent, heard = False, now
        elif not silent and now - heard > STALL.total_seconds():
            silent, lost = True, lost + 1
            facts = {"detail": source.detail or "–"}
            console.findings([Finding("live.source_lost", Severity.WARNING, facts=facts)])
    return lost
