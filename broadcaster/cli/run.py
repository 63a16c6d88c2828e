"""`broadcaster run`: the station. The console, the door for nodes, and the office's own player beside them."""

import gc
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from broadcaster.cli.console import Console, common, error_message
from broadcaster.cli.play import ICECAST, card_options, channels_of
from broadcaster.errors import BroadcasterError, ConfigError

EVERY_S = 60.0
"""Between two looks for something new to send to nodes."""


@click.command()
@click.option(
    "--host", default="127.0.0.1", show_default=True, help="Địa chỉ; 0.0.0.0 để điện thoại và bộ phát cùng mạng vào."
)
@click.option("--port", default=8080, type=click.IntRange(1, 65535), show_default=True, help="Cổng / port.")
@click.option("--node", default="", metavar="CLUSTER", help="Cụm loa mà chính máy này phát; không nêu thì không phát.")
@click.option(
    "--output",
    type=click.Choice(["null", "file", "soundcard", "icecast"]),
    default="soundcard",
    show_default=True,
    help="Đầu ra của cụm loa đó / output.",
)
@card_options
@ICECAST
@common
def run(
    console: Console,
    host: str,
    port: int,
    node: str,
    output: str,
    device: str,
    channels: str,
    open_channels: int,
    icecast: str,
) -> None:
    """Chạy đài: trang điều hành, cửa cho bộ phát ở thôn, và bộ phát của máy này; dừng bằng Ctrl-C / Run the station."""
    gc.disable()  # thousands of classes are made: looking for garbage among them takes a sixth of the start
    try:
        # By name: entry points are blind to one another, and a station without the console need not have its packages.
        web = import_module("broadcaster.web.serving")
    except ModuleNotFoundError as error:
        raise ConfigError("serve.missing", detail=error.name) from error
    finally:
        gc.enable()
    channels_of(channels)
    words = ["play", "--node", node, "--output", output, "--channels", channels]
    words += ["--open-channels", str(open_channels)]
    words += ["--device", device] if device else []
    words += ["--icecast", icecast] if icecast else []
    while _served(console, web, (host, port), node, words):
        console.print("backup.again")
        console.close()


def _served(console: Console, web: Any, place: tuple[str, int], node: str, words: list[str]) -> bool:
    """One run of the station; whether it is to be started again."""
    app = console.app()
    if node and node not in app.station.cluster_by_code:
        raise ConfigError("run.node", given=node, allowed=sorted(app.station.cluster_by_code))

    def told(error: BroadcasterError) -> None:
        click.echo(error_message(error, console.language), err=True)

    def ended(code: int) -> None:
        said = app.player_log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        console.print("run.player_ended", exit=code, detail=said[-1] if said else "–")

    player = app.kept_player([*_here(app.workspace.root), *words], ended) if node else None
    with app.network.door_open(EVERY_S, told), app.webhooks.running(told):
        again: bool = web.serve(app, place, lambda code, **facts: click.echo(console.say(code, **facts)), player, node)
    return again


def _here(root: Path) -> list[str]:
    """This program on this workspace."""
    return [sys.executable, "-m", "broadcaster", "--workspace", str(root.resolve())]
