"""Thử loa: a test tone on zones or single clusters, and what each of them answered."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from broadcaster.bootstrap import App
from broadcaster.domain.tone import LEVEL_DB, LONGEST, SHORTEST, USUAL, ToneOrder
from broadcaster.errors import BroadcasterError, ConfigError
from broadcaster.node_events import finding_of, told_at
from broadcaster.web.showing import name_of, page, sentences
from broadcaster.web.visiting import Inside, Keeper, Workspace
from broadcaster.wording import say

router = APIRouter(include_in_schema=False)

Texts = Annotated[list[str], Form()]
MOST_TRIALS = 20
"""Tones that the page lists, the newest first."""
_LINES = {"tone.node_played": "Đã kêu đủ", "tone.node_session": "Không thử: đang hoặc sắp có buổi phát"}


def _answer(event: Mapping[str, Any] | None) -> dict[str, object]:
    if event is None:
        return {"line": say("tone.silent"), "level": "", "at": None}
    finding = finding_of(event)
    cause = say(f"cause.{finding.facts.get('cause', '')}")
    lines = {
        **_LINES,
        "tone.node_cut": f"Bị ngắt sau {finding.facts.get('seconds')} giây: {cause}",
        "tone.node_kept": f"Không thử: {cause}",
    }
    level = str(finding.facts.get("level", "")).replace(".", ",").replace("-", "−")
    return {"line": lines.get(finding.code, say(finding.code, **finding.facts)), "level": level, "at": told_at(event)}


def _trial(request: Request, app: App, order: ToneOrder, told: Mapping[str, Mapping[str, Any]]) -> dict[str, object]:
    names = app.station.cluster_by_code
    clusters = app.network.toning.clusters(order)
    rows = [{"code": one, "name": names[one].name, **_answer(told.get(one))} for one in clusters]
    return {"order": order, "by": name_of(request, order.by), "rows": rows}


def _shown(
    request: Request,
    app: App,
    *,
    http: int = 200,
    lines: Sequence[str] = (),
    zones: Sequence[str] = (),
    clusters: Sequence[str] = (),
    seconds: int = USUAL,
    muted: Sequence[str] = (),
) -> Response:
    app.renew()
    toning, station = app.network.toning, app.station
    answers = toning.answers()
    known = station.cluster_by_code
    shown = list(reversed(toning.records()[-MOST_TRIALS:]))
    return page(
        request,
        "tone.html",
        http=http,
        lines=lines,
        typed={"zones": zones, "clusters": clusters, "seconds": seconds},
        zones=station.zones,
        thons=[(thon, [one for one in station.clusters if one.thon == thon.code]) for thon in station.thons],
        least=SHORTEST,
        most=LONGEST,
        level=LEVEL_DB,
        left_out=[known[code].name for code in muted if code in known],
        trials=[_trial(request, app, order, answers.get(order.id, {})) for order in shown],
    )


@router.get("/thu-loa")
def show(request: Request, app: Workspace, visitor: Inside, cum: str = "", tat: str = "") -> Response:
    """The form, and what was tried; `cum` is a cluster to begin with, `tat` those that were left out."""
    del visitor
    return _shown(request, app, clusters=[cum] if cum else [], muted=tat.split(",") if tat else [])


@router.post("/thu-loa")
def sound(
    request: Request,
    app: Workspace,
    visitor: Keeper,
    vung: Texts = [],  # noqa: B006 - FastAPI's default of a form
    cum: Texts = [],  # noqa: B006
    giay: Annotated[int, Form(ge=-1_000_000, le=1_000_000)] = USUAL,
) -> Response:
    """Let the tone sound, if nothing goes before it."""
    app.renew()
    try:
        # One at a time: two orders at once would each find the air free.
        with request.app.state.work:
            tried = app.network.toning.order(visitor.code, vung, cum, giay)
    except BroadcasterError as error:
        status = 422 if isinstance(error, ConfigError) else 503
        return _shown(request, app, http=status, lines=sentences(error), zones=vung, clusters=cum, seconds=giay)
    if tried.failed:
        lines = [line for error in tried.failed for line in sentences(error)]
        return _shown(request, app, http=503, lines=lines, muted=tried.muted)
    left_out = "&tat=" + ",".join(tried.muted) if tried.muted else ""
    return RedirectResponse(f"/thu-loa?da=thu_loa{left_out}", 303)
