"""Reminding all who have not checked in: who is told, who is called, and nobody twice a day."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.access import Actor
from accounts.actions.check_in_reminder import remind_to_check_in
from accounts.models import CheckIn, Notice, Record, Role, User
from accounts.refusals import Reason
from tests.browsing import browser_of, queries_of, screen, sentence
from tests.conftest import actor
from tests.factories import MemberFactory, UserFactory
from tests.rosters import list_member, list_stranger
from tests.storm import ROUNDS, at_once, reasons
from vanguard.lib.refused import Refused

pytestmark = pytest.mark.django_db
URL = reverse("roster_remind")


def in_state(cast, status: str | None, name: str) -> User:
    """Somebody with an account on 财政局's roster, by name and phone alone, and how far they have come."""
    user = UserFactory(name=name)
    list_stranger(cast.unit, name, phone=user.phone)
    if status:
        member = MemberFactory(user=user)
        CheckIn.objects.create(member=member, community=cast.community, unit=cast.unit, address="1-1", status=status)
    return user


@pytest.fixture
def absent(cast):
    """甲 has an account, 乙's check-in was returned, 丙's is under review, 丁 has no account; 戊 is a member."""
    list_member(cast.unit, cast.member.member)
    cast.told = [in_state(cast, None, "甲"), in_state(cast, CheckIn.Status.RETURNED, "乙")]
    cast.told.append(MemberFactory(unit=cast.unit, user__name="戊").user)
    cast.pending = in_state(cast, CheckIn.Status.SUBMITTED, "丙")
    list_stranger(cast.unit, "丁", phone="10055555555")
    return cast


def told() -> set[int]:
    return set(Notice.objects.filter(kind=Notice.Kind.CHECK_IN_REMINDER).values_list("user", flat=True))


def test_it_tells_those_with_an_account_and_nothing_under_review(absent):
    assert remind_to_check_in(absent.unit, by=absent.unit_officer) == 3
    assert told() == {user.pk for user in absent.told}
    notice = Notice.objects.filter(kind=Notice.Kind.CHECK_IN_REMINDER).first()
    assert (notice.link, notice.params) == (reverse("check_in"), {"unit": "青澜市财政局"})
    assert Record.objects.get(verb="reminded").user == absent.unit_officer.user


def test_a_second_time_on_the_same_day_tells_only_who_is_new(absent):
    remind_to_check_in(absent.unit, by=absent.unit_officer)
    with pytest.raises(Refused) as refused:
        remind_to_check_in(absent.unit, by=absent.unit_officer)
    assert refused.value.reason == Reason.NOBODY_TO_REMIND
    assert Record.objects.filter(verb="reminded").count() == 1
    in_state(absent, None, "己")
    assert remind_to_check_in(absent.unit, by=absent.unit_officer) == 1


def test_the_day_begins_at_midnight_in_shanghai(absent):
    midnight = datetime(2027, 1, 1, tzinfo=ZoneInfo("Asia/Shanghai"))
    for moment, n in ((midnight - timedelta(minutes=1), 3), (midnight, 3)):
        with time_machine.travel(moment, tick=False):
            assert remind_to_check_in(absent.unit, by=absent.unit_officer) == n


def test_two_units_may_each_remind_the_same_person(absent):
    list_stranger(absent.other_unit, "甲", phone=absent.told[0].phone)
    remind_to_check_in(absent.unit, by=absent.unit_officer)
    assert remind_to_check_in(absent.other_unit, by=absent.other_unit_officer) == 1
    assert Notice.objects.filter(user=absent.told[0]).count() == 2


def test_a_closed_account_is_called_not_told(absent):
    User.objects.filter(pk=absent.told[0].pk).update(is_active=False)
    assert remind_to_check_in(absent.unit, by=absent.unit_officer) == 2


def test_nobody_is_reminded_where_everybody_has_checked_in(cast):
    with pytest.raises(Refused):
        remind_to_check_in(cast.unit, by=cast.unit_officer)
    assert not told()


@pytest.mark.parametrize("who", ["other_unit_officer", "city_officer", "inspector", "secretary", "member"])
def test_others_may_not(absent, who):
    with pytest.raises(PermissionDenied):
        remind_to_check_in(absent.unit, by=getattr(absent, who))
    with pytest.raises(PermissionDenied):
        remind_to_check_in(absent.unit, by=Actor(user=absent.unit_officer.user))
    assert not told()


def test_as_many_queries_for_three_as_for_thirty(absent):
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            remind_to_check_in(absent.unit, by=absent.unit_officer)
        return len(captured)

    few = queries()
    for n in range(30):
        in_state(absent, None, f"己{n}")
    assert queries() == few


# --- the page -----------------------------------------------------------------------------


def test_it_shows_whom_before_it_tells_anybody(absent):
    client = browser_of(absent.unit_officer)
    response = client.get(URL)
    assert [line.name for line in response.context["page"]] == ["乙", "戊", "甲"]
    assert response.context["to_tell"] == 3
    assert not told()
    pending = client.get(URL, {"group": "LEFT_OUT"})
    assert [line.name for line in pending.context["page"]] == ["丙"]
    call = client.get(URL, {"group": "CALL"})
    assert 'href="tel:10055555555"' in screen(call)
    assert "http://testserver/c/" in screen(call)


def test_afterwards_it_says_how_many(absent):
    client = browser_of(absent.unit_officer)
    page = screen(client.post(URL, follow=True))
    assert "3" in page
    response = client.get(URL)
    assert (response.context["to_tell"], len(response.context["told"])) == (0, 3)
    assert sentence(Reason.NOBODY_TO_REMIND) in screen(client.post(URL, follow=True))


def test_with_nobody_to_tell_it_opens_with_those_to_call(cast):
    list_stranger(cast.unit, "丁")
    assert browser_of(cast.unit_officer).get(URL).context["group"] == "CALL"


def test_without_anybody_it_says_so(cast):
    response = browser_of(cast.unit_officer).get(URL, {"group": "nonsense"})
    assert response.context["group"] == "TELL"
    assert "empty" in screen(response)


def test_the_page_costs_the_same_for_one_and_for_thirty(absent):
    client = browser_of(absent.unit_officer)
    few = queries_of(client, URL)
    for n in range(30):
        in_state(absent, None, f"己{n}")
    assert queries_of(client, URL) == few


# --- two at once --------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("round", ROUNDS)
def test_two_officers_at_once_tell_everybody_once(absent, round):
    second = actor(absent.unit, Role.UNIT_OFFICER, "另一位")
    officers = (absent.unit_officer, second)
    outcomes = at_once(*[lambda by=by: remind_to_check_in(absent.unit, by=by) for by in officers])
    assert reasons(outcomes) == [Reason.NOBODY_TO_REMIND]
    assert [outcome for outcome in outcomes if isinstance(outcome, int)] == [3]
    assert Notice.objects.filter(kind=Notice.Kind.CHECK_IN_REMINDER).count() == 3
