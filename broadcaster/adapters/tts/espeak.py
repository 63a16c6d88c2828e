"""espeak-ng: small, offline, on every machine. The last resort: hard to understand, and always there."""

from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from importlib import metadata, util
from pathlib import Path

from broadcaster.adapters.tts.child import spoken_by
from broadcaster.adapters.tts.request import checked
from broadcaster.adapters.worker import Worker
from broadcaster.domain.take import Sound, SpeechRequest, Voice
from broadcaster.errors import SpeechError
from broadcaster.ports import Crew

WORDS_PER_MINUTE = 175
"""espeak-ng's own default; four Vietnamese syllables a second."""
SENTENCE_TIMEOUT = 60.0
"""Seconds after which the process is held to be stuck: a sentence takes some milliseconds."""

_RECIPE = "1"
_VOICES = (
    Voice("espeak", "vi", region="bac", sex="nam"),
    Voice("espeak", "vi-vn-x-central", region="trung", sex="nam"),
    Voice("espeak", "vi-vn-x-south", region="nam", sex="nam"),
)
_DATA_FILES = ("vi_dict", "intonations", "phonindex", "phontab", "phondata")


class EspeakEngine:
    """Speaks through one child process, started at the first sentence; calls from several threads queue."""

    name = "espeak"
    deterministic = True
    online = False
    crew = Crew(most=8, megabytes=80, fewest=40)

    def __init__(self, command: Sequence[str] | None = None, timeout: float = SENTENCE_TIMEOUT) -> None:
        self._worker = Worker(Path(__file__).with_name("espeak_process.py"), timeout, command)

    def version(self) -> str:
        """The version of the package with the library, and a hash of the data that shapes Vietnamese."""
        return f"{_package_version()}+{_data_identity()}+{_RECIPE}"

    def voices(self) -> Sequence[Voice]:
        """North, centre and south, all of them men.

        Raises:
            SpeechError: `speech.broken` if the package with the library is not there.
        """
        _data_identity()
        return _VOICES

    def speak(self, request: SpeechRequest) -> Sound:
        """Speech at 22,050 Hz. A process that died is started again once.

        Raises:
            SpeechError: see the port.
        """
        voice = checked(request, _VOICES, self.name)
        asked = {
            "text": request.spoken,
            "voice": voice.name,
            "words_per_minute": round(WORDS_PER_MINUTE * request.speed),
        }
        return spoken_by(self._worker, self.name, asked)

    def close(self) -> None:
        """End the process; the next sentence would start another."""
        self._worker.close()


@cache
def _package_version() -> str:
    try:
        return metadata.version("espeakng-loader")
    except metadata.PackageNotFoundError as error:
        raise SpeechError("speech.broken", engine="espeak", detail="espeakng-loader is not installed") from error


@cache
def _data_identity() -> str:
    """Eight digits that change when the pronunciation data does: the package's version alone does not bind them."""
    found = util.find_spec("espeakng_loader")
    if found is None or not found.origin:
        raise SpeechError("speech.broken", engine="espeak", detail="espeakng-loader is not installed")
    folder = Path(found.origin).parent / "espeak-ng-data"
    total = sha256()
    try:
        for name in _DATA_FILES:
            total.update((folder / name).read_bytes())
    except OSError as error:
        raise SpeechError("speech.broken", engine="espeak", detail=str(error)) from error
    return total.hexdigest()[:8]
