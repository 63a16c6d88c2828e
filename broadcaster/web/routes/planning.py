"""Lịch tuần, the operator's part: plan again, pin, move and exclude, order priority bulletins, ask why, see changes."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from broadcaster.bootstrap import App
from broadcaster.domain.planning.plan import Plan, changes
from broadcaster.domain.station import week_days, week_start
from broadcaster.domain.trail import What
from broadcaster.errors import Finding, PlanError
from broadcaster.explaining import amounts
from broadcaster.services.tracing import plan_mark
from broadcaster.showing import day_text
from broadcaster.web.routes.week import monday_of
from broadcaster.web.showing import page, told
from broadcaster.web.steps import Asked, Step, in_words, place_of, wanted
from broadcaster.web.visiting import Inside, Operator, Workspace
from broadcaster.wording import say

router = APIRouter(include_in_schema=False)

EXPLAIN_LIMIT = 0.3
"""Work for one question of why; see `broadcaster plan explain`."""


@router.post("/lich/{ngay}/xep")
def plan(request: Request, app: Workspace, visitor: Operator, ngay: str, asked: Annotated[Asked, Form()]) -> Response:
    """Plan the week, or amend its plan for a reason: as it comes, or with a step that a person asks for."""
    monday = monday_of(ngay)
    order = tuple(code for code in dict.fromkeys(asked.thu_tu) if code)
    if len(order) != len(asked.thu_tu):
        return _ask(request, app, monday, sorted({*order}), asked, again=True)
    with request.app.state.work:
        plans = app.store.plans(monday)
        if asked.ban and plans and asked.ban != str(plans[-1].number):
            return _overtaken(request, app, plans, asked)
        placements = None
        if asked.viec:
            made = app.planning.latest(monday)
            piece = app.writing.bulletin(asked.ban_tin)
            placements = wanted(app, made, piece.code, Step.of(asked.viec), asked.tu_o, asked.den_o)
        try:
            made_plan, _ = app.planning.make(
                monday,
                app.voicing.station_sounds(),
                app.solver(),
                reason=asked.ly_do[:500],
                precedence=order,
                placements=placements,
                insist=bool(asked.keo),
            )
        except PlanError as error:
            if error.code == "plan.refused":
                # The findings of the planner name codes; a person reads names.
                raise PlanError(error.code, [_named(app, one) for one in error.findings], **error.facts) from error
            if error.code != "plan.priority_clash":
                raise
            return _ask(request, app, monday, [*error.facts["codes"]], asked)
        app.diary.note(visitor.code, What.PLAN, plan_mark(monday.isoformat(), made_plan.number))
    where = f"/lich/{monday}/luot/{asked.ban_tin}" if asked.viec and not asked.keo else f"/lich/{monday}"
    return JSONResponse({"den": f"{where}?da=xep"}) if _in_script(request) else RedirectResponse(f"{where}?da=xep", 303)


def _in_script(request: Request) -> bool:
    """Whether the page's script asks, which stays where it is."""
    return request.headers.get("accept") == "application/json"


def _overtaken(request: Request, app: App, plans: Sequence[Plan], asked: Asked) -> Response:
    """Somebody else has amended the plan since the page was opened: nothing is done, and nothing typed is lost."""
    last = plans[-1]
    line = f"Lịch đã đổi từ khi mở trang: đang dùng bản số {last.number}{f' ({last.reason})' if last.reason else ''}."
    if _in_script(request):
        return JSONResponse({"loi": f"{line} Chưa đổi gì.", "ban": last.number}, 409)
    seen = next((made.number for made in plans if str(made.number) == asked.ban), None)
    return page(
        request,
        "week_overtaken.html",
        http=409,
        monday=last.week,
        line=line,
        number=last.number,
        seen=seen,
        step=in_words(app, asked, last.week),
        kept=asked.kept() | {"ban": str(last.number)},
        order=asked.thu_tu,
    )


def _named(app: App, finding: Finding) -> Finding:
    """A finding about a placement with the names that people know."""
    names = {"bulletin": app.titles(), "session": {session.code: session.name for session in app.station.sessions}}
    facts = {key: names[key].get(str(value), value) if key in names else value for key, value in finding.facts.items()}
    days = {key: day_text(value, "vi") for key, value in facts.items() if key in {"day", "from", "to"}}
    return replace(finding, facts=facts | days)


def _ask(
    request: Request, app: App, monday: date, codes: Sequence[str], asked: Asked, *, again: bool = False
) -> Response:
    """The question that only a person may answer: which priority bulletin comes first."""
    if _in_script(request):
        return JSONResponse({"hoi": True}, 409)  # the page sends its form as forms are sent, and the question is shown
    plans = app.store.plans(monday)
    known = app.titles()
    settled = [code for code in (plans[-1].precedence if plans else ()) if code in known]
    listed = [*settled, *(code for code in codes if code in known and code not in settled)]
    if not listed:
        raise HTTPException(422)
    pieces = [piece for code in listed if (piece := app.store.bulletin(code)) is not None]
    return page(request, "week_order.html", http=409, monday=monday, pieces=pieces, kept=asked.kept(), again=again)


