"""A suggestion: sent by a member or a resident, answered, decided with reasons, and later what came of it."""

from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.access import Actor
from accounts.actions.organization import close_organization
from accounts.models import Appointment, Notice, Record
from accounts.refusals import Reason as AccountsReason
from tasks.actions.suggestion import send_suggestion, suggest
from tasks.actions.suggestion_answer import answer_suggestion, decide_suggestion, reveal_sender, tell_outcome
from tasks.models import Suggestion
from tasks.queries.suggestion import suggestions_to_answer
from tasks.refusals import Reason
from tests.conftest import member_actor
from tests.factories import MemberFactory, SuggestionFactory, UserFactory
from tests.storm import ROUNDS, at_once, reasons
from vanguard.lib.refused import Refused

pytestmark = pytest.mark.django_db
S, Kind = Suggestion.Status, Notice.Kind
WORDS = {"category": "SAFETY", "text": "东门的路灯太暗，建议换成感应灯。"}
RESIDENT = {**WORDS, "name": "李奶奶", "phone": "10088888888"}


@pytest.fixture
def sent(cast):
    return SuggestionFactory(community=cast.community, author=cast.member.member)


def refused(why, act, *args, **kwargs):
    before = Record.objects.count(), Notice.objects.count(), list(Suggestion.objects.values())
    with pytest.raises(Refused) as caught:
        act(*args, **kwargs)
    assert caught.value.reason == why
    assert caught.value.sentence
    assert (Record.objects.count(), Notice.objects.count(), list(Suggestion.objects.values())) == before


def told(user) -> list[str]:
    return list(user.notices.order_by("pk").values_list("kind", flat=True))


def only_secretary(cast):
    """The secretary who is left of two, as the member that person also is."""
    Appointment.objects.filter(pk=cast.second_secretary.appointment.pk).delete()
    return member_actor(MemberFactory(user=cast.secretary.user, unit=cast.unit, community=cast.community))


# --- sending --------------------------------------------------------------------------------


def test_a_member_suggests_to_the_community_of_the_own_compound(cast):
    suggestion = suggest(**WORDS, by=cast.member)
    assert (suggestion.community, suggestion.author, suggestion.status) == (cast.community, cast.member.member, S.NEW)
    assert not hasattr(suggestion, "contact")
    assert list(suggestions_to_answer(cast.secretary)) == [suggestion]
    assert not suggestions_to_answer(cast.other_secretary).exists()


@pytest.mark.parametrize("logged_in", [True, False])
def test_a_resident_suggests_with_a_phone_and_no_account_is_needed(cast, logged_in):
    by = Actor(user=UserFactory()) if logged_in else Actor()
    suggestion = send_suggestion(cast.community, **RESIDENT, by=by)
    assert (suggestion.author, suggestion.sender) == (None, by.user)
    assert (suggestion.contact.name, suggestion.contact.phone) == ("李奶奶", "10088888888")


def test_what_cannot_be_sent(cast, settings):
    newcomer = member_actor(MemberFactory(unit=cast.unit))
    refused(Reason.NOT_CHECKED_IN, suggest, **WORDS, by=newcomer)
    refused(Reason.PHONE_MISSING, send_suggestion, cast.community, **RESIDENT | {"phone": ""}, by=Actor())
    with pytest.raises(PermissionDenied):
        suggest(**WORDS, by=cast.secretary)
    cast.community.closed_on = timezone.localdate()
    refused(Reason.NO_SUGGESTIONS_TAKEN, send_suggestion, cast.community, **RESIDENT, by=Actor())


def test_the_same_form_sent_twice_is_one_and_other_words_are_another(cast):
    for send in (
        lambda **said: suggest(**WORDS | said, by=cast.member),
        lambda **said: send_suggestion(cast.community, **RESIDENT | said, by=Actor()),
    ):
        form = uuid4()
        first, again = send(sent_once=form), send(sent_once=form)
        other = send(sent_once=form, text="另一条")
        assert first == again != other


def test_the_same_words_of_two_members_are_two(cast):
    form = uuid4()
    neighbour = member_actor(MemberFactory(community=cast.community))
    assert suggest(**WORDS, sent_once=form, by=cast.member) != suggest(**WORDS, sent_once=form, by=neighbour)


def test_so_many_a_day_and_no_more(cast, settings):
    settings.SUGGESTIONS_A_DAY = 1
    suggest(**WORDS, by=cast.member)
    refused(Reason.TOO_MANY_SUGGESTIONS, suggest, **WORDS, by=cast.member)
    send_suggestion(cast.community, **RESIDENT, by=Actor())
    refused(Reason.TOO_MANY_SUGGESTIONS, send_suggestion, cast.community, **RESIDENT, by=Actor())
    send_suggestion(cast.community, **RESIDENT | {"phone": "10077777777"}, by=Actor())
    Suggestion.objects.update(created_at=timezone.now() - timezone.timedelta(days=1, minutes=1))
    suggest(**WORDS, by=cast.member)


