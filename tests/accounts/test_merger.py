"""Two communities become one: people, check-ins, compounds and rosters pass over; history stays where it was."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.actions.community import merge_community
from accounts.actions.roster_checking import check_roster
from accounts.actions.roster_import import apply_roster_import, recheck_roster_import, undo_roster_import
from accounts.actions.roster_writing import write_roster
from accounts.models import (
    Appointment,
    CheckIn,
    Member,
    Notice,
    Organization,
    Record,
    Role,
    Roster,
    RosterEntry,
    RosterImport,
    UnitNews,
)
from accounts.queries.community import communities_by_street, find_community
from accounts.refusals import Reason
from accounts.roster_faults import RosterFault
from tests.accounts.rosters import applied, checked, entry, fresh
from tests.browsing import browser_of, queries_of, screen, sentence
from tests.factories import (
    AppointmentFactory,
    CommunityFactory,
    CompoundFactory,
    MemberFactory,
    OrganizationFactory,
    StreetFactory,
    UnitFactory,
    UserFactory,
)
from vanguard.lib.refused import Refused

pytestmark = pytest.mark.django_db
Status = CheckIn.Status
SHANGHAI = ZoneInfo("Asia/Shanghai")


def merge(cast, old=None, into=None) -> None:
    merge_community(old or cast.community, into=into or cast.other_community, by=cast.city_officer)
    for organization in (cast.community, cast.other_community, cast.compound):
        organization.refresh_from_db()


def refused(why, act, *args, **kwargs) -> Refused:
    before = Record.objects.count(), Notice.objects.count(), CheckIn.objects.count()
    with pytest.raises(Refused) as caught:
        act(*args, **kwargs)
    assert caught.value.reason == why
    assert caught.value.sentence
    assert (Record.objects.count(), Notice.objects.count(), CheckIn.objects.count()) == before
    return caught.value


def test_the_old_one_is_closed_and_lies_below_the_new_one(cast):
    merge(cast)
    old, into = cast.community, cast.other_community
    assert (old.closed_on, old.merged_into, old.parent) == (timezone.localdate(), into, cast.street)
    assert old.path == f"{into.path}{old.pk}/"
    assert old.community == into


def test_its_compounds_become_those_of_the_new_one(cast):
    merge(cast)
    assert cast.compound.parent == cast.other_community
    assert cast.compound.path == f"{cast.other_community.path}{cast.compound.pk}/"
    assert cast.compound.community == cast.other_community
    assert not Organization.objects.exclude(path__endswith="/").exists()


def test_each_check_in_ends_and_an_equal_one_begins_that_day(cast):
    member, today = cast.member.member, timezone.localdate()
    member.check_ins.update(phone="10012345678", address="3-301", address_key="3301", retired=True)
    merge(cast)
    former, present = member.check_ins.order_by("pk")
    assert (former.status, former.ended_on, former.community) == (Status.ENDED, today, cast.community)
    assert (present.status, present.approved_on, present.ended_on) == (Status.APPROVED, today, None)
    assert (present.community, present.compound, present.unit) == (cast.other_community, cast.compound, cast.unit)
    assert (present.phone, present.address, present.address_key, present.retired) == (
        "10012345678", "3-301", "3301", True,
    )  # fmt: skip
    verbs = Record.objects.filter(subject_type__model="checkin").values_list("verb", "new_status", "appointment")
    assert sorted(verbs) == [
        ("carried over", "APPROVED", cast.city_officer.appointment.pk),
        ("moved", "ENDED", cast.city_officer.appointment.pk),
    ]


def test_who_lives_in_the_community_itself_lives_in_the_new_one(cast):
    outside = MemberFactory(community=cast.community)
    merge(cast)
    outside.refresh_from_db()
    cast.member.member.refresh_from_db()
    assert (outside.home, cast.member.member.home) == (cast.other_community, cast.compound)


def test_check_ins_under_review_and_returned_ones_move_along(cast):
    waiting = [
        CheckIn.objects.create(member=MemberFactory(), community=cast.community, unit=cast.unit, address="1", status=s)
        for s in CheckIn.PENDING
    ]
    merge(cast)
    for check_in, status in zip(waiting, CheckIn.PENDING, strict=True):
        check_in.refresh_from_db()
        assert (check_in.community, check_in.status) == (cast.other_community, status)
    assert CheckIn.objects.visible_to(cast.other_secretary).pending().get() == waiting[0]


def test_the_new_secretary_sees_the_members_and_their_history(cast):
    merge(cast)
    seen = Member.objects.visible_to(cast.other_secretary)
    assert set(seen) == {cast.member.member, cast.other_member.member}
    ended = CheckIn.objects.visible_to(cast.other_secretary).filter(status=Status.ENDED)
    assert [check_in.member for check_in in ended] == [cast.member.member]


def test_its_appointments_end_and_those_of_its_compounds_stay(cast):
    merge(cast)
    for actor in (cast.secretary, cast.second_secretary):
        assert Appointment.objects.get(pk=actor.appointment.pk).ends_on == timezone.localdate()
    for actor in (cast.branch, cast.other_secretary):
        assert Appointment.objects.get(pk=actor.appointment.pk).ends_on is None


def test_members_and_staff_are_told_and_nobody_else(cast):
    waiting = CheckIn.objects.create(member=MemberFactory(), community=cast.community, unit=cast.unit, address="1")
    merge(cast)
    told = Notice.objects.filter(kind=Notice.Kind.COMMUNITY_MERGED)
    people = [cast.member.user, waiting.member.user, cast.secretary.user, cast.second_secretary.user]
    assert sorted(told.values_list("user", flat=True)) == sorted(user.pk for user in people)
    assert told[0].params == {"old": "荷风社区", "new": "枕溪社区"}
    ended = Notice.objects.filter(kind=Notice.Kind.APPOINTMENT_ENDED).values_list("user", flat=True)
    assert set(ended) == {cast.secretary.user.pk, cast.second_secretary.user.pk}


def test_the_unit_of_each_member_is_told_and_each_officer_once(cast):
    """Rule 1: no member's community changes without the unit hearing of it."""
    second = MemberFactory(community=cast.community, unit=cast.unit)
    elsewhere = MemberFactory(community=cast.community, unit=cast.other_unit)
    MemberFactory(community=cast.community, retired_on=date(2020, 1, 1))
    merge(cast)
    news = UnitNews.objects.order_by("pk")
    assert set(news.values_list("unit", "member")) == {
        (cast.unit.pk, cast.member.member.pk),
        (cast.unit.pk, second.pk),
        (cast.other_unit.pk, elsewhere.pk),
    }
    for row in news:
        assert (row.kind, row.changed) == (UnitNews.Kind.MOVED, [UnitNews.Detail.COMMUNITY])
        assert row.check_in == row.member.check_ins.get(status=Status.APPROVED)
        assert row.read_at is None
    told = Notice.objects.filter(kind=Notice.Kind.UNIT_NEWS, user=cast.unit_officer.user).get()
    assert told.params == {"source": "枕溪社区"}
    page = screen(browser_of(cast.unit_officer).get(reverse("unit_news")))
    assert str(second) in page
    assert str(elsewhere) not in page


