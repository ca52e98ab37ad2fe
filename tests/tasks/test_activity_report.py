"""How an activity went: begun, published, corrected, by whom, and what is refused."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.actions.community import merge_community
from accounts.models import Record
from accounts.refusals import Reason as AccountsReason
from tasks.actions.activity_report import begin_report, keep_photos, publish_report, rewrite_report
from tasks.actions.task import cancel_task
from tasks.models import ActivityPhoto, ActivityReport, Shift
from tasks.queries.activity_report import may_be_reported, report_of, report_seen
from tasks.queries.photo import kept_with
from tasks.refusals import Reason
from tests.factories import ActivityReportFactory, ClaimFactory, ShiftFactory, TaskFactory, WishFactory
from tests.photos import jpeg
from vanguard.lib.refused import Refused

pytestmark = pytest.mark.django_db
S = ActivityReport.Status
WORDS = "来了 18 位居民，灯笼挂满了文化家园。"


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)
    return tmp_path


def activity(publisher, *, hours_ago: float = 24, task=None, **fields):
    """A task whose one shift began so many hours ago and lasted two."""
    task = task or TaskFactory(publisher=publisher)
    ShiftFactory(task=task, starts_at=timezone.now() - timedelta(hours=hours_ago), **fields)
    return task


def begun(cast, **changed) -> ActivityReport:
    said = {"words": WORDS, "by": cast.secretary, **changed}
    return begin_report(said.pop("task", None) or activity(cast.community), **said)


def refused(reason, act, **details):
    before = ActivityReport.objects.count(), ActivityPhoto.objects.count(), Record.objects.count()
    with pytest.raises(Refused) as caught:
        act()
    assert caught.value.reason == reason
    assert "%(" not in caught.value.sentence
    assert (ActivityReport.objects.count(), ActivityPhoto.objects.count(), Record.objects.count()) == before


def rewrite(report, **changed):
    rewrite_report(report, **{"words": report.words, "seen": report_seen(report), **changed})
    report.refresh_from_db()


def verbs(report):
    records = Record.objects.filter(subject_type__model="activityreport", subject_id=report.pk)
    return list(records.order_by("pk").values_list("verb", flat=True))


# --- writing --------------------------------------------------------------------------------


def test_a_draft_is_for_those_who_write_and_published_for_the_community(cast):
    report = begun(cast)
    assert (report.status, report.published_at) == (S.DRAFT, None)
    assert report_of(report.task, cast.second_secretary) == report
    assert report_of(report.task, cast.member) is None
    assert report_of(report.task, cast.street_officer) is None
    publish_report(report, by=cast.secretary)
    readers = {
        who
        for who, actor in vars(cast).items()
        if hasattr(actor, "user") and ActivityReport.objects.visible_to(actor).exists()
    }
    assert readers == {
        "member", "secretary", "second_secretary", "street_officer", "city_officer", "inspector",
    }  # fmt: skip
    assert verbs(report) == ["written", "moved"]


@pytest.mark.parametrize("words", ["", "  \n "])
def test_without_words_it_is_a_draft_and_no_more(cast, words):
    refused(Reason.ACTIVITY_WORDS_MISSING, lambda: begun(cast, words=words, publish=True))
    report = begun(cast, words=words)
    refused(Reason.ACTIVITY_WORDS_MISSING, lambda: publish_report(report, by=cast.secretary))


def test_odd_words_stand_as_they_are_and_too_many_are_refused(cast):
    most = "龘𠮷🙏" * 666 + "%s"
    assert begun(cast, words=most, publish=True).words == most
    refused(Reason.ACTIVITY_WORDS_TOO_MANY, lambda: begun(cast, words=most + "!"))


@pytest.mark.parametrize(
    ("writer", "held_by"), [("branch", "compound"), ("secretary", "compound"), ("city_officer", "city")]
)
def test_who_publishes_there_writes(cast, writer, held_by):
    task = activity(getattr(cast, held_by))
    assert begin_report(task, words=WORDS, publish=True, by=getattr(cast, writer)).status == S.PUBLISHED


@pytest.mark.parametrize("who", ["other_secretary", "street_officer", "branch", "city_officer", "inspector", "member"])
def test_nobody_else_does(cast, who):
    report = begun(cast)
    for act in (
        lambda: begun(cast, task=report.task, by=getattr(cast, who)),
        lambda: rewrite(report, words="别的话", by=getattr(cast, who)),
        lambda: publish_report(report, by=getattr(cast, who)),
    ):
        with pytest.raises(PermissionDenied):
            act()


def test_what_a_compound_held_the_whole_community_reads_and_the_neighbours_do_not(cast):
    report = begun(cast, task=activity(cast.compound), publish=True)
    assert report_of(report.task, cast.member) == report
    assert report_of(report.task, cast.branch) == report
    assert report_of(report.task, cast.other_member) is None


def test_who_took_part_from_elsewhere_reads_it(cast):
    report = begun(cast, publish=True)
    ClaimFactory(shift=report.task.shifts.get(), member=cast.other_member.member)
    assert report_of(report.task, cast.other_member) == report


# --- when, and of what ----------------------------------------------------------------------


def test_it_can_be_written_from_the_end_of_the_first_shift_on(cast):
    task = activity(cast.community, hours_ago=1)
    refused(Reason.ACTIVITY_TO_COME, lambda: begun(cast, task=task))
    assert not may_be_reported(task, timezone.now())
    activity(cast.community, hours_ago=3, task=task)
    assert may_be_reported(task, timezone.now())
    assert begun(cast, task=task)


def test_what_is_by_agreement_has_no_report(cast):
    refused(Reason.ACTIVITY_NONE, lambda: begun(cast, task=activity(cast.community, by_agreement=True)))


@pytest.mark.parametrize("shift", [{"status": Shift.Status.CANCELLED}, {}])
def test_neither_has_a_draft_nor_what_was_never_held(cast, shift):
    status = "OPEN" if shift else "DRAFT"
    task = activity(cast.community, task=TaskFactory(publisher=cast.community, status=status), **shift)
    refused(Reason.ACTIVITY_NONE, lambda: begun(cast, task=task))
    assert not may_be_reported(task, timezone.now())


def test_what_was_called_off_is_not_reported_nor_published_afterwards(cast):
    report = begun(cast)
    cancel_task(report.task, reason="下雨", by=cast.secretary)
    refused(Reason.ACTIVITY_CALLED_OFF, lambda: publish_report(report, by=cast.secretary))
    task = activity(cast.community, task=TaskFactory(publisher=cast.community, status="CANCELLED"))
    refused(Reason.ACTIVITY_CALLED_OFF, lambda: begun(cast, task=task))
    assert not may_be_reported(task, timezone.now())


# --- twice, and two at once -----------------------------------------------------------------


def test_a_second_report_is_refused_and_the_same_form_is_the_first(cast):
    task, form = activity(cast.community), uuid4()
    report = begun(cast, task=task, sent_once=form, publish=True)
    assert begun(cast, task=task, sent_once=form, publish=True) == report
    refused(Reason.ACTIVITY_REPORTED, lambda: begun(cast, task=task, sent_once=uuid4()))
    refused(Reason.ACTIVITY_REPORTED, lambda: begun(cast, task=task))
    with pytest.raises(IntegrityError), transaction.atomic():
        ActivityReport.objects.create(task=task)


def test_published_twice_is_refused(cast):
    report = begun(cast, publish=True)
    refused(AccountsReason.NOT_ALLOWED_NOW, lambda: publish_report(report, by=cast.secretary))


def test_of_two_who_change_it_the_second_overwrites_nothing(cast):
    report = begun(cast)
    seen = report_seen(report)
    rewrite(report, words="先改的", seen=seen, by=cast.secretary)
    refused(AccountsReason.STATE_CHANGED, lambda: rewrite(report, words="后改的", seen=seen, by=cast.second_secretary))
    assert ActivityReport.objects.get().words == "先改的"
    rewrite(report, words="先改的", seen=seen, by=cast.secretary)  # the same tap again
    assert verbs(report) == ["written"]


# --- corrections ----------------------------------------------------------------------------


def test_a_correction_is_recorded_with_what_stood_there(cast):
    report = begun(cast, publish=True)
    rewrite(report, words="来了 19 位。", by=cast.second_secretary)
    assert (report.status, report.words, report.corrected_at is not None) == (S.PUBLISHED, "来了 19 位。", True)
    record = Record.objects.get(verb="corrected")
    assert (record.reason.text, record.user) == (WORDS, cast.second_secretary.user)
    refused(Reason.ACTIVITY_WORDS_MISSING, lambda: rewrite(report, words=" ", by=cast.secretary))
    rewrite(report, by=cast.secretary)
    assert Record.objects.filter(verb="corrected").count() == 1, "nothing changed"


def test_it_can_be_corrected_after_the_rest_was_called_off(cast):
    report = begun(cast, publish=True)
    cancel_task(report.task, reason="下雨", by=cast.secretary)
    rewrite(report, words="只办了第一场。", by=cast.secretary)
    assert report.words == "只办了第一场。"


# --- photos ---------------------------------------------------------------------------------


def test_photos_need_the_word_that_those_shown_agree(cast):
    form = uuid4()
    task = activity(cast.community)
    refused(Reason.SHOWN_MUST_AGREE, lambda: begun(cast, task=task, photos=[jpeg()], sent_once=form))
    keep_photos(task, form, [jpeg()])
    refused(Reason.SHOWN_MUST_AGREE, lambda: begun(cast, task=task, sent_once=form))
    report = begun(cast, task=task, sent_once=form, agreed=True, photos=[jpeg("blue")])
    assert report.photos.count() == 2
    assert verbs(report) == ["written", "photos added"]


def test_at_most_nine_and_one_taken_out_makes_room(cast):
    nine = [jpeg(size=(40, 20 + n)) for n in range(9)]
    report = begun(cast, photos=nine, agreed=True, publish=True)
    one_more = {"photos": [jpeg("blue")], "agreed": True, "by": cast.secretary}
    refused(Reason.TOO_MANY_PHOTOS, lambda: rewrite(report, **one_more))
    first = report.photos.first()
    rewrite(report, leave_out=[first.pk], **one_more)
    assert report.photos.count() == 9
    assert not report.photos.filter(pk=first.pk).exists()
    assert verbs(report)[-3:] == ["photos taken out", "photos added", "corrected"]


def test_kept_ones_count_too_and_a_file_of_a_refused_report_is_gone(cast, media):
    report, form = begun(cast, photos=[jpeg()], agreed=True), uuid4()
    keep_photos(report.task, form, [jpeg(size=(40, 20 + n)) for n in range(9)])
    files = sorted(media.rglob("*.jpg"))
    again = {"agreed": True, "sent_once": form, "by": cast.secretary}
    refused(Reason.TOO_MANY_PHOTOS, lambda: rewrite(report, **again))
    refused(Reason.TOO_MANY_PHOTOS, lambda: rewrite(report, photos=[jpeg("blue")], **again))
    assert sorted(media.rglob("*.jpg")) == files


def test_a_photo_of_another_report_is_not_taken_out(cast):
    report, other = begun(cast), begun(cast, photos=[jpeg()], agreed=True)
    rewrite(report, words="改", leave_out=[other.photos.get().pk], by=cast.secretary)
    assert other.photos.exists()


# --- wishes ---------------------------------------------------------------------------------


def test_of_a_wish_nothing_tells_who_asked_and_of_a_minors_there_is_no_photo(cast):
    task = activity(cast.community)
    WishFactory(community=cast.community, task=task, status="DONE", for_minor=True)
    refused(Reason.NAMES_RESIDENT, lambda: begun(cast, task=task, words="帮李 奶奶修好了灯。"))
    refused(Reason.NO_PHOTOS_OF_MINORS, lambda: begun(cast, task=task, photos=[jpeg()], agreed=True))
    form = uuid4()
    refused(Reason.NO_PHOTOS_OF_MINORS, lambda: keep_photos(task, form, [jpeg()]))
    assert not kept_with(ActivityPhoto, form).exists()
    assert begun(cast, task=task, words="修好了楼道的灯。", publish=True)


# --- a merger -------------------------------------------------------------------------------


def test_after_a_merger_all_read_it_and_the_new_secretary_writes(cast):
    published = begun(cast, publish=True)
    to_write = activity(cast.compound)
    merge_community(cast.community, into=cast.other_community, by=cast.city_officer)
    for actor in (cast.member, cast.other_member):
        actor.member.refresh_from_db()
        assert report_of(published.task, actor) == published
    cast.other_secretary.organization.refresh_from_db()
    to_write.publisher.refresh_from_db()
    assert begin_report(to_write, words=WORDS, publish=True, by=cast.other_secretary)
    published.task.publisher.refresh_from_db()
    rewrite(published, words="合并后更正。", by=cast.other_secretary)


def test_what_the_database_itself_refuses():
    task = TaskFactory()
    for wrong in (
        {"words": ""},
        {"published_at": None},
        {"status": "DRAFT", "published_at": timezone.now()},
        {"status": "DRAFT", "corrected_at": timezone.now()},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            ActivityReportFactory(task=task, **wrong)
