"""Topics, and the groups of topics that the plan's clause IV.3 counts."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from broadcaster.domain.fields import fold


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic of the taxonomy. `min_days` is 0 where no run of consecutive days is required."""

    code: str
    name: str
    papi: tuple[int, ...] = ()
    htttn_field: int = 1
    keywords: tuple[str, ...] = ()
    min_days: int = 0
    approver_level: str = ""


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """All topics by code; the target group of clause IV.3 and its focus group."""

    topics: Mapping[str, Topic]
    target_group: frozenset[str]
    focus_group: frozenset[str]

    def name_of(self, code: str) -> str:
        """A topic's name; the code itself for one of an earlier release's taxonomy."""
        topic = self.topics.get(code)
        return topic.name if topic else code

    def suggestions(self, text: str) -> list[tuple[Topic, tuple[str, ...]]]:
        """The topics whose keywords stand in a text, the most frequent first, each with those keywords."""
        folded = f"_{fold(text)}_"
        found = []
        for topic in self.topics.values():
            counts = {word: folded.count(f"_{fold(word)}_") for word in topic.keywords}
            words = tuple(word for word, count in counts.items() if count)
            if words:
                found.append((-sum(counts.values()), topic, words))
        return [(topic, words) for _, topic, words in sorted(found, key=lambda entry: entry[0])]


def taxonomy_from(data: Mapping[str, Any]) -> Taxonomy:
    """The taxonomy from its parsed YAML."""
    topics = {
        code: Topic(
            code=code,
            name=str(entry["ten"]),
            papi=tuple(entry.get("papi", ())),
            htttn_field=int(entry.get("lv", 1)),
            keywords=tuple(entry.get("kw", ())),
            min_days=int(entry.get("min_days", 0)),
            approver_level=str(entry.get("can_duyet_cap", "")),
        )
        for code, entry in data["topics"].items()
    }
    return Taxonomy(topics, frozenset(data["target_group"]), frozenset(data["focus_group"]))


@cache
def shipped_taxonomy() -> Taxonomy:
    """The taxonomy that the package ships."""
    import yaml  # noqa: PLC0415 - the parser costs a cold start that most commands need not pay

    text = resources.files("broadcaster").joinpath("data/taxonomy.yaml").read_text(encoding="utf-8")
    return taxonomy_from(yaml.safe_load(text))
