"""Administrative documents, read back by other people's programs: Word, PDF, Excel, SVG."""

import io
import shutil
import subprocess
import unicodedata
import zipfile
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from docx import Document
from hypothesis import example, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from pypdf import PdfReader

from broadcaster.adapters.documents.charts import svg, ticks
from broadcaster.adapters.documents.files import FileDocuments
from broadcaster.composing import composed
from broadcaster.domain.reports.table import Cell, Column, Table
from broadcaster.errors import ConfigError, StoreError
from broadcaster.ports import PageChart, Paper, Section
from broadcaster.showing import Names, page_table

NAMES = Names(topics={"mot_cua": "Cơ chế một cửa", "papi": "Chỉ số PAPI"})
TABLE = Table(
    "totals_by_topic",
    (
        Column("topic", Cell.TOPIC),
        Column("airings", Cell.COUNT),
        Column("aired", Cell.DURATION),
        Column("unique", Cell.DURATION),
        Column("share", Cell.SHARE),
    ),
    (("mot_cua", 3, 90_000, 50_000, 0.75), ("papi", 1, 30_000, 50_000, 0.25), ("", 4, 120_000, 60_000, 1.0)),
    total=True,
)
CHART = PageChart(
    "Thời lượng <theo> chủ đề", "phút", ("Cơ chế một cửa", "PAPI & khác"), (1.5, 0.5), described="Cao nhất: 1,5"
)
PAPER = Paper(
    parent="ỦY BAN NHÂN DÂN XÃ MINH TIẾN",
    issuer="ĐÀI TRUYỀN THANH XÃ MINH TIẾN",
    number="Số: 12/BC-ĐTT",
    place_date="Minh Tiến, ngày 05 tháng 02 năm 2026",
    kind="BÁO CÁO",
    subject="Kết quả tuyên truyền tháng 01 năm 2026",
    sections=(
        Section(lines=("Đài phát 3 lượt; nhóm đích chiếm 75,0%.",)),
        Section("Theo chủ đề", (), CHART, page_table(TABLE, "vi", NAMES), "broadcaster report make topic"),
        Section("Sổ sự cố", ("Trong kỳ không có số liệu.",)),
    ),
    recipients=("Lãnh đạo UBND xã", "Lưu: VT"),
    signer_titles=("KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"),
    signer="Phạm Văn Minh",
    day=date(2026, 2, 5),
)
SAID = [
    "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
    "Độc lập - Tự do - Hạnh phúc",
    PAPER.parent,
    PAPER.issuer,
    PAPER.number,
    PAPER.place_date,
    PAPER.kind,
    PAPER.subject,
    "Cơ chế một cửa",
    "1:30",
    "75,0%",
    "broadcaster report make topic",
    "Nơi nhận:",
    "Lưu: VT.",
    "PHÓ CHỦ TỊCH",
    PAPER.signer,
]
"""Every part that NĐ 30/2020, article 8, asks for, and some of the body."""


@pytest.fixture
def documents() -> FileDocuments:
    return FileDocuments()


def words_of_pdf(path: Path) -> str:
    pages = [page.extract_text() for page in PdfReader(path).pages]
    return " ".join(" ".join(pages).split())


def words_of_docx(path: Path) -> str:
    """Every text of the body in its order, tables included."""
    body = Document(str(path)).element.body
    texts = [
        node.text or "" if node.tag.endswith("}t") else " " for node in body.iter() if node.tag[-2:] in {"}t", "}p"}
    ]
    return " ".join("".join(texts).split())


# Every part of the form, in both formats


def test_a_pdf_says_all_that_the_decree_asks_for(documents: FileDocuments, tmp_path: Path) -> None:
    documents.paper(PAPER, tmp_path / "a.pdf")
    words = words_of_pdf(tmp_path / "a.pdf")
    assert [part for part in SAID if part not in words] == []
    places = [words.index(part) for part in (PAPER.kind, PAPER.subject, "Theo chủ đề", "Nơi nhận:")]
    assert places == sorted(places)


def test_a_word_file_says_all_that_the_decree_asks_for(documents: FileDocuments, tmp_path: Path) -> None:
    documents.paper(PAPER, tmp_path / "a.docx")
    words = words_of_docx(tmp_path / "a.docx")
    assert [part for part in SAID if part not in words] == []
    assert "{{" not in words
    assert "{%" not in words


