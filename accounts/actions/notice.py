from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import Notice, User
from accounts.models.notice_topic import ALWAYS_TOLD
from vanguard.lib.waking import wake

GIVE_UP_AFTER = 5
SENDING_AT_MOST = timedelta(minutes=10)


def notify(
    users: Iterable[User],
    kind: Notice.Kind,
    *,
    link: str = "",
    once: str = "",
    but: User | None = None,
    **params: Any,
) -> None:
    """Write one notice a person, in the transaction of what causes it; none to `but`, who has just done it.

    `once` names what this notice may be sent for only once a person; a repeated call then writes nothing.
    """
    people = {user.pk: user for user in users if user != but}.values()
    write_notices(notice_to(user, kind, link=link, once=once, **params) for user in people)


def notice_to(user: User, kind: Notice.Kind, *, link: str = "", once: str = "", **params: Any) -> Notice:
    """A notice not yet written, for `write_notices`: where each person is told something else.

    What a person has switched off in the app is written as read, for its mail; what is off both ways is not written.
    """
    mailed, now = user.is_mailed(kind), timezone.now()
    return Notice(
        user=user,
        kind=kind,
        link=link,
        once=f"{once}:{user.pk}" if once else None,
        params={name: _plain(value) for name, value in params.items()},
        read_at=None if kind in ALWAYS_TOLD or user.is_told(kind) else now,
        mail=Notice.Mail.WAITING if mailed else Notice.Mail.NONE,
        mail_due_at=now if mailed else None,
    )


def write_notices(notices: Iterable[Notice]) -> None:
    """Write notices in one statement, however many; nothing to a closed account, nothing twice that is for once.

    Nothing either that the person has switched off in the app and that goes by no mail: what they want stands on the
    person, so that a thousand cost no query more than one.
    """
    wanted = [notice for notice in notices if notice.user.is_active and _reaches(notice)]
    Notice.objects.bulk_create(wanted, ignore_conflicts=any(notice.once for notice in wanted))
    if any(notice.mail == Notice.Mail.WAITING for notice in wanted):
        from accounts.jobs import relay_notices

        wake(relay_notices)


def _reaches(notice: Notice) -> bool:
    return notice.read_at is None or notice.mail == Notice.Mail.WAITING


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def mail_next_notice() -> bool:
    """Mail the notice that has waited longest; False when none waits.

    The row is taken by a conditional update, so two relays never mail the same one. A row left behind by a
    relay that died waits ten minutes and is taken again. In the quiet hours of its reader it is not mailed: all that
    is due to them waits for the end of these hours.
    """
    now = timezone.now()
    waiting = Q(mail=Notice.Mail.WAITING, mail_due_at__lte=now)
    abandoned = Q(mail=Notice.Mail.SENDING, mail_due_at__lte=now)
    notice = Notice.objects.filter(waiting | abandoned).order_by("mail_due_at").select_related("user").first()
    if notice is None:
        return False
    quiet_until = notice.user.quiet_ends_at(now)
    if quiet_until:
        Notice.objects.filter(waiting | abandoned, user=notice.user).update(mail_due_at=quiet_until)
        return True
    taken = Notice.objects.filter(waiting | abandoned, pk=notice.pk, mail_tries=notice.mail_tries).update(
        mail=Notice.Mail.SENDING, mail_tries=F("mail_tries") + 1, mail_due_at=now + SENDING_AT_MOST
    )
    if taken:
        _mail(notice, tries=notice.mail_tries + 1)
    return True


def _mail(notice: Notice, *, tries: int) -> None:
    with translation.override(notice.user.language):
        message = EmailMessage(
            subject=_("Vanguard Micro-Home"),
            body=f"{notice.text}\n",
            to=[notice.user.email],
            headers={"Message-ID": f"<notice-{notice.pk}@{settings.DEFAULT_FROM_EMAIL.partition('@')[2].strip('>')}>"},
        )
    try:
        message.send()
    except (OSError, ValueError):  # the server or the network; an address that cannot be written
        state = Notice.Mail.WAITING if tries < GIVE_UP_AFTER else Notice.Mail.FAILED
        due = timezone.now() + timedelta(minutes=2**tries)
        Notice.objects.filter(pk=notice.pk).update(mail=state, mail_due_at=due)
    else:
        Notice.objects.filter(pk=notice.pk).update(mail=Notice.Mail.SENT, mail_due_at=None)


@transaction.atomic
def read_notice(notice: Notice) -> None:
    Notice.objects.filter(pk=notice.pk, read_at=None).update(read_at=timezone.now())