@router.get("/lich/{ngay}/cho/{code}")
def openings(app: Workspace, visitor: Operator, ngay: str, code: str, tu: str = "") -> Response:
    """Where one bulletin can be put, for the page's script: what stands against each session, by `day|session`."""
    del visitor
    monday = monday_of(ngay)
    source = place_of(app, monday, tu) if tu else None
    piece = app.writing.bulletin(code)
    made, found = app.planning.obstacles(monday, app.voicing.station_sounds(), piece.code, source)
    told: dict[bool, dict[str, str]] = {True: {}, False: {}}
    for (day, session), obstacle in found.items():
        facts = {
            key: day_text(value, "vi") if key in {"from", "to"} else value for key, value in obstacle.facts.items()
        }
        told[obstacle.firm][f"{day}|{session}"] = say(obstacle.code, "vi", **facts)
    return JSONResponse({"ban": made.number, "dong": told[True], "chat": told[False]})


@router.get("/lich/{ngay}/luot/{code}")
def airings(request: Request, app: Workspace, visitor: Inside, ngay: str, code: str) -> Response:
    """One bulletin in the week: where it is, and where a person wants it or does not."""
    del visitor
    monday = monday_of(ngay)
    made = app.planning.latest(monday)
    piece = app.writing.bulletin(code)
    there = {(slot.day, slot.session) for slot in made.slots if slot.bulletin == code}
    asked = {(p.day, p.session): p.wanted for p in made.placements if p.bulletin == code}
    begun = app.planning.begun(monday)
    rows = [
        {
            "day": day,
            "session": session,
            "place": f"{day}|{session.code}",
            "there": (day, session.code) in there,
            "asked": asked.get((day, session.code)),
            "begun": (day, session.code) in begun,
        }
        for day in week_days(monday)
        for session in sorted(app.station.sessions_on(day), key=lambda one: one.start)
    ]
    unkept: list[str] = []
    if asked:
        found = app.planning.check(monday, app.voicing.station_sounds())[1]
        mine = [one for one in found if one.code.startswith("placement.") and one.facts["bulletin"] == code]
        unkept = [line for _, line in told([_named(app, one) for one in mine])]
    why = [say(item.code, "vi", **item.facts) for item in made.shortfalls if item.bulletin == code]
    return page(request, "week_airings.html", monday=monday, plan=made, piece=piece, rows=rows, why=why, unkept=unkept)


@router.get("/lich/{ngay}/vi-sao")
def why(request: Request, app: Workspace, visitor: Inside, ngay: str) -> Response:
    """Why bulletins got less than they ask for, with the amounts."""
    del visitor
    monday = monday_of(ngay)
    with request.app.state.work:
        explained = app.planning.explain(monday, app.voicing.station_sounds(), app.solver(EXPLAIN_LIMIT))
    titles = app.titles()
    short = {explained.week.candidates[one.b].bulletin.code for one in explained.explanations}
    others = [
        (item.bulletin, titles.get(item.bulletin, item.bulletin), say(item.code, "vi", **item.facts))
        for item in explained.plan.shortfalls
        if item.bulletin not in short
    ]
    listed = [[line.removeprefix("- ") for line in lines] for lines in amounts(explained, "vi", titles)]
    return page(
        request,
        "week_why.html",
        monday=monday,
        plan=explained.plan,
        changed=explained.changed,
        listed=listed,
        others=others,
        findings=told(explained.findings),
    )


@router.get("/lich/{ngay}/thay-doi")
def differences(
    request: Request, app: Workspace, visitor: Inside, ngay: str, tu: int | None = None, den: int | None = None
) -> Response:
    """What an amendment changed; the last one beside the one before unless told otherwise."""
    del visitor
    monday = monday_of(ngay)
    app.planning.latest(monday)
    plans = {made.number: made for made in app.store.plans(monday)}
    last = max(plans) if den is None else den
    first = max(0, last - 1) if tu is None else tu
    if first not in plans or last not in plans:
        raise HTTPException(404)
    gone, come = changes(plans[first], plans[last])
    titles = app.titles()
    names = {session.code: session.name for session in app.station.sessions}
    rows = [
        (say(word), slot, titles.get(slot.bulletin, slot.bulletin), names.get(slot.session, slot.session))
        for slot, word in sorted([*((slot, "plan.out") for slot in gone), *((slot, "plan.in") for slot in come)])
    ]
    return page(
        request,
        "week_changes.html",
        monday=week_start(monday),
        before=plans[first],
        after=plans[last],
        numbers=sorted(plans),
        rows=rows,
        gone=len(gone),
        come=len(come),
    )
