"""One person with two accounts: flags of both count once and together, and the ledger stays as it is."""

from datetime import date, time, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.actions.approval import approve_check_in
from accounts.actions.check_in import Details, submit_check_in
from accounts.models import CheckIn, Exemption, Member, Notice, Record, RosterEntry, Skill, UnitMembership, User
from accounts.queries.member_duplicate import pairs_alike
from accounts.refusals import Reason as AccountsReason
from flags.actions.confirm import settle_shift
from flags.actions.member_merge import merge_members, tell_members_apart
from flags.models import FlagAward
from flags.queries.compliance import compliance_rows, compliance_summary
from flags.queries.unit import earned_together, unit_members
from flags.queries.wall import progress_of, wall_of
from flags.refusals import Reason
from tasks.actions.attendance import take_ticks
from tasks.actions.walk_in import add_walk_in
from tasks.models import CalendarAddress, Claim, FitOffer, GroupMembership, HelperGroup, StewardApplication, Suggestion
from tasks.refusals import Reason as TasksReason
from tests.browsing import browser_of, queries_of, screen
from tests.conftest import member_actor
from tests.factories import (
    ClaimFactory,
    GroupRequestFactory,
    HelperGroupFactory,
    MemberFactory,
    ShiftFactory,
    StewardLogFactory,
    StewardPostFactory,
    SuggestionFactory,
)
from tests.flags.ledger import award
from tests.storm import ROUNDS, at_once, reasons
from tests.tasks.day_world import HOUR, says, shift_of_today, tap
from vanguard.lib.refused import Refused

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate


def twin_of(cast, **changed):
    """The same name in the same unit, under another phone."""
    fields = {"user__name": cast.member.user.name, "unit": cast.unit, "community": cast.community, **changed}
    return MemberFactory(**fields)


@pytest.fixture
def twin(cast):
    return twin_of(cast)


def lit(cast, member, value=1, served_on=None):
    return award(cast, member, served_on or TODAY(), value=value)


def refused(why, act, *args, **kwargs):
    before = Record.objects.count(), Notice.objects.count()
    with pytest.raises(Refused) as caught:
        act(*args, **kwargs)
    assert caught.value.reason == why
    assert caught.value.sentence
    assert (Record.objects.count(), Notice.objects.count()) == before


def test_flags_of_both_count_for_the_one_that_is_kept(cast, twin):
    kept, year = cast.member.member, TODAY().year
    lit(cast, kept, 2)
    lit(cast, twin, 3, date(year, 1, 1))
    before = list(FlagAward.objects.order_by("pk").values())
    merge_members(kept, twin, by=cast.city_officer)
    assert list(FlagAward.objects.order_by("pk").values()) == before, "the ledger is untouched"
    (row,) = [row for row in compliance_rows(cast.unit.path, year) if row.name == kept.user.name]
    assert (row.member_id, row.flags, row.services) == (kept.pk, 5, 2)
    assert [unit.members for unit in compliance_summary(cast.unit.path, year)] == [1]
    assert progress_of(kept, year).lit == 5
    assert [award.value for award in wall_of(kept, year)] == [2, 3] or TODAY() == date(year, 1, 1)
    assert sum(earned_together(unit_members(cast.unit, year), year).months) == 5


def test_last_years_flags_count_together_too(cast, twin):
    last = TODAY().year - 1
    lit(cast, twin, 3, date(last, 5, 1))
    merge_members(cast.member.member, twin, by=cast.city_officer)
    assert [row.flags for row in compliance_rows(cast.unit.path, last)] == [3]


def test_the_member_sees_the_flags_of_both(cast, twin):
    lit(cast, twin, 3)
    merge_members(cast.member.member, twin, by=cast.city_officer)
    assert FlagAward.objects.visible_to(member_actor(cast.member.member)).count() == 1
    number = cast.member.member.number
    page = screen(browser_of(cast.unit_officer).get(reverse("unit_member", args=[number])))
    assert "3 ⚑" in page