def test_who_left_a_unit_is_no_news_for_it(cast):
    today = timezone.localdate()
    member = cast.member.member
    member.unit_memberships.update(ends_on=today)
    member.unit_memberships.create(unit=cast.other_unit, starts_on=today)
    merge(cast)
    assert UnitNews.objects.get().unit == cast.other_unit


def test_each_check_in_says_when_it_was_submitted_not_when_it_was_carried_over(cast):
    second = MemberFactory(community=cast.community, unit=cast.unit)
    days = {cast.member.member.pk: 40, second.pk: 3}
    for member, ago in days.items():
        CheckIn.objects.filter(member=member).update(submitted_at=timezone.now() - timedelta(days=ago))
    merge(cast)
    for member, ago in days.items():
        ended, anew = CheckIn.objects.filter(member=member).order_by("pk")
        assert anew.submitted_at == ended.submitted_at
        assert (timezone.now() - anew.submitted_at).days == ago


def test_roster_lines_name_the_new_one_and_their_import_is_not_undone_any_more(cast):
    unit = cast.unit
    Roster.objects.create(unit=unit, version=4)
    Roster.objects.create(unit=cast.other_unit, version=7)
    line = RosterEntry.objects.create(unit=unit, name="张明", phone="10077777771", community=cast.community)
    removed = RosterEntry.objects.create(
        unit=unit, name="王明", phone="10077777772", community=cast.community, removed_on=date(2026, 1, 1)
    )
    merge(cast)
    line.refresh_from_db()
    removed.refresh_from_db()
    assert (line.community, removed.community) == (cast.other_community, cast.community)
    assert dict(Roster.objects.values_list("unit", "version")) == {unit.pk: 5, cast.other_unit.pk: 7}


