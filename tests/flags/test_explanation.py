"""Why is this not five? Every number that makes a member's year, in words, whatever year it was."""

import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import Exemption, Member, UnitMembership
from flags.actions.appeal import appeal_claim
from flags.actions.confirm import settle_shift
from flags.actions.member_merge import merge_members
from flags.actions.reversal import reinstate_award, revoke_award
from flags.models import ComplianceReport, FlagAward
from flags.queries.explanation import SENTENCES, explain
from flags.queries.wall import flags_of, progress_of
from tasks.models import Attendance, YearRule
from tests.browsing import browser_of, queries_of, screen
from tests.factories import ClaimFactory, ComplianceRowFactory, MemberFactory, ShiftFactory, TaskFactory
from tests.flags.ledger import award
from vanguard.lib.saying import day_words

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 6, 1, 12, tzinfo=SHANGHAI)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def place(cast, days: int = 1, *, mark: str = "", member=None, publisher=None, **changed):
    task = TaskFactory(publisher=publisher or cast.community, flag_value=2)
    starts_at = timezone.now() - timedelta(days=days)
    claim = ClaimFactory(
        shift=ShiftFactory(task=task, starts_at=starts_at), member=member or cast.member.member, **changed
    )
    if mark:
        settle_shift(claim.shift, {claim.pk: mark}, by=cast.secretary)
    return claim


def told(member, year: int = 2026, **asked) -> dict[str, list]:
    reasons: dict[str, list] = {}
    for why in explain(member, year, **asked).reasons:
        with translation.override("en"):
            reasons.setdefault(why.code, []).append(why.details)
            assert "%" not in str(why)
    return reasons


def test_every_thing_has_its_line(cast):
    member = cast.member.member
    place(cast, 1, mark="ATTENDED")
    flag = FlagAward.objects.get(claim=place(cast, 3, mark="ATTENDED"))
    revoke_award(flag, reason="记错了人。", by=cast.secretary)
    absent = place(cast, 5, mark="ABSENT")
    place(cast, 7, mark="EXCUSED")
    place(cast, 9, companions=2)
    place(cast, 11, publisher=cast.compound)
    place(cast, 13, publisher=cast.other_community)
    place(cast, 15, status="WITHDRAWN")
    place(cast, 17, status="CANCELLED")
    appeal_claim(absent, words="我到场了。", by=cast.member)
    assert told(member) == {
        "SHORT": [{"lit": 2, "needed": 5, "missing": 3}],
        "RULE": [{"minimum": 5, "year": 2026}],
        "LIT": [{"services": 1, "flags": 2}],
        "REVOKED": [{"n": 1, "flags": 2}],
        "WAITING": [
            {"community": cast.other_community, "n": 1, "flags": 2, "day": day_words(date(2026, 5, 19))},
            {"community": cast.community, "n": 2, "flags": 4, "day": day_words(date(2026, 5, 21))},
        ],
        "ABSENT": [{"n": 1}],
        "EXCUSED": [{"n": 1}],
        "WITHDRAWN": [{"n": 1, "flags": 2}],
        "CANCELLED": [{"n": 1, "flags": 2}],
        "COMPANIONS": [{"n": 2}],
        "APPEALS": [{"n": 1}],
        "NEXT": [{}],
    }
    private = {"ABSENT", "EXCUSED", "WITHDRAWN", "CANCELLED", "APPEALS", "NEXT"}
    assert told(member, own=False).keys() == told(member).keys() - private, "nobody else's business"


def test_nothing_yet_says_what_to_do_next(cast):
    assert told(cast.member.member).keys() == {"SHORT", "RULE", "NEXT"}


def test_once_it_is_enough_nothing_is_missing(cast):
    for day in (1, 2, 3):
        award(cast, cast.member.member, date(2026, 3, day), value=2)
    place(cast, 15, status="WITHDRAWN")
    assert told(cast.member.member) == {
        "MET": [{"lit": 6, "needed": 5}],
        "RULE": [{"minimum": 5, "year": 2026}],
        "LIT": [{"services": 3, "flags": 6}],
    }


