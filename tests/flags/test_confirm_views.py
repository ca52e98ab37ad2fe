"""The secretary's list after a shift: one tap, once more, and everything a browser could send besides."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from flags.models import ComplianceReport, FlagAward
from flags.refusals import Reason
from tasks.models import Attendance, Claim, Mark, Shift
from tests.browsing import browser_of, queries_of, screen, sentence
from tests.factories import ClaimFactory, MemberFactory, ShiftFactory, TaskFactory
from vanguard.lib.saying import day_words, moment_words

pytestmark = pytest.mark.django_db
ATTENDED = Claim.Status.ATTENDED


@pytest.fixture
def shift(cast) -> Shift:
    return ShiftFactory(
        task=TaskFactory(publisher=cast.community), starts_at=timezone.now() - timedelta(hours=3), capacity=40
    )


def claims_of(cast, shift, n: int = 3) -> list[Claim]:
    members = MemberFactory.create_batch(n, unit=cast.unit, community=cast.community)
    return [ClaimFactory(shift=shift, member=member) for member in members]


def address(shift) -> str:
    return reverse("confirm_shift", args=[shift.pk])


def tap(actor, shift, **typed):
    sent = {"data": urlencode(typed), "content_type": "application/x-www-form-urlencoded"}
    return screen(browser_of(actor).post(address(shift), follow=True, **sent))


def marks(claims, mark=ATTENDED) -> dict[str, str]:
    return {f"mark-{claim.pk}": mark for claim in claims}


def confirmed(n: int) -> str:
    return ngettext("%(n)s service confirmed, flags lit.", "%(n)s services confirmed, flags lit.", n) % {"n": n}


def test_the_whole_shift_in_one_tap_and_the_second_confirms_nothing_more(cast, shift):
    claims = claims_of(cast, shift)
    assert address(shift) in screen(browser_of(cast.secretary).get(reverse("confirm_list")))
    assert confirmed(3) in tap(cast.secretary, shift, **marks(claims))
    assert confirmed(3) not in tap(cast.second_secretary, shift, **marks(claims))
    assert FlagAward.objects.count() == 3
    assert address(shift) not in screen(browser_of(cast.secretary).get(reverse("confirm_list")))


def test_one_alone_leaves_the_others_to_confirm(cast, shift):
    one, *others = claims_of(cast, shift)
    assert confirmed(1) in tap(cast.secretary, shift, only=one.pk, **marks([one, *others], "ABSENT"))
    assert list(FlagAward.objects.values_list("claim", flat=True)) == [one.pk]
    assert set(Claim.objects.exclude(pk=one.pk).values_list("status", flat=True)) == {"HELD"}


def test_confirming_one_twice_says_so(cast, shift):
    [one] = claims_of(cast, shift, 1)
    tap(cast.secretary, shift, only=one.pk)
    assert sentence(Reason.ALREADY_CONFIRMED) in tap(cast.second_secretary, shift, only=one.pk)


def test_who_was_marked_absent_cannot_be_confirmed_from_a_stale_page(cast, shift):
    [one, _] = claims_of(cast, shift, 2)
    tap(cast.secretary, shift, **marks([one], "ABSENT"))
    said = sentence(Reason.NOT_ATTENDED, name=one.member, state=Claim.Status.ABSENT.label)
    assert said in tap(cast.second_secretary, shift, only=one.pk)


def test_before_the_end_it_says_when(cast):
    shift = ShiftFactory(task=TaskFactory(publisher=cast.community))
    [one] = claims_of(cast, shift, 1)
    said = sentence(Reason.NOT_OVER, time=moment_words(shift.ends_at))
    assert said in tap(cast.secretary, shift, **marks([one]))
    assert said in tap(cast.secretary, shift, only=one.pk)
    assert not FlagAward.objects.exists()


def test_ones_own_service_is_not_in_the_list_and_a_forged_tap_says_why(cast, shift):
    own = ClaimFactory(shift=shift, member=MemberFactory(user=cast.secretary.user, community=cast.community))
    assert f"mark-{own.pk}" not in screen(browser_of(cast.secretary).get(address(shift)))
    assert sentence(Reason.ONESELF) in tap(cast.secretary, shift, only=own.pk)
    tap(cast.secretary, shift, **marks([own]))
    assert not FlagAward.objects.exists()
    assert f"mark-{own.pk}" in screen(browser_of(cast.second_secretary).get(address(shift)))


@pytest.mark.parametrize(
    "garbage",
    [
        {},
        {"mark-": "ATTENDED"},
        {"mark-x": "ATTENDED"},
        {"mark--1": "ATTENDED"},
        {"mark-0": "ATTENDED"},
        {"mark-²": "ATTENDED"},
        {"mark-" + "9" * 30: "ATTENDED"},
        {"mark-" + "9" * 5000: "ATTENDED"},
        {"mark-1\u0000": "ATTENDED"},
        {"1": "ATTENDED"},
    ],
    ids=lambda garbage: ascii(next(iter(garbage), ""))[:14],
)
def test_garbage_confirms_nothing_and_breaks_nothing(cast, shift, garbage):
    claims_of(cast, shift)
    tap(cast.secretary, shift, **garbage)
    assert set(Claim.objects.values_list("status", flat=True)) == {"HELD"}


@pytest.mark.parametrize("mark", ["CONFIRMED", "attended", "", "ATTENDED ", "\u0000", "长" * 5000])
def test_a_mark_that_does_not_exist_changes_nothing(cast, shift, mark):
    tap(cast.secretary, shift, **marks(claims_of(cast, shift), mark))
    assert set(Claim.objects.values_list("status", flat=True)) == {"HELD"}


@pytest.mark.parametrize("only", ["", "x", "-1", "0", "9" * 30, "9" * 5000, "1_0", "１", "1\u0000"])
def test_one_that_does_not_exist_is_not_found(cast, shift, only):
    claims_of(cast, shift, 12)
    assert browser_of(cast.secretary).post(address(shift), {"only": only}).status_code == 404
    assert not FlagAward.objects.exists()


def test_a_claim_of_another_shift_is_not_found(cast, shift):
    [elsewhere] = claims_of(cast, ShiftFactory(task=shift.task, starts_at=timezone.now() - timedelta(days=2)), 1)
    assert browser_of(cast.secretary).post(address(shift), {"only": elsewhere.pk}).status_code == 404


def test_a_branch_proposes_and_sees_that_nothing_is_left_to_do(cast):
    shift = ShiftFactory(task=TaskFactory(publisher=cast.compound), starts_at=timezone.now() - timedelta(hours=3))
    claims = claims_of(cast, shift, 2)
    tap(cast.branch, shift, **marks(claims))
    assert not FlagAward.objects.exists()
    page = screen(browser_of(cast.branch).get(address(shift)))
    assert "<select" not in page
    assert str(Claim.Status.PROPOSED.label) in page
    assert address(shift) in screen(browser_of(cast.secretary).get(reverse("confirm_list")))
    assert confirmed(2) in tap(cast.secretary, shift, **marks(claims))


def test_the_city_finds_an_only_secretarys_service_in_its_list(cast):
    shift = ShiftFactory(
        task=TaskFactory(publisher=cast.other_community), starts_at=timezone.now() - timedelta(hours=3)
    )
    own = ClaimFactory(
        shift=shift, member=MemberFactory(user=cast.other_secretary.user, community=cast.other_community)
    )
    ClaimFactory(shift=shift, member=cast.other_member.member)
    page = screen(browser_of(cast.city_officer).get(reverse("confirm_list")))
    assert address(shift) in page
    page = screen(browser_of(cast.city_officer).get(address(shift)))
    assert f"mark-{own.pk}" in page
    assert page.count("<select") == 1
    assert confirmed(1) in tap(cast.city_officer, shift, **marks([own]))


@pytest.mark.parametrize("who", ["secretary", "branch", "city_officer"])
def test_the_list_costs_the_same_for_one_shift_and_for_thirty(cast, who):
    publisher = cast.city if who == "city_officer" else cast.compound
    client, url = browser_of(getattr(cast, who)), reverse("confirm_list")

    def one_more() -> None:
        task = TaskFactory(publisher=publisher)
        claims_of(cast, ShiftFactory(task=task, starts_at=timezone.now() - timedelta(hours=3)), 1)

    one_more()
    one = queries_of(client, url)
    for _ in range(29):
        one_more()
    assert screen(client.get(url)).count('href="/confirm/') >= 30
    assert queries_of(client, url) == one


def test_a_shift_costs_the_same_for_one_claim_and_for_thirty(cast, shift):
    client = browser_of(cast.secretary)
    claims_of(cast, shift, 1)
    one = queries_of(client, address(shift))
    claims_of(cast, shift, 29)
    assert queries_of(client, address(shift)) == one


# --- what the day has left ------------------------------------------------------------------


def ticked(claim, mark) -> None:
    now = timezone.now()
    Attendance.objects.create(claim=claim, mark=mark, marked_at=now, by_user=claim.member.user)


def test_the_page_begins_with_what_was_ticked_and_who_was_not_ticked_is_left_open(cast, shift):
    came, away, signed_in, nobody_saw = claims_of(cast, shift, 4)
    ticked(came, "ATTENDED")
    ticked(away, "ABSENT")
    Attendance.objects.create(claim=signed_in, signed_in_at=shift.starts_at)
    lines = browser_of(cast.secretary).get(address(shift)).context["lines"]
    assert {line.claim: line.preset for line in lines} == {
        came: "ATTENDED",
        away: "ABSENT",
        signed_in: "ATTENDED",
        nobody_saw: "",
    }


def test_where_nobody_ticked_everybody_came(cast, shift):
    claims_of(cast, shift, 2)
    lines = browser_of(cast.secretary).get(address(shift)).context["lines"]
    assert {line.preset for line in lines} == {"ATTENDED"}


def test_who_was_absent_is_put_right_on_the_page_and_a_stale_page_is_not(cast, shift):
    [one, other] = claims_of(cast, shift, 2)
    tap(cast.secretary, shift, **marks([one, other], "ABSENT"))
    ticked(one, "ATTENDED")
    page = browser_of(cast.secretary).get(address(shift))
    assert gettext("on the day list: %(mark)s") % {"mark": Mark.ATTENDED.label} in screen(page)
    stale = {f"right-{other.pk}": "ATTENDED", f"was-{other.pk}": "EXCUSED"}
    tap(cast.secretary, shift, put_right="yes", **stale)
    assert not FlagAward.objects.exists()
    tap(cast.secretary, shift, put_right="yes", **{f"right-{one.pk}": "ATTENDED", f"was-{one.pk}": "ABSENT"})
    assert FlagAward.objects.get().claim == one
    tap(cast.secretary, shift, put_right="yes", **{f"right-{one.pk}": "", "right-x": "ABSENT"})
    other.refresh_from_db()
    assert other.status == "ABSENT"


def test_putting_one_right_leaves_those_alone_whom_the_staff_has_marked_against_the_day(cast, shift):
    """Who signed in and left at once was marked absent: the page proposes no flag for them beside another's."""
    [one, other] = claims_of(cast, shift, 2)
    Attendance.objects.create(claim=other, signed_in_at=shift.starts_at)
    tap(cast.secretary, shift, **marks([one, other], "ABSENT"))
    lines = browser_of(cast.secretary).get(address(shift)).context["not_there"]
    as_it_stands = {f"right-{line.claim.pk}": line.preset for line in lines}
    was = {f"was-{line.claim.pk}": line.claim.status for line in lines}
    tap(cast.secretary, shift, put_right="yes", **was, **as_it_stands | {f"right-{one.pk}": "ATTENDED"})
    assert FlagAward.objects.get().claim == one


