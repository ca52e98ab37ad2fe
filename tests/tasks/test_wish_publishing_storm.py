"""Two secretaries press the button at the same moment: one task. Without its guard there would be two."""

from functools import partial

import pytest

from accounts.refusals import Reason as AccountsReason
from tasks.actions import wish_publishing
from tasks.actions.wish_publishing import publish_wish
from tasks.models import Task, Wish
from tests.factories import TaskFactory, WishFactory
from tests.storm import ROUNDS, at_once, reasons
from tests.tasks.test_wish_publishing import WORDS

pytestmark = pytest.mark.django_db(transaction=True)


def both_publish(cast, **changed) -> list:
    """As two requests do it: each with the wish as it was read a moment before."""
    pk = WishFactory(community=cast.community, **changed).pk
    read = [Wish.objects.select_related("task", "contact").get(pk=pk) for _ in range(2)]
    actors = (cast.secretary, cast.second_secretary)
    acts = (partial(publish_wish, wish, by=actor, **WORDS) for wish, actor in zip(read, actors, strict=True))
    return at_once(*acts)


@pytest.mark.parametrize("status", ["NEW", "ACCEPTED", "PUBLISHED"])
def test_one_task_comes_of_it(cast, status):
    for _ in ROUNDS:
        called_off = TaskFactory(publisher=cast.community, status="CANCELLED")
        outcomes = both_publish(cast, status=status, task=called_off if status == "PUBLISHED" else None)
        assert reasons(outcomes) == [AccountsReason.STATE_CHANGED]
        [task] = [outcome for outcome in outcomes if isinstance(outcome, Task)]
        assert list(Task.objects.exclude(status="CANCELLED")) == [task]
        assert task.wishes.count() == 1
        Wish.objects.update(task=called_off)
        task.shifts.all().delete()
        task.delete()


def test_control_without_the_conditional_move_there_are_two(cast, monkeypatch):
    def step(wish, to, *, by, **fields):
        Wish.objects.filter(pk=wish.pk).update(status=to, **fields)

    monkeypatch.setattr(wish_publishing, "step", step)
    assert reasons(both_publish(cast, status="ACCEPTED")) == []
    assert Task.objects.count() == 2
