"""Papers as PDF, set by typst after a template; and charts as pictures for programs that draw no SVG."""

import json
from contextlib import ExitStack
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, Literal

from broadcaster.adapters.documents.charts import svg
from broadcaster.adapters.files import whole_file
from broadcaster.ports import PageChart, PageTable, Paper

PICTURE = """#set page(width: auto, height: auto, margin: 0pt)
#image(bytes(sys.inputs.chart), format: "svg")
"""
DOTS_PER_INCH = 220.0
WIDEST = 60
"""Letters from which a column grows no wider."""
LETTERS, LETTERS_LANDSCAPE = 82.0, 125.0
"""Letters of a table's type on a line between the margins."""


BOLD = 1.2
"""Width of a bold letter of a column head beside a plain one."""
PADDING = 2.5
"""Letters that the space beside a cell's text would hold."""


def write_pdf(paper: Paper, path: Path) -> None:
    """Write the paper as PDF, whole or not at all. The same paper gives the same bytes.

    Raises:
        OSError: if the file cannot be written.
    """
    made = _compiled("administrative.typ", {"paper": json.dumps(_plain(paper), ensure_ascii=False)}, "pdf")
    with whole_file(path) as temporary:
        temporary.write_bytes(made)


def picture(chart: PageChart) -> bytes:
    """A chart as PNG."""
    return _compiled(PICTURE.encode(), {"chart": svg(chart)}, "png")


def _compiled(source: str | bytes, inputs: dict[str, str], form: Literal["pdf", "png"]) -> bytes:
    import typst

    with ExitStack() as held:
        fonts = held.enter_context(as_file(files("broadcaster") / "data" / "fonts"))
        template: Any = source
        if isinstance(source, str):
            template = held.enter_context(as_file(files("broadcaster") / "data" / "templates" / source))
        made: bytes = typst.compile(
            template, format=form, font_paths=[fonts], ignore_system_fonts=True, sys_inputs=inputs, ppi=DOTS_PER_INCH
        )
    return made


def _plain(paper: Paper) -> dict[str, Any]:
    named = {name: getattr(paper, name) for name in paper.__slots__ if name not in {"sections", "day"}}
    sections = [
        {
            "heading": section.heading,
            "lines": section.lines,
            "chart": svg(section.chart) if section.chart else "",
            "alt": section.chart.described if section.chart else "",
            "table": _table(section.table, paper) if section.table else None,
            "command": section.command,
        }
        for section in paper.sections
    ]
    return {**named, "sections": sections}


def _table(table: PageTable, paper: Paper) -> dict[str, Any]:
    return {
        "title": table.title,
        "head": table.head,
        "body": table.body,
        "right": table.right,
        "total": table.total,
        "widths": widths(table, landscape=paper.landscape),
    }


def widths(table: PageTable, *, landscape: bool) -> list[float]:
    """A share of the line for each column: no word is broken, and what room is left goes where lines are long."""
    columns = range(len(table.head))
    heads = [max((len(word) for word in table.head[n].split()), default=1) * BOLD for n in columns]
    bodies = [[line for row in table.body for line in row[n].split("\n")] for n in columns]
    words = [max((len(word) for line in body for word in line.split()), default=1) for body in bodies]
    lines = [max((len(line) for line in body), default=1) for body in bodies]
    least = [max(pair) + PADDING for pair in zip(heads, words, strict=True)]
    wish = [max(need, min(line, WIDEST) + PADDING) for need, line in zip(least, lines, strict=True)]
    spare = (LETTERS_LANDSCAPE if landscape else LETTERS) - sum(least)
    wanting = sum(wish) - sum(least)
    part = min(1.0, max(0.0, spare / wanting)) if wanting else 0.0
    return [need + part * (want - need) for need, want in zip(least, wish, strict=True)]
