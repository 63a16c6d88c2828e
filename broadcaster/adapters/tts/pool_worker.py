"""The body of a speech worker: requests in, sounds or errors out, until the pipe closes or nobody asks any more."""

import contextlib
import os
import signal
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

from broadcaster.domain.take import Sound
from broadcaster.errors import BroadcasterError, RetryableSpeechError, SpeechError
from broadcaster.ports import SpeechEngine

THREADS = "BROADCASTER_THREADS"
"""How many threads an engine may use; a worker's has one, for there is a worker for every core."""


def serve(build: Callable[[], SpeechEngine], pipe: Connection, idle_seconds: float) -> None:
    """Make an engine at the first request, answer each; end after so many seconds without one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ[THREADS] = "1"
    engine: SpeechEngine | None = None
    with contextlib.suppress(EOFError, OSError):  # the one who asks is gone
        while pipe.poll(idle_seconds):
            request = pipe.recv()
            try:
                engine = engine or build()
                sound = engine.speak(request)
                answer: tuple[Any, ...] = ("sound", sound.rate, sound.samples)
            except BroadcasterError as error:
                answer = ("error", error.retryable, error.code, error.facts)
            pipe.send(answer)
    if engine is not None:
        engine.close()


def unpacked(answer: tuple[Any, ...]) -> Sound | SpeechError:
    """A worker's answer. Errors go as their parts: exceptions with keywords do not survive being pickled."""
    if answer[0] == "sound":
        return Sound(*answer[1:])
    _, retryable, code, facts = answer
    return (RetryableSpeechError if retryable else SpeechError)(code, **facts)