def test_the_list_of_the_day_is_one_tap_away(cast, shift):
    claims_of(cast, shift, 1)
    day = reverse("day", args=[shift.pk])
    assert day in screen(browser_of(cast.secretary).get(address(shift)))
    assert day not in screen(browser_of(cast.city_officer).get(address(shift)))


# --- all at once, and what a refusal leaves -----------------------------------------------------


def presets(response) -> dict[Claim, str]:
    return {line.claim: line.preset for line in response.context["lines"]}


def test_all_present_ticks_them_all_without_a_script_and_confirms_nothing(cast, shift):
    claims = claims_of(cast, shift, 3)
    ticked(claims[0], "ABSENT")
    client = browser_of(cast.secretary)
    assert 'name="all_present"' in screen(client.get(address(shift)))
    answer = client.post(address(shift), {"all_present": "yes", **marks(claims[:1], "EXCUSED")})
    assert set(presets(answer).values()) == {"ATTENDED"}
    assert not FlagAward.objects.exists()
    assert confirmed(3) in tap(cast.secretary, shift, **marks(claims))


def test_one_alone_needs_no_button_for_all(cast, shift):
    claims_of(cast, shift, 1)
    assert 'name="all_present"' not in screen(browser_of(cast.secretary).get(address(shift)))


def test_what_a_branch_proposed_and_who_came_along_stand_beside_the_name(cast):
    shift = ShiftFactory(task=TaskFactory(publisher=cast.compound), starts_at=timezone.now() - timedelta(hours=3))
    one, other = claims_of(cast, shift, 2)
    Claim.objects.filter(pk=one.pk).update(companions=2)
    tap(cast.branch, shift, **marks([one]))
    ticked(other, "ABSENT")
    page = browser_of(cast.secretary).get(address(shift))
    assert presets(page) == {one: "ATTENDED", other: "ABSENT"}
    assert gettext("Proposed by the branch") in screen(page)
    assert ngettext("with %(n)s companion", "with %(n)s companions", 2) % {"n": 2} in screen(page)


