"""The pages of appeals: what is known stands there, what was typed is kept, and each sees what is theirs."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Exemption, Notice
from flags.actions.appeal import appeal_claim, appeal_exemption
from flags.actions.reversal import revoke_award
from flags.models import Appeal, FlagAward
from flags.refusals import Reason
from tasks.models import Claim
from tests.browsing import browser_of, queries_of, screen, sentence
from tests.conftest import member_actor
from tests.factories import AppealFactory, MemberFactory, StewardLogFactory, StewardPostFactory, SuggestionFactory
from tests.flags.test_appeal import WORDS, answered, second_officer, served

pytestmark = pytest.mark.django_db
YEAR = timezone.localdate().year


def new(about: str, pk: int) -> str:
    return reverse("appeal_new", args=[about, pk])


def sent(words: str = WORDS, **more) -> dict:
    return {"words": words, "sent_once": str(uuid4()), **more}


@pytest.fixture
def absent(cast) -> Claim:
    return served(cast, mark="ABSENT")


@pytest.fixture
def appeal(cast, absent) -> Appeal:
    return appeal_claim(absent, words=WORDS, by=cast.member)


# --- the member -----------------------------------------------------------------------------


def test_from_the_place_to_the_form_to_the_list(cast, absent):
    client = browser_of(cast.member)
    assert new("claim", absent.pk) in screen(client.get(absent.page))
    page = screen(client.get(new("claim", absent.pk)))
    for known in (absent.shift.task.title, cast.community.name, absent.get_status_display()):
        assert known in page
    response = client.post(new("claim", absent.pk), sent())
    assert response.headers["Location"] == reverse("my_appeals")
    assert absent.shift.task.title in screen(client.get(reverse("my_appeals")))
    assert WORDS in screen(client.get(Appeal.objects.get().page))
    assert "<textarea" not in screen(client.get(new("claim", absent.pk))), "it has been said"


def test_the_same_tap_twice_is_one(cast, absent):
    client, form = browser_of(cast.member), sent()
    for _ in range(2):
        assert client.post(new("claim", absent.pk), form).status_code == 302
    assert Appeal.objects.count() == 1


def test_a_refused_form_keeps_what_was_typed(cast, appeal, absent):
    client = browser_of(cast.member)
    page = screen(client.post(new("claim", absent.pk), sent("我的话 ✿ " + "很" * 900)))
    assert sentence(Reason.APPEAL_OPEN) in page
    assert "我的话 ✿ 很很" in page
    long = "长" * 1001
    page = screen(client.post(new("claim", served(cast, days=3).pk), sent(long)))
    assert long in page
    assert Appeal.objects.count() == 1


def test_from_the_wall_against_a_flag_that_was_taken_back(cast):
    claim = served(cast, mark="ATTENDED")
    line = revoke_award(FlagAward.objects.get(claim=claim), reason="记错了人。", by=cast.secretary)
    client, wall = browser_of(cast.member), reverse("flag_wall")
    page = screen(client.get(wall))
    assert "记错了人。" in page
    assert new("flag", line.pk) in page
    assert "记错了人。" in screen(client.get(new("flag", line.pk)))
    client.post(new("flag", line.pk), sent())
    page = screen(client.get(wall))
    assert new("flag", line.pk) not in page
    assert Appeal.objects.get().page in page


def test_what_is_missing_shows_first_what_stands_there_without_a_flag(cast, absent):
    log = StewardLogFactory(post=StewardPostFactory(compound=cast.compound), member=cast.member.member)
    suggestion = SuggestionFactory(community=cast.community, author=cast.member.member, status="ADOPTED")
    client = browser_of(cast.member)
    page = screen(client.get(new("service", YEAR)))
    for about, row in (("claim", absent), ("log", log), ("suggestion", suggestion)):
        assert new(about, row.pk) in page
        assert screen(client.get(new(about, row.pk)))
    yesterday = timezone.localdate() - timedelta(days=1)
    form = sent(what="给孤寡老人扫雪", day=yesterday.isoformat(), starts="09:00", length="120")
    if yesterday.year == YEAR:
        assert screen(client.post(new("service", YEAR), form | {"day": ""})).count("给孤寡老人扫雪") == 1
        assert client.post(new("service", YEAR), form).status_code == 302
        assert "给孤寡老人扫雪" in screen(client.get(Appeal.objects.get().page))


def test_about_an_exemption(cast):
    exemption = Exemption.objects.create(member=cast.member.member, reason="ILLNESS", starts_on=timezone.localdate())
    theirs = Exemption.objects.create(member=cast.other_member.member, reason="OTHER", starts_on=timezone.localdate())
    client, url = browser_of(cast.member), new("exemption", YEAR)
    assert cast.unit.name in screen(client.get(url))
    assert screen(client.post(url, sent(exemption=theirs.pk)))
    client.post(url, sent(exemption=exemption.pk))
    assert Appeal.objects.get().exemption == exemption


@pytest.mark.parametrize("about", ["claim", "flag", "log", "suggestion"])
def test_what_is_anothers_is_not_found(cast, about):
    other = cast.other_member.member
    rows = {
        "claim": lambda: served(cast, member=other),
        "flag": lambda: revoke_award(
            FlagAward.objects.get(claim=served(cast, member=other, mark="ATTENDED")), reason="误", by=cast.city_officer
        ),
        "log": lambda: StewardLogFactory(post=StewardPostFactory(compound=cast.compound), member=other),
        "suggestion": lambda: SuggestionFactory(community=cast.community, author=other, status="ADOPTED"),
    }
    url = new(about, rows[about]().pk)
    assert browser_of(cast.member).get(url).status_code == 404
    assert browser_of(cast.member).post(url, sent()).status_code == 404


@pytest.mark.parametrize("url", ["nothing/1", "service/1", "service/9999", f"exemption/{YEAR - 2}"])
def test_an_address_of_nothing_is_not_found(cast, url):
    assert browser_of(cast.member).get(f"/appeals/new/{url}/").status_code == 404


def test_what_is_confirmed_meanwhile_leads_back_to_the_wall(cast):
    claim = served(cast, mark="ATTENDED")
    client = browser_of(cast.member)
    assert client.get(new("claim", claim.pk)).headers["Location"] == reverse("flag_wall")
    assert sentence(Reason.NOTHING_TO_APPEAL) in screen(client.post(new("claim", claim.pk), sent()))


# --- who answers and decides ----------------------------------------------------------------


def test_the_secretary_finds_it_on_the_home_page_and_answers(cast, appeal):
    client = browser_of(cast.secretary)
    assert reverse("appeal_queue") in screen(client.get(reverse("home")))
    assert appeal.page in screen(client.get(reverse("appeal_queue")))
    page = screen(client.get(appeal.page))
    assert WORDS in page
    assert cast.member.user.name in page
    url = reverse("appeal_answer", args=[appeal.pk])
    assert sentence(Reason.APPEAL_OPEN) not in screen(client.post(url, {"words": "  "}))
    assert client.post(url, {"words": "签到表上没有。"}).status_code == 302
    assert appeal.page not in screen(client.get(reverse("appeal_queue")))
    assert appeal.page in screen(client.get(reverse("appeal_queue"), {"status": "ANSWERED"}))
    assert "签到表上没有。" in screen(browser_of(cast.member).get(appeal.page))
    page = screen(client.post(url, {"words": "再说一次"}))
    assert "再说一次" in page, "refused, it is kept"


def test_the_city_decides_and_the_member_reads_why(cast, appeal):
    client = browser_of(cast.city_officer)
    url = reverse("appeal_decide", args=[appeal.pk])
    page = screen(client.get(appeal.page))
    assert url not in page, "there is time to answer"
    answered(appeal, cast.secretary)
    assert reverse("appeal_queue") in screen(client.get(reverse("city_figures")))
    assert url in screen(client.get(appeal.page))
    assert "照片上有他" in screen(client.post(url, {"reasons": "照片上有他"})), "without a decision it is kept"
    assert client.post(url, {"upheld": "yes", "reasons": "照片上有他"}).status_code == 302
    assert "照片上有他" in screen(browser_of(cast.member).get(appeal.page))
    assert FlagAward.objects.get().claim == appeal.claim


def test_the_unit_answers_about_an_exemption_and_the_city_gives_dates(cast):
    appeal = appeal_exemption(year=YEAR, words=WORDS, by=cast.member)
    client = browser_of(cast.unit_officer)
    assert reverse("appeal_queue") in screen(client.get(reverse("unit_dashboard")))
    client.post(reverse("appeal_answer", args=[appeal.pk]), {"words": "病假条没有交来。"})
    city, url = browser_of(cast.city_officer), reverse("appeal_decide", args=[appeal.pk])
    form = {"upheld": "yes", "reasons": "情况属实", "how": "EXEMPT", "reason": "ILLNESS"}
    assert sentence(Reason.REMEDY_MISSING) in screen(city.post(url, form))
    city.post(url, form | {"starts_on": f"{YEAR}-01-01", "ends_on": f"{YEAR}-03-31"})
    assert cast.member.member.exemptions.get().starts_on.isoformat() == f"{YEAR}-01-01"


def test_ones_own_is_read_and_not_answered(cast):
    member = MemberFactory(user=cast.secretary.user, unit=cast.unit, community=cast.community)
    appeal = appeal_claim(served(cast, member=member), words=WORDS, by=member_actor(member))
    page = screen(browser_of(cast.secretary).get(appeal.page))
    assert WORDS in page
    assert reverse("appeal_answer", args=[appeal.pk]) not in page


def test_every_notice_leads_to_a_page_that_opens(cast, appeal):
    answered(appeal, cast.secretary)
    for notice in Notice.objects.filter(kind__startswith="APPEAL").select_related("user"):
        by = next(
            by
            for by in (cast.member, cast.secretary, cast.second_secretary, cast.city_officer)
            if by.user == notice.user
        )
        assert screen(browser_of(by).get(notice.link))


@pytest.mark.parametrize("who", ["member", "secretary", "city_officer"])
def test_lists_and_pages_cost_the_same_for_one_and_for_thirty(cast, who):
    member = cast.member.member

    def add(days: int) -> None:
        AppealFactory(
            claim=served(cast, days=days), member=member, organization=cast.community, kind="MISSING", status="ANSWERED"
        )

    client = browser_of(getattr(cast, who))
    url = reverse("my_appeals" if who == "member" else "appeal_queue") + "?status=all"
    add(1)
    one = queries_of(client, url)
    for days in range(2, 31):
        add(days)
    assert queries_of(client, url) == one


def test_who_has_had_a_say_in_it_reads_that_another_officer_decides(cast):
    """Where there is another one: else whoever is there has the form."""
    appeal = appeal_claim(served(cast, by=cast.city_officer, mark="ABSENT"), words=WORDS, by=cast.member)
    client = browser_of(cast.city_officer)
    assert "<textarea" in screen(client.get(appeal.page))
    second_officer(cast)
    page = screen(client.get(appeal.page))
    assert sentence(Reason.APPEAL_INVOLVED) in page
    assert "<textarea" not in page
