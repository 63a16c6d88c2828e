"""`broadcaster bulletin`: a bulletin's way from a file to a leader's consent."""

import os
import tempfile
from pathlib import Path

import click

from broadcaster.bootstrap import App
from broadcaster.cli import DONE, WRONG_INPUT
from broadcaster.cli.console import Console, common, error_message
from broadcaster.cli.dates import today
from broadcaster.cli.read import read_source
from broadcaster.cli.record import record
from broadcaster.domain.approval import Action
from broadcaster.domain.bulletin import Bulletin
from broadcaster.domain.bulletin_draft import brought, draft_file
from broadcaster.errors import BroadcasterError, BulletinError, ConfigError
from broadcaster.showing import day_text, duration


@click.group()
def bulletin() -> None:
    """Bản tin: nhập, xem, sửa, trình, duyệt, trả lại, rút / Bulletins on their way to the air."""


bulletin.add_command(record)


@bulletin.command("import")
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
@common
def import_(console: Console, files: tuple[str, ...]) -> int:
    """Nhập bản tin từ tệp văn bản. Có tệp sai thì không tệp nào được nhập / Import text files, all or none."""
    app = console.app()
    author = console.user()
    parsed = []
    failures: list[BroadcasterError] = []
    for name in files:
        try:
            if Path(name).suffix.lower() in {".docx", ".odt", ".pdf"}:
                raise ConfigError("import.draft_first", file=name)
            text, _ = read_source(name)
            parsed.append((*app.writing.parse(text, Path(name).stem, author, name), text, name))
        except BroadcasterError as error:
            failures.append(error)
    codes = [piece[0].code for piece in parsed]
    failures += [
        BulletinError("bulletin.same_code", file=piece[-1], bulletin=piece[0].code)
        for piece in parsed
        if codes.count(piece[0].code) > 1
    ]
    if failures:
        if len(failures) == 1:
            raise failures[0]
        for failure in failures:
            click.echo(error_message(failure, console.language), err=True)
        return WRONG_INPUT
    kept = [app.writing.keep(*piece) for piece in parsed]
    rows = [(i.bulletin.code, i.bulletin.title, console.say("import.new" if i.new else "import.known")) for i in kept]
    console.rows("imported", ["bulletin", "title", "what"], rows)
    for imported in kept:
        if imported.findings and not console.json:
            click.echo(imported.bulletin.code, err=True)
        console.findings(imported.findings)
    console.result([{"code": i.bulletin.code, "new": i.new, "findings": list(i.findings)} for i in kept])
    return DONE


