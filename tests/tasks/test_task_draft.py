"""Drafts: written down with a title alone, looked at, published or thrown away (domain rule 2)."""

from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts.actions.organization import close_organization
from accounts.models import Member, Record, Skill
from accounts.refusals import Reason as AccountsReason
from flags.queries.home import member_home, staff_home
from tasks.actions.claim import claim_shift
from tasks.actions.task import CAPACITY_AT_MOST, ShiftTime, cancel_task, publish_task, widen_audience
from tasks.actions.task_draft import change_draft, copy_task, discard_draft, publish_draft, save_draft, what_is_amiss
from tasks.actions.time import end_shifts, open_scheduled_tasks
from tasks.models import BoundaryLine, Shift, Task
from tasks.queries.organization import open_tasks
from tasks.queries.task import shifts_open_to, tasks_published_by
from tasks.refusals import Reason
from tests.factories import ShiftFactory, TaskFactory
from tests.tasks.refusing import refused
from tests.tasks.test_task import HOUR, morning
from vanguard.lib.refused import Refused

pytestmark = pytest.mark.django_db
OTHERS = ["member", "other_secretary", "branch", "city_officer", "street_officer", "inspector", "unit_officer"]
SAID = {
    "title": "社区疫情防控工作",
    "content": "在社区办公室值班。",
    "place": "社区办公室",
    "contact_name": "王书记",
    "contact_phone": "000-0000001",
    "served": "社区居民",
}


def draft_of(actor, *shifts: ShiftTime, **changed) -> Task:
    return save_draft(by=actor, shifts=shifts or [morning()], **{**SAID, **changed})


def test_a_title_is_enough(cast):
    draft = save_draft(by=cast.secretary, title="灯笼")
    assert (draft.status, draft.publisher, draft.audience) == (Task.Status.DRAFT, cast.community, cast.community)
    assert (draft.flag_value, draft.content, draft.sign_in, draft.shifts.count()) == (1, "", False, 0)
    assert Record.objects.get(verb="written", subject_id=draft.pk).user == cast.secretary.user


def test_what_was_left_empty_is_as_if_nobody_had_been_asked(cast):
    empty = {"flag_value": None, "audience": None, "opens_at": None, "category": "", "companions_at_most": None}
    draft = save_draft(by=cast.branch, title="灯笼", content="", **empty)
    assert (draft.flag_value, draft.companions_at_most, draft.audience) == (1, 0, cast.compound)
    draft = change_draft(draft, by=cast.branch, content="做灯笼", flag_value=2)
    draft = change_draft(draft, by=cast.branch, content="", flag_value=None)
    draft.refresh_from_db()
    assert (draft.title, draft.content, draft.flag_value) == ("灯笼", "", 1)


@pytest.mark.parametrize("title", ["", "  "])
def test_without_a_title_nobody_would_find_it_again(cast, title):
    refused(Reason.TITLE_MISSING, save_draft, by=cast.secretary, title=title)
    refused(Reason.TITLE_MISSING, save_draft, by=cast.secretary)
    draft = draft_of(cast.secretary)
    refused(Reason.TITLE_MISSING, change_draft, draft, by=cast.secretary, title=title)


@pytest.mark.parametrize(
    ("why", "wrong"),
    [
        (Reason.SHIFT_BACKWARDS, {"shifts": [morning(ends_at=morning().starts_at - HOUR)]}),
        (Reason.CAPACITY, {"shifts": [morning(capacity=0)]}),
        (Reason.CAPACITY, {"shifts": [morning(capacity=CAPACITY_AT_MOST + 1)]}),
        (Reason.FLAG_VALUE, {"flag_value": 6}),
        (Reason.COMPANIONS, {"companions_at_most": 6}),
        (Reason.FIRST_MINUTES, {"first_minutes": 61}),
    ],
)
def test_what_no_row_can_keep_is_refused_at_once_and_changes_nothing(cast, why, wrong):
    refused(why, save_draft, by=cast.secretary, title="灯笼", **wrong)
    draft = draft_of(cast.secretary)
    refused(why, change_draft, draft, by=cast.secretary, title="别的", **wrong)
    draft.refresh_from_db()
    assert (draft.title, draft.shifts.get().capacity) == (SAID["title"], 7)


