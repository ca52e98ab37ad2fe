"""Opinions in a dossier: the member reads them first, and may answer before others see them."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts.access import Actor
from accounts.actions.community import merge_community
from accounts.models import Notice, Record, Role
from flags.actions.dossier import seal_dossier
from flags.actions.dossier_opinion import answer_opinion, share_opinions, write_opinion
from flags.actions.member_merge import merge_members
from flags.jobs import keep_dossiers
from flags.models import Dossier, DossierOpinion
from flags.queries.dossier import paper_of
from flags.refusals import Reason
from tests.conftest import actor
from tests.factories import MemberFactory
from tests.flags.served import last_year, served, taken_back
from vanguard.lib.refused import Refused

pytestmark = pytest.mark.django_db
S = DossierOpinion.Status
TEXT = "热心、守时，楼道里的老人都认识他。"


def write(cast, by="secretary", **said):
    said = {"year": last_year(), "text": TEXT, **said}
    return write_opinion(cast.member.member, by=getattr(cast, by), **said)


def seen_by(cast, who):
    return DossierOpinion.objects.visible_to(getattr(cast, who)).of(cast.member.member).count()


def refused(why, act):
    before = Record.objects.count(), Notice.objects.count(), DossierOpinion.objects.count()
    with pytest.raises(Refused) as caught:
        act()
    assert caught.value.reason == why
    assert "%(" not in caught.value.sentence
    assert (Record.objects.count(), Notice.objects.count(), DossierOpinion.objects.count()) == before


@pytest.mark.parametrize(("who", "kind"), [("secretary", "COMMUNITY"), ("unit_officer", "WORK_UNIT")])
def test_it_has_an_author_and_a_day_and_the_member_is_told(cast, who, kind):
    opinion = write(cast, who)
    writer = getattr(cast, who)
    assert (opinion.kind, opinion.by_user, opinion.by_appointment) == (kind, writer.user, writer.appointment)
    assert opinion.status == S.WITH_MEMBER
    assert opinion.answer_by - opinion.written_at == timedelta(days=7)
    (notice,) = cast.member.user.notices.all()
    assert notice.kind == Notice.Kind.OPINION_WRITTEN
    assert notice.link.endswith(f"?year={last_year()}")


@pytest.mark.parametrize(
    "who",
    ["member", "other_secretary", "branch", "other_unit_officer", "city_officer", "inspector", "street_officer"],
)
def test_nobody_else_writes_one(cast, who):
    with pytest.raises(PermissionDenied):
        write(cast, who)


def test_nobody_writes_one_on_oneself(cast):
    own = actor(cast.community, Role.SECRETARY, "张小明")
    appointment = own.appointment
    appointment.user = cast.member.user
    appointment.save()
    cast.own = Actor(user=cast.member.user, appointment=appointment)
    refused(Reason.OPINION_ON_ONESELF, lambda: write(cast, "own"))


def test_a_year_to_come_has_none(cast):
    refused(Reason.FUTURE_YEAR, lambda: write(cast, year=last_year() + 2))


def test_until_the_member_has_answered_only_member_and_writers_see_it(cast):
    opinion = write(cast)
    assert {who: seen_by(cast, who) for who in ("member", "secretary", "second_secretary")} == {
        "member": 1,
        "secretary": 1,
        "second_secretary": 1,
    }
    assert not seen_by(cast, "unit_officer")
    assert not seen_by(cast, "city_officer")
    assert paper_of(cast.member.member, last_year()).content["opinions"] == []
    answer_opinion(opinion, words="谢谢，我会继续。", by=cast.member)
    assert seen_by(cast, "unit_officer") == seen_by(cast, "city_officer") == 1
    (said,) = paper_of(cast.member.member, last_year()).words["opinions"]
    assert said == {"author": "陈书记", "text": TEXT, "answer": "谢谢，我会继续。"}
    assert cast.secretary.user.notices.get().kind == Notice.Kind.OPINION_ANSWERED


def test_streets_branches_inspectors_and_strangers_never_see_it(cast):
    answer_opinion(write(cast), words="", by=cast.member)
    for who in ("street_officer", "branch", "inspector", "other_member"):
        assert not seen_by(cast, who)


def test_having_read_it_is_enough_and_nobody_is_bothered(cast):
    opinion = write(cast)
    answer_opinion(opinion, words="", by=cast.member)
    opinion.refresh_from_db()
    assert (opinion.status, opinion.answer) == (S.SHARED, "")
    assert opinion.read_at
    assert not cast.secretary.user.notices.exists()


def test_it_is_answered_once(cast):
    opinion = write(cast)
    answer_opinion(opinion, words="谢谢", by=cast.member)
    refused(Reason.OPINION_NOT_OPEN, lambda: answer_opinion(opinion, words="再说一句", by=cast.member))


@pytest.mark.parametrize("who", ["other_member", "secretary"])
def test_nobody_answers_for_the_member(cast, who):
    with pytest.raises(PermissionDenied):
        answer_opinion(write(cast), words="谢谢", by=getattr(cast, who))


def test_not_answered_it_is_shared_when_the_days_are_over(cast):
    with time_machine.travel("2026-06-01T10:00:00+08:00", tick=False):
        opinion = write(cast)
    with time_machine.travel("2026-06-08T09:59:59+08:00", tick=False):
        share_opinions()
        opinion.refresh_from_db()
        assert opinion.status == S.WITH_MEMBER
    with time_machine.travel("2026-06-08T10:00:00+08:00", tick=False):
        share_opinions()
        share_opinions()
    opinion.refresh_from_db()
    assert (opinion.status, opinion.read_at) == (S.SHARED, None)


def test_said_anew_it_is_another_version_and_the_former_one_stays(cast):
    first = write(cast)
    second = write(cast, text="更正：还担任楼道长。", seen=1)
    first.refresh_from_db()
    assert (first.status, first.text) == (S.REPLACED, TEXT)
    assert (second.version, second.status) == (2, S.WITH_MEMBER)
    refused(Reason.OPINION_NOT_OPEN, lambda: answer_opinion(first, words="谢谢", by=cast.member))


def test_of_two_who_write_at_once_the_second_reads_the_first(cast):
    write(cast)
    refused(Reason.OPINION_CHANGED, lambda: write(cast, "second_secretary", text="另一种意见"))


def test_the_same_form_sent_twice_is_one(cast):
    form = uuid4()
    assert write(cast, sent_once=form) == write(cast, sent_once=form)
    assert cast.member.user.notices.count() == 1


def test_community_and_unit_each_have_their_own(cast):
    write(cast)
    write(cast, "unit_officer")
    assert DossierOpinion.objects.current().count() == 2


def test_a_shared_opinion_makes_the_next_version_of_what_was_sealed(cast):
    assert seal_dossier(cast.member.member, year=last_year(), by=cast.member).version == 1
    opinion = write(cast)
    assert seal_dossier(cast.member.member, year=last_year(), by=cast.member).version == 1
    answer_opinion(opinion, words="", by=cast.member)
    second = seal_dossier(cast.member.member, year=last_year(), by=cast.member)
    assert second.version == 2
    assert TEXT in str(second.words.words)
    assert TEXT not in str(second.content)


def test_who_moved_is_spoken_of_by_the_community_of_today(cast):
    member = cast.member.member
    member.home = cast.other_community
    member.save()
    with pytest.raises(PermissionDenied):
        write(cast)
    assert write(cast, "other_secretary").organization == cast.other_community


def test_what_was_said_of_the_other_account_is_read_and_answered_in_the_one_that_is_kept(cast):
    twin = MemberFactory(user__name=cast.member.user.name, unit=cast.unit, community=cast.community)
    opinion = write_opinion(twin, year=last_year(), text=TEXT, by=cast.secretary)
    merge_members(cast.member.member, twin, by=cast.city_officer)
    assert seen_by(cast, "member") == 1
    opinion = DossierOpinion.objects.get(pk=opinion.pk)
    answer_opinion(opinion, words="谢谢", by=cast.member)
    assert len(paper_of(cast.member.member, last_year()).content["opinions"]) == 1
    assert timezone.now() >= DossierOpinion.objects.get().read_at


def test_after_a_merger_of_communities_the_new_one_goes_on(cast):
    write(cast)
    merge_community(cast.community, into=cast.other_community, by=cast.city_officer)
    for row in (cast.other_community, cast.other_secretary.organization, cast.member.member):
        row.refresh_from_db()
    assert seen_by(cast, "other_secretary") == 1
    second = write(cast, "other_secretary", text="合并后的意见", seen=1)
    assert (second.organization, second.version) == (cast.other_community, 2)


def test_the_clock_shares_opinions_and_seals_anew_what_was_corrected(cast):
    line = served(cast, date(last_year(), 3, 1))
    seal_dossier(cast.member.member, year=last_year(), by=cast.member)
    taken_back(line)
    opinion = write(cast)
    DossierOpinion.objects.update(answer_by=timezone.now())
    keep_dossiers()
    opinion.refresh_from_db()
    assert opinion.status == S.SHARED
    newest = Dossier.objects.of(cast.member.member).first()
    assert (newest.version, newest.flags, len(newest.content["opinions"])) == (2, 0, 1)
