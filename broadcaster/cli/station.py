"""`broadcaster station`: the station's file, shown and checked."""

import click

from broadcaster.cli import DONE, NEEDS_A_PERSON
from broadcaster.cli.console import Console, common
from broadcaster.domain.station import Station, check_notice, check_station
from broadcaster.errors import Severity
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
