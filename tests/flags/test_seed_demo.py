"""seed_demo: a city in which every page has something to show, whatever the day."""

from datetime import date, datetime, timedelta
from random import Random
from unittest.mock import Mock
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.models import Count, Exists, F, OuterRef, Q, Sum
from django.utils import timezone

from accounts.access import actor_of, hats_of
from accounts.models import Appointment, CheckIn, Exemption, Member, Notice, Organization, RosterEntry, UnitNews, User
from accounts.queries.matching import counts_of
from accounts.queries.three_clear import Match, of_homes, of_units
from flags.models import ComplianceReport, ComplianceRow, Dossier, DossierOpinion, FlagAward
from flags.queries.digest import disagreeing
from flags.queries.service import services_by_community
from flags.seeding.ahead import Neighbourhood
from flags.seeding.offers import OFFERS
from flags.seeding.together import HOSTS
from tasks.models import (
    ActivityPhoto,
    ActivityReport,
    Attendance,
    BoundaryLine,
    Claim,
    GroupMembership,
    GroupRequest,
    HelperGroup,
    Shift,
    Suggestion,
    Task,
    Wish,
    WishPhoto,
    YearRule,
)
from tasks.models.task import Category
from tasks.queries.activity_report import reports_due
from tasks.queries.day import attendance_of, day_list, shifts_on
from tasks.queries.suggestion import late_suggestions
from tasks.queries.waiting import position_of
from tests.conftest import kept_until_the_end

NOON = datetime(2026, 11, 24, 12, tzinfo=ZoneInfo("Asia/Shanghai"))
ACCOUNTS = {
    "admin": ("", None),
    "city": ("CITY_OFFICER", "青澜市（演示）"),
    "street": ("STREET_OFFICER", "望澜街道"),
    "secretary": ("SECRETARY", "荷风社区"),
    "branch": ("BRANCH_SECRETARY", "荷风雅苑一期"),
    "officer": ("UNIT_OFFICER", "青澜市财政局"),
    "inspector": ("INSPECTOR", "青澜市（演示）"),
    "member": ("MEMBER", None),
}


@pytest.fixture(scope="class")
def demo(django_db_setup, django_db_blocker):
    """The demonstration city on a day in November, for all tests that only look at it."""
    with (
        django_db_blocker.unblock(),
        time_machine.travel(NOON, tick=False),
        kept_until_the_end(lambda: call_command("seed_demo")),
    ):
        yield


def stage() -> Organization:
    return Organization.objects.get(name="荷风社区")


def demo_member() -> Member:
    return Member.objects.get(user__username="member")


