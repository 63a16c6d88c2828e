"""The command line: one file a noun, each loaded when it is called, so that help is there at once.

Exit codes: 0 done; 1 it could not be done (a device, an engine, the database); 2 the input or the command is wrong;
3 done, and something needs a person (differences, findings); 130 stopped by Ctrl-C.
"""

import json
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from broadcaster.errors import BroadcasterError

DONE, FAILED, WRONG_INPUT, NEEDS_A_PERSON, STOPPED = 0, 1, 2, 3, 130

# name: (where, Vietnamese help, English help)
_COMMANDS: dict[str, tuple[str, str, str]] = {
    "init": ("init:init", "Tạo không gian làm việc cho một đài", "Create a station's workspace"),
    "demo": ("demo:demo", "Chạy thử cả tuần với dữ liệu mẫu", "Run a whole week on the sample data"),
    "doctor": ("doctor:doctor", "Kiểm tra máy: giọng đọc, âm thanh, ổ đĩa, đồng hồ", "Check this machine"),
    "bulletin": (
        "bulletin:bulletin",
        "Bản tin: nhập, xem, sửa, trình, duyệt",
        "Bulletins: import, show, edit, approve",
    ),
    "read": ("read:read", "Lời đọc của một văn bản", "What the announcer says for a text"),
    "lexicon": ("lexicon:lexicon", "Từ điển đọc của xã", "The commune's lexicon"),
    "speak": ("speak:speak", "Đọc thành tiếng một văn bản", "Speak a text"),
    "voice": ("voice:voice", "Giọng đọc: danh sách, so sánh", "Voices: list, compare"),
    "master": ("master:master", "Làm bản phát đúng chuẩn độ to", "Make loudness-normalized masters"),
    "hear": ("hear:hear", "Máy nghe thử: chỗ nào nghe không rõ", "Let a recogniser listen: what is unclear"),
    "plan": ("plan:plan", "Lịch phát sóng tuần", "The weekly plan"),
    "playlist": ("playlist:playlist", "Xuất danh sách phát", "Export playlists"),
    "run": (
        "run:run",
        "Chạy đài: trang điều hành, cửa cho bộ phát, bộ phát của máy này",
        "Run the station: console, door for nodes, this machine's player",
    ),
    "play": ("play:play", "Phát theo lịch trên một cụm loa, không có trang điều hành", "Play one cluster's schedule"),
    "airtime": ("airtime:airtime", "Thời lượng phát thực tế, đối soát", "Measured airtime, reconciliation"),
    "report": ("report:report", "Báo cáo", "Reports"),
    "network": ("network:network", "Mạng bộ phát ở các thôn", "The nodes in the villages"),
    "emergency": ("emergency:emergency", "Phát khẩn cấp", "Emergency broadcast"),
    "live": ("live:live", "Phát trực tiếp từ micro hoặc một luồng", "Live from a microphone or a stream"),
    "webhook": ("webhook:webhook", "Báo tin cho chương trình khác", "Messages to other programs (webhooks)"),
    "node": ("node:node", "Bộ phát đặt cạnh tăng âm", "The player beside an amplifier"),
    "station": ("station:station", "Đài, thôn, cụm loa, buổi phát", "Station, clusters, sessions"),
}


def wanted_language(arguments: Sequence[str]) -> str:
    """The language asked for, read before click does, since help itself is in it."""
    import os

    for number, word in enumerate(arguments):
        if word == "--lang" and number + 1 < len(arguments):
            return arguments[number + 1]
        if word.startswith("--lang="):
            return word.partition("=")[2]
    return os.environ.get("BROADCASTER_LANG", "vi")


class LazyGroup(click.Group):
    """A group that knows its commands' names and help, and imports a command only to run it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands, in the order of the work."""
        del ctx
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command."""
        del ctx
        entry = _COMMANDS.get(cmd_name)
        if entry is None:
            return None
        module, _, name = entry[0].partition(":")
        command: click.Command = getattr(import_module(f"broadcaster.cli.{module}"), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands in help, without importing any."""
        english = (ctx.params.get("lang") or wanted_language(sys.argv[1:])) == "en"
        rows = [(name, entry[2] if english else entry[1]) for name, entry in _COMMANDS.items()]
        with formatter.section("Commands" if english else "Lệnh"):
            formatter.write_dl(rows)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.option("-w", "--workspace", metavar="DIR", help="Thư mục làm việc / workspace folder (BROADCASTER_WORKSPACE).")
@click.option("--as", "user", metavar="CODE", help="Mã người thao tác / who acts (BROADCASTER_USER).")
@click.option("--demo", is_flag=True, help="Làm việc trên dữ liệu chạy thử / work on the demo's data.")
@click.option("--lang", type=click.Choice(["vi", "en"]), help="Ngôn ngữ / language (BROADCASTER_LANG).")
@click.version_option(package_name="broadcaster", prog_name="broadcaster")
@click.pass_context
def root(ctx: click.Context, workspace: str | None, user: str | None, lang: str | None, *, demo: bool) -> None:
    """Đài truyền thanh xã: từ văn bản đến giọng đọc, lịch phát, nhật ký và kiểm toán thời lượng.

    Commune radio: from text to speech, weekly plan, playout, ledger and airtime audit.
    """
    ctx.obj = {"workspace": workspace, "user": user, "lang": lang, "demo": demo}


def run(arguments: Sequence[str]) -> int:
    """Run a command line; the exit code."""
    from broadcaster.errors import BroadcasterError, ConfigError

    try:
        result: Any = root.main(args=list(arguments), prog_name="broadcaster", standalone_mode=False)
    except click.exceptions.Abort:
        return STOPPED
    except KeyboardInterrupt:
        return STOPPED
    except click.exceptions.Exit as exit_:
        return exit_.exit_code
    except click.ClickException as error:
        from broadcaster.cli.console import usage_message

        click.echo(usage_message(error, wanted_language(arguments)), err=True)
        return WRONG_INPUT
    except UnicodeDecodeError:
        return _failed(ConfigError("file.not_utf8", file="-"), arguments)
    except OSError as error:
        # The last resort: what no command foresaw is still one message, and no traceback.
        return _failed(
            ConfigError("file.system", file=str(error.filename or "–"), detail=error.strerror or str(error)), arguments
        )
    except BroadcasterError as error:
        return _failed(error, arguments)
    return result if isinstance(result, int) else DONE


def _failed(error: "BroadcasterError", arguments: Sequence[str]) -> int:
    """Say what went wrong, as JSON where that was asked for; the exit code."""
    from broadcaster.cli.console import as_json, error_message, exit_code_of

    if "--json" in arguments:
        click.echo(json.dumps(as_json(error), ensure_ascii=False), err=True)
    else:
        click.echo(error_message(error, wanted_language(arguments)), err=True)
    return exit_code_of(error)
