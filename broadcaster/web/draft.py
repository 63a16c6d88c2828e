"""A bulletin as a form: to and from a bulletin file's text, so that one parser checks both."""

import json
from dataclasses import replace
from datetime import date, timedelta
from typing import Self

from pydantic import BaseModel, Field

from broadcaster.domain.bulletin import Bulletin, Kind, Priority


class Draft(BaseModel):
    """The form's fields as they were typed; right or wrong is for the parser to say."""

    title: str = Field(default="", max_length=2000)
    body: str = Field(default="", max_length=200_000)
    kind: str = Kind.TIN.value
    topic: str = ""
    unit: str = Field(default="", max_length=1000)
    valid_from: str = ""
    valid_to: str = ""
    zone: list[str] = []
    priority: str = Priority.THONG_THUONG.value
    days: str = "0"
    repeats: str = "0"
    documents: str = Field(default="", max_length=4000)
    procedures: list[str] = []
    read_twice: str = ""
    version: str = ""

    @classmethod
    def fresh(cls, today: date) -> Self:
        """An empty form: from tomorrow on for a week."""
        first, last = today + timedelta(days=1), today + timedelta(days=7)
        return cls(valid_from=first.isoformat(), valid_to=last.isoformat(), zone=["toan_xa"])

    def with_text(self, title: str, body: str) -> Self:
        """The same with another text."""
        return self.model_copy(update={"title": title, "body": body})

    def with_topic(self, topic: str) -> Self:
        """The same with another topic."""
        return self.model_copy(update={"topic": topic})


def composed(draft: Draft) -> str:
    """The text of a bulletin file. JSON's strings and lists are YAML's, so that nothing typed can become a field."""
    fields: dict[str, object] = {
        "title": " ".join(draft.title.split()),
        "kind": draft.kind,
        "topic": draft.topic,
        "author_unit": [draft.unit.strip()] if draft.unit.strip() else [],
        "valid_from": draft.valid_from,
        "valid_to": draft.valid_to,
        "zone": draft.zone or ["toan_xa"],
        "priority": draft.priority,
        "min_consecutive_days": draft.days.strip() or "0",
        "repeats": draft.repeats.strip() or "0",
        "procedure": [name for name in dict.fromkeys(one.strip() for one in draft.procedures) if name],
        "documents": [line.strip() for line in draft.documents.splitlines() if line.strip()],
        "read_twice": "có" if draft.read_twice else "không",
    }
    front = "\n".join(f"{name}: {json.dumps(value, ensure_ascii=True)}" for name, value in fields.items())
    return f"---\n{front}\n---\n{draft.body}\n"


def draft_of(piece: Bulletin) -> Draft:
    """A bulletin as the form shows it."""
    return Draft(
        title=piece.title,
        body=piece.body,
        kind=piece.kind.value,
        topic=piece.topic,
        unit=piece.lead_unit,
        valid_from=piece.valid_from.isoformat(),
        valid_to=piece.valid_to.isoformat(),
        zone=list(piece.zones),
        priority=piece.priority.value,
        days=str(piece.min_consecutive_days),
        repeats=str(piece.repeats),
        documents="\n".join(piece.documents),
        procedures=list(piece.procedures),
        read_twice="co" if piece.read_twice else "",
        version=piece.text_hash,
    )


def kept_fields(piece: Bulletin, before: Bulletin) -> Bulletin:
    """The new version with what the form does not show, as it was."""
    same_topic = piece.topic == before.topic
    return replace(
        piece,
        secondary_topics=before.secondary_topics,
        co_units=before.co_units,
        papi=before.papi if same_topic else piece.papi,
        htttn_field=before.htttn_field if same_topic else piece.htttn_field,
        audience=before.audience,
        voices=before.voices,
        lexicon=before.lexicon,
        document_date=before.document_date,
        event=before.event,
        event_date=before.event_date,
        entertainment=before.entertainment,
    )
