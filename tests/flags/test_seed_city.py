"""seed_city: exact numbers, the same rows from the same seed, and a ledger that hangs together."""

import hashlib
from datetime import date
from random import Random

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum

from accounts.models import CheckIn, Member, Organization, Record, RosterEntry, UnitMembership, User
from flags.models import FlagAward
from flags.seeding.shares import into_services, share_out
from flags.seeding.sized_city import seed_city
from tasks.models import Claim, Shift, Task, Wish, WishContact
from tests.conftest import kept_until_the_end

MEMBERS, FLAGS, YEAR = 120, 700, 2025


@pytest.fixture(scope="class")
def a_city(django_db_setup, django_db_blocker):
    """One city for all tests that only look at it; gone with the outer transaction."""
    with (
        django_db_blocker.unblock(),
        kept_until_the_end(lambda: seed_city(members=MEMBERS, flags=FLAGS, year=YEAR, seed=7)),
    ):
        yield


@pytest.fixture
def rng() -> Random:
    return Random(3)


def digest(rows: QuerySet) -> str:
    """What the rows say, in a fixed order and without keys, which another run draws anew."""
    return hashlib.sha256("\n".join(sorted(map(repr, rows))).encode()).hexdigest()


def digests(*, seed: int) -> list[str]:
    """Seed a city, read it and take it back."""
    with transaction.atomic():
        seed_city(members=60, flags=400, year=YEAR, seed=seed)
        found = [
            digest(Organization.objects.values_list("kind", "name", "code", "phone", "address", "parent__code")),
            digest(User.objects.values_list("username", "name", "phone", "password", "date_joined")),
            digest(Member.objects.values_list("number", "user__phone", "home__code")),
            digest(CheckIn.objects.values_list("member__number", "compound__code", "address", "submitted_at")),
            digest(UnitMembership.objects.values_list("member__number", "unit__code", "starts_on")),
            digest(Task.objects.values_list("title", "place", "publisher__code", "opens_at", "created_at")),
            digest(Claim.objects.values_list("member__number", "starts_at", "status", "claimed_at")),
            digest(FlagAward.objects.values_list("member__number", "value", "served_on", "unit__code", "awarded_at")),
            digest(Wish.objects.values_list("number", "text", "status", "contact__phone", "created_at")),
            digest(Record.objects.values_list("verb", "new_status", "user__phone", "at")),
        ]
        transaction.set_rollback(True)
    return found


@pytest.mark.django_db
def test_the_same_seed_makes_the_same_rows_and_another_seed_makes_others():
    first = digests(seed=1)
    assert digests(seed=1) == first
    # organizations are the same city whatever the seed; its people and what they do are not
    assert not set(digests(seed=2)[1:]) & set(first)


