"""What waits for a person: counted now and then, not at every glance of every page."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Lock

from broadcaster.bootstrap import App
from broadcaster.domain.approval import Status
from broadcaster.domain.bulletin import Bulletin
from broadcaster.domain.station import week_start
from broadcaster.errors import BroadcasterError, Severity

FRESH_S = 20.0
"""Seconds for which a count is good."""
SILENT = timedelta(minutes=10)
"""A node that was not heard of for so long is cut off."""
LATELY = timedelta(days=1)
DOUBTFUL = frozenset(
    {
        "reading.comma_thousand",
        "reading.date_or_fraction",
        "reading.dotted_number",
        "reading.number_guess",
        "reading.roman_guess",
        "reading.unknown_acronym",
        "reading.unknown_code",
    }
)
"""Findings of the reading that leave two ways to say a thing."""


@dataclass(frozen=True, slots=True)
class Task:
    """Where to go, what for in words, and how many; without `counted` there is one or none."""

    where: str
    words: str
    count: int
    counted: bool = True


@dataclass(slots=True)
class Waiting:
    """The list, kept for a while.

    Args:
        app: the workspace.
        synced: whether the system's clock is kept by a time server; None where the system does not say.
    """

    app: App
    synced: Callable[[], bool | None]
    _lock: Lock = field(default_factory=Lock)
    _read: tuple[float, tuple[Task, ...]] = (-FRESH_S, ())

    def tasks(self) -> tuple[Task, ...]:
        """What waits now, or waited a moment ago."""
        with self._lock:
            now = self.app.clock.elapsed()
            if now - self._read[0] >= FRESH_S:
                self._read = (now, tuple(task for task in self._count() if task.count))
            return self._read[1]

    def forget(self) -> None:
        """Count anew at the next glance: somebody has just done something."""
        self._read = (-FRESH_S, self._read[1])

    def _count(self) -> list[Task]:
        counts: dict[Status, int] = {}
        without = doubtful = 0
        pieces = self.app.store.bulletins()
        standings = self.app.approving.standings(pieces)
        for piece in pieces:
            status, master = standings[piece.code]
            counts[status] = counts.get(status, 0) + 1
            if status is Status.DRAFT and master is None:
                without += 1
            if status is Status.SUBMITTED:
                doubtful += any(one.code in DOUBTFUL for one in self.app.writing.read(piece).findings)
        monday = week_start(self.app.station.local(self.app.clock.now()).date())
        changed, undecided = counts.get(Status.VOID, 0), self.app.planning.open_priorities(monday, pieces)
        return [
            Task("/khan-cap", "lệnh khẩn cấp chưa có người thứ hai ký", self._unsigned()),
            Task("/duyet", "bản tin chờ lãnh đạo duyệt", counts.get(Status.SUBMITTED, 0)),
            Task("/duyet", "bản tin chờ duyệt có chỗ đọc chưa chắc, cần nghe kỹ", doubtful),
            Task("/ban-tin?tinh_trang=tra_lai", "bản tin bị trả lại, cần sửa", counts.get(Status.RETURNED, 0)),
            Task("/ban-tin?tinh_trang=mat_hieu_luc", "bản tin sửa sau khi duyệt, cần trình lại", changed),
            Task("/ban-tin?tinh_trang=nhap", "bản nháp chưa có bản phát", without),
            Task("/lich", "Tuần này chưa xếp lịch", 0 if self.app.store.plans(monday) else 1, counted=False),
            Task("/lich", "cặp bản tin ưu tiên chờ người quyết định thứ tự", len(undecided)),
            Task("/thoi-luong?bao_cao=proof", "bản tin bị đứt chuỗi ngày liên tục", self._broken_runs(pieces)),
            Task("/thu-tuc", "bản tin dẫn thủ tục đã đổi, cần xem lại", len(self.app.citing.flags(pieces))),
            Task("/mang-loa", "bộ phát mất liên lạc hoặc báo lỗi", self._troubled()),
            Task("/cai-dat/bao-tin", "nơi nhận tin báo không nhận được", self.app.webhooks.troubled()),
            Task(
                "/cai-dat",
                "Đồng hồ máy này chưa đồng bộ: giờ phát có thể sai",
                int(self.synced() is False),
                counted=False,
            ),
        ]

    def _unsigned(self) -> int:
        try:
            return sum(not record.countersigned_by for record in self.app.network.alarming.records())
        except (BroadcasterError, ValueError, KeyError, TypeError, OSError):
            return 1  # a damaged file of orders needs a person, too

    def _broken_runs(self, pieces: Sequence[Bulletin]) -> int:
        """Bulletins that still may air and whose days in a row an outage has broken."""
        today = self.app.station.local(self.app.clock.now()).date()
        valid = {piece.code for piece in pieces if piece.min_consecutive_days and piece.valid_to >= today}
        if not valid:
            return 0
        result = self.app.auditing.audit(today - timedelta(days=7), today - timedelta(days=1))
        return len({run.bulletin for run in result.runs if run.longest < run.required and run.bulletin in valid})

    def _troubled(self) -> int:
        network, now = self.app.network, self.app.clock.now()
        troubled = 0
        for member in network.members():
            if member.revoked is not None:
                continue
            seen, events, refused = network.seen(member.node)
            cut_off = seen is None or now - seen > SILENT
            grave = [e for e in events if e.get("severity") == Severity.ERROR.value]
            lately = [e for e in grave if str(e.get("at", "")) >= (now - LATELY).isoformat()]
            troubled += bool(cut_off or lately or refused)
        return troubled
