"""The city's pages of appointments: who acts for whom, and the one-time link of a new person."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Appointment, Role, User
from accounts.refusals import Reason
from tests.browsing import browser_of, queries_of, screen, sentence
from tests.factories import AppointmentFactory, CommunityFactory, UserFactory
from vanguard.lib.masking import mask_phone

pytestmark = pytest.mark.django_db
LIST, NEW = reverse("appointments"), reverse("appointment_new")


def today(**later):
    return timezone.localdate() + timedelta(**later)


def typed(cast, **changed):
    day = {"starts_on": today().isoformat(), "ends_on": ""}
    return {"organization": cast.community.pk, "name": "李书记", "phone": "100 1234 5678", **day, **changed}


def names(page) -> set[str]:
    return {row.user.name for row in page.context["page"]}


def test_the_list_shows_who_acts_today_and_others_on_asking(cast):
    AppointmentFactory(organization=cast.community, user__name="明日来", starts_on=today(days=1))
    AppointmentFactory(organization=cast.community, user__name="昨日去", ends_on=today(days=-1))
    AppointmentFactory(organization=cast.community, user__name="今日止", ends_on=today())
    client = browser_of(cast.city_officer)
    assert {"陈书记", "今日止"} <= names(client.get(LIST))
    assert not {"明日来", "昨日去"} & names(client.get(LIST))
    assert names(client.get(LIST, {"state": "later"})) == {"明日来"}
    assert names(client.get(LIST, {"state": "over"})) == {"昨日去"}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"role": "BRANCH_SECRETARY"}, {"孙书记"}),
        ({"q": "枕溪"}, {"何书记"}),
        ({"q": "陈书"}, {"陈书记"}),
        ({"q": "𠮷"}, set()),
        ({"role": "NOTHING"}, set()),
        ({"state": "nothing", "q": "陈书记"}, {"陈书记"}),
    ],
)
def test_it_is_narrowed_by_role_and_by_name(cast, query, found):
    assert names(browser_of(cast.city_officer).get(LIST, query)) == found


def test_a_whole_phone_finds_its_owner_and_is_never_shown(cast):
    page = browser_of(cast.city_officer).get(LIST, {"q": cast.secretary.user.phone})
    assert names(page) == {"陈书记"}
    (table,) = re.findall(r"<tbody>.*</tbody>", screen(page), re.DOTALL)
    assert cast.secretary.user.phone not in table
    assert mask_phone(cast.secretary.user.phone) in table


def test_another_citys_appointments_are_not_there(cast):
    AppointmentFactory(organization=CommunityFactory(), user__name="外市人")
    assert "外市人" not in screen(browser_of(cast.city_officer).get(LIST))


def test_the_list_costs_the_same_for_one_and_for_thirty(cast):
    client = browser_of(cast.city_officer)
    url = f"{LIST}?q=%E4%B8%9A%E5%8A%A1"
    AppointmentFactory(organization=cast.community, user__name="业务0")
    one = queries_of(client, url)
    for n in range(1, 30):
        AppointmentFactory(organization=CommunityFactory(parent=cast.street), user__name=f"业务{n}")
    assert queries_of(client, url) == one
    assert len(client.get(url).context["page"]) == 30


def test_a_new_person_gets_a_link_that_is_shown_once_and_sets_a_password(cast, client):
    officer = browser_of(cast.city_officer)
    shown = screen(officer.post(f"{NEW}?role=SECRETARY", typed(cast), follow=True))
    made = Appointment.objects.get(user__phone="10012345678")
    assert (made.user.name, made.organization, made.role) == ("李书记", cast.community, Role.SECRETARY)
    (link,) = set(re.findall(r"http://testserver/accounts/password/reset/[^/]+/", shown))
    assert "<svg" in shown
    again = screen(officer.get(reverse("appointment_link", args=[made.pk])))
    assert link not in again

    form = client.get(link, follow=True).request["PATH_INFO"]
    assert client.post(form, {"password1": "weijia-4711", "password2": "weijia-4711"}).status_code == 302
    made.user.refresh_from_db()
    assert made.user.check_password("weijia-4711")
    assert client.login(phone="10012345678", password="weijia-4711")
    assert "荷风社区" in screen(client.get(reverse("home")))


def test_a_lost_link_is_issued_anew_but_not_for_who_has_a_password(cast):
    officer = browser_of(cast.city_officer)
    officer.post(NEW, typed(cast))
    made = Appointment.objects.get(user__phone="10012345678")
    url = reverse("appointment_link", args=[made.pk])
    officer.get(url)
    assert "/accounts/password/reset/" in screen(officer.post(url, follow=True))
    made.user.set_password("weijia-4711")
    made.user.save()
    refused = screen(officer.post(url, follow=True))
    assert sentence(Reason.HAS_PASSWORD) in refused
    assert "/accounts/password/reset/" not in refused


def test_a_person_with_a_password_gets_no_link(cast):
    person = UserFactory(name="李书记", phone="10012345678")
    person.set_password("weijia-4711")
    person.save()
    page = browser_of(cast.city_officer).post(NEW, typed(cast), follow=True)
    assert page.request["PATH_INFO"] == LIST
    assert person.appointments.filter(organization=cast.community).exists()


def test_what_is_refused_loses_nothing_that_was_typed(cast):
    UserFactory(name="王芳芳", phone="10012345678")
    page = screen(browser_of(cast.city_officer).post(NEW, typed(cast)))
    assert sentence(Reason.OTHER_NAME, phone="10012345678") in page
    assert 'value="李书记"' in page
    assert 'value="100 1234 5678"' in page
    assert "王芳芳" not in page


@pytest.mark.parametrize(
    "changed",
    [
        {"phone": "1381234567"},
        {"phone": ""},
        {"name": ""},
        {"name": "张3"},
        {"name": "长" * 41},
        {"starts_on": "2026-02-30"},
        {"starts_on": ""},
        {"ends_on": "gestern"},
        {"organization": ""},
        {"organization": "0"},
        {"organization": "x"},
    ],
)
def test_what_is_malformed_is_said_beside_its_field(cast, changed):
    page = browser_of(cast.city_officer).post(f"{NEW}?role=SECRETARY", typed(cast, **changed))
    assert set(page.context["form"].errors) == set(changed)
    assert not User.objects.filter(name="李书记").exists()


def test_only_organizations_that_go_with_the_role_are_offered(cast):
    client = browser_of(cast.city_officer)
    closed = CommunityFactory(parent=cast.street, closed_on="2026-01-01")
    for role, offered in (("SECRETARY", {cast.community, cast.other_community}), ("BRANCH_SECRETARY", {cast.compound})):
        form = client.get(NEW, {"role": role}).context["form"]
        assert set(form.fields["organization"].queryset) == offered
    page = client.post(f"{NEW}?role=SECRETARY", typed(cast, organization=closed.pk))
    assert set(page.context["form"].errors) == {"organization"}


def test_from_an_organizations_page_its_role_and_name_are_set(cast):
    page = browser_of(cast.city_officer).get(NEW, {"organization": cast.compound.pk, "role": "SECRETARY"})
    assert page.context["role"] == Role.BRANCH_SECRETARY
    assert f'value="{cast.compound.pk}" selected' in screen(page)


def test_a_city_officer_is_not_offered_to_be_appointed(cast):
    page = browser_of(cast.city_officer).get(NEW, {"role": "CITY_OFFICER"})
    assert page.context["role"] != Role.CITY_OFFICER
    assert f"?role={Role.INSPECTOR}" in screen(page)
    assert 'href="?role=CITY_OFFICER"' not in screen(page)


def test_own_and_city_officers_appointments_carry_no_buttons(cast):
    page = browser_of(cast.city_officer).get(LIST)
    assert cast.secretary.appointment.pk in page.context["changeable"]
    assert cast.city_officer.appointment.pk not in page.context["changeable"]


def test_ending_and_handing_over_from_the_page(cast):
    client, appointment = browser_of(cast.city_officer), cast.secretary.appointment
    url = reverse("appointment_end", args=[appointment.pk])
    past = client.post(url, {"on": today(days=-1).isoformat()})
    assert sentence(Reason.PAST_DAY) in screen(past)
    assert client.post(url, {"on": today(days=5).isoformat()}).status_code == 302
    appointment.refresh_from_db()
    assert appointment.ends_on == today(days=5)
    url = reverse("appointment_hand_over", args=[appointment.pk])
    assert client.post(url, typed(cast, starts_on=today(days=3).isoformat())).status_code == 302
    appointment.refresh_from_db()
    assert appointment.ends_on == today(days=2)
    assert Appointment.objects.get(user__name="李书记").starts_on == today(days=3)


def test_an_appointment_to_come_can_be_called_off(cast):
    coming = AppointmentFactory(organization=cast.community, starts_on=today(days=9))
    client, url = browser_of(cast.city_officer), reverse("appointment_end", args=[coming.pk])
    assert screen(client.get(url))
    client.post(url, {"on": today().isoformat()})
    assert not Appointment.objects.filter(pk=coming.pk).exists()
    assert client.get(url).status_code == 404


def test_another_role_posts_in_vain(cast):
    for role in ("secretary", "street_officer", "inspector", "member"):
        client = browser_of(getattr(cast, role))
        assert client.post(NEW, typed(cast)).status_code == 403
        url = reverse("appointment_link", args=[cast.second_secretary.appointment.pk])
        assert client.post(url).status_code == 403
    assert not User.objects.filter(phone="10012345678").exists()
