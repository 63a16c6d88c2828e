"""The station's file: every error at once, each at its line, and one typed error for what is hopeless."""

import tomllib
from collections.abc import Callable
from datetime import date, time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.finish import Finish, VoiceChain
from broadcaster.domain.station import ALL_WEEKDAYS, WHOLE_COMMUNE, Role, Station, check_notice, check_station
from broadcaster.domain.station_file import parse_station
from broadcaster.errors import ConfigError, Finding, Severity

SAMPLE = """\
[station]
code = "minh_tien"
name = "Đài xã"
province = "Tỉnh mẫu"
commune = "xã Minh Tiến"

[[session]]
code = "sang"
name = "Buổi sáng"
start = "5h30"
minutes = 45
weekdays = [2, 8]
relays = [{ source = "VOV1", offset_minutes = 20, minutes = 10 }, { source = "Tỉnh", minutes = 5 }]

[[thon]]
code = "dong"
name = "thôn Đông"
households = 300
valid_to = 30/6/2030

[[cluster]]
code = "dong_1"
name = "Nhà văn hóa"
thon = "dong"

[[cluster]]
code = "dong_2"
name = "Đầu đê"
thon = "dong"
valid_from = 2027-01-01

[[zone]]
code = "de"
name = "Khu đê"
clusters = ["dong_2"]

[[person]]
code = "hoa"
name = "Hoa"
roles = ["tac_gia", "Vận hành"]
""".replace("30/6/2030", '"30/6/2030"')


def findings(text: str) -> list[Finding]:
    with pytest.raises(ConfigError) as caught:
        parse_station(text, "dai.toml")
    assert caught.value.code == "station.invalid"
    assert all(finding.place.file == "dai.toml" for finding in caught.value.findings)
    return list(caught.value.findings)


def wrong(text: str) -> list[tuple[str, int, str]]:
    return [(f.code, f.place.line, f.place.field) for f in findings(text)]


def test_a_good_file_is_read_whole() -> None:
    station = parse_station(SAMPLE)
    assert [zone.code for zone in station.zones] == [WHOLE_COMMUNE, "dong", "de"]
    assert station.zone_by_code[WHOLE_COMMUNE].clusters == {"dong_1", "dong_2"}
    (session,) = station.sessions
    assert (session.start, session.cap, session.weekdays) == (time(5, 30), 45 * 60_000, (0, 6))
    assert [(r.source, r.offset, r.duration) for r in session.relays] == [
        ("Tỉnh", 0, 300_000),
        ("VOV1", 1_200_000, 600_000),
    ]
    assert station.people[0].roles == {Role.AUTHOR, Role.OPERATOR}
    assert station.thons[0].valid_to == date(2030, 6, 30)
    assert station.alive_on(date(2026, 12, 31)) == {"dong_1"}


def test_the_shipped_station_is_sound(root: Path) -> None:
    station = parse_station((root / "schedules" / "station.toml").read_text(encoding="utf-8"))
    assert len(station.thons) == 7
    assert len(station.clusters) == 14
    assert check_station(station) == ()


def test_every_error_is_told_at_once_with_its_line() -> None:
    text = (
        SAMPLE.replace('start = "5h30"', 'start = "25:00"')
        .replace("weekdays = [2, 8]", "weekdays = [1, 8]")
        .replace("households = 300", 'households = "ba trăm"')
        .replace('name = "Nhà văn hóa"\nthon = "dong"', 'name = "Nhà văn hóa"\nthon = "dng"')
        .replace('roles = ["tac_gia", "Vận hành"]', 'roles = ["tac_gi"]')
        .replace('province = "Tỉnh mẫu"\n', 'provinc = "Tỉnh mẫu"\n')
    )
    assert sorted(wrong(text), key=lambda row: row[1]) == [
        ("field.required", 1, "station.province"),
        ("field.unknown", 4, "station.provinc"),
        ("field.clock", 10, "session[1].start"),
        ("field.whole", 12, "session[1].weekdays"),
        ("field.whole", 18, "thon[1].households"),
        ("field.choice", 24, "cluster[1].thon"),
        ("field.choice", 40, "person[1].roles"),
    ]


