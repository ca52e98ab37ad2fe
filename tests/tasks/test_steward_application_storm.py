"""Applications decided at the same moment: one term, and nobody left waiting for a closed post."""

import pytest

from accounts.refusals import Reason as AccountsReason
from tasks.actions import steward_application
from tasks.actions.steward_application import apply_for_post, approve_application
from tasks.actions.steward_post import close_post
from tasks.models import StewardApplication, StewardPost
from tasks.refusals import Reason
from tests.factories import StewardPostFactory
from tests.storm import ROUNDS, at_once, reasons
from tests.tasks.steward_world import neighbour, state

pytestmark = pytest.mark.django_db(transaction=True)


def both_approve(cast) -> tuple[list, list[StewardApplication]]:
    post = StewardPostFactory(compound=cast.compound)
    applications = [apply_for_post(post, by=by) for by in (cast.member, neighbour(cast))]
    outcomes = at_once(
        lambda: approve_application(applications[0], by=cast.secretary),
        lambda: approve_application(applications[1], by=cast.branch),
    )
    return outcomes, applications


@pytest.mark.parametrize("round", ROUNDS)
def test_two_who_approve_two_at_once_give_it_to_one(cast, round):
    outcomes, applications = both_approve(cast)
    assert reasons(outcomes) == [AccountsReason.NOT_ALLOWED_NOW]
    assert applications[0].post.terms.count() == 1
    assert sorted(map(state, applications)) == ["APPROVED", "DECLINED"]


@pytest.mark.parametrize("round", ROUNDS)
def test_applying_and_closing_at_once_leave_nobody_waiting(cast, round):
    post = StewardPostFactory(compound=cast.compound)
    outcomes = at_once(
        lambda: apply_for_post(post, by=cast.member), lambda: close_post(post, reason="不用了", by=cast.secretary)
    )
    assert reasons(outcomes) in ([], [Reason.POST_CLOSED])
    assert not StewardApplication.objects.pending().exists()


def test_control_without_the_held_post_somebody_waits_for_a_closed_one(cast, monkeypatch):
    """Closing comes between the applicant's look and the application."""
    post = StewardPostFactory(compound=cast.compound)

    def look_only(post):
        seen = StewardPost.objects.select_related("compound__parent").get(pk=post.pk)
        monkeypatch.undo()
        close_post(post, reason="不用了", by=cast.secretary)
        return seen

    monkeypatch.setattr(steward_application, "hold_post", look_only)
    apply_for_post(post, by=cast.member)
    assert StewardApplication.objects.pending().exists()
