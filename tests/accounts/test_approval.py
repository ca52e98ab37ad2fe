"""Approving: what a community has approved becomes true, for one member or for three hundred at once."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.access import Actor
from accounts.actions.approval import approve_check_in, approve_check_ins
from accounts.actions.check_in import Details, return_check_ins, submit_check_in
from accounts.models import (
    CheckIn,
    Member,
    Notice,
    Organization,
    Record,
    Role,
    RosterEntry,
    UnitMembership,
    UnitNews,
    User,
)
from accounts.queries.review import Verdict, reviews_of
from accounts.refusals import Reason
from tests.browsing import browser_of, screen
from tests.conftest import actor
from tests.factories import MemberFactory, UserFactory
from vanguard.lib.refused import Refused

pytestmark = pytest.mark.django_db
Status, Kind, Detail = CheckIn.Status, UnitNews.Kind, UnitNews.Detail


def submit(cast, user=None, **changed):
    user = user or UserFactory()
    asked = {"community": cast.community, "compound": cast.compound, "unit": cast.unit, "address": "3-301", **changed}
    return submit_check_in(user, Details(**asked), by=Actor(user=user))


def change(cast, **changed):
    """The cast's member asks to have something changed, and nothing else."""
    return submit(cast, cast.member.user, **{"address": "1-101", **changed})


def refused(check_in, by):
    with pytest.raises(Refused) as caught:
        approve_check_in(check_in, by=by)
    return caught.value.reason


def told(unit):
    return [(row.kind, row.changed) for row in UnitNews.objects.filter(unit=unit).order_by("pk")]


def test_many_are_taken_in_at_once(cast):
    waiting = [submit(cast) for _ in range(5)]
    approved = approve_check_ins(waiting, by=cast.secretary)
    assert (len(approved.check_ins), approved.left) == (5, [])
    members = Member.objects.filter(check_ins__in=waiting)
    assert set(members.values_list("home", flat=True)) == {cast.compound.pk}
    today = UnitMembership.objects.on(timezone.localdate()).filter(member__in=members)
    assert set(today.values_list("unit", flat=True)) == {cast.unit.pk}
    assert Record.objects.filter(new_status=Status.APPROVED, user=cast.secretary.user).count() == 5
    assert Notice.objects.filter(kind=Notice.Kind.CHECK_IN_APPROVED).count() == 5
    assert Notice.objects.filter(kind=Notice.Kind.UNIT_NEWS, user=cast.unit_officer.user).count() == 1, "one for all"


def test_many_cost_as_many_queries_as_one(cast):
    def queries(count):
        waiting = [submit(cast) for _ in range(count)]
        with CaptureQueriesContext(connection) as captured:
            assert len(approve_check_ins(waiting, by=cast.secretary).check_ins) == count
        return len(captured)

    queries(1)
    assert queries(30) == queries(1)


def test_approving_the_same_many_twice_changes_nothing_more(cast):
    waiting = [submit(cast) for _ in range(3)]
    approve_check_ins(waiting, by=cast.secretary)
    written = Record.objects.count(), Notice.objects.count(), UnitNews.objects.count()
    again = approve_check_ins(waiting, by=cast.second_secretary)
    assert (again.check_ins, again.left) == ([], [])
    assert (Record.objects.count(), Notice.objects.count(), UnitNews.objects.count()) == written


def test_among_many_those_that_cannot_be_are_left_and_said(cast):
    own = submit(cast, cast.secretary.user)
    nowhere = submit(cast, unit=None)
    taken = submit(cast, phone="10066666666")
    fine = submit(cast)
    UserFactory(phone="10066666666")
    approved = approve_check_ins([own, nowhere, taken, fine], by=cast.secretary)
    assert approved.check_ins == [fine]
    assert {row.pk: why.reason for row, why in approved.left} == {
        own.pk: Reason.ONESELF,
        nowhere.pk: Reason.UNIT_UNKNOWN,
        taken.pk: Reason.PHONE_TAKEN,
    }
    assert CheckIn.objects.filter(status=Status.SUBMITTED).count() == 3


def test_two_who_ask_for_the_same_new_phone_do_not_both_get_it(cast):
    first, second = submit(cast, phone="10066666666"), submit(cast, phone="10066666666")
    approved = approve_check_ins([first, second], by=cast.secretary)
    assert approved.check_ins == [first]
    assert [why.reason for _row, why in approved.left] == [Reason.PHONE_TAKEN]


def test_many_of_next_door_are_not_this_secretarys(cast):
    with pytest.raises(PermissionDenied):
        approve_check_ins(
            [submit(cast), submit(cast, community=cast.other_community, compound=None)], by=cast.secretary
        )
    assert not CheckIn.objects.filter(status=Status.APPROVED, address="3-301").exists()


