"""Pages from templates: what every one of them needs, and how errors are told."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import cache
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from broadcaster.errors import BroadcasterError, Finding, Severity
from broadcaster.showing import day_text, decimal, duration, share
from broadcaster.web.visiting import app_of
from broadcaster.wording import say

_BY_PAGES = {
    "approval.no_master": "console.no_master",
    "bulletin.unknown": "console.no_bulletin",
    "link.no_member": "console.no_member",
    "plan.none": "console.plan_none",
    "plan.nothing": "console.plan_nothing",
    "plan.reason": "console.plan_reason",
    "plan.run_broken": "console.run_broken",
    "speech.broken": "console.engine_broken",
    "speech.no_engine": "console.no_engine",
}
"""Sentences that name a command, and those that name the page instead."""


@cache
def environment() -> Environment:
    """The templates, every value escaped."""
    made = Environment(
        loader=PackageLoader("broadcaster.web"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["ngay"] = lambda value: day_text(value, "vi")
    made.filters["dai"] = duration
    made.filters["so"] = lambda value, digits=1: decimal(value, "vi", digits)
    made.filters["phan_tram"] = lambda value: share(value, "vi", 1)
    made.globals["noi"] = say
    return made


def page(request: Request, name: str, /, *, http: int = 200, **values: Any) -> HTMLResponse:
    """A page with the visitor, the station and the nonce in it."""
    app = app_of(request)

    def moment(instant: datetime) -> str:
        return app.station.local(instant).strftime("%H:%M %d/%m/%Y")

    text = (
        environment()
        .get_template(name)
        .render(
            station=app.station,
            visitor=getattr(request.state, "visitor", None),
            nonce=request.state.nonce,
            path=request.url.path,
            moment=moment,
            told=request.query_params.get("da", ""),
            **values,
        )
    )
    # A form may carry halves of surrogate pairs, which no UTF-8 has.
    return HTMLResponse(text.encode("utf-8", "replace"), http)


def sentences(error: BroadcasterError) -> list[str]:
    """An error for a person: a sentence, then its findings."""
    return [_said(error.code, error.facts), *(sentence for _, sentence in told(error.findings))]


def _said(code: str, facts: Mapping[str, Any]) -> str:
    """A sentence for somebody who has pages and no command line, dates as they are written here."""
    shown = {key: day_text(value, "vi") if type(value) is date else value for key, value in facts.items()}
    return say(_BY_PAGES.get(code, code), "vi", **shown)


def told(findings: Iterable[Finding]) -> list[tuple[Severity, str]]:
    """Findings as sentences, the gravest first."""
    order = list(Severity)
    listed = sorted(findings, key=lambda finding: order.index(finding.severity))
    return [(f.severity, _said(f.code, f.facts)) for f in listed]


def name_of(request: Request, code: str) -> str:
    """A person's name."""
    person = app_of(request).station.person(code)
    return person.name if person else code
