"""The shape of a reading: sentences, roles, pauses, findings, alternatives, hash."""

from broadcaster.domain.reading import Role, SpanKind, read, read_line
from broadcaster.domain.reading.breath import LONGEST

LONG = (  # one sentence of about 500 spoken characters
    "Thực hiện Kế hoạch số 07/KH-UBND ngày 08/01/2024, bà con các thôn Đông, Đoài, Trung, Thượng, Hạ đến nhà văn hóa "
    "để nghe phổ biến về cải cách hành chính, nộp hồ sơ trực tuyến, thanh toán không dùng tiền mặt và đăng ký tài "
    "khoản định danh điện tử mức 2 với Công an xã trước 17h00 "
    "ngày 31/12/2024, ai bận việc thì nhờ người nhà đi thay cho kịp"
)


def test_questions_and_answers_have_their_voices() -> None:
    reading = read("Hỏi: Nộp ở đâu?\nĐáp: Tại Bộ phận Một cửa. Mang theo CCCD.\nXin cảm ơn bà con.")
    assert [s.role for s in reading.sentences] == [Role.QUESTION, Role.ANSWER, Role.ANSWER, Role.BODY]
    assert reading.sentences[0].text == "Hỏi, Nộp ở đâu?"


def test_headings_and_items() -> None:
    reading = read("KẾ HOẠCH\nI. MỤC ĐÍCH\n- Tuyên truyền CCHC;\n- Phổ biến pháp luật.\nBà con chú ý nghe.")
    assert [s.role for s in reading.sentences] == [Role.HEADING, Role.HEADING, Role.ITEM, Role.ITEM, Role.BODY]
    assert reading.sentences[1].text == "một, mục đích."
    assert reading.sentences[0].pause_ms > reading.sentences[2].pause_ms


def test_long_sentences_are_cut_at_marks_and_never_in_a_span() -> None:
    reading = read(LONG)
    assert len(reading.sentences) > 1
    assert all(len(sentence.text) <= LONGEST + 1 for sentence in reading.sentences)
    said = " ".join(s.text for s in reading.sentences).rstrip(".")
    assert said.replace(",", "") == read_line(LONG).replace(",", "")


def test_a_typists_line_end_is_not_a_pause() -> None:
    text = "Căn cứ Kế hoạch của UBND xã Minh Tiến về việc tuyên truyền nâng cao Chỉ số \n\nHiệu quả quản trị năm\n2024."
    assert len(read(text).sentences) == 1


def test_findings_name_what_nobody_knows() -> None:
    reading = read("Họp với XQZT.\nGửi 😀 nhé")
    assert [(f.code, f.place.line, f.facts["written"]) for f in reading.findings] == [
        ("reading.unknown_acronym", 1, "XQZT"),
        ("reading.symbol_dropped", 2, "😀"),
    ]


def test_an_open_choice_offers_the_other_reading() -> None:
    span = next(s for s in read("Mưa ở 3/5").spans if s.kind in (SpanKind.DATE, SpanKind.FRACTION))
    assert span.confidence < 0.9
    assert span.alternatives


def test_what_sounds_alike_has_one_hash() -> None:
    assert read("UBND xã có 2 thôn.").hash == read("ủy ban nhân dân xã có hai thôn.").hash
    assert read("UBND xã có 2 thôn.").hash != read("UBND xã có 3 thôn.").hash


def test_duration_grows_with_the_words() -> None:
    assert (
        2000
        < read("Kính chào bà con!").duration_ms() + 1000
        < read("Kính chào toàn thể bà con nhân dân!").duration_ms() + 2000
    )
    assert read("bà con").duration_ms(2.0) > read("bà con").duration_ms(4.0)


def test_nothing_to_say() -> None:
    for text in ("", "\n\n", "...", "- "):
        assert read(text).sentences == ()
        assert read_line(text) == ""


def test_where_the_tone_mark_stands_does_not_matter() -> None:
    pairs = [
        ("Quốc hội khoá XV họp tại Hoà Bình.", "Quốc hội khóa XV họp tại Hòa Bình."),
        ("Uỷ ban xã hoà 1-1, thuỷ lợi khoẻ mạnh.", "Ủy ban xã hòa 1-1, thủy lợi khỏe mạnh."),
        ("Quý III, quỹ khuyến học.", "Quý III, quỹ khuyến học."),
    ]
    for new, old in pairs:
        assert read(new).hash == read(old).hash
    assert "khoá mười lăm" in read_line(pairs[0][0])


def test_case_does_not_change_the_words() -> None:
    for text in ("Họp lúc 8h30 ngày 05/3/2024 tại thôn 3", "Nộp 500.000 đồng/hộ", "Gọi số 0912.000.168"):
        said = read_line(text).lower()
        assert read_line(text.upper()).lower() == said
        assert read_line(text.lower()).lower() == said
