from secrets import token_urlsafe
from typing import TYPE_CHECKING, Self

from django.core.signing import BadSignature, Signer
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Member

if TYPE_CHECKING:
    from accounts.access import Actor

SIGNER = Signer(sep="~", salt="calendar address")
KEY_BYTES = 16


def new_key() -> str:
    return token_urlsafe(KEY_BYTES)


class CalendarAddressQuerySet(models.QuerySet["CalendarAddress"]):
    def visible_to(self, actor: "Actor") -> Self:
        """A member's own; nobody else's calendar is anybody's to read."""
        return self.filter(member=actor.member) if actor.is_member else self.none()

    def with_secret(self, secret: str) -> Self:
        """The one that `secret` opens, if there is one; what this platform has not signed is not even looked for."""
        try:
            key = SIGNER.unsign(secret)
        except BadSignature:
            return self.none()
        return self.filter(key=key, member__user__is_active=True)


class CalendarAddress(models.Model):
    """Under which a member's calendar reads their places, without log-in: who has the address can read it.

    The address is the key with this platform's signature. So it can be shown to its member again, and a copy of the
    table alone opens nothing.
    """

    member = models.OneToOneField(Member, models.CASCADE, related_name="calendar_address", verbose_name=_("member"))
    key = models.CharField(_("key"), max_length=32, unique=True, default=new_key, editable=False)
    made_at = models.DateTimeField(_("made"))

    objects = CalendarAddressQuerySet.as_manager()

    class Meta:
        verbose_name = _("calendar address")
        verbose_name_plural = _("calendar addresses")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return str(self.member)

    @property
    def path(self) -> str:
        return reverse("calendar_feed", args=[SIGNER.sign(self.key)])
