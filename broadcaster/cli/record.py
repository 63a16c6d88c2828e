"""`broadcaster bulletin record`: a person's recording as a bulletin's sound."""

from pathlib import Path

import click

from broadcaster.cli.console import Console, common
from broadcaster.domain.station import Role
from broadcaster.showing import decimal, duration


@click.command()
@click.argument("code")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--speaker", default="", metavar="NAME", help="Người đọc; không nêu thì là người thao tác / who read it.")
@click.option("--remove", is_flag=True, help="Bỏ bản thu, cho máy đọc lại / let a machine speak it again.")
@common
def record(console: Console, code: str, file: Path | None, speaker: str, *, remove: bool) -> None:
    """Dùng tệp phát thanh viên thu làm tiếng của bản tin; sửa lời thì phải thu lại / A person's recording.

    WAV, FLAC, MP3, OGG, Opus; M4A and others with the extra `import`. Trimmed, levelled, and kept until removed.
    """
    if (file is None) != remove:
        raise click.UsageError("cần FILE, hoặc --remove / give FILE, or --remove")
    app = console.app()
    actor = console.user()
    app.writing.require(actor, Role.AUTHOR, Role.OPERATOR)
    piece = app.writing.bulletin(code)
    if file is None:
        with console.progress("demo.voice") as bar:
            made = app.recordings.remove(piece, bar)
        console.skipped(app)
        console.print("recording.removed", bulletin=piece.code, engine=made.engine)
        console.result(made)
        return
    person = app.station.person(actor)
    reader = speaker.strip() or (person.name if person else actor)
    recorded = app.recordings.take_in(piece, file, reader)
    console.findings(recorded.findings)
    made = recorded.master
    console.print(
        "recording.done",
        bulletin=piece.code,
        speaker=reader,
        length=duration(made.duration_ms),
        lufs=decimal(made.loudness, console.language),
        file=made.file,
    )
    console.result({"master": made, "findings": list(recorded.findings)})
