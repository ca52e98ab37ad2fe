"""The pages of activity reports: written on a phone, nothing typed lost, read by whom they are for, numbers that lead down."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from flags.actions.confirm import settle_shift
from tasks.models import ActivityPhoto, ActivityReport, Claim
from tasks.refusals import Reason
from tests.browsing import browser_of, queries_of, screen, sentence
from tests.conftest import member_actor
from tests.factories import ActivityReportFactory, ClaimFactory, MemberFactory, ShiftFactory, TaskFactory, WishFactory
from tests.photos import upload

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)
    return tmp_path


@pytest.fixture
def task(cast):
    task = TaskFactory(publisher=cast.community, title="元宵灯笼")
    ShiftFactory(task=task, starts_at=timezone.now() - timedelta(days=2), status="ENDED")
    return task


@pytest.fixture
def client(cast):
    return browser_of(cast.secretary)


def write(client, task, **changed):
    said = {"words": "灯笼挂满了。", "sent_once": str(uuid4()), "do": "publish", **changed}
    return client.post(reverse("activity_report_write", args=[task.pk]), said, follow=True)


def test_from_the_task_to_the_report_and_from_there_to_the_members(cast, client, task):
    address = reverse("activity_report_write", args=[task.pk])
    assert address in screen(client.get(reverse("task", args=[task.pk])))
    screen(client.get(address))
    assert "灯笼挂满了。" in screen(write(client, task, do="draft"))
    report = ActivityReport.objects.get()
    member = browser_of(cast.member)
    assert member.get(report.page).status_code == 404
    write(client, task, seen=opened(client, task))
    for page in (reverse("activity_reports"), reverse("task", args=[task.pk]), report.page):
        assert report.page in screen(member.get(page)) or page == report.page
    assert address not in screen(member.get(report.page))
    assert "灯笼挂满了。" in screen(member.get(report.page))
    assert browser_of(cast.other_member).get(report.page).status_code == 404
    assert Client().get(report.page).status_code == 302


def test_the_way_to_the_task_is_shown_to_who_may_go_it(cast):
    report = ActivityReportFactory(task=TaskFactory(publisher=cast.compound))
    next_door = MemberFactory(community=cast.community)  # of the community, not of the compound that held it
    for actor, sees_it in ((cast.member, True), (member_actor(next_door), False)):
        page = screen(browser_of(actor).get(report.page))
        assert (reverse("task", args=[report.task_id]) in page) == sees_it


def opened(client, task):
    """What the form was opened with."""
    return client.get(reverse("activity_report_write", args=[task.pk])).context["form"]["seen"].value()


@pytest.mark.parametrize("words", ["", "字" * 2001])
def test_what_is_refused_keeps_its_words_and_its_photos(client, task, words):
    form = str(uuid4())
    page = screen(write(client, task, words=words, sent_once=form, photos=[upload()], agreed="on"))
    assert words in page
    assert form in page
    assert not ActivityReport.objects.exists()
    assert ActivityPhoto.objects.get().report is None
    write(client, task, sent_once=form, agreed="on")
    assert ActivityReport.objects.get().photos.count() == 1


def test_without_the_tick_the_photos_wait_and_can_be_left_out(client, task):
    form = str(uuid4())
    page = screen(write(client, task, sent_once=form, photos=[upload()]))
    assert sentence(Reason.SHOWN_MUST_AGREE) in page
    assert "灯笼挂满了。" in page
    write(client, task, sent_once=form, without_kept="on")
    assert (ActivityReport.objects.count(), ActivityPhoto.objects.count()) == (1, 0)


def test_no_photo_of_a_minors_wish_is_kept(cast, client, task):
    WishFactory(community=cast.community, task=task, status="DONE", for_minor=True)
    page = screen(write(client, task, words="修好了灯。", photos=[upload()], agreed="on"))
    assert sentence(Reason.NO_PHOTOS_OF_MINORS) in page
    assert not ActivityPhoto.objects.exists()


def test_ten_photos_are_more_than_are_taken(client, task):
    page = screen(write(client, task, photos=[upload(name=f"{n}.jpg") for n in range(10)], agreed="on"))
    assert "灯笼挂满了。" in page
    assert not ActivityPhoto.objects.exists()


def test_sent_twice_it_is_one_and_said_once(client, task):
    form = str(uuid4())
    for _ in range(2):
        screen(write(client, task, sent_once=form, photos=[upload()], agreed="on"))
    report = ActivityReport.objects.get()
    assert (report.photos.count(), report.corrected_at) == (1, None)


def test_who_was_slower_is_told_and_sees_both(cast, client, task):
    write(client, task, words="先写的", do="draft")
    page = screen(write(browser_of(cast.second_secretary), task, words="后写的", seen=""))
    assert "先写的" in page
    assert "后写的" in page
    assert ActivityReport.objects.get().words == "先写的"
    write(browser_of(cast.second_secretary), task, words="后写的", seen=opened(client, task))
    assert ActivityReport.objects.get().words == "后写的"


def test_too_early_says_so_and_keeps_the_words(cast, client):
    task = TaskFactory(publisher=cast.community)
    shift = ShiftFactory(task=task)
    address = reverse("activity_report_write", args=[task.pk])
    assert address not in screen(client.get(reverse("task", args=[task.pk])))
    assert "提前写的" in screen(write(client, task, words="提前写的"))
    assert shift.claims.count() == ActivityReport.objects.count() == 0


def test_a_correction_takes_a_photo_out(cast, client, task):
    write(client, task, photos=[upload()], agreed="on")
    photo = ActivityPhoto.objects.get()
    assert browser_of(cast.member).get(photo.address).status_code == 200
    for who in ("other_member", "branch", "unit_officer"):
        assert browser_of(getattr(cast, who)).get(photo.address).status_code == 404
    assert Client().get(photo.address).status_code == 302
    write(client, task, leave_out=[photo.pk], seen=opened(client, task))
    assert not ActivityPhoto.objects.exists()
    assert ActivityReport.objects.get().corrected_at


def test_numbers_lead_down_for_who_may_see_the_services_and_name_nobody_to_members(cast, client, task):
    shift, report = task.shifts.get(), ActivityReportFactory(task=task)
    retired = MemberFactory(community=cast.community, user__name="退休的老赵", retired_on=date(2020, 1, 1))
    claims = [
        ClaimFactory(shift=shift, member=retired, companions=2),
        ClaimFactory(shift=shift, member=cast.other_member.member),
    ]
    settle_shift(shift, {claim.pk: Claim.Status.ATTENDED for claim in claims}, by=cast.secretary)
    services = reverse("activity_services", args=[report.pk])
    assert services in screen(client.get(report.page))
    assert services in screen(browser_of(cast.city_officer).get(report.page))
    for who in ("member", "street_officer", "inspector"):
        page = screen(browser_of(getattr(cast, who)).get(report.page))
        assert services not in page
        assert "老赵" not in page
    assert "老赵" in screen(client.get(services))
    assert "王芳" in screen(client.get(services))
    for who in ("retired", "companions"):
        page = screen(client.get(services, {"who": who}))
        assert ("老赵" in page, "王芳" in page) == (True, False)


def test_pages_cost_the_same_for_one_and_for_thirty(cast, client, task):
    report, shift = ActivityReportFactory(task=task), task.shifts.get()
    pages = (reverse("activity_reports"), reverse("activity_services", args=[report.pk]))
    costs = []
    for n in (1, 19):
        for _ in range(n):
            ActivityReportFactory(task=TaskFactory(publisher=cast.community))
        shift.refresh_from_db()
        shift.capacity = 40
        shift.save()
        for _ in range(n):
            ClaimFactory(shift=shift, status="CONFIRMED")
        costs.append([queries_of(client, page) for page in pages])
    assert costs[0] == costs[1]
