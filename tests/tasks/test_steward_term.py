"""A steward's term: given up, ended, handed over to who says yes, and what a yes or a no does."""

from datetime import date

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts.refusals import Reason as AccountsReason
from tasks.actions.steward_application import apply_for_post, approve_application, withdraw_application
from tasks.actions.steward_succession import answer_succession, name_successor, unname_successor
from tasks.actions.steward_term import end_term, give_up_post
from tasks.models import StewardPost, StewardTerm
from tasks.refusals import Reason
from tests.factories import StewardPostFactory
from tests.tasks.steward_world import neighbour, refused, state, told

pytestmark = pytest.mark.django_db
Ending = StewardTerm.Ending
TODAY = timezone.localdate


@pytest.fixture
def post(cast) -> StewardPost:
    """Held by the cast's member."""
    return StewardPostFactory(compound=cast.compound, holder=cast.member.member, term_months=6)


def history(post) -> list[tuple]:
    """Who held it and how that ended, the newest first."""
    return list(post.terms.values_list("member", "ending"))


def test_who_holds_it_gives_it_up_and_it_is_open_again(cast, post):
    give_up_post(post, reason="工作调动", by=cast.member)
    term = post.terms.get()
    assert (term.ending, term.ended_on, term.end_reason) == (Ending.GIVEN_UP, TODAY(), "工作调动")
    assert state(post) == "OPEN"
    assert told(cast.branch, cast.secretary) == [["STEWARD_GIVEN_UP"]] * 2
    refused(Reason.NOT_THE_HOLDER, give_up_post, post, by=cast.member)


def test_nobody_else_gives_it_up(cast, post):
    refused(Reason.NOT_THE_HOLDER, give_up_post, post, by=neighbour(cast))
    with pytest.raises(PermissionDenied):
        give_up_post(post, by=cast.secretary)


def test_the_community_ends_a_term_with_a_reason(cast, post):
    refused(Reason.REASON_MISSING, end_term, post, reason="  ", by=cast.branch)
    end_term(post, reason="搬走了", by=cast.branch)
    assert (state(post), history(post)) == ("OPEN", [(cast.member.member.pk, Ending.ENDED)])
    notice = cast.member.user.notices.get()
    assert (notice.kind, notice.params["reason"]) == ("STEWARD_ENDED", "搬走了")
    refused(Reason.POST_NOT_HELD, end_term, post, reason="再", by=cast.branch)


@pytest.mark.parametrize("who", ["other_secretary", "city_officer", "member"])
def test_nobody_else_ends_a_term(cast, post, who):
    with pytest.raises(PermissionDenied):
        end_term(post, reason="走", by=getattr(cast, who))


def test_a_move_ends_nothing_by_itself(cast, post):
    cast.member.member.home = cast.other_community
    cast.member.member.save()
    assert post.terms.current().exists()
    assert post in StewardPost.objects.visible_to(cast.member)


# --- handing over ------------------------------------------------------------------------------


@time_machine.travel("2026-01-01T00:00:00+08:00", tick=False)
def test_asked_by_the_community_a_yes_ends_one_term_and_begins_the_other(cast):
    post = StewardPostFactory(compound=cast.compound, holder=cast.member.member, term_months=6)
    other = neighbour(cast)
    asked = name_successor(post, other.member, by=cast.branch)
    assert (asked.status, told(other)) == ("ASKED", [["STEWARD_ASKED"]])
    assert name_successor(post, other.member, by=cast.secretary) == asked, "named twice, asked once"
    answer_succession(asked, agree=True, by=other)
    assert (state(post), state(asked)) == ("HELD", "APPROVED")
    assert history(post) == [(other.member.pk, ""), (cast.member.member.pk, Ending.HANDED_OVER)]
    new = post.terms.current().get()
    assert (new.began_on, new.until) == (date(2026, 1, 1), date(2026, 6, 30))
    assert told(cast.member) == [["STEWARD_HANDED_OVER"]]
    refused(Reason.NOT_ASKED, answer_succession, asked, agree=True, by=other)


def test_asked_by_the_holder_a_yes_waits_for_the_community(cast, post):
    other = neighbour(cast)
    asked = name_successor(post, other.member, by=cast.member)
    refused(AccountsReason.NOT_ALLOWED_NOW, approve_application, asked, by=cast.secretary)
    asked = answer_succession(asked, agree=True, by=other)
    assert (asked.status, history(post)) == ("APPLIED", [(cast.member.member.pk, "")])
    assert told(cast.branch) == [["STEWARD_APPLIED"]]
    approve_application(asked, by=cast.branch)
    assert history(post) == [(other.member.pk, ""), (cast.member.member.pk, Ending.HANDED_OVER)]