def test_the_other_account_is_closed_and_its_history_kept(cast, twin):
    claim = ClaimFactory(member=twin, status=Claim.Status.CONFIRMED)
    merge_members(cast.member.member, twin, by=cast.city_officer)
    twin.refresh_from_db()
    twin.user.refresh_from_db()
    assert (twin.merged_into, twin.home, twin.user.is_active) == (cast.member.member, None, False)
    assert twin.check_ins.get().status == CheckIn.Status.ENDED
    assert not UnitMembership.objects.on(TODAY()).filter(member=twin).exists()
    assert UnitMembership.objects.on(TODAY() - timedelta(days=1)).filter(member=twin).exists()
    assert Claim.objects.get(pk=claim.pk).member == twin
    assert cast.member.user.notices.get().kind == Notice.Kind.MEMBERS_MERGED


def test_what_the_day_said_stays_with_the_place_and_absent_can_still_be_put_right(cast, twin):
    shift = shift_of_today(cast.community, begun=3 * HOUR, status="SETTLED")
    claim = ClaimFactory(shift=shift, member=twin, status=Claim.Status.ABSENT)
    take_ticks(shift, [tap(claim)], by=cast.secretary)
    merge_members(cast.member.member, twin, by=cast.city_officer)
    assert says(claim) == "ATTENDED"
    settle_shift(shift, {claim.pk: "ATTENDED"}, by=cast.secretary, put_right={claim.pk: "ABSENT"})
    assert FlagAward.objects.get().member == twin
    assert progress_of(cast.member.member, TODAY().year).lit == 1


def test_who_keeps_the_list_puts_nothing_right_for_the_own_other_account(cast):
    """Nobody ticks or confirms what is their own, by whichever account they had the place."""
    own = MemberFactory(user=cast.secretary.user, unit=cast.unit, community=cast.community)
    twin = twin_of(cast, user__name=own.user.name)
    shift = shift_of_today(cast.community, begun=3 * HOUR, status="SETTLED")
    claim = ClaimFactory(shift=shift, member=twin, status=Claim.Status.ABSENT)
    merge_members(own, twin, by=cast.city_officer)
    [refusal] = take_ticks(shift, [tap(claim)], by=cast.secretary).values()
    assert refusal is not None
    assert refusal.reason == TasksReason.TICKED_ONESELF
    settle_shift(shift, {claim.pk: "ATTENDED"}, by=cast.secretary, put_right={claim.pk: "ABSENT"})
    assert not FlagAward.objects.exists()
    settle_shift(shift, {claim.pk: "ATTENDED"}, by=cast.second_secretary, put_right={claim.pk: "ABSENT"})
    assert FlagAward.objects.get().member == twin


def test_nobody_is_added_on_the_spot_for_hours_served_under_the_other_account(cast, twin):
    shift = shift_of_today(cast.community)
    for place in (shift, shift_of_today(cast.other_community)):
        other = twin_of(cast)
        ClaimFactory(shift=place, member=other, status=Claim.Status.CONFIRMED)
        kept = twin_of(cast)
        merge_members(kept, other, by=cast.city_officer)
        refused(TasksReason.WALK_IN_ELSEWHERE, add_walk_in, shift, kept, by=cast.secretary)


def test_exemptions_skills_and_roster_lines_pass_on(cast, twin):
    kept = cast.member.member
    Exemption.objects.create(member=twin, reason="ILLNESS", starts_on=date(2026, 1, 1))
    twin.skills.add(Skill.objects.create(name="电工"))
    here = RosterEntry.objects.create(unit=cast.unit, name="张小明", phone="10055550001", member=twin)
    mine = RosterEntry.objects.create(unit=cast.other_unit, name="张小明", phone="10055550002", member=kept)
    his = RosterEntry.objects.create(unit=cast.other_unit, name="张小明", phone="10055550003", member=twin)
    merge_members(kept, twin, by=cast.city_officer)
    assert Exemption.objects.get().member == kept
    assert [skill.name for skill in kept.skills.all()] == ["电工"]
    assert [RosterEntry.objects.get(pk=row.pk).member for row in (here, mine, his)] == [kept, kept, None]


