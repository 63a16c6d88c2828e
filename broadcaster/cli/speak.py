"""`broadcaster speak`: a text, or spoken-form lines, to sound."""

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from broadcaster.cli.console import Console, common
from broadcaster.cli.read import read_source
from broadcaster.domain.finish import VoiceChain
from broadcaster.domain.master import DEFAULT_CEILING, DEFAULT_TARGET
from broadcaster.domain.take import Sound, SpeechRequest, Tape
from broadcaster.errors import ConfigError, SpeechError
from broadcaster.services.speaking import first_that_works
from broadcaster.units import Milliseconds

AUTO = "auto"
SENTENCE_PAUSE = Milliseconds(300)
LEAD = Milliseconds(1000)
"""Silence before the first syllable: amplifiers, players and recognisers that wake up late would swallow it. Given such
files as they are, in the village, viet-asr missed 58 % of the syllables after half a second of it, 35 % after one, 33 %
after one and a half (24 development sentences)."""


@click.command()
@click.argument("text", default="-", metavar="TEXT|-")
@click.option(
    "--engine",
    default="espeak",
    metavar="NAME",
    help="espeak, gtts, piper …; auto: thứ tự của đài / the station's order.",
)
@click.option("--voice", default="", metavar="NAME", help="Giọng của máy đọc / the engine's voice.")
@click.option("--speed", default=1.0, type=float, help="0.7 – 1.3.")
@click.option(
    "--chain",
    default=VoiceChain.HORN.value,
    show_default=True,
    type=click.Choice([chain.value for chain in VoiceChain]),
    help="Loa sẽ phát: loa nén, loa trong nhà; off: giọng nguyên của máy đọc / the loudspeakers it is for.",
)
@click.option(
    "--lines", is_flag=True, help="Mỗi dòng lời đọc thành một tệp 000.wav, 001.wav … / one file a spoken line."
)
@click.option(
    "-o", "--output", required=True, type=click.Path(path_type=Path), help="Tệp hoặc thư mục / file or folder."
)
@common
def speak(
    console: Console, text: str, engine: str, voice: str, speed: float, chain: str, output: Path, *, lines: bool
) -> None:
    """Đọc thành tiếng. Văn bản được đổi sang lời đọc trước; với --lines thì vào đã là lời đọc.

    Speak a text (read out first), or, with --lines, lines that are in spoken form already.
    """
    app = console.app()

    def spoken_by(texts: list[str]) -> list[Sound]:
        """All of them by one engine, before any file is written: a bad line leaves nothing half-done."""
        engines = app.engines if engine == AUTO else {engine: app.engine(engine)}
        sounds, fallbacks = first_that_works(
            engines, str(output), lambda one: [one.speak(SpeechRequest(text, voice, speed)) for text in texts]
        )
        console.skipped(app)
        console.fallbacks(fallbacks)
        return sounds

    def sounding(tape: Tape) -> Tape:
        """Through the chain, and as loud as a master: neither an engine's own level nor the chain's counts."""
        return app.meter.level(app.effects.treat(tape, VoiceChain(chain)), DEFAULT_TARGET, DEFAULT_CEILING)

    made: list[Path] = []
    if lines:
        sounds = spoken_by([line.strip() for line in sys.stdin if line.strip()])
        for number, sound in enumerate(sounds):
            path = output / f"{number:03d}.wav"
            app.codec.write(sounding(app.assembler.join(laid_out([sound]), sound.rate)), path, {})
            made.append(path)
    else:
        from broadcaster.domain.reading import read

        written = read_source("-")[0] if text == "-" else text
        spoken = [sentence.text for sentence in read(written).sentences]
        if not spoken:
            raise SpeechError("speech.empty", text=written[:40])
        if not output.suffix:
            raise ConfigError("file.ending", file=str(output), allowed=[".wav", ".flac", ".mp3", ".ogg", ".opus"])
        sounds = spoken_by(spoken)
        app.codec.write(sounding(app.assembler.join(laid_out(sounds), sounds[0].rate)), output, {})
        made.append(output)
    console.print("speak.done", count=len(made), path=output)
    console.result({"files": [str(path) for path in made]})


def laid_out(sounds: Sequence[Sound]) -> list[Sound | Milliseconds]:
    """Sentences with the pause before the first and after each, as a spoken file has them."""
    return [LEAD, *(piece for sound in sounds for piece in (sound, SENTENCE_PAUSE))]