def test_many_are_returned_with_one_reason(cast):
    waiting = [submit(cast) for _ in range(3)]
    own = submit(cast, cast.secretary.user)
    assert return_check_ins([*waiting, own], reason="请写单元", by=cast.secretary) == 3
    assert set(CheckIn.objects.filter(pk__in=waiting_keys(waiting)).values_list("status", "return_reason")) == {
        (Status.RETURNED, "请写单元")
    }
    own.refresh_from_db()
    assert own.status == Status.SUBMITTED
    assert Notice.objects.filter(kind=Notice.Kind.CHECK_IN_RETURNED).count() == 3
    assert return_check_ins(waiting, reason="请写单元", by=cast.secretary) == 0
    with pytest.raises(Refused):
        return_check_ins(waiting, reason=" ", by=cast.secretary)


def waiting_keys(check_ins):
    return [check_in.pk for check_in in check_ins]


# --- the unit --------------------------------------------------------------------------------


def entry(unit, user, **changed):
    return RosterEntry.objects.create(unit=unit, **{"name": user.name, "phone": user.phone, **changed})


def test_the_unit_is_the_one_whose_roster_has_name_and_phone(cast):
    user = UserFactory()
    entry(cast.other_unit, user)
    check_in = submit(cast, user, unit=cast.unit)
    approve_check_in(check_in, by=cast.secretary)
    assert check_in.unit == cast.other_unit
    assert check_in.member.unit_memberships.get().unit == cast.other_unit


def test_who_is_on_two_rosters_gets_the_unit_that_was_chosen(cast):
    user = UserFactory()
    entry(cast.unit, user)
    entry(cast.other_unit, user)
    check_in = submit(cast, user, unit=cast.other_unit)
    approve_check_in(check_in, by=cast.secretary)
    assert check_in.unit == cast.other_unit


@pytest.mark.parametrize("changed", [{"name": "别人"}, {"phone": "10066666666"}, {"removed_on": date(2026, 1, 1)}])
def test_half_a_match_or_a_line_taken_off_gives_no_unit(cast, changed):
    user = UserFactory()
    entry(cast.other_unit, user, **changed)
    assert refused(submit(cast, user, unit=None), cast.secretary) == Reason.UNIT_UNKNOWN


def test_a_roster_of_another_city_gives_no_unit(cast):
    from tests.factories import OrganizationFactory, UnitFactory

    user = UserFactory()
    entry(UnitFactory(parent=OrganizationFactory(code="BD")), user)
    assert refused(submit(cast, user, unit=None), cast.secretary) == Reason.UNIT_UNKNOWN


def test_the_roster_gives_nothing_before_the_community_approves(cast):
    user = UserFactory()
    entry(cast.unit, user)
    submit(cast, user, unit=None)
    assert not UnitMembership.objects.filter(member__user=user).exists()


def test_a_retired_newcomer_needs_no_unit(cast):
    check_in = submit(cast, unit=None, retired=True)
    approve_check_in(check_in, by=cast.secretary)
    member = Member.objects.get(pk=check_in.member_id)
    assert (member.retired_on, member.home) == (timezone.localdate(), cast.compound)
    assert not member.unit_memberships.exists()


def test_whom_a_unit_lists_the_unit_retires(cast):
    user = UserFactory()
    entry(cast.unit, user)
    check_in = submit(cast, user, unit=None, retired=True)
    page = screen(browser_of(cast.secretary).get(reverse("check_in_queue")))
    assert cast.unit.name in page
    approve_check_in(check_in, by=cast.secretary)
    member = Member.objects.get(pk=check_in.member_id)
    assert member.retired_on is None
    assert member.unit_memberships.get().unit == cast.unit
    approve_check_in(change(cast, retired=True, unit=None), by=cast.secretary)
    assert Member.objects.get(pk=cast.member.member.pk).retired_on is None


# --- changes of what was approved ------------------------------------------------------------


def test_a_changed_address_ends_the_old_check_in_and_is_told_to_the_unit(cast):
    former = CheckIn.objects.get(member=cast.member.member)
    check_in = change(cast, address="8-808")
    approve_check_in(check_in, by=cast.secretary)
    former.refresh_from_db()
    assert (former.status, former.address) == (Status.ENDED, "1-101"), "history is kept"
    assert told(cast.unit) == [(Kind.CHANGED, [Detail.ADDRESS])]
    assert told(cast.other_unit) == []


def test_a_changed_phone_becomes_the_one_to_log_in_with_once_approved(cast):
    check_in = change(cast, phone="10066666666")
    assert User.objects.get(pk=cast.member.user.pk).phone != "10066666666"
    approve_check_in(check_in, by=cast.secretary)
    assert User.objects.get(pk=cast.member.user.pk).phone == "10066666666"
    assert told(cast.unit) == [(Kind.CHANGED, [Detail.PHONE])]


def test_somebody_elses_phone_is_refused_when_it_is_asked_for(cast):
    with pytest.raises(Refused) as caught:
        change(cast, phone=cast.other_member.user.phone)
    assert caught.value.reason == Reason.PHONE_TAKEN


def test_a_changed_unit_is_the_one_that_was_asked_for_whatever_the_old_roster_says(cast):
    entry(cast.unit, cast.member.user)
    approve_check_in(change(cast, unit=cast.other_unit), by=cast.secretary)
    assert UnitMembership.objects.on(timezone.localdate()).get(member=cast.member.member).unit == cast.other_unit
    assert told(cast.unit) == [(Kind.LEFT, [])]
    assert told(cast.other_unit) == [(Kind.JOINED, [Detail.UNIT])]


