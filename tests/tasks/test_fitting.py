"""What fits a member, why, and what comes first; what they could not take is not there."""

from datetime import datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db.models import F
from django.utils.translation import override

from accounts.models import Interest, Skill
from accounts.models.interest import INTEREST_BITS
from tasks.models import Shift, Wish
from tasks.models.task import Category
from tasks.queries.fit_offer import how_many_it_fits
from tasks.queries.fitting import IsFree, shifts_that_fit, with_quarters
from tasks.templatetags.fit_words import reasons
from tests.factories import ClaimFactory, MemberFactory, ShiftFactory, TaskFactory, WishFactory
from vanguard.lib import week
from vanguard.lib.bits import bits_of

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 12, 28, 9, tzinfo=SHANGHAI)  # a Monday; New Year's Day is the Friday
SATURDAY = NOW + timedelta(days=5)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def monday():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def member(cast):
    """Free on Saturday mornings; can do electrical work, likes community activities and repairs."""
    member = cast.member.member
    says(member, free=["SAT_MORNING"], likes=["COMMUNITY_ACTIVITY", "REPAIR"])
    member.skills.add(Skill.objects.create(name="电工"))
    return member


def says(member, free=(), likes=()):
    member.free_at, member.interests = bits_of(free, week.BITS), bits_of(likes, INTEREST_BITS)
    member.save(update_fields=["free_at", "interests"])


def publish(cast, starts_at=SATURDAY, ends_at=None, category=Category.OTHER, **changed) -> Shift:
    of_shift = {name: changed.pop(name) for name in ("skill", "capacity", "by_agreement", "status") if name in changed}
    task = TaskFactory(**{"publisher": cast.city, "category": category, **changed})
    return ShiftFactory(task=task, starts_at=starts_at, ends_at=ends_at or starts_at + 2 * HOUR, **of_shift)


def why(shift) -> str:
    with override("en"):
        return reasons(shift)


def fitting(member) -> list[Shift]:
    return list(shifts_that_fit(member, NOW))


# --- reasons --------------------------------------------------------------------------------


def test_each_reason_is_said_and_what_has_more_of_them_comes_first(cast, member):
    skill = Skill.objects.get()
    hours = publish(cast)
    sooner = publish(cast, SATURDAY - HOUR)
    liked = publish(cast, category=Category.COMMUNITY_ACTIVITY)
    asked = publish(cast, skill=skill)
    near = publish(cast, publisher=cast.compound, skill=skill, category=Category.COMMUNITY_ACTIVITY)
    found = fitting(member)
    assert found == [near, asked, liked, sooner, hours]
    assert [shift.score for shift in found] == [15, 10, 6, 2, 2]
    assert why(found[0]) == "电工 · Community activity · Sat morning · your compound"
    assert why(found[1]) == "电工 · Sat morning"
    assert why(found[4]) == "Sat morning"


def test_of_a_residents_wish_it_is_what_they_ask_for(cast, member):
    liked, other = (publish(cast, category=Category.MICRO_WISH) for _ in range(2))
    for shift, category in ((liked, Wish.Category.REPAIR), (other, Wish.Category.SCHOOL)):
        WishFactory(community=cast.community, task=shift.task, category=category, status="PUBLISHED")
    assert [(shift, shift.liked) for shift in fitting(member)] == [(liked, "REPAIR"), (other, "")]
    assert why(fitting(member)[0]) == "Repairs · Sat morning"


@pytest.mark.parametrize("where", ["compound", "community"])
def test_ones_own_place_is_a_reason_more_and_never_the_only_one(cast, member, where):
    publish(cast, publisher=getattr(cast, where), starts_at=SATURDAY + DAY)
    shift = publish(cast, publisher=getattr(cast, where))
    assert [(found, found.near) for found in fitting(member)] == [(shift, getattr(cast, where).kind)]


def test_who_has_said_nothing_is_fitted_by_nothing(cast, member):
    member.skills.clear()
    says(member)
    publish(cast, publisher=cast.compound, category=Category.COMMUNITY_ACTIVITY)
    assert fitting(member) == []


def test_who_has_said_nothing_about_times_is_fitted_at_any(cast, member):
    says(member, likes=["COMMUNITY_ACTIVITY"])
    shift = publish(cast, SATURDAY + 3 * DAY, category=Category.COMMUNITY_ACTIVITY)
    publish(cast)
    assert fitting(member) == [shift]
    assert why(fitting(member)[0]) == "Community activity"


def test_at_other_hours_nothing_fits_however_well_it_would(cast, member):
    publish(cast, SATURDAY + DAY, skill=Skill.objects.get(), category=Category.COMMUNITY_ACTIVITY)
    assert fitting(member) == []


def test_hours_agreed_on_later_are_neither_for_nor_against(cast, member):
    liked = publish(cast, by_agreement=True, category=Category.COMMUNITY_ACTIVITY)
    publish(cast, by_agreement=True)
    assert fitting(member) == [liked]
    assert why(fitting(member)[0]) == "Community activity"


