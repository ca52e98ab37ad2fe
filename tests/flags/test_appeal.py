"""An appeal: sent in time by whom it concerns, answered by who is asked, decided by the city, and put right by the ordinary way."""

from datetime import date, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.actions.standing import exempt
from accounts.models import Appointment, CheckIn, Exemption, Member, Notice, Record, Role
from accounts.refusals import Reason as AccountsReason
from flags.actions.appeal import appeal_claim, appeal_exemption, appeal_reversal, appeal_service
from flags.actions.appeal_answer import answer_appeal, decide_appeal
from flags.actions.appeal_remedy import How, Remedy
from flags.actions.confirm import settle_shift
from flags.actions.reversal import reinstate_award, revoke_award
from flags.models import Appeal, FlagAward
from flags.queries.appeal import appeals_waiting, late_appeals
from flags.refusals import Reason
from tasks.models import Claim
from tests.conftest import actor, member_actor
from tests.factories import AppealFactory, ClaimFactory, MemberFactory, ShiftFactory, TaskFactory
from vanguard.lib.refused import Refused

pytestmark = pytest.mark.django_db
S, Kind = Appeal.Status, Notice.Kind
WORDS = "我那天到场了，和李大姐一起发的灯笼。"
SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = timedelta(days=1)


def refused(why, act, *args, **kwargs):
    before = Record.objects.count(), Notice.objects.count(), FlagAward.objects.count(), list(Appeal.objects.values())
    with pytest.raises(Refused) as caught:
        act(*args, **kwargs)
    assert caught.value.reason == why
    assert caught.value.sentence
    after = Record.objects.count(), Notice.objects.count(), FlagAward.objects.count(), list(Appeal.objects.values())
    assert after == before


def told(user) -> list[str]:
    return list(user.notices.order_by("pk").values_list("kind", flat=True))


def served(cast, *, member=None, by=None, mark: str = "", days: int = 1) -> Claim:
    """A place of yesterday; with `mark`, what the secretary has made of it."""
    publisher = by.organization if by else cast.community
    shift = ShiftFactory(task=TaskFactory(publisher=publisher, flag_value=2), starts_at=timezone.now() - days * DAY)
    claim = ClaimFactory(shift=shift, member=member or cast.member.member)
    if mark:
        settle_shift(shift, {claim.pk: mark}, by=by or cast.secretary)
        claim.refresh_from_db()
    return claim


@pytest.fixture
def absent(cast) -> Claim:
    return served(cast, mark="ABSENT")


@pytest.fixture
def reversal(cast) -> FlagAward:
    claim = served(cast, mark="ATTENDED")
    return revoke_award(FlagAward.objects.get(claim=claim), reason="记错了人。", by=cast.secretary)


def second_officer(cast):
    return actor(cast.city, Role.CITY_OFFICER, "吴部长")


def answered(appeal: Appeal, by) -> Appeal:
    answer_appeal(appeal, words="签到表上没有名字。", by=by)
    return appeal


def uphold(appeal: Appeal, *, by, remedy=None) -> None:
    decide_appeal(appeal, upheld=True, reasons="照片可以证明。", by=by, remedy=remedy)


# --- sending --------------------------------------------------------------------------------


@pytest.mark.parametrize("mark", ["ABSENT", "EXCUSED"])
def test_who_was_marked_as_not_there_appeals_and_the_community_is_told(cast, mark):
    claim = served(cast, mark=mark)
    appeal = appeal_claim(claim, words=f"  {WORDS} ", by=cast.member)
    assert (appeal.kind, appeal.status, appeal.organization) == ("ABSENCE", S.OPEN, cast.community)
    assert (appeal.words, appeal.against_user, appeal.year) == (WORDS, cast.secretary.user, claim.ends_at.year)
    assert told(cast.secretary.user) == told(cast.second_secretary.user) == [Kind.APPEAL_SENT]
    assert list(appeals_waiting(cast.secretary)) == [appeal]
    assert not appeals_waiting(cast.city_officer).exists()
    assert not appeals_waiting(cast.other_secretary).exists()