def line() -> BoundaryLine:
    return BoundaryLine.objects.create(code="census", name="摸排统计")


def in_days(days: float):
    return timezone.now() + timedelta(days=days)


@pytest.mark.parametrize(
    ("why", "wrong"),
    [
        *((Reason.FIELD_MISSING, lambda name=name: {name: " "}) for name in SAID if name != "title"),
        (Reason.NO_SHIFT, lambda: {"shifts": []}),
        (Reason.SHIFT_PAST, lambda: {"shifts": [morning(days=-1)]}),
        (Reason.SHIFT_TOO_FAR, lambda: {"shifts": [morning(days=3650)]}),
        (Reason.SHIFTS_OVERLAP, lambda: {"shifts": [morning(), morning()]}),
        (Reason.OPENS_TOO_LATE, lambda: {"opens_at": in_days(2.1)}),
        (Reason.FLAG_VALUE, lambda: {"flag_value": 4}),
        (Reason.JUSTIFICATION_MISSING, lambda: {"boundary_line": line()}),
    ],
)
def test_whatever_is_missing_or_wrong_is_kept_and_asked_for_when_it_is_published(cast, why, wrong):
    draft = save_draft(**{"by": cast.secretary, "shifts": [morning()], **SAID, **wrong()})
    told = refused(why, publish_draft, draft, by=cast.secretary)
    assert told.sentence in what_is_amiss(draft, by=cast.secretary)
    draft.refresh_from_db()
    assert draft.status == Task.Status.DRAFT


def test_all_that_is_missing_is_named_together(cast):
    draft = save_draft(by=cast.secretary, title="灯笼")
    assert len(what_is_amiss(draft, by=cast.secretary)) == len(SAID)  # without the title, with the shifts
    assert what_is_amiss(draft_of(cast.secretary), by=cast.secretary) == []


def test_a_foreign_audience_is_refused_when_it_is_published(cast):
    draft = draft_of(cast.secretary, audience=cast.other_community)
    refused(Reason.FOREIGN_AUDIENCE, publish_draft, draft, by=cast.secretary)
    assert publish_draft(draft, by=cast.secretary, audience=cast.street).audience == cast.street


def test_it_is_published_as_it_was_written(cast):
    skill = Skill.objects.create(name="电工")
    shifts = [morning(), morning(skill=skill)]
    draft = draft_of(cast.secretary, *shifts, companions_at_most=2, sign_in=True)
    publish_draft(draft, by=cast.second_secretary)
    task = Task.objects.get()
    assert (task.status, task.publisher, task.companions_at_most, task.sign_in) == ("OPEN", cast.community, 2, True)
    assert [shift.skill for shift in task.shifts.order_by("pk")] == [None, skill]
    moved = Record.objects.get(subject_id=task.pk, verb="moved", new_status="OPEN")
    assert moved.user == cast.second_secretary.user
    claim_shift(task.shifts.first(), by=cast.member)


def test_it_can_be_changed_in_the_step_that_publishes_it(cast):
    draft = save_draft(by=cast.secretary, title="灯笼")
    publish_draft(draft, by=cast.secretary, shifts=[morning(), morning(days=3)], **SAID)
    assert Task.objects.get().shifts.count() == 2


def test_one_that_opens_later_is_scheduled_and_one_whose_opening_has_passed_opens_at_once(cast):
    draft = draft_of(cast.secretary, opens_at=in_days(1))
    assert publish_draft(draft, by=cast.secretary).status == Task.Status.SCHEDULED
    draft = draft_of(cast.secretary, opens_at=in_days(1))
    with time_machine.travel(in_days(1.5), tick=False):
        publish_draft(draft, by=cast.secretary)
        draft.refresh_from_db()
        assert (draft.status, draft.opens_at) == (Task.Status.OPEN, timezone.now())


@pytest.mark.parametrize("act", [change_draft, publish_draft, discard_draft])
def test_what_is_no_draft_any_more_is_left_alone(cast, act):
    draft = draft_of(cast.secretary)
    stale = Task.objects.get(pk=draft.pk)
    publish_draft(draft, by=cast.secretary)
    refused(Reason.NOT_A_DRAFT, act, stale, by=cast.second_secretary)
    gone = draft_of(cast.secretary)
    discard_draft(Task.objects.get(pk=gone.pk), by=cast.secretary)
    refused(Reason.NOT_A_DRAFT, act, gone, by=cast.second_secretary)


