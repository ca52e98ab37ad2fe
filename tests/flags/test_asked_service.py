"""A place whose member was asked about new hours and never answered: it has no hours, and still counts if they came."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine

from flags.actions.confirm import settle_shift
from flags.models import FlagAward
from flags.queries.unit import awaiting_confirmation as awaiting_in
from flags.queries.wall import awaiting_confirmation, progress_of
from tasks.actions.shift_change import change_shift
from tasks.actions.task_offer import ShiftTime
from tasks.actions.time import end_shifts
from tasks.models import Claim
from tasks.queries.shift_change import shift_seen
from tests.browsing import browser_of, screen
from tests.factories import ClaimFactory, ShiftFactory, TaskFactory
from vanguard.lib.saying import moment_words

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
LATE = datetime(2026, 12, 31, 21, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture
def clock():
    with time_machine.travel(LATE - timedelta(days=4), tick=False) as traveller:
        yield traveller


@pytest.fixture
def other(cast, clock) -> Claim:
    return ClaimFactory(
        shift=ShiftFactory(task=TaskFactory(publisher=cast.community), starts_at=LATE), member=cast.member.member
    )


@pytest.fixture
def asked(cast, clock, other) -> Claim:
    """Moved into the new year, over the hours of the other one; never answered, and over by now."""
    shift = ShiftFactory(task=TaskFactory(publisher=cast.compound))
    claim = ClaimFactory(shift=shift, member=cast.member.member)
    time = ShiftTime(LATE + HOUR, LATE + 3 * HOUR, shift.capacity)
    change_shift(shift, time=time, seen=shift_seen(shift), by=cast.secretary)
    claim.shift.refresh_from_db()
    clock.move_to(LATE + 4 * HOUR)
    end_shifts()
    claim.refresh_from_db()
    assert (claim.status, claim.ends_at) == ("HELD", None)
    return claim


def test_who_was_at_both_is_confirmed_for_both_each_on_its_own_day(cast, asked, other):
    for claim in (asked, other):
        assert settle_shift(claim.shift, {claim.pk: "ATTENDED"}, by=cast.secretary) == 1
        assert settle_shift(claim.shift, {claim.pk: "ATTENDED"}, by=cast.second_secretary) == 0
        claim.refresh_from_db()
        assert claim.status == "CONFIRMED"
    assert (asked.starts_at, asked.ends_at) == (asked.shift.starts_at, asked.shift.ends_at)
    assert dict(FlagAward.objects.values_list("claim", "year")) == {asked.pk: 2027, other.pk: 2026}


def test_a_branchs_proposal_has_the_hours_as_well(cast, asked):
    assert settle_shift(asked.shift, {asked.pk: "ATTENDED"}, by=cast.branch) == 1
    asked.refresh_from_db()
    assert (asked.status, asked.ends_at) == ("PROPOSED", asked.shift.ends_at)
    assert settle_shift(asked.shift, {asked.pk: "ATTENDED"}, by=cast.secretary) == 1


@pytest.mark.parametrize("mark", ["ABSENT", "EXCUSED"])
def test_who_was_not_there_is_told_of_the_shifts_time(cast, asked, mark):
    settle_shift(asked.shift, {asked.pk: mark}, by=cast.secretary)
    asked.refresh_from_db()
    assert (asked.status, asked.ends_at) == (mark, None)
    told = [notice.params["time"] for notice in cast.member.user.notices.filter(kind="CLAIM_ABSENT")]
    assert told == ([asked.shift.starts_at.isoformat()] if mark == "ABSENT" else [])


def test_until_then_it_counts_as_waiting_in_the_year_of_its_shift(cast, asked, other):
    member = cast.member.member
    assert list(awaiting_confirmation(member)) == [other, asked]
    assert [progress_of(member, year).waiting for year in (2026, 2027)] == [1, 1]
    assert list(awaiting_in(2027)) == [asked]
    page = screen(browser_of(cast.unit_officer).get(f"/unit/members/{member.number}/?year=2027"))
    assert moment_words(asked.shift.ends_at) in page
    for url in ("/claims/", "/flags/", asked.page, f"/confirm/{asked.shift_id}/"):
        screen(browser_of(cast.secretary if "confirm" in url else cast.member).get(url))
