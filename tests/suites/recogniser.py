"""What every recogniser does. A test module subclasses the suite and gives `recogniser` and `speech`."""

import pytest

from broadcaster.domain.hearing import syllables_of
from broadcaster.domain.take import Sound
from broadcaster.ports import Recogniser
from tests.tapes import InBlocks


class RecogniserSuite:
    """Behaviour of the port `Recogniser`."""

    @pytest.fixture
    def recogniser(self) -> Recogniser:
        raise NotImplementedError

    @pytest.fixture
    def speech(self) -> Sound:
        """A sentence in which the recogniser hears something."""
        raise NotImplementedError

    def test_it_is_a_recogniser(self, recogniser: Recogniser) -> None:
        assert isinstance(recogniser, Recogniser)
        assert recogniser.name
        assert recogniser.version() == recogniser.version() != ""

    def test_it_hears_words_in_one_line(self, recogniser: Recogniser, speech: Sound) -> None:
        text = recogniser.transcribe(speech)
        assert syllables_of(text)
        assert text == " ".join(text.split())

    def test_the_same_sound_gives_the_same_text(self, recogniser: Recogniser, speech: Sound) -> None:
        first = recogniser.transcribe(speech)
        recogniser.transcribe(Sound(speech.rate, speech.samples[len(speech.samples) // 4 * 2 :]))
        assert recogniser.transcribe(speech) == first

    def test_blocks_of_any_length(self, recogniser: Recogniser, speech: Sound) -> None:
        assert recogniser.transcribe(InBlocks(speech)) == recogniser.transcribe(speech)

    @pytest.mark.parametrize("samples", [b"", bytes(2), bytes(2 * 24_000)], ids=["nothing", "a sample", "a second"])
    def test_silence_has_no_words(self, recogniser: Recogniser, samples: bytes) -> None:
        assert recogniser.transcribe(Sound(24_000, samples)) == ""

    def test_closing_twice_is_safe_and_it_hears_again(self, recogniser: Recogniser, speech: Sound) -> None:
        before = recogniser.transcribe(speech)
        recogniser.close()
        recogniser.close()
        assert recogniser.transcribe(speech) == before
