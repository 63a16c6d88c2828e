"""The provincial exchange (Hệ thống thông tin nguồn): as-run rows in the fields that are in use. NOT OFFICIAL.

The official annex (Công văn 1273/BTTTT-TTCS, 27/4/2021) was not obtained. Field names and codes are those that three
independent public programs share (a provincial console, a receiver's firmware, a mobile application); whoever connects
to a real system asks the province for its document first, and mends this file alone.

What is sent is the play log (`log_phat_ban_tin`), one record for each row that sounded. The log in use has no measured
end: ours stands in `ThongTinChiTietBanTin`, where any reader may ignore it.
"""

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from broadcaster.domain.asrun import AsRun
from broadcaster.domain.bulletin import Bulletin, Priority
from broadcaster.domain.fields import Fields, shown
from broadcaster.domain.rundown import ItemKind
from broadcaster.domain.station import Station
from broadcaster.domain.taxonomy import Taxonomy
from broadcaster.errors import ConfigError, Finding, Place, Severity

SOUND, LIVE = "3", "5"
"""LoaiBanTin: a bulletin in sound, a relay."""
PRIORITIES = {Priority.KHAN_CAP: "1", Priority.UU_TIEN: "2", Priority.THONG_THUONG: "3"}
"""MucDoUuTien."""
NOTE = (
    "KHÔNG CHÍNH THỨC: tên trường theo các phần mềm đang dùng, chưa đối chiếu phụ lục của Công văn "
    "1273/BTTTT-TTCS. Hỏi tài liệu kết nối của Sở trước khi gửi."
)


@dataclass(frozen=True, slots=True)
class Agency:
    """Who sends, to whom, and whose devices: codes that the province gives."""

    source_id: str
    source_name: str
    target_id: str
    target_name: str
    vendor_id: str
    vendor_name: str


def agency_from(text: str, file: str) -> Agency:
    """The codes from their TOML file.

    Raises:
        ConfigError: `exchange.invalid` with every finding.
    """
    try:
        data = tomllib.loads(text)
    except ValueError as error:
        finding = Finding("exchange.syntax", Severity.ERROR, Place(file), {"detail": shown(error, 100)})
        raise ConfigError("exchange.invalid", [finding], file=file) from error
    fields = Fields(data, file)
    agency = Agency(
        source_id=fields.text("source_id", required=True),
        source_name=fields.text("source_name", required=True),
        target_id=fields.text("target_id", required=True),
        target_name=fields.text("target_name", required=True),
        vendor_id=fields.text("vendor_id"),
        vendor_name=fields.text("vendor_name"),
    )
    fields.unknown()
    if any(finding.severity is Severity.ERROR for finding in fields.findings):
        raise ConfigError("exchange.invalid", fields.findings, file=file)
    return agency


@dataclass(frozen=True, slots=True)
class HtttnExchange:
    """The port `Exchange` in the fields of the HTTTN."""

    agency: Agency
    station: Station
    taxonomy: Taxonomy

    def play_log(self, rows: Sequence[AsRun], bulletins: Mapping[str, tuple[datetime, Bulletin]]) -> tuple[str, int]:
        """See the port."""
        sounded = [
            row for row in rows if row.started_at is not None and row.kind in {ItemKind.BULLETIN, ItemKind.RELAY}
        ]
        records = [self._record(row, *bulletins.get(row.bulletin, (None, None))) for row in sounded]
        document = {"khong_chinh_thuc": True, "ghi_chu": NOTE, "log_phat_ban_tin": records}
        return json.dumps(document, ensure_ascii=False, indent=2) + "\n", len(records)

    def _record(self, row: AsRun, made: datetime | None, bulletin: Bulletin | None) -> dict[str, Any]:
        cluster = self.station.cluster_by_code.get(row.node)
        topic = self.taxonomy.topics.get(row.topic)
        relay = row.kind is ItemKind.RELAY
        person = self.station.person(bulletin.author) if bulletin else None
        author = person.name if person else bulletin.author if bulletin else ""
        field = bulletin.htttn_field if bulletin else topic.htttn_field if topic else 1
        started = row.started_at or row.planned_start
        return {
            "NguonID": self.agency.source_id,
            "TenNguon": self.agency.source_name,
            "DichID": self.agency.target_id,
            "TenDich": self.agency.target_name,
            "CumLoaID": row.node,
            "TenThietBi": cluster.name if cluster else row.node,
            "MaNhaCungCap": self.agency.vendor_id,
            "TenNhaCungCap": self.agency.vendor_name,
            "BanTinID": row.bulletin or row.item,
            "LoaiBanTin": LIVE if relay else SOUND,
            "MucDoUuTien": PRIORITIES[bulletin.priority if bulletin else Priority.THONG_THUONG],
            "TieuDe": bulletin.title if bulletin else row.bulletin or row.kind.value,
            "LoaiLinhVuc": str(field),
            "NoiDungTomTat": bulletin.title if bulletin else "",
            "ThoiGianSanXuat": int((made or started).timestamp()),
            "ThoiLuong": clock(row.played_ms),
            "TacGia": {"TenDayDu": author, "ButDanh": "", "Email": ""},
            "ThoiDiemBatDau": int(started.timestamp()),
            "TiepAm": int(relay),
            "NguonTiepAm": row.item if relay else "",
            "NoiDung": "",
            "ThongTinChiTietBanTin": [
                {"Ten": "thoi_diem_ket_thuc", "GiaTri": str(int(row.ended_at.timestamp())) if row.ended_at else ""},
                {"Ten": "thoi_luong_phat_ms", "GiaTri": str(row.played_ms)},
                {"Ten": "ket_qua", "GiaTri": row.outcome.value},
                {"Ten": "nguyen_nhan", "GiaTri": row.cause.value},
                {"Ten": "ma_bam_dong_nhat_ky", "GiaTri": row.hash},
            ],
            "NguonTin": bulletin.lead_unit if bulletin else "",
            "AmLuong": "",
            "CongSuat": "",
        }


def clock(milliseconds: int) -> str:
    """A length as HH:MM:SS, to the nearest second."""
    seconds = (milliseconds + 500) // 1000
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