@pytest.mark.parametrize(
    ("change", "field", "meant"),
    [
        (('thon = "dong"', 'thon = "dogn"'), "cluster[1].thon", "dong"),
        (('["dong_2"]', '["dng_2"]'), "zone[1].clusters", "dong_2"),
        (("[[person]]", "[[persn]]"), "persn", "person"),
        (("minutes = 45", "minuts = 45"), "session[1].minuts", "minutes"),
        (('code = "de"', 'codee = "de"'), "zone[1].codee", "code"),
    ],
)
def test_misspellings_come_with_what_was_meant(change: tuple[str, str], field: str, meant: str) -> None:
    found = {f.place.field: f.facts.get("suggestion") for f in findings(SAMPLE.replace(*change, 1))}
    assert found[field] == meant


def test_a_table_that_is_not_known_is_found_at_its_line() -> None:
    assert ("field.unknown", 37, "persn") in wrong(SAMPLE.replace("[[person]]", "[[persn]]"))


@pytest.mark.parametrize("table", ["thon", "cluster", "session"])
def test_a_station_needs_thons_clusters_and_sessions(table: str) -> None:
    assert ("field.required", table) in {
        (code, field) for code, _, field in wrong(SAMPLE.replace(f"[[{table}]]", "[[person]]"))
    }


@pytest.mark.parametrize(
    "more",
    [
        '[[thon]]\ncode = "dong"\nname = "hai"',
        '[[cluster]]\ncode = "dong_1"\nname = "hai"\nthon = "dong"',
        '[[zone]]\ncode = "dong"\nname = "hai"\nclusters = []',
        '[[zone]]\ncode = "toan_xa"\nname = "hai"\nclusters = ["dong_1"]',
        '[[thon]]\ncode = "toan_xa"\nname = "hai"',
        '[[session]]\ncode = "sang"\nname = "hai"\nstart = "17:30"',
        '[[person]]\ncode = "hoa"\nname = "hai"\nroles = []',
    ],
)
def test_no_code_is_given_twice(more: str) -> None:
    assert "field.duplicate" in {code for code, _, _ in wrong(f"{SAMPLE}\n{more}\n")}


@pytest.mark.parametrize("number", ["0", "-5", "1441", "nan", "inf", "true", '"45"'])
def test_a_session_has_a_length(number: str) -> None:
    assert ("field.number", 11, "session[1].minutes") in wrong(SAMPLE.replace("minutes = 45", f"minutes = {number}"))


@pytest.mark.parametrize("blank", ['""', '"   "', '"\\t"', "[]"])
def test_a_name_of_blanks_is_missing(blank: str) -> None:
    text = SAMPLE.replace('name = "thôn Đông"', f"name = {blank}")
    assert ("thon[1].name") in {field for _, _, field in wrong(text)}


@pytest.mark.parametrize("zone", ["Asia/Ha_Noi", "Asia", "/etc/passwd", "../../etc/passwd", "a" * 3000, "A\\u0000"])
def test_time_zones_that_nobody_knows(zone: str) -> None:
    text = SAMPLE.replace('code = "minh_tien"', f'code = "minh_tien"\ntimezone = "{zone}"')
    assert (3, "station.timezone") in {(line, field) for _, line, field in wrong(text)}


@pytest.mark.parametrize(
    "text",
    [
        "[station\n",
        "a = 1\na = 2\n",
        "a = 2026-02-30\n",
        "a = [\n",
        "\x00",
        "[station]\nname = 'một\n",
        "a=" + "1" * 5000,
        "a=" + "[" * 3000 + "]" * 3000,
    ],
)
def test_what_is_not_toml(text: str) -> None:
    (finding,) = findings(text)
    assert finding.code == "station.syntax"


@pytest.mark.parametrize("text", ["[station\n", "\n\na = 1\na = 2\n", "\n\na = 2026-02-30\n"])
def test_broken_syntax_is_found_at_its_line(text: str) -> None:
    (finding,) = findings(text)
    assert finding.place.line == text.count("\n")


tables = st.sampled_from(["station", "thon", "cluster", "zone", "session", "person", "quiet", "target", "spoken"])
hostile = st.sampled_from(
    ["1", '"x"', "[1, 2]", '["x"]', "[[1]]", "{ a = 1 }", "true", "2026-11-22", "nan", "07:30:00", "0x" + "f" * 5000]
)


@given(tables, hostile)
def test_any_value_in_the_place_of_a_table(table: str, value: str) -> None:
    assert wrong(f"{table} = {value}\n")


@pytest.mark.parametrize("table", ["quiet", "target", "spoken"])
@pytest.mark.parametrize("value", ["5", '"x"', "[{ start = 1 }]"])
def test_a_value_in_the_place_of_a_table_is_not_passed_over(table: str, value: str) -> None:
    assert table in {field.rstrip(".") for _, _, field in wrong(f"{table} = {value}\n{SAMPLE}")}


