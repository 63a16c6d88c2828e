"""`broadcaster hear`: what a recogniser understands of sound files, and of a bulletin's master sentence by sentence."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from broadcaster.cli import DONE, NEEDS_A_PERSON
from broadcaster.cli.console import Console, common
from broadcaster.cli.read import read_source
from broadcaster.domain.hearing import CLEAN_LIMIT, VILLAGE_LIMIT, Comparison, Limits, compare, error_rate
from broadcaster.errors import HearingError
from broadcaster.showing import share

if TYPE_CHECKING:
    from broadcaster.services.hearing import Ear, HeardMaster

_PERCENT = click.FloatRange(0, 100)


@click.command()
@click.argument("files", nargs=-1, metavar="FILE…", type=click.Path(path_type=Path))
@click.option("--village", is_flag=True, help="Như nghe ở thôn: loa nén, vọng, ồn / through the horn loudspeaker.")
@click.option("--against", metavar="TEXT", help="Văn bản đã đọc / the text that was spoken.")
@click.option("--reading", metavar="FILE", help="Tệp lời đọc, mỗi tệp âm thanh một dòng / spoken form, a line a file.")
@click.option("--bulletin", "code", metavar="CODE", help="Bản phát hiện nay của bản tin / a bulletin's master.")
@click.option(
    "--threshold", default=100 * CLEAN_LIMIT, type=_PERCENT, show_default=True, help="% sai phải xem lại / limit."
)
@click.option(
    "--village-threshold", default=100 * VILLAGE_LIMIT, type=_PERCENT, show_default=True, help="% ở thôn / village."
)
@common
def hear(
    console: Console,
    files: tuple[Path, ...],
    against: str | None,
    reading: str | None,
    code: str | None,
    threshold: float,
    village_threshold: float,
    *,
    village: bool,
) -> int:
    """Máy nghe thử: chép lại lời trong tệp âm thanh, hoặc từng câu trong bản phát của bản tin, và so với lời đọc.

    Transcribe sound files, or the sentences of a bulletin's master, and compare with what was to be said.
    """
    if bool(files) == bool(code) or (against is not None and reading is not None):
        raise click.UsageError(console.say("hear.usage"))
    if code:
        if village or against is not None or reading is not None:
            raise click.UsageError(console.say("hear.usage"))
        return _bulletin(console, code, Limits(threshold / 100, village_threshold / 100))
    spoken = _references(len(files), against, reading)
    _files(console, files, spoken, village=village)
    return DONE


def _references(count: int, against: str | None, reading: str | None) -> list[str]:
    """What was spoken in each file; none where nobody said.

    Raises:
        HearingError: `hearing.no_words`, or `hearing.lines` for a reading whose lines are not as many as the files.
    """
    if against is not None:
        from broadcaster.domain.reading import read

        return _with_words([read(against).spoken or against] * count)
    if reading is None:
        return []
    lines = [line for line in read_source(reading)[0].splitlines() if line.strip()]
    if count == 1:
        return _with_words([" ".join(lines)])
    if len(lines) != count:
        raise HearingError("hearing.lines", file=reading, lines=len(lines), files=count)
    return _with_words(lines)


def _with_words(texts: list[str]) -> list[str]:
    """The texts, once each of them is known to have a word: before minutes are spent on listening."""
    for text in texts:
        compare(text, "")
    return texts


def _files(console: Console, files: Sequence[Path], spoken: Sequence[str], *, village: bool) -> None:
    ear = console.app().ear
    tapes = [ear.open(path) for path in files]  # a bad one is named before minutes are spent on the others
    heard: list[str] = []
    with console.progress("hear.listen") as bar:
        for number, (path, tape) in enumerate(zip(files, tapes, strict=True), 1):
            bar(number, len(files), path.name)
            heard.append(ear.sound(tape, village=village))
    compared = [compare(*pair) for pair in zip(spoken, heard, strict=True)] if spoken else []
    entries: list[dict[str, Any]]
    if spoken:
        found = list(zip(map(str, files), compared, strict=True))
        rows = [(name, share(one.rate, console.language, 1), one.heard, wrong(one)) for name, one in found]
        console.rows("heard_files", ["file", "error_rate", "heard", "misheard"], rows)
        entries = [{"file": name, **as_data(one)} for name, one in found]
    else:
        texts = list(zip(map(str, files), heard, strict=True))
        console.rows("heard_files", ["file", "heard"], [(name, text or "–") for name, text in texts])
        entries = [{"file": name, "heard": text} for name, text in texts]
    total = error_rate(compared)
    console.result({"recogniser": identity(ear), "village": village, "error_rate": rounded(total), "files": entries})


def _bulletin(console: Console, code: str, limits: Limits) -> int:
    app = console.app()
    bulletin = app.writing.bulletin(code)
    ear = app.ear  # a recogniser that is missing is named before any engine is loaded
    with console.progress("hear.listen") as bar:
        found = app.hearing.bulletin(bulletin, limits, bar)
    console.skipped(app)
    _show(console, found)
    console.findings(found.findings, limit=len(found.findings))
    lines = [
        {"number": one.number, "clean": as_data(one.clean), "village": as_data(one.village)} for one in found.lines
    ]
    console.result(
        {
            "recogniser": identity(ear),
            "bulletin": found.bulletin,
            "master": found.master,
            "engine": found.engine,
            "whole": found.whole,
            "error_rate": rounded(found.clean),
            "error_rate_village": rounded(found.village),
            "limits": {"clean": limits.clean, "village": limits.village},
            "lines": lines,
            "findings": found.findings,
        }
    )
    return NEEDS_A_PERSON if found.findings else DONE


def _show(console: Console, found: "HeardMaster") -> None:
    language = console.language
    rows = [
        (
            str(line.number),
            share(line.clean.rate, language, 0),
            share(line.village.rate, language, 0),
            line.clean.spoken,
            line.clean.heard or "–",
        )
        for line in found.lines
    ]
    console.rows("heard", ["number", "error_rate", "error_rate_village", "spoken", "heard"], rows)
    if found.whole:
        console.print("hear.whole")
    figures = {"clean": share(found.clean, language, 1), "village": share(found.village, language, 1)}
    console.print("hear.total", bulletin=found.bulletin, engine=found.engine, **figures)
    if not found.findings:
        console.print("hear.clear")


def identity(ear: "Ear") -> dict[str, str]:
    """Who listened: the recogniser's name and version."""
    return {"name": ear.recogniser.name, "version": ear.recogniser.version()}


def as_data(one: Comparison) -> dict[str, Any]:
    """A comparison as JSON data, the rate with it."""
    return {
        "spoken": one.spoken,
        "heard": one.heard,
        "syllables": one.syllables,
        "errors": one.errors,
        "error_rate": rounded(one.rate),
        "misheard": one.misheard,
    }


def wrong(one: Comparison, most: int = 4) -> str:
    """The first few syllables that were taken for others."""
    shown = ", ".join(f"{pair.spoken or '∅'} → {pair.heard or '∅'}" for pair in one.misheard[:most])
    return shown + (" …" if len(one.misheard) > most else "")


def rounded(rate: float | None) -> float | None:
    """A rate as it is printed in JSON."""
    return None if rate is None else round(rate, 4)
