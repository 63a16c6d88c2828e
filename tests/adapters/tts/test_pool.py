"""The pool: in order, bit for bit what one engine says, and a worker that dies costs one more try."""

import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from broadcaster.adapters.tts.pool import PooledSpeakers
from broadcaster.adapters.tts.tone import ToneEngine
from broadcaster.domain.take import Sound, SpeechRequest
from broadcaster.errors import RetryableSpeechError, SpeechError
from broadcaster.ports import Multiplied, SpeechEngine
from tests.adapters.tts.pool_engines import CREW, DEADLY, CrewEngine, FragileEngine, ThrottledEngine

REQUESTS = [SpeechRequest(" ".join(["một"] * (1 + n % 5)) + f" câu {n}", speed=0.8 + n % 3 / 10) for n in range(14)]
MORTAL = [*REQUESTS[:5], SpeechRequest(f"sẽ {DEADLY}"), *REQUESTS[5:]]
posix = pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL there")


@pytest.fixture
def made() -> Iterator[Callable[..., PooledSpeakers]]:
    opened: list[PooledSpeakers] = []

    def make(build: Callable[[], SpeechEngine], cores: int = 2, free_mb: int = 1000) -> PooledSpeakers:
        opened.append(PooledSpeakers(lambda _: build, cores, lambda: free_mb))
        return opened[-1]

    yield make
    for one in opened:
        one.close()


def processes(speakers: PooledSpeakers) -> list[int | None]:
    return [worker.process.pid for workers in speakers._workers.values() for worker in workers]


def test_workers_say_what_one_engine_says_in_order(made: Callable[..., PooledSpeakers]) -> None:
    speakers = made(CrewEngine)
    expected = [ToneEngine().speak(request) for request in REQUESTS]
    assert list(speakers.speak(CrewEngine(), REQUESTS)) == expected
    there = processes(speakers)
    assert len(there) == 2
    assert list(speakers.speak(CrewEngine(), REQUESTS[::-1])) == expected[::-1]
    assert processes(speakers) == there, "they wait for more"
    speakers.close()
    speakers.close()
    assert processes(speakers) == []


def test_workers_that_nobody_asks_end_and_others_are_started() -> None:
    speakers = PooledSpeakers(lambda _: CrewEngine, 2, lambda: 1000, idle_seconds=0.1)
    try:
        expected = list(speakers.speak(CrewEngine(), REQUESTS))
        first = [worker.process for workers in speakers._workers.values() for worker in workers]
        for process in first:
            process.join(30)
        assert [process.exitcode for process in first] == [0, 0]
        assert list(speakers.speak(CrewEngine(), REQUESTS)) == expected
        assert not {process.pid for process in first} & set(processes(speakers))
    finally:
        speakers.close()


class DeafEngine(CrewEngine):
    """Is never to speak in the process that asks."""

    def speak(self, request: SpeechRequest) -> Sound:
        raise AssertionError(request.spoken)


def test_a_process_that_is_to_stay_light_never_speaks_itself() -> None:
    speakers = PooledSpeakers(lambda _: CrewEngine, 2, lambda: 0, apart=True)
    try:
        assert list(speakers.speak(DeafEngine(), REQUESTS[:1])) == [ToneEngine().speak(REQUESTS[0])]
        assert len(processes(speakers)) == 1, "one at least, however little memory is free"
        assert list(speakers.speak(ToneEngine(), REQUESTS[:1])) == [ToneEngine().speak(REQUESTS[0])]
        assert len(processes(speakers)) == 1, "what is light needs none"
    finally:
        speakers.close()


def test_what_cannot_be_said_is_told_in_its_place(made: Callable[..., PooledSpeakers]) -> None:
    requests = [*REQUESTS[:3], SpeechRequest("…"), SpeechRequest("a", speed=9.0), *REQUESTS[3:]]
    found = list(made(CrewEngine).speak(CrewEngine(), requests))
    codes = [heard.code if isinstance(heard, SpeechError) else "" for heard in found]
    assert codes == ["", "", "", "speech.empty", "speech.speed"] + [""] * (len(REQUESTS) - 3)


