"""A whole bulletin from text to a master that can be approved, by the neural voice; then one sentence of it is edited.

    python benchmarks/bulletin.py [--engine NAME] [--json]

The bulletin has 250 words of a sample. Engine and workers are warm: another bulletin was spoken before. Seconds are of
reading, speech on all cores, chain, levelling, and writing; chime and notices are spoken anew, too.
"""

import argparse
import json
import shutil
import tempfile
import time
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from broadcaster.bootstrap import App, sample_folder
from broadcaster.config import Settings, Workspace
from broadcaster.domain.bulletin import Bulletin, Kind
from broadcaster.errors import BulletinError

WORDS = 250
SAMPLE = "02_bai_lien_thong_khai_sinh.txt"
NOW = datetime(2026, 11, 26, tzinfo=UTC)
EDITED = "Xin nhắc lại, bà con chỉ cần nộp hồ sơ một lần."


def sample() -> str:
    """The first words of the sample's body, ended as a sentence."""
    whole = (sample_folder() / "scripts_vi" / SAMPLE).read_text(encoding="utf-8").split("---\n", 2)[2]
    kept = " ".join(whole.split()[:WORDS])
    return kept.rstrip(",;:. ") + "."


def made(app: App, bulletin: Bulletin) -> tuple[float, float]:
    """Seconds until the master is there, and seconds of sound."""
    app.store.save_bulletin(bulletin, NOW)
    begun = time.perf_counter()
    (master,) = app.recordings.masters([bulletin])
    seconds = time.perf_counter() - begun
    if isinstance(master, BulletinError):
        raise master
    return seconds, master.duration_ms / 1000


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--engine", default="kokoro_vi", metavar="NAME")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "schedules").mkdir()
        shutil.copy(sample_folder() / "schedules" / "station.toml", folder / "schedules")
        app = App(Settings(Workspace.at(folder)), engine=options.engine)
        text, until = sample(), date(2027, 1, 1)
        first = Bulletin("bench", "Sinh con", text, Kind.BAI, "mot_cua", "Văn phòng xã", NOW.date(), until, "tu_phap")
        other = replace(first, code="warm", title="Họp thôn", body="Kính mời bà con ra họp thôn. Xin cảm ơn. " * 4)
        made(app, other)
        whole, sound = made(app, first)
        head, _, tail = text.partition(". ")
        edited, _ = made(app, replace(first, body=f"{head}. {EDITED} {tail.partition('. ')[2]}"))
        app.close()
    figures = {
        "engine": options.engine,
        "words": len(text.split()),
        "sound_s": round(sound, 1),
        "whole_s": round(whole, 1),
        "edit_s": round(edited, 1),
        "x_realtime": round(sound / whole, 2),
    }
    print(json.dumps(figures) if options.json else figures)


if __name__ == "__main__":
    main()
