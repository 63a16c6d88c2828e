"""`broadcaster voice`: the voices that are installed, and the same text by each of them."""

from typing import TYPE_CHECKING, Any

import click

from broadcaster.cli import DONE, FAILED
from broadcaster.cli.console import Console, as_json, common, error_message
from broadcaster.cli.hear import as_data, identity, wrong
from broadcaster.errors import BroadcasterError, HearingError, PluginError, SpeechError
from broadcaster.plugins import named_engine, speech_engine_points
from broadcaster.showing import decimal, share
from broadcaster.units import plain

if TYPE_CHECKING:
    from broadcaster.domain.hearing import Comparison
    from broadcaster.services.comparing import ComparedVoice

SAMPLE = "Kính mời bà con đến nhà văn hóa thôn lúc bảy giờ ba mươi phút sáng thứ bảy, họp bàn việc sửa đường."
"""What is said when the person gives no text of their own."""


@click.group()
def voice() -> None:
    """Giọng đọc: danh sách, so sánh. / Voices: list, compare."""


@voice.command("list")
@common
def list_voices(console: Console) -> None:
    """Mọi giọng của các máy đọc đã cài. / Every voice of the installed engines."""
    app = console.app()
    voices: list[dict[str, Any]] = []
    failures: list[tuple[str, BroadcasterError]] = []
    for name in speech_engine_points():
        try:
            engine = app.engine(name)
            voices += [{**plain(one), "online": engine.online} for one in engine.voices()]
        except (PluginError, SpeechError) as error:
            failures.append((name, error))
    rows = [
        (
            one["engine"],
            one["name"],
            console.say(f"region.{one['region']}") if one["region"] else "",
            console.say(f"sex.{one['sex']}") if one["sex"] else "",
            console.say("voice.online" if one["online"] else "voice.offline"),
        )
        for one in voices
    ]
    console.rows("voices", ["engine", "voice", "region", "sex", "network"], rows)
    _unheard(console, failures)
    console.result({"voices": voices, "failures": [{"engine": name, **as_json(error)} for name, error in failures]})


@voice.command("compare")
@click.argument("text", default=SAMPLE, metavar="[TEXT]")
@click.option("--engines", default="", metavar="A,B", help="Chỉ các máy đọc này / only these engines.")
@click.option("--village", is_flag=True, help="Nghe cả qua loa ở thôn / through the horn loudspeaker, too.")
@common
def compare_voices(console: Console, text: str, engines: str, *, village: bool) -> int:
    """Cùng một câu bằng mọi giọng đã cài: máy nghe sai bao nhiêu, đọc nhanh thế nào.

    The same text by every voice: how much of it a recogniser mishears, and how fast it is made.
    """
    from broadcaster.domain.reading import read

    sentences = [sentence.text for sentence in read(text).sentences]
    if not sentences:
        raise HearingError("hearing.no_words", text=text.strip()[:40])
    app = console.app()
    ear = app.ear
    compared: list[ComparedVoice] = []
    failures: list[tuple[str, BroadcasterError]] = []
    for name in _wanted(engines):
        try:
            found = list(app.comparing.voices(app.engine(name), sentences, village=village))
        except PluginError as error:
            failures.append((name, error))
            continue
        failures += [(name, one.failure) for one in found if one.failure]
        compared += [one for one in found if not one.failure]
    console.print("voice.spoken", spoken=" ".join(sentences))
    rows = [_row(one, console.language) for one in compared]
    console.rows("voices_compared", ["engine", "voice", "error_rate", "error_rate_village", "speed", "misheard"], rows)
    _unheard(console, failures)
    if not compared:
        console.print("voice.none")
    console.result(
        {
            "recogniser": identity(ear),
            "spoken": " ".join(sentences),
            "voices": [_data(one) for one in compared],
            "failures": [{"engine": name, **as_json(error)} for name, error in failures],
        }
    )
    return DONE if compared else FAILED


def _wanted(engines: str) -> list[str]:
    """The engines to listen to: those that were named, else all that are installed.

    Raises:
        ConfigError: `config.engine` for a name that nothing installed answers to.
    """
    known = speech_engine_points()
    wanted = list(dict.fromkeys(name.strip() for name in engines.split(",") if name.strip()))
    for name in wanted:
        named_engine(known, name)
    return wanted or sorted(known)


def _row(one: "ComparedVoice", language: str) -> tuple[str, ...]:
    return (
        one.voice.engine,
        one.voice.name,
        _rate(one.clean, language),
        _rate(one.village, language),
        "–" if one.x_realtime is None else decimal(one.x_realtime, language),
        wrong(one.clean) if one.clean else "",
    )


def _rate(compared: "Comparison | None", language: str) -> str:
    return "–" if compared is None else share(compared.rate, language, 1)


def _data(one: "ComparedVoice") -> dict[str, Any]:
    return {
        "voice": one.voice,
        "duration_ms": one.duration_ms,
        "x_realtime": one.x_realtime,
        "clean": as_data(one.clean) if one.clean else None,
        "village": as_data(one.village) if one.village else None,
    }


def _unheard(console: Console, failures: "list[tuple[str, BroadcasterError]]") -> None:
    """Name the engines that could not be had; the rest is shown all the same."""
    if not console.json:
        for name, error in failures:
            why = error_message(error, console.language)
            click.echo("  " + console.say("voice.unheard", engine=name, why=why), err=True)