@bulletin.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Tệp bản tin mới / new file.")
@common
def draft(console: Console, file: Path, output: Path | None) -> None:
    """Từ tệp Word, ODT, PDF thành tệp bản tin còn thiếu phần khai báo, để điền rồi nhập / A file to be finished."""
    app = console.app()
    if output is not None and output.exists():
        raise ConfigError("init.exists", file=str(output))
    try:
        if file.stat().st_size > app.texts.most_bytes:
            raise ConfigError("upload.big", file=file.name, most=app.texts.most_bytes // 2**20)
        data = file.read_bytes()
    except FileNotFoundError as error:
        raise ConfigError("file.missing", file=str(file)) from error
    except OSError as error:
        raise ConfigError("file.unreadable", file=str(file), detail=error.strerror) from error
    found = brought(app.texts.text_of(file.name, data), app.taxonomy)
    text = draft_file(found, today(app))
    if found.old is not None:
        changed = [f"{before} → {after}" for before, after in found.old.changed[:20]]
        console.note("import.converted", font=found.old.font.value.upper(), words=changed)
    if output is not None:
        app.documents.text(text, output)
        console.print("import.drafted", file=output)
    elif not console.json:
        click.echo(text, nl=False)
    console.result({"title": found.title, "topic": found.topic, "text": text})


def _status(app: App, piece: Bulletin) -> str:
    return app.approving.status(piece).value


@bulletin.command("list")
@common
def list_(console: Console) -> None:
    """Danh sách bản tin và tình trạng / All bulletins and where they stand."""
    app = console.app()
    rows = []
    for piece in app.store.bulletins():
        made = app.approving.master_of(piece)
        rows.append(
            (
                piece.code,
                piece.title if len(piece.title) <= 50 else piece.title[:49] + "…",
                app.taxonomy.name_of(piece.topic),
                day_text(piece.valid_from, console.language),
                day_text(piece.valid_to, console.language),
                duration(made.duration_ms) if made else "–",
                console.say(f"status.{_status(app, piece)}"),
            )
        )
    console.rows("bulletins", ["bulletin", "title", "topic", "valid_from", "valid_to", "length", "status"], rows)
    console.result([{"code": p.code, "title": p.title, "status": _status(app, p)} for p in app.store.bulletins()])


@bulletin.command()
@click.argument("code")
@common
def show(console: Console, code: str) -> None:
    """Nội dung, lời đọc, bản phát và quá trình duyệt của một bản tin / One bulletin with all that belongs to it."""
    app = console.app()
    piece = app.writing.bulletin(code)
    made = app.approving.master_of(piece)
    history = app.store.reviews(piece.code)
    subject = app.approving.subject_of(piece)
    console.result(
        {
            "bulletin": piece,
            "text_hash": piece.text_hash,
            "master": made,
            "estimate_ms": app.writing.estimate(piece),
            "status": _status(app, piece),
            "history": list(history),
        }
    )
    if console.json:
        return
    click.secho(piece.title, bold=True)
    facts = [
        ("bulletin", piece.code),
        ("status", console.say(f"status.{_status(app, piece)}")),
        ("kind", console.say(f"kind.{piece.kind.value}")),
        ("topic", app.taxonomy.name_of(piece.topic)),
        ("unit", "; ".join([piece.lead_unit, *piece.co_units])),
        ("valid_from", day_text(piece.valid_from, console.language)),
        ("valid_to", day_text(piece.valid_to, console.language)),
        ("zones", ", ".join(app.station.zone_by_code[z].name for z in piece.zones)),
        (
            "length",
            duration(made.duration_ms)
            if made
            else console.say("show.estimate", length=duration(app.writing.estimate(piece))),
        ),
        ("file", made.file if made else "–"),
        ("engine", f"{made.engine}: {', '.join(made.voices)}" if made else "–"),
        ("approved_what", subject.hash[:12] if subject else "–"),
    ]
    for name, value in facts:
        click.echo(f"  {console.say(f'column.{name}')}: {value}")
    click.echo()
    for sentence in app.writing.read(piece).sentences:
        click.echo(f"  {sentence.text}")
    for event in history:
        when = app.station.local(event.at).strftime("%d/%m/%Y %H:%M")
        person = app.station.person(event.actor)
        name = person.name if person else event.actor
        click.echo(f"  {when}  {console.say(f'action.{event.action.value}')}  {name}  {event.remark}")


@bulletin.command()
@click.argument("code")
@click.option("--file", "source", metavar="FILE|-", help="Thay bằng nội dung tệp này / take the text from here.")
@common
def edit(console: Console, code: str, source: str | None) -> None:
    """Sửa bản tin: mở trình soạn thảo, hoặc thay bằng tệp. Bản đã duyệt mà sửa thì phải duyệt lại.

    Edit in your editor, or replace from a file. An edit voids an approval.
    """
    app = console.app()
    author = console.user()
    piece = app.writing.bulletin(code)
    if source is None:
        original = app.workspace.scripts / f"{piece.code}.txt"
        if not original.is_file():
            raise ConfigError("file.missing", file=str(original))
        text = _in_editor(original)
        name = str(original)
    else:
        text, name = read_source(source)
    try:
        fresh, findings = app.writing.parse(text, piece.code, author, name)
    except BulletinError:
        if source is None:
            # What was typed is kept, whatever is wrong with it.
            unfinished = app.workspace.scripts / f"{piece.code}.chua_xong"
            app.documents.text(text, unfinished)
            console.print("edit.unfinished", path=unfinished, bulletin=piece.code)
        raise
    imported = app.writing.keep(fresh, findings, text, name)
    if source is None:
        app.documents.text(text, app.workspace.scripts / f"{piece.code}.txt")
    console.findings(imported.findings)
    console.print("edit.done" if imported.new else "edit.same", bulletin=piece.code)
    console.result({"code": piece.code, "new": imported.new})


def _in_editor(original: Path) -> str:
    """The text as the person leaves it; the file itself stays as it is until it has been checked."""
    handle, name = tempfile.mkstemp(suffix=".txt")
    os.close(handle)
    copy = Path(name)
    try:
        copy.write_text(original.read_text(encoding="utf-8-sig"), encoding="utf-8")
        click.edit(filename=name)
        return copy.read_text(encoding="utf-8-sig")
    finally:
        copy.unlink(missing_ok=True)


def _act(console: Console, code: str, action: Action, remark: str = "", heard: str = "") -> None:
    app = console.app()
    actor = console.user()
    piece = app.writing.bulletin(code)
    subject = app.approving.subject_of(piece)
    if heard and subject is not None and not subject.hash.startswith(heard):
        raise BulletinError("approval.subject", bulletin=piece.code, heard=heard, now=subject.hash[:12])
    event = app.approving.act(piece, action, actor, remark)
    person = app.station.person(actor)
    console.print(
        f"done.{action.value}", bulletin=piece.code, title=piece.title, person=person.name if person else actor
    )
    console.result(event)


@bulletin.command()
@click.argument("code")
@common
def submit(console: Console, code: str) -> None:
    """Trình duyệt: bản tin phải có bản phát / Hand a bulletin in; it needs its master."""
    _act(console, code, Action.SUBMIT)


@bulletin.command()
@click.argument("code")
@click.option("--remark", default="", help="Ghi chú / remark.")
@click.option("--subject", default="", metavar="HASH", help="Chỉ duyệt đúng nội dung có mã này / only what was heard.")
@common
def approve(console: Console, code: str, remark: str, subject: str) -> None:
    """Duyệt: đúng văn bản, lời đọc và bản phát đã nghe. Người duyệt khác người viết / Approve what was heard."""
    _act(console, code, Action.APPROVE, remark, subject)


@bulletin.command("return")
@click.argument("code")
@click.option("--remark", required=True, help="Lý do / reason.")
@common
def return_(console: Console, code: str, remark: str) -> None:
    """Trả lại kèm lý do / Send it back with a reason."""
    _act(console, code, Action.RETURN, remark)


@bulletin.command()
@click.argument("code")
@click.option("--remark", required=True, help="Lý do / reason.")
@common
def withdraw(console: Console, code: str, remark: str) -> None:
    """Rút bản tin kèm lý do: máy không phát nữa; lịch sử được giữ / Take it off the air; its history stays."""
    _act(console, code, Action.WITHDRAW, remark)
