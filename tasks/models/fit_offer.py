from typing import TYPE_CHECKING, Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Member
from tasks.models.shift import Shift

if TYPE_CHECKING:
    from accounts.access import Actor


class FitOfferQuerySet(models.QuerySet["FitOffer"]):
    def visible_to(self, actor: "Actor") -> Self:
        """A member's own: what fits somebody is nobody else's business."""
        return self.filter(member=actor.member) if actor.is_member else self.none()


class FitOffer(models.Model):
    """That a member was told of a shift that fits and lacks people: once a shift. It keeps no place for anybody."""

    shift = models.ForeignKey(Shift, models.CASCADE, related_name="fit_offers", verbose_name=_("shift"))
    member = models.ForeignKey(Member, models.CASCADE, related_name="fit_offers", verbose_name=_("member"))
    told_at = models.DateTimeField(_("told"), default=timezone.now)

    objects = FitOfferQuerySet.as_manager()

    class Meta:
        verbose_name = _("task told of because it fits")
        verbose_name_plural = _("tasks told of because they fit")
        ordering = ["-pk"]
        constraints = [models.UniqueConstraint(fields=["shift", "member"], name="fit_offer_once_a_shift")]

    def __str__(self) -> str:
        return f"{self.member} · {self.shift}"
