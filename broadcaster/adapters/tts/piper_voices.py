"""Voice files as Piper has them: a network, `NAME.onnx`, and what is said of it, `NAME.onnx.json`."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path
from typing import IO

from broadcaster.domain.take import Voice
from broadcaster.errors import SpeechError

ENGINE = "piper"

_KNOWN_SPEAKERS = {"vais1000": ("bac", "nu")}
"""Region and sex by data set, where its publisher says so: the files themselves do not."""
_NAME = re.compile(r"(?P<language>[a-z]{2,3})_[A-Z]{2}-(?P<dataset>.+?)(?:-(?:x_low|low|medium|high))?$")
_RATES = range(8_000, 48_001)
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_LONGEST_VARINT = 10


@dataclass(frozen=True, slots=True)
class VoiceFile:
    """A voice that has been looked through: both files are there and whole."""

    voice: Voice
    model: Path
    config: Path


def model_files(folder: Path) -> Sequence[Path]:
    """The networks in a folder, by name; none when there is no folder."""
    return sorted(path for path in folder.glob("*.onnx") if path.is_file())


def language_of(model: Path) -> str:
    """The language of a voice by its files, as in `vi`; empty when neither of them says."""
    try:
        config = json.loads(_config_path(model).read_text(encoding="utf-8"))
        said = config.get("language", {}).get("family") or config["espeak"]["voice"]
        return str(said).partition("-")[0].lower()
    except (OSError, ValueError, AttributeError, KeyError, TypeError):
        named = _NAME.match(model.stem)
        return named["language"] if named else ""


def voice_file(model: Path, known: dict[Path, tuple[tuple[int, int], str]]) -> VoiceFile:
    """A voice, looked through.

    Args:
        model: the network's file.
        known: hashes of files by size and time, so that a large file is read again only when it has changed.

    Raises:
        SpeechError: `speech.broken` with the file that is missing, cut short or not of this kind.
    """
    config_path = _config_path(model)
    try:
        config = json.loads(config_path.read_text(encoding="utf-8"))
        said = config.get("dataset")
        rate = config["audio"]["sample_rate"]
        complete = bool(config["espeak"]["voice"] and config["phoneme_id_map"] and config["num_symbols"])
    except FileNotFoundError as error:
        raise _broken(f"{config_path.name}: missing") from error
    except OSError as error:
        raise _broken(f"{config_path.name}: {error.strerror}") from error
    except (ValueError, AttributeError, KeyError, TypeError) as error:
        raise _broken(f"{config_path.name}: {type(error).__name__}: {error}") from error
    if not complete or rate not in _RATES:
        raise _broken(f"{config_path.name}: not the settings of a voice")
    named = _NAME.match(model.stem)
    dataset = str(said or (named["dataset"] if named else ""))
    region, sex = _KNOWN_SPEAKERS.get(dataset, ("", ""))
    try:
        version = _identity(model, known) + _identity(config_path, known)
    except OSError as error:
        raise _broken(f"{model.name}: {error.strerror}") from error
    voice = Voice(ENGINE, model.stem, language_of(model), region, sex, version)
    return VoiceFile(voice, model, config_path)


def _config_path(model: Path) -> Path:
    return model.with_name(model.name + ".json")


def _broken(detail: str) -> SpeechError:
    return SpeechError("speech.broken", engine=ENGINE, detail=detail)


def _identity(path: Path, known: dict[Path, tuple[tuple[int, int], str]]) -> str:
    """Eight digits of a file's hash; a network is looked through once for whether all of it is there."""
    stat = path.stat()
    mark = (stat.st_size, stat.st_mtime_ns)
    kept = known.get(path)
    if kept is not None and kept[0] == mark:
        return kept[1]
    with path.open("rb") as file:
        if path.suffix == ".onnx" and not _is_whole(file, stat.st_size):
            raise _broken(f"{path.name}: cut short, or no network")
        file.seek(0)
        identity = file_digest(file, "sha256").hexdigest()[:8]
    known[path] = (mark, identity)
    return identity


def _is_whole(file: IO[bytes], size: int) -> bool:
    """Whether the fields of a protocol buffer, as ONNX files are, end where the file ends.

    Encoding: https://protobuf.dev/programming-guides/encoding/. A file that was half copied says of its graph that it
    is longer than what follows. Each field is passed over unread.
    """
    while file.tell() < size:
        tag = _varint(file)
        kind = None if tag is None else tag & 7
        if kind == _VARINT:
            length: int | None = 0 if _varint(file) is not None else None
        elif kind == _BYTES:
            length = _varint(file)
        else:
            length = {_FIXED64: 8, _FIXED32: 4}.get(-1 if kind is None else kind)
        if length is None or file.tell() + length > size:
            return False
        file.seek(length, 1)
    return size > 0


def _varint(file: IO[bytes]) -> int | None:
    value = 0
    for place in range(_LONGEST_VARINT):
        byte = file.read(1)
        if not byte:
            return None
        value |= (byte[0] & 0x7F) << (7 * place)
        if byte[0] < 0x80:
            return value
    return None
