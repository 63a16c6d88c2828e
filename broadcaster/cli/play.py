"""`broadcaster play`: the office's own player, woken on time, session after session."""

import signal
from datetime import timedelta
from pathlib import Path

import click

from broadcaster.bootstrap_air import OfficeAir
from broadcaster.cli.console import Command, Console, common
from broadcaster.domain.rundown import Rundown
from broadcaster.errors import ConfigError
from broadcaster.showing import day_text

LEAD = timedelta(seconds=0.5)
"""How long before its time an item is handed to a sound card, which decodes it and places it by its samples."""
ICECAST = click.option(
    "--icecast",
    default="",
    metavar="icecast://HOST:PORT/MOUNT.mp3",
    help="Máy chủ Icecast của đầu ra icecast; mật khẩu ở biến BROADCASTER_ICECAST_PASSWORD.",
)


def card_options(command: Command) -> Command:
    """The options of a sound card."""
    for option in (
        click.option("--open-channels", default=0, type=click.IntRange(0, 128), help="Mở bao nhiêu kênh; 0 là tất cả."),
        click.option(
            "--channels", default="0,1", show_default=True, metavar="0,1", help="Các kênh của cụm loa trên card."
        ),
        click.option(
            "--device", default="", metavar="NAME", help="Một phần tên card âm thanh; mặc định của máy nếu bỏ trống."
        ),
    ):
        command = option(command)
    return command


def channels_of(text: str) -> list[int]:
    """Channels as `0,1`.

    Raises:
        ConfigError: `run.channels` for anything else.
    """
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isdecimal() and int(part) < 128 for part in parts):
        raise ConfigError("run.channels", given=text)
    return sorted({int(part) for part in parts})


@click.command("play")
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
@card_options
@ICECAST
@click.option("-o", "--folder", type=click.Path(path_type=Path, file_okay=False), help="Thư mục của đầu ra file.")
@click.option("--once", is_flag=True, help="Phát xong buổi gần nhất thì dừng / stop after the next session.")
@common
def play(
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
    stopping = False

    def stop(*_: object) -> None:
        nonlocal stopping
        stopping = True
        app.clock.wake()

    for name in ("SIGINT", "SIGTERM"):
        signal.signal(getattr(signal, name), stop)
    air = OfficeAir(
        app,
        node,
        app.output_device(
            output, node, device=device, channels=channels_of(channels), open_channels=open_channels, icecast=icecast
        ),
        (folder or app.workspace.audio / "thu_lai") if output == "file" else None,
        lambda: not stopping,
        LEAD if output == "soundcard" else timedelta(0),
        lambda finding: console.findings([finding]),
    )

    def announce(rundown: Rundown) -> None:
        session = app.station.session_by_code[rundown.session].name
        console.print(
            "run.session", session=session, day=day_text(rundown.day, console.language), count=len(rundown.items)
        )

    console.print("run.begin", node=app.station.cluster_by_code[node].name, output=output)
    air.run(announce, once=once)
    console.print("run.end")