def test_what_began_before_new_year_counts_when_it_ended(cast, clock):
    with time_machine.travel(datetime(2026, 1, 1, 3, tzinfo=SHANGHAI), tick=False):
        over = ShiftFactory(
            task=TaskFactory(publisher=cast.community),
            starts_at=datetime(2025, 12, 31, 22, tzinfo=SHANGHAI),
            ends_at=datetime(2026, 1, 1, 1, tzinfo=SHANGHAI),
        )
        claim = ClaimFactory(shift=over, member=cast.member.member)
        settle_shift(over, {claim.pk: "ATTENDED"}, by=cast.secretary)
    assert told(cast.member.member, 2025)["NEXT_YEAR"] == [{"n": 1, "year": 2025, "next": 2026}]
    assert told(cast.member.member, 2026)["YEAR_BEFORE"] == [{"n": 1, "year": 2026, "before": 2025}]


def test_exempt_retired_and_without_a_unit(cast):
    exempt, half, retired = (MemberFactory(unit=cast.unit, community=cast.community) for _ in range(3))
    Exemption.objects.create(member=exempt, reason="ILLNESS", starts_on=date(2026, 1, 1), ends_on=date(2026, 6, 30))
    Exemption.objects.create(member=half, reason="PARENTAL", starts_on=date(2026, 2, 1), ends_on=date(2026, 3, 31))
    Member.objects.filter(pk=retired.pk).update(retired_on=date(2026, 2, 1))
    retired.refresh_from_db()
    assert told(exempt)["EXEMPT"] == [{"year": 2026, "months": 6}]
    assert told(half)["EXEMPT_MONTHS"] == [{"months": 2, "enough": 6}]
    assert told(half)["EXEMPTION"][0]["starts"] == "2026-02-01"
    assert told(retired).keys() == {"RETIRED"}
    without = MemberFactory(community=cast.community)
    assert told(without).keys() == {"SHORT", "NO_UNIT", "RULE", "NEXT"}
    assert told(MemberFactory(retired_on=date(2025, 1, 1))).keys() == {"RETIRED"}
    assert told(MemberFactory()).keys() == {"SHORT", "NO_UNIT", "RULE", "NEXT"}


def test_a_pro_rated_year_says_so(cast):
    YearRule.objects.create(city=cast.city, year=2026, minimum=5, pro_rating=True)
    UnitMembership.objects.filter(member=cast.member.member).update(starts_on=date(2026, 1, 16))
    UnitMembership.objects.filter(member=cast.member.member).update(starts_on=date(2026, 4, 16))
    assert told(cast.member.member)["PRO_RATED"] == [{"minimum": 5, "needed": 4}]


def test_a_past_year_can_be_put_right_until_its_last_day(cast, clock):
    clock.move_to(datetime(2027, 1, 31, 23, 59, tzinfo=SHANGHAI))
    assert told(cast.member.member)["PAST"] == [{"day": day_words(date(2027, 1, 31))}]
    clock.move_to(datetime(2027, 2, 1, 0, 0, tzinfo=SHANGHAI))
    assert "CLOSED" in told(cast.member.member)
    assert told(cast.member.member, 1999).keys() == {"SHORT", "RULE", "CLOSED", "NO_UNIT"}


def test_what_waits_in_a_closed_year_waits_for_the_city(cast, clock):
    place(cast)
    for now, asked in (("2027-01-31T12:00:00+08:00", cast.community), ("2027-02-01T12:00:00+08:00", cast.city)):
        clock.move_to(now)
        [waiting] = told(cast.member.member)["WAITING"]
        assert waiting["community"] == asked
    client, url = browser_of(cast.member), f"{reverse('flag_wall')}?year=2026"
    place(cast, 70)
    assert queries_of(client, url) <= 15


def test_last_year_can_be_read_and_appealed_for_though_nothing_was_lit(cast, clock):
    clock.move_to("2027-01-10T12:00:00+08:00")
    client, missing = browser_of(cast.member), reverse("appeal_new", args=["service", 2026])
    assert "?year=2026" in screen(client.get(reverse("flag_wall")))
    page = client.get(reverse("flag_wall"), {"year": 2026})
    assert (page.context["year"], missing in screen(page)) == (2026, True)


def test_flags_of_the_other_account_are_named(cast):
    twin = MemberFactory(user__name=cast.member.user.name, unit=cast.unit, community=cast.community)
    award(cast, twin, date(2026, 3, 1), value=3)
    merge_members(cast.member.member, twin, by=cast.city_officer)
    assert told(cast.member.member)["MERGED"] == [{"flags": 3}]


