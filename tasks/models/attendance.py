from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Appointment
from tasks.models.claim import Claim

if TYPE_CHECKING:
    from accounts.access import Actor

COMPANIONS_CAME_AT_MOST = 20


class Mark(models.TextChoices):
    """What somebody ticks on the day; NONE takes a tick back."""

    NONE = "NONE", pgettext_lazy("mark", "Not ticked")
    ATTENDED = "ATTENDED", _("Attended")
    ABSENT = "ABSENT", _("Absent")
    EXCUSED = "EXCUSED", _("Excused")


class AttendanceQuerySet(models.QuerySet["Attendance"]):
    def visible_to(self, actor: "Actor") -> Self:
        return self.filter(claim__in=Claim.objects.visible_to(actor))


class Attendance(models.Model):
    """What was seen of one place on the day itself; it decides nothing until the claim is confirmed.

    `mark`, when and by whom are those of the latest tick. Signing in presets "attended"; the staff's own tick overrules.
    """

    claim = models.OneToOneField(Claim, models.PROTECT, related_name="attendance", verbose_name=_("claim"))
    mark = models.CharField(pgettext_lazy("attendance", "mark"), max_length=8, choices=Mark, default=Mark.NONE)
    marked_at = models.DateTimeField(_("ticked"), null=True, blank=True)
    by_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("ticked by")
    )
    by_appointment = models.ForeignKey(
        Appointment, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("under the appointment")
    )
    signed_in_at = models.DateTimeField(_("signed in"), null=True, blank=True)
    signed_out_at = models.DateTimeField(_("signed out"), null=True, blank=True)
    companions_came = models.PositiveSmallIntegerField(
        _("companions who came"), null=True, blank=True, help_text=_("Empty means as many as were announced.")
    )

    objects = AttendanceQuerySet.as_manager()

    class Meta:
        verbose_name = _("attendance")
        verbose_name_plural = _("attendances")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(mark="NONE") | Q(marked_at__isnull=False, by_user__isnull=False),
                name="attendance_ticked_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(signed_out_at=None) | Q(signed_out_at__gte=F("signed_in_at")),
                name="attendance_signed_in_before_out",
            ),
            models.CheckConstraint(
                condition=Q(companions_came=None) | Q(companions_came__lte=COMPANIONS_CAME_AT_MOST),
                name="attendance_companions_in_range",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.claim_id} · {self.get_mark_display()}"

    @property
    def says(self) -> str:
        """What it presets when the shift is confirmed: the staff's tick, else that the member signed in."""
        if self.mark == Mark.NONE and self.signed_in_at:
            return Mark.ATTENDED
        return self.mark


class Tick(models.Model):
    """One tap on the day list, kept so that the same one sent twice is one, and the latest wins in whatever order they come.

    `at` is when it was tapped, as the phone has counted; `received` is when it arrived.
    """

    key = models.UUIDField(_("key"), unique=True)
    claim = models.ForeignKey(Claim, models.PROTECT, related_name="ticks", verbose_name=_("claim"))
    mark = models.CharField(pgettext_lazy("attendance", "mark"), max_length=8, choices=Mark)
    at = models.DateTimeField(_("ticked"))
    received = models.DateTimeField(_("received"), default=timezone.now)
    by_user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("ticked by"))
    by_appointment = models.ForeignKey(
        Appointment, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("under the appointment")
    )

    class Meta:
        verbose_name = pgettext_lazy("attendance", "tick")
        verbose_name_plural = pgettext_lazy("attendance", "ticks")
        ordering = ["at", "key"]
        indexes = [models.Index(fields=["claim", "at"], name="tick_of_claim")]
        constraints = [models.CheckConstraint(condition=Q(at__lte=F("received")), name="tick_before_it_is_received")]

    def __str__(self) -> str:
        return f"{self.claim_id} · {self.get_mark_display()}"

    @property
    def rank(self) -> tuple[datetime, str]:
        """The highest of a claim counts: the latest; of two at the same moment always the same one."""
        return self.at, str(self.key)
