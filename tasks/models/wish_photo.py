from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tasks.models.claim import Claim
from tasks.models.wish import Wish


def unguessable_name(photo: "WishPhoto", name: str) -> str:
    """Nothing of the file's own name is kept."""
    key = uuid4().hex
    return f"wishes/{key[:2]}/{key}.jpg"


class WishPhoto(models.Model):
    """A picture of what is needed or of what was done, never public (domain rule 10).

    One that came with a form that was refused waits under the form's own number until that is sent again.
    """

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
    form = models.UUIDField(_("form"), null=True, db_index=True, editable=False)
    file = models.FileField(_("file"), upload_to=unguessable_name)
    created_at = models.DateTimeField(_("sent"), auto_now_add=True)

    class Meta:
        verbose_name = _("wish photo")
        verbose_name_plural = _("wish photos")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(wish=None, form__isnull=False) | Q(wish__isnull=False, form=None),
                name="wish_photo_of_a_wish_or_a_form",
            )
        ]

    def __str__(self) -> str:
        return f"{self.wish_id or self.form} · {self.pk}"
