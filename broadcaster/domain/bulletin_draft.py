"""A bulletin out of a file that somebody brings: its title, its text in Unicode, the topic that it is likely about."""

import json
from dataclasses import dataclass
from datetime import date, timedelta

from broadcaster.domain.bulletin import Kind
from broadcaster.domain.bulletin_file import plain_text
from broadcaster.domain.reading.legacy import Converted, recognise_legacy
from broadcaster.domain.taxonomy import Taxonomy

LONGEST_TITLE = 150


@dataclass(frozen=True, slots=True)
class Brought:
    """What a file gives. `old` is what was converted from a font of before Unicode; None for a text in Unicode."""

    title: str
    body: str
    topic: str
    old: Converted | None


def brought(text: str, taxonomy: Taxonomy) -> Brought:
    """The parts of a text: its first line is the title, unless it is too long for one."""
    old = recognise_legacy(text)
    text = old.text if old else text
    whole = plain_text(text)
    title, _, body = whole.partition("\n")
    likely = taxonomy.suggestions(text)
    topic = likely[0][0].code if likely else ""
    if len(title) > LONGEST_TITLE:
        return Brought("", whole, topic, old)
    return Brought(title.strip(), body.strip(), topic, old)


def draft_file(found: Brought, today: date) -> str:
    """The text of a bulletin file for a person to finish: what only a person knows is left empty."""
    said = {
        "title": json.dumps(found.title, ensure_ascii=False),
        "kind": Kind.TIN.value,
        "topic": found.topic,
        "author_unit": "",
        "valid_from": (today + timedelta(days=1)).isoformat(),
        "valid_to": (today + timedelta(days=7)).isoformat(),
        "zone": "toan_xa",
    }
    front = "\n".join(f"{name}: {value}".rstrip() for name, value in said.items())
    return f"---\n{front}\n---\n{found.body}\n"
