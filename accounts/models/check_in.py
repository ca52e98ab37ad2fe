from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models.member import Member
from accounts.models.organization import Organization, at_or_below

if TYPE_CHECKING:
    from accounts.access import Actor


class CheckInQuerySet(models.QuerySet["CheckIn"]):
    def visible_to(self, actor: "Actor") -> Self:
        if actor.is_member:
            return self.filter(member=actor.member)
        return self.filter(at_or_below("community__path", actor.reviewing_paths))

    def pending(self) -> Self:
        return self.filter(status=CheckIn.Status.SUBMITTED)


class CheckIn(models.Model):
    """A member's registration with the community of residence (not attendance)."""

    class Status(models.TextChoices):
        SUBMITTED = "SUBMITTED", _("Submitted")
        RETURNED = "RETURNED", _("Returned")
        APPROVED = "APPROVED", _("Approved")
        ENDED = "ENDED", _("Ended")

    NEXT = {
        Status.SUBMITTED: {Status.RETURNED, Status.APPROVED},
        Status.RETURNED: {Status.SUBMITTED},
        Status.APPROVED: {Status.ENDED},
    }
    PENDING = (Status.SUBMITTED, Status.RETURNED)

    member = models.ForeignKey(Member, models.PROTECT, related_name="check_ins", verbose_name=_("member"))
    community = models.ForeignKey(Organization, models.PROTECT, related_name="check_ins", verbose_name=_("community"))
    compound = models.ForeignKey(
        Organization, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("compound")
    )
    unit = models.ForeignKey(
        Organization,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("work unit"),
        help_text=_("As the member says; a roster line with the same name and phone decides when it is approved."),
    )
    retired = models.BooleanField(_("retired"), default=False)
    name = models.CharField(_("name"), max_length=40, blank=True, help_text=_("Where it is to be corrected."))
    phone = models.CharField(_("mobile phone"), max_length=11, blank=True)
    address = models.CharField(_("building and room"), max_length=60)
    address_key = models.CharField(max_length=60, blank=True, editable=False)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.SUBMITTED)
    return_reason = models.CharField(_("reason for the return"), max_length=200, blank=True)
    submitted_at = models.DateTimeField(_("submitted"), auto_now_add=True)
    approved_on = models.DateField(_("approved on"), null=True, blank=True)
    ended_on = models.DateField(_("ended on"), null=True, blank=True)

    objects = CheckInQuerySet.as_manager()

    class Meta:
        verbose_name = _("check-in")
        verbose_name_plural = _("check-ins")
        ordering = ["submitted_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["member"], condition=Q(status="APPROVED"), name="check_in_one_active_a_member"
            ),
            models.UniqueConstraint(
                fields=["member"], condition=Q(status__in=["SUBMITTED", "RETURNED"]), name="check_in_one_pending"
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["APPROVED", "ENDED"]) | Q(approved_on__isnull=False),
                name="check_in_approved_on_a_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member} · {self.community}"

    @property
    def home(self) -> Organization:
        return self.compound or self.community.community

    @property
    def lives_at(self) -> str:
        """Compound, building and room in one line."""
        return f"{self.compound or ''} {self.address}".strip()