@pytest.mark.django_db
@pytest.mark.once
@pytest.mark.usefixtures("demo")
class TestDemo:
    def test_suggestions_stand_in_every_state_and_one_waits_too_long(self):
        suggestions = Suggestion.objects.filter(community=stage())
        assert set(suggestions.values_list("status", flat=True)) == set(Suggestion.Status)
        user = User.objects.get(username="secretary")
        assert late_suggestions(actor_of(user)).count() == 1
        assert suggestions.filter(author=demo_member()).count() == 2

    def test_the_past_is_told_about_but_for_one_activity_on_the_stage(self):
        secretary = actor_of(User.objects.get(username="secretary"))
        assert reports_due(secretary, timezone.now()).count() == 1
        reports = ActivityReport.objects.visible_to(secretary).published()
        assert reports.count() > 10
        assert ActivityPhoto.objects.filter(report__in=reports).exists()
        served = services_by_community((stage().path,), timezone.localdate().year - 1)[stage().pk]
        assert served.services > served.retired_services > 0

    def test_a_shift_is_going_on_and_half_of_it_is_ticked(self):
        [shift] = shifts_on(actor_of(User.objects.get(username="secretary")), timezone.localdate())
        assert shift.starts_at < timezone.now() < shift.ends_at
        said = {attendance_of(claim).says for claim in day_list(shift)}
        assert said == {"ATTENDED", "EXCUSED", "NONE"}
        assert Attendance.objects.filter(signed_in_at__lt=timezone.now()).count() == 3

    def test_the_members_last_year_is_sealed_and_an_opinion_waits_to_be_read(self):
        sealed = Dossier.objects.get()
        assert (sealed.member, sealed.year) == (demo_member(), timezone.localdate().year - 1)
        assert sealed.flags >= 6
        opinions = DossierOpinion.objects.filter(member=demo_member())
        assert set(opinions.values_list("kind", "status")) == {("COMMUNITY", "SHARED"), ("WORK_UNIT", "WITH_MEMBER")}

    def test_the_second_time_it_does_nothing(self, django_assert_max_num_queries, capsys):
        before = User.objects.count(), Task.objects.count()
        with django_assert_max_num_queries(1):
            call_command("seed_demo")
        assert len(capsys.readouterr().out.splitlines()) == 1
        assert (User.objects.count(), Task.objects.count()) == before

    def test_it_has_the_organizations_and_about_1100_members(self):
        kinds = dict(Organization.objects.values_list("kind").annotate(n=Count("pk")).order_by())
        assert (kinds["CITY"], kinds["STREET"], kinds["COMMUNITY"], kinds["WORK_UNIT"]) == (1, 5, 32, 102)
        assert Member.objects.checked_in().count() == 1100
        assert Member.objects.filter(retired_on__isnull=False).exists()
        assert Exemption.objects.exists()

    @pytest.mark.parametrize("username", ACCOUNTS)
    def test_each_account_logs_in_and_wears_its_hat(self, username):
        user = User.objects.get(username=username)
        actor = actor_of(user)
        organization = actor.organization.name if actor.organization else None
        assert user.check_password(settings.DEMO_PASSWORD)
        assert (actor.role, organization) == ACCOUNTS[username]

    def test_only_the_demo_accounts_can_log_in_and_only_one_is_admin(self):
        able = {user.username for user in User.objects.all() if user.has_usable_password()}
        assert able == set(ACCOUNTS)
        assert list(User.objects.filter(is_superuser=True).values_list("username", flat=True)) == ["admin"]

    def test_the_secretary_has_a_second_hat(self):
        secretary = User.objects.get(username="secretary")
        assert [actor.role for _, actor in hats_of(secretary)] == ["SECRETARY", "MEMBER"]
        assert secretary.member.home.parent == stage()

    def test_every_community_has_a_secretary(self):
        without = Organization.objects.communities().exclude(appointments__role="SECRETARY")
        assert not without.exists()
        assert 50 <= Appointment.objects.count() <= 70

    def test_the_member_has_three_of_five_and_something_to_look_forward_to(self):
        member, today = demo_member(), timezone.localdate()
        assert (str(member), member.home.name) == ("张晓明", "荷风雅苑一期")
        assert member.awards.filter(year=today.year).aggregate(sum=Sum("value"))["sum"] == 3
        waiting = Shift.objects.awaiting_confirmation(timezone.now()).filter(claims__member=member)
        assert waiting.count() == 1
        coming = member.claims.filter(status="HELD", shift__status="OPEN")
        timed = coming.exclude(shift__by_agreement=True)
        assert [timezone.localdate(claim.starts_at) - today for claim in timed] == [timedelta(1), timedelta(8)]
        assert coming.get(shift__by_agreement=True).starts_at is None
        assert Notice.objects.unread().filter(user=member.user).count() >= 3
        assert all(notice.text for notice in member.user.notices.all())

    def test_the_stage_has_work_for_its_secretary(self):
        community = stage()
        awaiting = Shift.objects.awaiting_confirmation(timezone.now()).published_within((community.path,))
        ended_on = {timezone.localdate() - timezone.localdate(shift.ends_at): shift.taken for shift in awaiting}
        assert ended_on[timedelta(1)] == 17
        assert max(ended_on) > timedelta(7)
        assert CheckIn.objects.pending().filter(community=community).count() == 12
        assert CheckIn.objects.filter(community=community, status="RETURNED").exclude(return_reason="").exists()

    def test_wishes_stand_in_every_state_and_every_category(self):
        wishes = Wish.objects.filter(community=stage())
        assert set(wishes.values_list("status", flat=True)) == set(Wish.Status.values)
        assert set(wishes.values_list("category", flat=True)) == set(Wish.Category.values)
        assert not wishes.filter(contact=None).exists()

    def test_a_claimed_wish_has_a_claim_and_a_published_one_a_free_place(self):
        held = Claim.objects.filter(shift__task=OuterRef("task"), status="HELD")
        assert not Wish.objects.filter(~Exists(held), status="CLAIMED").exists()
        assert not Wish.objects.filter(Exists(held), status="PUBLISHED").exists()

    def test_wishes_came_by_every_channel_in_the_order_of_their_life(self):
        assert set(Wish.objects.values_list("channel", flat=True)) == set(Wish.Channel.values)
        life = ["created_at", "answered_at", "published_at", "claimed_at", "fulfilled_at", "done_at", "since"]
        for *moments, since in Wish.objects.values_list(*life):
            passed = [moment for moment in moments if moment]
            assert passed == sorted(passed)
            assert passed[-1] <= since <= timezone.now()

    def test_helper_groups_show_every_state_of_what_they_are_asked_for(self):
        requests = GroupRequest.objects.filter(group__community=stage())
        assert set(requests.values_list("status", flat=True)) == set(GroupRequest.Status.values)
        assert set(HelperGroup.objects.values_list("status", flat=True)) == set(HelperGroup.Status.values)
        assert GroupMembership.objects.asking().filter(group__community=stage()).exists()

    def test_a_merged_wish_has_one_to_go_with_and_one_said_twice_waits_to_be_seen(self):
        merged = Wish.objects.get(community=stage(), status="MERGED")
        assert merged.merged_into.community == stage()
        assert Wish.objects.filter(community=stage(), status="NEW", text__contains="路灯").count() == 2
        assert WishPhoto.objects.filter(wish__status="NEW").count() == 2

    def test_every_community_has_places_to_take_and_some_shifts_are_full(self):
        claimable = Shift.objects.claimable(timezone.now())
        with_places = claimable.filter(taken__lt=F("capacity")).values("task__publisher")
        assert not Organization.objects.communities().exclude(pk__in=with_places).exists()
        assert claimable.filter(taken=F("capacity")).exists()

    def test_taken_counts_living_claims_and_nobody_is_in_two_places(self):
        living = Claim.objects.exclude(status__in=[*Claim.LAPSED, Claim.Status.WAITING])
        lives = ~Q(claims__status__in=[*Claim.LAPSED, Claim.Status.WAITING])
        counted = Shift.objects.annotate(n=Sum(1 + F("claims__companions"), filter=lives, default=0))
        assert not counted.exclude(taken=F("n")).exists()
        same_time = living.filter(
            member=OuterRef("member"), starts_at__lt=OuterRef("ends_at"), ends_at__gt=OuterRef("starts_at")
        ).exclude(pk=OuterRef("pk"))
        assert not living.filter(Exists(same_time)).exists()

    def test_the_demo_member_waits_leads_a_group_and_is_invited_to_another(self):
        waiting = Claim.objects.get(member=demo_member(), status="WAITING")
        assert (position_of(waiting), waiting.shift.free) == (2, 0)
        assert demo_member().led_groups.get().claims.get().claims.count() == 3
        assert demo_member().group_memberships.filter(status="INVITED").count() == 1

    def test_some_communities_host_what_the_city_passed_down_and_the_stage_is_still_asked(self):
        asked = Task.objects.get(host_by__isnull=False)
        assert asked.children.count() == HOSTS
        assert not asked.children.filter(publisher=stage()).exists()

    def test_there_is_a_draft_and_a_stand_in_is_sought_and_a_skill(self):
        assert Task.objects.get(status="DRAFT").publisher == stage()
        assert Claim.objects.seeking_a_stand_in().count() == 1
        assert Shift.objects.get(skill__name="电工").free == 2

    def test_nobody_holds_more_than_is_allowed(self):
        held = Claim.objects.occupying().filter(ends_at__gt=timezone.now())
        most = held.values("member").annotate(n=Count("pk")).order_by("-n").first()
        assert most["n"] <= settings.OPEN_CLAIMS_AT_MOST

    def test_nobody_confirmed_himself_or_herself(self):
        assert not FlagAward.objects.filter(by_user=F("member__user")).exists()
        assert FlagAward.objects.filter(member__user__username="secretary").exists()

    def test_last_year_and_this_year_have_flags_and_some_members_are_short(self):
        year = timezone.localdate().year
        for a_year in (year - 1, year):
            flags = FlagAward.objects.in_year(a_year).aggregate(sum=Sum("value"))["sum"]
            assert 5 < flags / 1100 < 9
        short = Member.objects.annotate(n=Sum("awards__value", filter=Q(awards__year=year))).filter(n__lt=5)
        assert 100 < short.count() < 600

    def test_last_years_reports_are_built_for_every_unit_with_members(self):
        year = timezone.localdate().year - 1
        assert ComplianceReport.objects.filter(year=year).exclude(status="SUPERSEDED").count() == 102
        assert set(ComplianceRow.objects.values_list("state", flat=True)) >= {"MET", "NOT_MET", "EXEMPT"}

    def test_the_seven_real_tasks_stand_in_january_2022(self):
        real = Task.objects.filter(publisher=stage(), shifts__starts_at__year=2022).distinct()
        assert real.count() == 7
        assert set(real.values_list("status", "shifts__status")) == {("CLOSED", "SETTLED")}
        on_the_line = real.filter(boundary_line__isnull=False)
        assert on_the_line.count() == 3
        assert not on_the_line.filter(justification="").exists()
        half_days = real.get(title="社区疫情防控工作").shifts
        assert set(half_days.values_list("capacity", "taken")) == {(7, 7)}
        assert half_days.count() > 2
        assert real.get(title="反诈宣传").flag_value == 3

    def test_rules_and_boundary_list_are_there(self):
        year = timezone.localdate().year
        assert {year - 1, year} <= set(YearRule.objects.values_list("year", flat=True))
        assert BoundaryLine.objects.count() == 6

    def test_rosters_name_people_who_have_not_checked_in(self):
        assert RosterEntry.objects.filter(member=None).count() > 50

    def test_members_say_what_they_can_do_and_a_unit_has_news(self):
        assert Member.objects.filter(skills__isnull=False, free_at__gt=0, interests__gt=0).distinct().count() > 400
        news = UnitNews.objects.filter(unit__name="青澜市财政局")
        assert news.filter(read_at=None).exists()
        assert news.filter(read_at__gt=F("told_at")).exists()
        assert not news.filter(read_at__lt=F("told_at")).exists()

    def test_rosters_and_check_ins_do_not_agree_on_everybody(self):
        city = Organization.objects.get(kind="CITY")
        for side in (of_units(city), of_homes(city)):
            counts = counts_of(side)
            assert all(getattr(counts, state.lower()) for state in Match)
            assert counts.lines > counts.agrees > 0.75 * counts.lines

    def test_the_officers_unit_has_a_line_in_every_state(self):
        counts = counts_of(of_units(Organization.objects.get(name="青澜市财政局")))
        assert all(getattr(counts, state.lower()) for state in Match)

    def test_last_year_is_locked_with_one_correction_and_this_year_is_a_draft(self):
        year = timezone.localdate().year
        with_draft = ComplianceReport.objects.filter(year=year, status="DRAFT").count()
        locked = ComplianceReport.objects.filter(year=year - 1, status="LOCKED")
        if timezone.localdate() > date(year, 1, 31):
            assert locked.count() > 50 < with_draft
            assert locked.get(version=2).corrects.status == "SUPERSEDED"
            assert not disagreeing(locked)

    def test_nothing_was_written_in_the_future(self):
        now = timezone.now()
        assert not Task.objects.filter(created_at__gt=now).exists()
        assert not Claim.objects.filter(claimed_at__gt=now).exists()
        assert not FlagAward.objects.filter(awarded_at__gt=now).exists()


