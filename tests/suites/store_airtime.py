"""The part of the store's suite that is about receipts, corrections, places and the sums of airtime."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest

from broadcaster.domain.asrun import GENESIS, AsRun, Cause, Outcome, check_chain, seal
from broadcaster.domain.audit.facts import AiredAt, MonthTotal, Place, effective, facts_of, thon_lookup
from broadcaster.domain.correction import check_corrections
from broadcaster.domain.rundown import ItemKind
from broadcaster.errors import StoreError
from broadcaster.ports import Store
from broadcaster.units import Milliseconds, Sha256, digest
from tests.suites import random_history
from tests.suites.random_history import Life
from tests.suites.store_values import NOW, a_baseline, a_correction, an_as_run

DAY = timedelta(days=1)
TODAY = date(2026, 11, 24)
"""The station's date of `an_as_run`."""
NODE = "thon-1-a"


def sealed(rows: Sequence[AsRun]) -> list[AsRun]:
    return list(seal(rows, 0, GENESIS))


def ms(number: int) -> Milliseconds:
    return Milliseconds(number)


def codes(found: Sequence[object]) -> list[str]:
    return [finding.code for finding in found]  # type: ignore[attr-defined]


class AirtimeSuite:
    """Behaviour of the port `Store` with regard to airtime."""

    @pytest.fixture
    def store(self) -> Store:
        raise NotImplementedError

    # Receipts

    def test_receipts_go_in_once_however_often_they_are_sent(self, store: Store) -> None:
        chain = sealed([an_as_run(n) for n in range(20)])
        first = store.receive_as_run(chain[:12])
        assert (first.new, first.resent, first.expected, first.refused) == (12, 0, 13, ())
        for _ in range(3):
            again = store.receive_as_run(chain[5:12])
            assert (again.new, again.resent, again.expected) == (0, 7, 13)
        rest = store.receive_as_run([*chain[9:], *chain[9:]])
        assert (rest.new, rest.expected, rest.refused) == (8, 21, ())
        assert list(store.chain(NODE)) == chain
        assert store.aired(TODAY, TODAY)[0].heard == 20

    def test_nothing_received_is_nothing(self, store: Store) -> None:
        received = store.receive_as_run([])
        assert (received.new, received.resent, received.refused) == (0, 0, ())

    def test_another_row_in_a_place_that_is_taken_is_refused_and_named(self, store: Store) -> None:
        chain = sealed([an_as_run(n) for n in range(6)])
        store.receive_as_run(chain[:4])
        other = sealed([an_as_run(n, played_ms=ms(1)) for n in range(6)])
        received = store.receive_as_run(other)
        assert received.new == received.resent == 0
        [finding] = received.refused
        assert finding.code == "ledger.differs"
        assert (finding.facts["node"], finding.facts["seq"]) == (NODE, 1)
        assert list(store.chain(NODE)) == chain[:4]

    def test_what_cannot_follow_is_refused_and_what_came_before_it_is_kept(self, store: Store) -> None:
        chain = sealed([an_as_run(n) for n in range(10)])
        gap = store.receive_as_run([*chain[:3], *chain[5:]])
        assert (gap.new, gap.expected, codes(gap.refused)) == (3, 4, ["ledger.gap"])
        forged = replace(chain[3], played_ms=ms(1))
        assert codes(store.receive_as_run([forged]).refused) == ["ledger.changed"]
        elsewhere = replace(chain[3], previous=digest("elsewhere"))
        elsewhere = replace(elsewhere, hash=elsewhere.content_hash)
        assert codes(store.receive_as_run([elsewhere, chain[4]]).refused) == ["ledger.broken"]
        twice = an_as_run(1).sealed(4, chain[2].hash)
        assert codes(store.receive_as_run([twice]).refused) == ["ledger.item_twice"]
        assert store.receive_as_run(chain).new == 7
        assert check_chain(store.chain(NODE)) == ()

    def test_a_forged_row_under_a_true_hash_is_refused(self, store: Store) -> None:
        chain = sealed([an_as_run(n) for n in range(3)])
        store.receive_as_run(chain)
        forged = replace(chain[1], played_ms=ms(1))
        assert codes(store.receive_as_run([forged]).refused) == ["ledger.differs"]

    @pytest.mark.parametrize("seq", [-5, 0, 2**70])
    def test_places_beyond_any_chain_are_refused(self, store: Store, seq: int) -> None:
        store.receive_as_run(sealed([an_as_run(n) for n in range(3)]))
        assert len(store.receive_as_run([an_as_run(9).sealed(seq, GENESIS)]).refused) == 1
        assert len(store.chain(NODE)) == 3

    def test_receipts_of_several_nodes_are_refused_whole(self, store: Store) -> None:
        with pytest.raises(StoreError, match=r"store\.one_node"):
            store.receive_as_run([*sealed([an_as_run(1, "a")]), *sealed([an_as_run(2, "b")])])
        assert not store.nodes()

    def test_rows_of_the_station_and_receipts_may_follow_one_another(self, store: Store) -> None:
        store.append_as_run([an_as_run(n) for n in range(3)])
        head = store.chain(NODE)[-1]
        more = seal([an_as_run(n) for n in range(3, 6)], head.seq, head.hash)
        assert store.receive_as_run(more).new == 3
        assert store.append_as_run([an_as_run(n) for n in range(8)]) == 2
        assert check_chain(store.chain(NODE)) == ()
        assert not store.check_airtime()

    # Corrections

    def test_a_correction_stands_beside_the_row_and_counts(self, store: Store) -> None:
        store.append_as_run([an_as_run(n) for n in range(3)])
        row = store.chain(NODE)[1]
        done = store.correct(a_correction(row))
        assert (done.number, done.previous, done.hash) == (1, GENESIS, done.content_hash)
        assert store.chain(NODE)[1] == row
        [corrected] = store.corrected(TODAY, TODAY)
        assert (corrected.row, corrected.correction) == (row, done)
        assert (corrected.effective.played_ms, corrected.effective.outcome) == (30_000, Outcome.PARTIAL)
        [aired] = store.aired(TODAY, TODAY)
        assert (aired.cluster_ms, aired.aired_ms) == (61_234 * 2 + 30_000, 61_234)
        assert [r.outcome for r in store.facts(TODAY, TODAY, []).unaired] == [Outcome.PARTIAL]

    def test_the_last_correction_of_a_row_counts_and_all_are_kept_in_a_chain(self, store: Store) -> None:
        store.append_as_run([an_as_run(0)])
        [row] = store.chain(NODE)
        gone = a_correction(row, played_ms=ms(0), outcome=Outcome.MISSED, cause=Cause.OFF_AIR)
        back = a_correction(row, played_ms=ms(5_000))
        for correction, heard in ((gone, 0), (back, 5_000), (gone, 0)):
            store.correct(correction)
            assert sum(a.cluster_ms for a in store.aired(TODAY, TODAY)) == heard
            assert not store.check_airtime()
        assert [c.number for c in store.corrections()] == [1, 2, 3]
        assert check_corrections(store.corrections()) == ()
        assert len(store.corrected(TODAY, TODAY)) == 1
        assert not store.corrected(TODAY + DAY, TODAY + 9 * DAY)
        assert store.month_totals(0, 999_999) == []

    def test_a_row_that_is_not_there_cannot_be_corrected(self, store: Store) -> None:
        store.append_as_run([an_as_run(0)])
        [row] = store.chain(NODE)
        for wrong in (
            a_correction(replace(row, seq=2)),
            a_correction(replace(row, node="x")),
            a_correction(replace(row, hash=Sha256("0" * 64))),
            a_correction(replace(row, seq=2**70)),
        ):
            with pytest.raises(StoreError, match=r"store\.no_row"):
                store.correct(wrong)
        assert not store.corrections()

    def test_a_relay_counts_as_planned_unless_it_was_missed(self, store: Store) -> None:
        relay = {"kind": ItemKind.RELAY, "bulletin": "", "topic": "", "played_ms": ms(0), "master": ""}
        skipped = {"outcome": Outcome.SKIPPED, "cause": Cause.RELAY_EXTERNAL}
        store.append_as_run(
            [an_as_run(0, **relay, **skipped), an_as_run(1, **relay, outcome=Outcome.MISSED, cause=Cause.OFF_AIR)]
        )
        [aired] = store.aired(TODAY, TODAY)
        assert (aired.kind, aired.cluster_ms) == (ItemKind.RELAY, 61_234)
        store.correct(a_correction(store.chain(NODE)[1], outcome=Outcome.SKIPPED, played_ms=ms(0)))
        assert store.aired(TODAY, TODAY)[0].cluster_ms == 2 * 61_234
        assert not store.check_airtime()
        store.rebuild_airtime()
        assert store.aired(TODAY, TODAY)[0].cluster_ms == 2 * 61_234
        assert store.month_totals(0, 999_999) == []

    # Places and sums

    def test_an_airing_is_as_long_as_the_place_that_heard_it_best(self, store: Store) -> None:
        store.keep_places([Place(node, date.min, date.max, node[0]) for node in ("a1", "a2", "b1")])
        for node, heard in (("a1", 20_000), ("b1", 50_000), ("a2", 30_000)):
            store.append_as_run([an_as_run("x", node, played_ms=ms(heard))])
        [total] = store.aired(TODAY, TODAY)
        assert (total.aired_ms, total.cluster_ms, total.heard) == (50_000, 100_000, 3)
        facts = store.facts(TODAY, TODAY, [])
        assert facts.at_thon == [
            AiredAt("a", "tiem-phong", "y_te", 30_000, 50_000, 1),
            AiredAt("b", "tiem-phong", "y_te", 50_000, 50_000, 1),
        ]
        assert [(at.place, at.cluster_ms) for at in facts.at_node] == [("a1", 20_000), ("a2", 30_000), ("b1", 50_000)]
        assert store.month_totals(202611, 202611) == [
            MonthTotal(202611, "a", "y_te", 30_000, 50_000, 1),
            MonthTotal(202611, "b", "y_te", 50_000, 50_000, 1),
        ]
        assert store.month_totals(202610, 202610) == []

    def test_places_that_change_move_the_sums_and_keep_the_whole(self, store: Store) -> None:
        for node in ("a1", "b1"):
            store.append_as_run([an_as_run(n, node, day=TODAY + n * DAY) for n in range(4)])
        assert [t.thon for t in store.month_totals(0, 999_999)] == [""]
        old = [Place(node, date.min, date.max, node[0]) for node in ("a1", "b1")]
        assert store.keep_places(old)
        assert not store.keep_places(old)
        assert [(t.thon, t.cluster_ms) for t in store.month_totals(0, 999_999)] == [("a", 244_936), ("b", 244_936)]
        middle = TODAY + DAY
        new = [
            p for n in ("a1", "b1") for p in (Place(n, date.min, middle, n[0]), Place(n, middle + DAY, date.max, "c"))
        ]
        assert store.keep_places(new)
        assert [(t.thon, t.aired_ms, t.cluster_ms) for t in store.month_totals(0, 999_999)] == [
            ("a", 122_468, 122_468),
            ("b", 122_468, 122_468),
            ("c", 122_468, 244_936),
        ]
        assert not store.check_airtime()
        assert store.keep_places([Place("a1", date.min, date.max, "z")])
        assert [p.thon for p in store.places()] == ["z", "b", "c"], "who is not named keeps their place"
        today = store.aired_at_thon(TODAY, TODAY + 9 * DAY, {"a1": "c", "b1": "c"})
        assert [(at.place, at.aired_ms, at.cluster_ms, at.airings) for at in today] == [("c", 244_936, 489_872, 4)]

    def test_a_bulletin_s_first_day_and_the_master_of_its_last(self, store: Store) -> None:
        rows = [an_as_run(n, day=TODAY + n * DAY, planned_start=NOW + n * DAY, master=digest(n)) for n in range(4)]
        store.append_as_run([replace(rows[0], played_ms=ms(0), outcome=Outcome.MISSED), *rows[1:]])
        found = store.heard_before(["tiem-phong", "nobody"], TODAY + 2 * DAY)
        assert found == {"tiem-phong": (TODAY + DAY, digest(2))}
        assert store.heard_before(["tiem-phong"], TODAY) == {}
        assert store.heard_before([], TODAY) == {}
        assert set(store.recorded_bulletins(TODAY, TODAY)) == {"tiem-phong"}
        assert not store.recorded_bulletins(TODAY - DAY, TODAY - DAY)

    def test_the_facts_of_a_period_are_those_of_its_rows(self, store: Store) -> None:
        life = Life.of(3)
        life.send(store)
        first = random_history.FIRST
        rows = [row for node in store.nodes() for row in store.chain(node)]
        thon_of = thon_lookup(random_history.places())
        for start, end in ((0, 60), (3, 9), (8, 45), (12, 12), (12, 40), (40, 41), (90, 99)):
            low, high = first + start * DAY, first + end * DAY
            part = [row for row in rows if low <= row.day <= high]
            proof = {"tin_0_1", "tin_2_3", "tin_4_0"}
            found = store.facts(low, high, proof)
            wanted = facts_of(part, thon_of, proof, store.corrected(low, high))
            assert found.aired == wanted.aired
            assert found.at_thon == wanted.at_thon
            assert found.at_node == wanted.at_node
            assert sorted(map(repr, found.unaired)) == sorted(map(repr, wanted.unaired))
            assert (found.whole, found.tried, found.recorded) == (wanted.whole, wanted.tried, wanted.recorded)
            assert len(found.corrected) == len({(c.row.node, c.row.seq) for c in found.corrected})
            assert store.aired(low, high) == wanted.aired
            counted = effective(part, found.corrected)
            assert sum(a.cluster_ms for a in found.aired) == sum(row.counted_ms for row in counted)

    @pytest.mark.parametrize("seed", [4, 5, 6])
    def test_sums_that_moved_with_the_rows_are_those_made_anew(self, store: Store, seed: int) -> None:
        life = Life.of(seed)
        life.send(store)
        first, last = random_history.FIRST, random_history.FIRST + 60 * DAY
        before = store.month_totals(0, 999_999), store.aired(first, last), store.facts(first, last, [])
        assert not store.check_airtime()
        steps: list[tuple[int, int]] = []
        store.rebuild_airtime(lambda done, total, _: steps.append((done, total)))
        assert (store.month_totals(0, 999_999), store.aired(first, last), store.facts(first, last, [])) == before
        assert not store.check_airtime()

    # The baseline

    def test_versions_of_the_baseline_are_kept_and_signed_by_another_person(self, store: Store) -> None:
        assert list(store.baselines()) == []
        store.add_baseline(a_baseline())
        with pytest.raises(StoreError, match=r"store\.two_persons"):
            store.sign_baseline(1, "  VAN_PHONG ", NOW)
        store.sign_baseline(1, "pho_chu_tich", NOW + DAY)
        signed = a_baseline(signed_by="pho_chu_tich", signed_at=NOW + DAY)
        assert list(store.baselines()) == [signed]
        for version in (1, 3):
            with pytest.raises(StoreError, match=r"store\.baseline"):
                store.add_baseline(a_baseline(version))
        for version in (1, 2):
            with pytest.raises(StoreError, match=r"store\.baseline"):
                store.sign_baseline(version, "pho_chu_tich", NOW)
        store.add_baseline(a_baseline(2, first=None, last=None, minutes_per_day=3.25))
        assert store.baselines()[1] == a_baseline(2, first=None, last=None, minutes_per_day=3.25)
