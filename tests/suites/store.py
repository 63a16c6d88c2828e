"""What every store does, whatever keeps it. A test module subclasses `StoreSuite` and gives the fixture `store`."""

import unicodedata
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given

from broadcaster.domain.approval import Action, Review, Status, Subject, status_of
from broadcaster.domain.bulletin import Bulletin
from broadcaster.domain.master import Master
from broadcaster.domain.planning.plan import Plan
from broadcaster.domain.rundown import Rundown
from broadcaster.domain.take import Take
from broadcaster.errors import StoreError
from broadcaster.ports import Store, StoredReading
from broadcaster.units import Milliseconds, digest
from tests.suites import store_values as values
from tests.suites.store_access import AccessSuite
from tests.suites.store_airtime import AirtimeSuite
from tests.suites.store_ledger import ROUND_TRIP, LedgerSuite
from tests.suites.store_values import (
    HANOI,
    MONDAY,
    NOW,
    NOWHERE,
    SECOND,
    a_bulletin,
    a_master,
    a_plan,
    a_review,
    a_rundown,
    an_as_run,
)

DAY = timedelta(days=1)


class StoreSuite(LedgerSuite, AirtimeSuite, AccessSuite):
    """Behaviour of the port `Store`."""

    @pytest.fixture
    def store(self) -> Store:
        raise NotImplementedError

    # Bulletins

    def test_an_empty_store_answers_everything_with_nothing(self, store: Store) -> None:
        assert not store.bulletins()
        assert store.bulletin("tiem-phong") is None
        assert not store.versions("tiem-phong")
        assert store.reading(NOWHERE) is None
        assert store.take(NOWHERE) is None
        assert store.master(NOWHERE) is store.master_by_recipe(NOWHERE) is store.master_of(NOWHERE) is None
        assert not store.reviews("tiem-phong")
        assert not store.plans(MONDAY)
        assert not store.rundowns(MONDAY, MONDAY)
        assert not store.as_run(NOW, NOW + DAY)
        assert not store.chain("thon-1-a")
        assert not store.nodes()
        assert store.aired_items("thon-1-a", NOW, NOW + DAY) == frozenset()
        assert store.schema_version()

    @given(bulletin=values.bulletins)
    @ROUND_TRIP
    def test_a_bulletin_comes_back_equal(self, store: Store, bulletin: Bulletin) -> None:
        store.save_bulletin(bulletin, NOW)
        back = store.bulletin(bulletin.code)
        assert back == bulletin
        assert back is not None
        assert back.text_hash == bulletin.text_hash

    def test_a_version_is_new_once(self, store: Store) -> None:
        assert store.save_bulletin(a_bulletin(), NOW) is True
        assert store.save_bulletin(a_bulletin(), NOW + DAY) is False
        assert [at for at, _ in store.versions("tiem-phong")] == [NOW]

    def test_versions_are_kept_oldest_first_and_the_last_counts(self, store: Store) -> None:
        first, second = a_bulletin(), a_bulletin(title="Lịch tiêm phòng (sửa)")
        store.save_bulletin(first, NOW)
        assert store.save_bulletin(second, NOW + DAY) is True
        assert store.bulletin("tiem-phong") == second
        assert list(store.versions("tiem-phong")) == [(NOW, first), (NOW + DAY, second)]

    def test_an_older_version_saved_again_becomes_the_latest(self, store: Store) -> None:
        first, second = a_bulletin(), a_bulletin(body="Hoãn lịch tiêm.")
        for n, version in enumerate([first, second]):
            store.save_bulletin(version, NOW + n * DAY)
        assert store.save_bulletin(first, NOW + 2 * DAY) is False
        assert store.bulletin("tiem-phong") == first
        assert list(store.bulletins()) == [first]
        assert [version for _, version in store.versions("tiem-phong")] == [first, second]

    def test_bulletins_are_sorted_by_code_and_each_stands_once(self, store: Store) -> None:
        codes = ["ve-sinh", "an-ninh", "Điện", "tiem-phong", "điện"]
        for code in codes:
            store.save_bulletin(a_bulletin(code, title="cũ"), NOW)
        for code in codes:
            store.save_bulletin(a_bulletin(code), NOW)
        assert [b.code for b in store.bulletins()] == sorted(codes)
        assert all(b.title != "cũ" for b in store.bulletins())

    def test_who_brings_a_text_again_does_not_become_its_author(self, store: Store) -> None:
        store.save_bulletin(a_bulletin(), NOW)
        assert store.save_bulletin(a_bulletin(author="Trần Văn Minh"), NOW + DAY) is False
        assert store.bulletin("tiem-phong") == a_bulletin()

    def test_vietnamese_comes_back_letter_by_letter(self, store: Store) -> None:
        body = "Quốc lộ 6, xã Đồng Tâm: ưu tiên người già, trẻ nhỏ — nghỉ lễ 2/9; “đề nghị” giữ trật tự…"
        assert unicodedata.is_normalized("NFC", body)
        store.save_bulletin(a_bulletin("nfc", body=body), NOW)
        store.save_bulletin(a_bulletin("nfd", body=unicodedata.normalize("NFD", body)), NOW)
        kept = {b.code: b.body for b in store.bulletins()}
        assert kept == {"nfc": body, "nfd": unicodedata.normalize("NFD", body)}

    def test_instants_come_back_in_utc_to_the_microsecond(self, store: Store) -> None:
        store.save_bulletin(a_bulletin(), NOW.astimezone(HANOI))
        [(at, _)] = store.versions("tiem-phong")
        assert at == NOW
        assert at.tzinfo is UTC

    def test_naive_instants_are_refused(self, store: Store) -> None:
        naive = datetime(2026, 11, 23, 5, 30)  # noqa: DTZ001 - that is the point
        with pytest.raises(ValueError, match="naive"):
            store.save_bulletin(a_bulletin(), naive)
        with pytest.raises(ValueError, match="naive"):
            store.add_review(a_review(a_bulletin(), at=naive))
        with pytest.raises(ValueError, match="naive"):
            store.save_plan(a_plan(), naive)
        with pytest.raises(ValueError, match="naive"):
            store.save_rundowns([a_rundown(start=naive)])
        with pytest.raises(ValueError, match="naive"):
            store.append_as_run([an_as_run("a"), an_as_run("b", started_at=naive)])
        with pytest.raises(ValueError, match="naive"):
            store.as_run(naive, NOW)
        with pytest.raises(ValueError, match="naive"):
            store.aired_items("thon-1-a", NOW, naive)
        assert not store.bulletins()
        assert not store.reviews("tiem-phong")
        assert not store.plans(MONDAY)
        assert not store.rundowns(MONDAY, MONDAY)
        assert not store.nodes()

    # Readings, takes, masters

    @given(reading=values.readings)
    @ROUND_TRIP
    def test_a_reading_comes_back_equal(self, store: Store, reading: StoredReading) -> None:
        store.save_reading(reading)
        assert store.reading(reading.text_hash) == reading

    def test_the_reading_saved_last_counts(self, store: Store) -> None:
        text = digest("text")
        one, two = (StoredReading("tiem-phong", text, digest(n), f"lời đọc {n}") for n in (1, 2))
        for saved in (one, two, two, one, one):
            store.save_reading(saved)
            assert store.reading(text) == saved
            assert store.last_readings({text, NOWHERE}) == {text: saved.reading_hash}
        assert store.reading(NOWHERE) is None

    @given(take=values.takes)
    @ROUND_TRIP
    def test_a_take_comes_back_equal(self, store: Store, take: Take) -> None:
        store.save_take(take)
        store.save_take(take)
        assert store.take(take.key) == take

    def test_a_new_recording_takes_the_old_ones_place(self, store: Store) -> None:
        old = Take(digest("key"), "gtts", "vi", Milliseconds(1200), digest("sound 1"))
        new = replace(old, sound_hash=digest("sound 2"), duration_ms=Milliseconds(1300))
        store.save_take(old)
        store.save_take(new)
        assert store.take(old.key) == new

    @given(master=values.masters)
    @ROUND_TRIP
    def test_a_master_comes_back_equal(self, store: Store, master: Master) -> None:
        store.save_master(master)
        assert store.master(master.hash) == master
        assert store.master_by_recipe(master.recipe_hash) == master
        assert store.master_of(master.text_hash) == master

    def test_masters_of_many_hashes_are_those_that_are_known(self, store: Store) -> None:
        made = [
            replace(a_master(a_bulletin()), hash=digest("sound", n), recipe_hash=digest("recipe", n)) for n in range(3)
        ]
        for master in made:
            store.save_master(master)
        wanted = {master.hash for master in made[:2]} | {digest("other", n) for n in range(2500)}
        assert store.masters(wanted) == {master.hash: master for master in made[:2]}
        assert store.masters(set()) == {}

    def test_the_master_saved_last_counts_for_a_text(self, store: Store) -> None:
        north, south = a_master(a_bulletin(), "vi"), a_master(a_bulletin(), "vi-south")
        for saved in (north, south, south, north, north):
            store.save_master(saved)
            assert store.master_of(a_bulletin().text_hash) == saved
            assert store.last_masters({a_bulletin().text_hash, digest("none")}) == {a_bulletin().text_hash: saved}
        assert store.master_by_recipe(south.recipe_hash) == store.master(south.hash) == south

    def test_a_recipe_made_twice_gives_its_last_master(self, store: Store) -> None:
        first = a_master(a_bulletin())
        again = replace(first, hash=digest("another sound"))
        for saved in (first, again):
            store.save_master(saved)
        assert store.master_by_recipe(first.recipe_hash) == again
        assert store.master(first.hash) == first

    def test_a_master_whose_file_moved_keeps_its_hash(self, store: Store) -> None:
        store.save_master(a_master(a_bulletin()))
        moved = replace(a_master(a_bulletin()), file="khác/tiem-phong.flac")
        store.save_master(moved)
        assert store.master(moved.hash) == moved

    # Reviews

    @given(review=values.reviews)
    @ROUND_TRIP
    def test_a_review_comes_back_equal(self, store: Store, review: Review) -> None:
        store.add_review(review)
        assert review in store.reviews(review.bulletin)

    def test_a_history_grows_in_order_and_the_same_event_is_kept_once(self, store: Store) -> None:
        bulletin = a_bulletin()
        events = [
            a_review(bulletin),
            a_review(bulletin, Action.RETURN, at=NOW + SECOND, remark="Sai giờ"),
            a_review(bulletin, at=NOW + 2 * SECOND),
            a_review(bulletin, Action.APPROVE, at=NOW + 3 * SECOND),
        ]
        for event in [*events, *events]:
            store.add_review(event)
        store.add_review(a_review(a_bulletin("khac")))
        assert list(store.reviews(bulletin.code)) == events
        assert {code: list(history) for code, history in store.histories().items()} == {
            bulletin.code: events,
            "khac": list(store.reviews("khac")),
        }
        assert status_of(store.reviews(bulletin.code), events[-1].subject) is Status.APPROVED

    def test_reviews_are_found_by_what_came_after_a_number(self, store: Store) -> None:
        assert store.last_review() == 0
        assert not store.reviews_after(0)
        first, second = a_review(a_bulletin()), a_review(a_bulletin("khac"), at=NOW - DAY)
        store.add_review(first)
        mark = store.last_review()
        store.add_review(second)
        assert [review for _, review in store.reviews_after(0)] == [first, second]
        [(number, review)] = store.reviews_after(mark)
        assert (number, review) == (store.last_review(), second)
        assert not store.reviews_after(number)

    def test_a_history_keeps_its_order_when_the_clock_was_set_back(self, store: Store) -> None:
        events = [a_review(a_bulletin()), a_review(a_bulletin(), Action.APPROVE, at=NOW - DAY)]
        for event in events:
            store.add_review(event)
        assert list(store.reviews("tiem-phong")) == events

    @pytest.mark.parametrize(
        "actor",
        [
            "Nguyễn Thị Lan",
            "nguyễn thị lan",
            "  Nguyễn  Thị Lan ",
            unicodedata.normalize("NFD", "Nguyễn Thị Lan"),
        ],
    )
    def test_own_approval_is_refused(self, store: Store, actor: str) -> None:
        with pytest.raises(StoreError, match=r"store\.own_approval"):
            store.add_review(a_review(a_bulletin(), Action.APPROVE, actor=actor))
        assert not store.reviews("tiem-phong")

    def test_own_approval_is_refused_when_the_event_names_another_author(self, store: Store) -> None:
        store.save_bulletin(a_bulletin(), NOW)
        with pytest.raises(StoreError) as caught:
            store.add_review(a_review(a_bulletin(), Action.APPROVE, actor="Nguyễn Thị Lan", author="Ai Khác"))
        assert caught.value.code == "store.own_approval"
        assert caught.value.facts == {"bulletin": "tiem-phong", "actor": "Nguyễn Thị Lan"}
        assert not store.reviews("tiem-phong")

    def test_an_author_may_do_everything_but_approve(self, store: Store) -> None:
        store.save_bulletin(a_bulletin(), NOW)
        for action in (Action.SUBMIT, Action.RETURN, Action.WITHDRAW):
            store.add_review(a_review(a_bulletin(), action, actor=a_bulletin().author))
        assert len(store.reviews("tiem-phong")) == 3

    def test_reviews_name_exactly_what_was_heard(self, store: Store) -> None:
        subject = Subject(digest("t"), digest("r"), digest("m"))
        store.add_review(a_review(a_bulletin(), Action.APPROVE, subject=subject))
        assert store.reviews("tiem-phong")[0].subject == subject

    # Plans

    @given(plan=values.plans)
    @ROUND_TRIP
    def test_a_plan_comes_back_equal_with_the_same_hash(self, store: Store, plan: Plan) -> None:
        if any(p.number == plan.number for p in store.plans(plan.week)):
            return
        store.save_plan(plan, NOW)
        [back] = [p for p in store.plans(plan.week) if p.number == plan.number]
        assert back == plan
        assert back.hash == plan.hash

    def test_plans_of_a_week_by_number(self, store: Store) -> None:
        for number in (2, 0, 1, 1):
            store.save_plan(a_plan(number), NOW)
        store.save_plan(a_plan(week=MONDAY + 7 * DAY), NOW)
        assert list(store.plans(MONDAY)) == [a_plan(0), a_plan(1), a_plan(2)]

    def test_plans_by_when_they_were_saved(self, store: Store) -> None:
        store.save_plan(a_plan(1), NOW + DAY)
        store.save_plan(a_plan(0), NOW)
        store.save_plan(a_plan(0), NOW + 2 * DAY)  # it was there already
        store.save_plan(a_plan(week=MONDAY + 7 * DAY), NOW + 3 * DAY)
        assert list(store.plans_saved(NOW, NOW + DAY)) == [(NOW, a_plan(0))]
        assert [(at, plan.number) for at, plan in store.plans_saved(NOW, NOW + 3 * DAY)] == [(NOW, 0), (NOW + DAY, 1)]
        assert not store.plans_saved(NOW + 4 * DAY, NOW + 9 * DAY)

    def test_a_number_is_taken_once(self, store: Store) -> None:
        store.save_plan(a_plan(), NOW)
        store.save_plan(a_plan(), NOW + DAY)
        with pytest.raises(StoreError) as caught:
            store.save_plan(a_plan(value=99.0), NOW)
        assert caught.value.code == "store.plan_number"
        assert caught.value.facts == {"week": MONDAY, "number": 0}
        assert list(store.plans(MONDAY)) == [a_plan()]

    # Rundowns

    @given(rundown=values.rundowns)
    @ROUND_TRIP
    def test_a_rundown_comes_back_equal_with_the_same_hash(self, store: Store, rundown: Rundown) -> None:
        store.save_rundowns([rundown])
        [back] = [r for r in store.rundowns(rundown.day, rundown.day) if r.code == rundown.code]
        assert back == rundown
        assert back.hash == rundown.hash

    def test_rundowns_of_a_span_by_start_then_zone(self, store: Store) -> None:
        week = [a_rundown(zone, MONDAY + n * DAY) for n in range(4) for zone in ("thon-2", "thon-1")]
        store.save_rundowns(iter(week))
        found = store.rundowns(MONDAY + DAY, MONDAY + 2 * DAY)
        assert [(r.day, r.zone) for r in found] == [
            (MONDAY + n * DAY, zone) for n in (1, 2) for zone in ("thon-1", "thon-2")
        ]

    def test_a_changed_rundown_replaces_and_an_old_one_may_return(self, store: Store) -> None:
        old, other = a_rundown(), a_rundown("thon-2")
        new = replace(old, items=old.items[:1])
        store.save_rundowns([old, other])
        for saved in (new, new, old, new):
            store.save_rundowns([saved])
            assert list(store.rundowns(MONDAY, MONDAY)) == [saved, other]

    def test_of_two_rundowns_of_one_code_the_later_counts(self, store: Store) -> None:
        old = a_rundown()
        new = replace(old, items=())
        store.save_rundowns([old, new])
        assert list(store.rundowns(MONDAY, MONDAY)) == [new]

    def test_closing_twice_is_fine(self, store: Store) -> None:
        store.close()
        store.close()
