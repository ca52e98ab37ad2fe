from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Feedback(models.Model):
    """What somebody found wrong or missing, and on which page (domain rule 11)."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("person")
    )
    page = models.CharField(_("page"), max_length=200, blank=True)
    text = models.TextField(_("what is wrong"), max_length=1000)
    sent_at = models.DateTimeField(_("sent"), auto_now_add=True)

    class Meta:
        verbose_name = _("feedback")
        verbose_name_plural = _("feedback")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.text[:40]
