"""`broadcaster airtime`: what was measured."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import click

from broadcaster.bootstrap import App
from broadcaster.cli import DONE, FAILED, NEEDS_A_PERSON
from broadcaster.cli.baseline import baseline
from broadcaster.cli.console import Console, common
from broadcaster.cli.dates import PERIOD, period
from broadcaster.domain.asrun import AsRun, Cause, Outcome
from broadcaster.domain.receipt import as_run_from
from broadcaster.domain.reports import REPORTS
from broadcaster.errors import ConfigError, Finding
from broadcaster.showing import Names, day_text, duration
from broadcaster.units import canonical

BY = (
    "topic", "kind", "unit", "day", "week", "month", "quarter", "session", "thon", "cluster", "bulletin",
)  # fmt: skip
"""What totals can be added up by; names of reports."""
_BATCH = 5000
"""Rows that go into the ledger at once."""


@click.group()
def airtime() -> None:
    """Thời lượng phát thực tế, đối soát, kiểm nhật ký / Measured airtime."""


airtime.add_command(baseline)


@airtime.command()
@click.option("--from", "first", type=PERIOD, help="Từ ngày / first day.")
@click.option("--to", "last", type=PERIOD, help="Đến ngày / last day.")
@click.option("--by", type=click.Choice(BY), multiple=True, help="Cộng theo / by.")
@common
def totals(console: Console, first: date | None, last: date | None, by: tuple[str, ...]) -> None:
    """Tổng thời lượng theo chủ đề, ngày, thôn, so với chỉ tiêu / Totals, beside the target."""
    app = console.app()
    start, end = period(app, first, last)
    result = app.auditing.audit(start, end)
    names = Names.of(app.station, app.taxonomy)
    console.print("airtime.period", first=day_text(start, console.language), last=day_text(end, console.language))
    for name in (*(by or ("topic", "thon", "day")), "increase"):
        console.table(REPORTS[name](result, app.station.target), names)
    console.result(
        {
            "from": start,
            "to": end,
            "broadcast_days": result.broadcast_days,
            "total": result.total,
            **{f"by_{name}": getattr(result, f"by_{name}") for name in BY},
            "target_share": result.target_share,
            "focus_share": result.focus_share,
            "growth": result.growth.rate,
        }
    )


@airtime.command()
@click.option("--from", "first", type=PERIOD, help="Từ ngày / first day.")
@click.option("--to", "last", type=PERIOD, help="Đến ngày / last day.")
@common
def reconcile(console: Console, first: date | None, last: date | None) -> int:
    """Đối soát lịch với thực phát. Mã thoát 3 khi có khác biệt / Plan against ledger; exit code 3 on differences."""
    app = console.app()
    start, end = period(app, first, last)
    result = app.auditing.audit(start, end)
    names = Names.of(app.station, app.taxonomy)
    for name in ("reconcile", "days"):
        console.table(REPORTS[name](result, app.station.target), names)
    console.result(
        {"differences": list(result.differences), "unrecorded": list(result.unrecorded), "runs": list(result.runs)}
    )
    return NEEDS_A_PERSON if result.differences or result.unrecorded else DONE


@airtime.command()
@common
def verify(console: Console) -> int:
    """Kiểm chuỗi băm của nhật ký và các bảng tổng. Mã thoát 1 khi có sai / Walk every hash chain, check the sums."""
    app = console.app()
    chains = app.auditing.verify()
    with console.progress("airtime.checking") as bar:
        sums = app.auditing.verify_sums(bar)
    for findings in (*chains.values(), sums):
        console.findings(findings)
    broken = sum(bool(findings) for findings in chains.values())
    console.print("demo.ledger", nodes=len(chains), broken=broken)
    console.print("airtime.sums", wrong=len(sums))
    console.result({"chains": {node: list(findings) for node, findings in chains.items()}, "sums": list(sums)})
    return FAILED if broken or sums else DONE


@airtime.command()
@common
def rebuild(console: Console) -> None:
    """Lập lại các bảng tổng thời lượng từ nhật ký / Make the sums of airtime anew from the ledger."""
    app = console.app()
    with console.progress("airtime.rebuilding") as bar:
        app.auditing.rebuild(bar)
    console.print("airtime.rebuilt")
    console.result({"rebuilt": True})


@airtime.command()
@click.argument("file", type=click.Path(path_type=Path))
@common
def receive(console: Console, file: Path) -> int:
    """Nhận nhật ký của bộ phát từ tệp, mỗi dòng một lần. Mã thoát 3 khi có dòng bị từ chối / Take a node's rows in."""
    app = console.app()
    console.result(done := _received(console, app, file))
    return NEEDS_A_PERSON if any(node["refused"] for node in done.values()) else DONE


