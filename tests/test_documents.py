"""Documents and wording keep their word: commands exist, links lead somewhere, every code has its sentence."""

import ast
import re
import shlex
import string
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import click
import pytest

from broadcaster import wording_en, wording_vi
from broadcaster.cli import root as command_line
from broadcaster.cli.console import finding_message
from broadcaster.domain.approval import Action, Status
from broadcaster.domain.asrun import Cause, Outcome
from broadcaster.domain.bulletin import Kind
from broadcaster.domain.enrolment import DeedKind, JoinRefusal
from broadcaster.domain.envelope import Refusal
from broadcaster.domain.node_state import NodeState
from broadcaster.domain.procedure import Checked
from broadcaster.domain.reading import parse_lexicon_tsv, proofread, read
from broadcaster.domain.reports import REPORTS
from broadcaster.domain.trail import Kind as TrailKind
from broadcaster.domain.trail import What
from broadcaster.domain.webhook import EventKind, Why
from broadcaster.errors import Severity

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "broadcaster"
PAGES = sorted(
    [
        *ROOT.glob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / name / "README.md" for name in ("scripts_vi", "schedules", "audio_out")),
    ]
)
TABLES = {"vi": wording_vi.MESSAGES, "en": wording_en.MESSAGES}
FILE_ENDINGS = {"toml", "py", "md", "html", "json", "csv", "tsv", "yaml", "wav", "db", "txt", "m3u8", "xspf", "ics"}
FILE_ENDINGS |= {"jsonl"}


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


# Wording


def test_the_english_table_has_the_codes_of_the_vietnamese_one() -> None:
    assert list(wording_en.MESSAGES) == list(wording_vi.MESSAGES)


@pytest.mark.parametrize("code", sorted(wording_vi.MESSAGES))
def test_both_languages_use_the_same_facts(code: str) -> None:
    assert placeholders(wording_en.MESSAGES[code]) == placeholders(wording_vi.MESSAGES[code])


@pytest.mark.parametrize("what", ["doctor", "mend"])
def test_the_doctor_has_words_for_every_engine_of_ours(what: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    engines = project["entry-points"]["broadcaster.speech_engines"]
    assert engines
    assert {f"{what}.engine_{name}" for name in engines} <= set(wording_vi.MESSAGES)


EVENTS = {kind.value for kind in EventKind}
"""Names for programs; people read `event.…`."""
PREFIXES = {code.partition(".")[0] for code in wording_vi.MESSAGES}
CODE = re.compile(rf"(?:{'|'.join(sorted(PREFIXES))})\.[a-z][a-z0-9_]*")


def sources() -> Iterator[tuple[Path, ast.Module]]:
    """Every module but the tables of wording and those of the database, which have columns of another kind."""
    for path in sorted(PACKAGE.rglob("*.py")):
        if (
            not path.name.startswith("wording")
            and not path.name.endswith("tables.py")
            and "migrations" not in path.parts
        ):
            yield path, ast.parse(path.read_text(encoding="utf-8"))


def looks_like_a_code(text: str) -> bool:
    """Not a file's name nor an event's, and not the beginning that several codes share."""
    if text in EVENTS or not CODE.fullmatch(text) or text.partition(".")[2] in FILE_ENDINGS:
        return False
    return text in wording_vi.MESSAGES or not any(code.startswith(text) for code in wording_vi.MESSAGES)


def codes_in_the_source() -> set[str]:
    return {
        node.value
        for _, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and looks_like_a_code(node.value)
    }


def codes_of_tables_in_the_source() -> set[str]:
    """What `Column("x")`, `Table("x", …)` and `console.rows("x", ["y", …], …)` will look up."""
    found: set[str] = set()
    for _, tree in sources():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            first = node.args[0]
            if not isinstance(first, ast.Constant) or not isinstance(first.value, str):
                continue
            if name == "Column":
                found.add(f"column.{first.value}")
            elif name in {"Table", "rows"}:
                found.add(f"table.{first.value}")
                columns = node.args[1] if name == "rows" and len(node.args) > 1 else ast.List([])
                items = columns.elts if isinstance(columns, ast.List) else []
                texts = [item.value for item in items if isinstance(item, ast.Constant)]
                found |= {f"column.{text}" for text in texts if isinstance(text, str)}
    return found


def codes_made_at_run_time() -> set[str]:
    """The families that are put together from an enumeration or a registry."""
    return {
        *(f"severity.{member.value}" for member in Severity),
        *(f"status.{member.value}" for member in Status),
        *(f"action.{member.value}" for member in Action),
        *(f"done.{member.value}" for member in Action),
        *(f"kind.{member.value}" for member in Kind),
        *(f"outcome.{member.value}" for member in Outcome),
        *(f"cause.{member.value or 'none'}" for member in Cause),
        *(f"report.{name}" for name in REPORTS),
        *(f"refused.{member.value}" for member in Refusal),
        *(f"join.{member.value}" for member in JoinRefusal),
        *(f"node_state.{member.value}" for member in NodeState),
        *(f"checked.{member.value}" for member in Checked),
        *(f"diary.{member.value}" for member in What),
        *(f"trail_kind.{member.value}" for member in TrailKind),
        *(f"deed.{member.value}" for member in DeedKind),
        *(member.code for member in EventKind),
        *(f"webhook.why_{member.value}" for member in Why),
        *(f"column.day_{number}" for number in range(7)),
    }


def codes_of_the_proofreader() -> set[str]:
    """What `_finding("x", …)` in `proof.py` makes: `reading.x`."""
    tree = ast.parse((PACKAGE / "domain" / "reading" / "proof.py").read_text(encoding="utf-8"))
    calls = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and getattr(n.func, "id", "") == "_finding"]
    first = [call.args[0] for call in calls]
    return {f"reading.{code.value}" for code in first if isinstance(code, ast.Constant) and isinstance(code.value, str)}