def test_a_place_that_nobody_confirms_is_a_missing_flag(cast):
    appeal = appeal_claim(served(cast), words=WORDS, by=cast.member)
    assert (appeal.kind, appeal.against_user) == ("MISSING", None)


def test_what_the_city_published_is_the_citys_to_decide_at_once(cast):
    claim = served(cast, by=cast.city_officer, mark="ABSENT")
    appeal = appeal_claim(claim, words=WORDS, by=cast.member)
    assert appeal.organization == cast.city
    assert told(cast.city_officer.user) == [Kind.APPEAL_TO_DECIDE]
    other = second_officer(cast)
    refused(Reason.APPEAL_INVOLVED, uphold, appeal, by=cast.city_officer)
    uphold(appeal, by=other)
    assert appeal.lit.claim == claim


def test_nothing_is_appealed_against_that_is_confirmed_or_to_come(cast):
    coming = ClaimFactory(member=cast.member.member)
    for claim in (served(cast, mark="ATTENDED"), coming, ClaimFactory(member=cast.member.member, status="WITHDRAWN")):
        refused(Reason.NOTHING_TO_APPEAL, appeal_claim, claim, words=WORDS, by=cast.member)


@pytest.mark.parametrize("words", ["", " \n "])
def test_nothing_is_sent_without_words(cast, absent, words):
    refused(Reason.APPEAL_WORDS_MISSING, appeal_claim, absent, words=words, by=cast.member)


def test_fifteen_days_from_being_told_and_not_a_day_more(cast):
    with time_machine.travel(datetime(2026, 3, 2, 23, 59, tzinfo=SHANGHAI), tick=False):
        first, second = (served(cast, mark="ABSENT", days=days) for days in (2, 4))
        flag = FlagAward.objects.get(claim=served(cast, mark="ATTENDED", days=6))
        line = revoke_award(flag, reason="记错了人。", by=cast.secretary)
    with time_machine.travel(datetime(2026, 3, 17, 23, 59, tzinfo=SHANGHAI), tick=False):
        appeal_claim(first, words=WORDS, by=cast.member)
    with time_machine.travel(datetime(2026, 3, 18, 0, 0, tzinfo=SHANGHAI), tick=False):
        refused(Reason.APPEAL_TOO_LATE, appeal_claim, second, words=WORDS, by=cast.member)
        refused(Reason.APPEAL_TOO_LATE, appeal_reversal, line, words=WORDS, by=cast.member)


def test_a_missing_flag_until_the_years_last_day_of_confirming(cast):
    with time_machine.travel(datetime(2026, 12, 31, 20, tzinfo=SHANGHAI), tick=False):
        first, second = served(cast), served(cast, days=3)
    with time_machine.travel(datetime(2027, 1, 31, 23, 59, tzinfo=SHANGHAI), tick=False):
        appeal_claim(first, words=WORDS, by=cast.member)
    with time_machine.travel(datetime(2027, 2, 1, 0, 0, tzinfo=SHANGHAI), tick=False):
        refused(Reason.APPEAL_TOO_LATE, appeal_claim, second, words=WORDS, by=cast.member)
        refused(Reason.APPEAL_TOO_LATE, appeal_exemption, year=2026, words=WORDS, by=cast.member)


def test_one_open_appeal_about_one_thing_and_a_decision_stands(cast, absent):
    appeal = appeal_claim(absent, words=WORDS, by=cast.member)
    refused(Reason.APPEAL_OPEN, appeal_claim, absent, words="再说一次", by=cast.member)
    with pytest.raises(IntegrityError), transaction.atomic():
        AppealFactory(claim=absent)
    decide_appeal(answered(appeal, cast.secretary), upheld=False, reasons="无法核实。", by=cast.city_officer)
    refused(Reason.APPEAL_DECIDED, appeal_claim, absent, words=WORDS, by=cast.member)


def test_the_same_form_twice_is_one(cast, absent):
    form = uuid4()
    first, again = (appeal_claim(absent, words=WORDS, by=cast.member, sent_once=form) for _ in range(2))
    assert first == again
    assert told(cast.secretary.user) == [Kind.APPEAL_SENT]