# --- after the year's deadline ------------------------------------------------------------------


@pytest.fixture
def last_year(cast) -> Iterator[Shift]:
    """Over New Year's eve, and still not confirmed on February 1."""
    with time_machine.travel("2027-02-01T00:00:00+08:00", tick=False):
        task = TaskFactory(publisher=cast.community)
        yield ShiftFactory(task=task, starts_at=datetime(2026, 12, 31, 20, tzinfo=timezone.get_default_timezone()))


def test_after_the_deadline_the_community_reads_whom_to_ask_before_and_after_the_tap(cast, last_year):
    one, other = claims_of(cast, last_year, 2)
    page = browser_of(cast.secretary).get(address(last_year))
    assert presets(page) == {one: "", other: ""}
    assert "青澜市" in screen(page)
    said = sentence(Reason.YEAR_OVER, year=2026, city="青澜市", day=day_words(date(2027, 1, 31)))
    assert said in tap(cast.secretary, last_year, **marks([one, other]))
    assert not FlagAward.objects.exists()
    tap(cast.secretary, last_year, **marks([other], "ABSENT"))
    other.refresh_from_db()
    assert other.status == "ABSENT", "who was not there is still the community's to say"


def test_the_city_finds_it_says_why_and_confirms_it(cast, last_year):
    [one] = claims_of(cast, last_year, 1)
    assert address(last_year) in screen(browser_of(cast.city_officer).get(reverse("confirm_list")))
    assert 'name="why"' in screen(browser_of(cast.city_officer).get(address(last_year)))
    page = tap(cast.city_officer, last_year, **marks([one], "ATTENDED"), why=" ")
    assert sentence(Reason.YEAR_NEEDS_REASON, year=2026) in page
    assert not FlagAward.objects.exists()
    assert confirmed(1) in tap(cast.city_officer, last_year, **marks([one]), why="社区书记年底住院。")
    award = FlagAward.objects.get()
    assert (award.year, str(award.reason)) == (2026, "社区书记年底住院。")


