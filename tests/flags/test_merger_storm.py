"""Merging while everything goes on: one of two mergers wins, nobody waits for each other, nothing is left behind.

A control shows what each lock is good for: without it, whoever has looked in time goes on as if nothing had happened.
"""

from datetime import timedelta
from functools import partial
from threading import Barrier, Event
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from accounts.access import Actor
from accounts.actions import appointment as appointing
from accounts.actions import approval, organization
from accounts.actions import community as merging
from accounts.actions.appointment import appoint, end_appointment
from accounts.actions.approval import approve_check_in
from accounts.actions.community import merge_community
from accounts.actions.organization import add_organization, close_organization
from accounts.models import Appointment, CheckIn, Member, Organization, Role, User
from accounts.refusals import Reason
from flags.actions.confirm import settle_shift
from flags.models import FlagAward
from tasks.actions.claim import claim_shift, withdraw_claim
from tasks.actions.wish import send_wish
from tasks.models import Claim, Shift, Wish
from tests.factories import (
    ClaimFactory,
    CommunityFactory,
    CompoundFactory,
    MemberFactory,
    ShiftFactory,
    TaskFactory,
    UserFactory,
    WishFactory,
)
from tests.storm import ROUNDS, at_once, reasons
from vanguard.lib.refused import Refused

pytestmark = pytest.mark.django_db(transaction=True)
on_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
Kind, Status = Organization.Kind, CheckIn.Status


def pair(cast) -> tuple[Organization, Organization]:
    one, other = (CommunityFactory(parent=cast.street) for _ in range(2))
    for community in (one, other):
        MemberFactory(community=CompoundFactory(parent=community), unit=cast.unit)
        MemberFactory(community=community, unit=cast.unit)
    return one, other


def merger(cast, old, into) -> partial:
    return partial(merge_community, old, into=into, by=cast.city_officer)


def hold_no_rows(monkeypatch) -> None:
    monkeypatch.setattr("django.db.models.query.QuerySet.select_for_update", lambda rows, **_: rows)


class Gap:
    """Between the look and the deed of one who holds no rows: what happens there goes unseen."""

    def __init__(self, monkeypatch, module: Any, look: str) -> None:
        self.opened, self.closed, self.look = Event(), Event(), getattr(module, look)
        hold_no_rows(monkeypatch)
        monkeypatch.setattr(module, look, self.look_and_wait)

    def look_and_wait(self, *args: Any, **kwargs: Any) -> Any:
        seen = self.look(*args, **kwargs)
        self.opened.set()
        assert self.closed.wait(timeout=10)
        return seen

    def within(self, act: partial) -> Any:
        assert self.opened.wait(timeout=10)
        try:
            return act()
        finally:
            self.closed.set()


@pytest.mark.parametrize("round", ROUNDS)
def test_of_two_opposite_mergers_one_wins(cast, round):
    one, other = pair(cast)
    outcomes = at_once(merger(cast, one, other), merger(cast, other, one))
    assert reasons(outcomes) == [Reason.ORGANIZATION_CLOSED]
    closed, open_ = Organization.objects.filter(pk__in=[one.pk, other.pk]).order_by("closed_on")
    if closed.closed_on is None:
        closed, open_ = open_, closed
    assert closed.path == f"{open_.path}{closed.pk}/"
    assert set(CheckIn.objects.filter(status=Status.APPROVED, community__in=[one, other]).values_list("community")) == {
        (open_.pk,)
    }


@on_postgresql
def test_control_without_holding_the_rows_both_would_win_or_fall(cast, monkeypatch):
    both_have_looked, check = Barrier(2), merging._check

    def look(old, into):
        check(old, into)
        both_have_looked.wait(timeout=10)

    monkeypatch.setattr(merging, "_check", look)
    hold_no_rows(monkeypatch)
    one, other = (CommunityFactory(parent=cast.street) for _ in range(2))
    outcomes = at_once(merger(cast, one, other), merger(cast, other, one))
    assert not any(isinstance(outcome, Refused) for outcome in outcomes), "nobody is told: closed twice, or a deadlock"


@pytest.mark.parametrize("round", ROUNDS)
def test_a_chain_of_mergers_leaves_everybody_in_what_is_open(cast, round):
    one, other = pair(cast)
    third = CommunityFactory(parent=cast.street)
    reasons(at_once(merger(cast, one, other), merger(cast, other, third)))
    for community in (one, other, third):
        community.refresh_from_db()
    merged = [community for community in (one, other) if community.closed_on]
    assert merged, "at least one of them came through"
    assert all(community.merged_into and community.merged_into.closed_on is None for community in merged)
    assert not left_behind().exists()


def left_behind() -> QuerySet[CheckIn]:
    return CheckIn.objects.filter(status=Status.APPROVED, community__closed_on__isnull=False)


