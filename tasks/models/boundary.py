from django.db import models
from django.utils.translation import gettext_lazy as _


class BoundaryLine(models.Model):
    """Work that is not for volunteers without a written justification: chores, quotas, head counts."""

    code = models.SlugField(_("code"), unique=True)
    name = models.CharField(_("kind of work"), max_length=80)
    in_use = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("boundary line")
        verbose_name_plural = _("boundary list")
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name