@pytest.mark.parametrize("value", ["1", '"VOV"', "[1]", '["x"]', "[[]]", "{ source = 'a' }"])
def test_relays_that_are_no_tables_are_not_passed_over(value: str) -> None:
    lines = [f"relays = {value}" if line.startswith("relays") else line for line in SAMPLE.splitlines()]
    assert 13 in {line for _, line, _ in wrong("\n".join(lines))}


keys: Callable[[str], st.SearchStrategy[str]] = lambda text: st.sampled_from(  # noqa: E731 - one expression
    [line.partition(" = ")[0] for line in text.splitlines() if " = " in line]
)


@given(keys(SAMPLE), hostile)
def test_any_value_in_the_place_of_a_field(key: str, value: str) -> None:
    text = "\n".join(f"{key} = {value}" if line.startswith(f"{key} =") else line for line in SAMPLE.splitlines())
    tomllib.loads(text)
    try:
        station = parse_station(text)
    except ConfigError as error:
        assert all(finding.place.line for finding in error.findings)  # noqa: PT017 - either way is right
    else:
        assert isinstance(station, Station)
        check_station(station)


@given(st.text(max_size=200))
def test_any_text_at_all(text: str) -> None:
    for whole in (text, f"{SAMPLE}\n{text}", f"{text}\n{SAMPLE}"):
        try:
            assert parse_station(whole).code == "minh_tien"
        except ConfigError as error:
            assert any(finding.severity is Severity.ERROR for finding in error.findings)  # noqa: PT017


def test_weekdays_are_counted_as_vietnamese_counts_them() -> None:
    assert parse_station(SAMPLE.replace("weekdays = [2, 8]\n", "")).sessions[0].weekdays == ALL_WEEKDAYS


def audio(lines: str) -> str:
    return f"{SAMPLE}\n[audio]\n{lines}\n"


def test_how_masters_are_finished() -> None:
    assert parse_station(SAMPLE).finish == Finish()
    station = parse_station(audio('chain = "loa_nen"\nbed = "nhac.flac"\nbed_below = 20'))
    assert station.finish == Finish(VoiceChain.HORN, "nhac.flac", 20.0)


def test_a_wrong_finish_names_the_nearest() -> None:
    (finding,) = findings(audio('chain = "loa nem"'))
    assert (finding.code, finding.place.field, finding.facts["suggestion"]) == (
        "field.choice",
        "audio.chain",
        "loa_nen",
    )
    assert [row[0] for row in wrong(audio('chian = "off"\nbed_below = 3'))] == ["field.number", "field.unknown"]


def test_synthetic_speech_is_announced_unless_that_is_switched_off() -> None:
    assert parse_station(SAMPLE).parts.synthetic_notice
    spoken = "[spoken]\nannounce_synthetic = false\n"
    off = parse_station(SAMPLE.replace("[spoken]\n", spoken) if "[spoken]" in SAMPLE else SAMPLE + "\n" + spoken)
    assert off.parts.synthetic_notice == ""
    assert [finding.code for finding in check_notice(off)] == ["station.no_notice"]
    assert check_notice(parse_station(SAMPLE)) == ()


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ("vi_do = 106.07\nkinh_do = 20.65", {"vi_do", "kinh_do"}),
        ("vi_do = 20.65", {"kinh_do"}),
        ("kinh_do = 106.07", {"vi_do"}),
        ('vi_do = "bắc"\nkinh_do = 106.07', {"vi_do"}),
        ("vi_do = nan\nkinh_do = 106.07", {"vi_do"}),
    ],
)
def test_a_place_is_two_numbers_within_the_country(given: str, wrong: set[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_station(SAMPLE.replace('name = "Đầu đê"', f'name = "Đầu đê"\n{given}'))
    assert {finding.place.field.rpartition(".")[2] for finding in caught.value.findings} == wrong


def test_where_a_cluster_stands_does_not_change_what_is_aired() -> None:
    placed = parse_station(SAMPLE.replace('name = "Đầu đê"', 'name = "Đầu đê"\nvi_do = 20.65\nkinh_do = 106'))
    spot = placed.cluster_by_code["dong_2"].spot
    assert spot is not None
    assert (spot.latitude, spot.longitude) == (20.65, 106.0)
    assert placed.hash == parse_station(SAMPLE).hash
