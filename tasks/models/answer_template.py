from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization


class AnswerTemplate(models.Model):
    """Words that a community often says to residents: its own, or its city's for all communities."""

    class Purpose(models.TextChoices):
        ASK_BACK = "ASK_BACK", _("To ask back")
        DECLINE = "DECLINE", _("To decline")

    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="answer_templates", verbose_name=_("organization")
    )
    purpose = models.CharField(_("purpose"), max_length=8, choices=Purpose)
    text = models.CharField(_("words"), max_length=300)

    class Meta:
        verbose_name = _("answer template")
        verbose_name_plural = _("answer templates")
        ordering = ["purpose", "pk"]
        constraints = [
            models.CheckConstraint(condition=~models.Q(text=""), name="answer_template_says_something"),
            models.UniqueConstraint(
                fields=["organization", "purpose", "text"],
                name="answer_template_once",
                violation_error_message=_("These words are there already."),
            ),
        ]

    def __str__(self) -> str:
        return self.text