def test_a_page_is_a4_with_the_decrees_margins_and_its_number_from_the_second_page_on(
    documents: FileDocuments, tmp_path: Path
) -> None:
    long = replace(PAPER, sections=(*PAPER.sections, Section(lines=("Nội dung. " * 60,) * 12)))
    documents.paper(long, tmp_path / "a.pdf")
    pages = PdfReader(tmp_path / "a.pdf").pages
    assert [round(float(side) / 72 * 25.4) for side in pages[0].mediabox[2:]] == [210, 297]
    assert not pages[0].extract_text().lstrip().startswith("1")
    assert pages[1].extract_text().lstrip().startswith("2")
    documents.paper(long, tmp_path / "a.docx")
    section = Document(str(tmp_path / "a.docx")).sections[0]
    margins = [
        side.mm for side in (section.top_margin, section.bottom_margin, section.left_margin, section.right_margin)
    ]
    assert [round(mm) for mm in margins] == [20, 20, 30, 15]
    assert section.different_first_page_header_footer
    assert "PAGE" in section.header._element.xml


def test_a_wide_paper_lies_on_its_long_side(documents: FileDocuments, tmp_path: Path) -> None:
    wide = replace(PAPER, landscape=True)
    documents.paper(wide, tmp_path / "a.pdf")
    documents.paper(wide, tmp_path / "a.docx")
    assert [round(float(s) / 72 * 25.4) for s in PdfReader(tmp_path / "a.pdf").pages[0].mediabox[2:]] == [297, 210]
    section = Document(str(tmp_path / "a.docx")).sections[0]
    assert section.page_width > section.page_height


def test_figures_in_word_stand_to_the_right_the_sum_is_bold_and_the_head_repeats(
    documents: FileDocuments, tmp_path: Path
) -> None:
    documents.paper(PAPER, tmp_path / "a.docx")
    table = next(t for t in Document(str(tmp_path / "a.docx")).tables if "tblHeader" in t._tbl.xml)
    assert [cell.text for cell in table.rows[1].cells] == ["Cơ chế một cửa", "3", "1:30", "0:50", "75,0%"]
    assert [cell.paragraphs[0].alignment for cell in table.rows[1].cells][:2] == [None, 2]
    assert all(run.bold for cell in table.rows[3].cells for run in cell.paragraphs[0].runs)
    assert len(table.columns) == 5


def test_the_faces_are_in_the_pdf(documents: FileDocuments, tmp_path: Path) -> None:
    documents.paper(PAPER, tmp_path / "a.pdf")
    fonts: set[str] = set()
    for page in PdfReader(tmp_path / "a.pdf").pages:
        resources: Any = page["/Resources"]
        fonts |= {str(font.get_object()["/BaseFont"]) for font in resources["/Font"].values()}
    assert {name.split("+")[-1].split("-")[0] for name in fonts if "Tinos" in name} == {"Tinos"}
    assert all("Tinos" in name or "Mono" in name for name in fonts)


# The same bytes, whole files


@pytest.mark.parametrize("ending", ["docx", "pdf", "xlsx"])
def test_the_same_paper_is_the_same_file(documents: FileDocuments, tmp_path: Path, ending: str) -> None:
    for name in ("a", "b"):
        documents.paper(PAPER, tmp_path / f"{name}.{ending}")
    assert (tmp_path / f"a.{ending}").read_bytes() == (tmp_path / f"b.{ending}").read_bytes()


@pytest.mark.parametrize("ending", ["docx", "pdf", "xlsx"])
def test_accents_come_out_composed_however_they_went_in(documents: FileDocuments, tmp_path: Path, ending: str) -> None:
    def taken_apart(value: Any) -> Any:
        if isinstance(value, str):
            return unicodedata.normalize("NFD", value)
        return tuple(taken_apart(part) for part in value) if isinstance(value, tuple) else value

    apart = replace(
        PAPER,
        **{name: taken_apart(getattr(PAPER, name)) for name in ("parent", "issuer", "subject", "signer", "recipients")},
        sections=tuple(replace(s, lines=taken_apart(s.lines), heading=taken_apart(s.heading)) for s in PAPER.sections),
    )
    assert apart != PAPER
    documents.paper(PAPER, tmp_path / f"a.{ending}")
    documents.paper(composed(apart), tmp_path / f"b.{ending}")
    assert (tmp_path / f"a.{ending}").read_bytes() == (tmp_path / f"b.{ending}").read_bytes()


