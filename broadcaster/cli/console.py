"""What every command shares: its options, its tables, its way of saying what went wrong."""

import difflib
import functools
import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

import click

from broadcaster.cli import FAILED, WRONG_INPUT
from broadcaster.cli.pace import Pace
from broadcaster.errors import (
    BroadcasterError,
    BulletinError,
    ConfigError,
    Finding,
    PlanError,
    Severity,
)
from broadcaster.units import plain
from broadcaster.wording import say

if TYPE_CHECKING:
    from broadcaster.bootstrap import App
    from broadcaster.config import Settings
    from broadcaster.domain.reports.table import Table
    from broadcaster.ports import Documents, PageTable
    from broadcaster.services.speaking import Fallback
    from broadcaster.showing import Names

Command = TypeVar("Command", bound=Callable[..., Any])


def common(function: Command) -> Command:
    """Give a command `--json` and `--lang`, and its `Console` as first argument."""

    @functools.wraps(function)
    def wrapped(*args: Any, as_json_: bool, lang_: str | None, **kwargs: Any) -> Any:
        settings = dict(click.get_current_context().find_root().obj or {})
        if lang_:
            settings["lang"] = lang_
        with Console(settings, json_=as_json_) as console:
            return function(console, *args, **kwargs)

    option = click.option("--json", "as_json_", is_flag=True, help="In JSON ra đầu ra chuẩn / print JSON.")
    language = click.option("--lang", "lang_", type=click.Choice(["vi", "en"]), hidden=True)
    return cast("Command", option(language(wrapped)))


