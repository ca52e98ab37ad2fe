"""The pages of a dossier, its paper, and what anybody who holds the paper is told."""

import csv
import io
import sys
from datetime import date
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from flags.actions.dossier import seal_dossier
from flags.actions.dossier_opinion import answer_opinion, write_opinion
from flags.models import Dossier, DossierOpinion, DossierWords
from flags.models.dossier_serial import new_serial
from flags.refusals import Reason
from flags.views import dossier as views
from tests.browsing import browser_of, queries_of, screen, sentence
from tests.factories import WishFactory
from tests.flags.served import last_year, served, taken_back
from tests.paper import pages_of

pytestmark = pytest.mark.django_db
NUMBER = "0000000001"
TEXT = "热心、守时，楼道里的老人都认识他。"


def url(name="dossier", year=None):
    return reverse(name, args=[NUMBER] if year is None else [NUMBER, year])


def page(cast, who="member", year=None):
    return screen(browser_of(getattr(cast, who)).get(url(), {"year": year or last_year()}))


def seal(cast, by=None):
    return seal_dossier(cast.member.member, year=last_year(), by=by or cast.member)


def write(cast, by="secretary"):
    return write_opinion(cast.member.member, year=last_year(), text=TEXT, by=getattr(cast, by))


# --- the page --------------------------------------------------------------------------------


def test_a_member_finds_the_own_year_with_its_services(cast):
    served(cast, date(last_year(), 2, 14), hours=2.5, companions=2)
    client = browser_of(cast.member)
    assert client.get(reverse("my_dossier")).headers["Location"] == url()
    said = screen(client.get(url(), {"year": last_year()}))
    for words in ("元宵节家庭手工灯笼制作", "社区文化家园", f"{last_year()}-02-14", "2.5", "陈书记", "1 / 5"):
        assert words in said


@pytest.mark.parametrize("who", ["secretary", "unit_officer", "city_officer"])
def test_who_looks_after_a_member_reads_it(cast, who):
    served(cast, date(last_year(), 2, 14))
    assert "元宵节家庭手工灯笼制作" in page(cast, who)


def test_a_page_of_a_year_costs_the_same_for_one_service_and_for_thirty(cast):
    served(cast, date(last_year(), 1, 2))
    client, address = browser_of(cast.secretary), f"{url()}?year={last_year()}"
    one = queries_of(client, address)
    for day in range(1, 29):
        served(cast, date(last_year(), 3, day))
    assert queries_of(client, address) == one <= 40


def test_sealing_takes_one_tap_and_the_versions_stand_there(cast):
    line = served(cast, date(last_year(), 2, 14))
    client = browser_of(cast.member)
    response = client.post(url("dossier_seal", last_year()), follow=True)
    first = Dossier.objects.get()
    assert first.serial in screen(response)
    taken_back(line)
    said = screen(client.post(url("dossier_seal", last_year()), follow=True))
    assert first.serial in said
    assert Dossier.objects.latest("pk").serial in said


def test_every_form_of_the_page_is_taken_from_this_page(cast):
    """A form in a part of a page lacks the token where the part is not given it, and Django's test client asks none."""
    write(cast)
    said = page(cast)
    assert said.count("csrfmiddlewaretoken") == said.count('method="post"')


def test_why_the_running_year_cannot_be_sealed_is_said(cast):
    response = browser_of(cast.member).post(url("dossier_seal", last_year() + 1), follow=True)
    assert sentence(Reason.YEAR_NOT_SEALABLE, year=last_year() + 1) in screen(response)


@pytest.mark.parametrize("year", [0, 99999, last_year() + 2])
@pytest.mark.parametrize("name", ["dossier_pdf", "dossier_opinion", "dossier_services_csv"])
def test_what_is_no_year_yet_has_no_dossier(cast, name, year):
    assert browser_of(cast.secretary).get(url(name, year)).status_code == 404


@pytest.mark.parametrize("serial", ["一", "2025-AAAA-AAAA-AAAA"])
def test_a_version_that_never_was_is_not_printed(cast, serial):
    seal(cast)
    response = browser_of(cast.member).get(f"{url('dossier_pdf', last_year())}?serial={serial}")
    assert response.status_code == 404


