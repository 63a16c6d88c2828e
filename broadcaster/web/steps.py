"""A step in the week that a person asks for: a pin, a move, an exclusion, or letting one go."""

from dataclasses import dataclass
from datetime import date

from pydantic import BaseModel
from starlette.exceptions import HTTPException

from broadcaster.bootstrap import App
from broadcaster.domain.planning.plan import Placement, Plan
from broadcaster.domain.station import week_days
from broadcaster.showing import day_text


class Asked(BaseModel):
    """The form of a plan or an amendment: why, and the step that a person asks for, if any.

    `ban` is the number of the plan that the person saw. `keo` says that a piece was dragged: a pin that cannot be kept
    is refused then, and the way leads back to the week.
    """

    ly_do: str = ""
    thu_tu: list[str] = []
    viec: str = ""
    ban_tin: str = ""
    tu_o: str = ""
    den_o: str = ""
    ban: str = ""
    keo: str = ""

    def kept(self) -> dict[str, str]:
        """What a question in between hands on."""
        return self.model_dump(exclude={"thu_tu"})


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


def place_of(app: App, monday: date, text: str) -> tuple[date, str]:
    """A session of the week, from `day|session`.

    Raises:
        HTTPException: 422 for one that the week does not have.
    """
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
        old, new = place_of(app, made.week, source), place_of(app, made.week, goal)
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
        place = place_of(app, made.week, f"{step.day}|{step.session}")
        mine.pop(place, None)
        if step.what != "bo":
            mine[place] = Placement(code, *place, wanted=step.what == "ghim")
    return tuple(sorted([*others, *mine.values()]))


def in_words(app: App, asked: Asked, monday: date) -> str:
    """What is asked for, as a person would say it; empty for a plan as it comes."""
    piece = app.store.bulletin(asked.ban_tin) if asked.viec else None
    if piece is None:
        return ""
    names = {session.code: session.name for session in app.station.sessions}

    def told(text: str) -> str:
        day, session = place_of(app, monday, text)
        return f"{names.get(session, session)}, {day_text(day, 'vi')}"

    step = Step.of(asked.viec)
    title = f"«{piece.title}»"
    if step.what == "doi":
        return f"Dời {title} từ {told(asked.tu_o)} sang {told(asked.den_o)}"
    if step.what == "loai_tuan":
        return f"Loại {title} khỏi cả tuần"
    if step.day is None:
        return f"Bỏ mọi lời dặn về {title}"
    where = told(f"{step.day}|{step.session}")
    return {"ghim": f"Ghim {title} vào", "loai": f"Loại {title} khỏi", "bo": f"Bỏ lời dặn về {title} ở"}[
        step.what
    ] + f" {where}"
