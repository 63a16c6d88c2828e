"""The development cases beside the repository, scored as their own scorer scores them."""

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import pytest

from broadcaster.domain.reading import read_line

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "reading"


def scorer() -> ModuleType:
    spec = importlib.util.spec_from_file_location("reading_score", FOLDER / "score.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    written = sys.dont_write_bytecode
    sys.dont_write_bytecode = True
    try:
        spec.loader.exec_module(module)
    finally:
        sys.dont_write_bytecode = written
    return module


@pytest.mark.skipif(not (FOLDER / "gold_dev.jsonl").is_file(), reason="no development cases in ../shared/reading")
def test_development_set() -> None:
    cases = [json.loads(line) for line in (FOLDER / "gold_dev.jsonl").read_text(encoding="utf-8").splitlines() if line]
    result, failed = scorer().score(cases, [read_line(case["written"]) for case in cases])
    assert result["acc"] >= 0.97, [(case["written"], said) for case, said in failed]
    assert all(right / total >= 0.92 for right, total in result["cats"].values()), result["cats"]
    assert result["code_strict"][0] == result["code_strict"][1]
