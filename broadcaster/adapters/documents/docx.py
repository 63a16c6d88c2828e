"""Papers as Word files, by a template that the office may change in Word."""

import io
import zipfile
from datetime import datetime, time
from importlib.resources import files
from pathlib import Path
from typing import Any

from broadcaster.adapters.documents.pdf import picture, widths
from broadcaster.adapters.files import whole_file
from broadcaster.errors import ConfigError
from broadcaster.ports import PageTable, Paper

CHART_MM, CHART_MM_LANDSCAPE = 140, 165
MOST_BYTES = 20_000_000
"""Of a template, unpacked: a form is some tens of kilobytes."""
_ZIP_DAY = (1980, 1, 1, 0, 0, 0)


def form() -> bytes:
    """The product's own template."""
    return (files("broadcaster") / "data" / "templates" / "administrative.docx").read_bytes()


def write_docx(paper: Paper, path: Path, own_form: Path | None = None) -> None:
    """Write the paper as a Word file, whole or not at all. The same paper and template give the same bytes.

    Raises:
        ConfigError: `paper.form` if the office's template cannot be used.
        OSError: if the file cannot be written.
    """
    made = _rendered(paper, form() if own_form is None else _checked(own_form), own_form)
    with whole_file(path) as temporary:
        temporary.write_bytes(_steady(made))


def _checked(own: Path) -> bytes:
    """A template's bytes, if it is a Word file of a sensible size."""
    try:
        data = own.read_bytes()
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            whole = sum(entry.file_size for entry in archive.infolist())
            if whole > MOST_BYTES or "word/document.xml" not in archive.namelist():
                raise ConfigError("paper.form", file=str(own), detail="không phải tệp Word")
    except (OSError, zipfile.BadZipFile) as error:
        raise ConfigError("paper.form", file=str(own), detail=str(error)) from error
    return data


def _rendered(paper: Paper, template: bytes, own: Path | None) -> bytes:
    from docx.enum.section import WD_ORIENT
    from docx.shared import Mm
    from docxtpl import DocxTemplate, InlineImage
    from jinja2.exceptions import TemplateError
    from jinja2.sandbox import SandboxedEnvironment

    document = DocxTemplate(io.BytesIO(template))
    wide = Mm(CHART_MM_LANDSCAPE if paper.landscape else CHART_MM)
    document.init_docx()
    sections = [
        {
            "heading": section.heading,
            "lines": section.lines,
            "chart": InlineImage(document, io.BytesIO(picture(section.chart)), width=wide) if section.chart else "",
            "table": section.table,
            "command": section.command,
        }
        for section in paper.sections
    ]
    named = {name: getattr(paper, name) for name in paper.__slots__ if name != "sections"}
    try:
        # A template comes from the office and may come from elsewhere: it is run in a sandbox.
        document.render({"paper": {**named, "sections": sections}}, SandboxedEnvironment(autoescape=True))
    except (TemplateError, ValueError, KeyError) as error:
        raise ConfigError("paper.form", file=str(own or "administrative.docx"), detail=str(error)[:200]) from error
    word = document.docx
    if paper.landscape:
        for part in word.sections:
            part.orientation = WD_ORIENT.LANDSCAPE
            part.page_width, part.page_height = (
                max(part.page_width, part.page_height),
                min(part.page_width, part.page_height),
            )
    first = word.sections[0]
    room = first.page_width - first.left_margin - first.right_margin
    shown = iter([section.table for section in paper.sections if section.table])
    for table in word.tables:
        if _repeats_its_head(table) and (data := next(shown, None)):
            _arrange(table, data, room, landscape=paper.landscape)
        elif paper.landscape:
            _stretch(table, room)
    properties = word.core_properties
    properties.title, properties.author = f"{paper.kind} {paper.subject}"[:255], paper.issuer[:255]
    properties.created = properties.modified = datetime.combine(paper.day, time.min)
    properties.last_modified_by, properties.revision = "", 1
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def _repeats_its_head(table: Any) -> bool:
    """Whether it is a table with figures: its first row repeats on every page."""
    from docx.oxml.ns import qn

    # python-docx shows the XML behind a table under this name alone.
    return table._tbl.find(f".//{qn('w:tblHeader')}") is not None  # noqa: SLF001


def _stretch(table: Any, room: int) -> None:
    """A table of the form from the short side's width to the long one's."""
    for row in table.rows:
        whole = sum(cell.width or 0 for cell in row.cells)
        for cell in row.cells:
            if whole and cell.width:
                cell.width = int(cell.width * room / whole)
    whole = sum(column.width or 0 for column in table.columns)
    for column in table.columns:
        if whole and column.width:
            column.width = int(column.width * room / whole)


def _arrange(table: Any, shown: PageTable, room: int, *, landscape: bool) -> None:
    """Column widths, numbers to the right, the sum in bold: what a template with any number of columns cannot say."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    share = widths(shown, landscape=landscape)
    lengths = [int(room * width / sum(share)) for width in share]
    grid = table._tbl.tblGrid  # noqa: SLF001
    for column in list(grid):
        grid.remove(column)
    for length in lengths:
        column = OxmlElement("w:gridCol")
        column.set(qn("w:w"), str(length // 635))  # 635 EMU are a twentieth of a point
        grid.append(column)
    table.autofit = False
    last = len(table.rows) - 1
    for at, row in enumerate(table.rows):
        for length, right, cell in zip(lengths, shown.right, row.cells, strict=False):
            cell.width = length
            for paragraph in cell.paragraphs:
                if right and at:
                    paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
                if shown.total and at == last:
                    for run in paragraph.runs:
                        run.bold = True


def _steady(made: bytes) -> bytes:
    """The same file with one date for all its parts, so that the same paper is the same file."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(made)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            steady = zipfile.ZipInfo(entry.filename, _ZIP_DAY)
            steady.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(steady, old.read(entry.filename))
    return buffer.getvalue()
