"""Cài đặt, báo tin: the programs that are told of what happens, how it goes with each, and a test."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from broadcaster.bootstrap import App
from broadcaster.domain.webhook import EventKind, Standing, Webhook
from broadcaster.errors import ConfigError
from broadcaster.services.telling import in_trouble
from broadcaster.web.showing import page, sentences
from broadcaster.web.visiting import Admin, Inside, Workspace
from broadcaster.wording import say

router = APIRouter(include_in_schema=False)

BAD = {"webhook.state_no_secret", "webhook.state_bad"}


@dataclass(frozen=True, slots=True)
class Row:
    """A receiver as the page has it."""

    hook: Webhook
    state: str
    bad: bool
    standing: Standing
    waiting: int
    last: datetime | None
    events: str


def _row(app: App, hook: Webhook) -> Row:
    standing = app.webhooks.standing(hook.code)
    code, facts = app.webhooks.state(hook.code)
    every = len(hook.events) == len(EventKind) - 1
    events = "mọi việc" if every else "; ".join(say(kind.code) for kind in EventKind if kind in hook.events)
    bad = code in BAD or in_trouble(standing, app.clock.now())
    return Row(hook, say(code, **facts), bad, standing, app.webhooks.waiting(hook.code), standing.delivered_at, events)


def _shown(request: Request, app: App, *, http: int = 200, lines: Sequence[str] = ()) -> Response:
    try:
        rows, wrong = [_row(app, hook) for hook in app.webhooks.hooks()], list(lines)
    except ConfigError as error:
        rows, wrong = [], [*lines, *sentences(error)]
    return page(
        request,
        "telling.html",
        http=http,
        rows=rows,
        lines=wrong,
        kinds=[(kind.value, say(kind.code)) for kind in EventKind if kind is not EventKind.TEST],
        file=f"schedules/{app.workspace.webhook_file.name}",
    )


@router.get("/cai-dat/bao-tin")
def telling(request: Request, app: Workspace, visitor: Inside) -> Response:
    """The receivers."""
    del visitor
    return _shown(request, app)


@router.post("/cai-dat/bao-tin/{code}/thu")
def test(request: Request, app: Workspace, visitor: Admin, code: str) -> Response:
    """Lay out a test; whoever asks for it waits for no other machine."""
    try:
        hook = app.webhooks.hook(code)
        app.webhooks.secrets.of(hook.code)
    except ConfigError as error:
        if error.code == "webhook.unknown":
            raise
        return _shown(request, app, http=422, lines=sentences(error))
    app.webhooks.lay_test(hook, visitor.code)
    return RedirectResponse("/cai-dat/bao-tin?da=gui_thu", 303)
