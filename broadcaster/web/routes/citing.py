"""Bản tin, what it cites: procedures of the commune's library, looked up while the form is filled in."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from broadcaster.bootstrap import App
from broadcaster.domain.procedure import Procedure, named_in, sought
from broadcaster.web.periods import today
from broadcaster.web.showing import page
from broadcaster.web.visiting import Author, Workspace

router = APIRouter(include_in_schema=False)
Text = Annotated[str, Form()]
Texts = Annotated[list[str], Form()]
MOST = 8
"""Procedures that are offered at once."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A procedure as the form shows it. Without `known` it is a name that the library does not have."""

    name: str
    known: Procedure | None
    over: bool = False
    ahead: bool = False


@dataclass(frozen=True, slots=True)
class Offers:
    """What the form shows of procedures: those that are cited, then what the text names and what was looked for.

    `more` counts what was found beyond the first few; `unknown` says that the library has nothing like the typed words.
    """

    cited: tuple[Offer, ...]
    named: tuple[Offer, ...]
    found: tuple[Offer, ...]
    more: int
    words: str
    unknown: bool


def offers(app: App, cited: list[str], text: str, words: str = "") -> Offers:
    """The procedures for the form.

    Args:
        app: the workspace.
        cited: the names that are chosen.
        text: the bulletin's text.
        words: what was typed to look for one.
    """
    book, day = app.procedures.read().current, today(app)
    chosen = tuple(dict.fromkeys(" ".join(name.split())[:500] for name in cited if name.strip()))
    by_name = {one.name: one for one in book}
    named = [one for one in named_in(book, text) if one.name not in chosen]
    matched = sought(book, words) if words.strip() else []
    found = [one for one in matched if one.name not in chosen and one not in named]
    return Offers(
        tuple(_offer(name, by_name.get(name), day) for name in chosen),
        tuple(_offer(one.name, one, day) for one in named[:MOST]),
        tuple(_offer(one.name, one, day) for one in found[:MOST]),
        max(0, len(found) - MOST),
        " ".join(words.split()),
        bool(words.strip()) and not matched,
    )


def _offer(name: str, known: Procedure | None, day: date) -> Offer:
    return Offer(name, known, known is not None and known.over(day), known is not None and day < known.valid_from)


@router.post("/tim-thu-tuc")
def look_up(
    request: Request,
    app: Workspace,
    visitor: Author,
    body: Text = "",
    tim_thu_tuc: Text = "",
    procedures: Texts = [],  # noqa: B006 - FastAPI's default of a form
) -> Response:
    """The part of the form with procedures, for what is being typed; nothing is kept."""
    del visitor
    shown = offers(app, procedures[:50], body[:100_000], tim_thu_tuc[:200])
    return page(request, "cited_part.html", offers=shown)
