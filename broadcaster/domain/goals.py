"""How much each soft goal of the weekly plan weighs to a station; `[goals]` of its file."""

from dataclasses import dataclass

from broadcaster.domain.fields import Fields


@dataclass(frozen=True, slots=True)
class Goals:
    """Weights from 0 (ignored) to 10. 1 is the usual pull; each is worth about that share of one airing's value.

    focus: growth and share of the target group and its focus.
    fresh: news while it is new.
    both_halves: each bulletin in the morning and in the evening.
    fairness: no thôn with much less than the others.
    variety: no unit that fills the week alone.
    filled: no session that is opened and closed with nothing between.
    stability: an amendment leaves signed airings where they are.
    """

    focus: float = 1.0
    fresh: float = 1.0
    both_halves: float = 1.0
    fairness: float = 1.0
    variety: float = 1.0
    filled: float = 1.0
    stability: float = 1.0


USUAL_GOALS = Goals()
MOST = 10.0


def goals_from(fields: Fields) -> Goals:
    """The weights that a table asks for; what is wrong in it is noted there."""
    usual = USUAL_GOALS
    goals = Goals(
        focus=fields.number("focus", usual.focus, 0, MOST),
        fresh=fields.number("fresh", usual.fresh, 0, MOST),
        both_halves=fields.number("both_halves", usual.both_halves, 0, MOST),
        fairness=fields.number("fairness", usual.fairness, 0, MOST),
        filled=fields.number("filled", usual.filled, 0, MOST),
        variety=fields.number("variety", usual.variety, 0, MOST),
        stability=fields.number("stability", usual.stability, 0, MOST),
    )
    fields.unknown()
    return goals
