"""Appeals at the same moment: of many who decide one does, of many that are sent one is."""

import pytest

from accounts.models import Notice
from flags.actions.appeal import appeal_claim
from flags.actions.appeal_answer import decide_appeal
from flags.models import Appeal, FlagAward
from flags.refusals import Reason
from tests.flags.test_appeal import WORDS, S, answered, second_officer, served, told, uphold
from tests.storm import ROUNDS, at_once, reasons

Kind = Notice.Kind


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("round", ROUNDS)
def test_of_two_who_decide_at_once_one_does(cast, round):
    appeal = answered(appeal_claim(served(cast, mark="ABSENT"), words=WORDS, by=cast.member), cast.secretary)
    other = second_officer(cast)
    outcomes = at_once(
        lambda: uphold(Appeal.objects.get(pk=appeal.pk), by=cast.city_officer),
        lambda: decide_appeal(Appeal.objects.get(pk=appeal.pk), upheld=False, reasons="不", by=other),
        lambda: uphold(Appeal.objects.get(pk=appeal.pk), by=other),
    )
    assert len(reasons(outcomes)) == 2
    appeal.refresh_from_db()
    assert FlagAward.objects.count() == int(appeal.status == S.UPHELD)
    assert told(cast.member.user).count(Kind.APPEAL_DECIDED) == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("round", ROUNDS)
def test_of_two_appeals_at_once_one_is_sent(cast, round):
    claim = served(cast, mark="ABSENT")
    outcomes = at_once(*[lambda: appeal_claim(claim, words=WORDS, by=cast.member)] * 3)
    assert reasons(outcomes) == [Reason.APPEAL_OPEN] * 2
