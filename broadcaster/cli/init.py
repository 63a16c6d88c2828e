"""`broadcaster init`: a workspace for a station of one's own."""

from pathlib import Path

import click

from broadcaster.bootstrap import sample_folder
from broadcaster.cli.console import Console, common
from broadcaster.cli.read import read_source
from broadcaster.errors import ConfigError


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=".")
@click.option("--sample", is_flag=True, help="Kèm mười hai bản tin mẫu / with the sample bulletins.")
@common
def init(console: Console, folder: Path, *, sample: bool) -> None:
    """Tạo không gian làm việc: scripts_vi/, audio_out/, schedules/station.toml. Không ghi đè tệp đã có.

    Create a workspace; files that exist are never overwritten.
    """
    source = sample_folder()
    station = folder / "schedules" / "station.toml"
    if station.exists():
        raise ConfigError("init.exists", file=str(station))
    for name in ("scripts_vi", "audio_out", "schedules"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    made = [station]
    documents = console.documents()
    documents.text(read_source(str(source / "schedules" / "station.toml"))[0], station)
    wanted = sorted((source / "scripts_vi").glob("*.t*")) if sample else [source / "scripts_vi" / "tu_dien.tsv"]
    for path in wanted:
        target = folder / "scripts_vi" / path.name
        if not target.exists():
            documents.text(read_source(str(path))[0], target)
            made.append(target)
    console.print("init.done", folder=folder, station=station)
    console.result({"folder": str(folder), "files": [str(path) for path in made]})
