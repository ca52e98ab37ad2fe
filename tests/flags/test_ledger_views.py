"""The ledger in pages: read and filtered by who keeps it, taken back and lit again from a line, and what else is lit."""

from collections.abc import Iterator
from datetime import date, datetime
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.urls import reverse
from django.utils.translation import gettext

from flags.models import AwardMatter, FlagAward, LateEntry
from flags.refusals import Reason
from tests.browsing import browser_of, queries_of, screen, sentence
from tests.factories import (
    AwardMatterFactory,
    ClaimFactory,
    LateEntryFactory,
    MemberFactory,
    ShiftFactory,
    StewardLogFactory,
    StewardPostFactory,
    SuggestionFactory,
    TaskFactory,
)
from tests.flags.ledger import award

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = date(2026, 5, 4)


@pytest.fixture(autouse=True)
def november() -> Iterator[None]:
    with time_machine.travel("2026-11-24T12:00:00+08:00", tick=False):
        yield


@pytest.fixture
def line(cast) -> FlagAward:
    task = TaskFactory(publisher=cast.community, title="元宵灯笼")
    shift = ShiftFactory(task=task, starts_at=datetime(2026, 5, 4, 9, tzinfo=SHANGHAI), status="SETTLED")
    claim = ClaimFactory(shift=shift, member=cast.member.member, status="CONFIRMED")
    return award(cast, cast.member.member, DAY, claim=claim, value=1)


def read(actor, name: str, *args, **query) -> str:
    return screen(browser_of(actor).get(reverse(name, args=args), query))


def send(actor, page: str, *args, **typed) -> str:
    return screen(browser_of(actor).post(reverse(page, args=args), typed, follow=True))


# --- the list and the line -----------------------------------------------------------------------


def test_the_ledger_is_read_where_it_was_earned_newest_line_first(cast, line):
    award(cast, cast.other_member.member, DAY, community=cast.other_community)
    later = award(cast, cast.member.member, date(2025, 1, 1))
    rows = browser_of(cast.secretary).get(reverse("ledger")).context["page"].object_list
    assert list(rows) == [later, line]
    assert len(browser_of(cast.city_officer).get(reverse("ledger")).context["page"].object_list) == 3
    assert reverse("ledger") in read(cast.secretary, "home")
    assert reverse("ledger") in read(cast.city_officer, "city_figures")


def test_it_is_filtered_by_name_year_category_and_source(cast, line):
    member = MemberFactory(user__name="欧阳锋", community=cast.community)
    log = award(cast, member, date(2025, 9, 30), category="RED_STEWARD", log=StewardLogFactory(member=member))
    matter = award(cast, member, DAY, category="OTHER", matter=AwardMatterFactory(city=cast.city))
    taken = award(cast, member, DAY, category="OTHER", value=-1, reverses=matter, matter=matter.matter)
    client = browser_of(cast.secretary)

    def shown(**query) -> set[FlagAward]:
        return set(client.get(reverse("ledger"), query).context["page"].object_list)

    assert shown(q="欧阳") == shown(q=member.number) == {log, matter, taken}
    assert shown(year="2025") == shown(category="RED_STEWARD") == shown(kind="log") == {log}
    assert shown(kind="claim", q="张") == {line}
    assert shown(kind="taken_back") == {taken}
    assert shown(kind="suggestion") == shown(kind="entry") == shown(kind="lit_again") == set()
    everything = {line, log, matter, taken}
    for garbage in ({"year": "x"}, {"category": "OTHER "}, {"kind": "长" * 999}, {"page": "-1"}, {"q": "  "}):
        assert shown(**garbage) == everything


def test_a_number_finds_what_was_earned_under_the_account_that_was_merged(cast):
    former = MemberFactory(merged_into=cast.member.member)
    kept = award(cast, former, DAY)
    page = read(cast.secretary, "ledger", q=cast.member.member.number)
    assert reverse("ledger_line", args=[kept.pk]) in page


