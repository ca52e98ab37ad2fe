"""Language and size of type; and what holds on every page: Chinese by default, a strict content security policy."""

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from tests.browsing import browser_of, screen

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("accept", ["en", "en-US,en;q=0.9", "fr", "zh-TW", "*", "\xff\xfe", "x" * 5000])
def test_it_is_chinese_whatever_the_browser_prefers(accept):
    response = Client().get(reverse("home"), headers={"accept-language": accept})
    assert '<html lang="zh-hans"' in screen(response)
    assert response.headers["Content-Language"] == "zh-hans"


def test_one_switch_makes_it_english_and_another_chinese_again(cast):
    client = browser_of(cast.member)
    client.post(reverse("display"), {"language": "en", "next": reverse("me")})
    page = screen(client.get(reverse("me")))
    assert '<html lang="en"' in page
    assert "Log out" in page
    cast.member.user.refresh_from_db()
    assert cast.member.user.language == "en"
    client.post(reverse("display"), {"language": "zh-hans"})
    assert '<html lang="zh-hans"' in screen(client.get(reverse("me")))


def test_a_language_nobody_offers_changes_nothing(cast):
    client = browser_of(cast.member)
    for language in ("de", "", "../../etc", "en\r\nSet-Cookie: a=b"):
        response = client.post(reverse("display"), {"language": language})
        assert settings.LANGUAGE_COOKIE_NAME not in response.cookies
    cast.member.user.refresh_from_db()
    assert cast.member.user.language == "zh-hans"


def test_a_forged_cookie_is_chinese():
    client = Client()
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "tlh<script>"
    assert '<html lang="zh-hans"' in screen(client.get(reverse("home")))


def test_larger_type_stays_with_the_browser():
    client = Client()
    client.post(reverse("display"), {"elder": "1"})
    assert 'class="elder"' in screen(client.get(reverse("home")))
    client.post(reverse("display"), {"elder": "0"})
    assert 'class="elder"' not in screen(client.get(reverse("home")))


@pytest.mark.parametrize("secure", [True, False])
def test_what_the_browser_keeps_travels_as_safely_as_the_session(settings, secure):
    settings.LANGUAGE_COOKIE_SECURE = secure
    cookies = Client().post(reverse("display"), {"language": "en", "elder": "1"}).cookies
    assert [bool(cookies[name]["secure"]) for name in (settings.LANGUAGE_COOKIE_NAME, "elder")] == [secure, secure]


@pytest.mark.parametrize("target", ["/me/", "/tasks/?q=%E7%81%AF&page=2"])
def test_one_comes_back_to_where_one_was(target):
    assert Client().post(reverse("display"), {"elder": "1", "next": target}).headers["Location"] == target


@pytest.mark.parametrize(
    "target",
    ["https://evil.example/", "//evil.example", "javascript:alert(1)", "/\\evil.example", "http:///evil.example"],
)
def test_it_never_leads_to_another_site(target):
    response = Client().post(reverse("display"), {"elder": "1", "next": target})
    assert response.headers["Location"] == reverse("home")


@pytest.mark.parametrize("target", ["", "me", "no-such-name", "admin:index", "a b", "?page=2", "/x\r\nSet-Cookie: a=b"])
def test_any_other_target_is_an_answer_and_not_an_error(target):
    response = Client().post(reverse("display"), {"elder": "1", "next": target})
    assert response.status_code == 302
    assert "\n" not in response.headers["Location"]


PAGES = ["home", "communities", "wish_track", "privacy", "feedback", "account_login", "account_signup", "healthz"]


@pytest.mark.parametrize("page", PAGES)
def test_the_policy_is_strict_for_visitors(page):
    assert_strict(Client().get(reverse(page)))


@pytest.mark.parametrize("who", ["member", "secretary", "branch", "unit_officer", "city_officer", "street_officer"])
def test_the_policy_is_strict_for_everyone(cast, who):
    client = browser_of(getattr(cast, who))
    for page in ("home", "me", "notices", "task_list", "confirm_list", "flag_wall", "wish_queue", "members"):
        assert_strict(client.get(reverse(page)))  # pages one may not see are pages too


def test_the_policy_is_strict_where_nothing_is_found():
    assert_strict(Client().get("/no-such-page/"))


def assert_strict(response):
    policy = response.headers["Content-Security-Policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'self'"
    assert rules["object-src"] == rules["frame-ancestors"] == "'none'"
    assert "unsafe" not in policy
    assert "http" not in policy
    assert not {"script-src", "style-src"} & rules.keys()
    page = response.content.decode().lower()
    assert " style=" not in page
    assert "<style" not in page
    assert " onclick=" not in page
    assert page.count("<script") == page.count("<script src=")
