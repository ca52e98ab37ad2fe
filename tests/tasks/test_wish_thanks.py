"""The resident's thanks reach those who fulfilled the wish, once, and say nothing about who asked."""

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from accounts.models import Notice
from accounts.refusals import Reason as AccountsReason
from tasks.actions.wish_thanks import pass_on_thanks
from tasks.models import Claim, Wish
from tasks.queries.wish_desk import moves_open
from tasks.refusals import Reason
from tests.factories import ClaimFactory, ShiftFactory, TaskFactory, WishFactory
from vanguard.lib.refused import Refused

pytestmark = pytest.mark.django_db
WORDS = "小伙子手脚麻利，谢谢你们 🙏"


@pytest.fixture
def wish(cast):
    """Done, with one who confirmed that it was and one who did not come."""
    shift = ShiftFactory(task=TaskFactory(publisher=cast.community))
    ClaimFactory(shift=shift, member=cast.member.member, status="CONFIRMED")
    ClaimFactory(shift=shift, member=cast.other_member.member, status="ABSENT")
    return WishFactory(community=cast.community, status="DONE", task=shift.task, resident_words=WORDS)


def refused(why, wish, **said):
    with pytest.raises(Refused) as caught:
        pass_on_thanks(wish, **said)
    assert caught.value.reason == why
    assert caught.value.sentence
    assert not Notice.objects.exists()


def test_those_who_helped_read_the_words(cast, wish):
    pass_on_thanks(wish, words=WORDS, by=cast.secretary)
    notice = Notice.objects.get()
    assert (notice.user, notice.kind, notice.link) == (cast.member.user, "WISH_THANKS", reverse("claims"))
    assert WORDS in notice.text
    assert wish.task.title in notice.text
    wish.refresh_from_db()
    assert wish.thanks_passed_at
    assert "thanks" not in moves_open(wish)


@pytest.mark.parametrize("status", Claim.Status.values)
@pytest.mark.parametrize("reported", [False, True])
def test_only_who_came_or_reported_it_is_thanked(cast, wish, status, reported):
    reported_at = timezone.now() if reported else None
    Claim.objects.filter(member=cast.member.member).update(
        status=status, reported_at=reported_at, offer_until=timezone.now()
    )
    if status in ("ATTENDED", "PROPOSED", "CONFIRMED") or (status == "HELD" and reported):
        pass_on_thanks(wish, words=WORDS, by=cast.secretary)
        return
    refused(Reason.NOBODY_TO_THANK, wish, words=WORDS, by=cast.secretary)
    wish.refresh_from_db()
    assert wish.thanks_passed_at is None


def test_twice_is_once_though_the_second_does_not_know(cast, wish):
    stale = Wish.objects.get(pk=wish.pk)
    pass_on_thanks(wish, words=WORDS, by=cast.secretary)
    for again in (wish, stale):
        with pytest.raises(Refused) as caught:
            pass_on_thanks(again, words=WORDS, by=cast.second_secretary)
        assert caught.value.reason == Reason.THANKED_ALREADY
    assert Notice.objects.count() == 1


@pytest.mark.parametrize("words", ["", " ", "\u3000\n"])
def test_nothing_is_passed_on_without_words(cast, wish, words):
    refused(Reason.THANKS_MISSING, wish, words=words, by=cast.secretary)


@pytest.mark.parametrize("words", ["李奶奶说谢谢你们", "谢谢，打我电话 10088888888", "谢谢，我住 3 幢 2 单元 502 室"])
def test_words_that_say_who_asked_are_refused(cast, wish, words):
    refused(Reason.NAMES_RESIDENT, wish, words=words, by=cast.secretary)


def test_once_the_contact_is_erased_thanks_are_still_passed_on(cast, wish):
    wish.contact.delete()
    wish = Wish.objects.get(pk=wish.pk)
    pass_on_thanks(wish, words=WORDS, by=cast.secretary)
    assert Notice.objects.get().user == cast.member.user


@pytest.mark.parametrize("status", set(Wish.Status.values) - {"DONE"})
def test_there_is_nothing_to_thank_for_before_it_is_done(cast, status):
    wish = WishFactory(community=cast.community, status=status, task=TaskFactory(publisher=cast.community))
    refused(AccountsReason.NOT_ALLOWED_NOW, wish, words=WORDS, by=cast.secretary)
    assert "thanks" not in moves_open(wish)


@pytest.mark.parametrize("who", ["member", "branch", "other_secretary", "city_officer"])
def test_nobody_else_passes_them_on(cast, wish, who):
    with pytest.raises(PermissionDenied):
        pass_on_thanks(wish, words=WORDS, by=getattr(cast, who))
    assert not Notice.objects.exists()
