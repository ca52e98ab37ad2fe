"""Signing in by the code on the spot: signed, of two minutes, for oneself, once, and overruled by the staff's own tick."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from tasks.actions.attendance import take_ticks
from tasks.actions.sign_in import sign_in, sign_out
from tasks.models import Attendance, Claim, Mark, Shift
from tasks.queries.sign_in import SIGNER, code_of, shown_for
from tasks.refusals import Reason
from tests.factories import ShiftFactory, TaskFactory
from tests.tasks.day_world import place_in, says, tap
from tests.tasks.places import status
from tests.tasks.refusing import refused

pytestmark = pytest.mark.django_db
S = Claim.Status
NEW_YEARS_EVE = datetime(2026, 12, 31, 23, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def clock():
    with time_machine.travel(NEW_YEARS_EVE, tick=False) as traveller:
        yield traveller


@pytest.fixture
def shift(cast, clock) -> Shift:
    """From eleven in the evening until one in the new year."""
    task = TaskFactory(publisher=cast.community, sign_in=True)
    return ShiftFactory(task=task, starts_at=NEW_YEARS_EVE, ends_at=NEW_YEARS_EVE + 2 * HOUR)


@pytest.fixture
def claim(cast, shift) -> Claim:
    return place_in(shift, cast, member=cast.member.member)


def code(shift: Shift) -> str:
    return code_of(shift, timezone.now())


def test_signing_in_and_out_over_midnight_presets_attended(cast, shift, claim, clock):
    assert sign_in(shift, code(shift), by=cast.member).signed_in_at == NEW_YEARS_EVE
    assert (says(claim), status(claim)) == ("ATTENDED", S.HELD)
    clock.move_to(NEW_YEARS_EVE + 2 * HOUR + 59 * MINUTE)
    attendance = sign_out(shift, code(shift), by=cast.member)
    assert attendance.signed_out_at - attendance.signed_in_at == 2 * HOUR + 59 * MINUTE


def test_twice_is_once(cast, shift, claim, clock):
    for minutes in (0, 5):
        clock.move_to(NEW_YEARS_EVE + minutes * MINUTE)
        attendance = sign_in(shift, code(shift), by=cast.member)
    assert attendance.signed_in_at == NEW_YEARS_EVE
    for minutes in (60, 70):
        clock.move_to(NEW_YEARS_EVE + minutes * MINUTE)
        attendance = sign_out(shift, code(shift), by=cast.member)
    assert attendance.signed_out_at == NEW_YEARS_EVE + HOUR


def test_the_staffs_own_tick_overrules_before_and_after(cast, shift, claim, clock):
    take_ticks(shift, [tap(claim, "EXCUSED")], by=cast.secretary)
    sign_in(shift, code(shift), by=cast.member)
    assert says(claim) == "EXCUSED"
    clock.shift(MINUTE)
    take_ticks(shift, [tap(claim, Mark.NONE)], by=cast.secretary)
    assert says(claim) == "ATTENDED"


def test_a_code_counts_in_its_own_minute_and_the_next(cast, shift, claim, clock):
    shown = code(shift)
    assert shown_for(timezone.now()) == 61
    clock.move_to(NEW_YEARS_EVE + timedelta(seconds=55))
    assert shown_for(timezone.now()) == 20, "it counts for a minute longer than it is shown"
    clock.move_to(NEW_YEARS_EVE + timedelta(seconds=120))
    refused(Reason.CODE_EXPIRED, sign_in, shift, shown, by=cast.member)
    clock.move_to(NEW_YEARS_EVE - timedelta(seconds=1))  # of a minute to come
    refused(Reason.CODE_EXPIRED, sign_in, shift, shown, by=cast.member)
    clock.move_to(NEW_YEARS_EVE + timedelta(seconds=119))
    assert sign_in(shift, shown, by=cast.member)


def test_a_forged_code_and_that_of_another_shift_are_refused(cast, shift, claim):
    other = ShiftFactory(task=shift.task)
    good = code(shift)
    forged = [good[:-1], f"{good}x", good.replace("~", "-"), code(other), "", "~", "龘𠮷", "9" * 5000, SIGNER.sign("x")]
    for wrong in forged:
        refused(Reason.CODE_FORGED, sign_in, shift, wrong, by=cast.member)
    refused(Reason.CODE_FORGED, sign_out, shift, forged[0], by=cast.member)
    assert not Attendance.objects.exists()


@pytest.mark.parametrize(
    ("at", "reason"),
    [
        (NEW_YEARS_EVE - 31 * MINUTE, Reason.SIGN_IN_TO_COME),
        (NEW_YEARS_EVE - timedelta(days=1), Reason.SIGN_IN_TO_COME),
        (NEW_YEARS_EVE + 2 * HOUR, Reason.SIGN_IN_OVER),
        (NEW_YEARS_EVE + timedelta(days=1), Reason.SIGN_IN_OVER),
        (NEW_YEARS_EVE - 30 * MINUTE, None),
        (NEW_YEARS_EVE + 2 * HOUR - MINUTE, None),
    ],
)
def test_only_in_its_time_and_on_no_other_day(cast, shift, claim, clock, at, reason):
    clock.move_to(at)
    if reason is None:
        assert sign_in(shift, code(shift), by=cast.member).signed_in_at == at
    else:
        refused(reason, sign_in, shift, code(shift), by=cast.member)


def test_who_has_no_place_and_nobody_for_another(cast, shift, claim, clock):
    for who in (cast.secretary, cast.branch):
        with pytest.raises(PermissionDenied):
            sign_in(shift, code(shift), by=who)
    refused(Reason.NO_PLACE_HERE, sign_in, shift, code(shift), by=cast.other_member)
    for state in (S.WAITING, S.OFFERED, S.WITHDRAWN):
        claim.status, claim.offer_until = state, timezone.now() + HOUR
        claim.save()
        refused(Reason.NO_PLACE_HERE, sign_in, shift, code(shift), by=cast.member)


@pytest.mark.parametrize("state", [S.ATTENDED, S.ABSENT, S.CONFIRMED])
def test_a_place_that_is_settled_stays_as_it_is(cast, shift, claim, state):
    Claim.objects.update(status=state)
    refused(Reason.PLACE_SETTLED, sign_in, shift, code(shift), by=cast.member)


def test_out_only_who_is_in_and_until_an_hour_after(cast, shift, claim, clock):
    refused(Reason.NOT_SIGNED_IN, sign_out, shift, code(shift), by=cast.member)
    sign_in(shift, code(shift), by=cast.member)
    clock.move_to(NEW_YEARS_EVE + 3 * HOUR)
    refused(Reason.SIGN_IN_OVER, sign_out, shift, code(shift), by=cast.member)


def test_not_where_it_is_off_or_the_shift_was_called_off(cast, shift, claim):
    shift.task.sign_in = False
    refused(Reason.NO_SIGN_IN, sign_in, shift, code(shift), by=cast.member)
    shift.task.sign_in, shift.status = True, Shift.Status.CANCELLED
    refused(Reason.CALLED_OFF, sign_in, shift, code(shift), by=cast.member)
