"""The versions of the baseline on SQLite or PostgreSQL."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from broadcaster.adapters.store.base import SqlBase
from broadcaster.adapters.store.guard import refuse_one_person
from broadcaster.adapters.store.ledger_tables import BaselineRow, BaselineSignatureRow
from broadcaster.domain.baseline import Baseline
from broadcaster.errors import StoreError
from broadcaster.units import as_utc


class SqlBaselines(SqlBase):
    """The baseline's part of the port `Store`."""

    def baselines(self) -> Sequence[Baseline]:
        """See the port."""
        with self._read() as session:
            return _versions(session)

    def add_baseline(self, baseline: Baseline) -> None:
        """See the port."""
        with self._write() as session:
            if baseline.version != len(_versions(session)) + 1:
                raise StoreError("store.baseline", version=baseline.version)
            session.add(
                BaselineRow(
                    version=baseline.version,
                    how=baseline.how,
                    first=baseline.first,
                    last=baseline.last,
                    minutes_per_day=float(baseline.minutes_per_day),
                    source=baseline.source,
                    reason=baseline.reason,
                    person=baseline.by,
                    at=as_utc(baseline.at),
                )
            )

    def sign_baseline(self, version: int, by: str, at: datetime) -> None:
        """See the port."""
        with self._write() as session:
            found = next((b for b in _versions(session) if b.version == version), None)
            if found is None or found.locked:
                raise StoreError("store.baseline", version=version)
            refuse_one_person(found, by)
            session.add(BaselineSignatureRow(version=version, person=by, at=as_utc(at)))


def _versions(session: Session) -> list[Baseline]:
    signatures = {row.version: row for row in session.exec(select(BaselineSignatureRow))}
    versions = []
    for row in session.exec(select(BaselineRow).order_by(col(BaselineRow.version))):
        signature = signatures.get(row.version)
        versions.append(
            Baseline(
                version=row.version,
                how=row.how,
                first=row.first,
                last=row.last,
                minutes_per_day=row.minutes_per_day,
                source=row.source,
                reason=row.reason,
                by=row.person,
                at=row.at,
                signed_by=signature.person if signature else "",
                signed_at=signature.at if signature else None,
            )
        )
    return versions