def test_a_service_that_is_written_nowhere(cast):
    ends_at = timezone.now() - DAY
    hours = {"starts_at": ends_at - timedelta(hours=2), "ends_at": ends_at}
    send = {"what": "扫雪", "words": WORDS, "by": cast.member}
    appeal = appeal_service(**hours, **send)
    assert (appeal.kind, appeal.organization, appeal.what) == ("MISSING", cast.community, "扫雪")
    refused(Reason.APPEAL_OPEN, appeal_service, **hours, **send)
    refused(Reason.HOURS_WRONG, appeal_service, starts_at=ends_at, ends_at=ends_at, **send)
    to_come = {"starts_at": timezone.now(), "ends_at": timezone.now() + timedelta(hours=1)}
    refused(Reason.NOT_SERVED_YET, appeal_service, **to_come, **send)


def test_the_community_of_that_day_answers_for_a_service_and_the_merged_one_no_more(cast):
    moved = timezone.localdate() - 10 * DAY
    CheckIn.objects.filter(member=cast.member.member).update(status="ENDED", ended_on=moved)
    CheckIn.objects.create(
        member=cast.member.member, community=cast.other_community, unit=cast.unit, status="APPROVED", approved_on=moved
    )
    for days, community in ((20, cast.community), (5, cast.other_community)):
        ends_at = timezone.now() - days * DAY
        appeal = appeal_service(
            starts_at=ends_at - timedelta(hours=1), ends_at=ends_at, what="扫雪", words=WORDS, by=cast.member
        )
        assert appeal.organization == community


def test_who_is_checked_in_nowhere_and_in_no_unit_has_nobody_to_ask(cast):
    nobody = member_actor(MemberFactory())
    hours = {"starts_at": timezone.now() - DAY, "ends_at": timezone.now() - DAY / 2}
    refused(Reason.NOT_CHECKED_IN_THEN, appeal_service, **hours, what="扫雪", words=WORDS, by=nobody)
    refused(Reason.NOTHING_TO_APPEAL, appeal_exemption, year=hours["ends_at"].year, words=WORDS, by=nobody)


def test_of_an_exemption_the_unit_is_asked_and_without_one_the_city(cast):
    year = timezone.localdate().year
    appeal = appeal_exemption(year=year, words=WORDS, by=cast.member)
    assert appeal.organization == cast.unit
    assert list(appeals_waiting(cast.unit_officer)) == [appeal]
    assert not Appeal.objects.visible_to(cast.secretary).exists(), "what frees a member is the unit's to know"
    refused(Reason.APPEAL_OPEN, appeal_exemption, year=year, words=WORDS, by=cast.member)
    retired = member_actor(MemberFactory(community=cast.community))
    assert appeal_exemption(year=year, words=WORDS, by=retired).organization == cast.city
    assert told(cast.city_officer.user) == [Kind.APPEAL_TO_DECIDE]


def test_only_members_appeal(cast, absent):
    for who in ("secretary", "unit_officer", "city_officer", "street_officer"):
        with pytest.raises(PermissionDenied):
            appeal_claim(absent, words=WORDS, by=getattr(cast, who))


def test_nobody_appeals_about_what_is_anothers_or_of_a_year_to_come(cast, absent, reversal):
    theirs = Exemption.objects.create(member=cast.member.member, reason="OTHER", starts_on=date(2026, 1, 1))
    year = timezone.localdate().year
    for act in (
        lambda: appeal_claim(absent, words=WORDS, by=cast.other_member),
        lambda: appeal_reversal(reversal, words=WORDS, by=cast.other_member),
        lambda: appeal_exemption(year=year, exemption=theirs, words=WORDS, by=cast.other_member),
    ):
        with pytest.raises(PermissionDenied):
            act()
    refused(Reason.NOTHING_TO_APPEAL, appeal_exemption, year=year + 1, words=WORDS, by=cast.member)


# --- answering and deciding -----------------------------------------------------------------


