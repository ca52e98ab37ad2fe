"""Retired members and families take part without owing anything: each counted apart, in no average and no rate."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.access import Actor
from accounts.actions.approval import approve_check_in
from accounts.actions.check_in import Details, submit_check_in
from accounts.models import Member, PastRetirement
from flags.actions.confirm import settle_shift
from flags.models import FlagAward
from flags.queries.compliance import compliance_summary
from flags.queries.service import Services, awards_behind, services_by_community, services_seen, together
from flags.queries.unit import earned_together, unit_figures, unit_members
from flags.queries.wall import lacks_flags, progress_of
from tasks.actions.claim import claim_shift
from tasks.models import Claim
from tests.browsing import browser_of, queries_of, screen
from tests.conftest import member_actor
from tests.factories import ClaimFactory, MemberFactory, ShiftFactory, TaskFactory, UserFactory
from tests.flags.ledger import award

pytestmark = pytest.mark.django_db
YEAR = 2025
DAY = date(YEAR, 6, 1)


@pytest.fixture
def retired(cast):
    """Of the same unit and the same community as the member, retired before the year."""
    return MemberFactory(user__name="退休的老赵", unit=cast.unit, community=cast.compound, retired_on=date(2020, 1, 1))


def taken_back(line):
    same = ("member", "category", "served_on", "year", "unit", "community", "claim")
    kept = {name: getattr(line, name) for name in same}
    return FlagAward.objects.create(value=-line.value, reverses=line, **kept)


def with_companions(cast, member, n, **fields):
    shift = ShiftFactory(task=TaskFactory(publisher=cast.community), starts_at=timezone.now() - timedelta(days=400))
    claim = ClaimFactory(shift=shift, member=member, companions=n, status="CONFIRMED")
    return award(cast, member, DAY, claim=claim, **fields)


def seen(cast, actor=None):
    return services_by_community((actor or cast.secretary).home_paths, YEAR)


def test_each_is_counted_apart_by_the_community_of_the_day(cast, retired):
    award(cast, cast.member.member, DAY, value=3)
    award(cast, retired, DAY, value=2)
    with_companions(cast, cast.member.member, 4)
    taken_back(with_companions(cast, retired, 2))
    award(cast, retired, DAY, community=cast.other_community)
    award(cast, retired, date(YEAR + 1, 1, 1))
    expected = Services(services=2, flags=4, retired_services=1, retired_flags=2, companions=4)
    assert seen(cast) == {cast.community.pk: expected}
    other = Services(retired_services=1, retired_flags=1)
    assert seen(cast, cast.street_officer) == {cast.community.pk: expected, cast.other_community.pk: other}
    [street] = services_seen(cast.city_officer, YEAR)
    assert [row.served for row in street.communities] == [expected, other]
    assert together([street]) == street.served == Services(2, 4, 2, 3, 4)
    lines = {who: awards_behind(cast.community, YEAR, who=who).count() for who in ("service", "retired", "companions")}
    assert lines == {"service": 2, "retired": 3, "companions": 3}


def test_retired_on_the_day_of_each_service_also_who_works_again_and_who_had_two_accounts(cast):
    member = cast.member.member
    PastRetirement.objects.create(member=member, starts_on=DAY, ends_on=DAY + timedelta(days=1))
    for day in (DAY - timedelta(days=1), DAY, DAY + timedelta(days=1)):
        award(cast, member, day)
    award(cast, MemberFactory(merged_into=member), DAY)
    found = seen(cast)[cast.community.pk]
    assert (found.services, found.retired_services) == (2, 2)


def test_flags_of_the_retired_change_neither_sum_nor_rate_nor_month_of_the_unit(cast, retired):
    award(cast, cast.member.member, DAY, value=5)

    def figures():
        people = unit_members(cast.unit, YEAR)
        earned = earned_together(people, YEAR)
        return unit_figures(people, companions=earned.companions), earned.months

    before, months = figures()
    with_companions(cast, retired, 3, value=2)
    after, months_after = figures()
    assert months_after == months
    names = ("owing", "met", "short", "at_risk", "flags", "services", "awaiting")
    assert [getattr(after, name) for name in names] == [getattr(before, name) for name in names]
    assert (before.retired, before.retired_services, before.retired_flags, before.companions) == (1, 0, 0, 0)
    assert (after.retired, after.retired_services, after.retired_flags, after.companions) == (1, 1, 2, 3)
    [unit] = [row for row in compliance_summary(cast.unit.path, YEAR) if row.unit_id == cast.unit.pk]
    assert (unit.met, unit.owing, unit.flags, unit.services) == (1, 1, 5, 1)
    assert (unit.not_applicable, unit.flags_apart, unit.services_apart) == (1, 2, 1)


def test_the_pages_show_the_column_apart_and_lead_to_the_lines(cast, retired):
    with_companions(cast, retired, 3, value=2)
    lines = reverse("service_lines", args=[cast.community.code])
    year = {"year": YEAR}
    for who, leads_down in (
        ("secretary", True),
        ("city_officer", True),
        ("street_officer", False),
        ("inspector", False),
    ):
        page = screen(browser_of(getattr(cast, who)).get(reverse("service_figures"), year))
        assert (f"{lines}?year={YEAR}&who=retired" in page) == leads_down
    assert "老赵" in screen(browser_of(cast.secretary).get(lines, {**year, "who": "retired"}))
    assert "老赵" not in screen(browser_of(cast.secretary).get(lines, {**year, "who": "service"}))
    assert reverse("service_figures") in screen(browser_of(cast.city_officer).get(reverse("city_figures"), year))
    unit = browser_of(cast.unit_officer)
    page = screen(unit.get(reverse("unit_dashboard"), {**year, "only": "retired"}))
    assert "老赵" in page
    assert "张小明" not in page


def test_pages_cost_the_same_for_one_line_and_for_thirty(cast, retired):
    secretary = browser_of(cast.secretary)
    pages = (
        reverse("service_figures") + f"?year={YEAR}",
        reverse("service_lines", args=[cast.community.code]) + f"?year={YEAR}&who=companions",
    )
    costs = []
    for n in (1, 19):
        for _ in range(n):
            with_companions(cast, retired, 1)
        costs.append([queries_of(secretary, page) for page in pages])
    assert costs[0] == costs[1]


def test_a_retired_member_without_a_unit_takes_part_from_check_in_to_flag_and_owes_nothing(cast):
    """Rule 1 and 7: no unit is required, everything else is as for anybody."""
    user = UserFactory(name="退休的老赵")
    details = Details(cast.community, None, "1-101", retired=True)
    approve_check_in(submit_check_in(user, details, by=Actor(user=user)), by=cast.secretary)
    member = Member.objects.get(user=user)
    Member.objects.filter(pk=member.pk).update(retired_on=date(2020, 1, 1))
    actor, now = member_actor(member), timezone.now()
    task = TaskFactory(publisher=cast.community, companions_at_most=2)
    claim = claim_shift(ShiftFactory(task=task), by=actor, companions=1)
    Claim.objects.filter(pk=claim.pk).update(starts_at=now - timedelta(hours=3), ends_at=now - timedelta(hours=1))
    task.shifts.update(starts_at=now - timedelta(hours=3), ends_at=now - timedelta(hours=1))
    settle_shift(task.shifts.get(), {claim.pk: Claim.Status.ATTENDED}, by=cast.secretary)
    year = timezone.localdate(now - timedelta(hours=1)).year
    progress = progress_of(member, year)
    assert (progress.lit, progress.needed, progress.missing) == (1, 0, 0)
    assert not lacks_flags(member, year)
    home = screen(browser_of(actor).get("/"))
    assert "还差" not in home
    assert "more to go" not in home
    assert services_by_community(cast.secretary.home_paths, year)[cast.community.pk] == Services(
        retired_services=1, retired_flags=1, companions=1
    )


def test_a_retirement_that_is_over_frees_its_own_year_and_no_later_one(cast):
    """Without a unit too: the year asks what was on its last day."""
    member = MemberFactory(community=cast.community)
    PastRetirement.objects.create(member=member, starts_on=date(2024, 1, 1), ends_on=date(2025, 3, 1))
    assert (progress_of(member, 2024).needed, progress_of(member, 2025).needed) == (0, 5)
    member.retired_on = date(2025, 6, 1)
    member.save()
    assert (progress_of(member, 2025).needed, progress_of(member, 2023).needed) == (0, 5)