@pytest.mark.django_db
@pytest.mark.usefixtures("a_city")
class TestCity:
    def test_it_has_the_organizations_of_the_real_city(self):
        kinds = dict(Organization.objects.values_list("kind").annotate(n=Count("pk")).order_by())
        compounds = kinds.pop("SUBCOMMUNITY")
        assert kinds == {"CITY": 1, "STREET": 5, "COMMUNITY": 32, "WORK_UNIT": 102}
        assert 64 <= compounds <= 160
        units = Organization.objects.units()
        assert dict(units.values_list("category").annotate(n=Count("pk")).order_by()) == {
            "CITY_ORGAN": 73,
            "TOWNSHIP_ORGAN": 23,
            "STATE_ENTERPRISE": 6,
        }
        assert units.values("name").distinct().count() == 102
        streets = Organization.objects.filter(kind="STREET").annotate(n=Count("children"))
        assert sorted(streets.values_list("n", flat=True)) == [6, 6, 6, 7, 7]

    def test_paths_follow_the_tree(self):
        for organization in Organization.objects.select_related("parent"):
            above = organization.parent.path if organization.parent else ""
            assert organization.path == f"{above}{organization.pk}/"

    def test_members_and_flags_are_exactly_as_many_as_asked_for(self):
        assert Member.objects.count() == MEMBERS
        assert FlagAward.objects.aggregate(sum=Sum("value"))["sum"] == FLAGS
        assert set(FlagAward.objects.values_list("year", flat=True)) == {YEAR}

    def test_every_member_has_all_that_belongs_to_one(self):
        whole = Member.objects.filter(
            check_ins__status="APPROVED",
            check_ins__compound=F("home"),
            unit_memberships__starts_on__lt=date(YEAR, 1, 1),
            unit_memberships__ends_on=None,
            roster_entries__unit=F("unit_memberships__unit"),
            roster_entries__name=F("user__name"),
            roster_entries__phone=F("user__phone"),
            number__regex=r"^\d{10}$",
            user__phone__regex=r"^100\d{8}$",
        )
        assert whole.distinct().count() == MEMBERS
        assert RosterEntry.objects.count() == MEMBERS

    def test_nobody_can_log_in(self):
        assert not any(user.has_usable_password() for user in User.objects.all())

    def test_every_award_hangs_on_a_confirmed_claim_of_a_settled_shift(self):
        right = FlagAward.objects.filter(
            claim__status="CONFIRMED",
            claim__member=F("member"),
            claim__shift__status="SETTLED",
            claim__shift__task__status="CLOSED",
            claim__shift__task__flag_value=F("value"),
            claim__shift__task__category=F("category"),
            claim__ends_at__date=F("served_on"),
            community=F("claim__community"),
            unit__in=UnitMembership.objects.filter(member=OuterRef("member")).values("unit"),
            value__lte=3,
            by_appointment__organization=F("community"),
        )
        assert right.count() == FlagAward.objects.count() == Claim.objects.filter(status="CONFIRMED").count() > 0

    def test_the_community_of_an_award_is_where_the_member_is_checked_in(self):
        strangers = ~Exists(CheckIn.objects.filter(member=OuterRef("member"), community=OuterRef("community")))
        assert not FlagAward.objects.filter(strangers).exists()

    def test_every_confirmation_is_recorded(self):
        confirmed = Claim.objects.filter(status="CONFIRMED").values("pk")
        recorded = Record.objects.filter(subject_type__model="claim", verb="moved", new_status="CONFIRMED")
        assert recorded.filter(subject_id__in=confirmed).count() == confirmed.count() == recorded.count()

    def test_taken_counts_the_claims_that_were_not_given_back(self):
        living = Count("claims", filter=~Q(claims__status__in=Claim.LAPSED))
        assert not Shift.objects.annotate(living=living).exclude(taken=F("living")).exists()
        assert Claim.objects.filter(status__in=Claim.LAPSED).exists()

    def test_nobody_is_in_two_places_at_once(self):
        at_the_same_time = Claim.objects.filter(
            member=OuterRef("member"), starts_at__lt=OuterRef("ends_at"), ends_at__gt=OuterRef("starts_at")
        ).exclude(pk=OuterRef("pk"))
        assert not Claim.objects.filter(Exists(at_the_same_time)).exists()

    def test_claims_lie_between_the_opening_and_the_start(self):
        early_or_late = Q(claimed_at__lt=F("shift__task__opens_at")) | Q(claimed_at__gt=F("starts_at"))
        assert not Claim.objects.filter(early_or_late).exists()

    def test_a_second_city_is_refused(self):
        with pytest.raises(CommandError):
            call_command("seed_city", members=1, flags=1, year=YEAR)

    def test_wishes_stand_behind_micro_wish_tasks(self):
        assert Wish.objects.count() == WishContact.objects.count() == Task.objects.filter(category="MICRO_WISH").count()


@pytest.mark.django_db
@pytest.mark.parametrize(("members", "flags"), [(0, 0), (5, 0), (1, 1), (3, 3 * 180)])
def test_small_and_extreme_sizes_are_exact(members, flags):
    seed_city(members=members, flags=flags, year=2024, seed=1)
    assert Member.objects.count() == members
    assert (FlagAward.objects.aggregate(sum=Sum("value"))["sum"] or 0) == flags


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("members", "flags", "year"),
    [(-1, 0, 2025), (1, -1, 2025), (0, 1, 2025), (1, 181, 2025), (2_000_001, 1, 2025), (1, 1, 1999), (1, 1, 0)],
)
def test_impossible_numbers_are_refused_and_nothing_is_written(members, flags, year):
    with pytest.raises(CommandError) as refusal:
        call_command("seed_city", members=members, flags=flags, year=year)
    assert str(refusal.value)
    assert "%(" not in str(refusal.value)
    assert not Organization.objects.exists()


def test_shares_are_whole_capped_and_add_up(rng):
    shares = share_out(1000, [rng.random() for _ in range(30)], 60)
    assert sum(shares) == 1000
    assert max(shares) <= 60
    assert share_out(6, [0.0, 0.0, 0.0], 2) == [2, 2, 2]
    assert share_out(0, [], 0) == []


@pytest.mark.parametrize("flags", [0, 1, 2, 59, 60, 61, 179, 180])
def test_services_earn_the_flags_within_their_limit(flags, rng):
    values = into_services(flags, 60, rng)
    assert sum(values) == flags
    assert len(values) <= 60
    assert set(values) <= {1, 2, 3}