def test_the_list_costs_the_same_for_one_line_and_for_thirty(cast, line):
    client = browser_of(cast.secretary)
    one = queries_of(client, reverse("ledger"))
    for member in MemberFactory.create_batch(10, community=cast.community):
        award(cast, member, DAY, log=StewardLogFactory(member=member))
        award(cast, member, DAY, suggestion=SuggestionFactory(author=member))
        award(cast, member, DAY, entry=LateEntryFactory(member=member, community=cast.community))
    assert queries_of(client, reverse("ledger")) == one


def test_a_line_leads_to_what_it_is_for_as_far_as_the_hat_reads_it(cast, line):
    page = read(cast.secretary, "ledger_line", line.pk)
    assert "元宵灯笼" in page
    assert reverse("confirm_shift", args=[line.claim.shift_id]) in page
    log = StewardLogFactory(
        post=StewardPostFactory(compound=cast.compound), member=cast.member.member, status="CONFIRMED", quarter=1
    )
    entry = LateEntryFactory(member=cast.member.member, community=cast.community)
    suggestion = SuggestionFactory(author=cast.member.member, community=cast.community, status="ADOPTED", text="换灯")
    lines = [award(cast, cast.member.member, DAY, **kept) for kept in ({"log": log}, {"suggestion": suggestion})]
    assert log.page in read(cast.secretary, "ledger_line", lines[0].pk)
    assert suggestion.page in read(cast.secretary, "ledger_line", lines[1].pk)
    city = read(cast.city_officer, "ledger_line", lines[1].pk)
    assert suggestion.page not in city
    assert "换灯" not in city
    assert entry.page in read(cast.city_officer, "ledger_line", award(cast, cast.member.member, DAY, entry=entry).pk)
    elsewhere = ClaimFactory(shift=ShiftFactory(task=TaskFactory(publisher=cast.other_community)), status="CONFIRMED")
    foreign = award(cast, cast.member.member, DAY, claim=elsewhere)
    assert reverse("confirm_shift", args=[elsewhere.shift_id]) not in read(cast.secretary, "ledger_line", foreign.pk)


def test_from_a_line_its_flags_are_taken_back_and_lit_again(cast, line):
    page = send(cast.secretary, "ledger_revoke", line.pk, reason="当天没有来。")
    taken = FlagAward.objects.get(reverses=line)
    assert taken.page in page
    assert reverse("ledger_revoke", args=[line.pk]) not in page
    page = read(cast.secretary, "ledger_line", taken.pk)
    assert "当天没有来。" in page
    assert line.page in page
    send(cast.secretary, "ledger_reinstate", taken.pk, reason="查到了签到。")
    assert FlagAward.objects.in_force().get().reverses == taken


def test_a_refusal_keeps_the_words_and_says_why(cast, line):
    typed = "当天<没有>来。"
    send(cast.secretary, "ledger_revoke", line.pk, reason="错了")
    page = send(cast.second_secretary, "ledger_revoke", line.pk, reason=typed)
    assert sentence(Reason.TAKEN_BACK_ALREADY) not in page, "the page shows that it has been taken back since"
    assert gettext("Taken back since.") in page
    taken = FlagAward.objects.get(reverses=line)
    assert 'class="errorlist' in send(cast.secretary, "ledger_reinstate", taken.pk, reason=" ")
    with time_machine.travel("2027-03-01T12:00:00+08:00", tick=False):
        page = send(cast.secretary, "ledger_reinstate", taken.pk, reason=typed)
        assert "当天<没有>来。" in page
        assert "青澜市" in page
    assert FlagAward.objects.count() == 2


