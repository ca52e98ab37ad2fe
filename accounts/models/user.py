from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import F, Q, Value
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

NONE = Value([], models.JSONField())


class User(AbstractUser):
    """A person who can log in. Name and phone stand here alone, so that erasing them leaves the ledger whole."""

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    name = models.CharField(_("name"), max_length=40, blank=True)
    phone = models.CharField(_("mobile phone"), max_length=11, unique=True, null=True, blank=True)
    language = models.CharField(
        _("language"), max_length=10, choices=settings.LANGUAGES, default=settings.LANGUAGE_CODE
    )
    # Only what differs from "everything, both ways": kinds of notices. Here, so that no notice asks for them.
    app_off = models.JSONField(_("not told in the app"), default=list, db_default=NONE, blank=True)
    mail_off = models.JSONField(_("not mailed"), default=list, db_default=NONE, blank=True)
    quiet_from = models.TimeField(_("no mail from"), null=True, blank=True)
    quiet_until = models.TimeField(_("no mail until"), null=True, blank=True)

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        indexes = [models.Index(fields=["name"], name="user_name")]
        constraints = [
            models.CheckConstraint(
                condition=Q(quiet_from=None, quiet_until=None)
                | Q(quiet_from__isnull=False, quiet_until__isnull=False) & ~Q(quiet_from=F("quiet_until")),
                name="user_quiet_hours_begin_and_end",
            )
        ]

    def __str__(self) -> str:
        return self.name or self.username

    def get_full_name(self) -> str:
        return str(self)

    def get_short_name(self) -> str:
        return str(self)

    @property
    def needs_first_password(self) -> bool:
        """Made for an appointment, and not entered yet; an administrator's account is nobody's to open."""
        return not self.has_usable_password() and not self.is_staff

    def is_told(self, kind: str) -> bool:
        """Whether notices of this kind count as new in the app."""
        return kind not in self.app_off

    def is_mailed(self, kind: str) -> bool:
        return bool(self.email) and kind not in self.mail_off

    def quiet_ends_at(self, now: datetime) -> datetime | None:
        """When the quiet hours that it is now end; None outside of them. They may span midnight."""
        if self.quiet_from is None or self.quiet_until is None:
            return None
        here = timezone.localtime(now)
        ends = here.replace(
            hour=self.quiet_until.hour, minute=self.quiet_until.minute, second=self.quiet_until.second, microsecond=0
        )
        if ends <= here:
            ends += timedelta(days=1)
        begins = ends.replace(hour=self.quiet_from.hour, minute=self.quiet_from.minute, second=self.quiet_from.second)
        if begins > ends:
            begins -= timedelta(days=1)
        return ends if begins <= here else None