def test_a_change_that_names_no_unit_leaves_it(cast):
    approve_check_in(change(cast, unit=None, address="8-808"), by=cast.secretary)
    membership = cast.member.member.unit_memberships.get()
    assert (membership.unit, membership.starts_on, membership.ends_on) == (cast.unit, date(2020, 1, 1), None)


def test_a_move_is_told_to_the_unit(cast):
    check_in = submit(cast, cast.member.user, community=cast.other_community, compound=None)
    approve_check_in(check_in, by=cast.other_secretary)
    assert told(cast.unit) == [(Kind.MOVED, [Detail.COMMUNITY, Detail.ADDRESS])]


def test_a_first_check_in_is_told_to_the_unit(cast):
    approve_check_in(submit(cast), by=cast.secretary)
    assert told(cast.unit) == [(Kind.CHECKED_IN, [])]


def test_an_officer_whose_days_are_over_is_not_told(cast):
    appointment = cast.unit_officer.appointment
    appointment.ends_on = timezone.localdate() - timedelta(days=1)
    appointment.save()
    approve_check_in(submit(cast), by=cast.secretary)
    assert not Notice.objects.filter(kind=Notice.Kind.UNIT_NEWS).exists()
    assert told(cast.unit) == [(Kind.CHECKED_IN, [])], "the next officer finds it"


def test_a_membership_that_would_begin_later_gives_way(cast):
    member = MemberFactory()
    tomorrow = timezone.localdate() + timedelta(days=1)
    UnitMembership.objects.create(member=member, unit=cast.other_unit, starts_on=tomorrow)
    approve_check_in(submit(cast, member.user), by=cast.secretary)
    assert [row.unit for row in member.unit_memberships.all()] == [cast.unit]


def test_a_corrected_name_is_taken_over_and_told(cast):
    approve_check_in(change(cast, name="张晓明"), by=cast.secretary)
    assert User.objects.get(pk=cast.member.user.pk).name == "张晓明"
    assert told(cast.unit) == [(Kind.CHANGED, [Detail.NAME])]


def test_a_closed_unit_takes_nobody_in(cast):
    user = UserFactory()
    entry(cast.other_unit, user)
    close(cast.other_unit)
    assert refused(submit(cast, user, unit=None), cast.secretary) == Reason.UNIT_UNKNOWN
    for closed in ({"unit": cast.other_unit}, {"compound": cast.compound}):
        close(cast.compound)
        with pytest.raises(Refused) as caught:
            submit(cast, **{"compound": None, **closed})
        assert caught.value.reason == Reason.ORGANIZATION_CLOSED


def close(organization):
    Organization.objects.filter(pk=organization.pk).update(closed_on=date(2026, 1, 1))


def test_a_community_that_closes_while_the_form_is_filled_in_takes_nothing(cast):
    stale = cast.community
    close(stale)
    with pytest.raises(Refused) as caught:
        submit(cast, community=stale, compound=None)
    assert caught.value.reason == Reason.COMMUNITY_CLOSED


def test_who_is_on_two_rosters_and_chose_none_agrees_with_neither(cast):
    user = UserFactory()
    entry(cast.unit, user)
    entry(cast.other_unit, user)
    check_in = submit(cast, user, unit=None)
    assert refused(check_in, cast.secretary) == Reason.UNIT_AMBIGUOUS
    (review,) = reviews_of([check_in])
    assert review.verdict == Verdict.DIFFERS


# --- the only secretary ----------------------------------------------------------------------


@pytest.fixture
def only_secretary(cast):
    """Next door has one secretary, who lives there and checks in."""
    return submit(cast, cast.other_secretary.user, community=cast.other_community, compound=None)


def test_the_city_takes_in_a_communitys_only_secretary(cast, only_secretary):
    assert refused(only_secretary, cast.other_secretary) == Reason.ONESELF
    approve_check_in(only_secretary, by=cast.city_officer)
    assert only_secretary.status == Status.APPROVED


def test_with_a_second_secretary_it_is_not_the_citys(cast, only_secretary):
    colleague = actor(cast.other_community, Role.SECRETARY, "新书记")
    with pytest.raises(PermissionDenied):
        approve_check_in(only_secretary, by=cast.city_officer)
    approve_check_in(only_secretary, by=colleague)


def test_nobody_elses_check_in_is_the_citys(cast):
    with pytest.raises(PermissionDenied):
        approve_check_in(submit(cast), by=cast.city_officer)


def test_the_city_finds_it_on_its_first_page(cast, only_secretary):
    client = browser_of(cast.city_officer)
    assert reverse("check_in_queue") in screen(client.get(reverse("city_figures")))
    assert str(only_secretary.member) in screen(client.get(reverse("check_in_queue")))
    client.post(reverse("check_in_approve", args=[only_secretary.pk]))
    assert reverse("check_in_queue") not in screen(client.get(reverse("city_figures")))