def checks_in_the_source() -> set[str]:
    """Every `Check("x", …)` of the doctor needs a name, and a way to mend it."""
    found: set[str] = set()
    for _, tree in sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Check" and node.args:
                first = node.args[0]
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    found |= {f"doctor.{first.value}", f"mend.{first.value}"}
    return found


@pytest.mark.parametrize(
    "code",
    sorted(
        codes_in_the_source()
        | codes_of_tables_in_the_source()
        | codes_made_at_run_time()
        | codes_of_the_proofreader()
        | checks_in_the_source()
    ),
)
def test_every_code_has_a_sentence(code: str) -> None:
    assert code in wording_vi.MESSAGES


def said_with_facts() -> Iterator[tuple[str, str, set[str]]]:
    """Places that name a code together with all its facts: errors, findings, console lines."""
    for path, tree in sources():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            first = node.args[0]
            if not isinstance(first, ast.Constant) or first.value not in wording_vi.MESSAGES:
                continue
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            where = f"{path.relative_to(ROOT)}:{node.lineno}"
            if name == "Finding":
                facts = node.args[3] if len(node.args) > 3 else None
                facts = next((k.value for k in node.keywords if k.arg == "facts"), facts)
                if isinstance(facts, ast.Dict) and None not in facts.keys:
                    keys = {
                        key.value for key in facts.keys if isinstance(key, ast.Constant) and isinstance(key.value, str)
                    }
                    yield where, str(first.value), keys
                elif facts is None:
                    yield where, str(first.value), set()
            elif name.endswith("Error") or name in {"say", "print", "problem"}:
                named = {keyword.arg for keyword in node.keywords}
                if None not in named:  # with **facts, nobody can tell from here
                    yield where, str(first.value), {str(fact) for fact in named}


@pytest.mark.parametrize(("where", "code", "facts"), sorted(said_with_facts(), key=str))
def test_a_sentence_asks_for_no_fact_that_is_not_given(where: str, code: str, facts: set[str]) -> None:
    assert placeholders(wording_vi.MESSAGES[code]) <= facts, where


AWKWARD = (
    "Gửi 001099012345 đến @ phòng XQZ, số 12/QWX-ABC, ngày 3/4, 1,234 hồ sơ, mục XIV, HÔM NAY, số 12345678901234567890 "
    "☃ và 7.89.12, tỷ lệ 3/8, điểm IIII, lúc 25h77, giá 1.2.3, tư vấn Müller; nộp trục tuyến, phố biến, hòan toàn, "
    "xtrường, ẩn\u200b, cháu Nguyễn Thị Na 9 tuổi bị HIV, ông Trần Văn Bê nhũng nhiễu."
)


@pytest.mark.parametrize("language", sorted(TABLES))
def test_findings_of_the_reading_are_whole_sentences(language: str) -> None:
    texts = [path.read_text(encoding="utf-8").split("---", 2)[2] for path in (ROOT / "scripts_vi").glob("*.txt")]
    for text in [*texts, AWKWARD]:
        for finding in [*read(text).findings, *proofread(text)]:
            sentence = finding_message(finding, language)
            assert "{" not in sentence, sentence
            assert finding.code in TABLES[language], finding.code


def test_a_bad_line_of_the_lexicon_is_a_whole_sentence() -> None:
    _, findings = parse_lexicon_tsv("LVT\n\tnói\nA\t1\nB\tbê\nB\tbê\nC\tcê\tnhanh\n", "tu_dien.tsv")
    assert findings
    for finding in findings:
        assert "{" not in finding_message(finding, "vi")


# Commands


def leaves(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            assert found is not None
            yield from leaves(found, (*path, name))
    else:
        yield " ".join(path), command


def options_of(command: click.Command) -> set[str]:
    return {"-h", "--help"} | {
        name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)
    }


