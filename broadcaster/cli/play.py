"""`broadcaster run`: the office's own player, woken on time, session after session."""

import signal
from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import click

from broadcaster.cli.console import Console, common
from broadcaster.domain.playout.standby import AROUND, stand_ins
from broadcaster.domain.rundown import Rundown, RundownItem
from broadcaster.errors import ConfigError
from broadcaster.services.airing import Airing, Ledger
from broadcaster.services.playing import Player, close_after_power_cut
from broadcaster.showing import day_text

LEAD = timedelta(seconds=0.5)
"""How long before its time an item is handed to a sound card, which decodes it and places it by its samples."""
ICECAST = click.option(
    "--icecast",
    default="",
    metavar="icecast://HOST:PORT/MOUNT.mp3",
    help="Máy chủ Icecast của đầu ra icecast; mật khẩu ở biến BROADCASTER_ICECAST_PASSWORD.",
)


def channels_of(text: str) -> list[int]:
    """Channels as `0,1`.

    Raises:
        ConfigError: `run.channels` for anything else.
    """
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isdecimal() and int(part) < 128 for part in parts):
        raise ConfigError("run.channels", given=text)
    return sorted({int(part) for part in parts})


@click.command("run")
@click.option(
    "--node", required=True, metavar="CLUSTER", help="Cụm loa mà máy này phát / the cluster this machine plays."
)
@click.option(
    "--output",
    type=click.Choice(["null", "file", "soundcard", "icecast"]),
    default="file",
    show_default=True,
    help="Đầu ra / output.",
)
@click.option("--device", default="", metavar="NAME", help="Một phần tên card âm thanh; mặc định của máy nếu bỏ trống.")
@click.option("--channels", default="0,1", show_default=True, metavar="0,1", help="Các kênh của cụm loa trên card.")
@click.option("--open-channels", default=0, type=click.IntRange(0, 128), help="Mở bao nhiêu kênh; 0 là tất cả.")
@ICECAST
@click.option("-o", "--folder", type=click.Path(path_type=Path, file_okay=False), help="Thư mục của đầu ra file.")
@click.option("--once", is_flag=True, help="Phát xong buổi gần nhất thì dừng / stop after the next session.")
@common
def run_player(
    console: Console,
    node: str,
    output: str,
    device: str,
    channels: str,
    open_channels: int,
    icecast: str,
    folder: Path | None,
    *,
    once: bool,
) -> None:
    """Phát theo lịch trên một cụm loa, đúng giờ, ghi nhật ký thực phát; dừng bằng Ctrl-C / Play on schedule."""
    app = console.app()
    if node not in app.station.cluster_by_code:
        raise ConfigError("run.node", given=node, allowed=sorted(app.station.cluster_by_code))
    clock = app.clock
    stopping = False

    def stop(*_: object) -> None:
        nonlocal stopping
        stopping = True
        clock.wake()

    for name in ("SIGINT", "SIGTERM"):
        signal.signal(getattr(signal, name), stop)
    ledger = Ledger(app.store)
    target = folder or app.workspace.audio / "thu_lai"
    sink = app.output_device(
        output, node, device=device, channels=channels_of(channels), open_channels=open_channels, icecast=icecast
    )

    def play(rundown: Rundown, done: frozenset[str]) -> None:
        # A name of its own for each start: a restart in the middle of a session must not overwrite what was recorded.
        part = app.station.local(clock.now()).strftime("%H%M%S")
        path = target / f"{rundown.code}.{node}.{part}.wav" if output == "file" else None
        out = app.session_output(sink, node, rundown, path)
        out.open()
        try:
            player = Player(
                node,
                out,
                clock,
                app.journal(node),
                app.fetch,
                ledger.record,
                keep_going=lambda: not stopping,
                silent=partial(app.silent, node),
                lead=LEAD if output == "soundcard" else timedelta(0),
                stand_ins=instead,
                gain_db=app.station.cluster_by_code[node].volume_cap_db,
                report=lambda finding: console.findings([finding]),
            )
            player.play(rundown, done)
        finally:
            out.close()

    def announce(rundown: Rundown) -> None:
        session = app.station.session_by_code[rundown.session].name
        console.print(
            "run.session", session=session, day=day_text(rundown.day, console.language), count=len(rundown.items)
        )

    def done_of(rundown: Rundown) -> frozenset[str]:
        return ledger.done(node, rundown)

    def recover(rundowns: Sequence[Rundown]) -> None:
        close_after_power_cut(node, app.journal(node), rundowns, done_of, ledger.record, instead)

    def rundowns(first: date, last: date) -> list[Rundown]:
        zone = next((part.code for part in app.station.air_zones() if node in part.clusters), "")
        return [rundown for rundown in app.store.rundowns(first, last) if rundown.zone == zone]

    def instead(item: RundownItem, rundown: Rundown) -> Sequence[RundownItem]:
        return stand_ins(item, rundown, rundowns(rundown.day - AROUND, rundown.day + AROUND))

    airing = Airing(
        node=node,
        clock=clock,
        jobs=app.jobs(),
        rundowns=rundowns,
        local=app.station.local,
        done=done_of,
        play=play,
        keep_going=lambda: not stopping,
        recover=recover,
        announce=announce,
    )
    console.print("run.begin", node=app.station.cluster_by_code[node].name, output=output)
    try:
        # From the start and for good: a device that cannot be had is said now, not at air time.
        if sink is not None:
            sink.open()
        with app.only_one(node):
            airing.run(once=once)
    finally:
        if sink is not None:
            sink.close()
    ledger.record([])
    console.print("run.end")
