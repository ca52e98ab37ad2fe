"""A member's year on paper: what it says, that it is sealed once, and that a correction makes the next version."""

from datetime import date, datetime, timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction
from django.utils import timezone

from accounts.access import CLOCK
from accounts.models import Notice, Record
from flags.actions.dossier import reseal_corrected_dossiers, seal_dossier
from flags.actions.member_merge import merge_members
from flags.models import Dossier, DossierWords
from flags.models.dossier_serial import new_serial, read_serial
from flags.queries.compliance import standing_of
from flags.queries.dossier import current_dossier, digest_of, paper_of, years_on_paper
from flags.queries.service_record import record_rows, services_of
from flags.refusals import Reason
from tasks.models import GroupMembership, Wish
from tests.factories import (
    ClaimFactory,
    GroupClaimFactory,
    HelperGroupFactory,
    LateEntryFactory,
    MemberFactory,
    StewardLogFactory,
    StewardPostFactory,
    SuggestionFactory,
    WishFactory,
)
from tests.flags.ledger import award
from tests.flags.served import last_year, served, taken_back
from vanguard.lib.refused import Refused

pytestmark = pytest.mark.django_db


def paper(cast, year=None):
    return paper_of(cast.member.member, year or last_year())


def seal(cast, by=None, year=None):
    return seal_dossier(cast.member.member, year=year or last_year(), by=by or cast.member)


def refused(why, act):
    before = Record.objects.count(), Notice.objects.count(), Dossier.objects.count()
    with pytest.raises(Refused) as caught:
        act()
    assert caught.value.reason == why
    assert "%(" not in caught.value.sentence
    assert (Record.objects.count(), Notice.objects.count(), Dossier.objects.count()) == before


def test_it_says_who_where_and_what_and_adds_up_as_the_report_does(cast):
    year = last_year()
    served(cast, date(year, 2, 14), hours=2.5, companions=2, task={"flag_value": 2})
    served(cast, date(year, 12, 31), task={"category": "MICRO_WISH"})
    award(cast, cast.member.member, date(year + 1, 1, 1))
    content = paper(cast).content
    assert (content["unit"], content["communities"], content["city"]) == ("青澜市财政局", ["荷风社区"], "青澜市")
    assert (content["number"], content["checked_in_since"]) == ("0000000001", "2020-01-01")
    assert (content["flags"], content["services"], content["minutes"], content["companions"]) == (3, 2, 270, 2)
    assert content["quarters"] == [2, 0, 0, 1]
    standing = standing_of(cast.member.member, year)
    assert (content["flags"], content["services"]) == (standing.flags, standing.services)
    assert content["quarters"] == [standing.q1, standing.q2, standing.q3, standing.q4]
    assert {c.lower(): n for c, n in content["categories"].items()} == {
        c.lower(): getattr(standing, c.lower()) for c in content["categories"]
    }
    assert (content["required"], content["state"]) == (5, "NOT_MET")


def test_a_line_says_day_place_task_time_and_who_answers_for_it(cast):
    served(cast, date(last_year(), 2, 14), task={"contact_name": "王书记"})
    said = paper(cast)
    (line,), (words,) = said.content["lines"], said.words["lines"]
    assert line["day"] == f"{last_year()}-02-14"
    assert (line["title"], line["place"], line["by"]) == ("元宵节家庭手工灯笼制作", "社区文化家园", "荷风社区")
    assert (line["minutes"], line["flags"], line["takes_back"]) == (120, 1, False)
    assert (words["contact"], words["confirmed_by"]) == ("王书记", "陈书记")


def test_what_was_taken_back_stands_there_and_counts_no_more(cast):
    taken_back(served(cast, date(last_year(), 3, 1), companions=1))
    content = paper(cast).content
    assert [line["flags"] for line in content["lines"]] == [1, -1]
    assert [line["takes_back"] for line in content["lines"]] == [False, True]
    assert (content["flags"], content["services"], content["minutes"], content["companions"]) == (0, 0, 0, 0)


@pytest.mark.parametrize(
    ("states", "said"),
    [
        ([("DONE", "GOOD")], "GOOD"),
        ([("DONE", "")], "DONE"),
        ([("FULFILLED", "")], ""),
        ([("DONE", "GOOD"), ("REOPENED", "")], ""),
    ],
)
def test_the_resident_is_quoted_by_a_mark_and_never_by_words(cast, states, said):
    line = served(cast, date(last_year(), 3, 1), task={"category": "MICRO_WISH"})
    for status, rating in states:
        WishFactory(
            community=cast.community,
            task=line.claim.shift.task,
            status=Wish.Status(status),
            rating=rating,
            resident_words="谢谢小张，三单元李奶奶",
        )
    told = paper(cast)
    assert told.content["lines"][0]["rating"] == said
    assert "李奶奶" not in str(told)


