"""A flag for a matter that the city has named: one at a time, two a year, with a reason (domain rule 5)."""

from datetime import date

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from accounts.access import Actor
from accounts.models import Appointment, CheckIn, Notice, Record, Role
from accounts.refusals import Reason as AccountsReason
from flags.actions import matter_award
from flags.actions.matter_award import award_for_matter
from flags.actions.reversal import revoke_award
from flags.models import AwardMatter, FlagAward
from flags.queries.ledger import members_known_by
from flags.refusals import Reason
from tasks.models.task import Category
from tests.factories import AwardMatterFactory, MemberFactory, OrganizationFactory
from tests.tasks.refusing import refused

pytestmark = pytest.mark.django_db
DAY = date(2026, 5, 4)


@pytest.fixture(autouse=True)
def november():
    with time_machine.travel("2026-11-24T12:00:00+08:00", tick=False):
        yield


@pytest.fixture
def matter(cast) -> AwardMatter:
    return AwardMatterFactory(city=cast.city, name="大党委兼职委员")


def give(cast, matter, day=DAY, *, member=None, reason="全年参加联席会议。", by=None) -> FlagAward:
    return award_for_matter(
        member or cast.member.member, matter=matter, day=day, reason=reason, by=by or cast.secretary
    )


def test_it_is_one_flag_of_the_stated_day_with_its_reason(cast, matter):
    award = give(cast, matter)
    assert (award.matter, award.member, award.value, award.category) == (matter, cast.member.member, 1, Category.OTHER)
    assert (award.served_on, award.year, award.unit, award.community) == (DAY, 2026, cast.unit, cast.community)
    assert (award.by_user, award.by_appointment) == (cast.secretary.user, cast.secretary.appointment)
    assert str(award.reason) == "全年参加联席会议。"
    assert Record.objects.get(verb="awarded").subject == award
    notice = Notice.objects.get(user=cast.member.user)
    assert (notice.kind, notice.params["what"]) == ("FLAG_AWARDED", "大党委兼职委员")


def test_a_third_for_one_matter_in_a_year_is_refused_by_name(cast, matter):
    give(cast, matter)
    second = give(cast, matter)
    said = refused(Reason.MATTER_GIVEN_TWICE, give, cast, matter).sentence
    assert "张小明" in said
    assert "大党委兼职委员" in said
    give(cast, matter, date(2025, 12, 31), by=cast.city_officer)
    give(cast, AwardMatterFactory(city=cast.city))
    revoke_award(second, reason="记错了人", by=cast.secretary)
    give(cast, matter)
    assert FlagAward.objects.in_force().filter(matter=matter, year=2026).count() == 2


def test_both_accounts_of_one_person_count_together(cast, matter):
    give(cast, matter)
    old, kept = cast.member.member, MemberFactory(community=cast.compound)
    CheckIn.objects.filter(member=old).update(status="ENDED", ended_on=date(2026, 11, 24))
    old.home, old.merged_into = None, kept
    old.save()
    give(cast, matter, member=kept)
    for account in (old, kept):
        refused(Reason.MATTER_GIVEN_TWICE, give, cast, matter, member=account)


def test_where_the_other_account_lived_counts_as_the_persons_home(cast, matter):
    kept, other = cast.member.member, MemberFactory()
    CheckIn.objects.filter(member=kept).update(approved_on=date(2026, 6, 1))
    CheckIn.objects.create(
        member=other,
        community=cast.other_community,
        unit=cast.unit,
        status="ENDED",
        approved_on=date(2026, 1, 1),
        ended_on=date(2026, 6, 1),
    )
    other.merged_into = kept
    other.save()
    assert list(members_known_by(cast.other_secretary, kept.number)) == [kept]
    assert give(cast, matter, by=cast.other_secretary).community == cast.other_community
    assert give(cast, matter, date(2026, 6, 1)).community == cast.community


def test_where_the_database_counts_what_nobody_saw_the_sentence_is_the_same(cast, matter, monkeypatch):
    def too_late(*_: object, **__: object) -> None:
        raise IntegrityError

    monkeypatch.setattr(matter_award, "write_award", too_late)
    refused(Reason.MATTER_GIVEN_TWICE, give, cast, matter)


@pytest.mark.parametrize("reason", ["", " \n"])
def test_it_needs_a_reason(cast, matter, reason):
    refused(AccountsReason.REASON_MISSING, give, cast, matter, reason=reason)


def test_the_day_has_come_and_the_matter_counts_on_it(cast):
    refused(AccountsReason.DAY_TO_COME, give, cast, AwardMatterFactory(city=cast.city), date(2026, 11, 25))
    stated = AwardMatterFactory(city=cast.city, since=DAY, until=DAY)
    for day in (date(2026, 5, 3), date(2026, 5, 5)):
        refused(Reason.MATTER_NOT_THEN, give, cast, stated, day)
    give(cast, stated)


def test_who_lived_nowhere_on_the_day_has_no_community_to_award_them(cast, matter):
    refused(Reason.NOT_CHECKED_IN_THEN, give, cast, matter, date(2019, 12, 31), by=cast.city_officer)


def test_the_community_of_the_day_awards_it_and_the_city(cast, matter):
    for nobody in (
        "branch",
        "street_officer",
        "inspector",
        "unit_officer",
        "member",
        "other_member",
    ):
        with pytest.raises(PermissionDenied):
            give(cast, matter, by=getattr(cast, nobody))
    refused(Reason.LIVED_ELSEWHERE, give, cast, matter, by=cast.other_secretary)
    with pytest.raises(PermissionDenied):
        give(cast, AwardMatterFactory(city=OrganizationFactory()))
    give(cast, matter, by=cast.city_officer)


def test_nobody_awards_themselves(cast, matter):
    hat = Appointment.objects.create(
        user=cast.member.user, organization=cast.community, role=Role.SECRETARY, starts_on=date(2020, 1, 1)
    )
    refused(AccountsReason.ONESELF, give, cast, matter, by=Actor(user=cast.member.user, appointment=hat))


def test_after_the_deadline_of_the_year_it_is_the_citys(cast, matter):
    with time_machine.travel("2027-01-31T23:59:59+08:00", tick=False):
        give(cast, matter)
    with time_machine.travel("2027-02-01T00:00:00+08:00", tick=False):
        refused(Reason.YEAR_OVER, give, cast, matter)
        give(cast, matter, by=cast.city_officer)


def test_a_matter_has_one_name_a_city_and_days_in_order(cast, matter):
    AwardMatterFactory(city=OrganizationFactory(), name=matter.name)
    for wrong in ({"name": matter.name}, {"name": ""}, {"since": DAY, "until": date(2026, 5, 3)}):
        with pytest.raises(IntegrityError), transaction.atomic():
            AwardMatterFactory(city=cast.city, **wrong)


def test_a_citys_matters_are_seen_in_that_city(cast, matter):
    AwardMatterFactory()
    for actor in (cast.secretary, cast.city_officer, cast.member):
        assert list(AwardMatter.objects.visible_to(actor)) == [matter]
    assert not AwardMatter.objects.visible_to(Actor()).exists()
