"""Who is told that a suggestion waits, after how many working days, once, and without its words."""

import pytest
import time_machine
from django.urls import reverse

from accounts.models import Appointment, Notice
from tasks.jobs import chase_suggestions
from tasks.queries.suggestion import late_suggestions
from tests.factories import MemberFactory, SuggestionFactory
from tests.tasks.test_wish_time import moment, told

pytestmark = pytest.mark.django_db
Kind = Notice.Kind


def chase_on(day: str, at: str = "09:00") -> None:
    with time_machine.travel(moment(day, at), tick=False):
        chase_suggestions()


def waiting(cast, since="2026-03-02", **changed):
    return SuggestionFactory(**{"community": cast.community, "since": moment(since, "23:59"), **changed})


@pytest.mark.parametrize(
    ("since", "before", "late"),
    [
        ("2026-03-02", "2026-03-23", "2026-03-24"),  # Monday: the fifteenth is Monday the 23rd
        ("2025-12-31", "2026-01-22", "2026-01-23"),  # New Year off, a Sunday worked for it: it is Thursday the 22nd
    ],
)
def test_after_fifteen_working_days_who_answers_is_told_once(cast, since, before, late):
    suggestion = waiting(cast, since)
    chase_on(before, "23:59")
    assert not Notice.objects.exists()
    for day in (late, late, "2026-03-27" if late > "2026-03" else "2026-01-27"):
        chase_on(day)
    for actor in (cast.secretary, cast.second_secretary):
        assert told(actor, Kind.SUGGESTION_LATE) == [{"number": suggestion.number, "days": "15"}]
    assert cast.secretary.user.notices.get().link == suggestion.page
    assert Notice.objects.count() == 2


def test_after_twenty_the_street_is_told_of_it_and_reads_no_word(cast):
    suggestion = waiting(cast)
    chase_on("2026-03-30")
    assert told(cast.street_officer, Kind.SUGGESTION_LATE_STREET) == []
    for day in ("2026-03-31", "2026-04-01"):
        chase_on(day)
    assert told(cast.street_officer, Kind.SUGGESTION_LATE_STREET) == [{"community": "荷风社区", "days": "20"}]
    notice = cast.street_officer.user.notices.get()
    assert notice.link == reverse("community", args=[cast.community.code])
    assert suggestion.number not in f"{notice.text}{notice.params}"


@pytest.mark.parametrize("status", ["ANSWERED", "ADOPTED"])
def test_what_is_answered_is_not_chased(cast, status):
    waiting(cast, status=status)
    chase_on("2026-06-01")
    assert not Notice.objects.exists()


def test_nobody_is_told_of_their_own_and_of_the_only_secretarys_the_city_is(cast):
    author = MemberFactory(user=cast.secretary.user, community=cast.community)
    waiting(cast, author=author)
    chase_on("2026-03-24")
    assert told(cast.secretary, Kind.SUGGESTION_LATE) == []
    assert len(told(cast.second_secretary, Kind.SUGGESTION_LATE)) == 1
    Appointment.objects.filter(pk=cast.second_secretary.appointment.pk).delete()
    chase_on("2026-03-25")
    assert len(told(cast.city_officer, Kind.SUGGESTION_LATE)) == 1


def test_it_costs_the_same_for_one_and_for_thirty(cast, django_assert_num_queries):
    waiting(cast)
    chase_on("2026-03-24")
    with django_assert_num_queries(6):
        chase_on("2026-03-25")
    for _ in range(29):
        waiting(cast, author=None)
    with django_assert_num_queries(6):
        chase_on("2026-03-26")


def test_late_is_late_by_the_day(cast):
    late = waiting(cast)
    for day, expected in (("2026-03-23", []), ("2026-03-24", [late])):
        with time_machine.travel(moment(day, "00:00"), tick=False):
            assert list(late_suggestions(cast.secretary)) == expected