def test_groups_posts_and_suggestions_of_the_year_stand_with_it(cast):
    member, year = cast.member.member, last_year()
    line = served(cast, date(year, 5, 1))
    group = HelperGroupFactory(name="和睦帮帮团", community=cast.community)
    line.claim.group_claim = GroupClaimFactory(shift=line.claim.shift, group=group)
    line.claim.save()
    later = HelperGroupFactory(name="后来的帮帮团", community=cast.community)
    GroupMembership.objects.create(group=later, member=member, status="AGREED")
    StewardPostFactory(compound=cast.compound, subject="3 幢", holder=member, held_from=date(year, 7, 1))
    decided = timezone.make_aware(datetime(year, 8, 1, 12))
    SuggestionFactory(community=cast.community, author=member, status="ADOPTED", decided_at=decided)
    SuggestionFactory(community=cast.community, author=member, status="NOT_ADOPTED", decided_at=decided)
    content = paper(cast).content
    assert content["groups"] == ["和睦帮帮团"]
    (post,) = content["posts"]
    assert (post["subject"], post["from"], post["to"]) == ("3 幢", f"{year}-07-01", f"{year}-12-31")
    (suggestion,) = content["suggestions"]
    assert (suggestion["day"], suggestion["status"]) == (f"{year}-08-01", "ADOPTED")


def test_what_is_no_service_says_what_it_is_for_and_what_was_entered_afterwards_has_its_hours(cast):
    member, year = cast.member.member, last_year()
    post = StewardPostFactory(compound=cast.compound, subject="3 幢", holder=member)
    log = StewardLogFactory(post=post, member=member, year=year, quarter=2, status="CONFIRMED")
    suggestion = SuggestionFactory(community=cast.community, author=member, text="李奶奶家门口的灯")
    starts_at = timezone.make_aware(datetime(year, 7, 1, 9))
    entry = LateEntryFactory(member=member, starts_at=starts_at, ends_at=starts_at + timedelta(hours=3), what="守小门")
    award(cast, member, date(year, 6, 30), log=log, category="RED_STEWARD")
    award(cast, member, date(year, 7, 1), entry=entry)
    award(cast, member, date(year, 8, 1), suggestion=suggestion, category="SUGGESTION")
    content = paper(cast).content
    of_log, of_entry, of_suggestion = content["lines"]
    assert ("3 幢" in of_log["title"], of_log["minutes"]) == (True, 0)
    assert (of_entry["title"], of_entry["minutes"]) == ("守小门", 180)
    assert "李奶奶" not in str(of_suggestion)
    assert content["minutes"] == 180
    (row,) = record_rows(services_of(member, year))
    assert (row[2], row[4], row[5], row[8]) == ("守小门", "09:00", "12:00", 3)


def test_what_was_lit_again_counts_again(cast):
    back = taken_back(served(cast, date(last_year(), 3, 1)))
    again = {"reverses": back, "value": 1, "claim": back.claim, "category": back.category}
    award(cast, cast.member.member, back.served_on, **again)
    content = paper(cast).content
    assert [(line["takes_back"], line["lit_again"]) for line in content["lines"]] == [
        (False, False),
        (True, False),
        (False, True),
    ]
    assert (content["flags"], content["services"], content["minutes"]) == (1, 1, 120)
    assert len(list(record_rows(services_of(cast.member.member, last_year())))) == 1


def test_who_had_two_accounts_has_one_dossier(cast):
    twin = MemberFactory(user__name=cast.member.user.name, unit=cast.unit, community=cast.community)
    served(cast, date(last_year(), 3, 1))
    served(cast, date(last_year(), 4, 1), member=twin)
    merge_members(cast.member.member, twin, by=cast.city_officer)
    assert paper(cast).content["services"] == 2


def test_the_years_begin_with_the_check_in(cast):
    assert years_on_paper(cast.member.member) == list(range(last_year() + 1, 2019, -1))
    assert years_on_paper(MemberFactory()) == [last_year() + 1]


# --- sealing ---------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["member", "secretary", "unit_officer", "city_officer"])
def test_a_year_that_is_over_is_sealed_with_a_number_and_a_digest(cast, who):
    served(cast, date(last_year(), 3, 1))
    dossier = seal(cast, by=getattr(cast, who))
    assert (dossier.version, dossier.flags, dossier.services) == (1, 1, 1)
    dossier.refresh_from_db()
    assert dossier.digest == digest_of(dossier.content)
    assert dossier.content["words"] == digest_of(dossier.words.words)
    assert cast.member.user.name not in str(dossier.content)
    assert "陈书记" not in str(dossier.content)
    assert dossier.by_user == getattr(cast, who).user
    assert read_serial(dossier.serial) == dossier.serial
    assert Record.objects.filter(verb="sealed").count() == 1


def test_sealed_twice_it_is_one(cast):
    first = seal(cast)
    assert seal(cast, by=cast.secretary) == first
    assert Dossier.objects.count() == 1


