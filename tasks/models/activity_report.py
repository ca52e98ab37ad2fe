from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models.organization import at_or_below
from tasks.models.photo import KeptPhoto
from tasks.models.task import Task

if TYPE_CHECKING:
    from accounts.access import Actor


class ActivityReportQuerySet(models.QuerySet["ActivityReport"]):
    def visible_to(self, actor: "Actor") -> Self:
        """Members: what is published of what they could take part in, and of what their community held.

        Staff: those of their organizations; a draft only those who publish in its name. Nobody else.
        """
        if actor.member:
            home = actor.member.home
            here = at_or_below("task__publisher__path", [home.community.path] if home else [])
            return self.published().filter(here | Q(task__in=Task.objects.visible_to(actor)))
        written = Q(status=ActivityReport.Status.PUBLISHED) | actor.publishes_for("task__publisher")
        return self.filter(at_or_below("task__publisher__path", actor.home_paths) & written)

    def published(self) -> Self:
        return self.filter(status=ActivityReport.Status.PUBLISHED)


class ActivityReport(models.Model):
    """How an activity went (活动开展情况), in a few words and photos. Its numbers are counted when it is read."""

    class Status(models.TextChoices):
        DRAFT = "DRAFT", _("Draft")
        PUBLISHED = "PUBLISHED", _("Published")

    NEXT = {Status.DRAFT: {Status.PUBLISHED}}

    WORDS_AT_MOST = 2000

    task = models.OneToOneField(Task, models.PROTECT, related_name="activity_report", verbose_name=_("task"))
    words = models.CharField(_("how it went"), max_length=WORDS_AT_MOST, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.DRAFT)
    sent_once = models.UUIDField(
        unique=True, null=True, editable=False, help_text="The form it came from: sent twice, it is one report."
    )
    created_at = models.DateTimeField(_("begun"), auto_now_add=True)
    published_at = models.DateTimeField(_("published"), null=True, blank=True)
    corrected_at = models.DateTimeField(_("last corrected"), null=True, blank=True)

    objects = ActivityReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("activity report")
        verbose_name_plural = _("activity reports")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["-published_at"], name="activity_report_newest")]
        constraints = [
            models.CheckConstraint(condition=Q(status="DRAFT") | ~Q(words=""), name="activity_report_says_something"),
            models.CheckConstraint(
                condition=Q(status="DRAFT", published_at=None) | Q(status="PUBLISHED", published_at__isnull=False),
                name="activity_report_published_on_a_day",
            ),
            models.CheckConstraint(
                condition=Q(corrected_at=None) | Q(status="PUBLISHED"), name="activity_report_corrected_when_published"
            ),
        ]

    def __str__(self) -> str:
        return str(self.task)

    @property
    def page(self) -> str:
        return reverse("activity_report", args=[self.pk])


class ActivityPhoto(KeptPhoto):
    """A picture of an activity; who can be recognised in it agreed to be shown."""

    FOLDER = "activities"
    AT_MOST = 9

    report = models.ForeignKey(
        ActivityReport, models.CASCADE, null=True, related_name="photos", verbose_name=_("activity report")
    )

    class Meta(KeptPhoto.Meta):
        verbose_name = _("photo of an activity")
        verbose_name_plural = _("photos of activities")
        constraints = [
            models.CheckConstraint(
                condition=Q(report=None, form__isnull=False) | Q(report__isnull=False, form=None),
                name="activity_photo_of_a_report_or_a_form",
            )
        ]

    def __str__(self) -> str:
        return f"{self.report_id or self.form} · {self.pk}"

    @property
    def address(self) -> str:
        return reverse("activity_photo", args=[self.pk])
