"""Documents that a text names by their numbers, as one would cite them."""

import re

from broadcaster.domain.reading.model import Reading

NUMBER = "code.number"
"""The rule of the reading that knows a document's number."""
_KIND = re.compile(
    r"(?:luật|bộ luật|pháp lệnh|nghị định|nghị quyết|quyết định|thông tư(?: liên tịch)?|chỉ thị|kế hoạch|hướng dẫn"
    r"|công văn|thông báo|quy chế|quy định|tờ trình|báo cáo|công điện)(?:\s+số)?\s*$",
    re.IGNORECASE,
)
_LONGEST_KIND = 40


def documents_in(reading: Reading) -> tuple[str, ...]:
    """The documents, each once, with its kind where that stands before the number: `Nghị định 63/2024/NĐ-CP`."""
    found: dict[str, str] = {}
    for span in reading.spans:
        if span.rule == NUMBER:
            kind = _KIND.search(reading.source[max(0, span.start - _LONGEST_KIND) : span.start])
            words = re.sub(r"\s+số\b", "", kind[0], flags=re.IGNORECASE).split() if kind else []
            named = " ".join([*words, span.source])
            found.setdefault(span.source, named[:1].upper() + named[1:])
    return tuple(found.values())
