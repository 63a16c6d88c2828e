"""Bulletin files: front matter in YAML, then the text, plain or Markdown.

Every error is reported at once, with its line.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any

from broadcaster.domain.bulletin import Bulletin, Event, Kind, Priority
from broadcaster.domain.fields import Fields, fold, row, sayable, shown
from broadcaster.domain.taxonomy import Taxonomy
from broadcaster.errors import BulletinError, Finding, Place, Severity

_FENCE = "---"
_VOICES = ("nam", "nu")


@cache
def _loader() -> Any:
    """A YAML loader that reads every scalar as text and knows no aliases, tags or types of its own.

    Dates, numbers and flags are parsed by `Fields`, each with its own message; aliases could grow without bound.
    """
    import yaml  # noqa: PLC0415 - most commands never read a bulletin file

    class TextLoader(yaml.BaseLoader):
        def compose_node(self, parent: Any, index: Any) -> Any:
            if self.check_event(yaml.AliasEvent):
                mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]  # the library has no types here
                raise yaml.composer.ComposerError(None, None, "&… *…", mark)
            return super().compose_node(parent, index)

    return TextLoader


def _front_matter(text: str, file: str) -> tuple[dict[str, Any], dict[str, int], list[tuple[str, int]], str]:
    """The front matter as texts, lists and mappings; the line of each field; fields given twice; the body.

    Raises:
        BulletinError: `bulletin.invalid` when the fences or the YAML are broken.
    """
    import yaml  # noqa: PLC0415 - most commands never read a bulletin file

    lines = text.splitlines()
    if not lines or lines[0].strip() != _FENCE:
        raise _broken("bulletin.no_front_matter", file, 1)
    end = next((n for n, line in enumerate(lines[1:], 1) if line.strip() == _FENCE), 0)
    if not end:
        raise _broken("bulletin.open_front_matter", file, len(lines))
    source = "\n".join(["", *lines[1:end]])  # the blank first line keeps YAML's line numbers those of the file
    try:
        node = yaml.compose(source, Loader=_loader())
        data = yaml.load(source, Loader=_loader())  # noqa: S506 - a loader of texts only
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise _broken("bulletin.yaml", file, _yaml_line(error, source), detail=_yaml_detail(error)) from error
    if not isinstance(data, dict) or not isinstance(node, yaml.MappingNode):
        raise _broken("bulletin.yaml", file, 2, detail="tên: giá trị")
    where: dict[str, int] = {}
    twice = []
    for key, _ in node.value:
        name, line = str(key.value), key.start_mark.line + 1
        if name in where:
            twice.append((name, line))
        where.setdefault(name, line)
    return data, where, twice, "\n".join(lines[end + 1 :])


def _yaml_line(error: Exception, source: str) -> int:
    mark = getattr(error, "problem_mark", None)
    if mark is not None:
        return int(mark.line) + 1
    position = getattr(error, "position", None)
    return source[:position].count("\n") + 1 if isinstance(position, int) else 1


def _yaml_detail(error: Exception) -> str:
    detail = getattr(error, "problem", None) or getattr(error, "reason", None) or type(error).__name__
    return shown(detail, 100)


def _broken(code: str, file: str, line: int, **facts: Any) -> BulletinError:
    finding = Finding(code, Severity.ERROR, Place(file, line), facts)
    return BulletinError("bulletin.invalid", [finding], file=file)


# Bounded on both sides: a paragraph of nothing but stars must not take seconds.
_EMPHASIS = re.compile(r"(?:\*\*([^*\n]{1,300})\*\*|__([^_\n]{1,300})__|`([^`\n]{1,300})`)")
_LINK = re.compile(r"\[([^\[\]\n]{1,300})\]\(([^()\s]{1,300})\)")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


def plain_text(body: str) -> str:
    """The body in NFC, its Markdown dress taken off: emphasis, links, heading signs, quotes; lists keep their dash.

    A line break inside a paragraph becomes a blank, so that no two words are glued together.
    """
    body = _CONTROL.sub(" ", unicodedata.normalize("NFC", body)).replace("\ufeff", "").replace("\u00ad", "")
    paragraphs = []
    for block in re.split(r"\n[ \t]*\n", body.replace("\r\n", "\n").replace("\r", "\n")):
        lines: list[str] = []
        for raw in block.split("\n"):
            line = re.sub(r"^\s{0,3}(?:#{1,6}\s+|>\s?)", "", raw).strip()
            line = _LINK.sub(r"\1", _EMPHASIS.sub(r"\1\2\3", line))
            if not line:
                continue
            starts_item = re.match(r"(?:[-*+•–]|\d{1,2}[.)]|[a-zđ]\))\s+", line)
            if lines and not starts_item and not raw.lstrip().startswith("#"):
                lines[-1] = f"{lines[-1]} {line}"
            else:
                lines.append(re.sub(r"^[*+•–]\s+", "- ", line))
        if lines:
            paragraphs.append("\n".join(lines))
    return "\n\n".join(paragraphs)


def _voices(fields: Fields) -> dict[str, str]:
    fields.seen.add("voices")
    given = fields.data.get("voices")
    if given in (None, ""):
        return {}
    table = row(given)
    if table is None:
        fields.problem("field.table", "voices", given=shown(given), allowed=["hoi", "dap"])
        return {}
    inner = Fields(table, fields.file, "voices.", lambda _: fields.line_of("voices"), fields.findings)
    chosen = {role: voice for role in ("hoi", "dap") if (voice := inner.choice(role, _VOICES))}
    inner.unknown()
    return chosen


def _words(fields: Fields) -> dict[str, str]:
    """The bulletin's own words: what is written, and how this text says it."""
    fields.seen.add("tu_dien")
    given = fields.data.get("tu_dien")
    if given in (None, ""):
        return {}
    table = row(given)
    if table is None:
        fields.problem("field.words", "tu_dien", given=shown(given))
        return {}
    inner = Fields(table, fields.file, "tu_dien.", lambda _: fields.line_of("tu_dien"), fields.findings)
    words: dict[str, str] = {}
    for name in table:
        written = " ".join(str(name).split())
        spoken = inner.text(name, required=True)
        if not written or not written.isprintable():
            inner.problem("field.text", str(name), given=shown(name))
        elif spoken and not sayable(spoken):
            inner.problem("reading.lexicon_spoken", str(name), row=f"{shown(written)}: {shown(spoken)}")
        elif spoken:
            words[written] = spoken
    return words


