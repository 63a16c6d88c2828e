"""`broadcaster emergency`: speak now, everywhere that is named, over everything; take it back; answer for it."""

import tempfile
from pathlib import Path

import click

from broadcaster.bootstrap import App
from broadcaster.cli import DONE, NEEDS_A_PERSON
from broadcaster.cli.console import Console, common, error_message
from broadcaster.domain.emergency import MOST_REPEATS, EmergencyRecord, spoken_text
from broadcaster.domain.station import WHOLE_COMMUNE
from broadcaster.services.alarming import Sent

LAST = "cuoi"
"""Stands for the last order."""


@click.command()
@click.argument("text", required=False, default="")
@click.option(
    "--zone", "zones", multiple=True, metavar="CODE", help="Vùng phát, nhắc lại được / zone, may be repeated."
)
@click.option(
    "--audio", type=click.Path(path_type=Path, dir_okay=False), help="Phát tệp đã thu, không đọc / a recording."
)
@click.option(
    "--cap", type=click.Path(path_type=Path, dir_okay=False), help="Cảnh báo CAP 1.2 có chữ ký / a signed CAP warning."
)
@click.option(
    "--repeats", default=3, show_default=True, type=click.IntRange(1, MOST_REPEATS), help="Số lần / how often."
)
@click.option("--drill", is_flag=True, help="Diễn tập: loa nói rõ là diễn tập / a drill, which says that it is one.")
@click.option(
    "--retract", metavar="ID", is_flag=False, flag_value=LAST, help="Thu hồi lệnh; không nêu ID là lệnh cuối."
)
@click.option("--countersign", metavar="ID", is_flag=False, flag_value=LAST, help="Ký xác nhận sau / sign afterwards.")
@click.option("--list", "listed", is_flag=True, help="Các lệnh đã ra và ai đã ký / the orders so far.")
@common
def emergency(
    console: Console,
    text: str,
    zones: tuple[str, ...],
    audio: Path | None,
    cap: Path | None,
    repeats: int,
    retract: str | None,
    countersign: str | None,
    *,
    drill: bool,
    listed: bool,
) -> int:
    """Phát khẩn cấp ngay, ngắt mọi chương trình; người thứ hai ký sau / Speak now, over everything."""
    chosen = [bool(text), audio is not None, cap is not None, retract is not None, countersign is not None, listed]
    if sum(chosen) != 1:
        raise click.UsageError(
            "cần một trong: TEXT, --audio, --cap, --retract, --countersign, --list / give one of them"
        )
    app = console.app()
    alarming = app.network.alarming
    if listed:
        return _list(console, app)
    actor = console.user()
    if countersign is not None:
        record = alarming.countersign(actor, "" if countersign == LAST else countersign)
        console.print("emergency.countersigned", order=record.order.id, by=actor)
        console.result(record)
        return DONE
    key = app.network.emergency_key()
    if retract is not None:
        sent = alarming.retract(actor, key, "" if retract == LAST else retract)
        console.print("emergency.taken_back", order=sent.record.order.id)
        return _sent(console, sent)
    chosen_zones = zones
    if cap is not None:
        alert = app.network.read_cap(cap)
        chosen_zones, of_cap = alarming.of_cap(alert, zones)
        text, drill = alert.text, drill or of_cap
    # Everything that can be wrong is found before a word is spoken.
    alarming.allow(actor, chosen_zones, repeats)
    with tempfile.TemporaryDirectory() as folder:
        sound = Path(folder) / "khan_cap.flac"
        engines = {} if audio is not None and not drill else app.engines
        app.announcing.make(engines, text, audio, sound, drill=drill)
        sent = alarming.order(
            actor,
            key,
            zones=chosen_zones,
            text=spoken_text(text, drill=drill),
            sound=sound,
            repeats=repeats,
            drill=drill,
        )
    order = sent.record.order
    said = "emergency.drill_sent" if drill else "emergency.sent"
    nodes = len(order.nodes) if order.nodes else len(app.station.clusters_of([WHOLE_COMMUNE]))
    console.print(said, order=order.id, zones=list(order.zones), nodes=nodes, repeats=repeats)
    return _sent(console, sent)


def _sent(console: Console, sent: Sent) -> int:
    if not console.json:
        for error in sent.failed:
            click.echo(error_message(error, console.language), err=True)
    console.result(sent.record)
    return NEEDS_A_PERSON if sent.failed else DONE


def _list(console: Console, app: App) -> int:
    records = app.network.alarming.records()
    rows = [
        (
            record.order.id,
            " ".join(record.order.zones),
            record.order.by,
            record.countersigned_by or "–",
            _state(console, record),
            len(app.network.alarming.answers(record.order)),
        )
        for record in records
    ]
    console.rows("emergencies", ["order", "zone", "by", "countersigned", "state", "verified"], rows)
    answers = {record.order.id: app.network.alarming.answers(record.order) for record in records}
    console.result({"orders": list(records), "verified": answers})
    return NEEDS_A_PERSON if any(not record.countersigned_by for record in records) else DONE


def _state(console: Console, record: EmergencyRecord) -> str:
    if record.retracted_by:
        return console.say("emergency.state_retracted")
    return console.say("emergency.state_drill" if record.order.drill else "emergency.state_sent")