def test_an_error_keeps_its_kind_and_facts(made: Callable[..., PooledSpeakers]) -> None:
    found = list(made(ThrottledEngine).speak(ThrottledEngine(), MORTAL))
    assert isinstance(found[5], RetryableSpeechError)
    assert (found[5].code, found[5].facts) == ("speech.throttled", {"engine": "tone"})
    assert all(isinstance(heard, Sound) for heard in [*found[:5], *found[6:]])


@posix
def test_a_killed_worker_is_replaced_and_its_sentence_repeated(
    made: Callable[..., PooledSpeakers], tmp_path: Path
) -> None:
    speakers = made(partial(FragileEngine, tmp_path, 1))
    found = list(speakers.speak(CrewEngine(), MORTAL))
    assert found == [ToneEngine().speak(request) for request in MORTAL]
    assert len(list(tmp_path.iterdir())) == 1
    assert len(processes(speakers)) == 2


@posix
def test_a_sentence_that_kills_twice_is_an_error_and_the_others_are_spoken(
    made: Callable[..., PooledSpeakers], tmp_path: Path
) -> None:
    found = list(made(partial(FragileEngine, tmp_path, 9)).speak(CrewEngine(), MORTAL))
    failed = found.pop(5)
    assert isinstance(failed, SpeechError)
    assert (failed.code, failed.facts) == ("speech.worker", {"engine": "tone", "spoken": f"sẽ {DEADLY}"})
    assert len(list(tmp_path.iterdir())) == 2
    assert found == [ToneEngine().speak(request) for request in REQUESTS]


@posix
def test_workers_killed_while_they_wait_are_replaced(made: Callable[..., PooledSpeakers]) -> None:
    speakers = made(CrewEngine)
    expected = list(speakers.speak(CrewEngine(), REQUESTS))
    for workers in speakers._workers.values():
        for worker in workers:
            worker.process.kill()
            worker.process.join()
    assert list(speakers.speak(CrewEngine(), REQUESTS)) == expected


def test_who_stops_in_the_middle_gets_the_right_answers_the_next_time(made: Callable[..., PooledSpeakers]) -> None:
    speakers = made(CrewEngine)
    some = speakers.speak(CrewEngine(), REQUESTS)
    assert next(some) == ToneEngine().speak(REQUESTS[0])
    some.close()  # type: ignore[attr-defined]
    assert list(speakers.speak(CrewEngine(), REQUESTS[7:])) == [ToneEngine().speak(r) for r in REQUESTS[7:]]


class OnlineEngine(CrewEngine):
    online = True


@pytest.mark.parametrize(
    ("engine", "cores", "free_mb", "sentences", "workers"),
    [
        (CrewEngine(), 2, 1000, 100, 2),
        (CrewEngine(), 16, 1000, 100, CREW.most),
        (CrewEngine(), 16, 149, 100, 2),
        (CrewEngine(), 16, 10, 100, 0),
        (CrewEngine(), 4, 1000, 5, 2),
        (CrewEngine(), 4, 1000, 1, 0),
        (ToneEngine(), 16, 9000, 100, 1),
        (OnlineEngine(), 16, 9000, 100, 1),
    ],
)
def test_how_many_workers_are_worth_their_start(
    engine: SpeechEngine, cores: int, free_mb: int, sentences: int, workers: int
) -> None:
    assert PooledSpeakers(lambda _: ToneEngine, cores, lambda: free_mb).worth(engine, sentences) == workers


def test_few_sentences_are_said_here(made: Callable[..., PooledSpeakers]) -> None:
    speakers = made(CrewEngine)
    assert list(speakers.speak(CrewEngine(), REQUESTS[:1])) == [ToneEngine().speak(REQUESTS[0])]
    assert list(speakers.speak(CrewEngine(), [])) == []
    assert processes(speakers) == []


def test_only_engines_that_say_so_are_multiplied() -> None:
    assert isinstance(CrewEngine(), Multiplied)
    assert not isinstance(ToneEngine(), Multiplied)