def test_the_community_answers_the_city_decides_and_the_place_is_confirmed(cast, absent):
    appeal = appeal_claim(absent, words=WORDS, by=cast.member)
    answer_appeal(appeal, words="当天没有看到他。", by=cast.secretary)
    assert (appeal.status, appeal.answered_as) == (S.ANSWERED, cast.secretary.appointment)
    assert told(cast.city_officer.user) == [Kind.APPEAL_TO_DECIDE]
    uphold(appeal, by=cast.city_officer)
    appeal.refresh_from_db()
    absent.refresh_from_db()
    assert (appeal.status, appeal.decided_by) == (S.UPHELD, cast.city_officer.user)
    assert (absent.status, appeal.lit.value, appeal.lit.by_appointment) == (
        "CONFIRMED",
        2,
        cast.city_officer.appointment,
    )
    about = {Kind.APPEAL_ANSWERED, Kind.APPEAL_DECIDED, Kind.CLAIM_CONFIRMED}
    assert about <= set(told(cast.member.user))
    assert not appeals_waiting(cast.city_officer).exists()


def test_not_upheld_nothing_changes(cast, absent):
    appeal = answered(appeal_claim(absent, words=WORDS, by=cast.member), cast.secretary)
    decide_appeal(appeal, upheld=False, reasons="无法核实。", by=cast.city_officer)
    absent.refresh_from_db()
    assert (appeal.status, absent.status, FlagAward.objects.count()) == (S.REJECTED, "ABSENT", 0)


def test_a_flag_taken_back_is_lit_again(cast, reversal):
    appeal = answered(appeal_reversal(reversal, words=WORDS, by=cast.member), cast.secretary)
    uphold(appeal, by=cast.city_officer)
    assert (appeal.lit.reverses, appeal.lit.value, appeal.lit.reason.text) == (reversal, 2, "照片可以证明。")


def test_a_place_without_confirmation_is_confirmed_by_the_decision(cast):
    claim = served(cast)
    appeal = answered(appeal_claim(claim, words=WORDS, by=cast.member), cast.secretary)
    uphold(appeal, by=cast.city_officer)
    assert (appeal.lit.claim, claim.shift.claims.get().status) == (claim, "CONFIRMED")


def test_what_was_put_right_meanwhile_is_left_as_it_is(cast, absent, reversal):
    first = answered(appeal_claim(absent, words=WORDS, by=cast.member), cast.secretary)
    settle_shift(absent.shift, {absent.pk: "ATTENDED"}, by=cast.secretary, put_right={absent.pk: "ABSENT"})
    second = answered(appeal_reversal(reversal, words=WORDS, by=cast.member), cast.secretary)
    again = reinstate_award(reversal, reason="弄错了。", by=cast.secretary)
    lines = FlagAward.objects.count()
    for appeal in (first, second):
        uphold(appeal, by=cast.city_officer)
    assert (first.lit.claim, second.lit, FlagAward.objects.count()) == (absent, again, lines)


def test_what_the_ordinary_action_refuses_is_not_decided(cast, reversal):
    appeal = answered(appeal_reversal(reversal, words=WORDS, by=cast.member), cast.secretary)
    again = reinstate_award(reversal, reason="弄错了。", by=cast.secretary)
    revoke_award(again, reason="还是不对。", by=cast.secretary)
    refused(Reason.LIT_AGAIN_ALREADY, uphold, appeal, by=cast.city_officer)
    assert appeal.status == S.ANSWERED


def test_a_place_that_is_gone_cannot_be_lit(cast):
    claim = served(cast)
    appeal = answered(appeal_claim(claim, words=WORDS, by=cast.member), cast.secretary)
    Claim.objects.filter(pk=claim.pk).update(status="WITHDRAWN")
    refused(Reason.NOTHING_TO_APPEAL, uphold, appeal, by=cast.city_officer)


