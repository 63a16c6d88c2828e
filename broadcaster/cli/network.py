"""`broadcaster network`: the nodes of a station, and a node's way to its station."""

import signal
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from broadcaster.cli import DONE, NEEDS_A_PERSON
from broadcaster.cli.console import Console, common, error_message
from broadcaster.cli.quieting import cap, mute, mutes, unmute
from broadcaster.domain.tone import LONGEST, SHORTEST, USUAL
from broadcaster.errors import BroadcasterError, Finding, LinkError
from broadcaster.node_events import finding_of

FOLDER = click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("nut"),
    show_default=True,
    help="Thư mục của bộ phát / the node's folder.",
)


MOST_TONES = 10
"""Tones that are listed, the last ones."""


@click.group()
def network() -> None:
    """Mạng loa: tắt loa, độ to; bộ phát: mã, danh sách, thu hồi, cửa nối, gửi lịch / The nodes and the way to them."""


for command in (mute, unmute, cap, mutes):
    network.add_command(command)


@network.command()
@click.argument("node")
@common
def code(console: Console, node: str) -> None:
    """Cấp mã một lần để một bộ phát tham gia; mã cũ của nó hết hiệu lực / A one-time code for a node."""
    app = console.app()
    made, invitation = app.network.invite(console.user(), node)
    until = app.station.local(invitation.expires).strftime("%H:%M %d/%m/%Y")
    console.print("network.code", node=node, letters=made, until=until)
    console.result({"node": node, "code": made, "expires": invitation.expires})


@network.command("list")
@common
def list_(console: Console) -> int:
    """Các bộ phát đã tham gia. Mã thoát 3 khi có bộ phát báo lỗi / The nodes that joined."""
    app = console.app()
    rows, told, bad = [], [], False
    for member in app.network.distributing.members():
        seen, events, refused = app.network.seen(member.node)
        troubles = [e for e in events if e.get("severity") == "error"]
        bad = bad or bool(troubles or refused)
        cluster = app.station.cluster_by_code.get(member.node)
        state = "network.revoked" if member.revoked else "network.member"
        last = app.station.local(seen).strftime("%H:%M %d/%m") if seen else "–"
        name = cluster.name if cluster else "–"
        rows.append((member.node, name, console.say(state), last, len(troubles) + len(refused)))
        told.append({**_plain(member), "last_seen": seen, "events": list(events), "refused_rows": list(refused)})
    console.rows("nodes", ["node", "name", "state", "last_seen", "troubles"], rows)
    console.result(told)
    return NEEDS_A_PERSON if bad else DONE


def _plain(member: object) -> dict[str, object]:
    from broadcaster.units import plain

    return dict(plain(member))


@network.command()
@click.argument("node")
@common
def events(console: Console, node: str) -> None:
    """Những gì một bộ phát đã báo: nội dung bị từ chối, lệnh đã nhận / What a node has told."""
    app = console.app()
    _, events, refused = app.network.seen(node)
    console.findings([finding_of(event) for event in (*events, *refused)], limit=100)
    console.print("network.events", count=len(events) + len(refused), node=node)
    console.result([*events, *refused])


@network.command()
@click.argument("node")
@common
def revoke(console: Console, node: str) -> None:
    """Loại một bộ phát: không gửi gì cho nó nữa, không nhận gì của nó nữa / Throw a node out."""
    app = console.app()
    gone = app.network.distributing.revoke(console.user(), node)
    console.print("network.thrown_out", node=node)
    console.result(gone)


@network.command()
@click.option("--zone", "zones", multiple=True, metavar="CODE", help="Vùng phát, nhắc lại được / zone.")
@click.option("--node", "nodes", multiple=True, metavar="CLUSTER", help="Cụm loa, nhắc lại được / cluster.")
@click.option(
    "--seconds", default=USUAL, show_default=True, type=click.IntRange(SHORTEST, LONGEST), help="Số giây / length."
)
@click.option("--list", "listed", is_flag=True, help="Các lần thử và kết quả / the tones so far, and the answers.")
@common
def tone(console: Console, zones: tuple[str, ...], nodes: tuple[str, ...], seconds: int, *, listed: bool) -> int:
    """Thử loa: một tiếng tuýt ngắn, đo độ to; không chen vào buổi phát, giờ yên tĩnh / A test tone."""
    app = console.app()
    toning = app.network.toning
    if not listed:
        tried = toning.order(console.user(), zones, nodes, seconds)
        console.print("tone.sent", tone=tried.order.id, seconds=seconds, count=len(toning.clusters(tried.order)))
        if tried.muted:
            names = [app.station.cluster_by_code[one].name for one in tried.muted]
            console.print("tone.left_out", clusters=names)
        if not console.json:
            for error in tried.failed:
                click.echo(error_message(error, console.language), err=True)
        console.result(tried.order)
        return NEEDS_A_PERSON if tried.failed else DONE
    answers, orders = toning.answers(), toning.records()
    rows = []
    for order in orders[-MOST_TONES:]:
        told = answers.get(order.id, {})
        at = app.station.local(order.issued).strftime("%H:%M %d/%m")
        for cluster in toning.clusters(order):
            event = told.get(cluster)
            found = None if event is None else finding_of(event)
            answer = console.say("tone.silent") if found is None else console.say(found.code, **found.facts)
            rows.append((order.id, at, order.by, app.station.cluster_by_code[cluster].name, answer))
    console.rows("tones", ["tone", "start", "by", "name", "answer"], rows)
    console.result({"orders": list(orders), "answers": answers})
    return DONE


