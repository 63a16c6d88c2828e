"""The lexicon's layers, cues and TSV; the profile; document codes without an issuer in the tables."""

import pytest

from broadcaster.domain.reading import (
    Lexicon,
    LexiconEntry,
    Profile,
    ReadMode,
    format_lexicon_tsv,
    parse_lexicon_tsv,
    parse_profile,
    read,
    read_line,
)
from broadcaster.domain.reading.codes import _issuers, _types


def test_higher_layers_hide_lower_ones() -> None:
    commune = Lexicon.shipped().with_entries("commune", [LexiconEntry("PAPI", "pê a pê i")])
    bulletin = commune.with_entries("bulletin", [LexiconEntry("PAPI", "chỉ số pa pi")])
    assert read_line("PAPI") == "pa pi"
    assert read_line("PAPI", lexicon=commune) == "pê a pê i"
    assert read_line("PAPI", lexicon=bulletin) == "chỉ số pa pi"
    assert read("PAPI", lexicon=bulletin).spans[0].rule == "lexicon.bulletin"


def test_an_entry_may_spell_or_hold_several_words() -> None:
    entries = [LexiconEntry("XYZ", "", ReadMode.SPELL), LexiconEntry("Tổ TT", "tổ thông tin")]
    lexicon = Lexicon.shipped().with_entries("commune", entries)
    reading = read("XYZ và Tổ TT", lexicon=lexicon)
    assert reading.spoken == "ích i dét và tổ thông tin."
    assert not reading.findings


def test_cues_choose_between_entries() -> None:
    entries = [
        LexiconEntry("TT", "tổ trưởng", context="<đồng"),
        LexiconEntry("TT", "tiểu thương", context=">chợ"),
        LexiconEntry("TT", "thông tấn"),
    ]
    lexicon = Lexicon.shipped().with_entries("commune", entries)
    assert read_line("đồng TT", lexicon=lexicon) == "đồng tổ trưởng"
    assert read_line("các TT chợ Đông", lexicon=lexicon) == "các tiểu thương chợ Đông"
    assert read_line("bản TT", lexicon=lexicon) == "bản thông tấn"


def test_unknown_layers_are_refused() -> None:
    with pytest.raises(ValueError, match="no lexicon layer"):
        Lexicon.shipped().with_entries("village", [])


def test_tsv_goes_there_and_back() -> None:
    entries = Lexicon.shipped().entries("shipped")
    again, findings = parse_lexicon_tsv(format_lexicon_tsv(entries))
    assert again == entries
    assert not findings
    assert len(entries) > 900


def test_every_bad_row_is_reported() -> None:
    text = "written\tspoken\n\n# lời dặn\nA1\ta một\nchỉ một cột\n\tgì\nB\tb9\nC\tc\tsing\nD\t\nA1\ta nhất\n"
    entries, findings = parse_lexicon_tsv(text, "lexicon.tsv")
    assert [entry.written for entry in entries] == ["A1"]
    reasons = [(finding.facts["reason"], finding.place.line) for finding in findings]
    assert reasons == [("columns", 5), ("written", 6), ("spoken", 7), ("mode", 8), ("spoken", 9), ("repeated", 10)]


def test_the_tables_of_codes_are_wide_enough() -> None:
    assert len(_types()) >= 40
    assert len(_issuers()) >= 150


def test_profiles() -> None:
    text = "ngày 04/7: 1.024 hộ, 105 em"
    assert read_line(text, profile=Profile.south()) == (
        "ngày mùng bốn tháng bảy, một ngàn không trăm hai mươi bốn hộ, một trăm lẻ năm em"
    )
    chosen, findings = parse_profile({"thousand": "ngan", "early": "mong", "seven": "bẩy"})
    assert not findings
    assert read_line("ngày 7/7: 1.000", profile=chosen) == "ngày mồng bẩy tháng bẩy, một ngàn"


def test_a_profile_reports_every_mistake() -> None:
    chosen, findings = parse_profile({"dialect": "tây", "thousand": "k", "tone": "x", "four": "bốn"}, "station.toml")
    assert chosen == Profile(four="bốn")
    assert [(f.code, f.place.field) for f in findings] == [
        ("reading.profile_value", "dialect"),
        ("reading.profile_value", "thousand"),
        ("reading.profile_unknown", "tone"),
    ]


def test_short_codes() -> None:
    text = "Nghị định số 63/2024/NĐ-CP ngày 10/6/2024 của Chính phủ"
    short = read_line(text, profile=Profile(codes="short"))
    assert short.startswith("Nghị định số sáu mươi ba năm hai nghìn không trăm hai mươi tư ngày mùng mười")
    assert "nghị định chính phủ" in read_line(text)