def test_companions_are_those_who_came(cast):
    claim = place(cast, 1, mark="ATTENDED", companions=3)
    Attendance.objects.create(claim=claim, companions_came=1)
    assert told(cast.member.member)["COMPANIONS"] == [{"n": 1}]


def test_it_is_the_number_that_every_other_page_has(cast):
    member = cast.member.member
    place(cast, 1, mark="ATTENDED")
    place(cast, 3)
    assert explain(member, 2026).progress == progress_of(member, 2026)


def test_every_sentence_can_be_said_in_both_languages():
    for language in ("en", "zh-hans"):
        with translation.override("en"):
            asked = {code: set(re.findall(r"%\((\w+)\)s", str(words))) for code, words in SENTENCES.items()}
        with translation.override(language):
            for code, words in SENTENCES.items():
                assert str(words) % dict.fromkeys(asked[code], "甲")


# --- the wall -------------------------------------------------------------------------------


def test_a_flag_shows_what_became_of_it_and_why(cast):
    claim = place(cast, 1, mark="ATTENDED")
    lit = FlagAward.objects.get(claim=claim)
    line = revoke_award(lit, reason="记错了人。", by=cast.secretary)
    again = reinstate_award(line, reason="查实到场。", by=cast.city_officer)
    [flag] = flags_of(cast.member.member, 2026)
    assert (flag.award, flag.steps, flag.is_lit) == (lit, [line, again], True)
    page = screen(browser_of(cast.member).get(reverse("flag_wall")))
    for words in (
        "记错了人。",
        "查实到场。",
        str(cast.secretary.organization),
        cast.secretary.appointment.get_role_display(),
    ):
        assert words in page
    revoke_award(again, reason="又错了。", by=cast.secretary)
    [flag] = flags_of(cast.member.member, 2026)
    assert (flag.is_lit, flag.to_appeal.value) == (False, -2)


def test_more_than_thirty_flags_are_paged(cast):
    for day in range(31):
        award(cast, cast.member.member, date(2026, 3, 1) + timedelta(days=day))
    client = browser_of(cast.member)
    first = client.get(reverse("flag_wall"))
    assert len(first.context["page"]) == 30
    assert len(client.get(reverse("flag_wall"), {"page": 2}).context["page"]) == 1


def test_the_wall_has_few_queries_whatever_stands_on_it(cast):
    client, url = browser_of(cast.member), reverse("flag_wall")
    counts = [queries_of(client, url)]
    for days in range(1, 31):
        claim = place(cast, 3 * days, mark="ATTENDED")
        place(cast, 3 * days + 1)
        if days % 3 == 0:
            revoke_award(FlagAward.objects.get(claim=claim), reason="误记", by=cast.secretary)
    counts.append(queries_of(client, url))
    assert counts == [15, 15]


def test_the_unit_reads_the_same_words_without_what_is_private(cast):
    place(cast, 1, mark="ATTENDED")
    place(cast, 5, mark="ABSENT")
    page = screen(browser_of(cast.unit_officer).get(reverse("unit_member", args=[cast.member.member.number])))
    [lit] = [str(why) for why in explain(cast.member.member, 2026).reasons if why.code == "LIT"]
    assert lit in page
    absent = str(SENTENCES["ABSENT"]) % {"n": 1}
    assert absent not in page
    assert absent in screen(browser_of(cast.member).get(reverse("flag_wall")))


def test_a_unit_that_the_member_has_left_reads_no_words_of_the_year(cast):
    member, url = cast.member.member, reverse("unit_member", args=[cast.member.member.number])
    report = ComplianceReport.objects.create(unit=cast.unit, year=2026, as_of=NOON.date(), built_at=NOON)
    ComplianceRowFactory(report=report, member=member)
    UnitMembership.objects.filter(member=member).update(unit=cast.other_unit)
    [asked] = [str(why) for why in explain(member, 2026, own=False).reasons if why.code == "RULE"]
    assert asked not in screen(browser_of(cast.unit_officer).get(url))
    assert asked in screen(browser_of(cast.other_unit_officer).get(url))