def test_another_ending_is_refused_and_nothing_is_written(documents: FileDocuments, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        documents.paper(PAPER, tmp_path / "a.odt")
    assert caught.value.code == "paper.ending"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("ending", ["docx", "pdf", "xlsx"])
def test_a_place_that_cannot_be_written_is_one_message(documents: FileDocuments, tmp_path: Path, ending: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError) as caught:
        documents.paper(PAPER, tmp_path / "file" / f"a.{ending}")
    assert caught.value.code == "file.disk"


@settings(max_examples=8, deadline=None)
@given(text=st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Co", "Cn"]), max_size=40))
def test_any_text_can_be_set(text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    """What looks like the templates' own language, like markup or like a formula is text."""
    folder = tmp_path_factory.mktemp("papers")
    given = f"{text} #let x = 1; {{{{ 7*7 }}}} <b> & =1+1 $a$ @b"
    odd = Table("totals_by_bulletin", (Column("bulletin", Cell.BULLETIN),), ((f"={given}",),))
    paper = replace(
        PAPER, subject=given, sections=(Section(given, (given,), None, page_table(odd, "vi", NAMES), given),)
    )
    documents = FileDocuments()
    for ending in ("pdf", "docx", "xlsx"):
        documents.paper(composed(paper), folder / f"a.{ending}")
    assert "{{ 7*7 }}" in words_of_docx(folder / "a.docx")
    assert "{{ 7*7 }}" in words_of_pdf(folder / "a.pdf")
    cell = load_workbook(folder / "a.xlsx").worksheets[0].cell(5, 1)
    assert (cell.data_type, str(cell.value)[:1]) == ("s", "=")


# The office's own form


def test_the_office_may_change_the_form(documents: FileDocuments, tmp_path: Path) -> None:
    documents.form(tmp_path / "form.docx")
    own = Document(str(tmp_path / "form.docx"))
    own.add_paragraph("Mẫu riêng của xã: {{ paper.number }}")
    own.save(str(tmp_path / "form.docx"))
    documents.paper(PAPER, tmp_path / "a.docx", tmp_path / "form.docx")
    assert "Mẫu riêng của xã: Số: 12/BC-ĐTT" in words_of_docx(tmp_path / "a.docx")


@pytest.mark.parametrize("what", ["no zip", "no word", "bad tag", "danger", "bomb"])
def test_a_form_that_cannot_be_used_is_one_message(documents: FileDocuments, tmp_path: Path, what: str) -> None:
    form = tmp_path / "form.docx"
    if what == "no zip":
        form.write_bytes(b"PK not a zip")
    elif what == "no word":
        with zipfile.ZipFile(form, "w") as archive:
            archive.writestr("a.txt", "a")
    elif what == "bomb":
        with zipfile.ZipFile(form, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("word/document.xml", b" " * 30_000_000)
    else:
        documents.form(form)
        own = Document(str(form))
        own.add_paragraph("{% for %}" if what == "bad tag" else "{{ ().__class__.__bases__[0].__subclasses__() }}")
        own.save(str(form))
    with pytest.raises(ConfigError) as caught:
        documents.paper(PAPER, tmp_path / "a.docx", form)
    assert caught.value.code == "paper.form"
    assert not (tmp_path / "a.docx").exists()


# Excel


def test_sums_and_shares_in_excel_are_formulas_where_they_are_true(documents: FileDocuments, tmp_path: Path) -> None:
    documents.paper(PAPER, tmp_path / "a.xlsx")
    sheet = load_workbook(tmp_path / "a.xlsx").worksheets[0]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=4, max_row=7, max_col=5)]
    assert rows[0][0] == "Chủ đề"
    assert rows[1][:2] == ["Cơ chế một cửa", 3]
    assert rows[1][4] == "=IF(C$7=0,0,C5/C$7)"
    assert rows[3][1:] == ["=SUM(B5:B6)", "=SUM(C5:C6)", timedelta(minutes=1), "=IF(C$7=0,0,C7/C$7)"]
    shown = load_workbook(tmp_path / "a.xlsx", data_only=True).worksheets[0]
    assert shown["B7"].value == 4
    assert shown["E5"].value == pytest.approx(0.75)


def test_a_chart_in_excel_follows_its_cells(documents: FileDocuments, tmp_path: Path) -> None:
    documents.paper(PAPER, tmp_path / "a.xlsx")
    with zipfile.ZipFile(tmp_path / "a.xlsx") as archive:
        chart = archive.read("xl/charts/chart1.xml").decode()
    assert "$G$5:$G$6" in chart
    assert "$H$5:$H$6" in chart


# LibreOffice, as the office would open them


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_libreoffice_opens_what_we_write(documents: FileDocuments, tmp_path: Path) -> None:
    for ending in ("docx", "xlsx"):
        documents.paper(PAPER, tmp_path / f"{ending}.{ending}")
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    for kind, name in (("pdf", "docx.docx"), ("ods", "xlsx.xlsx")):
        done = subprocess.run(
            ["soffice", profile, "--headless", "--convert-to", kind, "--outdir", tmp_path, tmp_path / name],
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert done.returncode == 0, done.stderr
    words = words_of_pdf(tmp_path / "docx.pdf")
    assert [part for part in SAID if part not in words] == []
    with zipfile.ZipFile(tmp_path / "xlsx.ods") as archive:
        content = archive.read("content.xml").decode()
    assert "of:=SUM([.B5:.B6])" in content
    assert "Cơ chế một cửa" in content
    assert "Err:" not in content


# Charts


charts = st.builds(
    PageChart,
    title=st.text(max_size=20),
    unit=st.just("phút"),
    names=st.just(()),
    values=st.lists(st.floats(0, 1e6), max_size=40).map(tuple),
    over_time=st.booleans(),
    described=st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=20),
).map(lambda c: replace(c, title="<&>", names=tuple(f"{n:02d}/11 & <x>" for n in range(len(c.values)))))


@settings(max_examples=40, deadline=None)
@given(charts)
@example(PageChart("<&>", "phút", ("01/11 & <x>",), (5e-324,), over_time=True, described=""))
def test_any_chart_is_xml_and_draws_every_value_in_its_place(chart: PageChart) -> None:
    root = ET.fromstring(svg(chart))  # noqa: S314 - our own
    spaces = {"s": "http://www.w3.org/2000/svg"}
    assert root.find("s:title", spaces) is not None
    width, height = (float(part) for part in root.attrib["viewBox"].split()[2:])
    bars = [bar for bar in root.iterfind("s:rect", spaces) if bar.attrib["fill"] != "#ffffff"]
    assert len(bars) == len(chart.values)
    side = "height" if chart.over_time else "width"
    drawn = [float(bar.attrib[side]) for bar in bars]
    for bar in bars:
        assert 0 <= float(bar.attrib["x"]) <= float(bar.attrib["x"]) + float(bar.attrib["width"]) <= width
        assert 0 <= float(bar.attrib["y"]) <= float(bar.attrib["y"]) + float(bar.attrib["height"]) <= height
    most = max(chart.values, default=0)
    if most > 1e-3:
        longest = max(drawn)
        scale = [v / most * longest for v in chart.values]
        assert drawn == pytest.approx(scale, abs=0.2)


@given(st.floats(1e-3, 1e9))
def test_ticks_are_few_and_reach_above(most: float) -> None:
    marks = ticks(most)
    assert marks[0] == 0
    assert most <= marks[-1] * (1 + 1e-6)
    assert 3 <= len(marks) <= 7


def test_a_chart_goes_to_a_file(documents: FileDocuments, tmp_path: Path) -> None:
    documents.chart(CHART, tmp_path / "a.svg")
    text = (tmp_path / "a.svg").read_text("utf-8")
    assert "Thời lượng &lt;theo&gt; chủ đề" in text
    assert io.StringIO(text).readline().startswith("<svg")
