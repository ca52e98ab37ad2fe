from django.db import models
from django.utils.translation import gettext_lazy as _


class Beat(models.Model):
    """That a clock job ran for a period: beat may fire twice, the row decides; the newest shows that it is alive."""

    job = models.CharField(_("job"), max_length=60)
    period = models.CharField(_("period"), max_length=30)
    at = models.DateTimeField(_("when"), auto_now_add=True)

    class Meta:
        verbose_name = _("clock beat")
        verbose_name_plural = _("clock beats")
        constraints = [models.UniqueConstraint(fields=["job", "period"], name="beat_once_a_period")]

    def __str__(self) -> str:
        return f"{self.job} {self.period}"
