"""Two secretaries pass the same thanks on at the same moment: the member reads them once."""

from functools import partial

import pytest

from accounts.models import Notice
from tasks.actions import wish_thanks
from tasks.actions.wish_thanks import pass_on_thanks
from tasks.models import Wish
from tasks.refusals import Reason
from tests.factories import ClaimFactory, ShiftFactory, TaskFactory, WishFactory
from tests.storm import ROUNDS, at_once, reasons

pytestmark = pytest.mark.django_db(transaction=True)


def both_pass_on(cast) -> list:
    """As two requests do it: each with the wish as it was read a moment before."""
    shift = ShiftFactory(task=TaskFactory(publisher=cast.community))
    ClaimFactory(shift=shift, member=cast.member.member, status="CONFIRMED")
    pk = WishFactory(community=cast.community, status="DONE", task=shift.task).pk
    read = [Wish.objects.select_related("task", "contact", "community").get(pk=pk) for _ in range(2)]
    actors = (cast.secretary, cast.second_secretary)
    acts = (partial(pass_on_thanks, wish, words="谢谢", by=by) for wish, by in zip(read, actors, strict=True))
    return at_once(*acts)


def test_they_are_read_once(cast):
    for _ in ROUNDS:
        assert reasons(both_pass_on(cast)) == [Reason.THANKED_ALREADY]
        assert Notice.objects.count() == 1
        Notice.objects.all().delete()


def test_control_without_the_conditional_update_they_are_read_twice(cast, monkeypatch):
    monkeypatch.setattr(wish_thanks, "_once", lambda wish: None)
    assert reasons(both_pass_on(cast)) == []
    assert Notice.objects.count() == 2
