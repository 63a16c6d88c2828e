"""`broadcaster station`: the station's file, shown and checked."""

from pathlib import Path

import click

from broadcaster.cli import DONE, NEEDS_A_PERSON
from broadcaster.cli.console import Console, common
from broadcaster.domain.station import Station, check_notice, check_station
from broadcaster.domain.trail import What
from broadcaster.errors import ConfigError, Severity
from broadcaster.units import MINUTE


@click.group()
def station() -> None:
    """Đài, thôn, cụm loa, buổi phát / The station's tree and sessions."""


@station.command()
@common
def show(console: Console) -> None:
    """Cây thôn – cụm loa, vùng phát, buổi phát, người làm / Everything in the station file."""
    app = console.app()
    it = app.station
    console.print("station.head", name=it.name, commune=it.commune, province=it.province)
    rows = [
        (thon.name, thon.households, cluster.code, cluster.name, cluster.special or "–")
        for thon in it.thons
        for cluster in it.clusters
        if cluster.thon == thon.code
    ]
    console.rows("clusters", ["thon", "households", "node", "name", "special"], rows)
    sessions = [
        (
            s.name,
            s.start.strftime("%H:%M"),
            s.cap // MINUTE,
            "; ".join(f"{r.source} +{r.offset // MINUTE}′ {r.duration // MINUTE}′" for r in s.relays) or "–",
            " ".join("CN" if d == 6 else str(d + 2) for d in s.weekdays),
        )
        for s in it.sessions
    ]
    console.rows("sessions", ["session", "start", "minutes", "relay", "weekdays"], sessions)
    if it.special_days or it.mutes or it.changes:
        console.rows("days", ["what", "first", "last", "detail"], _days(it))
    console.rows("people", ["code", "name", "roles"], [(p.code, p.name, ", ".join(sorted(p.roles))) for p in it.people])
    console.result(it)


def _days(it: Station) -> list[tuple[str, str, str, str]]:
    """Special days, mutes, and changed procedures."""
    rows = []
    for special in it.special_days:
        first, last = (f"Tết {n:+d}" for n in special.tet) if special.tet else map(str, (special.first, special.last))
        only = "–" if special.sessions is None else "= " + (", ".join(special.sessions) or "∅")
        less = [f"− {code}" for code in special.without]
        moved = [f"{move.session} → {move.start:%H:%M}" if move.start else move.session for move in special.moves]
        rows.append((special.name, first, last, "; ".join([*([only] if only != "–" else []), *less, *moved]) or "–"))
    for mute in it.mutes:
        hours = f"{mute.start:%H:%M}–{mute.end:%H:%M}: {', '.join(sorted(mute.clusters))}"
        rows.append((mute.reason, str(mute.first), str(mute.last), hours))
    rows += [(one.what, str(one.since), "–", one.source or "–") for one in it.changes]
    return rows


@station.command()
@common
def check(console: Console) -> int:
    """Kiểm tra tệp station.toml và các giới hạn về giờ phát / Check the file and its sessions."""
    app = console.app()
    findings = [*check_station(app.station), *check_notice(app.station), *app.lexicon_findings]
    console.findings(findings)
    console.print("station.checked", file=app.workspace.station_file, count=len(findings))
    console.result({"file": str(app.workspace.station_file), "findings": list(findings)})
    return NEEDS_A_PERSON if any(f.severity is Severity.ERROR for f in findings) else DONE


@station.command()
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Tệp .zip / the ZIP file.")
@common
def backup(console: Console, output: Path | None) -> None:
    """Sao lưu cơ sở dữ liệu và tệp của đài vào một tệp, cả khi đài đang chạy / Everything but sound in one file."""
    app = console.app()
    by = console.user()
    target = output or app.workspace.backups / app.restoring.name()
    if not app.workspace.database.exists():
        raise ConfigError("backup.nothing_kept")
    if target.exists():
        raise ConfigError("init.exists", file=str(target))
    target.parent.mkdir(parents=True, exist_ok=True)
    app.restoring.backup(target)
    app.diary.note(by, What.BACKUP)
    console.print("backup.written", file=target)
    console.result({"file": str(target), "bytes": target.stat().st_size})


@station.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--confirm", default="", metavar="NAME", help="Tên đài, thay cho câu hỏi / the station's name.")
@click.option("--look", is_flag=True, help="Chỉ xem tệp có gì / only say what it holds.")
@click.option("--broken-chain", is_flag=True, help="Nhận cả nhật ký có chuỗi băm đứt / also a broken ledger.")
@common
def restore(console: Console, file: Path, confirm: str, *, look: bool, broken_chain: bool) -> int:
    """Khôi phục đài từ một tệp sao lưu; trạng thái bây giờ được sao lưu trước / Restore a backup.

    Đài phải tắt; đang chạy thì khôi phục ở trang Cài đặt → Sao lưu.
    """
    app = console.app()
    by = console.user()
    if not file.is_file():
        raise ConfigError("file.missing", file=str(file))
    looked = app.restoring.look(file)
    made = app.filed_station.local(looked.at).strftime("%H:%M %d/%m/%Y") if looked.at and not looked.fresh else "–"
    row = (looked.name, made, looked.bulletins, looked.weeks, looked.rows, looked.broken)
    console.rows("backup", ["name", "made_at", "bulletin_count", "weeks", "ledger_rows", "broken_chains"], [row])
    if look:
        console.result(looked)
        return NEEDS_A_PERSON if looked.broken or looked.other else DONE
    given = confirm or click.prompt(console.say("backup.ask", name=looked.name), default="", show_default=False)
    if " ".join(given.split()).casefold() != " ".join(looked.name.split()).casefold():
        raise ConfigError("backup.name", name=looked.name)
    app.restoring.prepare(file, by, broken=broken_chain)
    app.restoring.carry_out()
    console.print("backup.restored", file=file, folder=app.workspace.backups)
    console.result(looked)
    return DONE
