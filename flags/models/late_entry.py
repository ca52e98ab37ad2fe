from datetime import timedelta
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Appointment, Member, Organization
from accounts.models.organization import at_or_below
from tasks.models.task import Category

if TYPE_CHECKING:
    from accounts.access import Actor


class LateEntryQuerySet(models.QuerySet["LateEntry"]):
    def visible_to(self, actor: "Actor") -> Self:
        """A member's own; for staff who keep the ledger, those of their communities."""
        from accounts.access import Ability

        if actor.member:
            return self.filter(Q(member=actor.member) | Q(member__merged_into=actor.member))
        paths = actor.home_paths if actor.can(Ability.KEEP_LEDGER) else ()
        return self.filter(at_or_below("community__path", paths))

    def waiting(self) -> Self:
        return self.filter(status=LateEntry.Status.SUBMITTED)


class LateEntry(models.Model):
    """A service done off the system and entered afterwards (补录). A second person's approval lights its flags."""

    class Status(models.TextChoices):
        SUBMITTED = "SUBMITTED", _("Submitted")
        APPROVED = "APPROVED", _("Approved")
        DECLINED = "DECLINED", pgettext_lazy("late entry", "Declined")

    NEXT = {Status.SUBMITTED: {Status.APPROVED, Status.DECLINED}}

    LASTS_AT_MOST = timedelta(days=1)

    member = models.ForeignKey(Member, models.PROTECT, related_name="late_entries", verbose_name=_("member"))
    community = models.ForeignKey(
        Organization, models.PROTECT, related_name="late_entries", verbose_name=_("community")
    )
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))
    category = models.CharField(_("category"), max_length=20, choices=Category)
    value = models.PositiveSmallIntegerField(_("flags"))
    what = models.CharField(_("what was done"), max_length=120)
    reason = models.CharField(_("why it is entered afterwards"), max_length=300)
    late_reason = models.CharField(_("why after the year's deadline"), max_length=300, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.SUBMITTED)
    decline_reason = models.CharField(_("why it was declined"), max_length=300, blank=True)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("entered by")
    )
    entered_as = models.ForeignKey(
        Appointment,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("acting as"),
        help_text=_("Empty where the member has stated it, in an appeal that the city has upheld."),
    )
    entered_at = models.DateTimeField(_("entered"), auto_now_add=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("decided by")
    )
    sent_once = models.UUIDField(
        unique=True, null=True, editable=False, help_text="The form it came from: sent twice, it is one entry."
    )

    objects = LateEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("service entered afterwards")
        verbose_name_plural = _("services entered afterwards")
        ordering = ["entered_at", "pk"]
        indexes = [
            models.Index(fields=["community"], condition=Q(status="SUBMITTED"), name="late_entry_waiting"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="late_entry_ends_after_it_starts"),
            models.CheckConstraint(condition=Q(value__gte=1, value__lte=5), name="late_entry_value_in_range"),
            models.CheckConstraint(condition=~Q(what="") & ~Q(reason=""), name="late_entry_says_something"),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("entered_by")), name="late_entry_second_person"
            ),
            models.CheckConstraint(
                condition=~Q(status="APPROVED") | Q(decided_by__isnull=False), name="late_entry_approved_by_somebody"
            ),
            models.CheckConstraint(
                condition=~Q(status="DECLINED") | ~Q(decline_reason=""), name="late_entry_declined_with_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return self.what

    @property
    def page(self) -> str:
        return reverse("late_entry", args=[self.pk])
