"""Writing how an activity went (活动开展情况): begun, published to the community, and corrected if need be."""

from collections.abc import Collection, Sequence
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.access import Ability, Actor
from accounts.actions.move import move, record
from accounts.refusals import Reason as AccountsReason
from tasks.actions.photo import Store, drop, keep_with_form, new_photos, storing, take_up
from tasks.actions.wish_publishing import refuse_saying_who
from tasks.models import ActivityPhoto, ActivityReport, Task
from tasks.queries.activity_report import begins_to_be_reported, report_seen
from tasks.queries.photo import kept_with
from tasks.queries.wish_photo import shows_a_minors_wish
from tasks.refusals import Reason
from vanguard.lib.refused import Refused
from vanguard.lib.saying import moment_words

S = ActivityReport.Status


def begin_report(
    task: Task,
    *,
    words: str,
    by: Actor,
    publish: bool = False,
    photos: Sequence[bytes] = (),
    agreed: bool = False,
    sent_once: UUID | None = None,
) -> ActivityReport:
    """Write the report of an own activity once a shift of it is over, as a draft or to `publish` it at once.

    Photos are JPEGs, `agreed` that those shown do; with `sent_once` come those that the form brought when it was refused.
    The same form again is the report that it was. Refused: a foreign task, one without a shift at fixed hours that is
    over, one that was called off, a second report, photos without the tick or of a minor's wish or too many, too many
    words, words that say whose wish it was, and publishing without any.
    """
    by.require(Ability.PUBLISH, task.publisher)
    with storing(ActivityPhoto) as store:
        task = _hold(task)
        begun = ActivityReport.objects.filter(task=task).first()
        if begun and (sent_once, words.strip()) == (begun.sent_once, begun.words) and sent_once:
            return begun
        if begun:
            raise Refused(Reason.ACTIVITY_REPORTED)
        _refuse_no_activity(task)
        _refuse_words(task, words, publish)
        report = ActivityReport.objects.create(task=task, words=words.strip(), sent_once=sent_once)
        record(report, "written", by=by, new=S.DRAFT)
        _add_photos(report, photos, agreed=agreed, form=sent_once, store=store, by=by)
        if publish:
            _publish(report, by)
    return report


def rewrite_report(
    report: ActivityReport,
    *,
    words: str,
    seen: str,
    by: Actor,
    publish: bool = False,
    photos: Sequence[bytes] = (),
    leave_out: Collection[int] = (),
    agreed: bool = False,
    sent_once: UUID | None = None,
) -> None:
    """Give a draft other words and photos, and `publish` it; or correct what is published, which is recorded.

    `seen` is the `report_seen` of what was opened, `leave_out` the keys of photos that go. What is there already changes
    nothing. Refused as in `begin_report`, but for what was called off since it was published; and where somebody else
    has changed it meanwhile.
    """
    by.require(Ability.PUBLISH, report.task.publisher)
    with storing(ActivityPhoto) as store:
        task = _hold(report.task)
        before = ActivityReport.objects.select_for_update(of=("self",), no_key=True).get(pk=report.pk)
        if _says_that_already(before, words, publish, leave_out) and not _brings_new(before, photos, sent_once):
            return
        if seen != report_seen(before):
            raise Refused(AccountsReason.STATE_CHANGED)
        published = before.status == S.PUBLISHED
        if not published:
            _refuse_no_activity(task)
        _refuse_words(task, words, publish or published)
        report.words = words.strip()
        ActivityReport.objects.filter(pk=report.pk).update(words=report.words)
        _take_out(report, leave_out, by=by)
        _add_photos(report, photos, agreed=agreed, form=sent_once, store=store, by=by)
        if published:
            ActivityReport.objects.filter(pk=report.pk).update(corrected_at=timezone.now())
            record(report, "corrected", by=by, why=before.words)
        elif publish:
            _publish(report, by)


def publish_report(report: ActivityReport, *, by: Actor) -> None:
    """Publish a draft as it stands. Refused: without words, of what was called off, and a second time."""
    by.require(Ability.PUBLISH, report.task.publisher)
    with transaction.atomic():
        _refuse_no_activity(_hold(report.task))
        _refuse_words(report.task, report.words, True)
        _publish(report, by)


def keep_photos(task: Task, form: UUID, photos: Sequence[bytes]) -> None:
    """Keep what came with a refused form until it is sent again; never of a minor's wish (domain rule 10)."""
    if shows_a_minors_wish(task):
        if photos:
            raise Refused(Reason.NO_PHOTOS_OF_MINORS)
        return
    keep_with_form(ActivityPhoto, form, photos)


def _hold(task: Task) -> Task:
    """The task as it is now: two reports of it wait for each other, and so does calling it off."""
    return Task.objects.select_related("publisher").select_for_update(of=("self",), no_key=True).get(pk=task.pk)


def _refuse_no_activity(task: Task) -> None:
    if task.status == Task.Status.CANCELLED:
        raise Refused(Reason.ACTIVITY_CALLED_OFF)
    begins = begins_to_be_reported(task)
    if begins is None or task.status == Task.Status.DRAFT:
        raise Refused(Reason.ACTIVITY_NONE)
    if begins > timezone.now():
        raise Refused(Reason.ACTIVITY_TO_COME, time=moment_words(begins))


def _refuse_words(task: Task, words: str, publish: bool) -> None:
    if publish and not words.strip():
        raise Refused(Reason.ACTIVITY_WORDS_MISSING)
    if len(words.strip()) > ActivityReport.WORDS_AT_MOST:
        raise Refused(Reason.ACTIVITY_WORDS_TOO_MANY, most=ActivityReport.WORDS_AT_MOST)
    for wish in task.wishes.select_related("contact", "community__parent", "compound").order_by("pk"):
        refuse_saying_who(wish, [words], own_phone=task.publisher.phone)


def _publish(report: ActivityReport, by: Actor) -> None:
    move(report, S.PUBLISHED, by=by, published_at=timezone.now())


def _says_that_already(report: ActivityReport, words: str, publish: bool, leave_out: Collection[int]) -> bool:
    there = report.photos.filter(pk__in=leave_out).exists()
    is_done = report.status == S.PUBLISHED or not publish
    return report.words == words.strip() and is_done and not there


def _brings_new(report: ActivityReport, photos: Sequence[bytes], form: UUID | None) -> bool:
    return kept_with(ActivityPhoto, form).exists() or bool(new_photos(report.photos.all(), photos))


def _take_out(report: ActivityReport, keys: Collection[int], *, by: Actor) -> None:
    photos = ActivityPhoto.objects.filter(report=report, pk__in=keys)
    if photos.exists():
        drop(photos)
        record(report, "photos taken out", by=by)


def _add_photos(
    report: ActivityReport, photos: Sequence[bytes], *, agreed: bool, form: UUID | None, store: Store, by: Actor
) -> None:
    if not photos and not kept_with(ActivityPhoto, form).exists():
        return
    if shows_a_minors_wish(report.task):
        raise Refused(Reason.NO_PHOTOS_OF_MINORS)
    if not agreed:
        raise Refused(Reason.SHOWN_MUST_AGREE)
    there = ActivityPhoto.objects.filter(report=report)
    before = there.count()
    take_up(there, photos, form=form, store=store, report=report)
    now = there.all().count()  # counted anew
    if now > ActivityPhoto.AT_MOST:
        raise Refused(Reason.TOO_MANY_PHOTOS, most=ActivityPhoto.AT_MOST, kept=before)
    if now > before:
        record(report, "photos added", by=by)