# --- answering ------------------------------------------------------------------------------


def test_first_an_answer_then_a_decision_then_what_came_of_it(cast, sent):
    author = cast.member.user
    answer_suggestion(sent, words="谢谢，下周去现场看。", by=cast.secretary)
    answered_at = sent.answered_at
    decide_suggestion(sent, S.ADOPTED, reason="列入本季度改造。", by=cast.second_secretary)
    tell_outcome(sent, words="已换好三盏。", by=cast.secretary)
    tell_outcome(sent, words="全部换好。", by=cast.secretary)
    sent.refresh_from_db()
    assert (sent.status, sent.answer, sent.reason, sent.outcome) == (
        S.ADOPTED,
        "谢谢，下周去现场看。",
        "列入本季度改造。",
        "全部换好。",
    )
    assert answered_at == sent.answered_at < sent.decided_at < sent.outcome_at
    assert told(author) == [
        Kind.SUGGESTION_ANSWERED,
        Kind.SUGGESTION_DECIDED,
        Kind.FLAG_AWARDED,
        Kind.SUGGESTION_OUTCOME,
        Kind.SUGGESTION_OUTCOME,
    ]
    said = Record.objects.filter(subject_id=sent.pk, reason__isnull=False).order_by("pk")
    assert [row.reason.text for row in said] == [
        "谢谢，下周去现场看。",
        "列入本季度改造。",
        "已换好三盏。",
        "全部换好。",
    ]


@pytest.mark.parametrize("to", Suggestion.DECIDED)
def test_it_may_be_decided_at_once_and_that_is_final(cast, sent, to):
    decide_suggestion(sent, to, reason="已有计划。", by=cast.secretary)
    sent.refresh_from_db()
    assert (sent.status, sent.answer) == (to, "")
    assert sent.answered_at == sent.decided_at
    for other in Suggestion.DECIDED:
        refused(AccountsReason.NOT_ALLOWED_NOW, decide_suggestion, sent, other, reason="又", by=cast.secretary)
    refused(AccountsReason.NOT_ALLOWED_NOW, answer_suggestion, sent, words="又", by=cast.secretary)


def test_a_resident_with_an_account_is_told_and_one_without_is_not(cast):
    user = UserFactory()
    for by in (Actor(user=user), Actor()):
        suggestion = send_suggestion(cast.community, **RESIDENT, by=by)
        decide_suggestion(suggestion, S.PARTLY_ADOPTED, reason="先换两盏。", by=cast.secretary)
    assert told(user) == [Kind.SUGGESTION_DECIDED]
    assert Notice.objects.count() == 1


@pytest.mark.parametrize("words", ["", "  \n "])
def test_nothing_is_answered_without_words_nor_decided_without_reasons(cast, sent, words):
    refused(Reason.ANSWER_MISSING, answer_suggestion, sent, words=words, by=cast.secretary)
    for to in Suggestion.DECIDED:
        refused(Reason.ANSWER_MISSING, decide_suggestion, sent, to, reason=words, by=cast.secretary)
    decided = SuggestionFactory(community=cast.community, status="ADOPTED")
    refused(Reason.OUTCOME_MISSING, tell_outcome, decided, words=words, by=cast.secretary)


@pytest.mark.parametrize("status", Suggestion.UNDECIDED)
def test_nothing_comes_of_what_is_not_decided(cast, status):
    undecided = SuggestionFactory(community=cast.community, status=status)
    refused(AccountsReason.NOT_ALLOWED_NOW, tell_outcome, undecided, words="好了", by=cast.secretary)


def test_the_same_outcome_twice_is_told_once(cast):
    decided = SuggestionFactory(community=cast.community, author=cast.member.member, status="NOT_ADOPTED")
    for _ in range(2):
        tell_outcome(decided, words="市里今年统一改造。", by=cast.secretary)
    assert told(cast.member.user) == [Kind.SUGGESTION_OUTCOME]
    assert Record.objects.filter(verb="outcome told").count() == 1


OTHERS = [
    "member",
    "other_member",
    "branch",
    "other_secretary",
    "unit_officer",
    "street_officer",
    "city_officer",
    "inspector",
]


@pytest.mark.parametrize("who", OTHERS)
def test_nobody_else_answers_or_reads(cast, sent, who):
    actor = getattr(cast, who)
    decided = SuggestionFactory(community=cast.community, status="ADOPTED")
    for act in (
        lambda: answer_suggestion(sent, words="好", by=actor),
        lambda: decide_suggestion(sent, S.ADOPTED, reason="好", by=actor),
        lambda: tell_outcome(decided, words="好", by=actor),
    ):
        with pytest.raises(PermissionDenied):
            act()
    own = {sent} if who == "member" else set()
    assert set(Suggestion.objects.visible_to(actor)) == own
    assert not suggestions_to_answer(actor).exists()


