"""Documents and feeds as files in a folder."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from broadcaster.adapters.documents import feeds
from broadcaster.adapters.documents.html import write_html
from broadcaster.adapters.files import whole_file, write_text
from broadcaster.domain.rundown import Rundown
from broadcaster.errors import ConfigError, StoreError
from broadcaster.ports import FeedKind, FeedNames, Page, PageChart, Paper


@contextmanager
def _disk(path: Path) -> Iterator[None]:
    """A disk that is full or closed to us is one clear message."""
    try:
        yield
    except OSError as error:
        raise StoreError("file.disk", file=str(path), detail=error.strerror or str(error)) from error


class FileDocuments:
    """Writes below whatever folder it is told."""

    def feed(self, kind: FeedKind, rundowns: Sequence[Rundown], names: FeedNames, folder: Path) -> Sequence[Path]:
        """Write rundowns in a format."""
        written = []
        for name, text in _feed(kind, rundowns, names):
            path = folder / name
            self.text(text, path)
            written.append(path)
        return written

    def page(self, page: Page, path: Path) -> None:
        """Write a document for people."""
        with _disk(path):
            write_html(page, path)

    def paper(self, paper: Paper, path: Path, form: Path | None = None) -> None:
        """Write an administrative document."""
        with _disk(path):
            if path.suffix == ".docx":
                from broadcaster.adapters.documents.docx import write_docx

                write_docx(paper, path, form)
            elif path.suffix == ".pdf":
                from broadcaster.adapters.documents.pdf import write_pdf

                write_pdf(paper, path)
            elif path.suffix == ".xlsx":
                from broadcaster.adapters.documents.xlsx import write_xlsx

                write_xlsx(paper, path)
            else:
                raise ConfigError("paper.ending", file=str(path))

    def form(self, path: Path) -> None:
        """Write the Word template of papers, for the office to change."""
        from broadcaster.adapters.documents.docx import form

        with _disk(path), whole_file(path) as temporary:
            temporary.write_bytes(form())

    def chart(self, chart: PageChart, path: Path) -> None:
        """Write a chart as SVG."""
        from broadcaster.adapters.documents.charts import svg

        self.text(svg(chart), path)

    def text(self, text: str, path: Path) -> None:
        """Write a text file."""
        with _disk(path):
            write_text(path, text)


def _feed(kind: FeedKind, rundowns: Sequence[Rundown], names: FeedNames) -> Iterator[tuple[str, str]]:
    """File names and texts."""
    if kind is FeedKind.M3U8:
        yield from ((f"{r.code}.m3u8", feeds.m3u8(r, names.titles, names.file_of)) for r in rundowns)
    elif kind is FeedKind.XSPF:
        yield from ((f"{r.code}.xspf", feeds.xspf(r, names.titles, names.file_of)) for r in rundowns)
    elif kind is FeedKind.JSON:
        yield "lich_tuan.json", feeds.as_json(rundowns)
    elif kind is FeedKind.CSV:
        yield "lich_tuan.csv", feeds.as_csv(rundowns, names.titles, names.local)
    elif names.together:
        yield "lich.ics", feeds.ics(rundowns, names.titles, f"{names.station} - {names.together}", names.places)
    else:
        for zone in sorted({r.zone for r in rundowns}):
            mine = [r for r in rundowns if r.zone == zone]
            called = f"{names.station} - {names.places.get(zone, zone)}"
            yield f"lich_{zone}.ics", feeds.ics(mine, names.titles, called, names.places)
