"""The shipped taxonomy and the groups of clause IV.3."""

from broadcaster.domain.taxonomy import shipped_taxonomy, taxonomy_from


def test_the_groups_of_clause_iv_3() -> None:
    taxonomy = shipped_taxonomy()
    assert taxonomy.focus_group == {"mot_cua", "mot_cua_lien_thong"}
    assert taxonomy.target_group == {"papi", "cchc"} | taxonomy.focus_group
    assert taxonomy.target_group <= taxonomy.topics.keys()


def test_what_the_law_wants_aired_on_three_days() -> None:
    taxonomy = shipped_taxonomy()
    assert {code for code, topic in taxonomy.topics.items() if topic.min_days} == {
        "cong_khai_minh_bach",
        "phong_chong_tham_nhung",
        "dan_chu_co_so",
        "an_sinh_xa_hoi",
    }
    assert all(topic.code == code for code, topic in taxonomy.topics.items())
    assert len(taxonomy.topics) == 19
    assert taxonomy.topics["bieu_duong_phe_phan"].approver_level == "chu_tich"
    assert all(1 <= topic.htttn_field <= 6 for topic in taxonomy.topics.values())
    assert all(1 <= part <= 8 for topic in taxonomy.topics.values() for part in topic.papi)


def test_a_topic_needs_no_more_than_a_name() -> None:
    taxonomy = taxonomy_from({"topics": {"x": {"ten": "X"}}, "target_group": ["x"], "focus_group": []})
    assert taxonomy.topics["x"].min_days == 0
    assert taxonomy.target_group == {"x"}
    assert taxonomy.focus_group == frozenset()


def test_a_text_suggests_the_topics_of_which_it_speaks_most() -> None:
    topics = {
        "a": {"ten": "A", "kw": ["tiêm phòng"]},
        "b": {"ten": "B", "kw": ["họp thôn", "bầu cử"]},
        "c": {"ten": "C"},
    }
    taxonomy = taxonomy_from({"topics": topics, "target_group": [], "focus_group": []})
    found = taxonomy.suggestions("Họp thôn bàn việc bầu cử; TIÊM PHÒNG để sau.")
    assert [(topic.code, words) for topic, words in found] == [("b", ("họp thôn", "bầu cử")), ("a", ("tiêm phòng",))]
    assert taxonomy.suggestions("tiêm phòngg") == []


def test_a_topic_of_an_earlier_taxonomy_goes_by_its_code() -> None:
    taxonomy = shipped_taxonomy()
    assert taxonomy.name_of("mot_cua") == taxonomy.topics["mot_cua"].name
    assert taxonomy.name_of("da_bo") == "da_bo"
