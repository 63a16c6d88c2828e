"""Engines for the tests of the pool: top-level classes, which worker processes can import."""

import os
import signal
from pathlib import Path

from broadcaster.adapters.tts.tone import ToneEngine
from broadcaster.domain.take import Sound, SpeechRequest
from broadcaster.errors import RetryableSpeechError
from broadcaster.ports import Crew

DEADLY = "chết"
CREW = Crew(most=4, megabytes=50, fewest=2)


class CrewEngine(ToneEngine):
    """The tone engine, which gains from company."""

    crew = CREW


class FragileEngine(CrewEngine):
    """Its process is killed at a certain word, as by a system without memory: `times` times, then it lives."""

    def __init__(self, folder: Path, times: int) -> None:
        self._folder, self._times = folder, times

    def speak(self, request: SpeechRequest) -> Sound:
        if DEADLY in request.spoken:
            before = len(list(self._folder.iterdir()))
            if before < self._times:
                (self._folder / str(before)).touch()
                os.kill(os.getpid(), signal.SIGKILL)
        return super().speak(request)


class ThrottledEngine(CrewEngine):
    """Refuses a certain word for now."""

    def speak(self, request: SpeechRequest) -> Sound:
        if DEADLY in request.spoken:
            raise RetryableSpeechError("speech.throttled", engine=self.name)
        return super().speak(request)