def test_after_the_deadline_a_line_is_left_to_the_city_beforehand(cast, line):
    revoke = reverse("ledger_revoke", args=[line.pk])
    with time_machine.travel("2027-01-31T23:59:59+08:00", tick=False):
        assert revoke in read(cast.secretary, "ledger_line", line.pk)
    with time_machine.travel("2027-02-01T00:00:00+08:00", tick=False):
        page = read(cast.secretary, "ledger_line", line.pk)
        assert (revoke in page, cast.city.name in page) == (False, True)
        assert revoke in read(cast.city_officer, "ledger_line", line.pk)


# --- another matter ------------------------------------------------------------------------------


def test_a_matter_is_awarded_by_name_and_a_third_is_refused_with_what_was_typed(cast):
    matter = AwardMatterFactory(city=cast.city)
    AwardMatterFactory(name="别的城市的事项")
    AwardMatterFactory(city=cast.city, name="明年才有的", since=date(2027, 1, 1))
    page = read(cast.secretary, "matter_award")
    assert "别的城市的事项" not in page
    assert "明年才有的" not in page
    typed = {"who": "张小明", "matter": matter.pk, "day": "2026-05-04", "reason": "全年参加联席会议。"}
    for who in ("张小明", cast.member.member.number):
        send(cast.secretary, "matter_award", **typed | {"who": who})
    assert FlagAward.objects.filter(matter=matter).count() == 2
    page = send(cast.secretary, "matter_award", **typed)
    assert sentence(Reason.MATTER_GIVEN_TWICE, name="张小明", matter=matter, year=2026) in page
    assert "全年参加联席会议。" in page


def test_who_is_meant_has_to_be_clear_and_to_live_there(cast):
    matter = AwardMatterFactory(city=cast.city)
    namesake = MemberFactory(user__name="张小明", community=cast.community)
    typed = {"matter": matter.pk, "day": "2026-05-04", "reason": "尽责"}
    page = send(cast.secretary, "matter_award", who="张小明", **typed)
    assert namesake.number in page
    assert cast.member.member.number in page
    for who in ("王芳", "没有这个人", "0", "👩", ""):
        send(cast.secretary, "matter_award", who=who, **typed)
    assert not FlagAward.objects.exists()


@pytest.mark.parametrize("wrong", [{"day": "x"}, {"day": "2026-02-30"}, {"matter": "0"}, {"reason": " "}, {"day": ""}])
def test_a_form_that_says_too_little_lights_nothing(cast, wrong):
    typed = {"who": "张小明", "matter": AwardMatterFactory(city=cast.city).pk, "day": "2026-05-04", "reason": "尽责"}
    assert 'class="errorlist' in send(cast.secretary, "matter_award", **typed | wrong)
    assert not FlagAward.objects.exists()


# --- entered afterwards --------------------------------------------------------------------------

TYPED = {
    "who": "张小明",
    "day": "2026-11-20",
    "begins": "19:00",
    "ends": "21:00",
    "what": "夜间值守",
    "category": "COMMUNITY_ACTIVITY",
    "value": "2",
    "reason": "当晚停电，没有发布。",
}


def test_entered_by_one_and_lit_by_another(cast):
    form = {**TYPED, "sent_once": uuid4()}
    send(cast.secretary, "late_entry_new", **form)
    send(cast.secretary, "late_entry_new", **form)
    entry = LateEntry.objects.get()
    assert (entry.starts_at, entry.ends_at) == (
        datetime(2026, 11, 20, 19, tzinfo=SHANGHAI),
        datetime(2026, 11, 20, 21, tzinfo=SHANGHAI),
    )
    approve = reverse("late_entry_approve", args=[entry.pk])
    assert approve not in read(cast.secretary, "late_entry", entry.pk)
    assert entry.page in read(cast.secretary, "late_entries")
    assert sentence(Reason.ENTERED_BY_ONESELF) in send(cast.secretary, "late_entry_approve", entry.pk)
    assert reverse("late_entries") in read(cast.second_secretary, "home")
    assert entry.page in read(cast.second_secretary, "late_entries")
    assert approve in read(cast.second_secretary, "late_entry", entry.pk)
    send(cast.second_secretary, "late_entry_approve", entry.pk)
    line = FlagAward.objects.get()
    assert line.page in read(cast.second_secretary, "late_entry", entry.pk)


