"""The pages of red stewards: the member's own, the staff's table, a post, applications and logs."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Record
from tasks.actions.steward_succession import name_successor
from tasks.models import StewardApplication, StewardLog, StewardPost
from tasks.refusals import Reason
from tests.browsing import browser_of, queries_of, screen, sentence
from tests.conftest import member_actor
from tests.factories import CompoundFactory, MemberFactory, StewardLogFactory, StewardPostFactory
from tests.tasks.steward_world import neighbour, state
from vanguard.lib.quarters import quarter_of

pytestmark = pytest.mark.django_db
NOW = quarter_of(timezone.localdate())
WORDS = {"seen": "三楼堆了纸箱。", "done": "和住户一起清走了。"}
TYPED = "我住三楼，退休了，每天都在 <b>家</b>"


@pytest.fixture
def post(cast) -> StewardPost:
    return StewardPostFactory(compound=cast.compound, subject="3 幢", duties="看看楼道。")


@pytest.fixture
def held(cast) -> StewardPost:
    return StewardPostFactory(compound=cast.compound, subject="8 幢", holder=cast.member.member)


def read(actor, name: str, *args, **query) -> str:
    return screen(browser_of(actor).get(reverse(name, args=args, query=query)))


def send(actor, page: str, *args, **sent) -> str:
    return screen(browser_of(actor).post(reverse(page, args=args), sent, follow=True))


# --- a member ----------------------------------------------------------------------------------


def test_a_member_finds_what_is_open_where_they_live_and_applies_on_its_page(cast, post, held):
    elsewhere = StewardPostFactory(compound=CompoundFactory(parent=cast.community))
    assert reverse("posts") in read(cast.member, "me")
    page = read(cast.member, "posts")
    assert post.page in page
    assert elsewhere.page not in page
    assert "看看楼道。" in read(cast.member, "post", post.pk)
    page = send(cast.member, "post_apply", post.pk, words=TYPED)
    assert "我住三楼" in page
    assert "<b>家" not in browser_of(cast.member).get(post.page).content.decode()
    assert StewardApplication.objects.get().status == "APPLIED"
    assert reverse("post_apply", args=[post.pk]) not in page


@pytest.mark.parametrize("faster", [True, False])
def test_an_application_that_is_refused_keeps_what_was_typed(cast, post, faster):
    words = TYPED
    if faster:
        post.terms.create(member=neighbour(cast).member, began_on=date(2026, 1, 1), until=date(2030, 1, 1))
        StewardPost.objects.filter(pk=post.pk).update(status="HELD")
    else:
        words = "长" * 301
    page = send(cast.member, "post_apply", post.pk, words=words)
    assert words[:20] in page
    assert (sentence(Reason.POST_HELD) in page) == faster
    assert not StewardApplication.objects.exists()


def test_other_members_read_no_name_of_who_holds_it(cast, held):
    other = neighbour(cast)
    page = read(other, "post", held.pk)
    assert "张*明" in page
    assert "张小明" not in page
    assert reverse("post_successor", args=[held.pk]) not in page
    client = browser_of(other)
    for name in ("post_give_up", "post_successor"):
        assert client.get(reverse(name, args=[held.pk])).status_code == 403


def test_the_log_that_is_due_stands_on_the_members_page_is_kept_and_sent(cast, held):
    form = reverse("post_log", args=[held.pk, *NOW])
    assert form in read(cast.member, "posts")
    send(cast.member, "post_log", held.pk, *NOW, seen=WORDS["seen"], done="", keep="1")
    assert WORDS["seen"] in read(cast.member, "post_log", held.pk, *NOW)
    page = send(cast.member, "post_log", held.pk, *NOW, seen=WORDS["seen"], done=" ", submit="1")
    assert 'class="errorlist"' in page
    assert WORDS["seen"] in page
    send(cast.member, "post_log", held.pk, *NOW, **WORDS, submit="1")
    assert StewardLog.objects.get().status == "SUBMITTED"
    page = read(cast.member, "post_log", held.pk, *NOW)
    assert "<textarea" not in page
    assert WORDS["done"] in page


def test_a_log_of_a_quarter_to_come_or_of_none_is_not_written(cast, held):
    url = reverse("post_log", args=[held.pk, *NOW.next])
    client = browser_of(cast.member)
    assert client.get(url).headers["Location"] == held.page
    page = screen(client.post(url, WORDS | {"submit": "1"}))
    assert WORDS["seen"] in page
    assert not StewardLog.objects.exists()
    for year, number in ((NOW.year, 5), (NOW.year, 0), (0, 1), (99999, 1)):
        assert client.get(reverse("post_log", args=[held.pk, year, number])).status_code == 404


def test_twenty_thousand_characters_are_refused_and_kept(cast, held):
    page = send(cast.member, "post_log", held.pk, *NOW, seen="长" * 20_000, done=WORDS["done"], submit="1")
    assert "长" * 20_000 in page
    assert "20000" in page


def test_who_is_asked_answers_on_the_posts_page(cast, held):
    other = neighbour(cast)
    name_successor(held, other.member, by=cast.branch)
    assert held.page in read(other, "posts")
    assert reverse("post_answer", args=[held.pk]) in read(other, "post", held.pk)
    send(other, "post_answer", held.pk, answer="yes")
    assert held.terms.current().get().member == other.member
    assert browser_of(cast.member).post(reverse("post_answer", args=[held.pk])).status_code == 403


def test_the_holder_names_by_number_whom_they_see_masked_first(cast, held):
    other = neighbour(cast, user__name="欧阳晓雯", number="0000009999")
    page = send(cast.member, "post_successor", held.pk, who="0000009999")
    assert "欧*雯" in page
    assert "欧阳晓雯" not in page
    assert not StewardApplication.objects.exists()
    assert cast.other_member.member.number in send(
        cast.member, "post_successor", held.pk, who=cast.other_member.member.number, sure="yes"
    )
    assert not StewardApplication.objects.exists(), "who lives elsewhere is not found"
    page = send(cast.member, "post_successor", held.pk, who="0000009999", sure="yes")
    assert "欧*雯" in page
    assert StewardApplication.objects.get().member == other.member
    send(cast.member, "post_unname", held.pk)
    assert not StewardApplication.objects.pending().exists()


def test_giving_up_says_what_happens_and_leads_back(cast, held):
    assert held.page in read(cast.member, "post_give_up", held.pk)
    send(cast.member, "post_give_up", held.pk, reason="")
    assert state(held) == "OPEN"


def test_a_member_who_lives_nowhere_is_led_to_checking_in(cast):
    assert reverse("communities") in read(member_actor(MemberFactory()), "posts")


# --- the staff ---------------------------------------------------------------------------------


def test_the_table_says_who_looks_after_what(cast, post, held):
    StewardPostFactory(compound=cast.community, subject="广场", kind="FACILITY_CARE")
    page = read(cast.secretary, "posts")
    for words in ("3 幢", "8 幢", "广场", "张小明", post.page, held.page):
        assert words in page
    page = read(cast.secretary, "posts", place=cast.community.pk)
    assert "3 幢" not in page
    page = read(cast.branch, "posts")
    assert "8 幢" in page
    assert "广场" not in page
    assert read(cast.secretary, "posts", place="nonsense")


def test_a_new_post_keeps_what_was_typed_and_is_one_when_sent_twice(cast, post):
    client, url = browser_of(cast.branch), reverse("post_new")
    form = client.get(url).context["form"]
    typed = {"compound": cast.compound.pk, "kind": "STAIRWELL_HEAD", "subject": "3 幢", "duties": "扫雪"}
    sent = typed | {"term_months": "12", "sent_once": form["sent_once"].value()}
    page = screen(client.post(url, sent))
    assert sentence(Reason.POST_THERE_ALREADY, subject="3 幢") in page
    assert "扫雪" in page
    assert "扫雪" in screen(client.post(url, sent | {"term_months": "0"}))
    for _ in range(2):
        assert client.post(url, sent | {"subject": "4 幢"}).status_code == 302
    assert StewardPost.objects.filter(subject="4 幢").count() == 1
    foreign = sent | {"subject": "5 幢", "compound": cast.other_community.pk}
    assert screen(client.post(url, foreign))
    assert not StewardPost.objects.filter(subject="5 幢").exists()


def test_a_change_that_came_second_is_told_and_keeps_what_was_typed(cast, held):
    client, url = browser_of(cast.secretary), reverse("post_change", args=[held.pk])
    seen = client.get(url).context["form"]["seen"].value()
    typed = {"kind": held.kind, "subject": "9 幢", "duties": "", "term_months": 12, "reason": "楼号改了"}
    StewardPost.objects.filter(pk=held.pk).update(duties="别人写的")
    page = screen(client.post(url, typed | {"seen": seen}))
    assert "9 幢" in page
    assert "楼号改了" in page
    held.refresh_from_db()
    assert held.subject == "8 幢"
    form = client.post(url, typed | {"seen": seen}).context["form"]
    assert client.post(url, typed | {"seen": form["seen"].value()}).status_code == 302
    held.refresh_from_db()
    assert held.subject == "9 幢"


def test_applications_are_decided_from_the_list_and_from_the_post(cast, post):
    applied = StewardApplication.objects.create(post=post, member=cast.member.member, words=TYPED)
    other = StewardApplication.objects.create(post=post, member=neighbour(cast).member)
    assert "2" in read(cast.branch, "home")
    for name, args in (("post_applications", []), ("post", [post.pk])):
        page = read(cast.branch, name, *args)
        assert "我住三楼" in page
        assert reverse("application_approve", args=[applied.pk]) in page
    page = send(cast.branch, "application_decline", other.pk, reason="")
    assert state(other) == "APPLIED"
    send(cast.branch, "application_decline", other.pk, reason="先培训")
    page = send(cast.branch, "application_approve", applied.pk)
    assert "张小明" in page
    assert (state(post), state(other)) == ("HELD", "DECLINED")
    assert 'class="say error"' in send(cast.branch, "application_approve", applied.pk)


def test_who_lives_elsewhere_now_is_marked_for_the_staff(cast, held):
    mark = "lives elsewhere now"
    cast.member.member.home = cast.other_community
    cast.member.member.save()
    client = browser_of(cast.secretary)
    client.cookies["django_language"] = "en"
    assert mark in screen(client.get(held.page))
    send(cast.secretary, "post_end", held.pk, reason="搬走了")
    page = read(cast.secretary, "post", held.pk)
    assert "搬走了" in page
    assert "张小明" in page, "who held it stands in the history"


def test_the_staff_asks_the_holder_to_go_on_with_one_tap(cast, held):
    sent = {"who": cast.member.member.number, "sure": "yes"}
    assert f'value="{sent["who"]}"' in read(cast.secretary, "post", held.pk)
    send(cast.secretary, "post_successor", held.pk, **sent)
    assert StewardApplication.objects.get().asked_by_community


def test_a_post_is_closed_with_a_reason(cast, held):
    send(cast.branch, "post_close", held.pk, reason=" ")
    assert state(held) == "HELD"
    send(cast.branch, "post_close", held.pk, reason="楼拆了")
    assert state(held) == "CLOSED"
    assert held.page not in read(cast.secretary, "posts")
    assert reverse("post_apply", args=[held.pk]) not in read(cast.member, "post", held.pk)


def test_a_log_is_read_confirmed_or_returned(cast, held):
    log = StewardLogFactory(post=held, member=cast.member.member, **WORDS)
    confirm = reverse("steward_log_confirm", args=[log.pk])
    assert log.page in read(cast.secretary, "steward_logs")
    assert confirm in read(cast.secretary, "steward_log", log.pk)
    assert confirm not in read(cast.branch, "steward_log", log.pk), "the branch reads it"
    page = send(cast.secretary, "steward_log_return", log.pk, reason="")
    assert WORDS["seen"] in page
    send(cast.secretary, "steward_log_return", log.pk, reason="写得再具体些")
    assert "写得再具体些" in read(cast.member, "post_log", held.pk, *NOW)
    send(cast.member, "post_log", held.pk, *NOW, **WORDS, submit="1")
    send(cast.secretary, "steward_log_confirm", log.pk)
    assert state(log) == "CONFIRMED"
    assert 'class="say error"' in send(cast.secretary, "steward_log_confirm", log.pk)
    assert Record.objects.filter(new_status="CONFIRMED", subject_id=log.pk).count() == 1


def test_a_draft_is_no_page_of_the_staffs(cast, held):
    log = StewardLogFactory(post=held, member=cast.member.member, status="DRAFT", submitted_at=None)
    for who in (cast.secretary, cast.branch):
        assert browser_of(who).get(log.page).status_code == 404


def test_what_waits_stands_on_the_staffs_pages(cast, held):
    StewardLogFactory(post=held, member=cast.member.member)
    StewardApplication.objects.create(post=held, member=neighbour(cast).member)
    for page in (read(cast.secretary, "home"), read(cast.secretary, "confirm_list")):
        assert reverse("steward_logs") in page
        assert reverse("post_applications") in page
    home = browser_of(cast.branch).get(reverse("home"))
    assert (home.context["applications"], home.context.get("logs")) == (1, None)


# --- cost ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "page"),
    [("secretary", "posts"), ("secretary", "post_applications"), ("secretary", "steward_logs"), ("member", "posts")],
)
def test_a_list_costs_the_same_for_one_and_for_thirty(cast, who, page):
    own = cast.member.member

    def one_more() -> None:
        """Held by the cast's member, open to them, applied for and with a log that waits."""
        member = MemberFactory(community=cast.compound)
        post = StewardPostFactory(compound=cast.compound, holder=own, held_from=timezone.localdate() - timedelta(200))
        StewardPostFactory(compound=cast.compound)
        StewardApplication.objects.create(post=post, member=member)
        StewardLogFactory(post=post, member=own)

    one_more()
    client, url = browser_of(getattr(cast, who)), reverse(page)
    one = queries_of(client, url)
    for _ in range(29):
        one_more()
    assert queries_of(client, url) == one
