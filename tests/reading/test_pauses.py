"""Pauses that change what is understood: without its comma each of these is heard as another number or word."""

import pytest

from broadcaster.domain.reading import read, read_line


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("trên BĐ3 0,5m", "trên báo động ba, không phẩy năm mét"),
        ("trên báo động 3 0,75m", "trên báo động ba, không phẩy bảy mươi lăm mét"),
        ("Bụi PM2.5 35 µg/m³.", "Bụi pi em hai phẩy năm, ba mươi lăm mi crô gam trên mét khối."),
        ("lớp 5A2 35 em", "lớp năm a hai, ba mươi lăm em"),
        ("lô B2-15", "lô bê hai, mười lăm"),
        ("lô CN-05", "lô xê en nờ không năm"),
        ("tỷ số 3-2 (hiệp 1: 1-1)", "tỷ số ba hai, hiệp một, một một"),
        ("Ngã tư QL70 - ĐT 170", "Ngã tư quốc lộ bảy mươi, đường tỉnh một trăm bảy mươi"),
        ("đêm 10 ngày 11/12", "đêm mùng mười, ngày mười một tháng mười hai"),
        ("Đêm 10 và ngày 11/12", "Đêm mùng mười và ngày mười một tháng mười hai"),
        ("Mục II.3 phần A", "Mục hai chấm ba, phần a"),
        ("Phương án 11/PA-PCTT", "Phương án mười một, phòng chống thiên tai"),
        ("5 giọt/lần x 3 lần/ngày", "năm giọt một lần, ba lần một ngày"),
        ("12 suất quà x 500.000đ", "mười hai suất quà, mỗi suất năm trăm nghìn đồng"),
        ("ngày 12,13/4", "ngày mười hai, mười ba tháng tư"),
        ("ở 20,3°N-108,7°E", "ở hai mươi phẩy ba độ vĩ bắc, một trăm linh tám phẩy bảy độ kinh đông"),
        ("#ChuyenDoiSo #BauCu", "chuyển đổi số, bầu cử"),
        ("B1: đăng nhập; B2: chọn dịch vụ", "bước một, đăng nhập, bước hai, chọn dịch vụ"),
    ],
)
def test_pause(written: str, spoken: str) -> None:
    assert read_line(written) == spoken


def test_an_acronym_behind_its_own_words_is_silent_reported_and_remembered() -> None:
    reading = read("Tổ liên gia tự quản nước (TLGTQN) họp. Mời TLGTQN thôn 2.")
    assert [sentence.text for sentence in reading.sentences] == [
        "Tổ liên gia tự quản nước họp.",
        "Mời tổ liên gia tự quản nước thôn hai.",
    ]
    assert [finding.code for finding in reading.findings] == ["reading.said_once"]


def test_what_a_bracket_adds_is_said() -> None:
    assert read_line("mười hai (12) hộ, hai (03) hộ") == "mười hai hộ, hai, ba, hộ"
    assert read_line("Xã Minh Tiến (TYT)") == "Xã Minh Tiến, trạm y tế"
