"""After two communities have become one: what was published, asked and served before is finished by the new one."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.actions.community import merge_community
from accounts.actions.organization import close_organization
from accounts.models import Appointment, CheckIn, Notice, Organization, Record
from accounts.refusals import Reason as AccountsReason
from flags.actions.confirm import confirm_claim, settle_shift
from flags.actions.reminder import chase_unconfirmed_shifts
from flags.models import FlagAward
from flags.queries.city import community_figures
from flags.queries.confirm import shifts_to_settle
from tasks.actions.attendance import take_ticks
from tasks.actions.claim import claim_shift, who_sees_claims, withdraw_claim
from tasks.actions.organization import refuse_open_group_requests
from tasks.actions.steward_application import apply_for_post
from tasks.actions.steward_log import confirm_log
from tasks.actions.suggestion_answer import decide_suggestion, tell_outcome
from tasks.actions.task import publish_task
from tasks.actions.wish import send_wish
from tasks.actions.wish_triage import accept_wish
from tasks.models import Claim, GroupRequest, HelperGroup, Shift, Suggestion, Task, Wish
from tasks.queries.task import audiences_of, shifts_open_to
from tasks.queries.wish import wishes_to_handle
from tasks.refusals import Reason
from tests.browsing import browser_of, screen
from tests.factories import (
    ClaimFactory,
    CommunityFactory,
    GroupRequestFactory,
    HelperGroupFactory,
    MemberFactory,
    ShiftFactory,
    StewardLogFactory,
    StewardPostFactory,
    SuggestionFactory,
    TaskFactory,
    WishFactory,
)
from tests.flags.ledger import award
from tests.tasks.day_world import place_in, says, shift_of_today, tap
from vanguard.lib.refused import Refused

pytestmark = pytest.mark.django_db
ATTENDED = Claim.Status.ATTENDED


def merge(cast) -> None:
    merge_community(cast.community, into=cast.other_community, by=cast.city_officer)
    for organization in (cast.community, cast.other_community, cast.compound, cast.other_secretary.organization):
        organization.refresh_from_db()
    for actor in (cast.member, cast.other_member):
        actor.member.refresh_from_db()


def past_claim(cast, **days) -> Claim:
    starts_at = timezone.now() - timedelta(**(days or {"days": 2}))
    shift = ShiftFactory(task=TaskFactory(publisher=cast.community, flag_value=2), starts_at=starts_at)
    return ClaimFactory(shift=shift, member=cast.member.member)


def test_a_shift_that_ended_before_is_confirmed_by_the_new_secretary(cast):
    claim = past_claim(cast)
    merge(cast)
    assert list(shifts_to_settle(cast.other_secretary, timezone.now())) == [claim.shift]
    page = browser_of(cast.other_secretary).get(reverse("confirm_shift", args=[claim.shift_id]))
    assert cast.member.user.name in screen(page)
    confirm_claim(claim, by=cast.other_secretary)
    assert FlagAward.objects.get().community == cast.community, "the community of the day of service"


def test_a_service_on_the_day_of_the_merger_counts_for_the_new_one(cast):
    merge(cast)
    shift = ShiftFactory(
        task=TaskFactory(publisher=cast.community),
        starts_at=timezone.now() - timedelta(minutes=2),
        ends_at=timezone.now() - timedelta(minutes=1),
    )
    claim = ClaimFactory(shift=shift, member=cast.member.member)
    settle_shift(shift, {claim.pk: ATTENDED}, by=cast.other_secretary)
    assert FlagAward.objects.get().community == cast.other_community


def test_flags_stay_and_places_stay_taken(cast):
    lit = award(cast, cast.member.member, timezone.localdate())
    shift = ShiftFactory(task=TaskFactory(publisher=cast.community))
    claim = claim_shift(shift, by=cast.member)
    merge(cast)
    claim.refresh_from_db()
    lit.refresh_from_db()
    assert (claim.status, lit.community) == (Claim.Status.HELD, cast.community)
    assert lit in FlagAward.objects.visible_to(cast.other_secretary)
    withdraw_claim(claim, by=cast.member)


def test_what_is_open_for_the_old_members_is_open_for_all_and_what_is_over_stays(cast):
    tasks = {status: TaskFactory(publisher=cast.community, status=status) for status in Task.Status}
    wide = TaskFactory(publisher=cast.community, audience=cast.city)
    branch = TaskFactory(publisher=cast.compound)
    merge(cast)
    for status, task in tasks.items():
        task.refresh_from_db()
        over = status in (Task.Status.CLOSED, Task.Status.CANCELLED)
        assert task.audience == (cast.community if over else cast.other_community)
        assert task.publisher == cast.community
    wide.refresh_from_db()
    branch.refresh_from_db()
    assert (wide.audience, branch.audience) == (cast.city, cast.compound)
    carried = Record.objects.filter(subject_type__model="task", verb="carried over").values_list(
        "subject_id", flat=True
    )
    assert len(carried) == 3


def test_helper_groups_are_those_of_the_new_one_and_names_stay_apart(cast):
    for community in (cast.community, cast.other_community):
        HelperGroup.objects.create(name="帮帮团", community=community, leader=cast.member.member)
    merge(cast)
    names = set(HelperGroup.objects.filter(community=cast.other_community).values_list("name", flat=True))
    assert len(names) == 2
    assert "帮帮团" in names
    assert all(name.startswith("帮帮团") for name in names)


def test_what_groups_offer_and_are_asked_for_goes_with_them_and_dissolved_ones_keep_their_names(cast):
    request = GroupRequestFactory(project__group=HelperGroupFactory(community=cast.community, name="帮帮团"))
    gone = {"status": "DISSOLVED", "dissolved_at": timezone.now(), "end_reason": "人都搬走了。"}
    HelperGroupFactory(community=cast.community, name="睦邻社", **gone)
    HelperGroupFactory(community=cast.other_community, name="睦邻社")
    merge(cast)
    names = HelperGroup.objects.filter(community=cast.other_community).values_list("name", flat=True)
    assert sorted(names) == ["帮帮团", "睦邻社", "睦邻社"]
    assert GroupRequest.objects.visible_to(cast.other_secretary).get() == request


def test_a_request_that_a_group_has_not_ended_keeps_a_community_from_closing(cast):
    GroupRequestFactory(project__group__community=cast.other_community)
    with pytest.raises(Refused) as caught:
        refuse_open_group_requests(cast.other_community)
    assert (caught.value.reason, caught.value.details) == (Reason.REQUESTS_OPEN, {"n": 1})
    refuse_open_group_requests(cast.community)


def test_long_names_of_helper_groups_stay_apart_too(cast):
    Organization.objects.filter(pk=cast.community.pk).update(name="荷风" * 10)
    for community in (cast.community, cast.other_community):
        for n in range(11):
            HelperGroup.objects.create(name="帮" * 25 + f"{n}", community=community, leader=cast.member.member)
    merge(cast)
    assert HelperGroup.objects.filter(community=cast.other_community).count() == 22


def test_undecided_suggestions_pass_to_the_new_one_which_reads_all(cast):
    suggestions = {status: SuggestionFactory(community=cast.community, status=status) for status in Suggestion.Status}
    merge(cast)
    for status, suggestion in suggestions.items():
        suggestion.refresh_from_db()
        decided = status in Suggestion.DECIDED
        assert suggestion.community == (cast.community if decided else cast.other_community)
        if decided:
            tell_outcome(suggestion, words="都办好了。", by=cast.other_secretary)
    decide_suggestion(suggestions["NEW"], "ADOPTED", reason="好", by=cast.other_secretary)


def test_steward_posts_are_those_of_the_new_one_and_stay_apart_and_held(cast):
    member = cast.member.member
    own, theirs = (
        StewardPostFactory(compound=place, subject="广场", kind="FACILITY_CARE")
        for place in (cast.community, cast.other_community)
    )
    closed = StewardPostFactory(compound=cast.community, subject="广场", kind="FACILITY_CARE", status="CLOSED")
    held = StewardPostFactory(compound=cast.compound, holder=member)
    log = StewardLogFactory(post=held, member=member)
    merge(cast)
    for post in (own, theirs, closed, held):
        post.refresh_from_db()
    assert {own.compound, theirs.compound, closed.compound} == {cast.other_community}
    assert own.subject.startswith("广场（荷风社区")
    assert (theirs.subject, closed.subject) == ("广场", "广场")
    assert (held.compound, held.terms.current().get().member) == (cast.compound, member)
    apply_for_post(theirs, by=cast.member)
    confirm_log(log, by=cast.other_secretary)


def test_both_old_and_new_members_take_its_places(cast):
    shifts = [ShiftFactory(task=TaskFactory(publisher=place)) for place in (cast.community, cast.compound)]
    merge(cast)
    now = timezone.now()
    assert set(shifts_open_to(cast.member.member, now)) == set(shifts)
    assert set(shifts_open_to(cast.other_member.member, now)) == {shifts[0]}
    shifts = list(Shift.objects.order_by("pk"))
    assert claim_shift(shifts[0], by=cast.other_member).community == cast.other_community
    assert claim_shift(shifts[1], by=cast.member).community == cast.other_community


def test_unfinished_wishes_pass_to_the_new_one_and_the_others_stay_in_sight(cast):
    task = TaskFactory(publisher=cast.community)
    wishes = {status: WishFactory(community=cast.community, status=status, task=task) for status in Wish.Status}
    merge(cast)
    answered = {Wish.Status.DECLINED, Wish.Status.MERGED, Wish.Status.DONE}
    for status, wish in wishes.items():
        wish.refresh_from_db()
        assert wish.community == (cast.community if status in answered else cast.other_community)
    seen = Wish.objects.visible_to(cast.other_secretary)
    assert set(seen) == set(Wish.objects.all()) >= set(wishes.values())
    assert wishes[Wish.Status.NEW] in wishes_to_handle(cast.other_secretary)
    accept_wish(wishes[Wish.Status.NEW], by=cast.other_secretary)
    page = browser_of(cast.other_secretary).get(reverse("wish", args=[wishes[Wish.Status.DONE].pk]))
    assert screen(page)


def test_a_resident_follows_the_wish_and_finds_the_new_telephone(cast):
    type(cast.community).objects.filter(pk=cast.other_community.pk).update(phone="000-0000002")
    wish = WishFactory(community=cast.community, status=Wish.Status.DONE, task=TaskFactory(publisher=cast.community))
    merge(cast)
    client = Client()
    client.post(reverse("wish_track"), {"number": wish.number, "phone": "10088888888"})
    page = screen(client.get(reverse("wish_tracked", args=[wish.number])))
    assert "000-0000002" in page
    assert "枕溪社区" in page


def test_a_wish_sent_from_the_old_poster_reaches_the_new_one(cast):
    merge(cast)
    said = {
        "category": "REPAIR",
        "text": "灯不亮",
        "name": "李奶奶",
        "phone": "10088888888",
        "consent": "on",
        "sent_once": "11111111-1111-4111-8111-111111111111",
    }
    assert Client().post(reverse("wish_new", args=["330001"]), said).status_code == 302
    assert Wish.objects.get().community == cast.other_community


def test_the_old_one_takes_nothing_new_though_its_people_act_until_tonight(cast):
    merge(cast)
    cast.secretary.organization.refresh_from_db()
    assert audiences_of(cast.community) == []
    with pytest.raises(Refused) as refused:
        publish_task(by=cast.secretary, audience=cast.community, shifts=[])
    assert refused.value.reason == Reason.FOREIGN_AUDIENCE
    with pytest.raises(Refused) as refused:
        send_wish(cast.community, category="REPAIR", text="灯", name="李", phone="10088888888", by=cast.member)
    assert refused.value.reason == Reason.COMMUNITY_CLOSED
    assert screen(browser_of(cast.secretary).get(reverse("task_new")))


def test_late_withdrawals_and_chasers_reach_the_new_secretary(cast):
    claim = past_claim(cast, days=9)
    merge(cast)
    Appointment.objects.filter(organization=cast.community).update(ends_on=timezone.localdate() - timedelta(days=1))
    assert who_sees_claims(claim.shift.task.publisher) == [cast.other_secretary.user]
    chase_unconfirmed_shifts()
    told = Notice.objects.filter(kind=Notice.Kind.SHIFT_UNCONFIRMED).values_list("user", flat=True)
    assert list(told) == [cast.other_secretary.user.pk]


def test_where_the_only_secretary_is_the_member_concerned_the_city_confirms(cast):
    shift = past_claim(cast).shift
    MemberFactory(user=cast.other_secretary.user, community=cast.other_community)
    own = ClaimFactory(shift=shift, member=cast.other_secretary.user.member)
    merge(cast)
    Appointment.objects.filter(organization=cast.community).update(ends_on=timezone.localdate() - timedelta(days=1))
    assert list(shifts_to_settle(cast.city_officer, timezone.now())) == [shift]
    confirm_claim(own, by=cast.city_officer)
    assert FlagAward.objects.get().member == own.member


def test_the_citys_figures_count_the_old_one_for_its_flags_only(cast):
    year = timezone.localdate().year
    past_claim(cast)
    WishFactory(community=cast.community, status=Wish.Status.REOPENED)
    merge(cast)

    def rows():
        (street,) = community_figures(cast.city_officer, year)
        return {
            r.community.name: (r.members, r.open_tasks, r.wishes, r.unconfirmed, r.flags) for r in street.communities
        }

    assert rows() == {"枕溪社区": (2, 1, 1, 1, 0)}
    award(cast, cast.member.member, timezone.localdate())
    assert rows() == {"荷风社区": (0, 0, 0, 0, 1), "枕溪社区": (2, 1, 1, 1, 0)}
    assert screen(browser_of(cast.city_officer).get(reverse("city_figures")))


def test_the_pages_of_the_new_secretary_show_what_the_old_one_left(cast):
    past_claim(cast)
    WishFactory(community=cast.community)
    CheckIn.objects.create(member=MemberFactory(), community=cast.community, unit=cast.unit, address="1")
    merge(cast)
    client = browser_of(cast.other_secretary)
    for page in ("home", "check_in_queue", "members", "wish_queue", "task_list", "confirm_list"):
        assert screen(client.get(reverse(page)))
    assert cast.member.user.name in screen(client.get(reverse("members")))


# --- work that keeps an organization open ---------------------------------------------------


def refused(why, organization, by) -> None:
    with pytest.raises(Refused) as caught:
        close_organization(organization, by=by)
    assert caught.value.reason == why
    assert "1" in caught.value.sentence
    organization.refresh_from_db()
    assert organization.closed_on is None


def test_open_tasks_unfinished_wishes_and_unconfirmed_shifts_keep_it_open(cast):
    empty, by = CommunityFactory(parent=cast.street), cast.city_officer
    task = TaskFactory(publisher=empty)
    refused(Reason.TASKS_OPEN, empty, by)
    Task.objects.filter(pk=task.pk).update(status=Task.Status.CLOSED)
    wish = WishFactory(community=empty)
    refused(Reason.WISHES_UNFINISHED, empty, by)
    Wish.objects.filter(pk=wish.pk).update(status=Wish.Status.FULFILLED, task=task)
    shift = ShiftFactory(task=task, starts_at=timezone.now() - timedelta(days=1), status=Shift.Status.ENDED)
    claim = ClaimFactory(shift=shift)
    refused(Reason.SHIFTS_UNCONFIRMED, empty, by)
    Claim.objects.filter(pk=claim.pk).update(status=Claim.Status.ABSENT)
    asked = GroupRequestFactory(project__group=HelperGroupFactory(community=empty, leader=cast.member.member))
    refused(Reason.REQUESTS_OPEN, empty, by)
    GroupRequest.objects.filter(pk=asked.pk).update(status=GroupRequest.Status.WITHDRAWN)
    close_organization(empty, by=by)


def test_what_the_merged_one_left_keeps_the_new_one_open(cast):
    past_claim(cast)
    merge(cast)
    refused(AccountsReason.IN_USE_BELOW, cast.other_community, cast.city_officer)
    page = browser_of(cast.city_officer).get(reverse("organization_close", args=[cast.other_community.pk]))
    assert len(page.context["obstacles"]) == 4


def test_the_day_of_an_old_shift_is_kept_by_the_new_secretary_and_what_was_ticked_stays(cast):
    shift = shift_of_today(cast.community)
    claim = place_in(shift, cast)
    take_ticks(shift, [tap(claim, "ABSENT", at=timezone.now() - timedelta(minutes=1))], by=cast.secretary)
    merge(cast)
    shift.task.publisher.refresh_from_db()
    assert claim.member.user.name in screen(browser_of(cast.other_secretary).get(reverse("day", args=[shift.pk])))
    take_ticks(shift, [tap(claim, "EXCUSED")], by=cast.other_secretary)
    assert (says(claim), claim.ticks.count()) == ("EXCUSED", 2)
