"""Likely duplicates among wishes: measured on pairs that were written down before there was a measure."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tasks import wish_pairs, wish_pairs_blind, wish_pairs_fresh, wish_pairs_kept_back, wish_pairs_unseen
from vanguard.lib.likeness import LIKELY, gist, likeness, likeness_of

SCRAPS = [scrap for pair in wish_pairs.ALIKE for scrap in pair.other.split("，")]
WISHES = st.one_of(
    st.text(max_size=60), st.lists(st.sampled_from([*SCRAPS, "3", "二", "号楼", "-", "捐"])).map("".join)
)


def offered(pairs):
    return [(pair.one, pair.other) for pair in pairs if likeness(pair.one, pair.other) >= LIKELY]


def missed(pairs):
    return [(pair.one, pair.other) for pair in pairs if likeness(pair.one, pair.other) < LIKELY]


@pytest.mark.parametrize("pairs", [wish_pairs, wish_pairs_blind])
def test_of_sixty_pairs_those_alike_are_offered_and_the_others_are_not(pairs):
    assert (len(pairs.ALIKE), len(pairs.OTHER)) == (30, 30)
    assert len(offered(pairs.ALIKE)) >= 26, missed(pairs.ALIKE)
    assert len(offered(pairs.OTHER)) <= 3, offered(pairs.OTHER)


@pytest.mark.parametrize(
    ("pairs", "each", "least", "most"),
    [(wish_pairs_unseen, 20, 18, 3), (wish_pairs_fresh, 40, 30, 12), (wish_pairs_kept_back, 30, 20, 6)],
)
def test_pairs_that_the_lists_were_not_written_for_do_not_fall_far_behind(pairs, each, least, most):
    assert (len(pairs.ALIKE), len(pairs.OTHER)) == (each, each)
    assert len(offered(pairs.ALIKE)) >= least, missed(pairs.ALIKE)
    assert len(offered(pairs.OTHER)) <= most, offered(pairs.OTHER)


def test_among_all_needs_hardly_any_two_are_mistaken_for_one():
    texts = [(need, text) for need, pair in enumerate(wish_pairs.ALIKE) for text in (pair.one, pair.other)]
    mistaken = [
        (one, other)
        for at, (need, one) in enumerate(texts)
        for another, other in texts[at + 1 :]
        if need != another and likeness(one, other) >= LIKELY
    ]
    assert len(mistaken) <= 10, mistaken  # of 1,740


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("三号楼门口的路灯坏了", "3幢门口路灯不亮"),
        ("３ 号楼 的电梯坏了", "三栋电梯坏了"),
        ("十二幢电梯坏了", "12栋电梯坏了"),
        ("二十三号楼电梯坏了", "23#电梯坏了"),
        ("5-2-301厨房漏水", "五幢厨房渗水"),
        ("星期三送孩子上学", "礼拜三送小孩上学"),
        ("电瓶车停在楼道里", "电动车停在楼道里"),
    ],
)
def test_the_same_is_the_same_however_it_is_written(one, other):
    assert likeness(one, other) >= LIKELY


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("3号楼门口的路灯坏了", "5号楼门口的路灯坏了"),
        ("3幢1单元的灯坏了", "3幢2单元的灯坏了"),
        ("12幢电梯坏了", "2幢电梯坏了"),
        ("南门的路灯坏了", "北大门的路灯坏了"),
        ("五年级孩子要补数学", "初二孩子要补数学"),
        ("想要一个书包", "捐一个书包"),
    ],
)
def test_another_place_child_or_giver_is_another_need(one, other):
    assert likeness(one, other) == 0


def test_a_fault_told_without_the_building_may_be_the_same():
    assert likeness("3号楼门口的路灯坏了", "门口那盏路灯不亮了，晚上看不见") >= LIKELY


def test_a_word_that_no_list_knows_counts_where_both_have_it():
    assert likeness("院子里的日晷倒了", "日晷塌了，走不过去") >= LIKELY
    assert likeness("Please lend me a xylophone", "I want to borrow a xylophone") >= LIKELY
    assert likeness("院子里的日晷倒了", "院子里的石磨倒了") < likeness("院子里的日晷倒了", "日晷塌了，走不过去")


def test_signs_in_common_count_where_no_list_knows_the_matter():
    assert likeness("塔顶的磬哑了", "磬敲不响了") > likeness("塔顶的磬哑了", "钹敲不响了")


def test_another_kind_of_help_with_the_same_thing_is_another_need():
    assert likeness("女儿想学钢琴，想找人教一教", "楼上半夜弹钢琴，请管一管") < LIKELY
    assert likeness("楼下没有充电桩，希望装几个", "楼下的充电桩坏了，请修一修") < LIKELY
    assert likeness("轮椅坏了，想请人修", "想借一辆轮椅") < LIKELY


def test_what_is_done_is_heard_through_the_words_set_within_it():
    assert likeness("请人上门理发", "请人上门理个发") == likeness("请人上门理发", "请人上门理发")


@pytest.mark.parametrize("text", ["", "   ", "？？！", "请帮帮我", "1"])
def test_what_tells_nothing_is_like_nothing(text):
    assert likeness(text, text) == 0
    assert likeness(text, "3号楼的路灯坏了") == 0


@settings(max_examples=60)
@given(WISHES, WISHES)
def test_it_is_a_measure_both_ways(one, other):
    there, back = likeness(one, other), likeness(other, one)
    assert there == pytest.approx(back)
    assert 0 <= there <= 1


def test_a_community_of_five_hundred_wishes_is_compared_at_once():
    text = "".join(pair.one for pair in wish_pairs.ALIKE)
    others = [text[at : at + 100] for at in range(300)] + [text[-at:][:100] for at in range(101, 301)]
    gist(text)  # the vocabulary is built once a process
    began = time.process_time()
    mine = gist(text[:100])
    for other in others:
        likeness_of(mine, gist(other))
    assert time.process_time() - began < 0.5  # a tenth of that where nothing else runs