def _received(console: Console, app: App, file: Path) -> dict[str, dict[str, object]]:
    """What became of a file's rows, by node."""
    by_node: dict[str, list[AsRun]] = {}
    for row in _rows_of(file):  # all of it before any of it: a file that is cut off is refused whole
        by_node.setdefault(row.node, []).append(row)
    done: dict[str, dict[str, object]] = {}
    for node, rows in sorted(by_node.items()):
        new = resent = expected = 0
        refused: list[Finding] = []
        rows.sort(key=lambda row: row.seq)
        for start in range(0, len(rows), _BATCH):
            part = app.store.receive_as_run(rows[start : start + _BATCH])
            new, resent, expected = new + part.new, resent + part.resent, part.expected
            refused += part.refused
            if part.refused:  # what follows hangs on it
                break
        left = len(rows) - new - resent
        console.print("airtime.received", node=node, new=new, resent=resent, refused=left, expected=expected)
        console.findings(refused)
        done[node] = {"new": new, "resent": resent, "refused": left, "expected": expected, "findings": refused}
    return done


def _rows_of(file: Path) -> Iterator[AsRun]:
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise ConfigError("file.not_utf8", file=str(file)) from error
    except OSError as error:
        raise ConfigError("file.unreadable", file=str(file), detail=error.strerror or str(error)) from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            data = json.loads(line)
            row = as_run_from(data if isinstance(data, dict) else {})
        except (ValueError, RecursionError, OverflowError) as error:
            raise ConfigError("ledger.row", file=str(file), line=number, detail=str(error)[:100]) from error
        yield row


@airtime.command()
@click.option("--from", "first", type=PERIOD, help="Từ ngày / first day.")
@click.option("--to", "last", type=PERIOD, help="Đến ngày / last day.")
@click.option("--node", default="", help="Chỉ một cụm loa / one cluster only.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Ghi ra tệp, mỗi dòng một JSON / JSON lines.")
@common
def rows(console: Console, first: date | None, last: date | None, node: str, output: Path | None) -> None:
    """Các dòng nhật ký như đã đo / The ledger's rows as they were measured."""
    app = console.app()
    start, end = period(app, first, last)
    found = app.auditing.measured(start, end, node)
    if output:
        app.documents.text("".join(canonical(row) + "\n" for row in found), output)
        console.print("report.written", path=output)
    else:
        cells = [
            (
                r.node,
                r.seq,
                day_text(r.day, console.language),
                r.session,
                r.bulletin or r.kind.value,
                duration(r.played_ms),
                console.say(f"outcome.{r.outcome.value}"),
            )
            for r in found
        ]
        console.rows("as_run", ["node", "seq", "day", "session", "bulletin", "played", "outcome"], cells)
    console.result({"file": str(output)} if output else list(found))


@airtime.command()
@click.argument("node")
@click.argument("seq", type=click.IntRange(1, 2**31 - 1))
@click.option("--outcome", type=click.Choice([o.value for o in Outcome]), required=True, help="Kết quả / outcome.")
@click.option("--seconds", type=float, required=True, help="Số giây nghe được / seconds that were heard.")
@click.option("--cause", type=click.Choice([c.value for c in Cause if c]), default=None, help="Nguyên nhân / cause.")
@click.option("--reason", default="", help="Vì sao biết / how that is known.")
@common
def correct(
    console: Console, node: str, seq: int, outcome: str, seconds: float, cause: str | None, reason: str
) -> None:
    """Đính chính một dòng nhật ký; dòng đo được vẫn còn / Correct a row; what was measured stays."""
    app = console.app()
    app.auditing.keep_places()
    done = app.auditing.correct(
        console.user(),
        node,
        seq,
        seconds=seconds,
        outcome=Outcome(outcome),
        cause=Cause(cause or ""),
        reason=reason,
    )
    console.print("airtime.corrected", number=done.number, node=node, seq=seq)
    console.result(done)


@airtime.command()
@click.option("--from", "first", type=PERIOD, help="Từ ngày / first day.")
@click.option("--to", "last", type=PERIOD, help="Đến ngày / last day.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Tệp ra / output file.")
@common
def exchange(console: Console, first: date | None, last: date | None, output: Path | None) -> None:
    """Xuất lượt phát theo trường của HTTTN, KHÔNG chính thức / Export in the HTTTN's fields, NOT official."""
    app = console.app()
    start, end = period(app, first, last)
    path = output or app.workspace.schedules / f"htttn_{start.isoformat()}_{end.isoformat()}.json"
    text, count = app.exchange.play_log(app.auditing.rows(start, end), app.auditing.bulletins(start, end))
    app.documents.text(text, path)
    console.print("airtime.exchanged", count=count, path=path)
    console.result({"file": str(path), "count": count, "official": False})
