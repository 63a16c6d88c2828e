"""What every store enforces alike, before the database does it once more."""

import unicodedata
from collections.abc import Iterable
from collections.abc import Set as AbstractSet

from broadcaster.domain.approval import Action, Review
from broadcaster.domain.asrun import AsRun
from broadcaster.domain.baseline import Baseline
from broadcaster.errors import StoreError


def same_person(one: str, other: str) -> bool:
    """Whether two names are one person's: case, spacing and the spelling of accents do not make a second one."""
    return _folded(one) == _folded(other)


def _folded(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


def refuse_own_approval(review: Review, authors: Iterable[str]) -> None:
    """An approval by an author, be it the one that the event names or one under whom the text was saved.

    Raises:
        StoreError: `store.own_approval`.
    """
    if review.action is Action.APPROVE and any(same_person(review.actor, a) for a in (review.author, *authors)):
        raise StoreError("store.own_approval", bulletin=review.bulletin, actor=review.actor)


def refuse_one_person(baseline: Baseline, by: str) -> None:
    """A second signature by the first person.

    Raises:
        StoreError: `store.two_persons`.
    """
    if same_person(baseline.by, by):
        raise StoreError("store.two_persons", version=baseline.version, person=by)


def one_node(rows: Iterable[AsRun]) -> str:
    """The node of all rows; empty without rows.

    Raises:
        StoreError: `store.one_node` if they belong to several.
    """
    nodes = sorted({row.node for row in rows})
    if len(nodes) > 1:
        raise StoreError("store.one_node", nodes=nodes)
    return nodes[0] if nodes else ""


def fresh(rows: Iterable[AsRun], known: AbstractSet[str]) -> list[AsRun]:
    """The rows whose item is not known, each item once: of several rows about one item the first counts."""
    out: dict[str, AsRun] = {}
    for row in rows:
        if row.item not in known:
            out.setdefault(row.item, row)
    return list(out.values())