# --- opinions --------------------------------------------------------------------------------


def test_who_has_moved_is_spoken_of_anew_without_what_the_former_community_has_not_shared(cast):
    write(cast)
    member = cast.member.member
    member.home = cast.other_community
    member.save()
    client, answer = browser_of(cast.other_secretary), {"text": "来得早。", "seen": 1}
    assert TEXT not in screen(client.get(url("dossier_opinion", last_year())))
    assert TEXT not in screen(client.post(url("dossier_opinion", last_year()), {"text": "", "seen": 0}))
    assert client.post(url("dossier_opinion", last_year()), answer | {"sent_once": uuid4()}).status_code == 302
    assert TEXT not in screen(client.get(url("dossier_opinion", last_year())))


@pytest.mark.parametrize("year", [0, 9999, 99999])
def test_a_year_to_come_and_one_before_all_calendars_has_no_dossier(cast, year):
    for who in ("member", "secretary", "unit_officer"):
        client = browser_of(getattr(cast, who))
        answers = [client.get(url(name, year)) for name in ("dossier_pdf", "dossier_services_csv")]
        assert [answer.status_code for answer in [*answers, client.post(url("dossier_seal", year))]] == [404] * 3
    assert browser_of(cast.secretary).get(url("dossier_opinion", year)).status_code == 404


def test_an_opinion_is_written_read_and_answered(cast):
    form = {"text": TEXT, "seen": 0, "sent_once": "12345678-1234-4234-8234-123456789012"}
    secretary = browser_of(cast.secretary)
    response = secretary.post(url("dossier_opinion", last_year()), form, follow=True)
    assert TEXT in screen(response)
    assert TEXT not in page(cast, "unit_officer")
    opinion = DossierOpinion.objects.get()
    assert TEXT in page(cast)
    browser_of(cast.member).post(reverse("opinion_answer", args=[opinion.pk]), {"words": "谢谢，我会继续。"})
    for who in ("member", "secretary", "unit_officer", "city_officer"):
        assert "谢谢，我会继续。" in page(cast, who)


@pytest.mark.parametrize("text", ["", "   ", "长" * 501])
def test_a_refused_opinion_keeps_what_was_typed(cast, text):
    said = screen(browser_of(cast.secretary).post(url("dossier_opinion", last_year()), {"text": text, "seen": 0}))
    assert text.strip() in said
    assert not DossierOpinion.objects.exists()


def test_the_second_of_two_reads_the_first_and_can_send_the_own_again(cast):
    write(cast)
    client, form = browser_of(cast.second_secretary), {"text": "另一种意见", "seen": 0}
    form["sent_once"] = "12345678-1234-4234-8234-123456789012"
    said = screen(client.post(url("dossier_opinion", last_year()), form))
    assert sentence(Reason.OPINION_CHANGED) in said
    assert TEXT in said
    assert "另一种意见" in said
    assert 'name="seen" value="1"' in said
    client.post(url("dossier_opinion", last_year()), form | {"seen": 1})
    assert DossierOpinion.objects.current().get().text == "另一种意见"


def test_too_long_an_answer_is_kept_and_a_second_one_refused(cast):
    opinion = write(cast)
    client, address = browser_of(cast.member), reverse("opinion_answer", args=[opinion.pk])
    assert "长" * 501 in screen(client.post(address, {"words": "长" * 501}))
    client.post(address, {"words": "好"})
    said = screen(client.post(address, {"words": "再说一句"}))
    assert DossierOpinion.objects.get().answer == "好"
    assert "再说一句" not in said


def test_what_people_wrote_is_shown_as_text(cast):
    write_opinion(cast.member.member, year=last_year(), text="<script>alert(1)</script>", by=cast.secretary)
    response = browser_of(cast.member).get(url(), {"year": last_year()})
    assert b"<script>alert" not in response.content


# --- on paper --------------------------------------------------------------------------------


