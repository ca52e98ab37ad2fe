"""Red steward posts: opened, changed and closed by who keeps them; who sees them; who looks after what."""

from datetime import date
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied

from accounts.actions.organization import close_organization
from accounts.models import Record
from accounts.refusals import Reason as AccountsReason
from tasks.actions.steward_log import confirm_log
from tasks.actions.steward_post import change_post, close_post, open_post
from tasks.models import StewardApplication, StewardPost, StewardTerm
from tasks.queries.steward_post import in_people_s_order, post_seen, who_looks_after_what
from tasks.refusals import Reason
from tests.factories import CompoundFactory, StewardLogFactory, StewardPostFactory
from tests.tasks.steward_world import neighbour, refused, state, told
from vanguard.lib.days import months_after
from vanguard.lib.quarters import Quarter, quarter_of

pytestmark = pytest.mark.django_db
Kind = StewardPost.Kind
FIELDS = {"kind": Kind.STAIRWELL_HEAD, "subject": "3 幢", "duties": "看看楼道。", "term_months": 6}


@pytest.mark.parametrize("who", ["secretary", "branch"])
def test_the_community_and_the_compounds_branch_open_posts(cast, who):
    by = getattr(cast, who)
    post = open_post(cast.compound, **FIELDS | {"subject": " 3  幢 "}, by=by)
    assert (post.subject, post.status, post.term_months, post.compound) == ("3 幢", "OPEN", 6, cast.compound)
    assert Record.objects.filter(verb="added", subject_id=post.pk, user=by.user).exists()


def test_the_community_itself_has_posts_too_and_its_branch_has_no_say_in_them(cast):
    open_post(cast.community, **FIELDS, by=cast.secretary)
    with pytest.raises(PermissionDenied):
        open_post(cast.community, **FIELDS, by=cast.branch)


@pytest.mark.parametrize("who", ["other_secretary", "city_officer", "street_officer", "unit_officer", "member"])
def test_nobody_else_opens_changes_or_closes(cast, who):
    by, post = getattr(cast, who), StewardPostFactory(compound=cast.compound)
    with pytest.raises(PermissionDenied):
        open_post(cast.compound, **FIELDS, by=by)
    with pytest.raises(PermissionDenied):
        change_post(post, fields=FIELDS, by=by)
    with pytest.raises(PermissionDenied):
        close_post(post, reason="拆了", by=by)


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"subject": " \u3000 "}, Reason.POST_SUBJECT_MISSING),
        ({"subject": "1 幢"}, Reason.POST_THERE_ALREADY),
        ({"term_months": 0}, Reason.POST_TERM_MONTHS),
        ({"term_months": 61}, Reason.POST_TERM_MONTHS),
    ],
)
def test_bad_input_opens_and_changes_nothing(cast, changed, why):
    StewardPostFactory(compound=cast.compound, subject="1 幢")
    other = StewardPostFactory(compound=cast.compound, subject="2 幢")
    refused(why, open_post, cast.compound, **FIELDS | changed, by=cast.secretary)
    refused(why, change_post, other, fields=FIELDS | changed, by=cast.secretary)


def test_another_kind_another_place_or_a_closed_one_stands_in_nobodys_way(cast):
    closed = StewardPostFactory(compound=cast.compound, subject="3 幢", status="CLOSED")
    for place, kind in ((cast.compound, Kind.STAIRWELL_HEAD), (cast.compound, Kind.GRID_AIDE)):
        open_post(place, **FIELDS | {"kind": kind}, by=cast.secretary)
    open_post(cast.community, **FIELDS, by=cast.secretary)
    assert StewardPost.objects.living().exclude(pk=closed.pk).count() == 3


def test_the_same_form_twice_is_one_post(cast):
    once = uuid4()
    first, second = (open_post(cast.compound, **FIELDS, sent_once=once, by=cast.secretary) for _ in range(2))
    assert first == second
    assert Record.objects.filter(verb="added", subject_id=first.pk).count() == 1


def test_a_closed_compound_gets_no_post(cast):
    compound = CompoundFactory(parent=cast.community)
    close_organization(compound, by=cast.city_officer)
    refused(AccountsReason.ORGANIZATION_CLOSED, open_post, compound, **FIELDS, by=cast.secretary)


# --- changed ---------------------------------------------------------------------------------


def test_who_holds_it_is_told_why_it_changes_and_the_term_stays(cast):
    post = StewardPostFactory(compound=cast.compound, holder=cast.member.member)
    until = post.terms.get().until
    refused(Reason.REASON_MISSING, change_post, post, fields=FIELDS, reason=" ", by=cast.branch)
    assert change_post(post, fields=FIELDS, reason="楼号改了", by=cast.branch)
    post.refresh_from_db()
    assert (post.subject, post.term_months, post.terms.get().until) == ("3 幢", 6, until)
    notice = cast.member.user.notices.get()
    assert (notice.kind, notice.params["reason"]) == ("STEWARD_CHANGED", "楼号改了")


def test_an_open_one_changes_without_a_reason_and_nothing_changed_is_nothing(cast):
    post = StewardPostFactory(compound=cast.compound)
    assert change_post(post, fields=FIELDS, by=cast.secretary)
    assert not change_post(post, fields=FIELDS, by=cast.secretary)
    assert Record.objects.filter(verb="changed", subject_id=post.pk).count() == 1


