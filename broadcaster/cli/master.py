"""`broadcaster master`: masters of bulletins, and of any recording."""

from pathlib import Path

import click

from broadcaster.cli import DONE, NEEDS_A_PERSON
from broadcaster.cli.console import Console, common, error_message
from broadcaster.domain.master import Loudness, Master
from broadcaster.errors import BulletinError
from broadcaster.showing import decimal, duration
from broadcaster.units import Dbtp, Lufs


@click.command()
@click.argument("source", required=False, metavar="FILE")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Tệp ra / output file: .wav .flac .mp3 .ogg")
@click.option("--bulletin", "codes", multiple=True, metavar="CODE", help="Bản tin trong không gian làm việc.")
@click.option("--engine", default="", metavar="NAME", help="Giọng đọc / speech engine.")
@click.option("--lufs", default=-16.0, type=click.FloatRange(-40, -8), show_default=True, help="Độ to đích / target.")
@click.option("--dbtp", default=-1.5, type=click.FloatRange(-12, 0), show_default=True, help="Đỉnh tối đa / ceiling.")
@common
def master(
    console: Console,
    source: str | None,
    output: Path | None,
    codes: tuple[str, ...],
    engine: str,
    lufs: float,
    dbtp: float,
) -> int:
    """Làm bản phát: của bản tin (mọi bản tin nếu không nêu gì), hoặc của một tệp thu sẵn với -o.

    Masters of bulletins (all of them unless told otherwise), or of a recording when FILE and -o are given.
    """
    if source is not None:
        if output is None:
            raise click.UsageError("FILE cần có -o TỆP_RA / FILE needs -o OUTPUT")
        app = console.app(engine)
        done = app.mastering.recording(Path(source), output, Loudness(Lufs(lufs), Dbtp(dbtp)), {})
        read = done.measured
        shown = {"lufs": decimal(read.loudness, console.language), "peak": decimal(read.true_peak, console.language)}
        console.print("master.file", path=output, **shown)
        console.result(
            {
                "file": str(output),
                "lufs": round(read.loudness, 2),
                "true_peak": round(read.true_peak, 2),
                "range_lu": round(read.range_lu, 1),
                "momentary_max": round(read.momentary, 2),
                "short_term_max": round(read.short_term, 2),
                "duration_ms": done.duration_ms,
            }
        )
        return DONE
    app = console.app(engine)
    bulletins = [app.writing.bulletin(code) for code in codes] or list(app.store.bulletins())
    made: list[Master] = []
    left: list[BulletinError] = []
    language = console.language
    with console.progress("demo.voice") as bar:
        for number, bulletin in enumerate(bulletins, 1):
            bar(number, len(bulletins), bulletin.code)
            try:
                made.append(app.recordings.master(bulletin))
            except BulletinError as error:
                left.append(error)
    console.skipped(app)
    for refusal in left:
        click.echo("  " + error_message(refusal, console.language), err=True)
    kept = [m.bulletin for m in made if not m.synthetic]
    if kept and (codes or engine):
        console.print("recording.kept", bulletins=kept)
    rows = [
        (
            m.bulletin,
            duration(m.duration_ms),
            decimal(m.loudness, language),
            decimal(m.true_peak, language),
            m.engine,
            m.file,
        )
        for m in made
    ]
    console.rows("masters", ["bulletin", "length", "lufs", "true_peak", "engine", "file"], rows)
    console.result(made)
    return NEEDS_A_PERSON if left else DONE