def test_an_end_before_the_beginning_is_that_of_the_next_day(cast):
    send(cast.secretary, "late_entry_new", **TYPED | {"begins": "22:00", "ends": "01:00", "sent_once": uuid4()})
    assert LateEntry.objects.get().ends_at == datetime(2026, 11, 21, 1, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    "wrong",
    [{"value": "0"}, {"value": "99"}, {"value": "x"}, {"ends": "19:00"}, {"day": "2026-11-25"}, {"begins": "25:00"}],
    ids=str,
)
def test_what_cannot_be_is_refused_with_what_was_typed(cast, wrong):
    page = send(cast.secretary, "late_entry_new", **TYPED | wrong | {"sent_once": uuid4()})
    assert 'class="errorlist' in page
    assert "当晚停电，没有发布。" in page
    assert not LateEntry.objects.exists()


def test_after_the_deadline_the_community_reads_whom_to_ask_and_the_city_says_why(cast):
    entry = LateEntryFactory(member=cast.member.member, community=cast.community)
    approve = reverse("late_entry_approve", args=[entry.pk])
    with time_machine.travel("2027-02-01T12:00:00+08:00", tick=False):
        page = read(cast.second_secretary, "late_entry", entry.pk)
        assert (approve in page, cast.city.name in page) == (False, True)
        assert 'name="why"' in read(cast.city_officer, "late_entry", entry.pk)
        assert sentence(Reason.YEAR_NEEDS_REASON, year=2026) in send(cast.city_officer, "late_entry_approve", entry.pk)
        send(cast.city_officer, "late_entry_approve", entry.pk, why="社区书记年底住院。")
    assert str(FlagAward.objects.get().reason) == "社区书记年底住院。"


def test_declined_with_a_reason(cast):
    entry = LateEntryFactory(member=cast.member.member, community=cast.community)
    assert 'class="errorlist' in send(cast.second_secretary, "late_entry_decline", entry.pk, reason="")
    send(cast.second_secretary, "late_entry_decline", entry.pk, reason="名单上没有。")
    assert "名单上没有。" in read(cast.secretary, "late_entry", entry.pk)
    assert not FlagAward.objects.exists()


def test_the_queue_costs_the_same_for_one_and_for_thirty(cast):
    LateEntryFactory(member=cast.member.member, community=cast.community)
    client, url = browser_of(cast.second_secretary), reverse("late_entries")
    one = queries_of(client, url)
    for member in MemberFactory.create_batch(12, community=cast.community):
        LateEntryFactory(member=member, community=cast.community)
    assert queries_of(client, url) == one


# --- the city's list of matters ------------------------------------------------------------------


def test_the_city_keeps_the_list_of_matters(cast):
    send(cast.city_officer, "award_matters", name="业委会委员", since="", until="")
    matter = AwardMatter.objects.get()
    assert reverse("award_matters") in read(cast.city_officer, "ledger")
    assert reverse("award_matters") not in read(cast.secretary, "ledger")
    assert sentence(Reason.MATTER_NAMED_ALREADY, name="业委会委员") in send(
        cast.city_officer, "award_matters", name="业委会委员"
    )
    days = {"since": "2026-05-05", "until": "2026-05-04"}
    page = send(cast.city_officer, "award_matter", matter.pk, name="业委会主任", **days)
    assert sentence(Reason.MATTER_DAYS_WRONG) in page
    assert "业委会主任" in page
    send(cast.city_officer, "award_matter", matter.pk, name="业委会主任", since="2026-05-04", until="2026-05-04")
    matter.refresh_from_db()
    assert (matter.name, matter.since, matter.until) == ("业委会主任", DAY, DAY)
