"""`broadcaster lexicon`: the commune's words, and how they are read."""

from pathlib import Path

import click

from broadcaster.cli.console import Console, common
from broadcaster.cli.read import read_source
from broadcaster.domain.reading import (
    Lexicon,
    LexiconEntry,
    ReadMode,
    format_lexicon_tsv,
    parse_lexicon_tsv,
    with_word,
)
from broadcaster.errors import ConfigError
from broadcaster.services.wordlist import same

LAYERS = ("commune", "shipped")


@click.group()
def lexicon() -> None:
    """Từ điển đọc của xã: xem, thêm, bỏ, xuất, nhập / The commune's lexicon."""


def _file(console: Console) -> Path:
    """The commune's lexicon file, of a workspace that is one.

    Raises:
        ConfigError: `station.missing`: a slip in -w must not make a workspace of its own.
    """
    workspace = console.settings().workspace
    if not workspace.station_file.is_file():
        raise ConfigError("station.missing", file=str(workspace.station_file))
    return workspace.lexicon_file


def _text(path: Path) -> str:
    return read_source(str(path))[0] if path.is_file() else ""


def _entries(console: Console, layer: str) -> tuple[LexiconEntry, ...]:
    if layer == "shipped":
        return Lexicon.shipped().entries("shipped")
    path = _file(console)
    entries, findings = parse_lexicon_tsv(_text(path), str(path))
    console.findings(findings)
    return entries


def _said(entry: LexiconEntry) -> str:
    return f"{entry.said} [{entry.context}]" if entry.context else entry.said


@lexicon.command("list")
@click.option("--layer", type=click.Choice(LAYERS), help="Chỉ tầng này / only this layer.")
@common
def list_(console: Console, layer: str | None) -> None:
    """Các mục từ điển của xã; --layer shipped: từ điển có sẵn / The commune's entries, or the shipped ones."""
    name = layer or "commune"
    entries = _entries(console, name)
    rows = [(e.written, e.said, str(e.mode), e.context, e.source, name) for e in entries]
    console.rows("lexicon", ["written", "spoken", "mode", "context", "source", "layer"], rows)
    console.result([_as_json(entry, name) for entry in entries])


def _as_json(entry: LexiconEntry, layer: str = "commune") -> dict[str, str]:
    return {
        "written": entry.written,
        "spoken": entry.said,
        "mode": str(entry.mode),
        "context": entry.context,
        "source": entry.source,
        "layer": layer,
    }


@lexicon.command()
@click.argument("written", metavar="WRITTEN")
@click.argument("spoken", default="", metavar="[SPOKEN]")
@click.option(
    "--mode",
    type=click.Choice([mode.value for mode in ReadMode]),
    default=ReadMode.EXPAND.value,
    help="expand: đúng chữ hoa như đã viết; word: hoa thường đều được; spell: từng chữ cái / how it is matched.",
)
@click.option("--context", default="", help="Chữ đứng cạnh: <trước >sau / cues beside it: <before >after.")
@click.option("--source", default="", help="Ai quyết định, theo đâu; để trống là người của --as / who says so.")
@common
def add(console: Console, written: str, spoken: str, mode: str, context: str, source: str) -> None:
    """Thêm hoặc thay một mục: chữ viết và cách đọc / Add or replace an entry."""
    _file(console)
    cells = (written, spoken, mode, context, source or console.settings().user)
    labels = {"written": "WRITTEN", "spoken": "SPOKEN"}
    done = console.app().words.add(cells, lambda reason: labels.get(reason, ""))
    entry, before = done.entry, done.before
    if not done.changed:
        console.print("lexicon.same", written=entry.written, spoken=_said(entry))
        console.result({"entry": _as_json(entry), "before": _as_json(entry), "changed": False})
        return
    if before is None:
        console.print("lexicon.added", written=entry.written, spoken=_said(entry))
    else:
        console.print("lexicon.replaced", written=entry.written, spoken=_said(entry), before=before.said)
    console.print("lexicon.again")
    console.result({"entry": _as_json(entry), "before": _as_json(before) if before else None, "changed": True})


@lexicon.command()
@click.argument("written", metavar="WRITTEN")
@common
def remove(console: Console, written: str) -> None:
    """Bỏ một chữ viết khỏi từ điển của xã, với mọi ngữ cảnh / Take a written form out, in all its contexts."""
    _file(console)
    gone = console.app().words.remove(written)
    for entry in gone:
        console.print("lexicon.removed", written=entry.written, spoken=_said(entry))
    console.print("lexicon.again")
    console.result({"removed": [_as_json(entry) for entry in gone]})


@lexicon.command("import")
@click.argument("file", metavar="FILE|-")
@common
def import_(console: Console, file: str) -> None:
    """Nhập thêm từ một tệp TSV; có dòng sai thì không nhập dòng nào / Add the entries of a TSV file, all or none."""
    path = _file(console)
    entries, findings = parse_lexicon_tsv(read_source(file)[0], file)
    if findings:
        raise ConfigError("lexicon.invalid", findings, file=file)
    if not entries:
        raise ConfigError("lexicon.nothing", file=file)
    old = text = _text(path)
    count = {"added": 0, "replaced": 0, "same": 0}
    for entry in entries:
        fresh, before = with_word(text, entry)
        if before is None:
            count["added"] += 1
        elif same(before, entry):
            count["same"] += 1
            continue
        else:
            count["replaced"] += 1
        text = fresh
    if text != old:
        console.app().documents.text(text, path)
    console.print("lexicon.imported", **count)
    if text != old:
        console.print("lexicon.again")
    console.result(count)


@lexicon.command()
@click.option("-o", "--output", metavar="FILE", help="Tệp TSV; không có thì in ra / TSV file; printed without it.")
@click.option("--layer", type=click.Choice(LAYERS), default="commune", help="Tầng cần xuất / the layer.")
@common
def export(console: Console, output: str | None, layer: str) -> None:
    """Xuất từ điển ra tệp TSV, để gửi cho xã khác / Write the entries as TSV, for another commune."""
    entries = _entries(console, layer)
    if output:
        console.app().documents.text(format_lexicon_tsv(entries), Path(output))
        console.print("lexicon.exported", count=len(entries), path=output)
        console.result({"path": output, "count": len(entries)})
        return
    if not console.json:
        click.echo(format_lexicon_tsv(entries), nl=False)
    console.result([_as_json(entry, layer) for entry in entries])
