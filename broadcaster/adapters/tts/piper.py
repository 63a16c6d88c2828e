"""Piper: neural voices from files that the operator puts into a folder, offline."""

import os
from collections.abc import Sequence
from importlib import metadata, util
from pathlib import Path

from broadcaster.adapters.tts.child import spoken_by
from broadcaster.adapters.tts.piper_voices import ENGINE, VoiceFile, language_of, model_files, voice_file
from broadcaster.adapters.tts.request import checked
from broadcaster.adapters.worker import Worker
from broadcaster.domain.take import Sound, SpeechRequest, Voice
from broadcaster.errors import SpeechError

SENTENCE_TIMEOUT = 120.0
"""Seconds after which the process is held to be stuck: the first sentence loads libraries and a network of 60 MB."""

_RECIPE = "1"


class PiperEngine:
    """Speaks through one child process, about five times as fast as it is heard on two cores, in some 400 MB.

    Args:
        voices_folder: where the voice files are; `BROADCASTER_VOICES`, else `voices` in the current folder.
        language: the voices that are on offer. One of another language speaks when it is asked for by its name.
        command: the child, in tests.
        timeout: seconds for a sentence.
    """

    name = ENGINE
    deterministic = True
    online = False

    def __init__(
        self,
        voices_folder: Path | None = None,
        language: str = "vi",
        command: Sequence[str] | None = None,
        timeout: float = SENTENCE_TIMEOUT,
    ) -> None:
        self._folder = voices_folder or Path(os.environ.get("BROADCASTER_VOICES") or "voices")
        self._language = language
        self._worker = Worker(Path(__file__).with_name("piper_process.py"), timeout, command)
        self._known: dict[Path, tuple[tuple[int, int], str]] = {}

    def version(self) -> str:
        """The version of the package; each voice has a version of its own, the hash of its files.

        Raises:
            SpeechError: `speech.broken` if the package is not installed.
        """
        try:
            package = metadata.version("piper-tts")
        except metadata.PackageNotFoundError:
            package = ""
        if not package or util.find_spec("piper") is None:
            raise SpeechError("speech.broken", engine=self.name, detail="piper-tts: missing (broadcaster[piper])")
        return f"{package}+{_RECIPE}"

    def voices(self) -> Sequence[Voice]:
        """The Vietnamese voices in the folder, by name; none when there is no such file.

        Raises:
            SpeechError: `speech.broken` if there is one and it cannot be used: a voice that was half copied must not
                be passed over in silence for another; or if the package is not installed.
        """
        return [file.voice for file in self._offered()]

    def speak(self, request: SpeechRequest) -> Sound:
        """Speech at the voice's own rate.

        Raises:
            SpeechError: see the port; `speech.no_voice` when the folder has none of the language.
        """
        named = next((model for model in model_files(self._folder) if model.stem == request.voice), None)
        files = [voice_file(named, self._known)] if named else self._offered()
        voice = checked(request, [file.voice for file in files], self.name)
        self.version()
        file = next(file for file in files if file.voice == voice)
        asked = {
            "text": request.spoken,
            "model": str(file.model.absolute()),  # the child stands in another folder
            "config": str(file.config.absolute()),
            "length_scale": 1 / request.speed,
        }
        return spoken_by(self._worker, self.name, asked)

    def close(self) -> None:
        """End the process; the next sentence would start another."""
        self._worker.close()

    def _offered(self) -> list[VoiceFile]:
        # A file that says nothing of its language is looked at too: it may be a Vietnamese voice without its settings.
        models = [model for model in model_files(self._folder) if language_of(model) in {self._language, ""}]
        if models:
            self.version()
        files = [voice_file(model, self._known) for model in models]
        return [file for file in files if file.voice.language == self._language]