def test_a_refusal_keeps_what_was_chosen(cast, last_year):
    one, other = claims_of(cast, last_year, 2)
    client = browser_of(cast.city_officer)
    answer = client.post(address(last_year), {**marks([one], "EXCUSED"), **marks([other]), "why": " "})
    assert presets(answer) == {one: "EXCUSED", other: "ATTENDED"}


def test_a_refusal_keeps_what_was_to_be_put_right(cast, last_year):
    one, other = claims_of(cast, last_year, 2)
    tap(cast.secretary, last_year, **marks([one, other], "ABSENT"))
    typed = {f"right-{one.pk}": "ATTENDED", f"was-{one.pk}": "ABSENT", f"was-{other.pk}": "ABSENT"}
    answer = browser_of(cast.city_officer).post(address(last_year), {"put_right": "yes", "why": " ", **typed})
    assert {line.claim: line.preset for line in answer.context["not_there"]} == {one: "ATTENDED", other: ""}
    assert '<option value="ATTENDED" selected>' in screen(answer)
    assert "<details open>" in screen(answer)


def test_until_the_last_minute_of_the_deadline_it_is_the_communitys(cast, last_year):
    claims = claims_of(cast, last_year, 2)
    with time_machine.travel("2027-01-31T23:59:59+08:00", tick=False):
        assert address(last_year) not in screen(browser_of(cast.city_officer).get(reverse("confirm_list")))
        page = browser_of(cast.secretary).get(address(last_year))
        assert page.context["confirm_by"] == date(2027, 1, 31)
        assert confirmed(2) in tap(cast.secretary, last_year, **marks(claims))
    assert set(FlagAward.objects.values_list("year", flat=True)) == {2026}


