"""One hat at a time: a person with several acts under one of them, and they never add up."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.access import Ability, Actor, actor_of, hats_of
from accounts.models import Appointment, CheckIn, Role
from tests.browsing import browser_of, queries_of, screen
from tests.factories import (
    AppointmentFactory,
    CommunityFactory,
    MemberFactory,
    ShiftFactory,
    TaskFactory,
    WishFactory,
)

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def both(cast):
    """A member of the community who is its secretary too."""
    user = cast.secretary.user
    MemberFactory(user=user, unit=cast.unit, community=cast.community)
    return user


def key_of(user, role):
    return next(key for key, actor in hats_of(user) if actor.role == role)


def test_hats_never_add_up(both):
    secretary, member = actor_of(both, key_of(both, Role.SECRETARY)), actor_of(both, "member")
    assert Ability.CLAIM in member.abilities
    assert not secretary.abilities & member.abilities
    assert member.home_paths == member.unit_paths == ()
    assert secretary.member is None


def test_two_appointments_do_not_add_up_either(cast):
    user = cast.secretary.user
    AppointmentFactory(user=user, organization=cast.other_community)
    here = actor_of(user, f"appointment-{cast.secretary.appointment.pk}")
    assert here.can(Ability.CONFIRM, cast.community)
    assert not here.can(Ability.CONFIRM, cast.other_community)


def test_a_secretary_does_not_claim_and_a_member_does_not_accept(both, cast):
    shift = ShiftFactory(task=TaskFactory(publisher=cast.community))
    wish = WishFactory(community=cast.community)
    as_secretary, as_member = browser_of(cast.secretary), browser_of(Actor(user=both, member=both.member))
    assert as_secretary.post(reverse("shift_claim", args=[shift.pk])).status_code == 403
    assert as_member.post(reverse("wish_accept", args=[wish.pk])).status_code == 403
    assert as_member.post(reverse("shift_claim", args=[shift.pk])).status_code == 302
    assert as_secretary.post(reverse("wish_accept", args=[wish.pk])).status_code == 302


def test_the_switcher_shows_which_hat_is_worn_and_changes_it(both, cast):
    client = browser_of(cast.secretary)
    assert client.get(reverse("claims")).status_code == 403
    assert 'value="member"' in screen(client.get(reverse("me")))
    assert client.post(reverse("hat"), {"hat": "member"}).status_code == 302
    assert screen(client.get(reverse("claims")))
    assert client.get(reverse("wish_queue")).status_code == 403


def test_a_hat_of_somebody_else_is_not_found_and_changes_nothing(both, cast):
    client = browser_of(cast.secretary)
    for key in ("", "member ", f"appointment-{cast.other_secretary.appointment.pk}", "appointment-0", "\u0000"):
        assert client.post(reverse("hat"), {"hat": key}).status_code == 404
    assert screen(client.get(reverse("wish_queue")))


def test_a_hat_that_has_ended_falls_back_to_one_in_force(both, cast):
    client = browser_of(cast.secretary)
    appointment = cast.secretary.appointment
    appointment.starts_on, appointment.ends_on = "2020-01-01", "2020-12-31"
    appointment.save()
    assert client.get(reverse("wish_queue")).status_code == 403
    assert screen(client.get(reverse("claims")))


@pytest.mark.parametrize(("ends", "worn"), [(-1, False), (0, True), (1, True)])
def test_the_last_day_still_counts(both, cast, ends, worn):
    appointment = cast.secretary.appointment
    appointment.ends_on = timezone.localdate() + timedelta(days=ends)
    appointment.save()
    assert browser_of(cast.secretary).get(reverse("wish_queue")).status_code == (200 if worn else 403)


def test_what_was_written_under_an_ended_hat_is_not_done_under_another(cast):
    """At midnight of the last day the form is still open; the other community must not answer for it."""
    user, wish = cast.secretary.user, WishFactory(community=cast.other_community)
    other = AppointmentFactory(user=user, organization=cast.other_community)
    cast.secretary.appointment.ends_on = "2026-12-31"
    cast.secretary.appointment.save()
    with time_machine.travel(datetime(2026, 12, 31, 23, 59, tzinfo=SHANGHAI), tick=False):
        client = browser_of(cast.secretary)
        assert client.get(reverse("wish_queue")).status_code == 200
    with time_machine.travel(datetime(2027, 1, 1, 0, 1, tzinfo=SHANGHAI), tick=False):
        response = client.post(reverse("wish_accept", args=[wish.pk]), follow=True)
        assert response.redirect_chain == [(reverse("home"), 302)]
        assert str(other) in str(next(iter(response.context["messages"])))
        wish.refresh_from_db()
        assert wish.status == "NEW"
        client.post(reverse("wish_accept", args=[wish.pk]))
        wish.refresh_from_db()
        assert wish.status == "ACCEPTED", "told once, they go on under the hat that is left"


def test_under_an_ended_hat_one_can_still_switch_and_leave(both, cast):
    client = browser_of(cast.secretary)
    Appointment.objects.filter(user=both).update(ends_on=timezone.localdate() - timedelta(days=1))
    assert client.post(reverse("hat"), {"hat": "member"}).headers["Location"] == reverse("home")
    assert client.session["hat"] == "member"


def test_an_ended_hat_that_was_the_only_one_leaves_a_resident(cast):
    client = browser_of(cast.secretary)
    Appointment.objects.filter(user=cast.secretary.user).update(ends_on=timezone.localdate() - timedelta(days=1))
    assert client.get(reverse("wish_queue")).status_code == 403
    assert screen(client.get(reverse("home")))


def test_the_switcher_is_on_every_page_and_names_role_and_organization(both, cast):
    AppointmentFactory(user=both, organization=cast.other_community)
    client = browser_of(cast.secretary)
    for page in ("me", "notices", "wish_queue", "home"):
        top = screen(client.get(reverse(page))).split("</header>")[0]
        assert top.count('name="hat"') == 3
        for organization in ("荷风社区", "枕溪社区"):
            assert f"{organization} · {Role.SECRETARY.label}" in top
    assert client.post(reverse("hat"), {"hat": "member"}).status_code == 302
    assert 'value="member" aria-current="true"' in screen(client.get(reverse("claims")))


def test_with_one_hat_there_is_nothing_to_switch(cast):
    top = screen(browser_of(cast.secretary).get(reverse("me"))).split("</header>")[0]
    assert 'name="hat"' not in top
    assert "<span>荷风社区</span>" in top
    assert str(Role.SECRETARY.label) in top
    client = Client()
    assert 'class="hat"' not in screen(client.get(reverse("communities")))


def test_the_hats_cost_the_same_for_two_and_for_thirty(cast):
    AppointmentFactory(user=cast.secretary.user, organization=cast.other_community)
    client, url = browser_of(cast.secretary), reverse("me")
    two = queries_of(client, url)
    for _ in range(28):
        AppointmentFactory(user=cast.secretary.user, organization=CommunityFactory(parent=cast.street))
    assert queries_of(client, url) == two


def test_what_is_done_keeps_the_hat(both, cast):
    newcomer = MemberFactory()
    check_in = CheckIn.objects.create(member=newcomer, community=cast.community, unit=cast.unit, address="2-202")
    browser_of(cast.secretary).post(reverse("check_in_approve", args=[check_in.pk]))
    moved = both.records.get(subject_id=check_in.pk, new_status="APPROVED")
    assert moved.appointment == cast.secretary.appointment


def test_the_inbox_is_one_for_the_person_under_any_hat(both, cast):
    both.notices.create(kind="CHECK_IN_APPROVED", params={"community": "荷风社区"})
    for hat in (cast.secretary, Actor(user=both, member=both.member)):
        assert "荷风社区" in screen(browser_of(hat).get(reverse("notices")))
