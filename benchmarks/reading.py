"""How fast the reading engine is, beside a peer in the same run.

    python benchmarks/reading.py [FILE ...] [--json]

Without files, the golden lines of the tests are read. The peer is num2words (`pip install num2words`): it only turns
numbers into words, so its share of the work is the integers of the same sentences, found by a regular expression;
it reads no date, code, unit or acronym. Where it is not installed the result says so.
"""

import argparse
import json
import re
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ROUNDS = 5
_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_INTEGER = re.compile(r"\d+")


def sentences_of(paths: Sequence[Path]) -> list[str]:
    """The sentences of bulletins, and the written side of golden lines."""
    found: list[str] = []
    for path in paths:
        text = path.read_text(encoding="utf-8")
        if path.parent.name == "goldens":
            found += [line.rsplit("~", 1)[0].strip() for line in text.splitlines() if "~" in line]
            continue
        body = text.split("---\n", 2)[2] if text.startswith("---\n") else text
        found += [part.strip() for line in body.splitlines() for part in _SENTENCE.split(line) if part.strip()]
    return found


def rate(job: Callable[[str], object], sentences: Sequence[str]) -> float:
    """Sentences a second of process time, the median of several rounds after one to warm up."""
    rates = []
    for number in range(ROUNDS + 1):
        start = time.process_time()
        for sentence in sentences:
            job(sentence)
        if number:
            rates.append(len(sentences) / max(time.process_time() - start, 1e-9))
    return statistics.median(rates)


def peer() -> Callable[[str], str] | None:
    """The integers of a sentence said by num2words; None where it is not installed."""
    try:
        num2words = import_module("num2words").num2words
    except ImportError:
        return None
    return lambda sentence: _INTEGER.sub(lambda number: num2words(int(number[0]), lang="vi"), sentence)


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    paths = arguments.files or sorted((ROOT / "tests" / "reading" / "goldens").glob("*.txt"))
    sentences = sentences_of(paths)

    start = time.process_time()
    reading = import_module("broadcaster.domain.reading")
    import_ms = (time.process_time() - start) * 1000
    start = time.process_time()
    reading.read_line("Ngày 08/01/2024, UBND xã có 2 thôn.")
    first_ms = (time.process_time() - start) * 1000

    other = peer()
    result = {
        "sentences": len(sentences),
        "characters": sum(map(len, sentences)),
        "python": sys.version.split()[0],
        "import_ms": round(import_ms, 1),
        "first_line_ms": round(first_ms, 1),
        "read_line_per_s": round(rate(reading.read_line, sentences)),
        "read_per_s": round(rate(reading.read, sentences)),
        "num2words_integers_only_per_s": round(rate(other, sentences)) if other else None,
        "note": "" if other else "num2words is not installed: no peer in this run",
    }
    if arguments.json:
        print(json.dumps(result, ensure_ascii=False))
        return
    for name, value in result.items():
        print(f"{name:32} {value}")


if __name__ == "__main__":
    main()
