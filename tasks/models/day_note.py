from typing import TYPE_CHECKING, Self

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models.organization import at_or_below
from tasks.models.photo import KeptPhoto
from tasks.models.shift import Shift

if TYPE_CHECKING:
    from accounts.access import Actor

PEOPLE_AT_MOST = 999


def _people(words: object) -> models.PositiveSmallIntegerField:
    return models.PositiveSmallIntegerField(words, default=0, validators=[MaxValueValidator(PEOPLE_AT_MOST)])  # type: ignore[arg-type]


class DayNote(models.Model):
    """Who came to a shift without an account, as numbers, and a note of the day in a row of its own."""

    PEOPLE = ("family", "retired", "residents")

    shift = models.OneToOneField(Shift, models.PROTECT, related_name="day_note", verbose_name=_("shift"))
    family = _people(_("family members"))
    retired = _people(_("retired members without an account"))
    residents = _people(_("other residents"))
    note = models.CharField(_("note of the day"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("day note")
        verbose_name_plural = _("day notes")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(family__lte=PEOPLE_AT_MOST, retired__lte=PEOPLE_AT_MOST, residents__lte=PEOPLE_AT_MOST),
                name="day_note_in_range",
            )
        ]

    def __str__(self) -> str:
        return f"{self.shift_id} · {self.people}"

    @property
    def people(self) -> int:
        return self.family + self.retired + self.residents


class DayPhotoQuerySet(models.QuerySet["DayPhoto"]):
    def visible_to(self, actor: "Actor") -> Self:
        """For the staff who see who came; never for members, and never public by themselves (domain rule 10)."""
        from accounts.access import Ability

        paths = actor.home_paths if actor.can(Ability.SEE_CLAIMS) else ()
        return self.filter(at_or_below("shift__task__publisher__path", paths))


class DayPhoto(KeptPhoto):
    """A picture of the day."""

    FOLDER = "days"
    AT_MOST = 9

    shift = models.ForeignKey(Shift, models.PROTECT, null=True, related_name="day_photos", verbose_name=_("shift"))

    objects = DayPhotoQuerySet.as_manager()

    class Meta(KeptPhoto.Meta):
        verbose_name = _("photo of the day")
        verbose_name_plural = _("photos of the day")
        constraints = [
            models.CheckConstraint(
                condition=Q(shift=None, form__isnull=False) | Q(shift__isnull=False, form=None),
                name="day_photo_of_a_shift_or_a_form",
            )
        ]

    def __str__(self) -> str:
        return f"{self.shift_id or self.form} · {self.pk}"

    @property
    def address(self) -> str:
        return reverse("day_photo", args=[self.pk])
