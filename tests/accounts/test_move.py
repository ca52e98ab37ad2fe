"""State changes through one door: what the table knows, once, and written down."""

import pytest
from django.contrib.contenttypes.models import ContentType

from accounts.access import CLOCK
from accounts.actions.move import move, move_all, record
from accounts.models import Record
from accounts.refusals import Reason
from tasks.models import Wish
from tests.factories import WishFactory
from vanguard.lib.refused import Refused

pytestmark = pytest.mark.django_db


def records_of(obj):
    return Record.objects.filter(subject_type=ContentType.objects.get_for_model(obj), subject_id=obj.pk).order_by("pk")


def test_it_changes_the_state_and_writes_who_from_and_to(cast):
    wish = WishFactory(community=cast.community)
    move(wish, Wish.Status.ACCEPTED, by=cast.secretary, why="可以办")
    wish.refresh_from_db()
    assert wish.status == Wish.Status.ACCEPTED
    written = records_of(wish).get()
    assert (written.verb, written.old_status, written.new_status) == ("moved", "NEW", "ACCEPTED")
    assert (written.user, written.appointment) == (cast.secretary.user, cast.secretary.appointment)
    assert written.reason.text == "可以办"


def test_the_clock_leaves_no_name():
    wish = WishFactory()
    move(wish, Wish.Status.ACCEPTED, by=CLOCK)
    assert records_of(wish).get().user is None


def test_it_refuses_a_step_the_table_does_not_know():
    wish = WishFactory()
    with pytest.raises(Refused) as refused:
        move(wish, Wish.Status.DONE, by=CLOCK)
    assert refused.value.reason == Reason.NOT_ALLOWED_NOW
    assert refused.value.details == {"state": wish.get_status_display()}
    assert not records_of(wish).exists()


def test_it_refuses_what_somebody_else_moved_in_the_meantime():
    wish = WishFactory()
    stale = Wish.objects.get(pk=wish.pk)
    move(wish, Wish.Status.DECLINED, by=CLOCK)
    with pytest.raises(Refused) as refused:
        move(stale, Wish.Status.ACCEPTED, by=CLOCK)
    assert refused.value.reason == Reason.STATE_CHANGED
    stale.refresh_from_db()
    assert stale.status == Wish.Status.DECLINED
    assert records_of(wish).count() == 1


def test_it_sets_fields_in_the_same_step_and_on_the_object():
    wish = WishFactory()
    move(wish, Wish.Status.DECLINED, by=CLOCK, answer="办不了")
    assert (wish.status, wish.answer) == (Wish.Status.DECLINED, "办不了")
    wish.refresh_from_db()
    assert (wish.status, wish.answer) == (Wish.Status.DECLINED, "办不了")


def test_moving_all_moves_those_that_may_go_and_no_other():
    new, asked_back, declined = WishFactory(), WishFactory(status="ASKED_BACK"), WishFactory(status="DECLINED")
    assert move_all(Wish.objects.all(), Wish.Status.ACCEPTED, by=CLOCK) == [new.pk]
    assert dict(Wish.objects.values_list("pk", "status")) == {
        new.pk: "ACCEPTED",
        asked_back.pk: "ASKED_BACK",
        declined.pk: "DECLINED",
    }


def test_moving_all_twice_moves_nothing_more():
    wish = WishFactory()
    assert move_all(Wish.objects.all(), Wish.Status.ACCEPTED, by=CLOCK) == [wish.pk]
    assert move_all(Wish.objects.all(), Wish.Status.ACCEPTED, by=CLOCK) == []
    assert records_of(wish).count() == 1


def test_moving_all_costs_the_same_for_two_and_for_thirty(django_assert_num_queries):
    WishFactory.create_batch(2)
    ContentType.objects.get_for_model(Wish)
    with django_assert_num_queries(5):  # savepoint, rows, update, records, release
        move_all(Wish.objects.all(), Wish.Status.ACCEPTED, by=CLOCK)
    WishFactory.create_batch(30)
    with django_assert_num_queries(5):
        move_all(Wish.objects.all(), Wish.Status.ACCEPTED, by=CLOCK)


def test_a_record_keeps_at_most_as_much_of_a_reason_as_its_row_holds(cast):
    written = record(WishFactory(), "noted", by=cast.secretary, why="很" * 800)
    assert len(written.reason.text) == 500