def pdf(cast, who="member", **query):
    response = browser_of(getattr(cast, who)).get(url("dossier_pdf", last_year()), query)
    assert (response.status_code, response.headers["Content-Type"]) == (200, "application/pdf")
    assert NUMBER in response.headers["Content-Disposition"]
    return pages_of(response.content)


@pytest.mark.paper
def test_the_paper_reads_in_chinese_with_number_and_opinions(cast):
    served(cast, date(last_year(), 2, 14), hours=2.5)
    answer_opinion(write(cast), words="谢谢，我会继续。", by=cast.member)
    dossier = seal(cast)
    text = "".join(pdf(cast))
    for words in (
        "张小明",
        "青澜市财政局",
        "荷风社区",
        "元宵节家庭手工灯笼制作",
        "王书记",
        TEXT,
        "谢谢，我会继续。",
        "2.5",
        dossier.serial,
        dossier.short_digest,
        "testserver/verify/",
    ):
        assert words in text


def test_the_code_on_it_leads_to_the_page_that_says_whether_it_is_genuine(cast, monkeypatch, settings):
    settings.SITE_URL = "https://weijia.example.org/"
    drawn, make = [], views.segno.make
    monkeypatch.setattr(views.segno, "make", lambda content, **how: drawn.append(content) or make(content, **how))
    serial = seal(cast).serial
    browser_of(cast.member).get(url("dossier_pdf", last_year()))
    assert drawn == [f"https://weijia.example.org/verify/{serial}/"]


@pytest.mark.paper
def test_a_draft_has_no_number_and_an_earlier_version_says_which_is_current(cast):
    line = served(cast, date(last_year(), 2, 14))
    assert "verify" not in "".join(pdf(cast))
    first = seal(cast)
    taken_back(line)
    second = seal(cast)
    former = "".join(pdf(cast, serial=first.serial))
    assert first.serial in former
    assert second.serial in former
    assert "元宵节家庭手工灯笼制作" in former


@pytest.mark.paper
def test_a_long_year_has_its_headings_on_every_page_and_its_pages_numbered(cast):
    for month in range(1, 13):
        for day in (1, 15):
            served(
                cast, date(last_year(), month, day), task={"title": "很长的活动名称" * 8, "place": "很长的地点" * 15}
            )
    pages = pdf(cast)
    assert len(pages) >= 3
    heading = pages[1][:12]
    for number, text in enumerate(pages[1:-1], start=2):
        assert text.startswith(heading)
        assert f"{number}/{len(pages)}" in text


@pytest.mark.paper
def test_after_erasing_the_figures_are_still_printed_and_the_name_is_not(cast):
    served(cast, date(last_year(), 2, 14))
    dossier = seal(cast)
    DossierWords.objects.all().delete()
    text = "".join(pdf(cast))
    assert dossier.serial in text
    assert "张小明" not in text
    assert "王书记" not in text


def test_without_what_pdf_needs_the_page_is_offered_instead(cast, monkeypatch):
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    response = browser_of(cast.member).get(url("dossier_pdf", last_year()), follow=True)
    assert response.redirect_chain == [(f"{url()}?year={last_year()}", 302)]


# --- for whoever holds the paper -------------------------------------------------------------


def lookup(serial):
    return Client().get(reverse("verified", args=[serial]))


def test_a_stranger_sees_that_it_is_genuine_and_no_more_than_that(cast):
    served(cast, date(last_year(), 2, 14), hours=2.5)
    answer_opinion(write(cast), words="谢谢", by=cast.member)
    dossier = seal(cast)
    response = lookup(dossier.serial)
    said = screen(response)
    for words in ("张*明", "青澜市财政局", str(last_year()), "2.5", dossier.short_digest, 'class="say success"'):
        assert words in said
    for secret in ("张小明", NUMBER, "荷风", TEXT, "元宵节", "陈书记", dossier.digest):
        assert secret not in said
    assert response.headers["X-Robots-Tag"] == "none"
    assert "no-store" in response.headers["Cache-Control"]


def test_a_replaced_one_is_said_to_be_genuine_and_no_longer_current(cast):
    line = served(cast, date(last_year(), 2, 14))
    first = seal(cast)
    taken_back(line)
    second = seal(cast)
    said = screen(lookup(first.serial))
    assert 'class="say warning"' in said
    assert second.serial not in said
    assert 'class="say success"' in screen(lookup(second.serial))