def test_who_leads_a_group_leads_it_still_and_belongs_to_one_once(cast, twin):
    kept, agreed = cast.member.member, GroupMembership.Status.AGREED
    led, shared = (
        HelperGroup.objects.create(name=name, community=cast.community, leader=twin) for name in ("帮帮团", "睦邻社")
    )
    for group, member in ((led, twin), (shared, twin)):
        GroupMembership.objects.create(group=group, member=member, status=agreed)
    GroupMembership.objects.create(group=shared, member=kept)
    merge_members(kept, twin, by=cast.city_officer)
    assert set(HelperGroup.objects.values_list("leader", flat=True)) == {kept.pk}
    assert set(kept.group_memberships.values_list("group", "status")) == {(led.pk, agreed), (shared.pk, agreed)}
    assert list(twin.group_memberships.values_list("group", "status")) == [(shared.pk, "LEFT")]


@pytest.mark.parametrize(
    ("own", "others", "left"),
    [
        ("LEFT", "AGREED", "AGREED"),
        ("ASKED", "AGREED", "AGREED"),
        ("REFUSED", "ASKED", "ASKED"),
        ("DECLINED", "INVITED", "INVITED"),
        ("AGREED", "ASKED", "AGREED"),
    ],
)
def test_what_either_has_said_yes_to_or_is_asked_holds(cast, twin, own, others, left):
    kept, group = cast.member.member, HelperGroupFactory(community=cast.community)
    group.memberships.create(member=kept, status=own)
    group.memberships.create(member=twin, status=others)
    merge_members(kept, twin, by=cast.city_officer)
    assert set(group.memberships.filter(member__in=[kept, twin]).values_list("member", "status")) == {
        (kept.pk, left),
        (twin.pk, "LEFT"),
    }


def test_who_is_asked_to_lead_is_so_still_but_nobody_is_asked_to_follow_themselves(cast, twin):
    kept = cast.member.member
    one, own = HelperGroupFactory(next_leader=twin), HelperGroupFactory(leader=kept, next_leader=twin)
    theirs = HelperGroupFactory(leader=twin, next_leader=kept)
    request = GroupRequestFactory(project__group=one)
    request.people.add(twin)
    merge_members(kept, twin, by=cast.city_officer)
    for group, leader, asked in ((one, one.leader, kept), (own, kept, None), (theirs, kept, None)):
        group.refresh_from_db()
        assert (group.leader, group.next_leader) == (leader, asked)
    assert [*request.people.all()] == [kept]


def test_suggestions_are_answered_in_the_account_that_is_kept(cast, twin):
    suggestion = SuggestionFactory(community=cast.community, author=twin)
    merge_members(cast.member.member, twin, by=cast.city_officer)
    assert suggestion in Suggestion.objects.visible_to(cast.member)


def test_posts_applications_and_logs_pass_on_and_stand_once(cast, twin):
    kept = cast.member.member
    held, both, open_one = (StewardPostFactory(compound=cast.compound, holder=holder) for holder in (twin, kept, None))
    own, twice = StewardLogFactory(post=held, member=twin), StewardLogFactory(post=both, member=twin)
    StewardLogFactory(post=both, member=kept)
    for member in (kept, twin):
        StewardApplication.objects.create(post=open_one, member=member)
    merge_members(kept, twin, by=cast.city_officer)
    assert set(kept.steward_terms.current().values_list("post", flat=True)) == {held.pk, both.pk}
    assert sorted(kept.steward_applications.values_list("status", flat=True)) == ["APPLIED", "WITHDRAWN"]
    own.refresh_from_db()
    twice.refresh_from_db()
    assert (own.member, own.status) == (kept, "SUBMITTED")
    assert (twice.member, twice.status) == (twin, "RETURNED"), "one log a quarter counts"


def test_the_calendar_of_the_other_account_is_read_no_more(cast, twin):
    kept, closed = (
        CalendarAddress.objects.create(member=member, made_at=timezone.now()) for member in (cast.member.member, twin)
    )
    merge_members(cast.member.member, twin, by=cast.city_officer)
    assert list(CalendarAddress.objects.all()) == [kept]
    assert Client().get(closed.path).status_code == 404