def test_thrown_away_it_is_gone_with_its_shifts_and_the_record_stays(cast):
    draft = draft_of(cast.secretary)
    key = draft.pk
    discard_draft(draft, by=cast.second_secretary)
    assert not Task.objects.exists()
    assert not Shift.objects.exists()
    assert Record.objects.get(verb="discarded", subject_id=key).user == cast.second_secretary.user


@pytest.mark.parametrize("who", OTHERS)
def test_nobody_else_sees_or_touches_it(cast, who):
    draft, actor = draft_of(cast.secretary, audience=cast.city), getattr(cast, who)
    assert not Task.objects.visible_to(actor).exists()
    for act in (change_draft, publish_draft, discard_draft):
        with pytest.raises(PermissionDenied):
            act(draft, by=actor)
    draft.refresh_from_db()
    assert draft.status == Task.Status.DRAFT


@pytest.mark.parametrize(
    ("who", "sees"),
    [("branch", True), ("secretary", True), ("other_secretary", False), ("city_officer", False)],
)
def test_of_a_compound_its_own_and_its_communitys_people_see_it(cast, who, sees):
    draft, actor = draft_of(cast.branch), getattr(cast, who)
    assert Task.objects.visible_to(actor).contains(draft) is sees
    if sees:
        assert publish_draft(draft, by=actor).publisher == cast.compound


@pytest.mark.parametrize("who", ["street_officer", "unit_officer", "inspector", "member"])
def test_who_does_not_publish_writes_no_draft(cast, who):
    with pytest.raises(PermissionDenied):
        save_draft(by=getattr(cast, who), title="灯笼")


def test_it_counts_nowhere(cast):
    draft, now = draft_of(cast.secretary), timezone.now()
    shift = draft.shifts.get()
    assert staff_home(cast.secretary, now)["week"] == 0
    assert not member_home(cast.member, now)["open"]
    assert not shifts_open_to(cast.member.member, now)
    assert not Shift.objects.visible_to(cast.secretary).exists()
    assert not Shift.objects.published_within(cast.secretary.home_paths).exists()
    assert not open_tasks(cast.community)
    with pytest.raises(Refused) as caught:
        claim_shift(shift, by=cast.member)
    assert caught.value.reason == Reason.NOT_OPEN


def test_the_clock_leaves_it_alone(cast):
    draft = draft_of(cast.secretary, opens_at=in_days(1))
    with time_machine.travel(in_days(30), tick=False):
        open_scheduled_tasks()
        end_shifts()
    draft.refresh_from_db()
    assert (draft.status, draft.shifts.get().status) == (Task.Status.DRAFT, Shift.Status.OPEN)


def test_it_is_neither_called_off_nor_offered_to_more_people(cast):
    draft = draft_of(cast.secretary)
    refused(AccountsReason.NOT_ALLOWED_NOW, cancel_task, draft, reason="下雨", by=cast.secretary)
    refused(Reason.NOT_OPEN, widen_audience, draft, to=cast.street, by=cast.secretary)


def test_it_keeps_no_organization_open_and_is_published_by_none_that_is_closed(cast):
    draft = draft_of(cast.branch)
    Member.objects.update(home=cast.other_community)
    close_organization(cast.compound, by=cast.city_officer)
    draft = Task.objects.get(pk=draft.pk)
    refused(Reason.FOREIGN_AUDIENCE, publish_draft, draft, by=cast.secretary)
    assert copy_task(draft, by=cast.secretary).publisher == cast.community


def test_the_list_shows_drafts_first(cast):
    draft = draft_of(cast.secretary)
    later = TaskFactory(publisher=cast.community)
    assert list(tasks_published_by(cast.secretary)) == [draft, later]


# --- what a shift asks for, drafted or published at once ---------------------------------------


def test_two_shifts_of_one_time_ask_for_different_skills(cast):
    electrician, nurse = (Skill.objects.create(name=name) for name in ("电工", "护理"))
    same = [morning(skill=electrician), morning(skill=nurse), morning()]
    assert publish_task(by=cast.secretary, audience=cast.community, shifts=same, **SAID).shifts.count() == 3
    twice = [morning(skill=electrician), morning(skill=nurse), morning(skill=electrician)]
    told = refused(
        Reason.SHIFTS_OVERLAP, publish_task, by=cast.secretary, audience=cast.community, shifts=twice, **SAID
    )
    assert told.details["shift"].skill == electrician