def test_an_erased_name_is_not_shown(cast):
    dossier = seal(cast)
    DossierWords.objects.all().delete()
    assert "张" not in screen(lookup(dossier.serial)).split("<dl")[1].split("</dl>")[0]


@pytest.mark.parametrize("wrong", ["nonsense", "2025-AAAA-AAAA-AAAA", "一二三", "2" * 300, "%00", "<b>"])
def test_a_forged_or_mistyped_number_meets_a_kind_page_and_no_database(cast, wrong, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = lookup(wrong)
    assert 'role="alert"' in screen(response)


def test_an_altered_number_is_none_of_ours(cast):
    serial = seal(cast).serial
    altered = serial.replace(str(last_year()), str(last_year() + 1), 1)
    assert 'role="alert"' in screen(lookup(altered))


def test_a_number_is_typed_as_it_comes_and_found(cast):
    serial = seal(cast).serial
    typed = serial.lower().replace("-", " ")
    response = Client().get(reverse("verify"), {"serial": typed})
    assert response.headers["Location"] == reverse("verified", args=[serial])
    refused = screen(Client().get(reverse("verify"), {"serial": "2025-AAAA"}))
    assert "2025-AAAA" in refused
    assert "errorlist" in refused


def test_who_guesses_is_stopped(cast, settings):
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "dossier_not_found": "2/h/ip"}
    right = seal(cast).serial
    client = Client()
    for _ in range(2):
        assert client.get(reverse("verified", args=[new_serial(last_year())])).status_code == 200
    assert client.get(reverse("verified", args=[right])).status_code == 429


# --- services for other systems --------------------------------------------------------------


def rows(response):
    assert response.status_code == 200
    return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))


def test_services_come_in_the_fields_of_the_national_rules(cast):
    line = served(cast, date(last_year(), 2, 14), hours=2.5, task={"category": "MICRO_WISH"})
    WishFactory(
        community=cast.community,
        task=line.claim.shift.task,
        status="DONE",
        rating="GOOD",
        resident_words="谢谢小张，三单元李奶奶",
        contact__name="李奶奶",
    )
    taken_back(served(cast, date(last_year(), 3, 1), task={"title": "撤回的"}))
    served(cast, date(last_year() + 1, 1, 1), task={"title": "明年的"})
    (header, row) = rows(browser_of(cast.member).get(url("dossier_services_csv", last_year())))
    assert len(header) == len(row) == 15
    assert row[:7] == [
        "张小明",
        NUMBER,
        "元宵节家庭手工灯笼制作",
        f"{last_year()}-02-14",
        "14:00",
        "16:30",
        "社区文化家园",
    ]
    assert row[7:9] == ["和孩子们一起做灯笼。", "2.5"]
    assert row[12:] == ["荷风社区", "王书记", "陈书记"]
    assert row[11]
    assert "李奶奶" not in str(row)


def test_a_community_takes_with_it_what_it_has_published(cast):
    served(cast, date(last_year(), 2, 14))
    served(cast, date(last_year(), 2, 15), task={"publisher": cast.other_community})
    address = reverse("service_records_csv", args=[cast.community.code])
    response = browser_of(cast.secretary).get(address, {"year": last_year()})
    assert [row[3] for row in rows(response)[1:]] == [f"{last_year()}-02-14"]
    sheet = browser_of(cast.secretary).get(address.replace("csv", "xlsx"), {"year": last_year()})
    cells = load_workbook(io.BytesIO(sheet.content)).active
    assert (cells.max_row, cells["I2"].value, cells["K2"].value) == (2, 2, 1)


def test_of_many_services_the_export_asks_as_often_as_of_one(cast, django_assert_max_num_queries):
    for day in range(1, 25):
        served(cast, date(last_year(), 2, day))
    client = browser_of(cast.member)
    with django_assert_max_num_queries(14):
        assert len(rows(client.get(url("dossier_services_csv", last_year())))) == 25
