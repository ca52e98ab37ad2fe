"""Check-in: a member asks, the community approves or returns (domain rule 1)."""

from datetime import date, timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts.access import Actor
from accounts.actions.approval import approve_check_in
from accounts.actions.check_in import Details, resubmit_check_in, return_check_in, submit_check_in
from accounts.models import CheckIn, Consent, Member, Notice, Organization, Record, RosterEntry, UnitMembership
from accounts.refusals import Reason
from tests.factories import CommunityFactory, MemberFactory, OrganizationFactory, UnitFactory, UserFactory
from vanguard.lib.refused import Refused

pytestmark = pytest.mark.django_db
Status = CheckIn.Status


def submit(cast, user, **changed):
    asked = {"community": cast.community, "compound": cast.compound, "unit": cast.unit, "address": "3-301", **changed}
    return submit_check_in(user, Details(**asked), by=Actor(user=user))


def refused(why, ask, *args, **kwargs):
    before = CheckIn.objects.count(), Record.objects.count(), Notice.objects.count(), Member.objects.count()
    with pytest.raises(Refused) as caught:
        ask(*args, **kwargs)
    assert caught.value.reason == why
    assert caught.value.sentence
    after = CheckIn.objects.count(), Record.objects.count(), Notice.objects.count(), Member.objects.count()
    assert after == before, "something was written although it was refused"


def test_the_first_check_in_makes_a_member_and_keeps_the_consent(cast, settings):
    user = UserFactory()
    check_in = submit(cast, user)
    assert check_in.status == Status.SUBMITTED
    assert check_in.member.user == user
    assert check_in.member.home is None
    assert Consent.objects.get(user=user).version == settings.PRIVACY_VERSION


def test_a_second_one_is_refused_while_one_is_pending(cast):
    user = UserFactory()
    submit(cast, user)
    refused(Reason.ALREADY_PENDING, submit, cast, user)
    refused(Reason.ALREADY_PENDING, submit, cast, user, community=cast.other_community, compound=None)


def test_a_second_one_is_refused_while_one_is_returned(cast):
    user = UserFactory()
    return_check_in(submit(cast, user), reason="地址不全", by=cast.secretary)
    refused(Reason.ALREADY_PENDING, submit, cast, user)


def as_approved(cast, **changed):
    """What the community of the cast has approved of its member, word for word."""
    return {"compound": cast.member.member.home, "unit": cast.unit, "address": "1-101", **changed}


def test_it_is_refused_where_nothing_would_change(cast):
    refused(Reason.NOTHING_CHANGED, submit, cast, cast.member.user, **as_approved(cast))
    refused(Reason.NOTHING_CHANGED, submit, cast, cast.member.user, **as_approved(cast, unit=None))


def test_mending_cannot_lead_to_what_has_been_approved_already(cast):
    user = cast.member.user
    check_in = submit(cast, user, community=cast.other_community, compound=None)
    return_check_in(check_in, reason="地址不全", by=cast.other_secretary)
    asked = Details(community=cast.community, **as_approved(cast))
    refused(Reason.NOTHING_CHANGED, resubmit_check_in, check_in, asked, by=cast.member)


def test_it_is_refused_by_a_closed_community(cast):
    Organization.objects.filter(pk=cast.community.pk).update(closed_on=date(2026, 1, 1))
    cast.community.refresh_from_db()
    refused(Reason.COMMUNITY_CLOSED, submit, cast, UserFactory())


def test_it_is_refused_with_a_compound_of_another_community(cast):
    refused(Reason.FOREIGN_COMPOUND, submit, cast, UserFactory(), community=cast.other_community)


def test_it_is_refused_with_a_unit_of_another_city(cast):
    abroad = UnitFactory(parent=OrganizationFactory(name="别的市", code="BD"))
    refused(Reason.FOREIGN_UNIT, submit, cast, UserFactory(), unit=abroad)