def test_each_look_at_a_resident_is_recorded_and_the_citys_is_none(cast):
    suggestion = SuggestionFactory(community=cast.community, author=None)
    assert reveal_sender(suggestion, by=cast.secretary).phone == "10088888888"
    assert reveal_sender(suggestion, by=cast.city_officer) is None
    assert Record.objects.filter(verb="revealed").count() == 1


# --- one's own ------------------------------------------------------------------------------


def own_ways(cast):
    """As a member, as a resident who is logged in, and as a resident with the own phone."""
    secretary = cast.secretary.user
    author = MemberFactory(user=secretary, unit=cast.unit, community=cast.community)
    yield SuggestionFactory(community=cast.community, author=author)
    yield SuggestionFactory(community=cast.community, author=None, sender=secretary)
    yield SuggestionFactory(community=cast.community, author=None, contact__phone=secretary.phone)


def test_nobody_decides_on_their_own_and_the_colleague_does(cast):
    for own in own_ways(cast):
        assert not suggestions_to_answer(cast.secretary).exists()
        refused(Reason.OWN_SUGGESTION, decide_suggestion, own, S.ADOPTED, reason="好", by=cast.secretary)
        refused(Reason.OWN_SUGGESTION, answer_suggestion, own, words="好", by=cast.secretary)
        assert not Suggestion.objects.answered_by(cast.city_officer).exists(), "there is a colleague"
        decide_suggestion(own, S.ADOPTED, reason="好", by=cast.second_secretary)
        refused(Reason.OWN_SUGGESTION, tell_outcome, own, words="好了", by=cast.secretary)


def test_that_of_the_only_secretary_is_the_citys_and_no_other_is(cast):
    Appointment.objects.filter(pk=cast.second_secretary.appointment.pk).delete()
    SuggestionFactory(community=cast.community)
    SuggestionFactory(community=cast.other_community)
    for own in own_ways(cast):
        assert list(suggestions_to_answer(cast.city_officer)) == [own]
        decide_suggestion(own, S.ADOPTED, reason="好", by=cast.city_officer)


def test_the_author_reads_it_under_every_hat(cast):
    author = only_secretary(cast)
    own = suggest(**WORDS, by=author)
    assert own in Suggestion.objects.visible_to(author)
    assert own in Suggestion.objects.visible_to(Actor(user=author.user))


# --- closing communities, and what the database refuses ----------------------------------------


def test_a_community_with_an_unanswered_one_is_not_closed(cast, sent):
    community = cast.other_community
    cast.other_member.member.check_ins.update(status="ENDED", ended_on=timezone.localdate())
    type(cast.other_member.member).objects.filter(pk=cast.other_member.member.pk).update(home=None)
    waiting = SuggestionFactory(community=community)
    refused(Reason.SUGGESTIONS_UNANSWERED, close_organization, community, by=cast.city_officer)
    answer_suggestion(waiting, words="好", by=cast.other_secretary)
    close_organization(community, by=cast.city_officer)


@pytest.mark.parametrize(
    "wrong",
    [
        {"text": ""},
        {"status": "ADOPTED"},
        {"status": "ANSWERED"},
        {"outcome": "好了"},
        {"answered_at": timezone.now()},
        {"decided_at": timezone.now()},
    ],
)
def test_the_database_refuses_what_cannot_be(sent, wrong):
    with pytest.raises(IntegrityError), transaction.atomic():
        Suggestion.objects.filter(pk=sent.pk).update(**wrong)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("round", ROUNDS)
def test_of_two_who_decide_at_once_one_does(cast, round):
    suggestion = SuggestionFactory(community=cast.community, author=cast.member.member)
    deciders = ((cast.secretary, S.ADOPTED), (cast.second_secretary, S.NOT_ADOPTED))
    outcomes = at_once(
        *(
            lambda by=by, to=to: decide_suggestion(Suggestion.objects.get(pk=suggestion.pk), to, reason="理由", by=by)
            for by, to in deciders
        )
    )
    assert len(reasons(outcomes)) == 1
    assert told(cast.member.user).count(Kind.SUGGESTION_DECIDED) == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("round", ROUNDS)
def test_a_form_that_arrives_twice_at_once_is_one(cast, round):
    form = uuid4()
    send = [lambda: suggest(**WORDS, sent_once=form, by=cast.member)] * 3
    assert reasons(at_once(*send)) == []
    assert Suggestion.objects.count() == 1
