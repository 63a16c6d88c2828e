"""Takes and masters on disk: takes as WAV by key, masters as FLAC by a name that people can read and their hash."""

import json
import wave
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from broadcaster.adapters.files import write_text
from broadcaster.domain.master import MASTER_RATE
from broadcaster.domain.outline import Mark, Outline, Part
from broadcaster.domain.take import Sound, Tape
from broadcaster.errors import MasterError
from broadcaster.ports import Codec
from broadcaster.units import Milliseconds, Sha256, canonical, digest_blocks


def _whole_wav(path: Path) -> bool:
    """False for a WAV file that is shorter than it says: decoders read what is there and do not complain."""
    try:
        with wave.open(str(path), "rb") as file:
            said = file.getnframes() * file.getnchannels() * file.getsampwidth()
        return path.stat().st_size > said
    except (OSError, EOFError, wave.Error):
        return False


class FolderLibrary:
    """Three folders below `root`: `ban_thu` for takes, `ban_phat` for masters, `hinh_song` for how these look."""

    def __init__(self, root: Path, codec: Codec) -> None:
        self._codec = codec
        self._takes, self._masters, self._outlines = root / "ban_thu", root / "ban_phat", root / "hinh_song"

    def _take_path(self, key: Sha256) -> Path:
        return self._takes / key[:2] / f"{key}.wav"

    def take(self, key: Sha256) -> Sound | None:
        """The sound kept under a take's key."""
        path = self._take_path(key)
        if not _whole_wav(path):
            return None
        with suppress(MasterError):
            return self._codec.read(path, MASTER_RATE)
        return None

    def take_tape(self, key: Sha256) -> Tape | None:
        """The same, decoded as it is read."""
        path = self._take_path(key)
        return self._codec.open(path, MASTER_RATE) if _whole_wav(path) else None

    def keep_take(self, key: Sha256, sound: Tape) -> None:
        """Keep a take's sound."""
        self._codec.write(sound, self._take_path(key), {})

    def keep_master(self, name: str, master_hash: Sha256, tape: Tape, tags: Mapping[str, str]) -> str:
        """Keep a master's sound under its name and the first digits of its hash."""
        file = f"{name}.{master_hash[:12]}.flac"
        self._codec.write(tape, self._masters / file, tags)
        return file

    def path(self, file: str) -> Path | None:
        """Where a master's file is."""
        path = self._masters / file
        return path if file and path.is_file() else None

    def sound_hash(self, file: str) -> Sha256 | None:
        """The hash of a master's samples."""
        path = self.path(file)
        if path is None:
            return None
        with suppress(MasterError):
            return digest_blocks(self._codec.open(path, MASTER_RATE).blocks())
        return None

    def keep_outline(self, file: str, outline: Outline) -> None:
        """Keep how a master's file looks; a full disk must not cost the master."""
        with suppress(OSError):
            write_text(self._outlines / f"{file}.json", canonical(outline) + "\n")

    def outline(self, file: str) -> Outline | None:
        """How a master's file looks; a damaged note of it counts as none."""
        path = self._outlines / f"{file}.json"
        try:
            kept = json.loads(path.read_text(encoding="utf-8"))
            marks = tuple(Mark(Milliseconds(m["at"]), Part(m["part"]), int(m["number"])) for m in kept["marks"])
            return Outline(Milliseconds(kept["length"]), tuple(map(int, kept["peaks"])), marks)
        except (OSError, ValueError, KeyError, TypeError):
            return None