# --- hours ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("free", "starts", "hours", "fits"),
    [
        (["SAT_MORNING"], "2027-01-02 06:00", 6, True),
        (["SAT_MORNING"], "2027-01-02 11:00", 2, False),
        (["SAT_MORNING", "SAT_AFTERNOON"], "2027-01-02 11:00", 2, True),
        (["SAT_MORNING"], "2027-01-02 07:30", 2, True),  # in UTC it is still Friday
        (["FRI_EVENING"], "2027-01-02 07:30", 2, False),
        (["SAT_EVENING"], "2027-01-02 23:00", 2, True),  # past midnight it is the evening that it began on
        (["SUN_EVENING", "SUN_MORNING"], "2027-01-02 23:00", 2, False),
        (["SUN_EVENING"], "2027-01-03 23:00", 2, True),  # and from one week to the next
        (["SUN_EVENING"], "2027-01-04 05:00", 2, False),
        (["SUN_EVENING", "MON_MORNING"], "2027-01-04 05:00", 2, True),
        (["THU_EVENING"], "2026-12-31 23:00", 2, True),  # from one year to the next
        (["THU_MORNING", "THU_AFTERNOON"], "2026-12-31 23:00", 2, False),
        (["SAT_MORNING"], "2027-01-02 09:00", 24 * 7, False),
        (list(week.BITS), "2027-01-02 09:00", 24 * 9, True),
    ],
)
def test_the_hours_are_those_of_the_platforms_calendar(cast, member, free, starts, hours, fits):
    starts_at = datetime.fromisoformat(starts).replace(tzinfo=SHANGHAI)
    shift = publish(cast, starts_at, starts_at + hours * HOUR)
    says(member, free=free)
    assert fitting(member) == ([shift] if fits else [])
    assert how_many_it_fits(shift.task) == {shift.pk: int(fits)}


def test_the_database_counts_quarters_as_python_does(cast):
    random, task = Random(1), TaskFactory(publisher=cast.city)
    for _ in range(40):
        starts_at = NOW + timedelta(minutes=random.randrange(60 * 24 * 30))
        ShiftFactory(task=task, starts_at=starts_at, ends_at=starts_at + timedelta(minutes=random.randrange(1, 3000)))
    for free_at in [random.randrange(2**28) | random.randrange(2**28) for _ in range(3)] + [week.WHOLE_WEEK]:
        for shift in with_quarters(Shift.objects.all()).annotate(is_free=IsFree(free_at, F("first"), F("length"))):
            asked = week.quarters_between(shift.starts_at, shift.ends_at)
            assert shift.is_free == (free_at & asked == asked), shift


# --- what cannot be taken -------------------------------------------------------------------


def test_what_the_member_could_not_take_is_not_there(cast, member):
    shift = publish(cast)
    full = publish(cast, capacity=1)
    ClaimFactory(shift=full)
    publish(cast, skill=Skill.objects.create(name="法律"))
    publish(cast, publisher=cast.other_community)
    publish(cast, opens_at=NOW + HOUR)
    publish(cast, opens_at=NOW - HOUR / 2, first_minutes=60)
    for wish in (
        {"sender": member.user},
        {"contact__phone": member.user.phone},
        {"contact__for_phone": member.user.phone},
    ):
        WishFactory(community=cast.community, status="PUBLISHED", task=publish(cast).task, **wish)
    kept = WishFactory(community=cast.community, status="PUBLISHED", task=publish(cast).task)
    WishFactory(community=cast.community, status="MERGED", merged_into=kept, sender=member.user)
    assert fitting(member) == [shift]
    assert how_many_it_fits(full.task) == {full.pk: 1}, "full or not, it would fit"
    assert (
        sum(sum(how_many_it_fits(other.task).values()) for other in Shift.objects.exclude(pk__in=[shift.pk, full.pk]))
        == 2
    ), "what opens later would fit then"


@pytest.mark.parametrize(
    ("status", "offset", "fits"),
    [("HELD", 0, False), ("OFFERED", 0, False), ("WAITING", 0, True), ("WITHDRAWN", 0, True), ("HELD", 2, True)],
)
def test_another_place_at_that_time_is_in_the_way(cast, member, status, offset, fits):
    other = publish(cast, SATURDAY + offset * HOUR, publisher=cast.other_community)
    ClaimFactory(shift=other, member=member, status=status)
    shift = publish(cast)
    assert fitting(member) == ([shift] if fits else [])
    assert how_many_it_fits(shift.task) == {shift.pk: int(fits)}


@pytest.mark.parametrize(
    ("status", "fits"), [("HELD", False), ("WAITING", False), ("CONFIRMED", False), ("WITHDRAWN", True)]
)
def test_where_one_is_or_waits_already_it_is_not_offered_again(cast, member, status, fits):
    shift = publish(cast)
    ClaimFactory(shift=shift, member=member, status=status)
    assert fitting(member) == ([shift] if fits else [])


def test_who_has_as_many_places_as_one_may_have_is_offered_none(cast, member, settings):
    shift = publish(cast)
    ClaimFactory(member=member)
    settings.OPEN_CLAIMS_AT_MOST = 2
    assert fitting(member) == [shift]
    settings.OPEN_CLAIMS_AT_MOST = 1
    assert fitting(member) == []
    assert how_many_it_fits(shift.task) == {shift.pk: 0}


def test_before_the_first_check_in_nothing_fits(cast):
    publish(cast)
    assert fitting(MemberFactory()) == []


def test_it_is_one_query(cast, member, django_assert_num_queries):
    for _ in range(3):
        publish(cast, skill=Skill.objects.get())
    with django_assert_num_queries(1):
        assert [why(shift) for shift in shifts_that_fit(member, NOW)]


# --- the closed lists -----------------------------------------------------------------------


def test_interests_are_kinds_of_tasks_and_of_wishes():
    for interest in Interest:
        kinds = {**dict(Category.choices), **dict(Wish.Category.choices)}
        assert str(kinds[interest.value]) == str(interest.label)
    assert {*Wish.Category.values} <= {*Interest.values}