@pytest.mark.parametrize(
    ("remedy", "holds"),
    [
        (
            Remedy(how=How.EXEMPT, reason="ILLNESS", starts_on=date(2026, 1, 1), ends_on=date(2026, 8, 31)),
            lambda member: member.exemptions.filter(reason="ILLNESS", ends_on=date(2026, 8, 31)).exists(),
        ),
        (
            Remedy(how=How.END, ends_on=date(2026, 2, 28)),
            lambda member: member.exemptions.get().ends_on == date(2026, 2, 28),
        ),
        (
            Remedy(how=How.RETIRED, starts_on=date(2026, 3, 1)),
            lambda member: Member.objects.get(pk=member.pk).retired_on == date(2026, 3, 1),
        ),
    ],
)
def test_the_city_says_what_is_recorded_of_an_exemption(cast, remedy, holds):
    member = cast.member.member
    with time_machine.travel(datetime(2026, 9, 1, 12, tzinfo=SHANGHAI), tick=False):
        exemption = exempt(
            member, reason="OTHER", starts_on=date(2026, 1, 1), ends_on=date(2026, 3, 31), by=cast.unit_officer
        )
        appeal = appeal_exemption(year=2026, exemption=exemption, words=WORDS, by=cast.member)
        answered(appeal, cast.unit_officer)
        refused(Reason.REMEDY_MISSING, uphold, appeal, by=cast.city_officer)
        refused(Reason.REMEDY_MISSING, uphold, appeal, by=cast.city_officer, remedy=Remedy(how=How.EXEMPT))
        uphold(appeal, by=cast.city_officer, remedy=remedy)
    assert holds(member)
    assert (appeal.status, appeal.lit) == (S.UPHELD, None)


def test_who_was_called_retired_by_mistake_is_back_in_the_unit(cast):
    Member.objects.filter(pk=cast.member.member.pk).update(retired_on=date(2026, 1, 1))
    appeal = appeal_exemption(year=timezone.localdate().year, words=WORDS, by=cast.member)
    uphold(answered(appeal, cast.unit_officer), by=cast.city_officer, remedy=Remedy(how=How.BACK))
    assert Member.objects.get(pk=cast.member.member.pk).retired_on is None


def test_an_exemption_that_ends_before_it_begins_is_not_decided(cast):
    appeal = answered(appeal_exemption(year=2026, words=WORDS, by=cast.member), cast.unit_officer)
    wrong = Remedy(how=How.EXEMPT, reason="OTHER", starts_on=date(2026, 3, 1), ends_on=date(2026, 2, 1))
    refused(AccountsReason.ENDS_TOO_EARLY, uphold, appeal, by=cast.city_officer, remedy=wrong)
    assert not Exemption.objects.exists()


@pytest.mark.parametrize("words", ["", "  \n "])
def test_neither_is_said_without_words(cast, absent, words):
    appeal = appeal_claim(absent, words=WORDS, by=cast.member)
    refused(Reason.APPEAL_ANSWER_MISSING, answer_appeal, appeal, words=words, by=cast.secretary)
    answered(appeal, cast.secretary)
    refused(Reason.APPEAL_ANSWER_MISSING, decide_appeal, appeal, upheld=False, reasons=words, by=cast.city_officer)


def test_each_is_said_once(cast, absent):
    appeal = answered(appeal_claim(absent, words=WORDS, by=cast.member), cast.secretary)
    refused(AccountsReason.NOT_ALLOWED_NOW, answer_appeal, appeal, words="又", by=cast.second_secretary)
    stale = Appeal.objects.get(pk=appeal.pk)
    decide_appeal(appeal, upheld=False, reasons="无法核实。", by=cast.city_officer)
    refused(AccountsReason.NOT_ALLOWED_NOW, uphold, stale, by=cast.city_officer)
    refused(AccountsReason.NOT_ALLOWED_NOW, answer_appeal, appeal, words="又", by=cast.secretary)


def test_while_there_is_time_to_answer_the_city_waits_and_then_it_need_not(cast):
    with time_machine.travel(datetime(2026, 3, 2, 12, tzinfo=SHANGHAI), tick=False):  # a Monday
        claim = served(cast, mark="ABSENT")
        appeal = appeal_claim(claim, words=WORDS, by=cast.member)
    with time_machine.travel(datetime(2026, 3, 11, 23, 59, tzinfo=SHANGHAI), tick=False):
        refused(Reason.APPEAL_UNANSWERED, uphold, appeal, by=cast.city_officer)
        assert not late_appeals(cast.secretary).exists()
    with time_machine.travel(datetime(2026, 3, 12, 0, 0, tzinfo=SHANGHAI), tick=False):
        assert list(late_appeals(cast.secretary)) == list(appeals_waiting(cast.city_officer)) == [appeal]
        uphold(appeal, by=cast.city_officer)
    assert (appeal.status, appeal.answered_at) == (S.UPHELD, None)


