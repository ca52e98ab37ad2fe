"""A community's public page: by code, for everybody, with nothing personal on it."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Organization
from tests.browsing import browser_of, screen
from tests.factories import MemberFactory

pytestmark = pytest.mark.django_db


def look_for(code):
    return Client().get(reverse("communities"), {"code": code})


@pytest.mark.parametrize("code", ["330001", " 330001 ", "３３０００１", "330 001", "33-00-01"])
def test_a_code_is_found_however_it_is_typed(cast, code):
    response = look_for(code)
    assert response.status_code == 302
    assert response.headers["Location"] == reverse("community", args=["330001"])


@pytest.mark.parametrize(
    "code", ["999999", "", "33000", "荷风", "<script>alert(1)</script>", "⑥", "9" * 20, "9" * 5000]
)
def test_a_code_that_does_not_exist_is_said_so_and_kept_in_the_field(cast, code):
    response = look_for(code)
    page = screen(response)
    assert 'class="errorlist"' in page
    assert f'value="{code}"' in page or not code
    assert cast.community.name in page  # the list below still helps


def test_the_sentence_names_the_code(cast):
    assert "“424242”" in screen(look_for("424242"))


def test_what_was_typed_is_never_run(cast):
    assert b"<script>alert" not in look_for("<script>alert(1)").content


@pytest.mark.parametrize(
    "code", ["999999", "１２３", "３３０００１", "9" * 3000, "%00", "%0A", "..%2F", "'", "QL", "CZJ", "HF1"]
)
@pytest.mark.parametrize("path", ["/c/{}/", "/c/{}/wish/", "/c/{}/check-in/", "/c/{}/qr.svg"])
def test_a_path_without_such_a_community_is_not_found(cast, path, code):
    assert Client().get(path.format(code)).status_code in (400, 404)


def test_a_closed_community_is_not_found(cast):
    Organization.objects.filter(pk=cast.community.pk).update(closed_on="2026-01-01")
    assert Client().get(reverse("community", args=["330001"])).status_code == 404
    assert look_for("330001").status_code == 200
    assert cast.community.name not in screen(Client().get(reverse("communities")))


def test_it_shows_name_and_telephone_and_no_member(cast):
    MemberFactory(user__name="不该出现", community=cast.community)
    page = screen(Client().get(reverse("community", args=["330001"])))
    assert cast.community.name in page
    assert cast.community.phone in page
    assert "不该出现" not in page
    assert cast.secretary.user.name not in page


def test_the_qr_code_is_a_picture_that_may_be_kept(cast):
    response = Client().get(reverse("community_qr", args=["330001"]))
    assert response.headers["Content-Type"] == "image/svg+xml"
    assert response.content.startswith(b"<svg")
    assert "max-age=3600" in response.headers["Cache-Control"]


def test_a_city_without_communities_says_what_to_do(db):
    Organization.objects.update(closed_on=timezone.localdate())
    assert 'class="empty"' in screen(Client().get(reverse("communities")))


@pytest.mark.parametrize("query", ["q=%00", "q=a%00b&category=", "category=%00", "status=%00", "page=%00", "year=%00"])
@pytest.mark.parametrize("page", ["task_list", "members", "wish_queue", "home"])
def test_a_nul_character_in_a_query_is_a_bad_request(cast, page, query):
    for who in (cast.member, cast.secretary):
        assert browser_of(who).get(f"{reverse(page)}?{query}").status_code == 400
