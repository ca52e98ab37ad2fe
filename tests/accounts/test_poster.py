"""The poster of a community: on a page, on paper, and where its code leads."""

import sys

import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse
from weasyprint import HTML
from weasyprint.urls import FatalURLFetchingError

from tests.browsing import browser_of, screen
from vanguard.lib.printing import pdf_of

pytestmark = pytest.mark.django_db


def poster(cast, page="community_poster"):
    return reverse(page, args=[cast.community.code])


def test_it_shows_name_code_telephone_and_how_to_begin_and_nobody_who_lives_there(cast):
    page = screen(Client().get(poster(cast)))
    for word in (cast.community.name, cast.community.code, cast.community.phone, "data:image/svg+xml"):
        assert word in page
    assert cast.member.user.name not in page
    assert f"testserver/c/{cast.community.code}/" in page


def test_a_city_says_under_which_address_it_is_reached(cast, settings):
    settings.SITE_URL = "https://weijia.example.org/"
    page = screen(Client().get(poster(cast)))
    assert f"weijia.example.org/c/{cast.community.code}/" in page
    assert "testserver" not in page


def test_it_fits_one_sheet_with_the_longest_name(cast):
    cast.community.name, cast.community.address = "很长的名字" * 12, "很长的地址" * 24
    qr = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg'/%3E"
    page = render_to_string(
        "accounts/community/poster_print.html", {"community": cast.community, "address": "h" * 60, "qr": qr}
    )
    assert len(HTML(string=page).render().pages) == 1


def test_the_pdf_is_downloaded_under_the_communitys_code(cast):
    response = browser_of(cast.secretary).get(poster(cast, "community_poster_pdf"))
    assert (response.status_code, response.headers["Content-Type"]) == (200, "application/pdf")
    assert response.content.startswith(b"%PDF-")
    assert cast.community.code in response.headers["Content-Disposition"]


def test_it_is_made_once_and_again_when_the_community_changes(cast, monkeypatch):
    from accounts.views import community as views

    made = []
    monkeypatch.setattr(views, "pdf_of", lambda *args: made.append(args) or b"%PDF-")
    client = browser_of(cast.secretary)
    for _ in range(2):
        client.get(poster(cast, "community_poster_pdf"))
    assert len(made) == 1
    cast.community.name = "荷风新社区"
    cast.community.save()
    client.get(poster(cast, "community_poster_pdf"))
    assert len(made) == 2


def test_without_what_pdf_needs_the_page_is_offered_instead(cast, monkeypatch):
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    response = browser_of(cast.secretary).get(poster(cast, "community_poster_pdf"), follow=True)
    assert response.redirect_chain == [(poster(cast), 302)]
    assert cast.community.code in screen(response)


def test_a_closed_community_has_none(cast):
    cast.community.closed_on = "2026-01-01"
    cast.community.save()
    assert Client().get(poster(cast)).status_code == 404


@pytest.mark.parametrize("picture", ["file:///etc/hostname", "http://127.0.0.1:9/x.png"])
def test_a_printed_page_fetches_nothing_from_anywhere(picture, tmp_path, settings):
    (tmp_path / "page.html").write_text(f"<img src='{picture}'>")
    settings.TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "DIRS": [tmp_path]}]
    with pytest.raises(FatalURLFetchingError):
        pdf_of("page.html", {})
