"""Who acts for whom, from which day to which: appointed, ended and handed over by the city."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts.access import CLOCK, Actor, hats_of
from accounts.actions.appointment import appoint, appoint_person, end_appointment, hand_over, issue_first_password
from accounts.actions.community import merge_community
from accounts.actions.organization import close_organization
from accounts.models import Appointment, Notice, Record, Role, User
from accounts.models.appointment import KIND_OF_ROLE
from accounts.refusals import Reason
from tests.conftest import actor
from tests.factories import (
    AppointmentFactory,
    CommunityFactory,
    OrganizationFactory,
    StreetFactory,
    UserFactory,
)
from vanguard.lib.refused import Refused

pytestmark = pytest.mark.django_db
PLACES = ["city", "street", "community", "compound", "unit"]
SHANGHAI = ZoneInfo("Asia/Shanghai")


def today(**later: int) -> date:
    return timezone.localdate() + timedelta(**later)


def refused(why, act, *args, **kwargs) -> Refused:
    """It says why, in a sentence, and has written nothing."""
    before = [model.objects.count() for model in (Appointment, User, Record, Notice)]
    with pytest.raises(Refused) as caught:
        act(*args, **kwargs)
    assert caught.value.reason == why
    assert caught.value.sentence
    assert [model.objects.count() for model in (Appointment, User, Record, Notice)] == before
    return caught.value


def records_of(appointment: Appointment) -> list[str]:
    rows = Record.objects.filter(subject_type__model="appointment", subject_id=appointment.pk)
    return list(rows.order_by("pk").values_list("verb", flat=True))


# --- appointing -----------------------------------------------------------------------------


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("place", PLACES)
def test_a_role_goes_with_one_kind_of_organization(cast, role, place):
    organization, user = getattr(cast, place), UserFactory()
    if KIND_OF_ROLE[role] == organization.kind:
        appointment = appoint(user, organization, role, starts_on=date(2026, 1, 1), by=CLOCK)
        assert Record.objects.filter(verb="appointed", subject_id=appointment.pk).exists()
        return
    refused(Reason.WRONG_KIND, appoint, user, organization, role, starts_on=date(2026, 1, 1), by=CLOCK)


def test_who_is_appointed_is_told_and_led_to_what_they_may_do(cast):
    user = UserFactory()
    made = appoint(user, cast.community, Role.SECRETARY, starts_on=today(), by=cast.city_officer)
    notice = user.notices.get()
    assert (notice.kind, notice.link) == (Notice.Kind.APPOINTED, "/me/abilities/")
    row = Record.objects.get(subject_id=made.pk, verb="appointed")
    assert (row.user, row.appointment) == (cast.city_officer.user, cast.city_officer.appointment)


@pytest.mark.parametrize(
    ("first", "last", "why"),
    [
        ((0, None), (5, None), Reason.HELD_ALREADY),  # open-ended, and again
        ((0, 9), (9, 12), Reason.HELD_ALREADY),  # the last day still counts
        ((10, None), (0, None), Reason.HELD_ALREADY),
        ((10, None), (0, 10), Reason.HELD_ALREADY),
        ((0, 9), (10, None), None),
        ((10, None), (0, 9), None),
    ],
)
def test_the_same_role_is_held_once_at_a_time(cast, first, last, why):
    def ask(begins, ends):
        ends_on = None if ends is None else today(days=ends)
        return {"starts_on": today(days=begins), "ends_on": ends_on, "by": cast.city_officer}

    user = UserFactory()
    appoint(user, cast.community, Role.SECRETARY, **ask(*first))
    if why:
        refused(why, appoint, user, cast.community, Role.SECRETARY, **ask(*last))
    else:
        appoint(user, cast.community, Role.SECRETARY, **ask(*last))
    appoint(user, cast.other_community, Role.SECRETARY, **ask(*last))


def test_a_closed_organization_gets_nobody(cast):
    closed = CommunityFactory(parent=cast.street, closed_on="2026-01-01")
    refused(Reason.ORGANIZATION_CLOSED, appoint, UserFactory(), closed, Role.SECRETARY, starts_on=today(), by=CLOCK)


@pytest.mark.parametrize(("begins", "ends", "why"), [(0, -1, Reason.ENDS_TOO_EARLY), (-9, -1, Reason.PAST_DAY)])
def test_a_last_day_lies_neither_before_the_first_nor_behind_us(cast, begins, ends, why):
    days = {"starts_on": today(days=begins), "ends_on": today(days=ends)}
    refused(why, appoint, UserFactory(), cast.community, Role.SECRETARY, **days, by=cast.city_officer)


def test_the_first_day_may_be_the_last(cast):
    made = appoint(
        UserFactory(), cast.community, Role.SECRETARY, starts_on=today(), ends_on=today(), by=cast.city_officer
    )
    assert list(hats_of(made.user))


@pytest.mark.parametrize(
    "role", ["secretary", "branch", "street_officer", "unit_officer", "inspector", "member", "other_secretary"]
)
def test_nobody_but_the_city_appoints_or_ends(cast, role):
    by, theirs = getattr(cast, role), cast.second_secretary.appointment
    with pytest.raises(PermissionDenied):
        appoint(UserFactory(), cast.community, Role.SECRETARY, starts_on=today(), by=by)
    with pytest.raises(PermissionDenied):
        end_appointment(theirs, on=today(), by=by)
    with pytest.raises(PermissionDenied):
        hand_over(theirs, name="王五", phone="10099999999", starts_on=today(), by=by)
    assert Appointment.objects.get(pk=theirs.pk).ends_on is None


def test_a_person_without_a_hat_appoints_nobody(cast):
    with pytest.raises(PermissionDenied):
        appoint(UserFactory(), cast.community, Role.SECRETARY, starts_on=today(), by=Actor(user=UserFactory()))


def test_a_city_reaches_no_other_city(cast):
    abroad = CommunityFactory(parent=StreetFactory(parent=OrganizationFactory(name="白鹭市")))
    with pytest.raises(PermissionDenied):
        appoint(UserFactory(), abroad, Role.SECRETARY, starts_on=today(), by=cast.city_officer)
    with pytest.raises(PermissionDenied):
        end_appointment(AppointmentFactory(organization=abroad), on=today(), by=cast.city_officer)


def test_city_officers_are_the_administrators_alone_to_appoint(cast):
    user, administrator = UserFactory(), Actor(user=UserFactory(is_staff=True))
    asked = (user, cast.city, Role.CITY_OFFICER)
    refused(Reason.ADMINISTRATOR_ONLY, appoint, *asked, starts_on=today(), by=cast.city_officer)
    colleague = appoint(*asked, starts_on=today(), by=administrator)
    refused(Reason.ADMINISTRATOR_ONLY, end_appointment, colleague, on=today(), by=cast.city_officer)
    end_appointment(colleague, on=today(), by=administrator)


def test_nobody_appoints_ends_or_hands_over_themselves(cast):
    officer = cast.city_officer
    refused(
        Reason.OWN_APPOINTMENT, appoint, officer.user, cast.community, Role.SECRETARY, starts_on=today(), by=officer
    )
    own = AppointmentFactory(user=officer.user, organization=cast.community)
    refused(Reason.OWN_APPOINTMENT, end_appointment, own, on=today(), by=officer)
    refused(Reason.OWN_APPOINTMENT, hand_over, own, name="王五", phone="10099999999", starts_on=today(), by=officer)
    colleague = actor(cast.city, Role.CITY_OFFICER, "赵副部长")
    end_appointment(own, on=today(), by=colleague)


# --- the person -----------------------------------------------------------------------------


def appoint_secretary(cast, **changed) -> Appointment:
    asked = {"name": "龘䶮𠮷", "phone": "10012345678", "starts_on": today(), "by": cast.city_officer, **changed}
    return appoint_person(cast.community, Role.SECRETARY, **asked)


def test_a_person_without_an_account_gets_one_without_a_password(cast):
    user = appoint_secretary(cast).user
    assert (user.name, user.phone) == ("龘䶮𠮷", "10012345678")
    assert not user.has_usable_password()
    assert user.needs_first_password
    assert Record.objects.filter(verb="account made", subject_id=user.pk).exists()


def test_a_person_who_has_an_account_keeps_it(cast):
    person = UserFactory(name="阿依古丽·买买提", phone="10012345678")
    person.set_password("weijia-4711")
    person.save()
    made = appoint_secretary(cast, name="阿依古丽·买买提")
    assert made.user == person
    refused(Reason.HAS_PASSWORD, issue_first_password, made, by=cast.city_officer)


def test_a_name_kept_with_spaces_is_the_same_name(cast):
    person = UserFactory(name="张 三", phone="10012345678")
    assert appoint_secretary(cast, name="张三").user == person


def test_a_phone_of_somebody_else_is_refused_without_naming_them(cast):
    UserFactory(name="王芳芳", phone="10012345678")
    sentence = refused(Reason.OTHER_NAME, appoint_secretary, cast).sentence
    assert "10012345678" in sentence
    assert "王芳芳" not in sentence


def test_a_closed_account_is_refused(cast):
    UserFactory(name="龘䶮𠮷", phone="10012345678", is_active=False)
    refused(Reason.ACCOUNT_CLOSED, appoint_secretary, cast)


def test_a_refused_appointment_leaves_no_account_behind(cast):
    refused(Reason.PAST_DAY, appoint_secretary, cast, starts_on=today(days=-9), ends_on=today(days=-1))


def test_the_first_password_of_an_administrator_is_nobodys_to_open(cast):
    person = UserFactory(name="龘䶮𠮷", phone="10012345678", is_staff=True)
    person.set_unusable_password()
    person.save()
    refused(Reason.HAS_PASSWORD, issue_first_password, appoint_secretary(cast), by=cast.city_officer)


# --- days -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("begins", "ends", "hats"), [(0, 0, 1), (1, None, 0), (-9, -1, 0), (-9, 0, 1), (-9, None, 1)])
def test_it_is_worn_from_its_first_to_its_last_day(cast, begins, ends, hats):
    appointment = AppointmentFactory(
        organization=cast.community,
        starts_on=today(days=begins),
        ends_on=None if ends is None else today(days=ends),
    )
    assert len(list(hats_of(appointment.user))) == hats


@pytest.mark.parametrize(
    ("moment", "worn"),
    [
        ("2026-12-31 23:59:59", "陈书记"),
        ("2027-01-01 00:00:00", "李书记"),
        ("2026-12-31 16:00:00", "陈书记"),  # in London the new year has to wait for eight hours
    ],
)
def test_handing_over_at_new_years_midnight_leaves_nobody_without(cast, moment, worn):
    with time_machine.travel(datetime(2026, 12, 1, 9, tzinfo=SHANGHAI), tick=False):
        hand_over(
            cast.secretary.appointment,
            name="李书记",
            phone="10012345678",
            starts_on=date(2027, 1, 1),
            by=cast.city_officer,
        )
    with time_machine.travel(datetime.fromisoformat(moment).replace(tzinfo=SHANGHAI), tick=False):
        acting = Appointment.objects.in_force(timezone.localdate()).filter(organization=cast.community)
        assert {row.user.name for row in acting} == {worn, "林书记"}


# --- ending ---------------------------------------------------------------------------------


def test_it_ends_on_the_day_that_was_said_and_the_person_is_told(cast):
    appointment = cast.secretary.appointment
    end_appointment(appointment, on=today(days=3), by=cast.city_officer)
    appointment.refresh_from_db()
    assert appointment.ends_on == today(days=3)
    assert records_of(appointment) == ["appointment ended"]
    assert cast.secretary.user.notices.get().kind == Notice.Kind.APPOINTMENT_ENDED


def test_a_last_day_can_be_moved_while_it_has_not_passed(cast):
    appointment = cast.secretary.appointment
    for day in (3, 9, 0):
        end_appointment(appointment, on=today(days=day), by=cast.city_officer)
    appointment.refresh_from_db()
    assert appointment.ends_on == today()


def test_a_last_day_is_not_moved_into_the_next_appointment(cast):
    appointment = cast.secretary.appointment
    end_appointment(appointment, on=today(days=3), by=cast.city_officer)
    again = (cast.secretary.user, cast.community, Role.SECRETARY)
    appoint(*again, starts_on=today(days=5), by=cast.city_officer)
    refused(Reason.HELD_ALREADY, end_appointment, appointment, on=today(days=5), by=cast.city_officer)


def test_a_past_day_is_refused(cast):
    refused(Reason.PAST_DAY, end_appointment, cast.secretary.appointment, on=today(days=-1), by=cast.city_officer)


def test_what_is_over_does_not_end_again(cast):
    over = AppointmentFactory(organization=cast.community, ends_on=today(days=-1))
    refused(Reason.APPOINTMENT_OVER, end_appointment, over, on=today(), by=cast.city_officer)


@pytest.mark.parametrize("end", ["closed", "merged"])
def test_on_the_day_of_closing_no_later_last_day_is_said(cast, end):
    """Until midnight it still counts, and could be extended for years."""
    organization = CommunityFactory(parent=cast.street)
    appointment = AppointmentFactory(organization=organization)
    if end == "closed":
        close_organization(organization, by=cast.city_officer)
    else:
        merge_community(organization, into=cast.community, by=cast.city_officer)
    for by in (cast.city_officer, Actor(user=UserFactory(is_staff=True))):
        refused(Reason.CLOSED_BY_THEN, end_appointment, appointment, on=today(days=1), by=by)
    end_appointment(appointment, on=today(), by=cast.city_officer)
    assert Appointment.objects.get(pk=appointment.pk).ends_on == today()


def test_one_that_has_not_begun_is_withdrawn_and_the_record_says_who(cast):
    coming = AppointmentFactory(organization=cast.community, starts_on=today(days=9), user__name="王五")
    end_appointment(coming, on=today(days=8), by=cast.city_officer)
    assert not Appointment.objects.filter(pk=coming.pk).exists()
    row = Record.objects.get(subject_id=coming.pk, verb="withdrawn")
    assert "王五" in row.reason.text
    assert coming.user.notices.get().kind == Notice.Kind.APPOINTMENT_ENDED
    refused(Reason.STATE_CHANGED, end_appointment, coming, on=today(days=8), by=cast.city_officer)


# --- handing over ---------------------------------------------------------------------------


def hand_to_li(cast, **changed) -> Appointment:
    asked = {"name": "李书记", "phone": "10012345678", "starts_on": today(), "by": cast.city_officer, **changed}
    return hand_over(cast.secretary.appointment, **asked)


@pytest.mark.parametrize(("begins", "last"), [(0, 0), (1, 0), (8, 7)])
def test_handing_over_ends_the_one_and_begins_the_other(cast, begins, last):
    successor = hand_to_li(cast, starts_on=today(days=begins))
    former = Appointment.objects.get(pk=cast.secretary.appointment.pk)
    assert (former.ends_on, successor.starts_on) == (today(days=last), today(days=begins))
    assert (successor.organization, successor.role) == (cast.community, Role.SECRETARY)
    assert records_of(former) == ["appointment ended"]
    assert records_of(successor) == ["appointed", "handed over"]
    assert "陈书记 → 李书记" in Record.objects.get(verb="handed over").reason.text


def test_a_last_day_fixed_earlier_stays(cast):
    end_appointment(cast.secretary.appointment, on=today(days=2), by=cast.city_officer)
    hand_to_li(cast, starts_on=today(days=9))
    assert Appointment.objects.get(pk=cast.secretary.appointment.pk).ends_on == today(days=2)


def test_handing_over_is_both_or_neither(cast):
    UserFactory(name="王芳芳", phone="10012345678")
    refused(Reason.OTHER_NAME, hand_to_li, cast)
    assert Appointment.objects.get(pk=cast.secretary.appointment.pk).ends_on is None


def test_nobody_hands_over_to_the_same_person(cast):
    person = cast.secretary.user
    refused(Reason.HELD_ALREADY, hand_to_li, cast, name=person.name, phone=person.phone)