def test_a_request_that_waits_goes_no_further(cast):
    twin = twin_of(cast, community=None)
    details = Details(community=cast.community, compound=None, unit=cast.unit, address="2-202")
    check_in = submit_check_in(twin.user, details, by=member_actor(twin))
    merge_members(cast.member.member, twin, by=cast.city_officer)
    check_in.refresh_from_db()
    assert check_in.status == CheckIn.Status.RETURNED


@pytest.mark.parametrize("status", ["WAITING", "OFFERED", "HELD", "ATTENDED", "PROPOSED"])
def test_with_open_places_it_waits(cast, twin, status):
    ClaimFactory(member=twin, status=status)
    refused(Reason.UNSETTLED_CLAIMS, merge_members, cast.member.member, twin, by=cast.city_officer)
    merge_members(twin, cast.member.member, by=cast.city_officer)


def test_the_one_that_is_checked_in_is_kept(cast):
    twin = twin_of(cast, community=None)
    refused(Reason.KEEP_THE_HOME, merge_members, twin, cast.member.member, by=cast.city_officer)


@pytest.mark.parametrize("changed", [{"user__name": "张晓明"}, {"unit": None}])
def test_only_who_is_alike_can_be_merged(cast, changed):
    other = twin_of(cast, **changed)
    refused(Reason.MEMBERS_NOT_ALIKE, merge_members, cast.member.member, other, by=cast.city_officer)
    refused(Reason.MEMBERS_NOT_ALIKE, tell_members_apart, cast.member.member, other, by=cast.city_officer)


def test_nobody_is_merged_with_oneself_or_twice(cast, twin):
    kept = cast.member.member
    refused(Reason.MEMBERS_NOT_ALIKE, merge_members, kept, kept, by=cast.city_officer)
    merge_members(kept, twin, by=cast.city_officer)
    stale = Member.objects.get(pk=twin.pk)
    refused(Reason.MERGED_ALREADY, merge_members, kept, stale, by=cast.city_officer)


def test_the_city_officer_does_not_merge_their_own_accounts(cast):
    mine = MemberFactory(user=cast.city_officer.user, unit=cast.unit)
    twin = MemberFactory(user__name=cast.city_officer.user.name, unit=cast.unit)
    refused(AccountsReason.ONESELF, merge_members, mine, twin, by=cast.city_officer)


@pytest.mark.parametrize("who", ["unit_officer", "secretary", "inspector", "street_officer", "member"])
def test_nobody_else_merges(cast, twin, who):
    with pytest.raises(PermissionDenied):
        merge_members(cast.member.member, twin, by=getattr(cast, who))
    with pytest.raises(PermissionDenied):
        tell_members_apart(cast.member.member, twin, by=getattr(cast, who))


def test_who_had_three_accounts_keeps_the_flags_of_all(cast, twin):
    third, year = twin_of(cast), TODAY().year
    lit(cast, twin, 3)
    merge_members(third, twin, by=cast.city_officer)
    merge_members(cast.member.member, third, by=cast.city_officer)
    assert progress_of(cast.member.member, year).lit == 3
    assert [row.flags for row in compliance_rows(cast.unit.path, year)] == [3]


def test_a_past_year_finds_the_unit_that_only_the_other_account_had(cast, twin):
    kept, last = cast.member.member, TODAY().year - 1
    UnitMembership.objects.filter(member=kept).update(starts_on=date(last + 1, 1, 1))
    lit(cast, twin, 3, date(last, 5, 1))
    merge_members(kept, twin, by=cast.city_officer)
    assert [(row.member_id, row.flags) for row in compliance_rows(cast.unit.path, last)] == [(kept.pk, 3)]
    times = list(kept.unit_memberships.order_by("starts_on").values_list("starts_on", "ends_on"))
    assert times == [(date(2020, 1, 1), date(last + 1, 1, 1)), (date(last + 1, 1, 1), None)]


