"""Procedures and documents that changed or ceased: what a bulletin that cites them may no longer say."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from broadcaster.domain.fields import fold


@dataclass(frozen=True, slots=True)
class Change:
    """From `since` on, what a bulletin says of `what` no longer holds; `ended` says that the thing itself is gone.

    `what` is the name of a procedure or a document, as bulletins cite it. `source` names the document that decided it.
    """

    what: str
    since: date
    ended: bool = False
    source: str = ""

    def concerns(self, cited: Iterable[str]) -> bool:
        """Whether any of the cited names is this one, or has it in it; accents and case aside."""
        name = f"_{fold(self.what)}_"
        return any(name in f"_{fold(one)}_" for one in cited)
