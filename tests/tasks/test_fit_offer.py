"""Who is told that a task which fits them lacks people: who wants that, once, and never many."""

from datetime import UTC, timedelta

import pytest
import time_machine
from django.urls import reverse

from accounts.models import Member, Notice
from tasks.actions.fit_offer import tell_whom_it_fits
from tasks.jobs import offer_fitting
from tasks.models import Claim, FitOffer, Shift
from tasks.queries.fit_offer import ASKED_A_PLACE, SHIFTS_A_DAY
from tests.factories import ClaimFactory, MemberFactory
from tests.tasks.test_fitting import DAY, HOUR, NOW, publish, says
from vanguard.lib import week

pytestmark = pytest.mark.django_db
TOMORROW = NOW + DAY
Kind = Notice.Kind


@pytest.fixture(autouse=True)
def monday():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def member(cast):
    return willing(cast.member.member)


def willing(member: Member) -> Member:
    """Wants to be told, and is always free."""
    says(member, free=week.BITS)
    Member.objects.filter(pk=member.pk).update(told_what_fits=True)
    return member


def told(member: Member) -> list[Notice]:
    return list(member.user.notices.filter(kind__in=[Kind.FITTING_TASK, Kind.FITTING_TASKS]).order_by("pk"))


def test_who_wants_to_be_told_is_told_once_and_nothing_is_taken_for_them(cast, member):
    shift = publish(cast, TOMORROW)
    for _ in range(2):
        offer_fitting()
        tell_whom_it_fits()
    [notice] = told(member)
    assert (notice.kind, notice.link) == (Kind.FITTING_TASK, shift.page)
    assert notice.params == {"task": shift.task.title, "time": shift.starts_at.astimezone(UTC).isoformat()}
    assert (FitOffer.objects.count(), Claim.objects.count()) == (1, 0)
    shift.refresh_from_db()
    assert shift.taken == 0


def test_several_are_one_notice_that_leads_to_the_list(cast, member):
    for n in range(SHIFTS_A_DAY + 2):
        publish(cast, TOMORROW + 3 * n * HOUR, title=f"第 {n} 件")
    offer_fitting()
    [notice] = told(member)
    assert (notice.kind, notice.link) == (Kind.FITTING_TASKS, f"{reverse('task_list')}?fits=on")
    assert notice.params["task"] == "第 0 件", "the soonest of those that fit as well"
    assert FitOffer.objects.count() == SHIFTS_A_DAY


def test_the_millionth_shift_is_offered_like_the_first(cast, member):
    shift = publish(cast, TOMORROW)
    Shift.objects.filter(pk=shift.pk).update(id=1_000_000)
    tell_whom_it_fits()
    assert FitOffer.objects.get().shift_id == 1_000_000


def test_the_next_day_brings_what_is_new_and_nothing_again(cast, member):
    publish(cast, TOMORROW + 2 * DAY - HOUR, title="昨天说过")
    offer_fitting()
    with time_machine.travel(TOMORROW, tick=False):
        offer_fitting()
        assert len(told(member)) == 1
    publish(cast, TOMORROW + 2 * DAY, title="新的")
    with time_machine.travel(TOMORROW + DAY, tick=False):
        offer_fitting()
    assert [notice.params["task"] for notice in told(member)] == ["昨天说过", "新的"]


def test_before_the_morning_nobody_is_told(cast, member):
    publish(cast, TOMORROW)
    with time_machine.travel(NOW.replace(hour=7, minute=59), tick=False):
        offer_fitting()
    assert not told(member)


@pytest.mark.parametrize(
    ("begins", "capacity", "taken", "offered"),
    [
        (timedelta(hours=3), 4, 0, False),
        (timedelta(hours=3, minutes=1), 4, 0, True),
        (timedelta(hours=72), 4, 1, True),
        (timedelta(hours=72, minutes=1), 4, 1, False),
        (timedelta(hours=24), 4, 2, False),
        (timedelta(hours=24), 1, 0, True),
        (timedelta(hours=24), 1, 1, False),  # full meanwhile
    ],
)
def test_it_is_what_begins_soon_and_has_more_places_free_than_taken(cast, member, begins, capacity, taken, offered):
    shift = publish(cast, NOW + begins, capacity=capacity)
    ClaimFactory.create_batch(taken, shift=shift)
    offer_fitting()
    assert bool(told(member)) == offered


@pytest.mark.parametrize("changed", [{"by_agreement": True}, {"opens_at": NOW + HOUR}, {"status": "CANCELLED"}])
def test_other_shifts_are_not_offered(cast, member, changed):
    publish(cast, TOMORROW, **changed)
    offer_fitting()
    assert not told(member)


def test_who_does_not_want_it_or_whom_it_does_not_fit_is_not_told(cast, member):
    quiet, gone, elsewhere, there, muted = (MemberFactory(community=cast.compound) for _ in range(5))
    shift = publish(cast, TOMORROW, publisher=cast.community)
    says(quiet, free=week.BITS)
    for one in (gone, there, muted, willing(cast.other_member.member)):
        willing(one)
    willing(elsewhere)
    says(elsewhere, free=["SUN_MORNING"])
    gone.user.is_active = False
    gone.user.save(update_fields=["is_active"])
    ClaimFactory(shift=shift, member=there, status="WAITING")
    muted.user.app_off = muted.user.mail_off = [Kind.FITTING_TASK, Kind.FITTING_TASKS]
    muted.user.save(update_fields=["app_off", "mail_off"])
    offer_fitting()
    assert [offer.member for offer in FitOffer.objects.all()] == [member]
    assert list(Notice.objects.filter(kind=Kind.FITTING_TASK).values_list("user", flat=True)) == [member.user_id]


def test_no_more_are_told_than_could_come_and_those_whom_it_fits_best(cast):
    publish(cast, TOMORROW, publisher=cast.community, capacity=1, category="COMMUNITY_ACTIVITY")
    members = MemberFactory.create_batch(ASKED_A_PLACE + 3, community=cast.compound)
    for member in members:
        willing(member)
    for member in members[-2:]:
        says(member, free=week.BITS, likes=["COMMUNITY_ACTIVITY"])
    offer_fitting()
    offered = set(FitOffer.objects.values_list("member", flat=True))
    assert len(offered) == ASKED_A_PLACE
    assert {member.pk for member in members[-2:]} <= offered


def test_mail_is_written_for_who_has_an_address_and_the_text_says_when(cast, member):
    member.user.email = "a@example.com"
    member.user.save(update_fields=["email"])
    shift = publish(cast, TOMORROW)
    offer_fitting()
    [notice] = told(member)
    assert notice.mail == Notice.Mail.WAITING
    assert shift.task.title in notice.text
    assert "09:00" in notice.text


def test_an_offer_is_its_members_alone(cast, member):
    publish(cast, TOMORROW)
    offer_fitting()
    assert FitOffer.objects.visible_to(cast.member).count() == 1
    for actor in (cast.other_member, cast.secretary, cast.city_officer):
        assert not FitOffer.objects.visible_to(actor).exists()


def test_it_costs_the_same_for_one_and_for_many(cast, member, django_assert_max_num_queries):
    for n in range(6):
        publish(cast, TOMORROW + n * HOUR)
    for other in MemberFactory.create_batch(6, community=cast.compound):
        willing(other)
    with django_assert_max_num_queries(11):
        offer_fitting()
    assert Notice.objects.count() == 7