def test_the_phone_of_the_closed_account_is_free_again(cast, twin):
    phone = twin.user.phone
    merge_members(cast.member.member, twin, by=cast.city_officer)
    details = Details(community=cast.community, compound=cast.compound, address="1-101", phone=phone)
    check_in = submit_check_in(cast.member.user, details, by=cast.member)
    approve_check_in(check_in, by=cast.secretary)
    cast.member.user.refresh_from_db()
    assert cast.member.user.phone == phone


def test_each_account_takes_its_choice_of_notices_with_it(cast, twin):
    night, none = (time(22), time(7)), (None, None)
    User.objects.filter(pk=twin.user_id).update(app_off=["CLAIM_MADE"], quiet_from=time(12), quiet_until=time(14))
    User.objects.filter(pk=cast.member.user.pk).update(
        mail_off=["UNIT_NEWS"], quiet_from=night[0], quiet_until=night[1]
    )
    merge_members(cast.member.member, twin, by=cast.city_officer)
    left = User.objects.values_list("app_off", "mail_off", "quiet_from", "quiet_until")
    assert left.get(pk=cast.member.user.pk) == ([], ["UNIT_NEWS"], *night)
    assert left.get(pk=twin.user_id) == ([], [], *none)


def test_an_account_that_nobody_can_open_is_not_the_one_to_keep(cast, twin):
    twin.user.is_active = False
    twin.user.save()
    refused(Reason.KEPT_IS_CLOSED, merge_members, twin, cast.member.member, by=cast.city_officer)


# --- the page --------------------------------------------------------------------------------


def test_a_pair_is_offered_until_it_is_told_apart(cast, twin):
    client, url = browser_of(cast.city_officer), reverse("member_duplicates")
    page = screen(client.get(url))
    assert twin.number in page
    assert twin.user.phone not in page, "the city sees phones masked"
    numbers = [cast.member.member.number, twin.number]
    for _ in range(2):
        client.post(reverse("members_distinct", args=numbers))
    assert twin.number not in screen(client.get(url))
    assert pairs_alike(cast.city_officer) == []
    assert Record.objects.filter(verb="told apart").count() == 2


def test_one_tap_merges_and_a_second_says_that_it_is_done(cast, twin):
    client = browser_of(cast.city_officer)
    merge = reverse("member_merge", args=[cast.member.member.number, twin.number])
    assert 'class="say success"' in screen(client.post(merge, follow=True))
    assert client.post(merge).status_code == 404, "the closed account is nobody's to see any more"


def test_the_page_costs_the_same_for_one_pair_and_for_thirty(cast, twin):
    client, url = browser_of(cast.city_officer), reverse("member_duplicates")
    one = queries_of(client, url)
    for n in range(29):
        for _ in range(2):
            MemberFactory(user__name=f"李雷{'甲乙丙丁戊己庚辛壬癸'[n % 10] * (1 + n // 10)}", unit=cast.unit)
    assert queries_of(client, url) == one


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("round", ROUNDS)
def test_two_who_merge_each_into_the_other_at_once_leave_one(cast, round):
    first, second = cast.member.member, twin_of(cast)
    outcomes = at_once(
        lambda: merge_members(first, second, by=cast.city_officer),
        lambda: merge_members(second, first, by=cast.city_officer),
    )
    assert len(reasons(outcomes)) == 1
    assert Member.objects.filter(pk__in=[first.pk, second.pk], merged_into=None).count() == 1


def test_what_either_account_likes_and_when_it_is_free_holds_for_the_one_that_is_left(cast, twin):
    kept, shifts = cast.member.member, ShiftFactory.create_batch(2)
    for member, said in ((kept, (1, 0, False)), (twin, (2, 4, True))):
        member.free_at, member.interests, member.told_what_fits = said
        member.save()
        FitOffer.objects.create(shift=shifts[0], member=member)
    FitOffer.objects.create(shift=shifts[1], member=twin)
    merge_members(kept, twin, by=cast.city_officer)
    for member, said in ((kept, (3, 4, True)), (twin, (0, 0, False))):
        member.refresh_from_db()
        assert (member.free_at, member.interests, member.told_what_fits) == said
    assert set(FitOffer.objects.values_list("member", "shift")) == {(kept.pk, shift.pk) for shift in shifts}
