from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Appointment, Member, Organization
from accounts.models.organization import at_or_below
from tasks.models.task import Category

if TYPE_CHECKING:
    from accounts.access import Actor


class State(models.TextChoices):
    """Where a member stands in a year, in the order in which the first that holds decides."""

    NOT_APPLICABLE = "NOT_APPLICABLE", _("Not applicable")
    EXEMPT = "EXEMPT", _("Exempt")
    MET = "MET", _("Met")
    NOT_MET = "NOT_MET", _("Not met")


class ComplianceReportQuerySet(models.QuerySet["ComplianceReport"]):
    def visible_to(self, actor: "Actor") -> Self:
        return self.filter(at_or_below("unit__path", actor.unit_paths))


class ComplianceReport(models.Model):
    """The year's report of one unit (年度达标报告). Locked it stays as it is; a correction is its next version."""

    class Status(models.TextChoices):
        DRAFT = "DRAFT", _("Draft")
        LOCKED = "LOCKED", _("Locked")
        SUPERSEDED = "SUPERSEDED", _("Superseded")

    NEXT = {Status.DRAFT: {Status.LOCKED}, Status.LOCKED: {Status.SUPERSEDED}}

    unit = models.ForeignKey(Organization, models.PROTECT, related_name="reports", verbose_name=_("work unit"))
    year = models.PositiveSmallIntegerField(_("year"))
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.DRAFT)
    as_of = models.DateField(_("as of"))
    built_at = models.DateTimeField(_("built"))
    number = models.CharField(_("number"), max_length=48, unique=True, null=True, editable=False)
    digest = models.CharField(
        _("digest"), max_length=64, blank=True, help_text=_("SHA-256 over the member numbers and figures.")
    )
    locked_at = models.DateTimeField(_("locked"), null=True, editable=False)
    locked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("locked by")
    )
    locked_as = models.ForeignKey(Appointment, models.PROTECT, null=True, related_name="+", verbose_name=_("acting as"))
    corrects = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="corrected_by", verbose_name=_("corrects")
    )

    objects = ComplianceReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("yearly report")
        verbose_name_plural = _("yearly reports")
        ordering = ["-year", "unit__code"]
        constraints = [
            models.UniqueConstraint(fields=["unit", "year", "version"], name="report_version_once"),
            models.UniqueConstraint(fields=["unit", "year"], condition=Q(status="DRAFT"), name="report_one_draft"),
            models.UniqueConstraint(fields=["unit", "year"], condition=Q(status="LOCKED"), name="report_one_locked"),
            models.CheckConstraint(
                condition=Q(status="DRAFT", number=None, digest="", locked_at=None)
                | (~Q(status="DRAFT") & ~Q(digest="") & Q(number__isnull=False, locked_at__isnull=False)),
                name="report_locked_is_numbered",
            ),
            models.CheckConstraint(
                condition=Q(version=1, corrects=None) | Q(version__gt=1, corrects__isnull=False),
                name="report_later_version_corrects",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit} {self.year}"


class CorrectionReason(models.Model):
    """Why a report was corrected; in a row of its own, because the report stays as it is."""

    report = models.OneToOneField(
        ComplianceReport, models.CASCADE, related_name="reason", verbose_name=_("corrected version")
    )
    text = models.CharField(_("reason"), max_length=300)

    class Meta:
        verbose_name = _("reason of a correction")
        verbose_name_plural = _("reasons of corrections")

    def __str__(self) -> str:
        return self.text


class ComplianceRow(models.Model):
    """One member's line of a report: the figures. The name stands beside it, in `RowName`."""

    report = models.ForeignKey(
        ComplianceReport,
        models.CASCADE,
        related_name="rows",
        db_index=False,  # the constraint of one line a member has an index that begins with it
        verbose_name=_("report"),
    )
    member = models.ForeignKey(Member, models.PROTECT, related_name="+", verbose_name=_("member"))
    member_number = models.CharField(_("member number"), max_length=12)
    flags = models.SmallIntegerField(_("flags"))
    services = models.SmallIntegerField(_("services"))
    q1 = models.SmallIntegerField(_("quarter 1"))
    q2 = models.SmallIntegerField(_("quarter 2"))
    q3 = models.SmallIntegerField(_("quarter 3"))
    q4 = models.SmallIntegerField(_("quarter 4"))
    community_activity = models.SmallIntegerField(Category.COMMUNITY_ACTIVITY.label)
    micro_wish = models.SmallIntegerField(Category.MICRO_WISH.label)
    red_steward = models.SmallIntegerField(Category.RED_STEWARD.label)
    helper_group = models.SmallIntegerField(Category.HELPER_GROUP.label)
    suggestion = models.SmallIntegerField(Category.SUGGESTION.label)
    other = models.SmallIntegerField(Category.OTHER.label)
    required = models.SmallIntegerField(_("required"))
    exempt_months = models.SmallIntegerField(_("exempt months"))
    state = models.CharField(_("state"), max_length=14, choices=State)

    class Meta:
        verbose_name = _("report line")
        verbose_name_plural = _("report lines")
        ordering = ["member_number"]
        constraints = [
            models.UniqueConstraint(fields=["report", "member"], name="report_row_once_a_member"),
            models.CheckConstraint(
                condition=Q(flags=F("q1") + F("q2") + F("q3") + F("q4")), name="report_row_quarters_add_up"
            ),
            models.CheckConstraint(
                condition=Q(
                    flags=F("community_activity")
                    + F("micro_wish")
                    + F("red_steward")
                    + F("helper_group")
                    + F("suggestion")
                    + F("other")
                ),
                name="report_row_categories_add_up",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member_number} {self.flags}/{self.required}"

    @property
    def by_category(self) -> list[tuple[str, int]]:
        """The categories that have flags, in the order of the five leads, each with how many."""
        figures = [(str(category.label), getattr(self, category.lower())) for category in Category]
        return [(name, flags) for name, flags in figures if flags]


class RowName(models.Model):
    """The name beside a report's line, which can be erased while the figures stay."""

    row = models.OneToOneField(ComplianceRow, models.CASCADE, related_name="name", verbose_name=_("line"))
    text = models.CharField(_("name"), max_length=40)

    class Meta:
        verbose_name = _("name on a report")
        verbose_name_plural = _("names on reports")

    def __str__(self) -> str:
        return self.text


class ReportRunQuerySet(models.QuerySet["ReportRun"]):
    def visible_to(self, actor: "Actor") -> Self:
        return self.filter(at_or_below("scope__path", actor.unit_paths))

    def unfinished(self) -> Self:
        return self.filter(status__in=[ReportRun.Status.WAITING, ReportRun.Status.RUNNING])


class ReportRun(models.Model):
    """A request to build the reports of a unit or of a whole city, with how far it has come."""

    class Status(models.TextChoices):
        WAITING = "WAITING", _("Waiting")
        RUNNING = "RUNNING", _("Running")
        DONE = "DONE", _("Done")
        FAILED = "FAILED", _("Failed")

    NEXT = {
        Status.WAITING: {Status.RUNNING},
        Status.RUNNING: {Status.DONE, Status.FAILED},
    }

    scope = models.ForeignKey(Organization, models.PROTECT, related_name="report_runs", verbose_name=_("for"))
    year = models.PositiveSmallIntegerField(_("year"))
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.WAITING)
    units_total = models.PositiveIntegerField(_("units"), default=0)
    units_done = models.PositiveIntegerField(_("units done"), default=0)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("asked for by")
    )
    appointment = models.ForeignKey(
        Appointment, models.PROTECT, null=True, related_name="+", verbose_name=_("acting as")
    )
    requested_at = models.DateTimeField(_("asked for"), auto_now_add=True)
    leased_until = models.DateTimeField(_("leased until"), null=True, editable=False)

    objects = ReportRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("report run")
        verbose_name_plural = _("report runs")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["scope", "year"],
                condition=Q(status__in=["WAITING", "RUNNING"]),
                name="report_run_one_at_a_time",
            )
        ]

    def __str__(self) -> str:
        return f"{self.scope} {self.year}"
