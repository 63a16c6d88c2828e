"""A report as one HTML file: opened with a double click, printed as it is, with nothing from outside."""

from functools import cache
from pathlib import Path
from typing import Any

from broadcaster.adapters.files import write_text
from broadcaster.ports import Page


@cache
def _template() -> Any:
    from jinja2 import Environment, PackageLoader

    environment = Environment(
        loader=PackageLoader("broadcaster", "data/templates"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template("report.html.j2")


def write_html(page: Page, path: Path) -> None:
    """Write the page, whole or not at all.

    Raises:
        OSError: if the file cannot be written.
    """
    write_text(path, _template().render(page=page))