def test_a_shift_that_ends_in_the_new_year_is_the_new_years(cast, last_year):
    last_year.ends_at = datetime(2027, 1, 1, 2, tzinfo=timezone.get_default_timezone())
    last_year.save()
    claims = claims_of(cast, last_year, 2)
    assert confirmed(2) in tap(cast.secretary, last_year, **marks(claims))
    assert set(FlagAward.objects.values_list("year", "served_on")) == {(2027, date(2027, 1, 1))}


def test_once_the_reports_are_locked_it_is_the_citys_too(cast, last_year):
    claims = claims_of(cast, last_year, 1)
    with time_machine.travel("2027-01-20T12:00:00+08:00", tick=False):
        ComplianceReport.objects.create(
            unit=cast.unit,
            year=2026,
            as_of=date(2026, 12, 31),
            built_at=timezone.now(),
            status="LOCKED",
            number="2026-1",
            digest="0" * 64,
            locked_at=timezone.now(),
        )
        assert sentence(Reason.AWARD_IN_LOCKED_YEAR, year=2026, city="青澜市") in tap(
            cast.secretary, last_year, **marks(claims)
        )
        assert confirmed(1) in tap(cast.city_officer, last_year, **marks(claims), why="补登")


def test_who_had_two_accounts_is_told_in_the_one_that_is_left(cast, shift):
    gone = MemberFactory(merged_into=cast.member.member, user__is_active=False)
    claim = ClaimFactory(shift=shift, member=gone, status="EXCUSED")
    right, was = f"right-{claim.pk}", f"was-{claim.pk}"
    tap(cast.secretary, shift, put_right="yes", **{right: "ABSENT", was: "EXCUSED"})
    tap(cast.secretary, shift, put_right="yes", **{right: "ATTENDED", was: "ABSENT"})
    told = cast.member.user.notices.order_by("pk").values_list("kind", flat=True)
    assert list(told) == ["CLAIM_ABSENT", "CLAIM_CONFIRMED"]


def test_confirming_costs_as_many_queries_for_sixty_as_for_one(cast):
    client = browser_of(cast.secretary)

    def cost(n: int) -> int:
        shift = ShiftFactory(
            task=TaskFactory(publisher=cast.community), starts_at=timezone.now() - timedelta(hours=3), capacity=60
        )
        claims = claims_of(cast, shift, n)
        with CaptureQueriesContext(connection) as queries:
            client.post(address(shift), marks(claims))
        assert FlagAward.objects.filter(claim__in=claims).count() == n
        return len(queries)

    cost(1)
    assert cost(1) == cost(60)