def test_approving_gives_the_member_a_home_and_a_unit_from_today(cast):
    check_in = submit(cast, UserFactory())
    approve_check_in(check_in, by=cast.secretary)
    member = Member.objects.get(pk=check_in.member_id)
    assert member.home == cast.compound
    membership = member.unit_memberships.get()
    assert (membership.unit, membership.starts_on, membership.ends_on) == (cast.unit, timezone.localdate(), None)
    assert CheckIn.objects.get(pk=check_in.pk).approved_on == timezone.localdate()
    assert member.user.notices.get().kind == Notice.Kind.CHECK_IN_APPROVED


def test_approving_twice_is_refused(cast):
    check_in = submit(cast, UserFactory())
    stale = CheckIn.objects.get(pk=check_in.pk)
    approve_check_in(check_in, by=cast.secretary)
    refused(Reason.NOT_ALLOWED_NOW, approve_check_in, check_in, by=cast.secretary)
    refused(Reason.STATE_CHANGED, approve_check_in, stale, by=cast.second_secretary)
    check_in.refresh_from_db()
    assert check_in.status == Status.APPROVED


def test_one_cannot_approve_and_return_the_same(cast):
    check_in = submit(cast, UserFactory())
    stale = CheckIn.objects.get(pk=check_in.pk)
    approve_check_in(check_in, by=cast.secretary)
    refused(Reason.STATE_CHANGED, return_check_in, stale, reason="地址不全", by=cast.second_secretary)
    check_in.refresh_from_db()
    assert (check_in.status, check_in.return_reason) == (Status.APPROVED, "")


@pytest.mark.parametrize(
    "who", ["other_secretary", "branch", "city_officer", "street_officer", "unit_officer", "member"]
)
def test_only_the_communitys_secretary_decides(cast, who):
    check_in = submit(cast, UserFactory())
    with pytest.raises(PermissionDenied):
        approve_check_in(check_in, by=getattr(cast, who))
    with pytest.raises(PermissionDenied):
        return_check_in(check_in, reason="地址不全", by=getattr(cast, who))
    check_in.refresh_from_db()
    assert check_in.status == Status.SUBMITTED


def test_nobody_decides_on_oneself(cast):
    check_in = submit(cast, cast.secretary.user)
    refused(Reason.ONESELF, approve_check_in, check_in, by=cast.secretary)
    refused(Reason.ONESELF, return_check_in, check_in, reason="地址不全", by=cast.secretary)
    approve_check_in(check_in, by=cast.second_secretary)
    assert check_in.status == Status.APPROVED


@pytest.mark.parametrize("reason", ["", "  ", "\n\t\u3000"])
def test_returning_is_refused_without_a_reason(cast, reason):
    refused(Reason.REASON_MISSING, return_check_in, submit(cast, UserFactory()), reason=reason, by=cast.secretary)


def test_what_was_returned_can_be_mended_and_sent_again(cast):
    check_in = submit(cast, UserFactory(), address="301")
    return_check_in(check_in, reason="请写楼号", by=cast.secretary)
    assert check_in.member.user.notices.get().params["reason"] == "请写楼号"
    asked = {"community": cast.community, "compound": None, "unit": cast.other_unit, "address": "3-301"}
    resubmit_check_in(check_in, Details(**asked), by=Actor(user=check_in.member.user))
    check_in.refresh_from_db()
    assert (check_in.status, check_in.address, check_in.return_reason) == (Status.SUBMITTED, "3-301", "")
    assert (check_in.unit, check_in.compound) == (cast.other_unit, None)


def test_mending_agrees_to_the_statement_of_that_day(cast, settings):
    check_in = submit(cast, UserFactory())
    return_check_in(check_in, reason="请写楼号", by=cast.secretary)
    settings.PRIVACY_VERSION = "2099-01"
    asked = {"community": cast.community, "compound": None, "unit": cast.unit, "address": "3-301"}
    resubmit_check_in(check_in, Details(**asked), by=Actor(user=check_in.member.user))
    assert Consent.objects.filter(user=check_in.member.user, version="2099-01").count() == 1


def test_nobody_mends_somebody_elses_check_in(cast):
    check_in = submit(cast, UserFactory())
    return_check_in(check_in, reason="请写楼号", by=cast.secretary)
    asked = {"community": cast.community, "compound": None, "unit": cast.unit, "address": "3-301"}
    for who in (cast.secretary, cast.other_member):
        with pytest.raises(PermissionDenied):
            resubmit_check_in(check_in, Details(**asked), by=who)
    check_in.refresh_from_db()
    assert check_in.status == Status.RETURNED


