"""`broadcaster read`: what the announcer says for a text."""

import difflib
import io
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from broadcaster.cli.console import Console, common
from broadcaster.errors import ConfigError

if TYPE_CHECKING:
    from broadcaster.domain.reading import Lexicon, Profile, Reading
    from broadcaster.errors import Finding


def read_source(source: str) -> tuple[str, str]:
    """The text of a file, or of standard input for `-`, and its name.

    Raises:
        ConfigError: `file.missing`, `file.unreadable`, `file.not_utf8`.
    """
    if source == "-":
        try:
            return sys.stdin.read(), "-"
        except UnicodeDecodeError as error:
            raise ConfigError("file.not_utf8", file="-") from error
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
    """The commune's words over the shipped ones, where the workspace has any; no more of the workspace is needed."""
    from broadcaster.domain.reading import Lexicon, parse_lexicon_tsv

    path = console.settings().workspace.lexicon_file
    if not path.is_file():
        return Lexicon.shipped()
    entries, findings = parse_lexicon_tsv(read_source(str(path))[0], str(path))
    console.findings(findings)
    return Lexicon.shipped().with_entries("commune", entries) if entries else Lexicon.shipped()


def _profile(text: str) -> "Profile":
    """The announcers' dialect from what the person wrote.

    Raises:
        ConfigError: `read.profile`, with every mistake.
    """
    from broadcaster.domain.reading import parse_profile, profile_values

    profile, findings = parse_profile(profile_values(text))
    if findings:
        raise ConfigError("read.profile", findings)
    return profile


def _lines(console: Console, stream: TextIO, dialect: "Profile") -> None:
    """One written line in, exactly one spoken line out."""
    from broadcaster.domain.reading import read_line

    lexicon = _lexicon(console)
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="replace")  # a line for a line: one bad byte must not end the rest
    for line in stream:
        sys.stdout.write(read_line(line.rstrip("\r\n"), lexicon=lexicon, profile=dialect) + "\n")
    sys.stdout.flush()


@click.command()
@click.argument("source", default="-", metavar="FILE|-")
@click.option("--lines", is_flag=True, help="Mỗi dòng vào một dòng ra / one spoken line a written line.")
@click.option("--diff", is_flag=True, help="Chỉ nêu chỗ đọc khác chữ viết / only what is read otherwise.")
@click.option("--explain", is_flag=True, help="Từng chỗ: loại, luật đã chọn, cách đọc khác / each span and why.")
@click.option(
    "--profile",
    default="north",
    metavar="NAME|KEY=WORD,…",
    help="Giọng vùng: north, south, thousand=ngàn,odd=lẻ / dialect.",
)
@common
def read(console: Console, source: str, profile: str, *, lines: bool, diff: bool, explain: bool) -> None:
    """Lời đọc của một văn bản: mọi số, ngày, số hiệu, chữ tắt được viết thành lời.

    What the announcer says for a text: every figure, date, code and abbreviation spelled out.
    """
    dialect = _profile(profile)
    if lines:
        _lines(console, sys.stdin if source == "-" else _text_lines(source), dialect)
        return
    from broadcaster.domain.reading import LexiconEntry, proofread
    from broadcaster.domain.reading import read as read_text

    text, name = read_source(source)
    body, words, wrong = _body(text, name)
    lexicon = _lexicon(console)
    if words:
        lexicon = lexicon.with_entries("bulletin", [LexiconEntry(*pair) for pair in words.items()])
    reading = read_text(body, lexicon=lexicon, profile=dialect)
    findings = [*wrong, *proofread(body), *reading.findings]
    console.result(
        {
            "source": name,
            "hash": reading.hash,
            "sentences": reading.sentences,
            "spans": reading.spans,
            "duration_ms": _durations(reading),
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
        _offer_words(console, reading)
    elif diff:
        compared = difflib.ndiff(body.split(), reading.spoken.split())
        click.echo("\n".join(word for word in compared if word[:1] in "+-"))
    else:
        for sentence in reading.sentences:
            click.echo(sentence.text)
    console.findings(findings)


def _text_lines(source: str) -> TextIO:
    return io.StringIO(read_source(source)[0])


_FOR_THE_LEXICON = ("reading.unknown_acronym", "reading.foreign_name")


def _offer_words(console: Console, reading: "Reading") -> None:
    """For every word that the lexicon should have, the command that adds it."""
    written = [str(f.facts["written"]) for f in reading.findings if f.code in _FOR_THE_LEXICON]
    for word in dict.fromkeys(" ".join(text.split()) for text in written):
        console.print("read.add_word", written=word, quoted=shlex.quote(word))


def _durations(reading: "Reading") -> dict[str, int]:
    """The estimated length by voice, in milliseconds."""
    from broadcaster.domain.reading import PACES

    return {voice: reading.duration_ms(rate) for voice, rate in PACES.items()}


def _body(text: str, name: str) -> "tuple[str, dict[str, str], tuple[Finding, ...]]":
    """The text of a bulletin without its front matter, and its own words; any other text as it is."""
    from broadcaster.domain.bulletin_file import plain_text, words_of

    lines = text.splitlines()
    if lines and lines[0].strip() == "---":
        end = next((n for n, line in enumerate(lines[1:], 1) if line.strip() == "---"), 0)
        if not end:
            return text, {}, ()
        words, findings = words_of(text, name)
        return plain_text("\n".join(lines[end + 1 :])), words, findings
    return plain_text(text), {}, ()
