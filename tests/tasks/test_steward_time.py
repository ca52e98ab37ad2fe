"""What time does to posts: terms end, holders and staff are reminded before, and of logs; each once."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Notice, Record
from tasks.actions.steward_log import save_log
from tasks.actions.steward_succession import answer_succession, name_successor
from tasks.actions.steward_time import end_terms_that_are_over, remind_stewards
from tasks.jobs import keep_posts
from tasks.models import StewardPost, StewardTerm
from tests.factories import MemberFactory, StewardPostFactory
from tests.tasks.steward_world import neighbour, state, told
from vanguard.lib.quarters import Quarter

pytestmark = pytest.mark.django_db
HALF_A_YEAR = {"held_from": date(2026, 7, 1), "held_until": date(2026, 12, 31)}
WORDS = {"seen": "楼道。", "done": "清了。"}


def at(day: str, hour: str = "09:00") -> time_machine.travel:
    moment = datetime.fromisoformat(f"{day}T{hour}").replace(tzinfo=ZoneInfo("Asia/Shanghai"))
    return time_machine.travel(moment, tick=False)


@pytest.fixture
def post(cast) -> StewardPost:
    return StewardPostFactory(compound=cast.compound, holder=cast.member.member, **HALF_A_YEAR)


def run(day: str, hour: str = "09:00") -> None:
    with at(day, hour):
        keep_posts()


# --- a term's end ----------------------------------------------------------------------------


def test_on_the_day_after_the_last_one_it_is_open_again(cast, post):
    run("2026-12-31", "23:59")
    assert state(post) == "HELD"
    Notice.objects.all().delete()
    for _ in range(2):
        run("2027-01-01", "00:00")
    term = post.terms.get()
    assert (state(post), term.ended_on, term.ending) == ("OPEN", date(2026, 12, 31), StewardTerm.Ending.RUN_OUT)
    assert told(cast.member, cast.branch, cast.secretary) == [["STEWARD_OVER"]] * 3
    assert Record.objects.filter(verb="ended", subject_id=term.pk, user=None).count() == 1


def test_a_term_that_was_renewed_goes_on(cast, post):
    with at("2026-12-31"):
        asked = name_successor(post, cast.member.member, by=cast.secretary)
        answer_succession(asked, agree=True, by=cast.member)
    run("2027-01-01")
    assert state(post) == "HELD"


def test_holder_and_staff_are_reminded_fourteen_days_before_once(cast, post):
    run("2026-12-16")
    assert not Notice.objects.filter(kind="STEWARD_ENDS_SOON").exists()
    for day in ("2026-12-17", "2026-12-18", "2026-12-31"):
        run(day)
    for person in (cast.member, cast.branch, cast.secretary):
        assert person.user.notices.filter(kind="STEWARD_ENDS_SOON").count() == 1
    assert not cast.other_secretary.user.notices.exists()


def test_nobody_is_reminded_at_night_or_twice_a_day(cast, post):
    run("2026-12-20", "07:59")
    assert not Notice.objects.exists()
    run("2026-12-20", "08:00")
    before = Notice.objects.count()
    run("2026-12-20", "20:00")
    assert Notice.objects.count() == before > 0


# --- logs --------------------------------------------------------------------------------------


def logs_reminded(member) -> list[str]:
    kinds = ["STEWARD_LOG_DUE", "STEWARD_LOG_MISSING"]
    notices = member.user.notices.filter(kind__in=kinds).order_by("pk")
    return [f"{row.kind} {row.params['year']}/{row.params['number']}" for row in notices]


def test_of_the_log_in_the_last_fourteen_days_of_the_quarter_and_when_it_is_missing_each_once(cast):
    post = StewardPostFactory(
        compound=cast.compound,
        holder=cast.member.member,
        held_from=date(2026, 8, 1),
        held_until=date(2027, 7, 31),
    )
    run("2026-09-16")
    assert logs_reminded(cast.member) == []
    for day in ("2026-09-17", "2026-09-30"):
        run(day)
    assert logs_reminded(cast.member) == ["STEWARD_LOG_DUE 2026/3"]
    for day in ("2026-10-01", "2026-10-02", "2026-11-30"):
        run(day)
    assert logs_reminded(cast.member) == ["STEWARD_LOG_DUE 2026/3", "STEWARD_LOG_MISSING 2026/3"]
    (missing,) = cast.member.user.notices.filter(kind="STEWARD_LOG_MISSING")
    assert missing.link == f"/posts/{post.pk}/log/2026/3/"


def test_who_has_sent_it_is_not_reminded_and_a_draft_is_not_sent(cast, post):
    other = neighbour(cast)
    theirs = StewardPostFactory(compound=cast.compound, holder=other.member, **HALF_A_YEAR)
    quarter = Quarter(2026, 4)
    with at("2026-12-20"):
        save_log(post, quarter, **WORDS, submit=True, by=cast.member)
        save_log(theirs, quarter, **WORDS, by=other)
    run("2026-12-21")
    assert logs_reminded(cast.member) == ["STEWARD_LOG_MISSING 2026/3"]
    assert set(logs_reminded(other)) == {"STEWARD_LOG_MISSING 2026/3", "STEWARD_LOG_DUE 2026/4"}


def test_a_post_taken_on_after_the_quarter_owes_no_log_of_it(cast):
    StewardPostFactory(compound=cast.compound, holder=cast.member.member, held_from=date(2026, 10, 1))
    run("2026-10-05")
    assert logs_reminded(cast.member) == []


def test_it_costs_the_same_for_one_and_for_ten(cast, post):
    def queries(day: str) -> int:
        with at(day), CaptureQueriesContext(connection) as asked:
            remind_stewards()
        return len(asked)

    one = queries("2026-12-20")
    for member in MemberFactory.create_batch(9, community=cast.compound):
        StewardPostFactory(compound=cast.compound, holder=member, **HALF_A_YEAR)
    assert queries("2026-12-21") == one
    with at("2027-01-01"), CaptureQueriesContext(connection) as many:
        assert len(end_terms_that_are_over()) == 10
    assert len(many) < 20