def test_an_hour_by_name_is_taken_before_any_is_drawn_by_lot():
    """Else the lot has taken it before, on one day in eleven."""
    here = Neighbourhood(Mock(), [], date(2026, 11, 29), Random(1))
    wanted = here.free[0]
    assert here.take(wanted) == wanted
    assert wanted not in here.free
    drawn = here.next_slot()
    assert drawn not in here.free
    with pytest.raises(AssertionError, match="before any hour is drawn"):
        here.take(here.free[0])


def test_the_texts_cover_the_five_leads():
    assert len(OFFERS) >= 25
    assert {offer.category for offer in OFFERS} | {Category.MICRO_WISH} == set(Category) - {Category.OTHER}


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "sqlite", reason="days are the same on every database, and PostgreSQL is slow")
@pytest.mark.parametrize("day", [(2027, 1, 1), (2027, 1, 14), (2028, 2, 29), (2026, 12, 31)])
def test_any_day_of_the_year_will_do(day):
    """At the turn of the year there is hardly a past in the running year: fewer flags then, never an error."""
    with time_machine.travel(datetime(*day, 0, 5, tzinfo=ZoneInfo("Asia/Shanghai")), tick=False):
        call_command("seed_demo")
        member = demo_member()
        flags = member.awards.filter(year=day[0]).aggregate(sum=Sum("value"))["sum"] or 0
        assert flags <= 3
        assert member.claims.filter(status="HELD", shift__status="OPEN").count() == 3
        assert not Claim.objects.filter(claimed_at__gt=timezone.now()).exists()
        assert not FlagAward.objects.filter(awarded_at__gt=timezone.now()).exists()