@pytest.mark.parametrize("who", ["other_member", "other_secretary", "branch", "other_unit_officer", "inspector"])
def test_whom_it_does_not_concern_cannot_have_it_sealed(cast, who):
    with pytest.raises(PermissionDenied):
        seal(cast, by=getattr(cast, who))


def test_a_running_year_cannot_be_sealed_and_from_new_years_midnight_on_it_can(cast):
    with time_machine.travel("2026-12-31T23:59:59+08:00", tick=False):
        refused(Reason.YEAR_NOT_SEALABLE, lambda: seal(cast, year=2026))
    with time_machine.travel("2027-01-01T00:00:00+08:00", tick=False):
        assert seal(cast, year=2026).version == 1


def test_a_year_before_the_member_came_cannot_be_sealed(cast):
    refused(Reason.NOTHING_TO_SEAL, lambda: seal(cast, year=2019))


def test_a_correction_makes_the_next_version_and_the_member_is_told(cast):
    line = served(cast, date(last_year(), 3, 1))
    first = seal(cast)
    taken_back(line)
    reseal_corrected_dossiers()
    second = current_dossier(cast.member.member, last_year())
    assert (second.version, second.flags, second.by_user) == (2, 0, None)
    assert second.serial != first.serial
    assert Dossier.objects.get(pk=first.pk).flags == 1, "the former one stays what it was"
    assert cast.member.user.notices.get().kind == Notice.Kind.DOSSIER_REPLACED
    reseal_corrected_dossiers()
    assert Dossier.objects.count() == 2


def test_what_nobody_had_sealed_is_not_sealed_by_the_clock(cast):
    served(cast, date(last_year(), 3, 1))
    reseal_corrected_dossiers()
    assert not Dossier.objects.exists()


def test_after_a_merger_of_accounts_the_clock_seals_one_of_both(cast):
    twin = MemberFactory(user__name=cast.member.user.name, unit=cast.unit, community=cast.community)
    served(cast, date(last_year(), 3, 1))
    served(cast, date(last_year(), 4, 1), member=twin)
    one = seal(cast)
    other = seal_dossier(twin, year=last_year(), by=cast.secretary)
    merge_members(cast.member.member, twin, by=cast.city_officer)
    reseal_corrected_dossiers()
    newest = current_dossier(cast.member.member, last_year())
    assert newest.pk not in (one.pk, other.pk)
    assert (newest.services, newest.version) == (2, 2)


def test_a_sealed_one_is_never_changed_or_deleted(cast):
    dossier = seal(cast)
    for act in (
        lambda: Dossier.objects.filter(pk=dossier.pk).update(flags=9),
        lambda: Dossier.objects.filter(pk=dossier.pk)._raw_delete("default"),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()


def test_name_and_words_can_be_erased_and_the_digest_still_holds(cast):
    served(cast, date(last_year(), 3, 1))
    dossier = seal(cast)
    DossierWords.objects.filter(dossier=dossier).delete()
    dossier = Dossier.objects.get(pk=dossier.pk)
    assert dossier.digest == digest_of(dossier.content)
    reseal_corrected_dossiers()
    assert Dossier.objects.count() == 1


def test_the_paper_costs_the_same_for_one_service_and_for_thirty(cast, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    served(cast, date(last_year(), 3, 1))
    paper(cast)
    with CaptureQueriesContext(connection) as one:
        paper(cast)
    claim = ClaimFactory(member=cast.member.member, status="CONFIRMED")
    for month in range(1, 13):
        served(cast, date(last_year(), month, 2))
    assert claim
    with django_assert_num_queries(len(one)):
        paper(cast)


# --- numbers ---------------------------------------------------------------------------------


def test_a_number_is_read_however_it_is_typed():
    serial = new_serial(2025)
    for typed in (serial, serial.lower(), serial.replace("-", ""), serial.replace("-", " "), f" {serial}\n"):
        assert read_serial(typed) == serial


@pytest.mark.parametrize("typed", ["", "2025", "一二三", "2025-AAAA-AAAA-AAAA-AAAA", "9" * 400, "2025-0OIL-AAAA-AAAA"])
def test_what_is_no_number_is_none(typed):
    assert read_serial(typed) == ""


def test_any_other_character_or_another_year_spoils_it():
    serial = new_serial(2025)
    for at in range(len(serial)):
        other = "3" if serial[at] == "2" else "2"
        if serial[at] != "-":
            assert read_serial(serial[:at] + other + serial[at + 1 :]) == ""


def test_it_stays_good_while_the_former_key_is_named(settings):
    serial, former = new_serial(2025), settings.SECRET_KEY
    settings.SECRET_KEY = "another key that is long enough"
    assert read_serial(serial) == ""
    settings.SECRET_KEY_FALLBACKS = [former]
    assert read_serial(serial) == serial


def test_the_clock_may_seal(cast):
    assert seal(cast, by=CLOCK).by_user is None
