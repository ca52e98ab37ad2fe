"""What must not be published: names, numbers, accounts and homes; and what must be left as it is."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vanguard.lib.redacting import contacts_in, personal_data_in, without_personal_data

NAMES = ["张三", "欧阳小明", "小明", "Li Wei", "王"]


@pytest.mark.parametrize(
    ("typed", "published"),
    [
        ("请打13800000001。", "请打…。"),
        ("电话138 0000 0001，晚上打", "电话…，晚上打"),
        ("138-0000-0001", "…"),
        ("１３８００００００１５找我", "…找我"),
        ("+86 138-0000-0001", "…"),
        ("0086 13800000001", "…"),
        ("1 3 8 0 0 0 0 0 0 0 1", "…"),
        ("13800000001或13900000002", "…或…"),
        ("138\u200b0000\u200b0001", "…"),
        ("电话一三八零零零零零零零一", "电话…"),
        ("10000000001", "…"),  # the fictional people's
        ("0571-8888 8888", "…"),
        ("（0571）88888888转802", "…"),
        ("010-66668888", "…"),
        ("家里电话88888888，座机：8765 4321", "家里电话…，座机：…"),
        ("+1 415 555 0100", "…"),
        ("身份证330102195001011234", "身份证…"),
        ("330102 19500101 123X", "…"),
        ("卡号 6222 0200 0000 0000 123", "卡号 …"),
        ("写信 zhang.san@example.com 就行", "写信 … 就行"),
        ("ｚｓ＠ｅｘａｍｐｌｅ．ｃｏｍ", "…"),
        ("微信：zhang_san88", "微信：…"),
        ("加我VX zs19500101", "加我VX …"),
        ("微信号是lao-zhang-88谢谢", "微信号是…谢谢"),
        ("QQ12345678", "QQ…"),
    ],
)
def test_no_number_and_no_account_is_published(typed, published):
    assert without_personal_data(typed) == published


@pytest.mark.parametrize(
    ("typed", "published"),
    [
        ("住3幢2单元501室，灯不亮", "住3幢，灯不亮"),
        ("３幢２单元５０１室", "３幢"),
        ("3-2-501的水管漏了", "3幢的水管漏了"),
        ("我家12-1-1203", "我家12幢"),
        ("5栋1203门锁坏", "5栋门锁坏"),
        ("二单元三楼东户的老人", "的老人"),
        ("三号楼二单元602", "三号楼"),
        ("3号楼 2单元 301", "3号楼"),
        ("7幢1单元门禁坏了", "7幢门禁坏了"),
        ("十二幢五楼西户", "十二幢"),
        ("3#2-501", "3#"),
        ("A座1203室", "A座"),
        ("五栋一二零三室", "五栋"),
        ("荷风雅苑3-501", "荷风雅苑"),
        ("家住2-1101室", "家住"),
        ("401室漏水", "漏水"),
        ("解放路18号301室", "解放路18号"),
        ("三幢东单元402", "三幢"),
        ("西单元301的猫", "的猫"),
        ("房号1203", "房号"),
        ("6楼602有老人", "有老人"),
        ("8幢三楼左手边那户", "8幢"),
        ("3幢2单元、3单元门禁都坏", "3幢、门禁都坏"),
    ],
)
def test_of_a_home_at_most_the_building_is_published(typed, published):
    assert without_personal_data(typed) == published


@pytest.mark.parametrize(
    "typed",
    [
        "周三14:30-16:30在活动室",
        "周三 9-11点，或者 14：30－16：30",
        "3-5岁的孩子",
        "2026-01-05 到 2026-01-08，10点",
        "2026年1月5日至12日",
        "50-60 元，最多100-200元",
        "3幢路灯不亮",
        "3幢100户都停水",
        "3号楼2026年装的电梯",
        "3幢 14:30-16:30 有人",
        "3幢1430-1630停电",
        "8月15号 1400人参加",
        "1、3、5幢的楼道灯",
        "3幢二楼以上水压低",
        "五楼楼道灯坏了",
        "数学第三单元不会",
        "解放路88号门口",
        "微信群里2026-01-05发过通知",
        "打12345没人接，110也打过",
        "轮椅一辆，100斤大米，20×30的相框",
        "三年级2班，8-10人一组",
        "1200瓦的电饭煲，10000元",
        "每周一、三、五 9:00",
        "王奶奶想晒太阳",
        "",
    ],
)
def test_the_rest_stays_as_it_was_typed(typed):
    assert without_personal_data(typed) == typed
    assert personal_data_in(typed) == []


@pytest.mark.parametrize(
    ("typed", "published"),
    [
        ("张三的腿不好", "某某的腿不好"),
        ("张 三、欧阳小明和小明", "某某、某某和某某"),
        ("王家的猫", "王家的猫"),  # one character is no name
        ("Ｌｉ　Ｗｅｉ or li wei, not Li Weiming", "某某 or 某某, not Li Weiming"),
    ],
)
def test_the_names_it_is_told_are_not_published(typed, published):
    assert without_personal_data(typed, names=NAMES) == published


def test_what_is_found_is_named_as_it_was_typed():
    text = "张三，３幢２单元５０１室，电话138 0000 0001，微信 zs_1950"
    assert sorted(personal_data_in(text, names=["张三"])) == sorted(
        ["张三", "２单元５０１室", "138 0000 0001", "zs_1950"]
    )
    assert without_personal_data(text, names=["张三"]) == "某某，３幢，电话…，微信 …"


SIGNS = "0123456789１３８－-. ：:@~\n幢栋号楼单室户东三二…某元年住第①㎡ﷺİ\u200b"
PARTS = st.sampled_from([*SIGNS, *str.split("1380000 0001 3-2-501 单元 微信 电话 qq abc 张三")])
TEXTS = st.one_of(st.text(max_size=80), st.lists(PARTS, max_size=40).map("".join))
ANY_NAMES = st.lists(
    st.one_of(st.text(max_size=5), st.sampled_from([*NAMES, "某某", "某", "……", "幢3", "12"])), max_size=4
)


@settings(max_examples=60)
@given(TEXTS, ANY_NAMES)
def test_whatever_is_typed_nothing_is_left_to_find(text, names):
    published = without_personal_data(text, names=names)
    assert without_personal_data(published, names=names) == published
    assert personal_data_in(published, names=names) == []
    assert (published == text) == (personal_data_in(text, names=names) == [])


@pytest.mark.parametrize("part", ["1", "1-", "1 ", "a@a.", "a", "3幢", "一", "1-1-", "电话", "0571-", "\u200b", "3幢1"])
def test_a_long_text_takes_no_longer(part):
    began = time.monotonic()
    without_personal_data((part * 10_000)[:10_000])
    assert time.monotonic() - began < 2


def test_ways_to_reach_somebody_are_told_from_homes():
    text = "住3幢2单元301，电话0999-8123456，手机139 1234 5678，someone@example.org，微信号: lamp_1949。"
    assert contacts_in(text) == ["0999-8123456", "139 1234 5678", "someone@example.org", "lamp_1949"]
    assert contacts_in("住3幢2单元301，1月5日 14:30 修灯") == []