def test_after_it_no_import_is_undone_or_written_that_would_bring_the_old_one_back(cast):
    entry(cast.unit, "张三", "10055500001", community=cast.community)
    written = applied(cast.unit_officer, ["李四", "10055500002"], remove_missing=True)
    ready = checked(cast.other_unit_officer, ["王五", "10055500003", cast.community.code])
    assert not Roster.objects.filter(unit=cast.other_unit).exists()
    far = UnitFactory(parent=OrganizationFactory())
    Roster.objects.create(unit=far, version=3)
    RosterImport.objects.create(unit=far, requested_by=cast.unit_officer.user, status=RosterImport.Status.APPLIED)
    merge(cast)
    refused(Reason.UNDO_TOO_LATE, undo_roster_import, written, by=cast.unit_officer)
    refused(Reason.ROSTER_CHANGED, apply_roster_import, ready, remove_missing=False, by=cast.other_unit_officer)
    recheck_roster_import(ready, by=cast.other_unit_officer)
    check_roster(ready.pk)
    [line] = ready.lines.all()
    assert [fault["code"] for fault in line.faults] == [RosterFault.COMMUNITY_MERGED]
    assert Roster.objects.get(unit=far).version == 3


@pytest.mark.parametrize("status", RosterImport.Status.values)
def test_only_lists_that_may_still_change_a_roster_are_put_in_question(cast, status):
    RosterImport.objects.create(unit=cast.other_unit, requested_by=cast.unit_officer.user, status=status)
    merge(cast)
    over = status in ("UNREADABLE", "UNDONE", "DISCARDED")
    assert Roster.objects.filter(unit=cast.other_unit, version=1).exists() is not over


def test_a_list_that_is_being_written_is_given_back(cast):
    waiting = checked(cast.unit_officer, ["李四", "10055500002", cast.community.code])
    apply_roster_import(waiting, remove_missing=False, by=cast.unit_officer)
    merge(cast)
    write_roster(waiting.pk)
    assert fresh(waiting).status == RosterImport.Status.READY
    assert not RosterEntry.objects.filter(unit=cast.unit).exists()


def test_the_merger_stands_in_the_record_of_both(cast):
    merge(cast)
    rows = Record.objects.filter(verb="merged", subject_type__model="organization")
    assert set(rows.values_list("subject_id", flat=True)) == {cast.community.pk, cast.other_community.pk}
    assert {row.reason.text for row in rows} == {"荷风社区 → 枕溪社区"}


def test_a_second_merger_takes_the_first_along(cast):
    third = CommunityFactory(parent=StreetFactory(parent=cast.city), name="长亭社区")
    merge(cast)
    merge(cast, old=cast.other_community, into=third)
    assert cast.community.merged_into == cast.other_community.merged_into == third
    assert cast.community.path == f"{third.path}{cast.other_community.pk}/{cast.community.pk}/"
    assert cast.compound.path == f"{third.path}{cast.compound.pk}/"
    assert (
        CheckIn.objects.filter(status=Status.APPROVED).values_list("community", flat=True).distinct().get() == third.pk
    )
    assert find_community("330001") == third


