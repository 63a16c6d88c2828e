"""Approval: a consent holds for exactly what was heard, and nobody gives it to their own text."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.approval import Action, Review, Status, Subject, review, status_of
from broadcaster.errors import BulletinError
from broadcaster.units import digest

NOW = datetime(2026, 11, 23, tzinfo=UTC)
SUBJECTS = [Subject(digest("text", n), digest("reading"), digest("master", n)) for n in range(3)]
NEW = SUBJECTS[0]

ALLOWED = {
    (Status.DRAFT, Action.SUBMIT): Status.SUBMITTED,
    (Status.RETURNED, Action.SUBMIT): Status.SUBMITTED,
    (Status.VOID, Action.SUBMIT): Status.SUBMITTED,
    (Status.WITHDRAWN, Action.SUBMIT): Status.SUBMITTED,
    (Status.SUBMITTED, Action.APPROVE): Status.APPROVED,
    (Status.SUBMITTED, Action.RETURN): Status.RETURNED,
    (Status.APPROVED, Action.RETURN): Status.RETURNED,
    (Status.VOID, Action.RETURN): Status.RETURNED,
    (Status.SUBMITTED, Action.WITHDRAW): Status.WITHDRAWN,
    (Status.APPROVED, Action.WITHDRAW): Status.WITHDRAWN,
    (Status.RETURNED, Action.WITHDRAW): Status.WITHDRAWN,
    (Status.VOID, Action.WITHDRAW): Status.WITHDRAWN,
}
"""The whole machine; every pair that is not here is refused."""

_WAY = {
    Status.DRAFT: [],
    Status.SUBMITTED: [(Action.SUBMIT, NEW)],
    Status.APPROVED: [(Action.SUBMIT, NEW), (Action.APPROVE, NEW)],
    Status.RETURNED: [(Action.SUBMIT, NEW), (Action.RETURN, NEW)],
    Status.WITHDRAWN: [(Action.SUBMIT, NEW), (Action.WITHDRAW, NEW)],
    Status.VOID: [(Action.SUBMIT, SUBJECTS[1]), (Action.APPROVE, SUBJECTS[1])],
}


def act(
    history: list[Review], action: Action, subject: Subject | None = NEW, actor: str = "minh", remark: str = "vì"
) -> Review:
    return review(history, action, bulletin="tin_1", author="hoa", actor=actor, subject=subject, at=NOW, remark=remark)


def at(status: Status) -> list[Review]:
    history: list[Review] = []
    for action, subject in _WAY[status]:
        history.append(act(history, action, subject))
    assert status_of(history, NEW) is status
    return history


@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize("action", list(Action))
def test_every_step_is_allowed_or_refused(status: Status, action: Action) -> None:
    history = at(status)
    after = ALLOWED.get((status, action))
    if after is None:
        with pytest.raises(BulletinError) as caught:
            act(history, action)
        assert caught.value.code == "approval.status"
    else:
        event = act(history, action)
        assert status_of([*history, event], NEW) is after
        assert (event.bulletin, event.actor, event.author, event.subject) == ("tin_1", "minh", "hoa", NEW)


@pytest.mark.parametrize("part", ["text", "reading", "master"])
def test_a_change_of_any_part_voids_the_consent(part: str) -> None:
    history = at(Status.APPROVED)
    parts = {"text": NEW.text, "reading": NEW.reading, "master": NEW.master, part: digest("khác")}
    assert status_of(history, Subject(**parts)) is Status.VOID
    assert status_of(history, None) is Status.VOID
    assert status_of(history, Subject(NEW.text, NEW.reading, NEW.master)) is Status.APPROVED


def test_a_consent_cannot_be_given_to_what_was_not_submitted() -> None:
    history = at(Status.SUBMITTED)
    with pytest.raises(BulletinError) as caught:
        act(history, Action.APPROVE, SUBJECTS[2])
    assert caught.value.code == "approval.status"


def test_an_author_never_approves_their_own_text() -> None:
    with pytest.raises(BulletinError) as caught:
        act(at(Status.SUBMITTED), Action.APPROVE, actor="hoa")
    assert caught.value.code == "approval.own"


@pytest.mark.parametrize("remark", ["", "  ", "\n"])
@pytest.mark.parametrize("action", [Action.RETURN, Action.WITHDRAW])
def test_a_return_and_a_withdrawal_say_why(action: Action, remark: str) -> None:
    with pytest.raises(BulletinError) as caught:
        act(at(Status.SUBMITTED), action, remark=remark)
    assert caught.value.code == "approval.remark"


@pytest.mark.parametrize("action", [Action.SUBMIT, Action.APPROVE])
def test_nothing_is_submitted_or_approved_unheard(action: Action) -> None:
    with pytest.raises(BulletinError) as caught:
        act([], action, None)
    assert caught.value.code == "approval.no_master"


@given(
    st.lists(
        st.tuples(st.sampled_from(Action), st.sampled_from(SUBJECTS), st.sampled_from(["hoa", "minh"])), max_size=12
    )
)
def test_whatever_people_do_approved_means_approved_by_another(steps: list[tuple[Action, Subject, str]]) -> None:
    history: list[Review] = []
    for number, (action, subject, actor) in enumerate(steps):
        try:
            event = review(
                history,
                action,
                bulletin="tin_1",
                author="hoa",
                actor=actor,
                subject=subject,
                at=NOW + timedelta(seconds=number),
                remark="vì",
            )
        except BulletinError:
            continue
        history.append(event)
    for subject in SUBJECTS:
        if status_of(history, subject) is Status.APPROVED:
            submitted, approved = history[-2:]
            assert (submitted.action, approved.action) == (Action.SUBMIT, Action.APPROVE)
            assert submitted.subject == approved.subject == subject
            assert approved.actor != "hoa"
    assert sum(status_of(history, subject) is Status.APPROVED for subject in SUBJECTS) <= 1


def test_the_hash_of_a_subject_tells_its_parts_apart() -> None:
    one, other = digest("1"), digest("2")
    hashes = {Subject(one, one, other).hash, Subject(one, other, one).hash, Subject(other, one, one).hash}
    assert len(hashes) == 3