@on_postgresql
def test_control_without_holding_the_rows_a_chain_leaves_people_behind(cast, monkeypatch):
    both_have_carried, hang = Barrier(2), merging._hang_below

    def wait_and_hang(*args, **kwargs):
        both_have_carried.wait(timeout=10)
        hang(*args, **kwargs)

    monkeypatch.setattr(merging, "_hang_below", wait_and_hang)
    hold_no_rows(monkeypatch)
    one, other = pair(cast)
    third = CommunityFactory(parent=cast.street)
    assert reasons(at_once(merger(cast, one, other), merger(cast, other, third))) == []
    assert left_behind().filter(community=other).count() == 2


@on_postgresql
@pytest.mark.parametrize("round", ROUNDS)
def test_members_claim_and_withdraw_and_shifts_are_confirmed_meanwhile(cast, round):
    old, into = CommunityFactory(parent=cast.street), CommunityFactory(parent=cast.street)
    secretary = appoint(UserFactory(), old, Role.SECRETARY, starts_on=timezone.localdate(), by=cast.city_officer)
    by = Actor(user=secretary.user, appointment=secretary)
    homes = [old, old, CompoundFactory(parent=old), CompoundFactory(parent=old)]
    members = [MemberFactory(community=home, unit=cast.unit) for home in homes]
    actors = [Actor(user=member.user, member=member) for member in members]
    task = TaskFactory(publisher=old)
    WishFactory(community=old, status=Wish.Status.CLAIMED, task=task)
    shift, coming = ShiftFactory(task=task), ShiftFactory(task=task, starts_at=timezone.now() + timedelta(days=4))
    held = [claim_shift(coming, by=actor) for actor in actors]
    over = ShiftFactory(task=task, starts_at=timezone.now() - timedelta(days=1))
    served = [ClaimFactory(shift=over, member=member, community=old) for member in members]
    said = {"category": "REPAIR", "text": "灯不亮", "name": "李奶奶", "phone": "10088888888", "by": Actor()}
    outcomes = at_once(
        merger(cast, old, into),
        partial(settle_shift, over, {claim.pk: Claim.Status.ATTENDED for claim in served}, by=by),
        partial(send_wish, old, **said),
        *(partial(claim_shift, Shift.objects.get(pk=shift.pk), by=actor) for actor in actors),
        *(partial(withdraw_claim, Claim.objects.get(pk=claim.pk), by=a) for claim, a in zip(held, actors, strict=True)),
    )
    assert reasons(outcomes) == []
    assert FlagAward.objects.filter(claim__shift=over).count() == len(members)
    assert Claim.objects.filter(shift=shift).occupying().count() == len(members)
    assert not Member.objects.filter(home=old).exists()
    by_then = Actor(user=cast.city_officer.user, appointment=_secretary_of(into, cast))
    assert Wish.objects.visible_to(by_then).filter(text="灯不亮").exists()


@pytest.mark.parametrize("round", ROUNDS)
def test_who_is_approved_at_that_moment_is_not_left_behind(cast, round):
    old, into = CommunityFactory(parent=cast.street), CommunityFactory(parent=cast.street)
    secretary = _secretary_of(old, cast)
    by = Actor(user=secretary.user, appointment=secretary)
    said = {"community": old, "unit": cast.unit, "address": "1-101"}
    for compound in (None, CompoundFactory(parent=old)):
        MemberFactory(community=old)
        CheckIn.objects.create(member=MemberFactory(), compound=compound, **said)
    approve = [partial(approve_check_in, check_in, by=by) for check_in in CheckIn.objects.filter(**said).pending()]
    outcomes = at_once(merger(cast, old, into), *approve)
    late = [outcome for outcome in outcomes[1:] if outcome is not None]
    assert outcomes[0] is None
    assert all(isinstance(outcome, (Refused, PermissionDenied)) for outcome in late)
    assert CheckIn.objects.filter(community=into, status=Status.APPROVED).count() == 4 - len(late)
    assert CheckIn.objects.filter(community=into).pending().count() == len(late)
    assert not CheckIn.objects.filter(community=old).exclude(status=Status.ENDED).exists()
    assert not Member.objects.filter(home=old).exists()


@on_postgresql
def test_control_without_holding_the_rows_who_is_approved_stays_in_the_old_one(cast, monkeypatch):
    old, into = CommunityFactory(parent=cast.street), CommunityFactory(parent=cast.street)
    secretary = _secretary_of(old, cast)
    by = Actor(user=secretary.user, appointment=secretary)
    check_in = CheckIn.objects.create(member=MemberFactory(), community=old, unit=cast.unit, address="1-101")
    gap = Gap(monkeypatch, approval, "_pending")
    approve = partial(approve_check_in, check_in, by=by)
    assert reasons(at_once(approve, partial(gap.within, merger(cast, old, into)))) == []
    assert Member.objects.filter(home=old).get() == check_in.member