def test_a_merger_at_new_years_midnight_is_one_of_the_new_year(cast):
    with time_machine.travel(datetime(2027, 1, 1, 0, 0, 1, tzinfo=SHANGHAI), tick=False):
        merge(cast)
    assert cast.community.closed_on == date(2027, 1, 1)
    assert cast.member.member.check_ins.get(status=Status.APPROVED).approved_on == date(2027, 1, 1)


# --- what is refused ------------------------------------------------------------------------


def test_it_is_refused_into_itself_into_another_city_and_with_what_is_closed(cast):
    closed = CommunityFactory(parent=cast.street, closed_on="2026-01-01")
    abroad = CommunityFactory(parent=StreetFactory(parent=OrganizationFactory()))
    everywhere = cast.city_officer
    refused(Reason.SAME_COMMUNITY, merge_community, cast.community, into=cast.community, by=everywhere)
    refused(Reason.ORGANIZATION_CLOSED, merge_community, cast.community, into=closed, by=everywhere)
    refused(Reason.ORGANIZATION_CLOSED, merge_community, closed, into=cast.community, by=everywhere)
    refused(Reason.ONLY_COMMUNITIES, merge_community, cast.community, into=cast.street, by=everywhere)
    with pytest.raises(PermissionDenied):
        merge_community(cast.community, into=abroad, by=everywhere)


def test_even_an_administrator_merges_no_cities(cast):
    from accounts.access import CLOCK

    abroad = CommunityFactory(parent=StreetFactory(parent=OrganizationFactory()))
    refused(Reason.OTHER_CITY, merge_community, cast.community, into=abroad, by=CLOCK)


def test_it_is_merged_once(cast):
    merge(cast)
    third = CommunityFactory(parent=cast.street)
    refused(Reason.ORGANIZATION_CLOSED, merge_community, cast.community, into=third, by=cast.city_officer)
    refused(Reason.ORGANIZATION_CLOSED, merge_community, third, into=cast.community, by=cast.city_officer)


@pytest.mark.parametrize("role", ["secretary", "other_secretary", "street_officer", "inspector", "member"])
def test_nobody_but_the_city_merges(cast, role):
    with pytest.raises(PermissionDenied):
        merge_community(cast.community, into=cast.other_community, by=getattr(cast, role))


def test_a_merged_community_is_not_reopened(cast):
    from accounts.access import CLOCK
    from accounts.actions.organization import reopen_organization

    merge(cast)
    refused(Reason.MERGED_AWAY, reopen_organization, cast.community, by=CLOCK)


# --- how much it costs ----------------------------------------------------------------------


def filled(cast, people: int) -> Organization:
    old = CommunityFactory(parent=cast.street)
    unit = UnitFactory(parent=cast.city)
    AppointmentFactory(organization=unit, role=Role.UNIT_OFFICER)
    Roster.objects.create(unit=unit)
    for n in range(people):
        compound = CompoundFactory(parent=old)
        MemberFactory(community=compound, unit=unit)
        MemberFactory(community=old, unit=unit)
        CheckIn.objects.create(member=MemberFactory(), community=old, unit=unit, address="1")
        RosterEntry.objects.create(unit=unit, name="张明", phone=f"1006{old.pk % 1000:03d}{n:04d}", community=old)
        AppointmentFactory(organization=old)
        RosterImport.objects.create(unit=UnitFactory(parent=cast.city), requested_by=UserFactory(), status="READY")
    return old


def test_it_costs_the_same_for_few_and_for_many(cast):
    def cost(people):
        old = filled(cast, people)
        with CaptureQueriesContext(connection) as queries:
            merge_community(old, into=cast.other_community, by=cast.city_officer)
        return len(queries)

    cost(1)
    assert cost(1) == cost(15), "thirty members; SQLite takes only so many values in a statement"


