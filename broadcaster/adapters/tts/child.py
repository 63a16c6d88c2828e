"""Speech from a child process: what `adapters/worker.py` brings back, as a sound or as an engine's error."""

from collections.abc import Mapping
from typing import Any

from broadcaster.adapters.worker import Worker, WorkerError
from broadcaster.domain.take import Sound
from broadcaster.errors import SpeechError


def spoken_by(worker: Worker, engine: str, asked: Mapping[str, Any]) -> Sound:
    """The sound of a request: a header with `rate`, and signed 16-bit little-endian samples.

    Args:
        worker: the process.
        engine: the engine's name, for errors.
        asked: the request; `text` is what is to be said.

    Raises:
        SpeechError: `speech.broken` with the process's own reason, or when it died twice; `speech.empty`.
    """
    try:
        header, samples = worker.ask(asked)
    except WorkerError as error:
        raise SpeechError("speech.broken", engine=engine, detail=str(error)) from error
    if "error" in header:
        raise SpeechError("speech.broken", engine=engine, detail=header.get("why", header["error"]))
    if not samples:
        raise SpeechError("speech.empty", engine=engine, spoken=asked["text"])
    return Sound(int(header["rate"]), samples)