@pytest.mark.parametrize(
    ("why", "wrong"),
    [
        (Reason.COMPANIONS, {"companions_at_most": 6}),
        (Reason.COMPANIONS, {"companions_at_most": -1}),
        (Reason.FIRST_MINUTES, {"first_minutes": 61}),
        (Reason.FIRST_MINUTES, {"first_minutes": 10**6}),
    ],
)
def test_more_companions_or_first_minutes_than_there_can_be(cast, why, wrong):
    refused(why, publish_task, by=cast.secretary, audience=cast.community, shifts=[morning()], **{**SAID, **wrong})


# --- a copy ------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["SCHEDULED", "OPEN", "CLOSED", "CANCELLED"])
def test_a_copy_says_the_same_as_a_draft_of_its_own(cast, status):
    said = {"boundary_line": line(), "justification": "老人不会用手机", "companions_at_most": 1, "sign_in": True}
    task = TaskFactory(publisher=cast.community, audience=cast.street, status=status, flag_value=3, **said)
    skill = Skill.objects.create(name="电工")
    ShiftFactory(task=task, capacity=4, skill=skill, taken=2)
    copy = copy_task(task, by=cast.secretary)
    assert (copy.status, copy.audience, copy.flag_value, copy.repeats) == ("DRAFT", cast.street, 3, None)
    assert {name: getattr(copy, name) for name in said} == said
    shift = copy.shifts.get()
    assert (shift.capacity, shift.skill, shift.taken) == (4, skill, 0)
    assert copy.opens_at != task.opens_at
    assert publish_draft(copy, by=cast.secretary).status == "OPEN"


@pytest.mark.parametrize(
    ("days_ago", "moved"), [(-2, 0), (0, 7), (1, 7), (7, 14), (8, 14), (400, 406)], ids=lambda n: str(n)
)
def test_its_first_shift_is_the_next_of_that_weekday_and_hour(cast, days_ago, moved):
    first = in_days(-days_ago)
    task = TaskFactory(publisher=cast.community)
    for starts_at in (first, first + timedelta(days=2)):
        ShiftFactory(task=task, starts_at=starts_at)
    copied = copy_task(task, by=cast.secretary).shifts.values_list("starts_at", flat=True)
    assert list(copied) == [first + timedelta(days=moved), first + timedelta(days=moved + 2)]


def test_the_hour_is_that_of_the_wall_also_over_new_year(cast):
    start = timezone.make_aware(timezone.datetime(2026, 12, 31, 0, 30))
    task = TaskFactory(publisher=cast.community)
    ShiftFactory(task=task, starts_at=start)
    with time_machine.travel(start + timedelta(minutes=1), tick=False):
        copied = copy_task(task, by=cast.secretary).shifts.get()
    assert f"{timezone.localtime(copied.starts_at):%Y-%m-%d %H:%M}" == "2027-01-07 00:30"


def test_a_shift_that_was_called_off_by_itself_is_not_copied(cast):
    task = TaskFactory(publisher=cast.community)
    kept = ShiftFactory(task=task, capacity=3)
    ShiftFactory(task=task, status="CANCELLED")
    assert copy_task(task, by=cast.secretary).shifts.get().capacity == kept.capacity


def test_time_by_agreement_is_not_copied(cast):
    shift = ShiftFactory(task=TaskFactory(publisher=cast.community), by_agreement=True)
    refused(Reason.NO_FIXED_HOURS, copy_task, shift.task, by=cast.secretary)


@pytest.mark.parametrize("who", OTHERS)
def test_only_who_publishes_for_it_copies_a_task(cast, who):
    task = ShiftFactory(task=TaskFactory(publisher=cast.community)).task
    with pytest.raises(PermissionDenied):
        copy_task(task, by=getattr(cast, who))
    assert Task.objects.count() == 1


def test_a_compounds_task_is_copied_into_the_communitys_own_name(cast):
    task = ShiftFactory(task=TaskFactory(publisher=cast.compound)).task
    copy = copy_task(task, by=cast.secretary)
    assert (copy.publisher, copy.audience) == (cast.community, cast.community)