def _secretary_of(organization: Organization, cast) -> Appointment:
    return appoint(UserFactory(), organization, Role.SECRETARY, starts_on=timezone.localdate(), by=cast.city_officer)


@pytest.mark.parametrize("round", ROUNDS)
def test_nothing_is_added_below_what_is_closed_at_the_same_moment(cast, round):
    empty = CommunityFactory(parent=cast.street)
    added = partial(
        add_organization, parent=empty, kind=Kind.SUBCOMMUNITY, name="新苑", code=f"N{empty.pk}", by=cast.city_officer
    )
    outcomes = at_once(partial(close_organization, Organization.objects.get(pk=empty.pk), by=cast.city_officer), added)
    assert reasons(outcomes) in ([Reason.PARENT_CLOSED], [Reason.IN_USE_BELOW])


@on_postgresql
def test_control_without_holding_the_rows_something_is_added_below_what_is_closed(cast, monkeypatch):
    empty = CommunityFactory(parent=cast.street)
    gap = Gap(monkeypatch, organization, "_code_once")
    added = partial(
        add_organization, parent=empty, kind=Kind.SUBCOMMUNITY, name="新苑", code=f"N{empty.pk}", by=cast.city_officer
    )
    assert reasons(at_once(added, partial(gap.within, closing(cast, empty)))) == []
    assert Organization.objects.in_use().filter(parent=empty, parent__closed_on__isnull=False).exists()


def closing(cast, place: Organization) -> partial:
    return partial(close_organization, Organization.objects.get(pk=place.pk), by=cast.city_officer)


def appointing_to(place: Organization, cast, user: User | None = None, **changed) -> partial:
    asked = {"starts_on": timezone.localdate(), "by": cast.city_officer, **changed}
    return partial(appoint, user or UserFactory(), place, Role.SECRETARY, **asked)


@pytest.mark.parametrize("round", ROUNDS)
@pytest.mark.parametrize("days", [None, 9])
def test_the_same_person_is_appointed_once(cast, round, days):
    place = CommunityFactory(parent=cast.street)
    ends_on = timezone.localdate() + timedelta(days=days) if days else None
    again = appointing_to(place, cast, UserFactory(), ends_on=ends_on)
    assert reasons(at_once(*[again] * 4)) == [Reason.HELD_ALREADY] * 3
    assert Appointment.objects.filter(organization=place).count() == 1


@on_postgresql
def test_control_without_holding_the_rows_the_same_person_is_appointed_twice(cast, monkeypatch):
    """With a last day: the database alone refuses a second one only where both are open-ended."""
    both_have_looked, look = Barrier(2), appointing._refuse_twice

    def look_and_wait(*args, **kwargs):
        look(*args, **kwargs)
        both_have_looked.wait(timeout=10)

    monkeypatch.setattr(appointing, "_refuse_twice", look_and_wait)
    hold_no_rows(monkeypatch)
    place = CommunityFactory(parent=cast.street)
    again = appointing_to(place, cast, UserFactory(), ends_on=timezone.localdate() + timedelta(days=9))
    assert reasons(at_once(*[again] * 2)) == []
    assert Appointment.objects.filter(organization=place).count() == 2


@pytest.mark.parametrize("round", ROUNDS)
def test_a_closing_misses_nobody_who_is_appointed_at_that_moment(cast, round):
    """Either they came first and their appointment ends with the others, or they came too late and are refused."""
    place, today = CommunityFactory(parent=cast.street), timezone.localdate()
    before = appointing_to(place, cast)()
    closed, appointed = at_once(closing(cast, place), appointing_to(place, cast))
    late = reasons([closed, appointed])
    assert late in ([], [Reason.ORGANIZATION_CLOSED])
    assert Organization.objects.get(pk=place.pk).closed_on == today
    there = set(Appointment.objects.filter(organization=place).values_list("pk", "ends_on"))
    assert there == {(row.pk, today) for row in ([before] if late else [before, appointed])}


@on_postgresql
def test_control_without_holding_the_rows_somebody_acts_for_what_is_closed(cast, monkeypatch):
    place = CommunityFactory(parent=cast.street)
    gap = Gap(monkeypatch, appointing, "_refuse_twice")
    outcomes = at_once(appointing_to(place, cast), partial(gap.within, closing(cast, place)))
    assert reasons(outcomes) == []
    assert Appointment.objects.filter(organization=place, ends_on=None).get() == outcomes[0]


@pytest.mark.parametrize("round", ROUNDS)
def test_one_is_ended_by_two_at_once_on_one_day(cast, round):
    appointment = _secretary_of(cast.community, cast)
    days = [timezone.localdate() + timedelta(days=n) for n in range(3)]
    outcomes = at_once(*(partial(end_appointment, appointment, on=day, by=cast.city_officer) for day in days))
    assert reasons(outcomes) == []
    appointment.refresh_from_db()
    assert appointment.ends_on in days
