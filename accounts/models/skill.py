from django.db import models
from django.utils.translation import gettext_lazy as _


class Skill(models.Model):
    """Something a member can do for others; the list is the city's own, kept by the administrator."""

    name = models.CharField(_("name"), max_length=20, unique=True)

    class Meta:
        verbose_name = _("skill")
        verbose_name_plural = _("skills")
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name
