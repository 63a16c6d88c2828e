import subprocess
import sys
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.adapters.audio.assembly import FADE_MS, PydubAssembler
from broadcaster.domain.take import Sound
from broadcaster.units import Milliseconds
from tests.tapes import whole

RATE = 22_050


def flat(frames: int, height: int = 12_000) -> Sound:
    return Sound(RATE, np.full(frames, height, "<i2").tobytes())


def heights(sound: Sound) -> np.ndarray:
    return np.frombuffer(sound.samples, "<i2").astype(int)


@pytest.fixture
def assembler() -> PydubAssembler:
    return PydubAssembler()


def test_pieces_follow_one_another(assembler: PydubAssembler) -> None:
    sound = whole(assembler.join([flat(RATE), Milliseconds(500), flat(2 * RATE, -8000)], RATE))
    assert sound.frames == RATE + RATE // 2 + 2 * RATE
    samples = heights(sound)
    assert samples[RATE // 2] == 12_000
    assert not samples[RATE : RATE + RATE // 2].any()
    assert samples[2 * RATE + RATE // 2] == -8000


def test_joins_do_not_click(assembler: PydubAssembler) -> None:
    sound = whole(assembler.join([flat(RATE), flat(RATE, -12_000), Milliseconds(100), flat(RATE)], RATE))
    steps = np.abs(np.diff(np.concatenate([[0], heights(sound), [0]])))
    assert steps.max() < 3 * 12_000 / (FADE_MS * RATE / 1000)


@given(st.lists(st.one_of(st.integers(0, 300), st.integers(0, 4000).map(flat)), max_size=8))
def test_no_frame_is_lost_or_won(pieces: list[int | Sound]) -> None:
    joined = whole(PydubAssembler().join([p if isinstance(p, Sound) else Milliseconds(p) for p in pieces], RATE))
    wanted = sum(p.frames if isinstance(p, Sound) else p * RATE // 1000 for p in pieces)
    assert joined.frames == wanted
    assert joined.rate == RATE


@given(st.integers(0, 4000), st.integers(1, 700))
def test_a_tape_joins_as_a_sound_does_however_it_is_cut(frames: int, cut: int) -> None:
    class Cut:
        rate = RATE

        def blocks(self) -> Iterator[bytes]:
            samples = flat(frames).samples
            return (samples[at : at + 2 * cut] for at in range(0, len(samples), 2 * cut))

    join = PydubAssembler().join
    assert whole(join([Cut()], RATE)) == whole(join([flat(frames)], RATE))


def test_nothing_gives_nothing(assembler: PydubAssembler) -> None:
    assert whole(assembler.join([], RATE)) == Sound(RATE, b"")


def test_another_rate_is_refused(assembler: PydubAssembler) -> None:
    with pytest.raises(ValueError, match="24000"):
        whole(assembler.join([flat(100), Sound(24_000, bytes(200))], RATE))


def test_silence_at_both_ends_is_cut(assembler: PydubAssembler) -> None:
    time = np.arange(RATE) / RATE
    voice = (9000 * np.sin(2 * np.pi * 200 * time)).astype("<i2")
    hiss = np.random.default_rng(3).integers(-8, 9, RATE // 2).astype("<i2")
    sound = Sound(RATE, np.concatenate([hiss, voice, hiss, hiss]).tobytes())
    trimmed = assembler.trim(sound, Milliseconds(50))
    assert trimmed.duration_ms == pytest.approx(1100, abs=25)
    assert assembler.trim(trimmed, Milliseconds(50)) == trimmed


def test_a_soft_consonant_is_no_silence(assembler: PydubAssembler) -> None:
    consonant = np.random.default_rng(3).integers(-200, 201, RATE // 10).astype("<i2")
    sound = Sound(RATE, np.concatenate([consonant, np.full(RATE, 15_000, "<i2")]).tobytes())
    assert assembler.trim(sound, Milliseconds(0)).frames == sound.frames


@pytest.mark.parametrize("frames", [0, 1, 100, RATE])
def test_silence_alone_becomes_what_is_kept(assembler: PydubAssembler, frames: int) -> None:
    trimmed = assembler.trim(Sound(RATE, bytes(2 * frames)), Milliseconds(20))
    assert trimmed.frames == min(frames, 20 * RATE // 1000)


def test_importing_pydub_warns_of_nothing_and_hides_no_later_warning() -> None:
    code = (
        "import warnings; warnings.simplefilter('error');"
        "from broadcaster.adapters.audio.assembly import PydubAssembler;"
        "from broadcaster.domain.take import Sound;"
        "PydubAssembler().trim(Sound(8000, bytes(1600)), 0);"
        "import sys; sys.exit(0 if warnings.filters[0][0] == 'error' else 1)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_importing_the_module_imports_no_heavy_library() -> None:
    code = (
        "import sys, broadcaster.adapters.audio.assembly, broadcaster.adapters.audio.codec,"
        " broadcaster.adapters.audio.loudness;"
        "sys.exit(', '.join({'numpy', 'soundfile', 'pydub', 'soxr', 'loudness'} & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_resampling_gives_the_same_bytes_each_time() -> None:
    random = np.random.default_rng(8)
    for frames in range(30_000, 90_000, 1499):
        sound = Sound(22_050, random.integers(-9000, 9000, frames).astype("<i2").tobytes())
        first = PydubAssembler().resample(sound, 24_000)
        assert PydubAssembler().resample(sound, 24_000) == first
