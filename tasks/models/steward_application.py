from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Member
from accounts.models.organization import at_or_below
from tasks.models.steward_post import StewardPost, StewardTerm

if TYPE_CHECKING:
    from accounts.access import Actor


class StewardApplicationQuerySet(models.QuerySet["StewardApplication"]):
    def visible_to(self, actor: "Actor") -> Self:
        """Members: their own. Staff: those for the posts it keeps."""
        from accounts.access import Ability

        if actor.member:
            return self.filter(member=actor.member)
        paths = actor.home_paths if actor.can(Ability.KEEP_POSTS) else ()
        return self.filter(at_or_below("post__compound__path", paths))

    def pending(self) -> Self:
        """Asked, or under review."""
        return self.filter(status__in=StewardApplication.PENDING)


class StewardApplication(models.Model):
    """That a member would take a post on: of their own accord, or asked to follow the one who holds it.

    Who is asked says yes or no. Asked by the community, a yes is enough; asked by the holder, the community approves it.
    """

    class Status(models.TextChoices):
        ASKED = "ASKED", _("Asked")
        APPLIED = "APPLIED", _("Under review")
        APPROVED = "APPROVED", _("Approved")
        DECLINED = "DECLINED", pgettext_lazy("application", "Declined")
        WITHDRAWN = "WITHDRAWN", _("Withdrawn")

    S = Status
    NEXT = {
        S.ASKED: {S.APPLIED, S.APPROVED, S.DECLINED, S.WITHDRAWN},
        S.APPLIED: {S.APPROVED, S.DECLINED, S.WITHDRAWN},
    }
    PENDING = (S.ASKED, S.APPLIED)

    post = models.ForeignKey(StewardPost, models.PROTECT, related_name="applications", verbose_name=_("post"))
    member = models.ForeignKey(Member, models.PROTECT, related_name="steward_applications", verbose_name=_("member"))
    words = models.CharField(_("a few words about you"), max_length=300, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.APPLIED)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    succeeds = models.ForeignKey(
        StewardTerm,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="successors",
        verbose_name=_("term to follow"),
        help_text=_("The term that ends when this one begins; empty for an open post."),
    )
    asked_by_community = models.BooleanField(_("asked by the community"), default=False)
    created_at = models.DateTimeField(_("written"), auto_now_add=True)

    objects = StewardApplicationQuerySet.as_manager()

    class Meta:
        verbose_name = _("application for a post")
        verbose_name_plural = _("applications for posts")
        ordering = ["created_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["post", "member"],
                condition=Q(status__in=["ASKED", "APPLIED"]),
                name="steward_application_once",
            ),
            models.UniqueConstraint(
                fields=["succeeds"],
                condition=Q(status__in=["ASKED", "APPLIED"]),
                name="steward_application_one_successor",
            ),
            models.CheckConstraint(
                condition=~Q(status="ASKED") | Q(succeeds__isnull=False), name="steward_application_asked_to_follow"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.post} · {self.member}"
