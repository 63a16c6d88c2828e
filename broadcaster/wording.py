"""Codes to sentences, in the language of the one who reads. Commands, pages and reports all come here."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any


class _Facts(dict[str, Any]):
    """Facts for a sentence; one that is missing shows its name instead of breaking the message."""

    def __missing__(self, key: str) -> str:
        return f"{{{key}}}"


def messages(language: str) -> Mapping[str, str]:
    """The table of a language: vi or en."""
    table: Mapping[str, str] = import_module(f"broadcaster.wording_{language}").MESSAGES
    return table


def say(code: str, language: str = "vi", **facts: Any) -> str:
    """The sentence of a code. A code without one is shown with its facts, so that nothing is swallowed."""
    template = messages(language).get(code)
    if template is None:
        listed = ", ".join(f"{key}: {value}" for key, value in facts.items())
        return f"{code} ({listed})" if listed else code
    shown = {
        key: ", ".join(str(item) for item in value) if isinstance(value, (list, tuple)) else value
        for key, value in facts.items()
    }
    if "cause" in shown:  # a cause of the ledger is a code itself
        shown["cause"] = messages(language).get(f"cause.{shown['cause']}", shown["cause"])
    sentence = template.format_map(_Facts(shown))
    if shown.get("suggestion"):
        sentence += messages(language)["suggestion"].format_map(_Facts(shown))
    return sentence
