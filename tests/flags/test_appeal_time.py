"""Who is told that an appeal waits too long, once; and what becomes of appeals when communities close, merge, or accounts do."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone

from accounts.actions.community import merge_community
from accounts.models import Appointment, Notice, Record
from flags.actions.appeal import appeal_claim, appeal_exemption
from flags.actions.appeal_answer import answer_appeal
from flags.actions.appeal_organization import refuse_unanswered_appeals
from flags.actions.member_merge import merge_members
from flags.jobs import chase_appeals
from flags.models import Appeal
from flags.queries.appeal import appeals_of_merger, appeals_waiting, late_appeals
from flags.refusals import Reason
from tests.conftest import member_actor
from tests.factories import AppealFactory, MemberFactory
from tests.flags.test_appeal import WORDS, answered, refused, served, told, uphold
from vanguard.lib.refused import Refused

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")
Kind = Notice.Kind


def at(day: str, hour: int = 9):
    return time_machine.travel(datetime.fromisoformat(f"{day}T{hour:02}:00").replace(tzinfo=SHANGHAI), tick=False)


@pytest.fixture
def appeal(cast):
    """Sent on Monday, March 2."""
    with at("2026-03-02"):
        appeal = appeal_claim(served(cast, mark="ABSENT"), words=WORDS, by=cast.member)
    Notice.objects.all().delete()
    return appeal


def test_after_seven_working_days_who_answers_and_the_city_are_told_once(cast, appeal):
    with at("2026-03-11", 23):
        chase_appeals()
    assert not Notice.objects.exists()
    for day in ("2026-03-12", "2026-03-12", "2026-03-13"):
        with at(day):
            chase_appeals()
    for secretary in (cast.secretary, cast.second_secretary):
        assert told(secretary.user) == [Kind.APPEAL_LATE]
    assert told(cast.city_officer.user) == [Kind.APPEAL_TO_DECIDE]
    assert cast.secretary.user.notices.get().link == appeal.page
    assert told(cast.street_officer.user) == told(cast.member.user) == []


@pytest.mark.parametrize("is_answered", [True, False])
def test_ten_working_days_more_and_the_city_is_late(cast, appeal, is_answered):
    if is_answered:
        with at("2026-03-11"):
            answer_appeal(appeal, words="没有看到。", by=cast.secretary)
    with at("2026-03-25", 23):
        chase_appeals()
        assert Kind.APPEAL_UNDECIDED not in told(cast.city_officer.user)
        assert not late_appeals(cast.city_officer).exists()
    with at("2026-03-26"):
        chase_appeals()
        assert told(cast.city_officer.user).count(Kind.APPEAL_UNDECIDED) == 1
        assert [*late_appeals(cast.city_officer)] == [appeal]


def test_before_the_morning_and_once_decided_nobody_is_told(cast, appeal):
    with at("2026-03-13", 7):
        chase_appeals()
    with at("2026-03-13"):
        uphold(appeal, by=cast.city_officer)
        Notice.objects.all().delete()
        chase_appeals()
    assert not Notice.objects.exists()


def test_nobody_is_chased_for_their_own(cast):
    Appointment.objects.filter(pk=cast.second_secretary.appointment.pk).delete()
    member = MemberFactory(user=cast.secretary.user, unit=cast.unit, community=cast.community)
    with at("2026-03-02"):
        appeal_claim(served(cast, member=member), words=WORDS, by=member_actor(member))
    with at("2026-03-20"):
        chase_appeals()
    assert told(cast.secretary.user) == []


# --- organizations and accounts ---------------------------------------------------------------


def test_an_unanswered_one_keeps_a_community_from_closing_and_an_answered_one_does_not(cast, appeal):
    with pytest.raises(Refused) as caught:
        refuse_unanswered_appeals(cast.community)
    assert (caught.value.reason, caught.value.details) == (Reason.APPEALS_UNANSWERED, {"n": 1})
    refuse_unanswered_appeals(cast.other_community)
    answered(appeal, cast.secretary)
    refuse_unanswered_appeals(cast.community)


def test_with_a_merger_open_ones_pass_to_the_new_community_and_decided_ones_stay(cast, appeal):
    decided = AppealFactory(organization=cast.community, status="REJECTED")
    assert [figure.number for figure in appeals_of_merger(cast.community)] == [1]
    merge_community(cast.community, into=cast.other_community, by=cast.city_officer)
    cast.other_secretary.organization.refresh_from_db()
    assert [*appeals_waiting(cast.other_secretary)] == [appeal]
    assert Record.objects.filter(subject_type__model="appeal", verb="carried over").count() == 1
    appeal.refresh_from_db()
    decided.refresh_from_db()
    assert (appeal.organization, decided.organization) == (cast.other_community, cast.community)
    answer_appeal(appeal, words="看了签到表。", by=cast.other_secretary)
    cast.city_officer.organization.refresh_from_db()
    uphold(appeal, by=cast.city_officer)


def test_appeals_of_the_other_account_are_read_and_told_in_the_one_that_is_kept(cast):
    twin = MemberFactory(user__name=cast.member.user.name, unit=cast.unit, community=cast.community)
    claim = served(cast, member=twin, mark="ABSENT")
    appeal = appeal_claim(claim, words=WORDS, by=member_actor(twin))
    year = timezone.localdate().year
    appeal_exemption(year=year, words=WORDS, by=member_actor(twin))
    merge_members(cast.member.member, twin, by=cast.city_officer)
    assert Appeal.objects.visible_to(cast.member).count() == 2
    refused(Reason.APPEAL_OPEN, appeal_exemption, year=year, words=WORDS, by=cast.member)
    appeal = Appeal.objects.with_all().get(pk=appeal.pk)
    uphold(answered(appeal, cast.secretary), by=cast.city_officer)
    assert {Kind.APPEAL_ANSWERED, Kind.APPEAL_DECIDED} <= set(told(cast.member.user))
    assert appeal.lit.member == twin, "the ledger stays where it is"
