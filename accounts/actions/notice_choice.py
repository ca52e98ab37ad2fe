"""What a person wants to be told of, and when not to be mailed: theirs to say, nobody reviews it."""

from collections.abc import Collection
from datetime import time

from django.db import transaction
from django.utils import timezone

from accounts.models import Notice, User
from accounts.models.notice_topic import ALWAYS_TOLD


@transaction.atomic
def choose_notices(
    user: User,
    *,
    shown: Collection[str],
    app: Collection[str],
    mail: Collection[str],
    quiet_from: time | None,
    quiet_until: time | None,
) -> None:
    """Of the kinds `shown`, tell `user` those of `app` in the app and those of `mail` by mail; all others stay.

    What is always told in the app stays on there. Mail that waits keeps to it at once: what is off is not mailed, and
    what waited for quiet hours is looked at anew.
    """
    kept = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    kept.app_off = sorted({*kept.app_off} - {*shown} | {*shown} - {*app} - ALWAYS_TOLD)
    kept.mail_off = sorted({*kept.mail_off} - {*shown} | {*shown} - {*mail})
    kept.quiet_from, kept.quiet_until = quiet_from, quiet_until
    kept.save(update_fields=["app_off", "mail_off", "quiet_from", "quiet_until"])
    waiting = kept.notices.filter(mail=Notice.Mail.WAITING)
    waiting.filter(kind__in=kept.mail_off).update(mail=Notice.Mail.NONE, mail_due_at=None)
    now = timezone.now()
    waiting.filter(mail_tries=0, mail_due_at__gt=now).update(mail_due_at=now)
