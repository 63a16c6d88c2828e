"""`broadcaster node`: the player beside an amplifier, from its own folder."""

import signal
import sys
import threading
from datetime import timedelta
from pathlib import Path

import click

from broadcaster.cli.console import Console, common
from broadcaster.cli.network import FOLDER
from broadcaster.cli.play import ICECAST, LEAD, card_options, channels_of
from broadcaster.domain.rundown import Rundown
from broadcaster.showing import day_text


@click.group()
def node() -> None:
    """Bộ phát đặt cạnh tăng âm / The player beside an amplifier."""


@node.command("run")
@FOLDER
@click.option(
    "--output",
    type=click.Choice(["null", "file", "soundcard", "icecast"]),
    default="soundcard",
    show_default=True,
    help="Đầu ra.",
)
@card_options
@ICECAST
@click.option("--no-link", is_flag=True, help="Không nối về đài: chỉ phát những gì đã có / without the link.")
@click.option("--once", is_flag=True, help="Phát xong buổi gần nhất thì dừng / stop after the next session.")
@common
def run(
    console: Console,
    folder: Path,
    output: str,
    device: str,
    channels: str,
    open_channels: int,
    icecast: str,
    *,
    no_link: bool,
    once: bool,
) -> None:
    """Phát những gì bộ phát đang giữ, kể cả khi mất nối về đài; dừng bằng Ctrl-C / Play what the node holds."""
    from broadcaster.bootstrap_link import Node
    from broadcaster.bootstrap_node import NodeAir, a_card, a_clock, a_stream, kept

    stop = threading.Event()
    clock = a_clock()

    def ask_to_stop(*_: object) -> None:
        stop.set()
        clock.wake()

    for name in ("SIGINT", "SIGTERM"):
        signal.signal(getattr(signal, name), ask_to_stop)
    held = Node(folder, clock)
    card = a_card(device, held.identity.node, channels_of(channels), open_channels) if output == "soundcard" else None
    stream = a_stream(icecast) if output == "icecast" else None
    lead = LEAD if card is not None else timedelta(0)
    air = NodeAir(held, output, card or stream, lambda: not stop.is_set(), lead, clock)

    def announce(rundown: Rundown) -> None:
        day = day_text(rundown.day, console.language)
        console.print("run.session", session=rundown.session, day=day, count=len(rundown.items))

    # The link is a process of its own: nothing else runs beside the player.
    link = (
        None if no_link else kept([sys.executable, "-m", "broadcaster", "network", "follow", "--folder", str(folder)])
    )
    if link is not None:
        link.start()
    console.print("run.begin", node=air.code, output=output)
    try:
        air.run(announce, once=once)
    finally:
        stop.set()
        if link is not None:
            link.stop()
    console.print("run.end")
