"""Proof-reading: the plan's own slips, spelling, tone, encodings, private matters."""

import unicodedata
from pathlib import Path

import pytest

from broadcaster.domain.reading import LegacyFont, proofread, recognise_legacy

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus"


def codes(text: str) -> list[str]:
    return [finding.code.removeprefix("reading.") for finding in proofread(text)]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("dịch vụ công trục tuyến", "trực tuyến"),
        ("hội nghị tuyên truyền, phố biến, giáo dục", "phổ biến"),
        ("các đơn vị chủ trị nêu trên", "chủ trì"),
        ("nâng cao Chỉ hiệu PAPI", "chỉ số"),
        ("sử lý nghiêm", "xử lý"),
        ("báo cào kết quả", "báo cáo"),
    ],
)
def test_slips(written: str, meant: str) -> None:
    (finding,) = proofread(written)
    assert (finding.code, finding.facts["meant"]) == ("reading.slip", meant)


@pytest.mark.parametrize(
    "text",
    [
        "phổ biến pháp luật, chủ trì cuộc họp, dịch vụ công trực tuyến",
        "quý vị, giếng nước, khuỷu tay, thuở xưa, huỷ bỏ, hoà bình, nguyễn, ngoằn ngoèo, quốc gia, giữ gìn",
        "cần bỏ phiếu đúng giờ; hộ sơ tán; tổ trưởng",
        "UBND xã, HĐND, Đ/c Bí thư, ĐVTN",
        "Gọi 0912.000.168 hoặc 1800 1096; mã số thuế 5200123456",
    ],
)
def test_sound_text_raises_nothing(text: str) -> None:
    assert codes(text) == []


def test_spelling_and_tone() -> None:
    assert codes("nghành y tế") == ["spelling"]
    assert codes("được, đươc") == ["spelling"]
    assert codes("hòan thành qúy I") == ["tone_place", "tone_place"]


def test_unicode_forms_and_hidden_characters() -> None:
    assert codes("tuyên " + unicodedata.normalize("NFD", "truyền")) == ["unicode_mixed"]
    assert codes("ph\u00adương án") == ["invisible_character"]


def test_private_matters() -> None:
    assert codes("Số CCCD 015190001234.") == ["privacy_citizen_id"]
    assert codes("CMND số 060123456") == ["privacy_citizen_id"]
    assert codes("Cháu Nguyễn Văn An mắc bệnh tay chân miệng.") == ["privacy_child"]
    assert codes("Ông Trần Văn Bình bị ung thư.") == ["privacy_illness"]
    assert codes("Bà Lê Thị Mai vi phạm quy định.") == ["privacy_blame"]


def test_legacy_fonts() -> None:
    tcvn3 = "UBND x· Minh TiÕn th«ng b¸o lÞch tiÕp c«ng d©n"
    found = recognise_legacy(tcvn3)
    assert found
    assert (found.font, found.text) == (LegacyFont.TCVN3, "UBND xã Minh Tiến thông báo lịch tiếp công dân")
    assert ("x·", "xã") in found.changed
    vni = recognise_legacy("Uûy ban nhaân daân xaõ thoâng baùo lòch hoïp")
    assert vni
    assert (vni.font, vni.text) == (LegacyFont.VNI, "Ủy ban nhân dân xã thông báo lịch họp")
    assert codes(tcvn3) == ["legacy_font"]
    assert recognise_legacy("Ủy ban nhân dân xã thông báo") is None
    assert recognise_legacy("The commune office") is None


@pytest.mark.skipif(not CORPUS.is_dir(), reason="no corpus in ../shared/corpus")
def test_the_plan_and_the_bulletins() -> None:
    """All four slips of the plan, and at most one false alarm in a thousand words."""
    plan = (CORPUS / "plan_papi_2024.txt").read_text(encoding="utf-8")
    meant = sorted(f.facts["meant"] for f in proofread(plan) if f.code == "reading.slip")
    assert meant == ["chỉ số", "chủ trì", "phổ biến", "trực tuyến"]
    words = alarms = 0
    for path in sorted((CORPUS / "bulletins").glob("*.txt")):
        body = path.read_text(encoding="utf-8").split("---\n", 2)[2]
        words += len(body.split())
        alarms += sum(f.code in ("reading.slip", "reading.spelling", "reading.tone_place") for f in proofread(body))
    assert alarms * 1000 <= words