def test_a_move_ends_the_former_check_in_the_same_day(cast):
    user, today = cast.member.user, timezone.localdate()
    former = CheckIn.objects.get(member__user=user)
    check_in = submit(cast, user, community=cast.other_community, compound=None)
    assert Member.objects.get(user=user).home == cast.compound, "until it is approved one lives where one lived"
    approve_check_in(check_in, by=cast.other_secretary)
    former.refresh_from_db()
    assert (former.status, former.ended_on) == (Status.ENDED, today)
    assert Member.objects.get(user=user).home == cast.other_community


def test_a_new_unit_begins_where_the_old_one_ends(cast):
    user, today = cast.member.user, timezone.localdate()
    approve_check_in(
        submit(cast, user, community=cast.other_community, compound=None, unit=cast.other_unit), by=cast.other_secretary
    )
    old, new = UnitMembership.objects.filter(member__user=user).order_by("starts_on")
    assert (old.unit, old.ends_on) == (cast.unit, today)
    assert (new.unit, new.starts_on, new.ends_on) == (cast.other_unit, today, None)
    for day, unit in ((today - timedelta(days=1), cast.unit), (today, cast.other_unit)):
        assert UnitMembership.objects.on(day).get(member__user=user).unit == unit


def test_two_moves_on_one_day_leave_one_unit(cast):
    user = cast.member.user
    third = CommunityFactory(parent=cast.street)
    approve_check_in(
        submit(cast, user, community=cast.other_community, compound=None, unit=cast.other_unit), by=cast.other_secretary
    )
    check_in = submit(cast, user, community=third, compound=None, unit=cast.unit)
    secretary = Actor(
        user=cast.secretary.user,
        appointment=third.appointments.create(user=cast.secretary.user, role="SECRETARY", starts_on=date(2020, 1, 1)),
    )
    approve_check_in(check_in, by=secretary)
    today = timezone.localdate()
    assert UnitMembership.objects.on(today).get(member__user=user).unit == cast.unit
    assert CheckIn.objects.filter(member__user=user, status=Status.APPROVED).count() == 1


def test_a_retired_member_joins_no_unit(cast):
    member = MemberFactory(retired_on=date(2025, 1, 1))
    approve_check_in(submit(cast, member.user), by=cast.secretary)
    assert not member.unit_memberships.exists()
    member.refresh_from_db()
    assert member.home == cast.compound


def test_the_day_is_that_of_shanghai(cast):
    check_in = submit(cast, UserFactory())
    with time_machine.travel("2026-12-31T16:30:00+00:00", tick=False):
        approve_check_in(check_in, by=cast.secretary)
    assert check_in.approved_on == date(2027, 1, 1)


@pytest.mark.parametrize(
    ("name", "phone", "matched"),
    [
        ("李雷", "10099999991", True),
        ("李磊", "10099999991", True),
        ("李雷", "10099999992", True),
        ("李磊", "10099999992", False),
    ],
)
def test_a_line_of_the_units_roster_is_linked_by_name_or_phone_once_approved(cast, name, phone, matched):
    line = RosterEntry.objects.create(unit=cast.unit, name="李雷", phone="10099999991")
    check_in = submit(cast, UserFactory(name=name, phone=phone))
    line.refresh_from_db()
    assert line.member is None
    approve_check_in(check_in, by=cast.secretary)
    line.refresh_from_db()
    assert (line.member == check_in.member) is matched


def test_the_same_person_matches_a_second_units_line_after_a_change_of_unit(cast):
    user = UserFactory(name="李雷", phone="10099999991")
    first = RosterEntry.objects.create(unit=cast.unit, name=user.name, phone=user.phone)
    second = RosterEntry.objects.create(unit=cast.other_unit, name=user.name, phone=user.phone)
    approve_check_in(submit(cast, user), by=cast.secretary)
    moved = submit(cast, user, community=cast.other_community, compound=None, unit=cast.other_unit)
    approve_check_in(moved, by=cast.other_secretary)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.member, second.member) == (moved.member, moved.member)
