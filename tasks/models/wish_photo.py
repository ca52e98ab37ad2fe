from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from tasks.models.claim import Claim
from tasks.models.photo import KeptPhoto, unguessable_name
from tasks.models.wish import Wish

__all__ = ["WishPhoto", "unguessable_name"]  # an early migration finds the name here


class WishPhoto(KeptPhoto):
    """A picture of what is needed or of what was done."""

    FOLDER = "wishes"

    wish = models.ForeignKey(Wish, models.CASCADE, null=True, related_name="photos", verbose_name=_("wish"))
    claim = models.ForeignKey(
        Claim,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="photos",
        verbose_name=_("claim"),
        help_text=_("Whose work it shows; without one it shows what is needed."),
    )

    class Meta(KeptPhoto.Meta):
        verbose_name = _("wish photo")
        verbose_name_plural = _("wish photos")
        constraints = [
            models.CheckConstraint(
                condition=Q(wish=None, form__isnull=False) | Q(wish__isnull=False, form=None),
                name="wish_photo_of_a_wish_or_a_form",
            )
        ]

    def __str__(self) -> str:
        return f"{self.wish_id or self.form} · {self.pk}"

    @property
    def address(self) -> str:
        return reverse("wish_photo", args=[self.pk])
