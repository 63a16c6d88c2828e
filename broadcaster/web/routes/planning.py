"""Lịch tuần, the operator's part: plan again, pin, move and exclude, order priority bulletins, ask why, see changes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

from broadcaster.bootstrap import App
from broadcaster.domain.planning.plan import Placement, Plan, changes
from broadcaster.domain.station import week_days, week_start
from broadcaster.domain.trail import What
from broadcaster.errors import PlanError
from broadcaster.explaining import amounts
from broadcaster.services.tracing import plan_mark
from broadcaster.showing import day_text
from broadcaster.web.routes.week import monday_of
from broadcaster.web.showing import page, told
from broadcaster.web.visiting import Inside, Operator, Workspace
from broadcaster.wording import say

router = APIRouter(include_in_schema=False)

Text = Annotated[str, Form()]
Texts = Annotated[list[str], Form()]
EXPLAIN_LIMIT = 0.3
"""Work for one question of why; see `broadcaster plan explain`."""


@dataclass(frozen=True, slots=True)
class Step:
    """A button of the page: what to do, in which session of which day."""

    what: str
    day: date | None
    session: str

    @classmethod
    def of(cls, text: str) -> "Step":
        """From what the button sends, as in `ghim|2026-11-30|sang`.

        Raises:
            HTTPException: 422 for anything else.
        """
        what, day, session = (*text.split("|"), "", "")[:3]
        if what not in {"ghim", "loai", "doi", "loai_tuan", "bo"}:
            raise HTTPException(422)
        try:
            return cls(what, date.fromisoformat(day) if day else None, session)
        except ValueError as error:
            raise HTTPException(422) from error


def _place(app: App, monday: date, text: str) -> tuple[date, str]:
    day, _, session = text.partition("|")
    places = {(d.isoformat(), s.code): d for d in week_days(monday) for s in app.station.sessions_on(d)}
    if (day, session) not in places:
        raise HTTPException(422)
    return places[day, session], session


def wanted(app: App, made: Plan, code: str, step: Step, source: str, goal: str) -> tuple[Placement, ...]:
    """The placements after a step.

    Args:
        app: the workspace.
        made: the plan in force.
        code: the bulletin.
        step: what to do.
        source: where a move comes from, as `day|session`.
        goal: where it goes.

    Raises:
        HTTPException: 422 for a session that the week does not have.
    """
    mine = {(p.day, p.session): p for p in made.placements if p.bulletin == code}
    others = [p for p in made.placements if p.bulletin != code]
    if step.what == "doi":
        old, new = _place(app, made.week, source), _place(app, made.week, goal)
        mine[old] = Placement(code, *old, wanted=False)
        mine[new] = Placement(code, *new, wanted=True)
    elif step.what == "loai_tuan":
        mine = {
            (day, session.code): Placement(code, day, session.code, wanted=False)
            for day in week_days(made.week)
            for session in app.station.sessions_on(day)
        }
    elif step.what == "bo" and step.day is None:
        mine = {}
    else:
        place = _place(app, made.week, f"{step.day}|{step.session}")
        mine.pop(place, None)
        if step.what != "bo":
            mine[place] = Placement(code, *place, wanted=step.what == "ghim")
    return tuple(sorted([*others, *mine.values()]))


@router.post("/lich/{ngay}/xep")
def plan(
    request: Request,
    app: Workspace,
    visitor: Operator,
    ngay: str,
    ly_do: Text = "",
    thu_tu: Texts = [],  # noqa: B006 - FastAPI's default of a form
    viec: Text = "",
    ban_tin: Text = "",
    tu_o: Text = "",
    den_o: Text = "",
) -> Response:
    """Plan the week, or amend its plan for a reason: as it comes, or with a step that a person asks for."""
    monday = monday_of(ngay)
    order = tuple(code for code in dict.fromkeys(thu_tu) if code)
    if len(order) != len(thu_tu):
        return _ask(request, app, monday, sorted({*order}), _kept(ly_do, viec, ban_tin, tu_o, den_o), again=True)
    with request.app.state.work:
        placements = None
        if viec:
            made = app.planning.latest(monday)
            placements = wanted(app, made, app.writing.bulletin(ban_tin).code, Step.of(viec), tu_o, den_o)
        try:
            made_plan, _ = app.planning.make(
                monday,
                app.voicing.station_sounds(),
                app.solver(),
                reason=ly_do[:500],
                precedence=order,
                placements=placements,
            )
        except PlanError as error:
            if error.code != "plan.priority_clash":
                raise
            codes = [*error.facts["codes"]]
            return _ask(request, app, monday, codes, _kept(ly_do, viec, ban_tin, tu_o, den_o))
        app.diary.note(visitor.code, What.PLAN, plan_mark(monday.isoformat(), made_plan.number))
    where = f"/lich/{monday}/luot/{ban_tin}?da=xep" if viec else f"/lich/{monday}?da=xep"
    return RedirectResponse(where, 303)


def _kept(ly_do: str, viec: str, ban_tin: str, tu_o: str, den_o: str) -> dict[str, str]:
    return {"ly_do": ly_do, "viec": viec, "ban_tin": ban_tin, "tu_o": tu_o, "den_o": den_o}


def _ask(
    request: Request, app: App, monday: date, codes: Sequence[str], kept: dict[str, str], *, again: bool = False
) -> Response:
    """The question that only a person may answer: which priority bulletin comes first."""
    plans = app.store.plans(monday)
    known = app.titles()
    settled = [code for code in (plans[-1].precedence if plans else ()) if code in known]
    listed = [*settled, *(code for code in codes if code in known and code not in settled)]
    if not listed:
        raise HTTPException(422)
    pieces = [piece for code in listed if (piece := app.store.bulletin(code)) is not None]
    return page(request, "week_order.html", http=409, monday=monday, pieces=pieces, kept=kept, again=again)


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
    names = {session.code: session.name for session in app.station.sessions}
    unkept = []
    if asked:
        found = app.planning.check(monday, app.voicing.station_sounds())[1]
        for finding in found:
            if finding.code.startswith("placement.") and finding.facts["bulletin"] == code:
                where = {
                    "bulletin": piece.title,
                    "day": day_text(finding.facts["day"], "vi"),
                    "session": names.get(finding.facts["session"], finding.facts["session"]),
                }
                unkept.append(say(finding.code, "vi", **where))
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