def test_of_two_who_change_it_the_second_is_told(cast):
    post = StewardPostFactory(compound=cast.compound)
    seen = post_seen(post)
    change_post(post, fields=FIELDS, seen=seen, by=cast.secretary)
    other = FIELDS | {"subject": "4 幢"}
    refused(AccountsReason.STATE_CHANGED, change_post, post, fields=other, seen=seen, by=cast.branch)


# --- closed ----------------------------------------------------------------------------------


def test_closing_ends_the_term_and_declines_who_is_asked_and_tells_both(cast):
    post = StewardPostFactory(compound=cast.compound, holder=cast.member.member)
    asked = neighbour(cast)
    application = StewardApplication.objects.create(
        post=post, member=asked.member, status="ASKED", succeeds=post.terms.get()
    )
    refused(Reason.REASON_MISSING, close_post, post, reason="", by=cast.secretary)
    close_post(post, reason="楼拆了", by=cast.secretary)
    assert (state(post), state(application)) == ("CLOSED", "DECLINED")
    term = post.terms.get()
    assert (term.ending, term.end_reason, term.ended_on is None) == (StewardTerm.Ending.CLOSED, "楼拆了", False)
    assert told(cast.member, asked) == [["STEWARD_CLOSED"]] * 2
    refused(AccountsReason.NOT_ALLOWED_NOW, close_post, post, reason="再关", by=cast.secretary)
    refused(Reason.POST_CLOSED, change_post, post, fields=FIELDS, by=cast.secretary)


def test_posts_and_logs_that_wait_keep_an_organization_open(cast):
    compound = CompoundFactory(parent=cast.community)
    post = StewardPostFactory(compound=compound)
    refused(Reason.POSTS_NOT_CLOSED, close_organization, compound, by=cast.city_officer)
    close_post(post, reason="不用了", by=cast.secretary)
    log = StewardLogFactory(post=post)
    refused(Reason.LOGS_UNCONFIRMED, close_organization, compound, by=cast.city_officer)
    confirm_log(log, by=cast.secretary)
    close_organization(compound, by=cast.city_officer)


# --- who sees what -----------------------------------------------------------------------------


def test_members_see_what_is_open_where_they_live_and_what_is_theirs(cast):
    here = StewardPostFactory(compound=cast.compound)
    community = StewardPostFactory(compound=cast.community)
    next_door = StewardPostFactory(compound=CompoundFactory(parent=cast.community))
    StewardPostFactory(compound=cast.compound, status="CLOSED")
    elsewhere = StewardPostFactory(compound=cast.other_community, holder=cast.member.member)
    seen = StewardPost.objects.visible_to
    assert set(seen(cast.member)) == {here, community, elsewhere}
    assert set(seen(cast.other_member)) == {elsewhere}
    assert set(seen(cast.secretary)) >= {here, community, next_door}
    assert set(seen(cast.branch)) == set(StewardPost.objects.filter(compound=cast.compound))
    for other in (cast.city_officer, cast.unit_officer, cast.street_officer, cast.inspector):
        assert not seen(other).exists()


def test_the_table_puts_building_2_before_10_and_each_kind_in_its_column(cast, django_assert_num_queries):
    holder = cast.member.member
    for subject in ("10 幢", "2 幢", "单车棚"):
        StewardPostFactory(compound=cast.compound, subject=subject)
    StewardPostFactory(compound=cast.compound, subject="2 幢", kind=Kind.GRID_AIDE, holder=holder)
    StewardPostFactory(compound=cast.community, subject="广场")
    with django_assert_num_queries(2):
        rows = who_looks_after_what(cast.secretary)
        assert [row.subject for row in rows] == ["广场", "2 幢", "10 幢", "单车棚"]
        held = dict(rows[1].cells)[str(Kind.GRID_AIDE.label)][0].holding
        assert [term.member for term in held] == [holder]
    assert [row.subject for row in who_looks_after_what(cast.secretary, cast.community.pk)] == ["广场"]


def test_anything_that_is_written_can_be_put_in_order():
    words = ["", "12", "a2", "2a", "幢", "第10幢2单元", "第2幢11单元", "٣", "²", "1" * 40]
    assert len(sorted(words, key=in_people_s_order)) == len(words)
    assert in_people_s_order("第2幢11单元") < in_people_s_order("第10幢2单元")


# --- days ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2027, 12, 31), 2, date(2028, 2, 29)),
        (date(2026, 12, 1), 12, date(2027, 12, 1)),
        (date(2026, 11, 15), 60, date(2031, 11, 15)),
    ],
)
def test_months_later(day, months, later):
    assert months_after(day, months) == later


def test_quarters_follow_each_other_over_new_year():
    quarter = quarter_of(date(2026, 12, 31))
    assert (quarter, quarter.next, quarter.next.before) == (Quarter(2026, 4), Quarter(2027, 1), quarter)
    assert (quarter.first_day, quarter.last_day) == (date(2026, 10, 1), date(2026, 12, 31))
    assert [quarter_of(date(2026, month, 1)).number for month in range(1, 13)] == [1] * 3 + [2] * 3 + [3] * 3 + [4] * 3
