"""`broadcaster master`: masters of bulletins, copies of them in other formats, and masters of any recording."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from broadcaster.bootstrap import App
from broadcaster.cli import DONE, NEEDS_A_PERSON, STOPPED
from broadcaster.cli.console import Console, common, error_message
from broadcaster.domain.bulletin import Bulletin
from broadcaster.domain.master import Loudness, Master, file_comment
from broadcaster.domain.station import check_notice
from broadcaster.errors import BulletinError
from broadcaster.services.mastering import Mastered
from broadcaster.showing import decimal, duration
from broadcaster.units import Dbtp, Lufs

FORMATS = ("flac", "wav", "mp3", "ogg", "opus")


@click.command()
@click.argument("source", required=False, metavar="FILE")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="Tệp ra (.wav .flac .mp3 .ogg .opus), hoặc thư mục với --export.",
)
@click.option("--bulletin", "codes", multiple=True, metavar="CODE", help="Bản tin trong không gian làm việc.")
@click.option("--export", "format_", type=click.Choice(FORMATS), help="Xuất thêm bản sao dạng này / copies to -o.")
@click.option("--engine", default="", metavar="NAME", help="Giọng đọc / speech engine.")
@click.option("--lufs", default=-16.0, type=click.FloatRange(-40, -8), show_default=True, help="Độ to đích / target.")
@click.option("--dbtp", default=-1.5, type=click.FloatRange(-12, 0), show_default=True, help="Đỉnh tối đa / ceiling.")
@common
def master(
    console: Console,
    source: str | None,
    output: Path | None,
    codes: tuple[str, ...],
    format_: str | None,
    engine: str,
    lufs: float,
    dbtp: float,
) -> int:
    """Làm bản phát: của bản tin (mọi bản tin nếu không nêu gì), hoặc của một tệp thu sẵn với -o.

    Masters of bulletins (all of them unless told otherwise), or of a recording when FILE and -o are given.
    """
    if source is not None:
        if output is None or format_ or codes:
            raise click.UsageError(
                "FILE cần có -o TỆP_RA, không đi với --bulletin, --export / FILE needs -o OUTPUT alone"
            )
        done = console.app(engine).mastering.recording(Path(source), output, Loudness(Lufs(lufs), Dbtp(dbtp)), {})
        console.result(_shown(console, done))
        return DONE
    if (output is None) != (format_ is None):
        raise click.UsageError("--export cần có -o THƯ_MỤC và ngược lại / --export and -o DIRECTORY go together")
    app = console.app(engine)
    bulletins = [app.writing.bulletin(code) for code in codes] or _all(console, app)
    made: list[Master] = []
    left: list[BulletinError] = []
    try:
        with console.progress("demo.voice") as bar:
            for one in app.recordings.masters(bulletins, bar):
                if isinstance(one, BulletinError):
                    left.append(one)
                else:
                    made.append(one)
    except KeyboardInterrupt:
        click.echo(console.say("master.stopped"), err=True)
        return STOPPED
    console.skipped(app)
    for refusal in left:
        click.echo("  " + error_message(refusal, console.language), err=True)
    kept = [one.bulletin for one in made if not one.synthetic]
    if kept and (codes or engine):
        console.print("recording.kept", bulletins=kept)
    console.findings(check_notice(app.station))
    copies = [_copy(console, app, one, output, format_) for one in made] if output and format_ else []
    _list(console, made)
    console.result(copies or made)
    return NEEDS_A_PERSON if left else DONE


def _all(console: Console, app: App) -> list[Bulletin]:
    """Every bulletin that has words; the others are named, and do not keep the rest from being spoken."""
    bulletins = []
    for bulletin in app.store.bulletins():
        if app.voicing.has_words(bulletin) or app.voicing.recorded(bulletin) is not None:
            bulletins.append(bulletin)
        else:
            click.echo(console.say("speech.no_words", bulletin=bulletin.code), err=True)
    return bulletins


def _copy(console: Console, app: App, made: Master, folder: Path, format_: str) -> dict[str, Any]:
    """A copy of a master in another format, with all that is known of it in its tags."""
    comment = file_comment(made.engine, made.voices, made.text_hash, made.reading_hash, made.hash)
    target = folder / f"{made.bulletin}.{made.hash[:12]}.{format_}"
    source = app.library.path(made.file) or Path(made.file)
    done = app.mastering.derivative(source, target, app.voicing.loudness, {**made.tags, "comment": comment})
    return {"bulletin": made.bulletin, "master": made.hash, **_shown(console, done)}


def _shown(console: Console, done: Mastered) -> dict[str, Any]:
    read = done.measured
    figures = {"lufs": decimal(read.loudness, console.language), "peak": decimal(read.true_peak, console.language)}
    console.print("master.file", path=done.path, **figures)
    return {
        "file": str(done.path),
        "lufs": round(read.loudness, 2),
        "true_peak": round(read.true_peak, 2),
        "range_lu": round(read.range_lu, 1),
        "momentary_max": round(read.momentary, 2),
        "short_term_max": round(read.short_term, 2),
        "duration_ms": done.duration_ms,
    }


def _list(console: Console, made: Sequence[Master]) -> None:
    rows = [
        (
            m.bulletin,
            duration(m.duration_ms),
            decimal(m.loudness, console.language),
            decimal(m.true_peak, console.language),
            m.engine,
            m.file,
        )
        for m in made
    ]
    console.rows("masters", ["bulletin", "length", "lufs", "true_peak", "engine", "file"], rows)