@network.command()
@click.option("--force", is_flag=True, help="Gửi cả khi không có gì mới / also where nothing changed.")
@common
def push(console: Console, *, force: bool) -> None:
    """Gửi kịch bản và âm thanh của tám ngày tới cho các bộ phát / Send what is planned to the nodes."""
    app = console.app()
    posted = app.network.push(force=force)
    console.print("network.pushed", count=len(posted), members=len(app.network.distributing.members()))
    console.result(posted)


@network.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Địa chỉ nghe / address to listen on.")
@click.option("--port", default=8710, show_default=True, type=click.IntRange(1, 65535), help="Cổng / port.")
@click.option(
    "--every",
    default=60.0,
    show_default=True,
    type=click.FloatRange(1, 86400),
    help="Số giây giữa hai lần xem lịch mới / seconds between two looks at the plan.",
)
@common
def serve(console: Console, host: str, port: int, every: float) -> None:
    """Mở cửa cho bộ phát nối vào, gửi lịch mới, nhận nhật ký; dừng bằng Ctrl-C / The door for nodes."""
    app = console.app()
    net = app.network
    net.distributing.members()  # what is wrong with keys or folders is said before the door opens

    def told(error: BroadcasterError) -> None:
        if not console.json:
            click.echo(error_message(error, console.language), err=True)

    def posted(sent: Mapping[str, int]) -> None:
        console.print("network.pushed", count=len(sent), members=len(net.distributing.members()))

    console.print("network.open", address=f"http://{host}:{port}", mqtt=net.mqtt_shown or "–")
    with net.door_open(every, told, posted):
        net.serve(host, port)


@network.command()
@click.argument("address")
@click.option("--node", required=True, metavar="CLUSTER", help="Cụm loa của bộ phát / the node's cluster.")
@click.option("--code", "code_", prompt="Mã / code", hide_input=False, help="Mã do đài cấp / the station's code.")
@FOLDER
@common
def join(console: Console, address: str, node: str, code_: str, folder: Path) -> None:
    """Trên bộ phát: tham gia đài ở ADDRESS bằng mã một lần / On a node: join a station."""
    from broadcaster.bootstrap_link import Node

    identity = Node(folder).join(address, node, code_)
    console.print("network.joined", node=node, station=identity.station, folder=folder)
    console.result({"station": identity.station, "node": node, "mqtt": bool(identity.mqtt), "folder": str(folder)})


@network.command()
@FOLDER
@click.option("--once", is_flag=True, help="Hỏi một lần rồi thôi / ask once and stop.")
@common
def follow(console: Console, folder: Path, *, once: bool) -> int:
    """Trên bộ phát: nhận lịch, âm thanh, lệnh khẩn cấp; trả nhật ký; dừng bằng Ctrl-C / On a node: keep the link."""
    from broadcaster.bootstrap_link import Node

    node = Node(folder)
    stop = threading.Event()

    def leave(*_: object) -> None:
        # A poll waits for half a minute; everything on the disk is whole at every instant, so it can be left at any.
        stop.set()
        raise KeyboardInterrupt

    for name in ("SIGINT", "SIGTERM"):
        signal.signal(getattr(signal, name), leave)
    receiving = node.receiving()
    try:
        if once:
            findings = receiving.turn(0.0)
            console.findings(findings)
            held = node.held.rundowns()
            console.print("network.held", rundowns=len(held), waiting=len(node.cache.rows(10_000)))
            console.result({"rundowns": [path.stem for path in held], "findings": list(findings)})
            return NEEDS_A_PERSON if findings else DONE

        def told(findings: Sequence[Finding], error: LinkError | None) -> None:
            console.findings(findings)
            if error is not None and not console.json:
                click.echo(error_message(error, console.language), err=True)

        def wait(seconds: float) -> None:
            stop.wait(seconds)

        console.print("network.following", node=node.identity.node, address=node.identity.address)
        tuning = node.tuning()
        job = (lambda: not stop.is_set(), stop.wait)
        threading.Thread(target=tuning.run, args=job, daemon=True).start()
        receiving.run(lambda: not stop.is_set(), wait, told)
    except KeyboardInterrupt:
        if once:
            raise
    finally:
        receiving.link.close()
    return DONE
