"""Values for the tests of the pure core: a small station, and builders whose every part may be changed."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from broadcaster.domain.bulletin import Bulletin, Kind
from broadcaster.domain.planning.plan import Plan, Slot
from broadcaster.domain.rundown import ItemKind, LatePolicy, Rundown, RundownItem, StationSound
from broadcaster.domain.station import (
    PRESETS,
    WHOLE_COMMUNE,
    Cluster,
    Person,
    Relay,
    Role,
    Session,
    Station,
    Thon,
    Zone,
)
from broadcaster.units import MINUTE, Milliseconds, digest

MONDAY = date(2026, 11, 23)
START = datetime(2026, 11, 23, 23, 0, tzinfo=UTC)
"""06:00 in Hà Nội on Tuesday: a session in which the UTC date is not the local one."""


def ms(seconds: float) -> Milliseconds:
    return Milliseconds(round(seconds * 1000))


def a_session(code: str = "sang", start: time = time(6, 0), minutes: float = 45, **changes: Any) -> Session:
    session = Session(code, f"Buổi {code}", start, Milliseconds(round(minutes * MINUTE)))
    return replace(session, **changes)


def a_relay(offset: float, minutes: float, source: str = "VOV1") -> Relay:
    return Relay(source, Milliseconds(round(offset * MINUTE)), Milliseconds(round(minutes * MINUTE)))


def a_station(sessions: Sequence[Session] = (), **changes: Any) -> Station:
    """Two thôn with three clusters, of which one belongs to a zone of its own."""
    clusters = (
        Cluster("dong_1", "Nhà văn hóa", "thon_dong"),
        Cluster("dong_2", "Đầu đê", "thon_dong"),
        Cluster("doai_1", "Cây đa", "thon_doai"),
    )
    codes = frozenset(cluster.code for cluster in clusters)
    zones = (
        Zone(WHOLE_COMMUNE, "Toàn xã", codes),
        Zone("thon_dong", "thôn Đông", frozenset({"dong_1", "dong_2"})),
        Zone("thon_doai", "thôn Đoài", frozenset({"doai_1"})),
    )
    station = Station(
        code="minh_tien",
        name="Đài Truyền thanh xã Minh Tiến",
        province="Tỉnh mẫu",
        commune="xã Minh Tiến",
        timezone="Asia/Ho_Chi_Minh",
        preset=PRESETS["mac_dinh"],
        thons=(Thon("thon_dong", "thôn Đông", 300), Thon("thon_doai", "thôn Đoài", 200)),
        clusters=clusters,
        zones=zones,
        sessions=tuple(sessions) or (a_session(), a_session("chieu", time(17, 30))),
        people=(
            Person("hoa", "Nguyễn Thị Hoa", frozenset({Role.AUTHOR})),
            Person("minh", "Phạm Văn Minh", frozenset({Role.APPROVER})),
            Person("ca_hai", "Người hai vai", frozenset({Role.AUTHOR, Role.APPROVER})),
        ),
    )
    return replace(station, **changes)


def a_bulletin(code: str = "tin_1", **changes: Any) -> Bulletin:
    bulletin = Bulletin(
        code=code,
        title=f"Tiêu đề {code}",
        body="Kính mời bà con đến nhà văn hóa.",
        kind=Kind.TIN,
        topic="mot_cua",
        lead_unit="Văn phòng",
        valid_from=MONDAY,
        valid_to=MONDAY + timedelta(days=6),
        author="hoa",
    )
    return replace(bulletin, **changes)


def a_slot(code: str, seconds: float = 60, **changes: Any) -> Slot:
    slot = Slot(MONDAY, "sang", code, ("thon_dong",), digest("master", code), ms(seconds))
    return replace(slot, **changes)


def a_plan(slots: Iterable[Slot] = (), **changes: Any) -> Plan:
    plan = Plan("minh_tien", MONDAY, 0, tuple(sorted(slots)), (), 1.0, 1.0, digest("inputs"))
    return replace(plan, **changes)


def sounds(signature: float = 0, opening: float = 0, closing: float = 0) -> tuple[StationSound, ...]:
    """The station's own sounds by their lengths in seconds; none where the length is 0."""
    lengths = {ItemKind.SIGNATURE: signature, ItemKind.OPENING: opening, ItemKind.CLOSING: closing}
    return tuple(StationSound(kind, digest("sound", kind), ms(length)) for kind, length in lengths.items() if length)


def an_item(name: str, at: float, seconds: float, kind: ItemKind = ItemKind.BULLETIN, **changes: Any) -> RundownItem:
    """An item that starts `at` seconds into the session."""
    late = {ItemKind.BULLETIN: LatePolicy.SHIFT, ItemKind.RELAY: LatePolicy.CUE_IN}.get(kind, LatePolicy.SKIP)
    of_bulletin = kind is ItemKind.BULLETIN
    item = RundownItem(
        id=f"2026-11-24.sang.thon_dong.{kind.value}.{name}",
        kind=kind,
        start=START + timedelta(milliseconds=ms(at)),
        duration_ms=ms(seconds),
        master="" if kind is ItemKind.RELAY else digest("master", name),
        bulletin=name if of_bulletin else "",
        topic="mot_cua" if of_bulletin else "",
        late=late,
        relay="VOV1" if kind is ItemKind.RELAY else "",
    )
    return replace(item, **changes)


def a_rundown(items: Sequence[RundownItem], minutes: float = 45, **changes: Any) -> Rundown:
    rundown = Rundown(
        station="minh_tien",
        plan=digest("plan"),
        zone="thon_dong",
        day=MONDAY + timedelta(days=1),
        session="sang",
        start=START,
        end=START + timedelta(minutes=minutes),
        items=tuple(items),
    )
    return replace(rundown, **changes)
