"""The recipe: what is said, by whom, with which silence, and a hash that moves with every bit of it."""

import dataclasses
from typing import Any

import pytest

from broadcaster.domain.finish import VoiceChain
from broadcaster.domain.master import (
    NOTICE_PAUSE,
    SECOND_READING_PAUSE,
    TAIL,
    TITLE_PAUSE,
    Dressing,
    Line,
    Loudness,
    Recipe,
    master_hash,
    recipe_for,
)
from broadcaster.domain.reading import Lexicon, Reading, read
from broadcaster.domain.take import take_key
from broadcaster.units import Dbtp, Lufs, Milliseconds, digest
from tests.domain.values import a_bulletin

VOICES = {"main": "nu", "hoi": "nam"}


def said(text: str) -> Reading:
    return read(text, lexicon=Lexicon.shipped())


def a_recipe(body: str = "Câu một. Câu hai.", notice: str = "Giọng tổng hợp.", **changes: Any) -> Recipe:
    return recipe_for(
        a_bulletin(body=body, **changes),
        said(body),
        engine="tone",
        engine_version="1",
        voices=VOICES,
        title=said("Tiêu đề"),
        notice=said(notice),
    )


def test_the_parts_of_a_master_are_in_order_with_their_pauses() -> None:
    recipe = a_recipe()
    assert [line.pause_ms for line in recipe.intro] == [TITLE_PAUSE]
    assert [len(recipe.body), recipe.body[-1].pause_ms] == [2, NOTICE_PAUSE]
    assert [line.pause_ms for line in recipe.outro] == [TAIL]
    assert recipe.lines == (*recipe.intro, *recipe.body, *recipe.outro)
    assert {line.voice for line in recipe.lines} == {"nu"}


def test_a_notice_is_said_twice_with_a_longer_pause() -> None:
    recipe = a_recipe(read_twice=True)
    assert recipe.body[-1].pause_ms == SECOND_READING_PAUSE
    assert recipe.lines == (*recipe.intro, *recipe.body, *recipe.body, *recipe.outro)


def test_questions_and_answers_have_their_voices() -> None:
    recipe = a_recipe("Hỏi: Phí bao nhiêu?\n\nĐáp: Không mất phí.")
    voices = [line.voice for line in recipe.body]
    assert voices[0] == "nam"
    assert voices[-1] == "nu"


def test_no_notice_no_words() -> None:
    assert a_recipe(notice="").outro == ()


def test_a_body_without_words_is_a_recipe_all_the_same() -> None:
    assert a_recipe(body="").body == ()


RECIPE_CHANGES: dict[str, Any] = {
    "bulletin": "khac",
    "text_hash": digest("khác"),
    "reading_hash": digest("khác"),
    "engine": "espeak",
    "engine_version": "2",
    "speed": 1.1,
    "intro": (),
    "body": (Line("khác", "nu", Milliseconds(0)),),
    "outro": (),
    "read_twice": True,
    "loudness": Loudness(Lufs(-23.0), Dbtp(-1.5)),
    "rate": 16_000,
    "chime": "signature-1",
    "dressing": Dressing(VoiceChain.HORN, "1"),
    "voice_versions": {"nu": "aa"},
}


@pytest.mark.parametrize("field", [field.name for field in dataclasses.fields(Recipe)])
def test_the_hash_of_a_recipe_moves_with_every_part(field: str) -> None:
    recipe = a_recipe()
    assert dataclasses.replace(recipe, **{field: RECIPE_CHANGES[field]}).hash != recipe.hash


def test_a_take_follows_the_version_of_its_own_voice() -> None:
    recipe = a_recipe("Hỏi: Phí bao nhiêu?\n\nĐáp: Không mất phí.")
    question, *_, answer = recipe.body
    own = dataclasses.replace(recipe, voice_versions={"nu": "aa"})
    assert own.take_key(question) == recipe.take_key(question) == take_key("tone", "1", recipe.request(question))
    assert own.take_key(answer) == take_key("tone", "1+aa", recipe.request(answer)) != recipe.take_key(answer)


@pytest.mark.parametrize(
    "changes", [{"chain": VoiceChain.INDOOR}, {"version": "2"}, {"bed": digest("nhạc")}, {"bed_below": 20.0}]
)
def test_it_moves_with_every_part_of_its_dressing(changes: dict[str, Any]) -> None:
    dressed = dataclasses.replace(a_recipe(), dressing=Dressing(VoiceChain.HORN, "1", digest("bed")))
    assert dataclasses.replace(dressed, dressing=dataclasses.replace(dressed.dressing, **changes)).hash != dressed.hash


def test_the_hash_of_a_master_binds_sound_and_recipe() -> None:
    one, other = digest("a"), digest("b")
    assert len({master_hash(one, other), master_hash(other, one), master_hash(one, one)}) == 3