OTHERS = ["member", "other_member", "branch", "other_secretary", "unit_officer", "street_officer", "inspector"]


@pytest.mark.parametrize("who", OTHERS)
def test_nobody_else_reads_answers_or_decides(cast, absent, who):
    appeal, by = appeal_claim(absent, words=WORDS, by=cast.member), getattr(cast, who)
    for act in (lambda: answer_appeal(appeal, words="好", by=by), lambda: uphold(appeal, by=by)):
        with pytest.raises(PermissionDenied):
            act()
    assert set(Appeal.objects.visible_to(by)) == ({appeal} if who == "member" else set())
    assert not appeals_waiting(by).exists()


def test_the_city_does_not_answer_and_the_community_does_not_decide(cast, absent):
    appeal = appeal_claim(absent, words=WORDS, by=cast.member)
    with pytest.raises(PermissionDenied):
        answer_appeal(appeal, words="好", by=cast.city_officer)
    with pytest.raises(PermissionDenied):
        uphold(appeal, by=cast.secretary)


# --- one's own ------------------------------------------------------------------------------


def test_nobody_answers_their_own_and_of_the_only_secretary_the_city_decides_at_once(cast):
    member = MemberFactory(user=cast.secretary.user, unit=cast.unit, community=cast.community)
    claim = served(cast, member=member)
    appeal = appeal_claim(claim, words=WORDS, by=member_actor(member))
    assert told(cast.secretary.user) == []
    assert told(cast.second_secretary.user) == [Kind.APPEAL_SENT]
    refused(Reason.OWN_APPEAL, answer_appeal, appeal, words="好", by=cast.secretary)
    assert not appeals_waiting(cast.secretary).exists()
    assert not appeals_waiting(cast.city_officer).exists(), "there is a colleague"
    Appointment.objects.filter(pk=cast.second_secretary.appointment.pk).delete()
    assert list(appeals_waiting(cast.city_officer)) == [appeal]
    uphold(appeal, by=cast.city_officer)


def test_the_city_officer_does_not_decide_their_own(cast):
    member = MemberFactory(user=cast.city_officer.user, unit=cast.unit, community=cast.community)
    appeal = appeal_claim(served(cast, member=member), words=WORDS, by=member_actor(member))
    answered(appeal, cast.secretary)
    refused(Reason.OWN_APPEAL, uphold, appeal, by=cast.city_officer)
    uphold(appeal, by=second_officer(cast))


def test_who_revoked_does_not_decide_unless_there_is_nobody_else(cast):
    claims = [served(cast, mark="ATTENDED", days=days) for days in (1, 3)]
    lines = [revoke_award(FlagAward.objects.get(claim=claim), reason="误记", by=cast.city_officer) for claim in claims]
    first, second = (appeal_reversal(line, words=WORDS, by=cast.member) for line in lines)
    assert first.organization == cast.city
    uphold(first, by=cast.city_officer)
    second_officer(cast)
    refused(Reason.APPEAL_INVOLVED, uphold, second, by=cast.city_officer)


# --- what the database refuses --------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong",
    [
        {"claim": None},
        {"kind": "REVOKED"},
        {"kind": "EXEMPTION"},
        {"status": "ANSWERED"},
        {"status": "UPHELD"},
        {"answered_at": timezone.now()},
        {"decided_at": timezone.now()},
        {"ends_at": timezone.now()},
    ],
)
def test_the_database_refuses_what_cannot_be(wrong):
    appeal = AppealFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        Appeal.objects.filter(pk=appeal.pk).update(**wrong)


def test_its_words_can_be_erased_and_all_else_stays(cast, absent):
    appeal = answered(appeal_claim(absent, words=WORDS, by=cast.member), cast.secretary)
    uphold(appeal, by=cast.city_officer)
    Appeal.objects.filter(pk=appeal.pk).update(words="", what="", answer="", reasons="")
    appeal.refresh_from_db()
    assert (appeal.status, appeal.lit.value) == (S.UPHELD, 2)
