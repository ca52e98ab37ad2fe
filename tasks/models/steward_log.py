from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Member
from accounts.models.organization import at_or_below
from tasks.models.steward_post import StewardPost
from vanguard.lib.quarters import Quarter

if TYPE_CHECKING:
    from accounts.access import Actor

LOG_AT_MOST = 1000  # characters, of what was seen and of what was done


class StewardLogQuerySet(models.QuerySet["StewardLog"]):
    def visible_to(self, actor: "Actor") -> Self:
        """Members: their own. Staff: what has been sent to it, of the posts it keeps; a draft is its writer's alone."""
        from accounts.access import Ability

        if actor.member:
            return self.filter(member=actor.member)
        paths = actor.home_paths if actor.can(Ability.KEEP_POSTS) else ()
        return self.filter(at_or_below("post__compound__path", paths)).sent()

    def sent(self) -> Self:
        return self.exclude(status=StewardLog.Status.DRAFT)

    def of_quarter(self, quarter: Quarter) -> Self:
        return self.filter(year=quarter.year, quarter=quarter.number)


class StewardLog(models.Model):
    """What a steward saw and did in a quarter; the community confirms it."""

    class Status(models.TextChoices):
        DRAFT = "DRAFT", _("Draft")
        SUBMITTED = "SUBMITTED", _("Submitted")
        CONFIRMED = "CONFIRMED", _("Confirmed")
        RETURNED = "RETURNED", _("Returned")

    S = Status
    NEXT = {S.DRAFT: {S.SUBMITTED}, S.SUBMITTED: {S.CONFIRMED, S.RETURNED}, S.RETURNED: {S.SUBMITTED}}
    WRITABLE = (S.DRAFT, S.RETURNED)

    post = models.ForeignKey(StewardPost, models.PROTECT, related_name="logs", verbose_name=_("post"))
    member = models.ForeignKey(Member, models.PROTECT, related_name="steward_logs", verbose_name=_("member"))
    year = models.PositiveSmallIntegerField(_("year"))
    quarter = models.PositiveSmallIntegerField(_("quarter"))
    seen = models.CharField(_("what you have seen"), max_length=LOG_AT_MOST, blank=True)
    done = models.CharField(_("what was done"), max_length=LOG_AT_MOST, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.DRAFT)
    return_reason = models.CharField(_("why it was returned"), max_length=300, blank=True)
    submitted_at = models.DateTimeField(_("submitted"), null=True, blank=True)

    objects = StewardLogQuerySet.as_manager()

    class Meta:
        verbose_name = _("steward's log")
        verbose_name_plural = _("stewards' logs")
        ordering = ["-year", "-quarter", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["post", "member", "year", "quarter"], name="steward_log_once_a_quarter"),
            models.CheckConstraint(condition=Q(quarter__gte=1, quarter__lte=4), name="steward_log_quarter"),
            models.CheckConstraint(
                condition=Q(status="DRAFT") | ~Q(seen="") & ~Q(done="") & Q(submitted_at__isnull=False),
                name="steward_log_sent_says_something",
            ),
        ]
        indexes = [models.Index(fields=["submitted_at"], condition=Q(status="SUBMITTED"), name="steward_log_waiting")]

    def __str__(self) -> str:
        return f"{self.post} · {self.of} · {self.member}"

    @property
    def of(self) -> Quarter:
        return Quarter(self.year, self.quarter)

    @property
    def page(self) -> str:
        """Where the community reads it."""
        return reverse("steward_log", args=[self.pk])

    @property
    def form(self) -> str:
        """Where its writer writes it."""
        return reverse("post_log", args=[self.post_id, self.year, self.quarter])