# --- the poster and the page ----------------------------------------------------------------


def test_the_old_poster_leads_to_the_new_one(cast, client):
    merge(cast)
    for name in ("community", "wish_new", "check_in_at", "community_qr"):
        assert client.get(reverse(name, args=["330001"])).status_code == 200
    assert "枕溪社区" in screen(client.get(reverse("community", args=["330001"])))
    assert client.get(reverse("communities"), {"code": "330001"}).headers["Location"] == "/c/330002/"
    assert cast.community not in communities_by_street()


def test_a_poster_of_what_was_merged_into_something_closed_leads_nowhere(cast, client):
    merge(cast)
    Organization.objects.filter(pk=cast.other_community.pk).update(closed_on="2026-01-01")
    assert client.get(reverse("community", args=["330001"])).status_code == 404


def url(cast, into=None) -> str:
    chosen = f"?into={into.pk}" if into else ""
    return reverse("community_merge", args=[cast.community.pk]) + chosen


def test_a_preview_says_what_happens_before_it_does(cast):
    CheckIn.objects.create(member=MemberFactory(), community=cast.community, unit=cast.unit, address="1")
    client = browser_of(cast.city_officer)
    assert client.get(url(cast)).context["figures"] == []
    figures = [figure.number for figure in client.get(url(cast, cast.other_community)).context["figures"]]
    assert figures == [1, 1, 1, 2, 0, 0, 0, 0, 0, 0, 0, 0]
    assert Organization.objects.get(pk=cast.community.pk).closed_on is None


def test_it_takes_an_explicit_yes(cast):
    client = browser_of(cast.city_officer)
    page = client.post(url(cast, cast.other_community))
    assert set(page.context["form"].errors) == {"understood"}
    assert Organization.objects.get(pk=cast.community.pk).closed_on is None
    response = client.post(url(cast, cast.other_community), {"understood": "on"})
    assert response.headers["Location"] == reverse("organization", args=[cast.other_community.pk])
    again = client.post(url(cast, cast.other_community), {"understood": "on"})
    assert sentence(Reason.ORGANIZATION_CLOSED, organization="荷风社区") in again.context["form"].non_field_errors()
    assert screen(client.get(url(cast)))


def test_only_other_communities_of_the_city_are_offered(cast):
    abroad, client = CommunityFactory(), browser_of(cast.city_officer)
    CommunityFactory(parent=cast.street, closed_on="2026-01-01")
    offered = client.get(url(cast)).context["choice"].fields["into"].queryset
    assert list(offered) == [cast.other_community]
    for into in (abroad, cast.community, cast.street):
        client.post(url(cast, into), {"understood": "on"})
    assert client.get(url(cast) + "?into=x").status_code == 200
    assert Organization.objects.get(pk=cast.community.pk).closed_on is None


def test_a_compound_is_not_merged(cast):
    address = reverse("community_merge", args=[cast.compound.pk])
    assert browser_of(cast.city_officer).get(address).status_code == 404


def test_the_preview_costs_the_same_for_one_and_for_thirty(cast):
    client, address = browser_of(cast.city_officer), url(cast, cast.other_community)
    one = queries_of(client, address)
    for _ in range(29):
        MemberFactory(community=cast.compound)
        CommunityFactory(parent=cast.street)
    assert queries_of(client, address) == one


def test_the_list_shows_where_a_merged_one_is_now(cast):
    merge(cast)
    client = browser_of(cast.city_officer)
    assert "荷风社区" not in [row.name for row in client.get(reverse("organizations")).context["page"]]
    assert "枕溪社区" in screen(client.get(reverse("organizations"), {"closed": "1"}))
    assert screen(client.get(reverse("organization", args=[cast.community.pk])))
    assert timedelta(0) == timezone.localdate() - cast.community.closed_on
