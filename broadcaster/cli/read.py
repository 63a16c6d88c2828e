"""`broadcaster read`: what the announcer says for a text."""

import difflib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from broadcaster.cli.console import Console, common
from broadcaster.errors import ConfigError

if TYPE_CHECKING:
    from broadcaster.domain.reading import Lexicon


def read_source(source: str) -> tuple[str, str]:
    """The text of a file, or of standard input for `-`, and its name.

    Raises:
        ConfigError: `file.missing`, `file.unreadable`, `file.not_utf8`.
    """
    if source == "-":
        return sys.stdin.read(), "-"
    path = Path(source)
    try:
        return path.read_text(encoding="utf-8-sig"), source
    except FileNotFoundError as error:
        raise ConfigError("file.missing", file=source) from error
    except UnicodeDecodeError as error:
        raise ConfigError("file.not_utf8", file=source) from error
    except OSError as error:
        raise ConfigError("file.unreadable", file=source, detail=error.strerror) from error


def _lexicon(console: Console) -> "Lexicon":
    """The commune's words over the shipped ones, where the workspace has any."""
    from broadcaster.domain.reading import Lexicon

    # Without a file of its own there is no need to build the whole workspace.
    return console.app().lexicon if console.settings().workspace.lexicon_file.is_file() else Lexicon.shipped()


def _lines(console: Console, stream: TextIO, profile: str) -> None:
    """One written line in, exactly one spoken line out."""
    from broadcaster.domain.reading import Profile, read_line

    lexicon = _lexicon(console)
    dialect = Profile.south() if profile == "south" else Profile.north()
    for line in stream:
        sys.stdout.write(read_line(line.rstrip("\r\n"), lexicon=lexicon, profile=dialect) + "\n")
    sys.stdout.flush()


@click.command()
@click.argument("source", default="-", metavar="FILE|-")
@click.option("--lines", is_flag=True, help="Mỗi dòng vào một dòng ra / one spoken line a written line.")
@click.option("--diff", is_flag=True, help="Chỉ nêu chỗ đọc khác chữ viết / only what is read otherwise.")
@click.option("--explain", is_flag=True, help="Từng chỗ: loại, luật đã chọn, cách đọc khác / each span and why.")
@click.option("--profile", type=click.Choice(["north", "south"]), default="north", help="Giọng vùng / dialect.")
@common
def read(console: Console, source: str, profile: str, *, lines: bool, diff: bool, explain: bool) -> None:
    """Lời đọc của một văn bản: mọi số, ngày, số hiệu, chữ tắt được viết thành lời.

    What the announcer says for a text: every figure, date, code and abbreviation spelled out.
    """
    if lines:
        if source == "-":
            _lines(console, sys.stdin, profile)
        else:
            _lines(console, _text_lines(source), profile)
        return
    from broadcaster.domain.reading import Profile, proofread
    from broadcaster.domain.reading import read as read_text

    text, name = read_source(source)
    body = _body(text)
    dialect = Profile.south() if profile == "south" else Profile.north()
    reading = read_text(body, lexicon=_lexicon(console), profile=dialect)
    findings = [*proofread(body), *reading.findings]
    console.result(
        {
            "source": name,
            "hash": reading.hash,
            "sentences": reading.sentences,
            "spans": reading.spans,
            "findings": findings,
        }
    )
    if console.json:
        return
    changed = [span for span in reading.spans if span.spoken.strip() and span.spoken.strip() != span.source.strip()]
    if explain:
        rows = [
            (s.source.replace("\n", "⏎"), s.spoken, s.kind.value, s.rule, " | ".join(s.alternatives)) for s in changed
        ]
        console.rows("reading", ["written", "spoken", "kind", "rule", "alternatives"], rows)
    elif diff:
        words = difflib.ndiff(body.split(), reading.spoken.split())
        click.echo("\n".join(word for word in words if word[:1] in "+-"))
    else:
        for sentence in reading.sentences:
            click.echo(sentence.text)
    console.findings(findings)


def _text_lines(source: str) -> TextIO:
    import io

    return io.StringIO(read_source(source)[0])


def _body(text: str) -> str:
    """The text of a bulletin without its front matter; any other text as it is."""
    from broadcaster.domain.bulletin_file import plain_text

    lines = text.splitlines()
    if lines and lines[0].strip() == "---":
        end = next((n for n, line in enumerate(lines[1:], 1) if line.strip() == "---"), 0)
        return plain_text("\n".join(lines[end + 1 :])) if end else text
    return plain_text(text)