class Console:
    """A command's way to the workspace and to the person in front of it."""

    def __init__(self, options: dict[str, Any], *, json_: bool) -> None:
        self._options = options
        self.json = json_
        self._apps: list[App] = []

    @functools.cached_property
    def language(self) -> str:
        """The language of the person: vi or en."""
        return self.settings().language

    def settings(self, *, demo: bool | None = None) -> "Settings":
        """The settings of this command line."""
        from broadcaster.config import settings_from

        options = self._options
        return settings_from(
            options.get("workspace"),
            options.get("user"),
            options.get("lang"),
            demo=bool(options.get("demo")) if demo is None else demo,
        )

    def app(self, engine: str = "", *, demo: bool | None = None) -> "App":
        """The workspace, ready to work; closed when the command ends."""
        from broadcaster.bootstrap import App

        app = App(self.settings(demo=demo), engine=engine)
        self._apps.append(app)
        return app

    def skipped(self, app: "App") -> None:
        """Name the speech engines that could not be had or gave up: a change of voice must not go unnoticed."""
        if not self.json:
            for error in app.skipped_engines:
                click.echo("  " + error_message(error, self.language), err=True)
        self.fallbacks(app.fallbacks)

    def fallbacks(self, fallbacks: "Sequence[Fallback]") -> None:
        """Say which texts another engine spoke than the first one, and why; once for each reason."""
        if self.json:
            return
        texts: dict[tuple[str, str, str], list[str]] = {}
        for fallback in fallbacks:
            why = error_message(fallback.error, self.language)
            texts.setdefault((fallback.engine, fallback.instead, why), []).append(fallback.text)
        for (engine, instead, why), named in texts.items():
            said = self.say("speech.fallback", engine=engine, instead=instead, bulletins=named, why=why)
            click.echo("  " + said, err=True)

    def documents(self) -> "Documents":
        """Files, without a workspace."""
        return self.app().documents

    def user(self) -> str:
        """The code of the person who acts.

        Raises:
            ConfigError: `config.user` when nobody was named: no one acts without a name.
        """
        user = self.settings().user
        if not user:
            raise ConfigError("config.user")
        return user

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of every workspace that was opened; the next one is opened anew."""
        while self._apps:
            self._apps.pop().close()

    def say(self, code: str, **facts: Any) -> str:
        """A sentence of the wording table in the person's language."""
        return say(code, self.language, **facts)

    def print(self, code: str, **facts: Any) -> None:
        """Print a sentence, unless JSON was asked for."""
        if not self.json:
            click.echo(self.say(code, **facts))

    def note(self, code: str, **facts: Any) -> None:
        """Say a sentence beside what is printed, unless JSON was asked for."""
        if not self.json:
            click.echo("  " + self.say(code, **facts), err=True)

    def result(self, value: Any) -> None:
        """Print a command's result as JSON, if that was asked for."""
        if self.json:
            click.echo(json.dumps(plain(value), ensure_ascii=False, indent=2))

    def findings(self, findings: Iterable[Finding], limit: int = 20) -> None:
        """Print findings, the gravest first; more than `limit` are counted only."""
        if self.json:
            return
        order = list(Severity)
        listed = sorted(findings, key=lambda finding: order.index(finding.severity))
        for finding in listed[:limit]:
            click.echo("  " + finding_message(finding, self.language), err=True)
        if len(listed) > limit:
            click.echo("  " + self.say("findings.more", count=len(listed) - limit), err=True)

    def table(self, table: "Table", names: "Names | None" = None) -> None:
        """Print a report's table."""
        if self.json:
            return
        from broadcaster.showing import Names, page_table  # a command without tables is there sooner

        page = page_table(table, self.language, names or Names())
        click.echo()
        click.secho(page.title, bold=True)
        for line in grid(page):
            click.echo(line)
        if not page.body:
            click.echo("  " + self.say("table.empty"))

    def rows(self, title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Print a list that is no report: column codes and plain values."""
        if self.json:
            return
        from broadcaster.domain.reports.table import Column, Table

        cells = tuple(Column(code) for code in columns)
        self.table(Table(title, cells, tuple(tuple(row) for row in rows)))

    def progress(self, label: str) -> "Bar":
        """A progress bar; silent where nobody watches."""
        pace = Pace(self._apps[-1].clock) if self._apps else None
        return Bar(self.say(label), pace, lambda left: self.say("progress.left", left=left), hidden=self.json)


class Bar:
    """A progress bar that is told `(done, total, label)`, with the time that is left; used as a context."""

    def __init__(self, label: str, pace: "Pace | None", left: Callable[[str], str], *, hidden: bool) -> None:
        self._label, self._pace, self._left, self._hidden = label, pace, left, hidden
        self._bar: Any = None
        self._at = 0
        self._item = ""

    def __enter__(self) -> Self:
        return self

    def __call__(self, done: int, total: int, label: str) -> None:
        """So far along; the bar appears with the first call."""
        if self._hidden:
            return
        if self._bar is None:
            self._bar = click.progressbar(
                length=total,
                label=self._label,
                item_show_func=lambda _: self._item,
                width=24,
                show_eta=False,
                file=click.get_text_stream("stderr"),
            ).__enter__()
        left = self._pace.left(done, total) if self._pace else ""
        self._item = f"{label[:34]}  {self._left(left)}" if left else label[:34]
        self._bar.length = total
        self._bar.update(done - self._at, label)
        self._at = done

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._item = ""
            self._bar.render_finish()


def width(text: str) -> int:
    """Columns that a text takes on a terminal."""
    clean = unicodedata.normalize("NFC", text)
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in clean)


def grid(page: "PageTable") -> list[str]:
    """A table as lines of text, columns as wide as their widest cell."""
    widths = [max(width(row[n]) for row in [page.head, *page.body]) for n in range(len(page.head))]

    def line(cells: Sequence[str]) -> str:
        padded = []
        for n, cell in enumerate(cells):
            space = " " * (widths[n] - width(cell))
            padded.append(space + cell if page.right[n] else cell + space)
        return "  " + "  ".join(padded).rstrip()

    rule = "  " + "  ".join("─" * w for w in widths)
    lines = [line(page.head), rule, *(line(row) for row in page.body)]
    if page.total and len(page.body) > 1:
        lines.insert(-1, rule)
    return lines


def finding_message(finding: Finding, language: str) -> str:
    """A finding in one line: where, what, how to mend it."""
    place = finding.place
    where = ":".join(str(part) for part in (place.file, place.line or "") if part)
    if place.field:
        where = f"{where} ({place.field})" if where else place.field
    text = say(finding.code, language, **finding.facts)
    mark = say(f"severity.{finding.severity.value}", language)
    return f"{mark}: {where}: {text}" if where else f"{mark}: {text}"


def error_message(error: BroadcasterError, language: str) -> str:
    """An error for a person: one sentence, then its findings, one a line."""
    language = language if language in {"vi", "en"} else "vi"
    lines = [say(error.code, language, **error.facts)]
    lines += ["  " + finding_message(finding, language) for finding in error.findings]
    return "\n".join(lines)


def usage_message(error: click.ClickException, language: str) -> str:
    """A mistake in the command line itself."""
    language = "en" if language == "en" else "vi"
    context = getattr(error, "ctx", None)
    help_ = f"{context.command_path} --help" if context is not None else "broadcaster --help"
    return say("usage.wrong", language, detail=_usage_detail(error, context, language), help=help_)


def _usage_detail(error: click.ClickException, context: click.Context | None, language: str) -> str:
    """The common mistakes in the person's language, with "did you mean": what click itself says is English."""
    parameter = getattr(error, "param", None)
    name = (
        parameter.human_readable_name if isinstance(parameter, click.Argument) else getattr(parameter, "opts", [""])[0]
    )
    if isinstance(error, click.NoSuchOption):
        return say("usage.option", language, given=error.option_name, suggestion=(error.possibilities or [""])[0])
    if isinstance(error, click.MissingParameter):
        return say("usage.missing", language, given=name or error.format_message())
    if isinstance(error, click.BadParameter):
        return say("usage.value", language, given=name, detail=error.message)
    unknown = re.match(r"No such command '(.+)'", error.format_message())
    if unknown and context is not None and isinstance(context.command, click.Group):
        near = difflib.get_close_matches(unknown[1], context.command.list_commands(context), n=1)
        return say("usage.command", language, given=unknown[1], suggestion=next(iter(near), ""))
    return error.format_message()


def as_json(error: BroadcasterError) -> dict[str, Any]:
    """An error as JSON."""
    return {
        "error": error.code,
        "facts": plain(
            {
                k: v if isinstance(v, (int, float, bool, str, list, dict, date)) else str(v)
                for k, v in error.facts.items()
            }
        ),
        "findings": [plain(finding) for finding in error.findings],
    }


_INPUT_PREFIXES = (
    "file.",
    "audio.missing",
    "audio.unreadable",
    "audio.empty",
    "audio.format",
    "audio.cut_short",
    "audio.silent",
    "audio.short",
    "speech.empty",
    "speech.no_words",
    "speech.voice",
    "speech.speed",
    "hearing.silent",
    "hearing.no_words",
    "hearing.lines",
)


def exit_code_of(error: BroadcasterError) -> int:
    """2 when the person's input is wrong, 1 when the machine could not."""
    wrong_input = isinstance(error, (ConfigError, BulletinError, PlanError)) or error.code.startswith(_INPUT_PREFIXES)
    return WRONG_INPUT if wrong_input else FAILED