@pytest.mark.parametrize(("who", "hears"), [("member", "member"), ("branch", "secretary")])
def test_a_no_leaves_everything_as_it_is_and_who_asked_is_told(cast, post, who, hears):
    other = neighbour(cast, user__name="欧阳晓雯")
    asked = name_successor(post, other.member, by=getattr(cast, who))
    answer_succession(asked, agree=False, by=other)
    notice = getattr(cast, hears).user.notices.get()
    assert (notice.kind, notice.params["name"]) == (
        "STEWARD_ASKED_IN_VAIN",
        "欧*雯" if who == "member" else "欧阳晓雯",
    )
    assert history(post) == [(cast.member.member.pk, "")]
    assert name_successor(post, neighbour(cast).member, by=cast.member)


def test_the_community_asks_the_holder_to_go_on(cast, post):
    asked = name_successor(post, cast.member.member, by=cast.secretary)
    answer_succession(asked, agree=True, by=cast.member)
    assert history(post) == [(cast.member.member.pk, ""), (cast.member.member.pk, Ending.RENEWED)]
    assert told(cast.member) == [["STEWARD_APPROVED", "STEWARD_ASKED"]]


def test_bad_input_names_nobody(cast, post):
    other, open_one = neighbour(cast), StewardPostFactory(compound=cast.compound)
    refused(AccountsReason.ONESELF, name_successor, post, cast.member.member, by=cast.member)
    caught = refused(Reason.NOT_OF_THE_COMMUNITY, name_successor, post, cast.other_member.member, by=cast.member)
    assert caught.details["name"] == "王*"
    refused(Reason.NOT_OF_THE_COMMUNITY, name_successor, post, cast.other_member.member, by=cast.branch)
    refused(Reason.NOT_THE_HOLDER, name_successor, post, other.member, by=other)
    refused(Reason.POST_NOT_HELD, name_successor, open_one, other.member, by=cast.branch)
    with pytest.raises(PermissionDenied):
        name_successor(post, other.member, by=cast.other_secretary)
    name_successor(post, other.member, by=cast.member)
    refused(Reason.ASKED_ALREADY, name_successor, post, neighbour(cast).member, by=cast.branch)


def test_only_who_is_asked_answers_and_neither_applies_nor_withdraws_instead(cast, post):
    other = neighbour(cast)
    asked = name_successor(post, other.member, by=cast.member)
    with pytest.raises(PermissionDenied):
        answer_succession(asked, agree=True, by=neighbour(cast))
    refused(Reason.ANSWER_FIRST, apply_for_post, post, by=other)
    refused(Reason.ANSWER_FIRST, withdraw_application, asked, by=other)


def test_who_is_asked_can_be_asked_no_more(cast, post):
    asked = name_successor(post, neighbour(cast).member, by=cast.member)
    refused(Reason.NOT_THE_HOLDER, unname_successor, post, by=neighbour(cast))
    unname_successor(post, by=cast.member)
    assert state(asked) == "WITHDRAWN"
    refused(Reason.NOBODY_ASKED, unname_successor, post, by=cast.secretary)


@pytest.mark.parametrize("who", ["member", "branch"])
def test_a_yes_after_the_holder_has_left_is_for_the_open_post(cast, post, who):
    other = neighbour(cast)
    asked = name_successor(post, other.member, by=getattr(cast, who))
    give_up_post(post, by=cast.member)
    asked = answer_succession(asked, agree=True, by=other)
    if asked.status == "APPLIED":
        approve_application(asked, by=cast.secretary)
    assert history(post) == [(other.member.pk, ""), (cast.member.member.pk, Ending.GIVEN_UP)]


def test_once_somebody_else_holds_it_who_was_asked_is_told_and_asked_no_more(cast, post):
    other, third = neighbour(cast), neighbour(cast)
    asked = name_successor(post, other.member, by=cast.member)
    give_up_post(post, by=cast.member)
    approve_application(apply_for_post(post, by=third), by=cast.branch)
    assert (state(asked), told(other)) == ("DECLINED", [["STEWARD_TAKEN", "STEWARD_ASKED"]])
    refused(Reason.NOT_ASKED, answer_succession, asked, agree=True, by=other)


def test_who_has_moved_since_cannot_say_yes(cast, post):
    other = neighbour(cast)
    for by in (cast.member, cast.branch):
        asked = name_successor(post, other.member, by=by)
        other.member.home = cast.other_community
        other.member.save()
        refused(Reason.NOT_OF_THE_COMMUNITY, answer_succession, asked, agree=True, by=other)
        unname_successor(post, by=cast.branch)
        other.member.home = cast.compound
        other.member.save()
