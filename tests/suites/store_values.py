"""Values for the store's suite: small ones by hand, and strategies for any that the domain allows."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

from hypothesis import strategies as st

from broadcaster.domain.approval import Action, Review, Subject
from broadcaster.domain.asrun import AsRun, Cause, Outcome
from broadcaster.domain.baseline import Baseline, Origin
from broadcaster.domain.bulletin import Bulletin, Event, Kind, Priority
from broadcaster.domain.correction import Correction
from broadcaster.domain.master import Master
from broadcaster.domain.planning.plan import Placement, Plan, Shortfall, Slot
from broadcaster.domain.rundown import ItemKind, LatePolicy, Rundown, RundownItem
from broadcaster.domain.take import Take
from broadcaster.ports import StoredReading
from broadcaster.units import Dbtp, Lufs, Milliseconds, Sha256, digest

NOW = datetime(2026, 11, 23, 22, 30, 0, 123456, tzinfo=UTC)
MONDAY = date(2026, 11, 23)
HANOI = timezone(timedelta(hours=7))
SECOND = timedelta(seconds=1)


def a_bulletin(code: str = "tiem-phong", **changes: Any) -> Bulletin:
    facts: dict[str, Any] = {
        "title": "Lịch tiêm phòng vắc-xin cho trẻ dưới năm tuổi",
        "body": "Trạm y tế xã Minh Tiến kính báo: đợt tiêm bắt đầu lúc 7h30 ngày 25/11.\n\nKính mời bà con.",
        "kind": Kind.THONG_BAO,
        "topic": "y_te",
        "lead_unit": "Trạm Y tế xã",
        "valid_from": MONDAY,
        "valid_to": MONDAY + timedelta(days=6),
        "author": "Nguyễn Thị Lan",
    }
    return Bulletin(code=code, **{**facts, **changes})


def a_master(bulletin: Bulletin, voice: str = "vi", **changes: Any) -> Master:
    facts: dict[str, Any] = {
        "hash": digest("sound", bulletin.text_hash, voice),
        "recipe_hash": digest("recipe", bulletin.text_hash, voice),
        "bulletin": bulletin.code,
        "text_hash": bulletin.text_hash,
        "reading_hash": digest("reading", bulletin.text_hash),
        "engine": "espeak",
        "voices": (voice,),
        "duration_ms": Milliseconds(61_234),
        "content_ms": Milliseconds(55_000),
        "loudness": Lufs(-16.02),
        "true_peak": Dbtp(-1.5),
        "file": f"{bulletin.code}-{voice}.wav",
        "tags": {"title": bulletin.title},
    }
    return Master(**{**facts, **changes})


def a_review(bulletin: Bulletin, action: Action = Action.SUBMIT, **changes: Any) -> Review:
    facts: dict[str, Any] = {
        "actor": bulletin.author if action is Action.SUBMIT else "Trần Văn Minh",
        "author": bulletin.author,
        "at": NOW,
        "subject": Subject(bulletin.text_hash, digest("reading"), digest("master")),
    }
    return Review(bulletin.code, action, **{**facts, **changes})


def a_plan(number: int = 0, **changes: Any) -> Plan:
    slot = Slot(MONDAY, "sang", "tiem-phong", ("thon-1", "thon-2"), digest("master"), Milliseconds(61_234))
    facts: dict[str, Any] = {
        "station": "minh-tien",
        "week": MONDAY,
        "slots": (slot,),
        "shortfalls": (Shortfall("ve-sinh", "plan.no_room", {"day": MONDAY, "zones": ("thon-1",), "wanted": 4}),),
        "value": 12.5,
        "bound": 13,
        "inputs": digest("inputs"),
        "reason": "" if number == 0 else "Mất điện thôn 2",
        "precedence": ("tiem-phong", "ve-sinh"),
        "placements": (Placement("tiem-phong", MONDAY, "sang", wanted=True),),
    }
    return Plan(number=number, **{**facts, **changes})


def a_rundown(zone: str = "thon-1", day: date = MONDAY, session: str = "sang", **changes: Any) -> Rundown:
    start = datetime(day.year, day.month, day.day, 5, 30, tzinfo=HANOI)
    facts: dict[str, Any] = {
        "station": "minh-tien",
        "plan": digest("plan"),
        "start": start,
        "end": start + timedelta(minutes=30),
        "items": (
            RundownItem(f"{day}.{session}.{zone}.nhac_hieu.1", ItemKind.SIGNATURE, start, Milliseconds(8000)),
            RundownItem(
                f"{day}.{session}.{zone}.ban_tin.tiem-phong",
                ItemKind.BULLETIN,
                start + timedelta(seconds=10),
                Milliseconds(61_234),
                master=digest("master"),
                bulletin="tiem-phong",
                topic="y_te",
            ),
        ),
    }
    return Rundown(zone=zone, day=day, session=session, **{**facts, **changes})


def an_as_run(item: str | int, node: str = "thon-1-a", **changes: Any) -> AsRun:
    start = NOW + timedelta(seconds=item if isinstance(item, int) else 0)
    facts: dict[str, Any] = {
        "seq": 0,
        "rundown": digest("rundown"),
        "day": start.astimezone(HANOI).date(),
        "session": "sang",
        "kind": ItemKind.BULLETIN,
        "bulletin": "tiem-phong",
        "topic": "y_te",
        "master": digest("master"),
        "planned_start": start,
        "planned_ms": Milliseconds(61_234),
        "started_at": start,
        "ended_at": start + timedelta(milliseconds=61_234),
        "played_ms": Milliseconds(61_234),
        "outcome": Outcome.AIRED,
        "cause": Cause.NONE,
        "level": -16.25,
    }
    return AsRun(node=node, item=str(item), **{**facts, **changes})


def a_correction(row: AsRun, **changes: Any) -> Correction:
    facts: dict[str, Any] = {
        "played_ms": Milliseconds(30_000),
        "outcome": Outcome.PARTIAL,
        "cause": Cause.POWER_CUT,
        "reason": "Trưởng thôn báo mất điện giữa bản tin",
        "by": "van_phong",
        "at": NOW,
    }
    return Correction(0, row.node, row.seq, row.hash, **{**facts, **changes})


def a_baseline(version: int = 1, **changes: Any) -> Baseline:
    facts: dict[str, Any] = {
        "how": Origin.COMPUTED,
        "first": MONDAY,
        "last": MONDAY + timedelta(days=30),
        "minutes_per_day": 6.5,
        "source": "",
        "reason": "" if version == 1 else "Tính lại sau khi sáp nhập",
        "by": "van_phong",
        "at": NOW,
    }
    return Baseline(version, **{**facts, **changes})


texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
"""PostgreSQL keeps no NUL in a text; no reader of bulletins lets one through."""
names = (
    st.sampled_from(["thon-1", "thôn Đồng Ké", "sang", "y_te", "Nguyễn Thị Lan", "é", "e\u0301", "%_'\";--"]) | texts
)
hashes = st.integers(0, 10**6).map(digest)
lengths = st.integers(0, 2**31 - 1).map(Milliseconds)
dates = st.dates(date(1990, 1, 1), date(2200, 1, 1))
zones = st.sampled_from([UTC, HANOI, timezone(timedelta(hours=-9, minutes=-30))])
instants = st.datetimes(datetime(1960, 1, 1), datetime(2200, 1, 1), timezones=zones)  # noqa: DTZ001 - bounds are naive
floats = st.floats(-1e9, 1e9) | st.integers(-100, 100)
many = st.lists(names, max_size=3).map(tuple)
mappings = st.dictionaries(names, names, max_size=3)

bulletins = st.builds(
    Bulletin,
    code=names,
    title=names,
    body=texts,
    kind=st.sampled_from(Kind),
    topic=names,
    lead_unit=names,
    valid_from=dates,
    valid_to=dates,
    author=st.just("Nguyễn Thị Lan"),
    secondary_topics=many,
    co_units=many,
    papi=st.lists(st.integers(0, 8), max_size=3).map(tuple),
    htttn_field=st.integers(0, 99),
    procedures=many,
    documents=many,
    audience=names,
    zones=many,
    priority=st.sampled_from(Priority),
    min_consecutive_days=st.integers(0, 30),
    repeats=st.integers(0, 30),
    read_twice=st.booleans(),
    voices=mappings,
    lexicon=mappings,
    document_date=st.none() | dates,
    event=st.sampled_from(Event),
    event_date=st.none() | dates,
    entertainment=st.booleans(),
)
readings = st.tuples(names, hashes, texts).map(lambda said: StoredReading(said[0], said[1], digest(said), said[2]))
takes = st.builds(Take, key=hashes, engine=names, voice=names, duration_ms=lengths, sound_hash=hashes)
masters = st.builds(
    Master,
    hash=hashes,
    recipe_hash=hashes,
    bulletin=names,
    text_hash=hashes,
    reading_hash=hashes,
    engine=names,
    voices=many,
    duration_ms=lengths,
    content_ms=lengths,
    loudness=floats.map(float).map(Lufs),
    true_peak=floats.map(float).map(Dbtp),
    file=names,
    synthetic=st.booleans(),
    tags=mappings,
)
reviews = st.builds(
    Review,
    bulletin=names,
    action=st.sampled_from(Action),
    actor=st.just("Trần Văn Minh"),
    author=st.just("Nguyễn Thị Lan"),
    at=instants,
    subject=st.builds(Subject, text=hashes, reading=hashes, master=hashes),
    remark=texts,
)
facts = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts
    | dates
    | instants,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(texts | st.sampled_from(["$date", "$tuple", "$"]) | dates, inner, max_size=3)
        | st.frozensets(texts, max_size=3)
    ),
    max_leaves=8,
)
"""Facts of a shortfall: whatever a rule may have put there."""
plans = st.builds(
    Plan,
    station=names,
    week=dates,
    number=st.integers(0, 2**31 - 1),
    slots=st.lists(
        st.builds(Slot, day=dates, session=names, bulletin=names, zones=many, master=hashes, duration_ms=lengths),
        max_size=3,
    ).map(tuple),
    shortfalls=st.lists(
        st.builds(Shortfall, bulletin=names, code=names, facts=st.dictionaries(texts, facts, max_size=3)), max_size=2
    ).map(tuple),
    value=floats,
    bound=floats,
    inputs=hashes,
    reason=texts,
    precedence=many,
    placements=st.lists(st.builds(Placement, texts, dates, texts, st.booleans()), max_size=2).map(tuple),
)
items = st.builds(
    RundownItem,
    id=names,
    kind=st.sampled_from(ItemKind),
    start=instants,
    duration_ms=lengths,
    master=names,
    bulletin=names,
    topic=names,
    late=st.sampled_from(LatePolicy),
    relay=names,
)
rundowns = st.builds(
    Rundown,
    station=names,
    plan=hashes,
    zone=names,
    day=dates,
    session=names,
    start=instants,
    end=instants,
    items=st.lists(items, max_size=4).map(tuple),
)


def as_runs(node: str) -> st.SearchStrategy[AsRun]:
    """Unsealed rows of a node."""
    return st.builds(
        AsRun,
        node=st.just(node),
        seq=st.integers(0, 9),
        item=names,
        rundown=hashes,
        day=dates,
        session=names,
        kind=st.sampled_from(ItemKind),
        bulletin=names,
        topic=names,
        master=names,
        planned_start=instants,
        planned_ms=lengths,
        started_at=st.none() | instants,
        ended_at=st.none() | instants,
        played_ms=lengths,
        outcome=st.sampled_from(Outcome),
        cause=st.sampled_from(Cause),
        level=st.none() | floats | st.just(-0.0),
        previous=hashes,
        hash=hashes,
    )


NOWHERE = Sha256("f" * 64)
"""A hash that nothing has."""
