"""One tap from wish to task, and several wishes into one activity, as the secretary sees it."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from tasks.forms.wish_publishing import PublishWishForm
from tasks.models import Task, Wish
from tasks.refusals import Reason
from tests.browsing import browser_of, queries_of, screen, sentence
from tests.factories import CompoundFactory, TaskFactory, WishFactory
from tests.tasks.test_task_views import typed

pytestmark = pytest.mark.django_db
PERSONAL = {
    "contact__name": "李奶奶",
    "contact__phone": "10088888888",
    "contact__for_name": "王小宝",
    "contact__for_phone": "10077777777",
    "text": "我是李奶奶，住3幢2单元301，孙子王小宝的台灯坏了，电话100 8888 8888。",
    "place": "3 幢 301",
}
NEVER = ("李奶奶", "王小宝", "8888", "301", "2单元")


def url_of(wish) -> str:
    return reverse("wish_publish", args=[wish.pk])


def page_of(wish) -> str:
    return reverse("wish", args=[wish.pk])


def hours_of(wish) -> str:
    return reverse("wish_publish_hours", args=[wish.pk])


def wish_of(cast, **changed) -> Wish:
    return WishFactory(**{"community": cast.community, "status": "ACCEPTED", **changed})


def as_offered(cast, wish) -> dict[str, str]:
    """What the browser sends when nothing has been touched."""
    form = PublishWishForm(wish=wish, by=cast.secretary)
    values = {field.name: getattr(field.value(), "pk", field.value()) for field in form}
    return {name: str(value) for name, value in values.items()}


@pytest.mark.parametrize("status", ["NEW", "ACCEPTED", "REOPENED"])
def test_one_tap_publishes_it_as_it_is_offered(cast, status):
    wish = wish_of(cast, status=status, **PERSONAL)
    client = browser_of(cast.secretary)
    assert 'class="errorlist' not in screen(client.get(page_of(wish)))
    response = client.post(url_of(wish), as_offered(cast, wish), follow=True)
    task = Task.objects.get()
    assert task.title in screen(response)
    said = f"{task.title}{task.content}{task.place}{task.served}"
    assert not [words for words in NEVER if words in said], said
    assert "台灯坏了" in task.content
    assert task.shifts.get().ends_at > timezone.now() + timedelta(days=29)


def test_the_edited_text_is_what_is_offered(cast):
    wish = wish_of(cast, edited_text="台灯坏了。")
    assert as_offered(cast, wish)["content"] == "台灯坏了。"


@pytest.mark.parametrize(
    ("changed", "served"),
    [
        ({}, "a resident of the community"),
        ({"for_minor": True}, "a child of the community"),
        ({"for_whom": "EVERYONE"}, "the residents"),
    ],
)
def test_it_serves_a_kind_of_people(cast, changed, served):
    with translation.override("en"):
        assert as_offered(cast, wish_of(cast, **changed))["served"] == served


def test_of_the_place_only_the_compound_is_offered(cast):
    assert as_offered(cast, wish_of(cast, **PERSONAL))["place"] == cast.community.name
    assert as_offered(cast, wish_of(cast, **PERSONAL, compound=cast.compound))["place"] == cast.compound.name


@pytest.mark.parametrize("text", ["长" * 500, "🏮" * 500, "\n\n灯\n", "<script>alert(1)</script>", "100%(x)s {{ 7 }}"])
def test_whatever_was_asked_can_be_offered_and_published(cast, text):
    wish = wish_of(cast, text=text)
    response = browser_of(cast.secretary).post(url_of(wish), as_offered(cast, wish), follow=True)
    assert text.strip() in screen(response).replace("<br>", "\n")
    assert b"<script>alert" not in response.content


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": ""},
        {"title": "题" * 61},
        {"content": "长" * 2001},
        {"served": " "},
        {"audience": "0"},
        {"last_day": "someday"},
        {"last_day": "0001-01-01"},
        {"last_day": "9999-12-31"},
        {"places": "0"},
        {"places": "11"},
        {"places": "9" * 30},
        {"contact_phone": ""},
    ],
    ids=str,
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(cast, wrong):
    wish = wish_of(cast)
    data = {**as_offered(cast, wish), "content": "修一下厨房的灯", **wrong}
    page = screen(browser_of(cast.secretary).post(url_of(wish), data))
    assert 'class="errorlist' in page
    assert data["content"] in page
    assert not Task.objects.exists()


def test_what_is_amiss_further_down_stands_open(cast):
    wish = wish_of(cast)
    client = browser_of(cast.secretary)
    assert "<details open>" not in screen(client.get(page_of(wish)))
    assert "<details open>" in screen(client.post(url_of(wish), {**as_offered(cast, wish), "places": "11"}))


def test_a_name_that_was_put_back_is_refused_in_words(cast):
    wish = wish_of(cast)
    data = {**as_offered(cast, wish), "content": "给李奶奶修灯"}
    page = screen(browser_of(cast.secretary).post(url_of(wish), data))
    assert sentence(Reason.NAMES_RESIDENT, words="李奶奶") in page
    assert "给李奶奶修灯" in page


def test_a_double_tap_publishes_once(cast):
    wish = wish_of(cast, status="NEW")
    client, data = browser_of(cast.secretary), as_offered(cast, wish)
    client.post(url_of(wish), data)
    assert sentence(Reason.WISH_NOT_READY) in screen(client.post(url_of(wish), data))
    assert Task.objects.count() == 1


def test_a_neighbours_wish_is_not_found(cast):
    wish = wish_of(cast)
    client = browser_of(cast.other_secretary)
    assert client.get(url_of(wish)).status_code == 405
    assert client.get(hours_of(wish)).status_code == 404
    assert client.post(url_of(wish), as_offered(cast, wish)).status_code == 404
    assert client.post(hours_of(wish), typed(cast)).status_code == 404


def test_hours_can_be_given_instead(cast):
    wish = wish_of(cast, status="NEW", **PERSONAL)
    client = browser_of(cast.secretary)
    page = screen(client.get(hours_of(wish)))
    assert 'name="shift-0-day"' in page
    assert not [words for words in NEVER if f">{words}" in page]
    client.post(hours_of(wish), typed(cast))
    assert not Task.objects.get().shifts.get().by_agreement


# --- several into one activity --------------------------------------------------------------


def together(*wishes) -> str:
    return reverse("wishes_publish") + "?" + "&".join(f"wish={getattr(wish, 'pk', wish)}" for wish in wishes)


def test_several_wishes_become_one_activity_without_anything_personal(cast):
    wishes = [wish_of(cast, status=status, **PERSONAL) for status in ("NEW", "ACCEPTED")]
    client, url = browser_of(cast.secretary), together(*wishes)
    response = client.get(url)
    initial = response.context["form"].initial
    assert initial["content"].count("台灯坏了") == 2
    said = f"{initial['title']}{initial['content']}{initial['place']}{initial['served']}"
    assert not [words for words in NEVER if words in said], said
    client.post(url, typed(cast, content=initial["content"]))
    task = Task.objects.get()
    assert set(task.wishes.values_list("status", flat=True)) == {"PUBLISHED"}
    assert task.wishes.count() == 2


def test_the_longest_wishes_fit_into_one_text(cast):
    wishes = [wish_of(cast, text="长" * 500) for _ in range(20)]
    client, url = browser_of(cast.secretary), together(*wishes)
    content = client.get(url).context["form"].initial["content"].replace("\n", "\r\n")
    client.post(url, typed(cast, content=content))
    assert Task.objects.get().wishes.count() == 20


def test_what_cannot_be_published_is_said_and_left_out(cast):
    ready, asked = wish_of(cast), wish_of(cast, status="ASKED_BACK", text="想学书法，求一位老师")
    response = browser_of(cast.secretary).get(together(ready, asked), follow=True)
    assert response.redirect_chain[-1][0] == together(ready)
    page = screen(response)
    assert "想学书法" in page
    assert "想学书法" not in response.context["form"].initial["content"]


def test_one_that_was_published_meanwhile_keeps_the_others_and_the_words(cast):
    first, second = wish_of(cast), wish_of(cast)
    Wish.objects.filter(pk=second.pk).update(status="PUBLISHED", task=TaskFactory(publisher=cast.community))
    page = screen(browser_of(cast.secretary).post(together(first, second), typed(cast)))
    assert sentence(Reason.WISH_NOT_READY) in page
    assert "社区疫情防控工作" in page
    first.refresh_from_db()
    assert (first.status, Task.objects.count()) == (Wish.Status.ACCEPTED, 1)


@pytest.mark.parametrize("asked", ["", "?wish=", "?wish=x&wish=-1&wish=" + "9" * 5000, "?wish=0"])
def test_without_a_wish_the_queue_says_what_to_do(cast, asked):
    response = browser_of(cast.secretary).get(reverse("wishes_publish") + asked, follow=True)
    assert response.redirect_chain[-1][0] == reverse("wish_queue")
    assert 'class="say error' in screen(response)


def test_a_neighbours_wish_is_as_if_it_were_not_there(cast):
    theirs, mine = wish_of(cast, community=cast.other_community, text="隔壁的心愿"), wish_of(cast)
    page = screen(browser_of(cast.secretary).get(together(theirs, mine)))
    assert "隔壁的心愿" not in page
    browser_of(cast.secretary).post(together(theirs, mine), typed(cast))
    assert list(Task.objects.get().wishes.all()) == [mine]


def test_more_than_twenty_are_too_many(cast):
    wishes = [wish_of(cast) for _ in range(21)]
    client = browser_of(cast.secretary)
    assert sentence(Reason.WISHES_TOGETHER, most=20) in screen(client.get(together(*wishes), follow=True))
    client.post(together(*wishes), typed(cast))
    assert not Task.objects.exists()


def test_the_form_costs_the_same_for_one_wish_and_for_twenty(cast):
    wishes = [wish_of(cast, compound=CompoundFactory(parent=cast.community)) for _ in range(20)]
    client = browser_of(cast.secretary)
    assert queries_of(client, together(*wishes)) == queries_of(client, together(wishes[0]))