def commands_in(text: str) -> Iterator[str]:
    """Everything that follows the word `broadcaster` where a page shows a command."""
    fenced = re.findall(r"^(?:```|~~~).*?$\n(.*?)^(?:```|~~~)", text, re.DOTALL | re.MULTILINE)
    rest = re.sub(r"^(?:```|~~~).*?^(?:```|~~~)", "", text, flags=re.DOTALL | re.MULTILINE)
    inline = re.findall(r"`([^`\n]+)`", rest)
    lines = [line for block in fenced for line in block.replace("\\\n", " ").splitlines()]
    for line in [*lines, *inline]:
        found = re.match(r"(?:[$>]\s+|[A-Z_]+=\S+\s+)*(?:\.venv/bin/)?broadcaster(?:\s+(.*))?$", line.strip())
        if found and "(" not in line:
            yield found[1] or ""


def words_of(line: str) -> list[str]:
    line = re.split(r"\s(?:\||>|<|2>|&&|#)|\s·\s", line, maxsplit=1)[0]
    return shlex.split(line.replace("…", " "))


ROOT_VALUES = {"-w", "--workspace", "--as", "--lang"}


def check(words: list[str]) -> None:
    """Resolve a command line as far as it names commands and options.

    Raises:
        AssertionError: at the first word that is no command or option.
    """
    command: click.Command = command_line
    group_open = True
    rest = iter(words)
    for word in rest:
        if word.startswith("-") and not word.lstrip("-").isdigit() and word != "-":
            name = word.split("=", 1)[0]
            known = options_of(command) | ({"--lang"} if not group_open else set())
            assert name in known, f"{' '.join(words)}: no option {name}"
            if command is command_line and name in ROOT_VALUES and "=" not in word:
                next(rest, None)
        elif group_open and isinstance(command, click.Group):
            found = command.get_command(click.Context(command), word)
            assert found is not None, f"{' '.join(words)}: no command {word}"
            command = found
            group_open = isinstance(command, click.Group)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_in_documents_exist(page: Path) -> None:
    for line in commands_in(page.read_text(encoding="utf-8")):
        check(words_of(line))


@pytest.mark.parametrize("language", sorted(TABLES))
def test_commands_in_messages_exist(language: str) -> None:
    for code, sentence in TABLES[language].items():
        for words in re.findall(r"broadcaster((?: (?:-w|--as) \S+| --demo)* [a-z]+(?: [a-z]+)?)", sentence):
            names = re.sub(r" (?:(?:-w|--as) \S+|--demo)", "", words).split()
            command = command_line.get_command(click.Context(command_line), names[0])
            if command is None:
                assert " -" not in words, f"{code}: {words}"  # else a sentence about the program, not a command
            elif isinstance(command, click.Group):
                assert command.get_command(click.Context(command), " ".join(names[1:])), f"{code}: {words}"


@pytest.mark.parametrize(("name", "command"), list(leaves(command_line)), ids=str)
def test_the_reference_names_every_command_and_option(name: str, command: click.Command) -> None:
    page = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    section = re.search(rf"^#+ `broadcaster {re.escape(name)}`.*?(?=^#+ |\Z)", page, re.DOTALL | re.MULTILINE)
    assert section, f"docs/cli.md has no section on {name}"
    for parameter in command.params:
        if isinstance(parameter, click.Option) and not parameter.hidden:
            assert any(f"`{option}" in section[0] for option in parameter.opts), f"{name}: {parameter.opts}"


# Pages

LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_inside_the_repository_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        if re.match(r"[a-z]+:", target) or target.startswith("#"):
            continue
        assert (page.parent / target.partition("#")[0]).exists(), f"{page.name}: {target}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_pages_show_no_folder_of_the_machine_they_were_written_on(page: Path) -> None:
    assert not re.search(r"(?<![\w.])/(?:work|tmp|root|home)/", page.read_text(encoding="utf-8"))


def test_every_decision_is_in_the_index() -> None:
    folder = ROOT / "docs" / "adr"
    index = (folder / "README.md").read_text(encoding="utf-8")
    for page in folder.glob("[0-9]*.md"):
        assert page.name in index


def test_every_dependency_has_its_line() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    page = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8").lower()
    extras = [requirement for extra in project["optional-dependencies"].values() for requirement in extra]
    for requirement in [*project["dependencies"], *extras]:
        name = re.split(r"[<>=;\s\[]", requirement, maxsplit=1)[0].lower()
        assert f"| {name} |" in page, name


@pytest.mark.skipif(find_spec("mkdocs") is None, reason="needs the extra docs")
def test_the_documents_build_without_a_warning(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(tmp_path / "site")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    pages = "".join(page.read_text(encoding="utf-8") for page in (tmp_path / "site").rglob("index.html"))
    fetched = re.findall(r"<(?:link|script|img)[^>]+(?:href|src)=[\"']?(https?://[^\"'> ]+)", pages)
    assert not fetched, "a page must open without the internet"