def words_of(text: str, file: str = "") -> tuple[dict[str, str], tuple[Finding, ...]]:
    """The bulletin's own words from a file that need not be whole otherwise, and what is wrong with them."""
    try:
        data, where, _, _ = _front_matter(unicodedata.normalize("NFC", text.removeprefix("\ufeff")), file)
    except BulletinError as error:
        return {}, error.findings
    fields = Fields(data, file, line_of=lambda name: where.get(name, 1))
    return _words(fields), tuple(fields.findings)


def parse_bulletin(
    text: str, *, code: str, author: str, zones: Mapping[str, object], taxonomy: Taxonomy, file: str = ""
) -> tuple[Bulletin, tuple[Finding, ...]]:
    """A bulletin from the text of its file, with warnings.

    Args:
        text: the file's text, any Unicode form.
        code: the bulletin's name across versions, usually the file's stem.
        author: code of the person who hands it in.
        zones: the station's zones by code.
        taxonomy: the topics that are allowed.
        file: name for messages.

    Raises:
        BulletinError: `bulletin.invalid` with every finding when any field is wrong.
    """
    data, where, twice, raw_body = _front_matter(unicodedata.normalize("NFC", text.removeprefix("\ufeff")), file)
    fields = Fields(data, file, line_of=lambda name: where.get(name, 1))
    for name, line in twice:
        fields.findings.append(Finding("field.duplicate", Severity.ERROR, Place(file, line, name), {"given": name}))
    title = fields.text("title", required=True)
    kind = Kind(fields.choice("kind", [k.value for k in Kind], Kind.TIN.value, required=True))
    topic = fields.choice("topic", taxonomy.topics, required=True)
    secondary = fields.choices("topic_phu", taxonomy.topics)
    if len(secondary) > 3:
        fields.problem("bulletin.secondary_topics", "topic_phu", given=len(secondary))
    units = fields.texts("author_unit")
    if not units:
        fields.problem("field.required", "author_unit")
    start = fields.day("valid_from", required=True)
    end = fields.day("valid_to", required=True)
    if start and end and end < start:
        fields.problem("bulletin.window", "valid_to", start=start.isoformat(), end=end.isoformat())
    priority = Priority(fields.choice("priority", [p.value for p in Priority], Priority.THONG_THUONG.value))
    shipped = taxonomy.topics.get(topic)
    bulletin = Bulletin(
        code=fold(code),
        title=title,
        body=plain_text(raw_body),
        kind=kind,
        topic=topic,
        lead_unit=units[0] if units else "",
        valid_from=start or date.min,
        valid_to=end or date.max,
        author=author,
        secondary_topics=secondary,
        co_units=units[1:],
        papi=fields.wholes("papi", 1, 8) or (shipped.papi if shipped else ()),
        htttn_field=fields.whole("linh_vuc_htttn", shipped.htttn_field if shipped else 1, 1, 6),
        procedures=fields.texts("procedure"),
        documents=fields.texts("documents"),
        audience=fields.text("audience"),
        zones=fields.choices("zone", zones) or ("toan_xa",),
        priority=priority,
        min_consecutive_days=fields.whole("min_consecutive_days", 0, 0, 30),
        repeats=fields.whole("repeats", 0, 0, 60),
        read_twice=fields.flag("read_twice", default=kind is Kind.THONG_BAO),
        voices=_voices(fields),
        lexicon=_words(fields),
        document_date=fields.day("document_date"),
        event=Event(fields.choice("event", [e.value for e in Event if e is not Event.NONE])),
        event_date=fields.day("event_date"),
        entertainment=fields.flag("entertainment"),
    )
    if (bulletin.event is Event.NONE) != (bulletin.event_date is None):
        fields.problem("bulletin.event", "event_date" if bulletin.event_date is None else "event")
    fields.unknown()
    if not bulletin.code:
        fields.problem("bulletin.code", "", given=code)
    if not bulletin.body:
        fields.problem("bulletin.empty", "body")
    if shipped and shipped.min_days > bulletin.min_consecutive_days:
        fields.problem(
            "bulletin.min_days", "min_consecutive_days", Severity.WARNING, topic=shipped.name, days=shipped.min_days
        )
    if any(finding.severity is Severity.ERROR for finding in fields.findings):
        raise BulletinError("bulletin.invalid", fields.findings, file=file)
    return bulletin, tuple(fields.findings)
