"""`broadcaster init`: a workspace for a station of one's own."""

import json
from pathlib import Path

import click

from broadcaster.bootstrap import engines_here, sample_folder
from broadcaster.cli.console import Console, common
from broadcaster.cli.read import read_source
from broadcaster.errors import ConfigError

_SAMPLE_ENGINES = 'engines = ["espeak"]'


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=".")
@click.option("--sample", is_flag=True, help="Kèm mười hai bản tin mẫu / with the sample bulletins.")
@click.option(
    "--engine",
    "engines",
    multiple=True,
    metavar="NAME",
    help="Thứ tự giọng đọc; tự chọn theo máy nếu không nêu / order of engines.",
)
@common
def init(console: Console, folder: Path, engines: tuple[str, ...], *, sample: bool) -> None:
    """Tạo không gian làm việc: scripts_vi/, audio_out/, schedules/station.toml. Không ghi đè tệp đã có.

    Create a workspace; files that exist are never overwritten.
    """
    order = engines_here(engines)
    source = sample_folder()
    station = folder / "schedules" / "station.toml"
    if station.exists():
        raise ConfigError("init.exists", file=str(station))
    for name in ("scripts_vi", "audio_out", "schedules"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    made = [station]
    documents = console.documents()
    text = read_source(str(source / "schedules" / "station.toml"))[0]
    documents.text(text.replace(_SAMPLE_ENGINES, f"engines = {json.dumps(order)}", 1), station)
    wanted = sorted((source / "scripts_vi").glob("*.t*")) if sample else [source / "scripts_vi" / "tu_dien.tsv"]
    for path in wanted:
        target = folder / "scripts_vi" / path.name
        if not target.exists():
            documents.text(read_source(str(path))[0], target)
            made.append(target)
    console.print("init.done", folder=folder, station=station, engines=order)
    console.result({"folder": str(folder), "files": [str(path) for path in made], "engines": order})
