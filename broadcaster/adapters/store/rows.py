"""Domain values to rows and back. Pure; a row that makes no domain value is damaged, and says which one it is."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from broadcaster.adapters.store.facts import named, numbers, texts
from broadcaster.adapters.store.tables import (
    BulletinRow,
    MasterRow,
    ReadingRow,
    ReviewRow,
    TakeRow,
)
from broadcaster.domain.approval import Review, Subject
from broadcaster.domain.bulletin import Bulletin, Event
from broadcaster.domain.master import Master
from broadcaster.domain.take import Take
from broadcaster.errors import StoreError
from broadcaster.ports import StoredReading
from broadcaster.units import Dbtp, Lufs, Milliseconds, Sha256, canonical, digest


@contextmanager
def undamaged(table: str, key: str) -> Iterator[None]:
    """Whatever a stored value does wrong while it is read.

    Raises:
        StoreError: `store.damaged`, with the table and the row's key.
    """
    try:
        yield
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise StoreError("store.damaged", table=table, key=key, detail=str(error)) from error


def bulletin_row(bulletin: Bulletin, at: datetime, turn: int) -> BulletinRow:
    """A version, saved at an instant."""
    return BulletinRow(
        turn=turn,
        text_hash=bulletin.text_hash,
        saved_at=at,
        code=bulletin.code,
        title=bulletin.title,
        body=bulletin.body,
        kind=bulletin.kind,
        topic=bulletin.topic,
        lead_unit=bulletin.lead_unit,
        valid_from=bulletin.valid_from,
        valid_to=bulletin.valid_to,
        author=bulletin.author,
        secondary_topics=canonical(bulletin.secondary_topics),
        co_units=canonical(bulletin.co_units),
        papi=canonical(bulletin.papi),
        htttn_field=bulletin.htttn_field,
        procedures=canonical(bulletin.procedures),
        documents=canonical(bulletin.documents),
        audience=bulletin.audience,
        zones=canonical(bulletin.zones),
        priority=bulletin.priority,
        min_consecutive_days=bulletin.min_consecutive_days,
        repeats=bulletin.repeats,
        read_twice=bulletin.read_twice,
        voices=canonical(bulletin.voices),
        lexicon=canonical(bulletin.lexicon),
        particulars=canonical(bulletin.particulars),
    )


def bulletin_of(row: BulletinRow) -> Bulletin:
    """The version of a row."""
    with undamaged("bulletin_version", row.text_hash):
        return Bulletin(
            code=row.code,
            title=row.title,
            body=row.body,
            kind=row.kind,
            topic=row.topic,
            lead_unit=row.lead_unit,
            valid_from=row.valid_from,
            valid_to=row.valid_to,
            author=row.author,
            secondary_topics=texts(row.secondary_topics),
            co_units=texts(row.co_units),
            papi=numbers(row.papi),
            htttn_field=row.htttn_field,
            procedures=texts(row.procedures),
            documents=texts(row.documents),
            audience=row.audience,
            zones=texts(row.zones),
            priority=row.priority,
            min_consecutive_days=row.min_consecutive_days,
            repeats=row.repeats,
            read_twice=row.read_twice,
            voices=named(row.voices),
            lexicon=named(row.lexicon),
            **_particulars(named(row.particulars)),
        )


def _particulars(facts: Mapping[str, str]) -> dict[str, Any]:
    """The other way from `Bulletin.particulars`."""
    days = {name: date.fromisoformat(facts[name]) for name in ("document_date", "event_date") if name in facts}
    return {**days, "event": Event(facts.get("event", "")), "entertainment": "entertainment" in facts}


def reading_row(reading: StoredReading, turn: int) -> ReadingRow:
    """A reading."""
    return ReadingRow(
        turn=turn,
        text_hash=reading.text_hash,
        reading_hash=reading.reading_hash,
        bulletin=reading.bulletin,
        spoken=reading.spoken,
    )


def reading_of(row: ReadingRow) -> StoredReading:
    """The reading of a row."""
    return StoredReading(row.bulletin, Sha256(row.text_hash), Sha256(row.reading_hash), row.spoken)


def take_row(take: Take) -> TakeRow:
    """A take."""
    return TakeRow(
        key=take.key,
        engine=take.engine,
        voice=take.voice,
        duration_ms=take.duration_ms,
        sound_hash=take.sound_hash,
    )


def take_of(row: TakeRow) -> Take:
    """The take of a row."""
    return Take(Sha256(row.key), row.engine, row.voice, Milliseconds(row.duration_ms), Sha256(row.sound_hash))


def master_row(master: Master, turn: int) -> MasterRow:
    """A master."""
    return MasterRow(
        hash=master.hash,
        turn=turn,
        recipe_hash=master.recipe_hash,
        bulletin=master.bulletin,
        text_hash=master.text_hash,
        reading_hash=master.reading_hash,
        engine=master.engine,
        voices=canonical(master.voices),
        duration_ms=master.duration_ms,
        content_ms=master.content_ms,
        loudness=master.loudness,
        true_peak=master.true_peak,
        file=master.file,
        synthetic=master.synthetic,
        tags=canonical(master.tags),
    )


def master_of(row: MasterRow) -> Master:
    """The master of a row."""
    with undamaged("master", row.hash):
        return Master(
            hash=Sha256(row.hash),
            recipe_hash=Sha256(row.recipe_hash),
            bulletin=row.bulletin,
            text_hash=Sha256(row.text_hash),
            reading_hash=Sha256(row.reading_hash),
            engine=row.engine,
            voices=texts(row.voices),
            duration_ms=Milliseconds(row.duration_ms),
            content_ms=Milliseconds(row.content_ms),
            loudness=Lufs(row.loudness),
            true_peak=Dbtp(row.true_peak),
            file=row.file,
            synthetic=row.synthetic,
            tags=named(row.tags),
        )


def review_row(review: Review) -> ReviewRow:
    """An event, with a hash by which the same event is known again."""
    return ReviewRow(
        hash=digest("review", review),
        bulletin=review.bulletin,
        action=review.action,
        actor=review.actor,
        author=review.author,
        at=review.at,
        text=review.subject.text,
        reading=review.subject.reading,
        master=review.subject.master,
        remark=review.remark,
    )


def review_of(row: ReviewRow) -> Review:
    """The event of a row."""
    subject = Subject(Sha256(row.text), Sha256(row.reading), Sha256(row.master))
    return Review(row.bulletin, row.action, row.actor, row.author, row.at, subject, row.remark)
