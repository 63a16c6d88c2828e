"""Speech on all cores: each worker is a process with an engine of its own.

Engines need not be safe to fork or to share between threads. A process that dies is started again, and its sentence
is repeated once. One that nobody asks for some minutes ends by itself: an engine holds hundreds of megabytes.
"""

import contextlib
import multiprocessing
import signal
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess

from broadcaster.adapters.tts import pool_worker
from broadcaster.domain.take import Sound, SpeechRequest
from broadcaster.errors import SpeechError
from broadcaster.ports import Multiplied, SpeechEngine

_TRIES = 2
_AHEAD = 2
"""Sentences a worker may be ahead of the oldest one that is not ready: what waits for its turn is in memory."""
_STOP_SECONDS = 2.0
IDLE_SECONDS = 300.0
"""An operator who edits and listens comes back sooner; starting again takes two or three seconds."""

Build = Callable[[], SpeechEngine]


@dataclass(slots=True)
class _Worker:
    process: SpawnProcess
    pipe: Connection
    at: int | None = None
    """The number of the sentence that it is at; None while it waits for one."""


class PooledSpeakers:
    """The port `Speakers`.

    Args:
        builder: by an engine's name, a function that a worker calls to make one; it must be picklable.
        cores: how many workers the machine has room for.
        free_mb: how much memory there is for them.
        apart: whether a heavy engine is never loaded here, be it for one sentence.
        idle_seconds: how long a worker waits for the next sentence.
    """

    def __init__(
        self,
        builder: Callable[[str], Build],
        cores: int,
        free_mb: Callable[[], int],
        *,
        apart: bool = False,
        idle_seconds: float = IDLE_SECONDS,
    ) -> None:
        self._builder, self._cores, self._free_mb, self._apart = builder, cores, free_mb, apart
        self._idle_seconds = idle_seconds
        self._workers: dict[str, list[_Worker]] = {}

    def speak(self, engine: SpeechEngine, requests: Sequence[SpeechRequest]) -> Iterator[Sound | SpeechError]:
        """What the engine says, in order; in this process where workers would not pay, unless it is to stay light."""
        count = self.worth(engine, len(requests))
        if count > 1 or (self._apart and not engine.online and isinstance(engine, Multiplied)):
            return self._in_workers(engine, requests, max(1, count))
        return (_said(engine, request) for request in requests)

    def worth(self, engine: SpeechEngine, sentences: int) -> int:
        """How many workers are worth their start."""
        if engine.online or not isinstance(engine, Multiplied):
            return 1
        there = len(self._there(engine.name))
        crew = engine.crew
        room = there + self._free_mb() // max(1, crew.megabytes)
        return min(crew.most, self._cores, room, sentences // max(1, crew.fewest))

    def _in_workers(
        self, engine: SpeechEngine, requests: Sequence[SpeechRequest], count: int
    ) -> Iterator[Sound | SpeechError]:
        engine.close()  # its memory is wanted for the workers; it is ready again when it is asked
        workers = self._there(engine.name)
        build = self._builder(engine.name)
        while len(workers) < count:
            workers.append(_started(build, self._idle_seconds))
        waiting, tries = deque(range(len(requests))), [0] * len(requests)
        ready: dict[int, Sound | SpeechError] = {}
        following = 0
        try:
            while following < len(requests):
                for worker in workers:
                    if worker.at is None and waiting and waiting[0] < following + _AHEAD * count:
                        worker.at = waiting.popleft()
                        tries[worker.at] += 1
                        with contextlib.suppress(OSError):  # one that is gone is met again when it is to answer
                            worker.pipe.send(requests[worker.at])
                wait([worker.pipe for worker in workers if worker.at is not None])
                for place, worker in enumerate(workers):
                    if worker.at is None or not worker.pipe.poll():
                        continue
                    number = worker.at
                    answer = _answer(worker)
                    if answer is not None:
                        ready[number], worker.at = answer, None
                    elif tries[number] < _TRIES:
                        workers[place] = self._replaced(worker, build, waiting)
                    else:
                        ready[number] = SpeechError("speech.worker", engine=engine.name, spoken=requests[number].spoken)
                        worker.at = None
                        workers[place] = self._replaced(worker, build, waiting)
                while following in ready:
                    yield ready.pop(following)
                    following += 1
        finally:
            # Whoever stopped in the middle does not want the sentences at hand: their answers must not meet a later
            # question.
            for worker in [worker for worker in workers if worker.at is not None]:
                workers.remove(worker)
                _end(worker)

    def _there(self, name: str) -> list[_Worker]:
        """The engine's workers that have not ended; the list itself, which may be changed."""
        workers = self._workers.setdefault(name, [])
        for worker in [worker for worker in workers if not worker.process.is_alive()]:
            workers.remove(worker)
            _end(worker)
        return workers

    def _replaced(self, worker: _Worker, build: Build, waiting: deque[int]) -> _Worker:
        """Another worker in the place of one that died; its sentence is the next to be spoken."""
        if worker.at is not None:
            waiting.appendleft(worker.at)
        _end(worker)
        return _started(build, self._idle_seconds)

    def close(self) -> None:
        """End the workers."""
        for worker in [worker for workers in self._workers.values() for worker in workers]:
            _end(worker)
        self._workers.clear()


def _said(engine: SpeechEngine, request: SpeechRequest) -> Sound | SpeechError:
    try:
        return engine.speak(request)
    except SpeechError as error:
        return error


def _started(build: Build, idle_seconds: float) -> _Worker:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=pool_worker.serve, args=(build, theirs, idle_seconds), daemon=True)
    with _no_interrupt():
        process.start()
    theirs.close()
    return _Worker(process, ours)


@contextlib.contextmanager
def _no_interrupt() -> Iterator[None]:
    """What is started in here never hears of Ctrl-C: it is for the parent, who knows what to keep.

    The mask is inherited; on Windows, which has none, the worker itself looks away as soon as it runs.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _answer(worker: _Worker) -> Sound | SpeechError | None:
    """What a worker says; None when it is gone."""
    try:
        answer: Sound | SpeechError = pool_worker.unpacked(worker.pipe.recv())
    except (EOFError, OSError):
        return None
    return answer


def _end(worker: _Worker) -> None:
    """Closing the pipe ends a worker that waits; one in the middle of a sentence is not waited for."""
    worker.pipe.close()
    if worker.at is None:
        worker.process.join(_STOP_SECONDS)
    if worker.process.is_alive():
        worker.process.kill()
    worker.process.join()
